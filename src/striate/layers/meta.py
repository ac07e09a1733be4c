"""Asking the meta device: shapes without numbers, and without PyTorch's compiler, which it would load to answer.

On the meta device some operations are answered by Python code whose first call imports ``torch._dynamo``, a second of
waiting. The few that networks use are answered here instead.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_aten = torch.ops.aten
PRODUCTS = {_aten.mm.default: (0, 1), _aten.addmm.default: (1, 2), _aten.bmm.default: (0, 1)}
"""Matrix products, and where their two factors stand among the arguments."""

_TRUTHS = {
    "eq", "ne", "gt", "ge", "lt", "le", "isnan", "isinf", "isfinite", "signbit", "isposinf", "isneginf",
    "logical_not", "logical_and", "logical_or", "logical_xor",
}  # fmt: skip
_POOLS = {_aten.max_pool2d_with_indices.default, _aten.avg_pool2d.default}


def answer(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What an operation gives on meta tensors: the right shape and number type."""
    if torch.Tag.pointwise in func.tags:
        return _pointwise(func, args, kwargs)
    if func is _aten.convolution.default:
        return _convolved(func, args)
    if func in _POOLS:
        return _pooled(func, args, kwargs)
    if func in PRODUCTS:
        return _multiplied(func, args, kwargs)
    if func is _aten.native_batch_norm.default:
        moments = args[0].new_empty(args[0].shape[1] if args[5] else 0)
        return args[0].new_empty(args[0].shape), moments, moments.new_empty(moments.shape)
    if func is _aten.cat.default:
        dim = args[1] % args[0][0].dim() if len(args) > 1 else 0
        sizes = list(args[0][0].shape)
        sizes[dim] = sum(each.shape[dim] for each in args[0])
        if any(each.shape[:dim] + each.shape[dim + 1 :] != (*sizes[:dim], *sizes[dim + 1 :]) for each in args[0]):
            return func(*args, **kwargs)
        dtype = _promoted(args[0])
        return args[0][0].new_empty(sizes, dtype=dtype) if dtype else func(*args, **kwargs)
    if func is _aten.constant_pad_nd.default and min(args[1]) >= 0:
        sizes = list(args[0].shape)
        for at, (before, after) in enumerate(zip(args[1][::2], args[1][1::2], strict=True), 1):
            sizes[-at] += before + after
        return args[0].new_empty(sizes)
    if func is _aten.empty_like.default:
        return args[0].new_empty(args[0].shape)
    if func is _aten.bernoulli_.float:
        return args[0]
    if func is _aten.mean.dim and args[0].dim() and not kwargs:
        dims = {dim % args[0].dim() for dim in args[1]} if args[1] else set(range(args[0].dim()))
        keep = bool(args[2]) if len(args) > 2 else False
        sizes = [1 if at in dims else size for at, size in enumerate(args[0].shape) if keep or at not in dims]
        return args[0].new_empty(sizes)
    return func(*args, **kwargs)


def _pointwise(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    tensors = [each for each in args if isinstance(each, torch.Tensor)]
    if not tensors or any(isinstance(each, torch.Tensor) for each in kwargs.values()):
        return func(*args, **kwargs)
    shape = _broadcast([tuple(each.shape) for each in tensors])
    if func._schema.is_mutable:
        return args[0] if shape == tuple(args[0].shape) else func(*args, **kwargs)
    name = func._schema.name.removeprefix("aten::")
    dtype = torch.bool if name in _TRUTHS else _promoted(tensors[1:] if name == "where" else tensors)
    if dtype is None or kwargs.get("dtype") is not None:
        return func(*args, **kwargs)
    return tensors[0].new_empty(shape, dtype=dtype)


def _promoted(tensors: Sequence[torch.Tensor]) -> torch.dtype | None:
    """The number type of the operands together, those of single numbers apart; None where none of them has fractions,
    and it depends on the operation."""
    found = [each for each in tensors if each.is_floating_point()]
    found = [each for each in found if each.dim()] or found
    return reduce(torch.promote_types, (each.dtype for each in found)) if found else None


def _multiplied(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A matrix product; as for convolutions, what does not fit is left to PyTorch."""
    left, right = (args[at] for at in PRODUCTS[func])
    ranks = 3 if func is _aten.bmm.default else 2
    fits = left.dim() == right.dim() == ranks and left.shape[-1] == right.shape[-2] and left.dtype == right.dtype
    if not fits or left.shape[:-2] != right.shape[:-2]:
        return func(*args, **kwargs)
    shape = (*left.shape[:-1], right.shape[-1])
    if func is _aten.addmm.default and _broadcast([tuple(args[0].shape), shape]) != shape:
        return func(*args, **kwargs)
    return left.new_empty(shape)


def _broadcast(shapes: list[tuple[int, ...]]) -> tuple[int, ...]:
    """The common shape of the operands; PyTorch is asked only where one differs, since its answer loads sympy."""
    first = shapes[0]
    if all(each == first for each in shapes):
        return first
    most = max(map(len, shapes))
    aligned = [(1,) * (most - len(each)) + each for each in shapes]
    joined = tuple(max(sizes) if 0 not in sizes else 0 for sizes in zip(*aligned, strict=True))
    fits = all(size in (1, whole) for each in aligned for size, whole in zip(each, joined, strict=True))
    return joined if fits else tuple(torch.broadcast_shapes(*shapes))


def _convolved(func: Any, args: tuple[Any, ...]) -> Any:
    """A convolution's output; what does not fit is left to PyTorch, which says why."""
    x, weight, _, stride, pad, dilation, transposed, _, groups = args
    if transposed or x.dim() != 4 or x.shape[1] != weight.shape[1] * groups:
        return func(*args)
    sizes = [
        (size + 2 * pad[axis] - dilation[axis] * (weight.shape[2 + axis] - 1) - 1) // stride[axis] + 1
        for axis, size in enumerate(x.shape[2:])
    ]
    return x.new_empty((x.shape[0], weight.shape[0], *sizes)) if min(sizes) > 0 else func(*args)


def _pooled(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The output of a pool, with the positions of the maxima where it is one of them; as for convolutions."""
    x, kernel, *rest = args
    largest = func is _aten.max_pool2d_with_indices.default
    defaults = [kernel, (0, 0), (1, 1), False] if largest else [kernel, (0, 0), False, True]
    stride, pad, third, fourth = [given or usual for given, usual in zip(rest, defaults, strict=False)] + defaults[
        len(rest) :
    ][: 4 - len(rest)]
    dilation, ceil = (third, fourth) if largest else ((1, 1), third)
    if x.dim() != 4 or kwargs or any(2 * _at(pad, axis) > _at(kernel, axis) for axis in (0, 1)):
        return func(*args, **kwargs)
    sizes = [
        _windows(x.shape[2 + axis], *(_at(each, axis) for each in (kernel, stride, pad, dilation)), ceil=ceil)
        for axis in (0, 1)
    ]
    if min(sizes) < 1:
        return func(*args, **kwargs)
    out = x.new_empty((*x.shape[:2], *sizes))
    return (out, x.new_empty(out.shape, dtype=torch.int64)) if largest else out


def _windows(size: int, kernel: int, stride: int, pad: int, dilation: int, *, ceil: bool) -> int:
    """How many windows fit; one that would begin behind the picture and its padding is left out."""
    room = size + 2 * pad - dilation * (kernel - 1) - 1
    count = -(-room // stride) + 1 if ceil else room // stride + 1
    return count - 1 if ceil and (count - 1) * stride >= size + pad else count


def _at(pair: Any, axis: int) -> int:
    return pair[axis] if len(pair) > 1 else pair[0]


class MetaMode(TorchDispatchMode):
    """Within it, meta tensors are answered as above."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Being exempted from the compiler would import the compiler."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        return answer(func, args, kwargs or {})
