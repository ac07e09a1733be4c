"""What a value sees of the picture: receptive fields, carried from operation to operation.

A field is worked out along both axes from the operations that PyTorch dispatches, so that branches, sums and
concatenations need no description of their own: where several ways meet, the field covers them all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

_aten = torch.ops.aten
Number = int | Fraction


@dataclass(frozen=True)
class Span:
    """The pixels, along one axis, that the first unit of a map depends on; they may lie in the padding.

    ``low`` and ``high`` are the outermost over all ways from the picture; ``least`` is the extent of the shortest way.
    The next unit depends on the pixels ``jump`` further on.
    """

    low: Number = 0
    high: Number = 0
    least: Number = 1
    jump: Number = 1

    @property
    def size(self) -> int:
        """Extent of the longest way, in pixels."""
        return int(self.high - self.low + 1)

    @property
    def centre(self) -> float:
        """Of the first unit, in pixels from the picture's edge: the first pixel's own centre is 0.5."""
        return float(self.low + self.high + 1) / 2

    def window(self, kernel: int, stride: Number, pad: int, dilation: int = 1) -> "Span":
        """After a window of so many units has moved over the map at a stride."""
        reach = (kernel - 1) * dilation
        return Span(
            self.low - pad * self.jump,
            self.high + (reach - pad) * self.jump,
            self.least + reach * self.jump,
            self.jump * stride,
        )


@dataclass(frozen=True)
class Field:
    """Spans along height and width.

    ``whole`` is set behind a mean over the whole map. ``flat`` has the height and width of a map that was flattened and
    has not been mixed by a linear layer yet.
    """

    height: Span = Span()
    width: Span = Span()
    whole: bool = False
    flat: tuple[int, int] | None = None

    def windowed(self, kernel: Any, stride: Any, pad: Any, dilation: Any = 1) -> "Field":
        """After a window has moved over both axes; each number is a pair, or one for both."""
        down, across = _pair(dilation)
        return replace(
            self,
            height=self.height.window(_pair(kernel)[0], _pair(stride)[0], _pair(pad)[0], down),
            width=self.width.window(_pair(kernel)[1], _pair(stride)[1], _pair(pad)[1], across),
        )

    def mixed(self) -> "Field":
        """After a linear layer: every unit of a flattened map counts."""
        if self.flat is None:
            return self
        return replace(self.windowed(self.flat, (1, 1), (0, 0)), flat=None)


def _pair(value: Any) -> tuple[Any, Any]:
    if isinstance(value, int | Fraction):
        return value, value
    return (value[0], value[1]) if len(value) > 1 else (value[0], value[0])


def through(
    func: Any, args: tuple[Any, ...], output: Tensor, field_of: Callable[[Tensor], Field | None]
) -> Field | None:
    """The field of an operation's output from those of its inputs; None where it is not known."""
    seen = [(each, field) for each in tensors(args) if (field := field_of(each)) is not None]
    if not seen:
        return None
    own = _WINDOWS.get(func)
    if own is not None:
        return own(seen[0][1], args, output)
    if func in _MIXING:
        return _union([field.mixed() for _, field in seen])
    return _kept(seen, output)


def tensors(args: Any) -> list[Tensor]:
    """The tensors among arguments, those in lists too."""
    found = []
    for each in args:
        if isinstance(each, Tensor):
            found.append(each)
        elif isinstance(each, list | tuple):
            found.extend(part for part in each if isinstance(part, Tensor))
    return found


def _kept(seen: list[tuple[Tensor, Field]], output: Tensor) -> Field | None:
    """Of an operation that leaves every unit in its place: the union of its inputs, or a flattened map.

    A factor for whole maps, as a gate gives, does not widen what each unit sees of the map.
    """
    maps = [(each, field) for each, field in seen if each.dim() >= 4]
    if output.dim() >= 4:
        extent = output.shape[-2:]
        fields = [field for each, field in maps if each.shape[-2:] == extent]
        if not fields and tuple(extent) == (1, 1):
            fields = [field for _, field in seen]
        return _union(fields) if fields else None
    if maps and output.dim() == 2:
        each, field = maps[0]
        height, width = each.shape[-2:]
        return field if (height, width) == (1, 1) else replace(field, flat=(height, width))
    return _union([field for _, field in seen]) if not maps else None


def _union(fields: list[Field]) -> Field:
    first = fields[0]
    for other in fields[1:]:
        first = Field(
            _joined(first.height, other.height),
            _joined(first.width, other.width),
            first.whole or other.whole,
            first.flat or other.flat,
        )
    return first


def _joined(one: Span, other: Span) -> Span:
    return Span(
        min(one.low, other.low), max(one.high, other.high), min(one.least, other.least), max(one.jump, other.jump)
    )


def _convolution(field: Field, args: tuple[Any, ...], output: Tensor) -> Field:  # noqa: ARG001
    weight, stride, pad, dilation, transposed = args[1], args[3], args[4], args[5], args[6]
    kernel = weight.shape[2:]
    if not transposed:
        return field.windowed(kernel, stride, pad, dilation)
    steps = [Fraction(1, each) for each in _pair(stride)]
    reach = [-(-size // each) for size, each in zip(_pair(tuple(kernel)), _pair(stride), strict=True)]
    return field.windowed(reach, steps, (0, 0))


def _pooling(field: Field, args: tuple[Any, ...], output: Tensor) -> Field:  # noqa: ARG001
    kernel, stride, pad = args[1], args[2] if len(args) > 2 and args[2] else args[1], args[3] if len(args) > 3 else 0
    dilation = args[4] if len(args) > 4 and isinstance(args[4], list | tuple) else 1
    return field.windowed(kernel, stride, pad, dilation)


def _adaptive(field: Field, args: tuple[Any, ...], output: Tensor) -> Field:
    before, after = args[0].shape[-2:], output.shape[-2:]
    if tuple(after) == (1, 1):
        return replace(field.windowed(before, (1, 1), (0, 0)), whole=True)
    kernel = [-(-size // count) for size, count in zip(before, after, strict=True)]
    return field.windowed(kernel, [Fraction(a, b) for a, b in zip(before, after, strict=True)], (0, 0))


def _mean(field: Field, args: tuple[Any, ...], output: Tensor) -> Field | None:
    dims = {dim % args[0].dim() for dim in args[1]} if len(args) > 1 and args[1] else set(range(args[0].dim()))
    over = args[0].dim() >= 4 and {args[0].dim() - 2, args[0].dim() - 1} <= dims
    if over:
        return replace(field.windowed(args[0].shape[-2:], (1, 1), (0, 0)), whole=True)
    return field if output.dim() < 4 or output.shape[-2:] == args[0].shape[-2:] else None


def _slice(field: Field, args: tuple[Any, ...], output: Tensor) -> Field:  # noqa: ARG001
    from_end = args[0].dim() - (args[1] % args[0].dim()) if len(args) > 1 else args[0].dim()
    start, step = (args[2] or 0) if len(args) > 2 else 0, args[4] if len(args) > 4 else 1
    moved = {1: "width", 2: "height"}.get(from_end)
    if moved is None or args[0].dim() < 4:
        return field
    return replace(field, **{moved: getattr(field, moved).window(1, step, -start)})


def _padding(field: Field, args: tuple[Any, ...], output: Tensor) -> Field:  # noqa: ARG001
    pads = [*args[1], 0, 0, 0, 0]
    if args[0].dim() < 4:
        return field
    return replace(field, width=field.width.window(1, 1, pads[0]), height=field.height.window(1, 1, pads[2]))


_WINDOWS: dict[Any, Callable[[Field, tuple[Any, ...], Tensor], Field | None]] = {
    _aten.convolution.default: _convolution,
    _aten._convolution.default: _convolution,
    _aten.max_pool2d_with_indices.default: _pooling,
    _aten.avg_pool2d.default: _pooling,
    _aten._adaptive_avg_pool2d.default: _adaptive,
    _aten.mean.dim: _mean,
    _aten.sum.dim_IntList: _mean,
    _aten.slice.Tensor: _slice,
    _aten.constant_pad_nd.default: _padding,
}
_MIXING = {_aten.mm.default, _aten.addmm.default, _aten.bmm.default}
