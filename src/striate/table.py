"""A traced network as a table: what each row is called, does, puts out, sees, holds and costs."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from striate.layers.activations import ScaledTanh
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
    "AdaptiveMaxPool2d": "max_pool",
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
_NO_ACTIVATIONS = (nn.MultiheadAttention,)
"""What stands among PyTorch's activation functions and is none."""

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
    kernel: tuple[int, ...] | None  # of a convolution along one axis, one number
    stride: tuple[int, int] | None
    padding: tuple[int, int] | None  # None where the sides differ
    dilation: tuple[int, int] | None
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
    sees = None if row.gate else row.sees
    return Line(
        name=row.name,
        kind=kind(row),
        kernel=_kernel(window),
        stride=_pair(getattr(window, "stride", getattr(window, "WINDOW", None))),
        padding=_padding(window),
        dilation=_pair(getattr(window, "dilation", None)),
        groups=groups if isinstance(groups := getattr(window, "groups", None), int) else None,
        activation=activation(row),
        input=row.input,
        output=row.output,
        parameters=row.parameters,
        bias=isinstance(getattr(window, "bias", None), Tensor),
        macs=row.macs,
        activation_bytes=math.prod(row.output) * FLOAT * batch if row.output and _holds(row) else 0,
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
        return kind(row) if is_activation(row.module) else None
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


def is_activation(module: nn.Module) -> bool:
    """Whether a module is an activation function: one of PyTorch's, one made of it, or LeNet-5's."""
    if isinstance(module, _NO_ACTIVATIONS):
        return False
    return isinstance(module, ScaledTanh) or any(each.__module__ == nn.ReLU.__module__ for each in type(module).__mro__)


def largest_field(lines: tuple[Line, ...]) -> int | tuple[int, int] | None:
    """The receptive field of the convolution that sees most; None without convolutions.

    A 1x1 convolution on a map of one unit is a linear layer, as some heads have it, and does not count.
    """
    every = [each for row in lines for each in row.leaves() if each.kind == "conv"]
    found = [each.receptive_field for each in every if {*(each.kernel or ()), *each.input[1:]} != {1}]
    known = [each for each in found if isinstance(each, int | tuple)]
    return max(known, key=lambda each: (each, each) if isinstance(each, int) else each, default=None)


def _holds(row: Row) -> bool:
    """An activation function is counted with the row that feeds it; a view holds nothing of its own."""
    return row.fresh and (not is_activation(row.module) or bool(row.children))


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


def _kernel(window: nn.Module) -> tuple[int, ...] | None:
    size = getattr(window, "kernel_size", getattr(window, "KERNEL", getattr(window, "WINDOW", None)))
    return size if isinstance(size, tuple) and len(size) == 1 and isinstance(size[0], int) else _pair(size)


def _padding(window: nn.Module) -> tuple[int, int] | None:
    """Along height and width, where both sides of each get as much."""
    given = getattr(window, "padding", None)
    kernel, dilation = _kernel(window), _pair(getattr(window, "dilation", None)) or (1, 1)
    if given == "valid":
        return (0, 0)
    if given == "same" and kernel is not None:
        added = [each * (size - 1) for size, each in zip((kernel[0], kernel[-1]), dilation, strict=True)]
        return (added[0] // 2, added[1] // 2) if not any(each % 2 for each in added) else None
    if isinstance(given, tuple) and len(given) == 4:  # left, right, top, bottom
        left, right, top, bottom = given
        return (top, left) if (top, left) == (bottom, right) else None
    return _pair(given)


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
