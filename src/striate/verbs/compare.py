"""Networks side by side, and row by row where their rows answer each other."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import torch
from torch import nn

from striate.architecture import Architecture, Published
from striate.nets import CATALOGUE, find
from striate.nets.classics import CLASSICS, Classic, Piece
from striate.problem import Misuse
from striate.table import FLOAT, Line
from striate.verbs.describe import Description, describe, of_module
from striate.words import nearest

Source = str | Path | Architecture | nn.Module

MEASURES: dict[str, Callable[[Description], int | None]] = {
    "parameters": lambda found: found.parameters,
    "macs": lambda found: found.macs,
    "weight_bytes": lambda found: FLOAT * found.parameters,
    "inference_peak": lambda found: found.memory.inference_peak,
    "training": lambda found: found.memory.training,
}
"""What a side's ratios are of; memory is in bytes, of one picture in float32."""


@dataclass(frozen=True)
class Side:
    """One of the things compared; ``against`` is the place of the side that its ratios are to."""

    label: str
    found: Description
    against: int = 0

    @property
    def published(self) -> Published | None:
        """The first error rates that the paper prints."""
        return self.found.published[0] if self.found.published else None


@dataclass(frozen=True)
class Aligned:
    """The rows of one name, in the order of the sides; None where a side has no such row.

    ``moved`` is a row that stands behind another one in a later side; it is shown where the first side has it.
    """

    name: str
    lines: tuple[Line | None, ...]
    moved: bool = False

    @property
    def differs(self) -> bool:
        """Whether a side lacks or moves the row, or the rows differ in kind, window, output, parameters or MACs."""
        return self.moved or len({line and _essence(line) for line in self.lines}) > 1


@dataclass(frozen=True)
class Comparison:
    """The sides in the order asked for, and their rows aligned; no rows where too few of their names agree."""

    sides: tuple[Side, ...]
    rows: tuple[Aligned, ...] = ()
    classic: Classic | None = None

    def ratio(self, side: Side, measure: str) -> float | None:
        """Of a side to the one it is measured against; None where one of them is not known, or nothing."""
        of = MEASURES[measure]
        own, base = of(side.found), of(self.sides[side.against].found)
        return own / base if own is not None and base else None

    def behind(self, row: Aligned) -> dict[str, list[str]]:
        """What a row stands behind, and the labels of the sides in which it does; "" for the first row."""
        found: dict[str, list[str]] = {}
        for side in self.sides:
            names = ["", *map(_name, side.found.lines)]
            if row.name in names[1:]:
                found.setdefault(names[names.index(row.name, 1) - 1], []).append(side.label)
        return found

    @property
    def one_setting(self) -> bool:
        """Whether all published errors were measured in the same way."""
        return len({side.published.setting for side in self.sides if side.published}) < 2

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract."""
        classic = self.classic
        return {
            "classic": classic
            and {
                "name": classic.name,
                "title": classic.title(),
                "lesson": classic.lesson(),
                "source": classic.source,
            },
            "sides": [self._side_json(each) for each in self.sides],
            "rows": [
                {
                    "name": each.name,
                    "differs": each.differs,
                    "moved": each.moved,
                    "sides": [line and _cells(line) for line in each.lines],
                }
                for each in self.rows
            ],
        }

    def _side_json(self, side: Side) -> dict[str, Any]:
        found, published = side.found, side.published
        return {
            "label": side.label,
            "net": found.net,
            "family": found.family or None,
            "year": found.year,
            "input": list(found.input),
            "output": list(found.output),
            "parameters": found.parameters,
            "macs": found.macs,
            "weight_bytes": FLOAT * found.parameters,
            "activation_bytes": asdict(found.memory),
            "receptive_field": found.receptive_field,
            "depth": found.depth,
            "published": published
            and {
                "top1": _number(published.top1),
                "top5": _number(published.top5),
                "setting": published.setting,
                "source": published.source,
            },
            "against": self.sides[side.against].label,
            "ratios": {measure: self.ratio(side, measure) for measure in MEASURES},
        }


def compare(
    *sources: Source,
    input: tuple[int, ...] | None = None,
    classes: int | None = None,
) -> Comparison:
    """Two or more networks side by side, as ``describe`` takes them; or, by its one name, a classic comparison.

    input: (channels, height, width), for all of them. Rows are aligned where all are of a family or most of their rows
    bear the same names. Misuse for fewer than two, for unknown names and for inputs that do not fit.
    """
    names = [str(each) for each in sources if isinstance(each, str | Path) and not Path(each).is_dir()]
    if len(sources) == 1 and names and names[0] in CLASSICS:
        return _classic(CLASSICS[names[0]], input, classes)
    _refuse_too_few(sources)
    for name in names:
        if name in CLASSICS:
            raise Misuse("compare.alone", name=name)
    found = [describe(each, input=input, classes=classes) for each in sources]
    labels = _unlike([_label(*each) for each in zip(sources, found, strict=True)])
    sides = tuple(Side(label, each) for label, each in zip(labels, found, strict=True))
    return Comparison(sides, _aligned(found) if _alike(found) else ())


def _classic(classic: Classic, input: tuple[int, ...] | None, classes: int | None) -> Comparison:
    if (input, classes) != (None, None) and any(isinstance(each, Piece) for each in classic.sides):
        raise Misuse("compare.fixed", name=classic.name)
    found = [
        _of_piece(each) if isinstance(each, Piece) else describe(each, input=input, classes=classes)
        for each in classic.sides
    ]
    against = classic.against or (0,) * len(found)
    sides = tuple(Side(*each) for each in zip(classic.labels, found, against, strict=True))
    return Comparison(sides, _aligned(found) if classic.layers or _alike(found) else (), classic)


def _of_piece(piece: Piece) -> Description:
    with torch.device("meta"):
        module = piece.layer(piece.input)
    return replace(of_module(module, piece.input, inside=True), net=piece.label)


def _refuse_too_few(sources: tuple[Source, ...]) -> None:
    """Misuse for fewer than two sides; where the one is not known at all, it says that."""
    if len(sources) > 1:
        return
    only = sources[0] if sources else None
    if isinstance(only, str | Path) and not Path(only).exists():
        try:
            find(str(only))
        except Misuse:
            close = nearest(str(only), (*CLASSICS, *CATALOGUE))
            raise Misuse("compare.unknown", name=only, nearest=close) from None
    name = only.name if isinstance(only, Architecture) else str(only) if isinstance(only, str | Path) else "resnet18"
    others = [each for each in CATALOGUE if each != name]
    other = nearest(name, others) or others[0]
    raise Misuse("compare.two", given=len(sources), name=name, other=other)


def _label(source: Source, found: Description) -> str:
    """A saved model goes by its path, since two of them may hold the same network."""
    return str(source) if isinstance(source, str | Path) else found.net


def _unlike(labels: list[str]) -> list[str]:
    """Labels of which no two are the same: the second resnet18 is resnet18 (2)."""
    before = [labels[:at].count(label) + 1 for at, label in enumerate(labels)]
    return [label if count == 1 else f"{label} ({count})" for label, count in zip(labels, before, strict=True)]


def _alike(found: list[Description]) -> bool:
    """Whether aligned rows tell something: one family, or two thirds of each side's names are those of the first."""
    families = {each.family for each in found}
    if len(families) == 1 and "" not in families:
        return True
    first, *others = ({_name(line) for line in each.lines} for each in found)
    return all(3 * len(first & names) >= 2 * max(len(first), len(names)) for names in others)


def _aligned(found: list[Description]) -> tuple[Aligned, ...]:
    """The rows of all, in order, one above the other where their names agree; each side is laid over those before."""
    rows: list[Aligned] = []
    for at, each in enumerate(found):
        match = SequenceMatcher(None, [row.name for row in rows], [_name(line) for line in each.lines], autojunk=False)
        merged: list[Aligned] = []
        for change, low, high, start, end in match.get_opcodes():
            old, new = rows[low:high], each.lines[start:end]
            if change == "equal":
                merged += [_beside(row, line) for row, line in zip(old, new, strict=True)]
            else:
                merged += [_beside(row, None) for row in old]
                merged += [Aligned(_name(line), (*[None] * at, line)) for line in new]
        rows = _reunited(merged)
    return tuple(rows)


def _beside(row: Aligned, line: Line | None) -> Aligned:
    return replace(row, lines=(*row.lines, line))


def _reunited(rows: list[Aligned]) -> list[Aligned]:
    """With each row of the last side that stands elsewhere in the others put beside theirs."""
    last = {row.name: row.lines[-1] for row in rows if not any(row.lines[:-1])}
    elsewhere = {row.name for row in rows if any(row.lines[:-1]) and row.name in last}
    return [
        replace(row, lines=(*row.lines[:-1], last[row.name]), moved=True) if row.name in elsewhere else row
        for row in rows
        if row.name not in elsewhere or any(row.lines[:-1])
    ]


def _name(line: Line) -> str:
    return line.name or line.kind  # a module without rows has no name of its own


def _cells(line: Line) -> dict[str, Any]:
    keys = ("kind", "kernel", "stride", "padding", "groups", "output", "parameters", "macs")
    return {key: getattr(line, key) for key in keys}


def _essence(line: Line) -> tuple[Any, ...]:
    return tuple(_cells(line).values())


def _number(percent: str | None) -> float | None:
    return None if percent is None else float(percent)
