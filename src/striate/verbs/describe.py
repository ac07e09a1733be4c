"""What a network is made of, row by row."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from striate.architecture import Architecture
from striate.facts import Checked, check
from striate.layers.trace import Row, trace
from striate.nets import CATALOGUE, find

_KINDS = {
    "Conv2d": "conv",
    "PartialConv": "conv",
    "Linear": "linear",
    "MaxPool2d": "max_pool",
    "AvgPool2d": "avg_pool",
    "AdaptiveAvgPool2d": "global_avg_pool",
    "BatchNorm1d": "norm",
    "BatchNorm2d": "norm",
    "LocalResponseNorm": "lrn",
    "ZeroPad2d": "pad",
}
_MAIN = ("conv", "linear", "subsampling")
"""What a row of several operations is called after, where it has one of them."""


@dataclass(frozen=True)
class Description:
    """A network's table: its rows as they ran, its totals, and the paper's numbers beside the computed ones."""

    net: str
    input: tuple[int, ...]
    classes: int
    whole: Row
    trainable: int
    facts: list[Checked]
    disputes: list[Checked]
    assumed: tuple[str, ...]
    citation: str

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract."""
        return {
            "net": self.net,
            "input": list(self.input),
            "classes": self.classes,
            "parameters": self.whole.parameters,
            "heads": {},
            "trainable": self.trainable,
            "macs": self.whole.macs,
            "rows": [row_json(row) for row in self.whole.children],
            "facts": [
                {
                    "row": each.fact.row,
                    "what": each.fact.what,
                    "printed": each.fact.printed,
                    "computed": each.computed,
                    "source": each.fact.source,
                    "status": "disputed" if each.fact.disputed else "match",
                }
                for each in self.facts
            ],
        }


def describe(
    source: str | Path | Architecture, *, input: tuple[int, ...] | None = None, classes: int | None = None
) -> Description:
    """The table of a catalogue's network, a saved model or an architecture; no weights are allocated for it.

    input: (channels, height, width). Misuse for unknown names and for inputs that do not fit. The paper's numbers are
    compared only at the paper's own input and classes.
    """
    architecture, input, classes = _resolved(source, input, classes)
    shape, count = input or architecture.input, architecture.classes if classes is None else classes
    sketch = architecture.sketch(classes=count, input=shape)
    whole = trace(sketch, shape)
    as_printed = shape == architecture.input and count == architecture.classes
    facts = check(architecture.facts, whole) if as_printed else []
    paper = architecture.paper
    return Description(
        net=architecture.name,
        input=shape,
        classes=count,
        whole=whole,
        trainable=sum(each.numel() for each in sketch.parameters() if each.requires_grad),
        facts=facts,
        disputes=[each for each in facts if each.fact.disputed],
        assumed=architecture.recipe.assumed,
        citation=f"{paper.authors}: {paper.title}. {paper.venue} ({paper.year})",
    )


def row_json(row: Row) -> dict[str, Any]:
    """A row and the rows within it."""
    main = _main_row(row)
    window = main.module
    return {
        "name": row.name,
        "kind": kind(row),
        "kernel": _pair(window, "kernel_size"),
        "stride": _pair(window, "stride"),
        "padding": _pair(window, "padding"),
        "groups": getattr(window, "groups", None),
        "output": list(row.output),
        "parameters": row.parameters,
        "macs": row.macs,
        "children": [row_json(child) for child in row.children],
    }


def kind(row: Row) -> str:
    """What a row does, in a word; a row of several operations is called after its main one."""
    main = _main_row(row)
    name = type(main.module).__name__
    return _KINDS.get(name, name.lower())


def _main_row(row: Row) -> Row:
    """The operation that a short chain is about, or the row itself."""
    mains = [child for child in row.children if not child.children and kind(child) in _MAIN]
    return mains[0] if len(mains) == 1 and not any(child.children for child in row.children) else row


def _pair(module: nn.Module, name: str) -> list[int] | None:
    value = getattr(module, name, None)
    if isinstance(value, int):
        return [value, value]
    return list(value) if isinstance(value, tuple) else None


def _resolved(
    source: str | Path | Architecture, input: tuple[int, ...] | None, classes: int | None
) -> tuple[Architecture, tuple[int, ...] | None, int | None]:
    """The architecture meant, with a saved model's own input and classes where none are given."""
    if isinstance(source, Architecture):
        return source, input, classes
    if str(source) in CATALOGUE and not Path(source).is_dir():
        return find(str(source)).architecture(), input, classes
    if not Path(source).exists():
        find(str(source))  # raises, with the nearest name
    from striate.model import Model  # and with it torchvision, which the catalogue's networks do without

    model = Model.load(source)
    return find(model.net).architecture(), input or model.input, len(model.classes) if classes is None else classes
