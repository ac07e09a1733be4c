"""What a drawing shows of a network: boxes of like rows, and inside each how its operations are joined."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal

from striate.figures.short import brief, full, is_silent, spoken
from striate.table import Line

_MERGED = 3
"""Like chips in a row that become one."""

_SEQUENCES = ("chain", "conv", "linear", "subsampling", "rbf")
"""A row with rows inside and such a name is a sequence, called after its main operation where it has one."""

Role = Literal["branches", "dense", "residual", "gated", "sequence"]


@dataclass(frozen=True)
class Chip:
    """An operation in short form; ``gate`` names what scales its output."""

    text: str
    gate: str = ""


@dataclass(frozen=True)
class Flow:
    """Operations from left to right, and what goes around them.

    Without ``ordered`` only the parts are known, not how the code joins them.
    """

    chips: tuple[Chip, ...]
    label: str = ""
    bypass: str = ""
    stacked: bool = False  # the bypass is concatenated, not added
    ordered: bool = True
    continued: bool = False  # from the line above


@dataclass(frozen=True)
class Branches:
    """Operations side by side over one input, concatenated."""

    columns: tuple[tuple[Chip, ...], ...]
    label: str = ""
    gate: str = ""


Part = Flow | Branches


@dataclass(frozen=True)
class Box:
    """Rows in a row that are alike, drawn once."""

    line: Line
    names: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def macs(self) -> int:
        return self.line.macs * len(self.names)

    @property
    def ran(self) -> bool:
        return any(each.output for each in (self.line, *self.line.leaves()))

    @property
    def heading(self) -> str:
        """conv4_2 ... conv4_36, x35."""
        if len(self.names) == 1:
            return self.names[0]
        between = ", " if len(self.names) == 2 else " ... "
        return f"{self.names[0]}{between}{self.names[-1]}, x{len(self.names)}"

    @property
    def is_free(self) -> bool:
        """Whether the row neither multiplies nor learns."""
        return not self.line.macs and not self.line.parameters


def boxes(lines: Sequence[Line]) -> tuple[Box, ...]:
    """The rows, those alike in everything but their name together."""
    grouped = (list(group) for _, group in groupby(map(_counted, lines), _likeness))
    return tuple(
        Box(group[0], tuple(each.name or spoken(each.kind) for each in group), tuple(parts(group[0])))
        for group in grouped
    )


def what(line: Line) -> str:
    """What a row does, in its own order; of a row with structure only its kind, because the structure is drawn."""
    inside = [each for each in line.leaves() if each.kind != "chain"] if _is_operation(line) else []
    kinds = {each.kind for each in inside}
    shown = [full(each) for each in inside] or [spoken(line.kind)]
    if inside and line.children and line.kind not in kinds | {"chain"}:
        shown[0] = f"{spoken(line.kind)}: {shown[0]}"
    if line.activation and line.activation not in kinds:
        shown.append(spoken(line.activation))
    return " · ".join(shown)


def parts(line: Line) -> list[Part]:
    """How a row's operations are joined, as far as its parts tell; nothing for a single operation."""
    if _is_operation(line):
        return []
    role, child = _role(line), {each.name: each for each in line.children}
    if role == "branches":
        return [Branches(tuple(tuple(_chips(branch) or [Chip("identity")]) for branch in line.children))]
    if role == "dense":
        return [Flow(tuple(_joined(line.children)), bypass="concatenated", stacked=True)]
    if role == "residual":
        gated = _gated(_chips(child["body"]), _gate(child.get("gate")))
        return [Flow(tuple(gated), bypass=_bypass(child["shortcut"]))]
    if role == "gated":
        return _gated_parts(child["body"], _gate(child["gate"]))
    if role == "sequence":
        return list(_chain(line.children))
    heard = [each for each in line.children if not is_silent(each)]
    if len(heard) == 1:
        return parts(heard[0])
    chips = tuple(_joined(line.children))
    return [Flow(chips, label="parts:", ordered=False)] if chips else []


def _role(line: Line) -> Role | None:
    """How the rows within are joined; None where it is not known, for others may use our names for their own."""
    names, channels = {each.name for each in line.children}, [each.output[:1] for each in line.children]
    if line.kind == "concat" and line.output[:1] == (sum(map(sum, channels)),):
        return "branches" if all(each.input == line.input for each in line.children) else None
    grown = line.kind == "dense" and line.output[:1] > line.input[:1] > ()
    if grown and channels and _growth(line) == sum(channels[-1]):
        return "dense"
    if line.kind == "residual" and {"body", "shortcut"} <= names:
        return "residual"
    if line.kind == "gated" and {"body", "gate"} <= names:
        return "gated"
    return "sequence" if line.kind in _SEQUENCES and names else None


def _counted(line: Line) -> Line:
    """A list of modules does not run, but what it holds does, and that is what it costs."""
    return line if line.output else replace(line, macs=_macs(line))


def _macs(line: Line) -> int:
    return line.macs if line.output else max(line.macs, sum(map(_macs, line.children)))


def _likeness(line: Line) -> tuple[Any, ...]:
    """All that a reader can see of a row but its name."""
    inside = tuple((each.name, _likeness(each)) for each in line.children)
    window = (line.kind, line.kernel, line.stride, line.padding, line.groups, line.activation)
    return (*window, line.output, line.parameters, line.macs, inside)


def _is_operation(line: Line) -> bool:
    """Whether a row is a single operation, dressed or not."""
    if _role(line) in ("branches", "dense", "residual", "gated"):
        return False
    leaves = list(line.leaves())
    return len(leaves) <= 5 and sum(not is_silent(each) for each in leaves) <= 1


def _chips(line: Line) -> list[Chip]:
    """A row as operations one after another; what cannot be told so is one chip."""
    if _is_operation(line):
        return [Chip(brief(each)) for each in line.leaves() if not is_silent(each)]
    if _role(line) == "gated":
        child = {each.name: each for each in line.children}
        return _gated(_chips(child["body"]), _gate(child["gate"]))
    if _role(line) == "sequence":
        return list(_joined(line.children))
    return [Chip("SE" if _is_gate(line) else brief(line))]


def _joined(lines: Iterable[Line]) -> Iterator[Chip]:
    """The operations of rows in a row; three alike and more become one chip with their number."""
    for chip, group in groupby(chip for line in lines for chip in _chips(line)):
        alike = list(group)
        yield from [replace(chip, text=f"{chip.text} x{len(alike)}")] if len(alike) >= _MERGED else alike


def _gate(line: Line | None) -> str:
    return "" if line is None else "SE" if _is_gate(line) else "gate"


def _is_gate(line: Line) -> bool:
    """Squeeze and excitation, whoever wrote it."""
    return line.kind.startswith("squeeze")


def _gated(chips: list[Chip], gate: str) -> list[Chip]:
    """The gate scales what the last of them puts out."""
    *first, last = chips or [Chip("identity")]
    return [*first, replace(last, gate=gate)]


def _gated_parts(body: Line, gate: str) -> list[Part]:
    inside = parts(body)
    if len(inside) == 1 and isinstance(inside[0], Branches):
        return [replace(inside[0], gate=gate)]
    return [Flow(tuple(_gated(_chips(body), gate)))]


def _bypass(shortcut: Line) -> str:
    """What a shortcut does to its input."""
    if shortcut.kind in ("identity", "padded_identity"):
        return spoken(shortcut.kind)
    return " ".join(["projection", ", ".join(chip.text for chip in _chips(shortcut))]).strip()


def _chain(lines: Sequence[Line]) -> Iterator[Part]:
    """A chain's plain operations in one flow, and a flow for each kind of block among them."""
    for key, group in groupby(lines, _block):
        alike = list(group)
        if key is None:
            if chips := tuple(_joined(alike)):
                yield Flow(chips)
            continue
        inside = parts(alike[0])
        if len(inside) == 1:
            yield replace(inside[0], label=", ".join(filter(None, (_label(alike), inside[0].label))))
        else:
            yield from (part for each in alike for part in parts(each))


def _block(line: Line) -> Any:
    """What blocks must have in common to be drawn once; None for an operation. Dense layers only grow alike."""
    role = _role(line)
    if _is_operation(line) or _is_gate(line) or (role == "gated" and _is_operation(line.children[0])):
        return None
    return (role, _growth(line)) if role == "dense" else _likeness(line)


def _label(alike: Sequence[Line]) -> str:
    """How many they are, and their kind where the drawing does not show it."""
    first, role = alike[0], _role(alike[0])
    if role == "dense":
        return f"x{len(alike)} layers, +{_growth(first)} each"
    named = [] if role else [spoken(first.kind)]
    return " ".join([*named, *([f"x{len(alike)}"] if len(alike) > 1 else [])])


def _growth(line: Line) -> int:
    return line.output[0] - line.input[0]
