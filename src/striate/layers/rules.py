"""What an operation that PyTorch dispatches does to receptive fields; only those that are listed here are followed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from striate.layers.fields import Field, union
from striate.layers.places import Dimension, Place, axes, merged, reflowed, resized

_aten = torch.ops.aten
Seen = list[tuple[Tensor, Field]]
"""The inputs of an operation that come from the picture, with their fields."""


def through(func: Any, args: tuple[Any, ...], output: Tensor, seen: Seen) -> Field | None:
    """The field of an operation's output from the inputs that come from the picture; None where it is not known."""
    if func in _KEEPING or torch.Tag.pointwise in func.tags:
        return _kept(func, output, seen)
    rule = _RULES.get(func)
    first = args[0][0] if isinstance(args[0], list | tuple) and args[0] else args[0]
    if rule is None or (func not in _JOINING and (len(seen) > 1 or seen[0][0] is not first)):
        return None
    return rule(seen, args, output)


def is_constant(func: Any) -> bool:
    """Whether an operation takes no more than the shape of what it is given."""
    return func in _CONSTANTS


def tensors(args: Any) -> list[Tensor]:
    """The tensors among arguments, those in lists too."""
    found = []
    for each in args:
        if isinstance(each, Tensor):
            found.append(each)
        elif isinstance(each, list | tuple):
            found.extend(part for part in each if isinstance(part, Tensor))
    return found


def _kept(func: Any, output: Tensor, seen: Seen) -> Field | None:
    """Of an operation that leaves every unit in its place: the union of its inputs.

    A factor for whole maps, as a gate gives, does not widen what each unit sees of the map.
    """
    first, field = seen[0]
    if len(seen) == 1 and first.shape == output.shape:
        return field
    if func in _PRODUCTS and len({each.squeezes for _, each in seen}) > 1:
        fewest = min(each.squeezes for _, each in seen)
        seen = [(each, field) for each, field in seen if field.squeezes == fewest]
    place = merged([field.place for _, field in seen], output.shape)
    return None if place is None else union([field for _, field in seen], place)


def _windowed(field: Field, output: Tensor, numbers: Sequence[Any], count: int) -> Field | None:
    """After a window over the last dimensions; ``numbers`` are its kernel, stride, pad and dilation along each."""
    moving = axes(field.place, count)
    if moving is None:
        return None
    for at, along in enumerate(moving):
        if along:
            field = field.moved(along, *(each[at] if len(each) > 1 else each[0] for each in numbers))
    return replace(field, place=resized(field.place, output.shape, moving))


def _convolution(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    x, weight, stride, pad, dilation, transposed = args[0], args[1], args[3], args[4], args[5], args[6]
    field, kernel = seen[0][1], weight.shape[2:]
    if x.dim() != weight.dim() or any(along for along, _ in field.place[1]):
        return None
    if not transposed:
        return _windowed(field, output, (kernel, stride, pad, dilation), len(kernel))
    lists = [list(each) * (len(kernel) if len(each) == 1 else 1) for each in (kernel, stride, pad, dilation)]
    spread = [_spread(*each) for each in zip(*lists, strict=True)]
    return _windowed(field, output, list(zip(*spread, strict=True)), len(kernel))


def _spread(kernel: int, stride: int, pad: int, dilation: int) -> tuple[int, Fraction, int, int]:
    """A transposed convolution as a window: the inputs of the first output, and as many as any output has."""
    reach = (kernel - 1) * dilation
    first = -((reach - pad) // stride)  # the first i with i * stride - pad + reach >= 0
    return reach // stride + 1, Fraction(1, stride), -first, 1


def _pooling(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    kernel, stride = args[1], args[2] if len(args) > 2 and args[2] else args[1]
    pad = args[3] if len(args) > 3 else [0]
    dilation = args[4] if len(args) > 4 and isinstance(args[4], list | tuple) else [1]
    return _windowed(seen[0][1], output, (kernel, stride, pad, dilation), len(kernel))


def _adaptive(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    """Its windows differ in size; the largest counts."""
    before, after = args[0].shape[-2:], output.shape[-2:]
    sizes = [
        max(-(-(at + 1) * size // count) - at * size // count for at in range(count))
        for size, count in zip(before, after, strict=True)
    ]
    steps = [Fraction(a, b) for a, b in zip(before, after, strict=True)]
    field = _windowed(seen[0][1], output, (sizes, steps, (0,), (1,)), 2)
    return replace(field, squeezes=field.squeezes + 1) if field and tuple(after) == (1, 1) else field


def _reduced(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    """A mean, a sum or a maximum over some of the dimensions."""
    before, field = args[0].dim(), seen[0][1]
    given = args[1] if len(args) > 1 else None
    given = [given] if isinstance(given, int) else given
    over = {dim % before for dim in given} if given else set(range(before))
    for dim in over:
        field = field.mixed(field.place[dim])
    kept = output.dim() == before
    place = tuple(() if at in over else each for at, each in enumerate(field.place) if kept or at not in over)
    # of a map of one unit the place does not say which dimensions are height and width
    squeezed = before >= 4 and {before - 2, before - 1} <= over
    squeezed = squeezed or (_has_axes(field.place) and not _has_axes(place))
    return replace(field, place=place, squeezes=field.squeezes + squeezed)


def _has_axes(place: Place) -> bool:
    return any(along for dimension in place for along, _ in dimension)


def _reshaped(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:  # noqa: ARG001
    field = seen[0][1]
    place = reflowed(field.place, output.shape)
    return None if place is None else replace(field, place=place)


def _permuted(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    order = list(range(output.dim()))
    if len(args) == 2:
        order = [dim % output.dim() for dim in args[1]]
    else:
        one, other = (dim % output.dim() for dim in args[1:]) if len(args) > 2 else (0, output.dim() - 1)
        order[one], order[other] = order[other], order[one]
    field = seen[0][1]
    place = tuple(field.place[at] for at in order)
    found = [along for dimension in place for along, _ in dimension if along]
    if found != ["w", "h"]:
        return replace(field, place=place)
    turned = {"h": "w", "w": "h", "": ""}
    place = tuple(tuple((turned[along], size) for along, size in dimension) for dimension in place)
    return Field(field.width, field.height, field.squeezes, place)


def _slice(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    dim = args[1] % args[0].dim() if len(args) > 1 else 0
    start, step = (args[2] or 0) if len(args) > 2 else 0, args[4] if len(args) > 4 else 1
    size = args[0].shape[dim]
    return _taken(seen[0][1], output, dim, (min(max(start + size if start < 0 else start, 0), size), step))


def _taken(field: Field, output: Tensor, dim: int, steps: tuple[int, int]) -> Field | None:
    """Some of the units along a dimension, from a start at a step."""
    dimension, (start, step) = field.place[dim], steps
    if any(along for along, _ in dimension):
        if len(dimension) > 1:
            return None
        field = field.moved(dimension[0][0], 1, step, -start)
    return replace(field, place=resized(field.place, output.shape))


def _selected(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:  # noqa: ARG001
    dim, field = args[1] % args[0].dim(), seen[0][1]
    dimension = field.place[dim]
    if any(along for along, _ in dimension):
        if len(dimension) > 1:
            return None
        field = field.moved(dimension[0][0], 1, 1, -(args[2] % args[0].shape[dim]))
    return replace(field, place=field.place[:dim] + field.place[dim + 1 :])


def _split(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    """Pieces along the channels; along height or width they would all differ."""
    dim, field = (args[2] if len(args) > 2 else 0) % args[0].dim(), seen[0][1]
    if any(along for along, _ in field.place[dim]):
        return None
    return replace(field, place=resized(field.place, output.shape))


def _unbound(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:  # noqa: ARG001
    dim, field = (args[1] if len(args) > 1 else 0) % args[0].dim(), seen[0][1]
    if any(along for along, _ in field.place[dim]):
        return None
    return replace(field, place=field.place[:dim] + field.place[dim + 1 :])


def _across(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    """Of an operation that mixes or moves the units along given dimensions: known where those are channels."""
    field = seen[0][1]
    given = args[1] if len(args) > 1 else -1
    if any(along for dim in ([given] if isinstance(given, int) else given) for along, _ in field.place[dim]):
        return None
    return replace(field, place=resized(field.place, output.shape))


def _layer_norm(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:  # noqa: ARG001
    field = seen[0][1]
    return None if _has_axes(field.place[-len(args[1]) :]) else field


def _concatenated(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    dim = args[1] % output.dim() if len(args) > 1 else 0
    if any(along for each, field in seen if each.dim() == output.dim() for along, _ in field.place[dim]):
        return None
    place = merged([resized(field.place, output.shape) for each, field in seen], output.shape)
    return None if place is None else union([field for _, field in seen], place)


def _stacked(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    dim = args[1] % output.dim() if len(args) > 1 else 0
    place = merged([field.place for _, field in seen], output.shape[:dim] + output.shape[dim + 1 :])
    count: Dimension = (("", output.shape[dim]),) if output.shape[dim] > 1 else ()
    return None if place is None else union([field for _, field in seen], (*place[:dim], count, *place[dim:]))


def _padding(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    befores = args[1][::2]
    field = seen[0][1]
    moving = axes(field.place, len(befores))
    if moving is None:
        return None
    for along, before in zip(moving, reversed(befores), strict=True):
        if along and before:
            field = field.moved(along, 1, 1, before)
    return replace(field, place=resized(field.place, output.shape, moving))


def _product(seen: Seen, args: tuple[Any, ...], output: Tensor) -> Field | None:
    """A matrix product with weights: the units along the dimension that is summed over become one."""
    if len(seen) != 1:
        return None
    left, right = args[-2:] if isinstance(args[-1], Tensor) else args[1:3]
    each, field = seen[0]
    if (each is not left) == (each is not right):
        return None
    summed = -1 if each is left else -2
    field = field.mixed(field.place[summed])
    kept = [*field.place]
    kept[summed] = (("", output.shape[summed]),) if output.shape[summed] > 1 else ()
    return replace(field, place=tuple(kept))


def _known(*names: str) -> set[Any]:
    """Overloads by name; a PyTorch that lacks one does not dispatch it."""
    found = set()
    for name in names:
        packet, _, overload = name.partition(".")
        operation = getattr(getattr(_aten, packet, None), overload or "default", None)
        if operation is not None:
            found.add(operation)
    return found


_PRODUCTS = _known("mul.Tensor", "mul_.Tensor", "div.Tensor", "div_.Tensor")
_JOINING = _known("cat", "stack", "mm", "addmm", "bmm")
_CONSTANTS = _known(
    "new_ones", "new_zeros", "new_full", "new_empty", "ones_like", "zeros_like", "full_like", "empty_like", "rand_like",
    "randn_like", "zero_", "fill_.Scalar", "bernoulli_.float",
)  # fmt: skip
_KEEPING = _known(
    "native_batch_norm", "_native_batch_norm_legit_no_training", "_native_batch_norm_legit", "cudnn_batch_norm",
    "_batch_norm_no_update", "_batch_norm_with_update", "native_dropout", "hardswish", "hardswish_", "mish_",
    "_prelu_kernel", "log_sigmoid_forward", "rrelu_with_noise", "rrelu_with_noise_", "expand", "detach", "alias",
    "clone", "_to_copy", "copy_", "lift_fresh",
)  # fmt: skip
_RULES: dict[Any, Callable[[Seen, tuple[Any, ...], Tensor], Field | None]] = {
    operation: rule
    for rule, operations in (
        (_convolution, _known("convolution", "_convolution")),
        (_pooling, _known("max_pool2d_with_indices", "max_pool3d_with_indices", "avg_pool2d", "avg_pool3d")),
        (_adaptive, _known("_adaptive_avg_pool2d", "adaptive_max_pool2d")),
        (
            _reduced,
            _known(
                "mean", "mean.dim", "sum", "sum.dim_IntList", "amax", "amin", "max", "max.dim", "min.dim", "var.dim"
            ),
        ),
        (_reshaped, _known("view", "_unsafe_view", "_reshape_alias", "unsqueeze", "squeeze", "squeeze.dim")),
        (_reshaped, _known("squeeze.dims", "unsqueeze_", "squeeze_.dim", "reshape", "flatten.using_ints")),
        (_permuted, _known("permute", "transpose.int", "t")),
        (_slice, _known("slice.Tensor")),
        (_selected, _known("select.int")),
        (_split, _known("split.Tensor", "split_with_sizes")),
        (_unbound, _known("unbind.int")),
        (_across, _known("_softmax", "_log_softmax", "glu", "cumsum", "flip")),
        (_layer_norm, _known("native_layer_norm")),
        (_concatenated, _known("cat")),
        (_stacked, _known("stack")),
        (_padding, _known("constant_pad_nd", "reflection_pad2d", "replication_pad2d")),
        (_product, _known("mm", "addmm", "bmm")),
    )
    for operation in operations
}
