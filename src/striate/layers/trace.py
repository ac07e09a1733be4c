"""One pass of a network on the meta device, watched: what each row puts out, holds and costs.

It sees any ``nn.Module``, ours or not, because it counts the operations PyTorch dispatches. One multiply-accumulate of
a convolution or a matrix product is one MAC; bias, normalisation, activation and pooling are not counted. A module
whose cost is of another kind says so itself with a method ``macs(output_shape)``.
"""

import copy
import math
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from striate.layers.compose import Shape
from striate.layers.meta import PRODUCTS, answer

_aten = torch.ops.aten
_CONVOLUTIONS = (_aten.convolution.default, _aten._convolution.default)


@dataclass
class Row:
    """One module of a network as it ran: names as in the state dict, shapes of one picture."""

    name: str
    module: nn.Module
    input: Shape = ()
    output: Shape = ()
    parameters: int = 0
    macs: int = 0
    children: list["Row"] = field(default_factory=list)


def trace(network: nn.Module, shape: Shape) -> Row:
    """The network as a tree of rows, from one forward pass in evaluation mode; no weights are allocated.

    A parameter is counted with the first module that holds it. Raises what the network raises for a shape that does
    not fit.
    """
    shadow = copy.deepcopy(network, _meta_memo(network)).eval()
    watch = _Watch()
    root = watch.follow(shadow)
    with torch.no_grad(), watch:
        shadow(torch.empty(1, *shape, device="meta"))
    return root


def _meta_memo(network: nn.Module) -> dict[int, Any]:
    """What deepcopy is told, so that it puts meta tensors in the place of every parameter and buffer."""
    memo: dict[int, Any] = {}
    for tensor in (*network.parameters(), *network.buffers()):
        empty: torch.Tensor = torch.empty_like(tensor, device="meta")
        memo[id(tensor)] = nn.Parameter(empty, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty
    return memo


class _Watch(TorchDispatchMode):
    """Counts the dispatched products towards every row that is running."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.running: list[Row] = []
        self.counted: set[int] = set()

    def follow(self, module: nn.Module, name: str = "") -> Row:
        row = Row(name, module)
        own = {id(p): p.numel() for p in module.parameters(recurse=False) if id(p) not in self.counted}
        self.counted |= own.keys()
        row.children = [self.follow(child, child_name) for child_name, child in module.named_children()]
        row.parameters = sum(own.values()) + sum(child.parameters for child in row.children)
        module.register_forward_pre_hook(lambda _, inputs: self.enter(row, inputs))
        module.register_forward_hook(lambda _, __, output: self.leave(row, output))
        return row

    def enter(self, row: Row, inputs: tuple[Any, ...]) -> None:
        row.input = _shape_of(inputs[0] if inputs else None)
        self.running.append(row)

    def leave(self, row: Row, output: Any) -> None:
        row.output = _shape_of(output)
        self.running.pop()
        own = getattr(row.module, "macs", None)
        if own is not None:
            declared = own(row.output)
            for above in self.running:
                above.macs += declared - row.macs
            row.macs = declared

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # as in MetaMode

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        out = answer(func, args, kwargs or {})
        macs = 0
        if func in _CONVOLUTIONS:
            weight, transposed = args[1], args[6]
            positions = args[0] if transposed else out
            macs = math.prod(positions.shape[2:]) * weight.numel()
        elif func in PRODUCTS:
            left, right = (args[at] for at in PRODUCTS[func])
            macs = math.prod(left.shape) * right.shape[-1]
        for row in self.running:
            row.macs += macs
        return out


def _shape_of(value: Any) -> Shape:
    return tuple(value.shape[1:]) if isinstance(value, torch.Tensor) else ()
