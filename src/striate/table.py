"""A traced network as a table: what each row is called, does, puts out, sees, holds and costs."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from striate.layers.fields import Field, Span
from striate.layers.trace import Row

FLOAT = 4
"""Bytes of a value."""

_KINDS = {
    "Conv1d": "conv",
    "Conv2d": "conv",
    "PartialConv": "conv",
    "ConvTranspose2d": "transposed_conv",
    "Linear": "linear",
    "MaxPool2d": "max_pool",
    "AvgPool2d": "avg_pool",
    "AdaptiveAvgPool2d": "avg_pool",
    "BatchNorm1d": "norm",
    "BatchNorm2d": "norm",
    "LocalResponseNorm": "lrn",
    "ZeroPad2d": "pad",
    "RadialBasis": "rbf",
    "ScaledTanh": "scaled_tanh",
    "SiLU": "swish",
    "PaddedIdentity": "padded_identity",
    "SqueezeExcite": "squeeze_excite",
    "StochasticDepth": "stochastic_depth",
    "Sequential": "chain",
}
_ACTIVATIONS = (
    "relu",
    "relu6",
    "tanh",
    "scaled_tanh",
    "sigmoid",
    "swish",
    "gelu",
    "elu",
    "selu",
    "softmax",
    "hardswish",
)
_MAIN = ("conv", "linear", "subsampling", "rbf")
"""What a row of several operations is called after, where it has one of them."""


@dataclass(frozen=True)
class Line:
    """A row of the table; ``receptive_field`` and what belongs to it are None where they are not known.

    A pair is one number where height and width agree. ``receptive_field`` is that of the longest way from the picture
    in pixels, or "global" for a gate; ``centre`` is that of the first unit, in pixels from the edge.
    """

    name: str
    kind: str
    kernel: tuple[int, int] | None
    stride: tuple[int, int] | None
    padding: tuple[int, int] | None
    groups: int | None
    activation: str | None
    input: tuple[int, ...]
    output: tuple[int, ...]  # empty where the row did not run
    parameters: int
    bias: bool
    macs: int
    activation_bytes: int
    bytes_moved: int  # read and written by its operations, weights included
    receptive_field: int | tuple[int, int] | str | None
    receptive_field_min: int | tuple[int, int] | None
    jump: float | tuple[float, float] | None
    centre: float | tuple[float, float] | None
    children: tuple["Line", ...]

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract, without the rows within."""
        keys = (
            "name", "kind", "kernel", "stride", "padding", "groups", "activation", "output", "parameters", "macs",
            "activation_bytes", "bytes_moved", "receptive_field", "receptive_field_min", "jump", "centre",
        )  # fmt: skip
        return {key: getattr(self, key) for key in keys}

    def leaves(self) -> Iterator["Line"]:
        """The operations within, in order; the row itself where it is one."""
        if not self.children:
            yield self
        for each in self.children:
            yield from each.leaves()


def table(whole: Row, batch: int = 1) -> tuple[Line, ...]:
    """The lines of a network's rows; bytes are those of a batch, all else is of one picture."""
    return tuple(line(row, batch) for row in whole.children) or (line(whole, batch),)


def line(row: Row, batch: int = 1) -> Line:
    """One line and those within it."""
    window = _main_row(row).module
    called = kind(row)
    sees = None if row.gate else row.sees
    return Line(
        name=row.name,
        kind=called,
        kernel=_pair(getattr(window, "kernel_size", getattr(window, "KERNEL", getattr(window, "WINDOW", None)))),
        stride=_pair(getattr(window, "stride", getattr(window, "WINDOW", None))),
        padding=_pair(getattr(window, "padding", None)),
        groups=getattr(window, "groups", None),
        activation=activation(row),
        input=row.input,
        output=row.output,
        parameters=row.parameters,
        bias=getattr(window, "bias", None) is not None,
        macs=row.macs,
        activation_bytes=math.prod(row.output) * FLOAT * batch if row.output and _holds(row, called) else 0,
        bytes_moved=_moved(row, batch),
        receptive_field="global" if row.gate else _of(sees, lambda span: span.size),
        receptive_field_min=_of(sees, lambda span: int(span.least)),
        jump=_of(sees, lambda span: int(span.jump) if span.jump == int(span.jump) else float(span.jump)),
        centre=_of(sees, lambda span: span.centre),
        children=tuple(line(child, batch) for child in row.children),
    )


def kind(row: Row) -> str:
    """What a row does, in a word; a row of several operations is called after its main one."""
    name = type(_main_row(row).module).__name__
    return _KINDS.get(name, name.lower())


def activation(row: Row) -> str | None:
    """The activation function of a row, as far as its parts tell; of branches, the one they share."""
    if not row.children:
        called = kind(row)
        return called if called in _ACTIVATIONS else None
    name = type(row.module).__name__
    if row.gate or name == "Dense":
        return None
    found = [(child, each) for child in row.children if not child.gate and (each := activation(child)) is not None]
    if name == "Concat":
        return found[0][1] if len({each for _, each in found}) == 1 else None
    own = [each for child, each in found if not child.children]
    if own or name == "Residual":
        return own[-1] if own else None
    return found[-1][1] if found and found[-1][0] is row.children[-1] else None


def largest_field(lines: tuple[Line, ...]) -> int | tuple[int, int] | None:
    """The receptive field of the convolution that sees most; None without convolutions."""
    found = [each.receptive_field for row in lines for each in row.leaves() if each.kind == "conv"]
    known = [each for each in found if isinstance(each, int | tuple)]
    return max(known, key=lambda each: (each, each) if isinstance(each, int) else each, default=None)


def _holds(row: Row, called: str) -> bool:
    """An activation function is counted with the row that feeds it; a view holds nothing of its own."""
    return row.fresh and (called not in _ACTIVATIONS or bool(row.children))


def _moved(row: Row, batch: int) -> int:
    if row.children:
        return sum(_moved(child, batch) for child in row.children)
    if not row.output or kind(row) in ("identity", "flatten", "dropout", "stochastic_depth"):
        return 0
    return FLOAT * (batch * (math.prod(row.input) + math.prod(row.output)) + row.parameters)


def _main_row(row: Row) -> Row:
    """The operation that a short chain is about, or the row itself."""
    if not row.children or any(child.children for child in row.children):
        return row
    mains = [child for child in row.children if _KINDS.get(n := type(child.module).__name__, n.lower()) in _MAIN]
    return mains[0] if len(mains) == 1 and isinstance(row.module, nn.Sequential) else row


def _pair(value: Any) -> tuple[int, int] | None:
    if isinstance(value, int):
        return (value, value)
    return (value[0], value[-1]) if isinstance(value, tuple) and value and isinstance(value[0], int) else None


def _of(sees: Field | None, value: Callable[[Span], Any]) -> Any:
    """A number of both axes; one where they agree."""
    if sees is None:
        return None
    height, width = value(sees.height), value(sees.width)
    return height if height == width else (height, width)
