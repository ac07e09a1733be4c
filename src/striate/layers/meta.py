"""Asking the meta device: shapes without numbers, and without PyTorch's compiler, which it would load to answer.

On the meta device some operations are answered by Python code whose first call imports ``torch._dynamo``, a second of
waiting. The few that networks use are answered here instead.
"""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_aten = torch.ops.aten
PRODUCTS = {_aten.mm.default: (0, 1), _aten.addmm.default: (1, 2), _aten.bmm.default: (0, 1)}
"""Matrix products, and where their two factors stand among the arguments."""


def answer(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What an operation gives on meta tensors: the right shape, of one type throughout."""
    if torch.Tag.pointwise in func.tags:
        tensors = [each for each in args if isinstance(each, torch.Tensor)]
        if func._schema.is_mutable:
            return args[0]
        return tensors[0].new_empty(torch.broadcast_shapes(*(each.shape for each in tensors)))
    if func in PRODUCTS:
        left, right = (args[at] for at in PRODUCTS[func])
        return left.new_empty((*left.shape[:-1], right.shape[-1]))
    if func is _aten.native_batch_norm.default:
        moments = args[0].new_empty(args[0].shape[1])
        return torch.empty_like(args[0]), moments, torch.empty_like(moments)
    if func is _aten.mean.dim:
        dims = {dim % args[0].dim() for dim in args[1]}
        keep = bool(args[2]) if len(args) > 2 else False
        sizes = [1 if at in dims else size for at, size in enumerate(args[0].shape) if keep or at not in dims]
        return args[0].new_empty(sizes)
    return func(*args, **kwargs)


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
