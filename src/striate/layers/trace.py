"""One pass of a network on the meta device, watched: what each row puts out, sees, holds and costs.

It sees any ``nn.Module``, ours or not, because it counts the operations PyTorch dispatches. One multiply-accumulate of
a convolution or a matrix product is one MAC; bias, normalisation, activation and pooling are not counted. A module
whose cost is of another kind says so itself with a method ``macs(output_shape)``.
"""

import copy
import inspect
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from striate.layers.compose import Shape
from striate.layers.fields import Field, of_picture
from striate.layers.memory import Memory, Tape, kept_for_training, same_memory, storage_of
from striate.layers.meta import PRODUCTS, answer
from striate.layers.rules import is_constant, tensors, through

_aten = torch.ops.aten
_FACTORS = (_aten.mul.Tensor, _aten.mul_.Tensor)
_CONVOLUTIONS = (_aten.convolution.default, _aten._convolution.default)


@dataclass
class Row:
    """One module of a network as it ran: names as in the state dict, shapes of one picture."""

    name: str
    module: nn.Module
    input: Shape = ()
    output: Shape = ()  # empty where the module did not run
    parameters: int = 0
    macs: int = 0
    sees: Field | None = None  # the field of its output
    fresh: bool = True  # its output has memory of its own, not its input's
    gate: bool = False  # its output is a factor for whole maps
    children: list["Row"] = field(default_factory=list)


@dataclass(frozen=True)
class Traced:
    """A network as a tree of rows, and the memory of its values; no weights are part of it.

    ``depth`` counts the convolutions and linear layers on the longest way from the picture to the output. Of a sum or a
    concatenation the longest branch counts, so that a projection on a shortcut does not; a factor for whole maps, as a
    gate gives, is no way; the product of two values that both come from the picture is no layer.
    """

    whole: Row
    memory: Memory
    depth: int


def trace(network: nn.Module, shape: Shape) -> Row:
    """The network as a tree of rows, from one forward pass in evaluation mode; no weights are allocated.

    A parameter is counted with the first module that holds it. Raises what the network raises for a shape that does
    not fit.
    """
    with _as_it_was(_on_meta(network)) as shadow:
        return _passed(shadow, shape, 1).root


def trace_memory(network: nn.Module, shape: Shape, batch: int = 1, *, inside: bool = False) -> Traced:
    """As trace(), with a second pass in training mode for what automatic differentiation keeps.

    inside: it is a part of a network, whose rows before it need the gradient of its input.
    """
    with _as_it_was(_on_meta(network)) as shadow:
        watch = _passed(shadow, shape, batch)
        tape = watch.tape
        memory = Memory(tape.peak(), tape.produced(), kept_for_training(shadow, shape, batch, inside=inside))
    return Traced(watch.root, memory, watch.depth)


def _passed(shadow: nn.Module, shape: Shape, batch: int) -> "_Watch":
    pixels = torch.empty(batch, *shape, device="meta")
    watch = _Watch(Tape(shadow, pixels), batch)
    watch.fields[id(pixels)], watch.depths[id(pixels)] = of_picture(pixels.shape), 0
    try:
        watch.root = watch.follow(shadow.eval())
        with torch.no_grad(), watch:
            answer = shadow(pixels)
    finally:
        for handle in watch.handles:
            handle.remove()
    watch.depth = max((watch.depths.get(id(each), 0) for each in tensors((answer,))), default=0)
    watch.settle(watch.root)
    return watch


def _on_meta(network: nn.Module) -> nn.Module:
    """A copy whose weights are not allocated; or the network itself where it is a sketch of modules that a pass leaves
    as they are, which a module that somebody else wrote may not do."""
    every = (*network.parameters(), *network.buffers())
    known = all(type(each).__module__.startswith(("striate.", "torch.nn.modules.")) for each in network.modules())
    if known and all(each.is_meta and each.dtype in (torch.float32, torch.int64) for each in every):
        return network
    return copy.deepcopy(network, _meta_memo(network))


@contextmanager
def _as_it_was(network: nn.Module) -> Iterator[nn.Module]:
    """Puts every module back into the mode it was in."""
    modes = [(module, module.training) for module in network.modules()]
    try:
        yield network
    finally:
        for module, training in modes:
            module.training = training


def _meta_memo(network: nn.Module) -> dict[int, Any]:
    """What deepcopy is told, so that it puts float32 meta tensors in the place of every parameter and buffer."""
    memo: dict[int, Any] = {}
    for tensor in (*network.parameters(), *network.buffers()):
        dtype = torch.float32 if tensor.is_floating_point() else tensor.dtype
        empty = torch.empty(tensor.shape, dtype=dtype, device="meta")
        memo[id(tensor)] = nn.Parameter(empty, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty
    return memo


class _Watch(TorchDispatchMode):
    """Counts the dispatched products towards every row that is running; carries fields and depths along."""

    root: Row
    depth: int  # of the output

    def __init__(self, tape: Tape, batch: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.batch = batch
        self.running: list[Row] = []
        self.counted: set[int] = set()
        self.handles: list[Any] = []
        self.tape = tape
        self.fields: dict[int, Field | None] = {}  # of what comes from the picture, by the identity of tensors that
        self.spoiled: set[int] = set()  # the tape keeps alive; and the memory of those that were written in part
        self.outputs: dict[int, int] = {}  # of rows, by the identity of the row: that of its tensor
        self.factors: set[int] = set()
        self.gates: set[int] = set()  # factors, and what they were worked out from behind the mean over the whole map
        self.sources: dict[int, set[int]] = {}  # of what comes from the picture: the values that it was made of
        self.depths: dict[int, int] = {}  # as the fields; what the picture has no part in has none

    def follow(self, module: nn.Module, name: str = "") -> Row:
        row = Row(name, module)
        held = [each for each in module._parameters.values() if each is not None]
        own = {id(each): each.numel() for each in held if id(each) not in self.counted}
        self.counted |= own.keys()
        row.children = [self.follow(child, child_name) for child_name, child in module.named_children()]
        row.parameters = sum(own.values()) + sum(child.parameters for child in row.children)
        self.handles += (
            module.register_forward_pre_hook(lambda _, inputs: self.enter(row, inputs)),
            module.register_forward_hook(lambda _, inputs, output: self.leave(row, inputs, output)),
        )
        return row

    def enter(self, row: Row, inputs: tuple[Any, ...]) -> None:
        row.input = _shape_of(inputs[0] if inputs else None)
        self.running.append(row)

    def leave(self, row: Row, inputs: tuple[Any, ...], output: Any) -> None:
        row.output = _shape_of(output)
        row.sees = self.fields.get(id(output))
        row.fresh = not same_memory(output, inputs[0] if inputs else None)
        self.outputs[id(row)] = id(output)
        self.running.pop()
        declared = _declared(row)
        if declared is not None:
            for above in self.running:
                above.macs += declared - row.macs
            row.macs = declared

    def settle(self, row: Row, inside: bool = False) -> None:
        """What is known only at the end.

        A row whose output turned out to be a factor for whole maps is a gate, and so are the rows within it, and those
        that work the factor out beside it. A list of modules does not run itself; it costs what its modules cost.
        """
        row.gate = inside or self.outputs.get(id(row)) in self.gates
        for child in row.children:
            self.settle(child, row.gate)
        if id(row) not in self.outputs:
            row.macs = sum(child.macs for child in row.children)

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # as in MetaMode

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        out = answer(func, args, kwargs or {})
        outputs = tensors((out,))
        self.tape.record(tensors(args), outputs)
        if not is_constant(func):
            self._see(func, args, outputs)
        if func in _FACTORS:
            factors = self._factors(args)
            self.factors |= factors
            self.gates |= self._leading_to(factors)
        self._deepen(func, tensors(args), outputs)
        macs = _macs(func, args, out, self.batch)
        if macs:
            for row in self.running:
                row.macs += macs
        return out

    def _deepen(self, func: Any, read: list[torch.Tensor], written: list[torch.Tensor]) -> None:
        apart = self.factors if func in _FACTORS else ()
        ways = [self.depths[id(each)] for each in read if id(each) in self.depths and id(each) not in apart]
        if ways:
            own = len(ways) == 1 and (func in _CONVOLUTIONS or func in PRODUCTS)
            deepest = max(ways) + own
            self.depths.update((id(each), deepest) for each in written)

    def _see(self, func: Any, args: tuple[Any, ...], outputs: list[torch.Tensor]) -> None:
        """The fields of what an operation gives; unknown where that of anything from the picture is."""
        seen = [(each, self._field(each)) for each in tensors(args) if self._from_picture(each)]
        if not seen:
            return
        known = [(each, field) for each, field in seen if field is not None]
        for out in outputs:
            before = self.fields.get(id(out))
            field = through(func, args, out, known) if len(known) == len(seen) else None
            if func._schema.is_mutable and field != before and out._is_view():
                self.spoiled.add(storage_of(out))
            self.fields[id(out)] = field
            self.sources.setdefault(id(out), set()).update(id(each) for each, _ in seen)

    def _from_picture(self, each: torch.Tensor) -> bool:
        return id(each) in self.fields or bool(self.spoiled and storage_of(each) in self.spoiled)

    def _field(self, each: torch.Tensor) -> Field | None:
        return None if self.spoiled and storage_of(each) in self.spoiled else self.fields.get(id(each))

    def _factors(self, args: tuple[Any, ...]) -> set[int]:
        """The factor that was squeezed out of whole maps once more than the other."""
        seen = [(each, field) for each in tensors(args[:2]) if (field := self._field(each)) is not None]
        if len(seen) != 2:
            return set()
        fewest = min(field.squeezes for _, field in seen)
        return {id(each) for each, field in seen if field.squeezes > fewest}

    def _leading_to(self, factors: set[int]) -> set[int]:
        """The factors with all that they were worked out from behind the last mean over whole maps."""
        found: set[int] = set()
        waiting = list(factors)
        while waiting:
            each = waiting.pop()
            found.add(each)
            squeezes = self._squeezes(each)
            waiting += (one for one in self.sources[each] - found if self._squeezes(one) == squeezes)
        return found

    def _squeezes(self, value: int) -> int | None:
        field = self.fields.get(value)
        return None if field is None else field.squeezes


def _declared(row: Row) -> int | None:
    """What a module says itself that it costs; a ``macs`` of another kind is none of ours."""
    own = getattr(row.module, "macs", None)
    if not inspect.ismethod(own) or len(inspect.signature(own).parameters) != 1:
        return None
    declared = own(row.output)
    return declared if isinstance(declared, int) else None


def _macs(func: Any, args: tuple[Any, ...], out: Any, batch: int) -> int:
    """Of one operation, for one picture."""
    if func in _CONVOLUTIONS:
        weight, transposed = args[1], args[6]
        positions = args[0] if transposed else out
        return math.prod(positions.shape[2:]) * weight.numel()
    if func in PRODUCTS:
        left, right = (args[at] for at in PRODUCTS[func])
        return math.prod(left.shape) * right.shape[-1] // batch
    return 0


def _shape_of(value: Any) -> Shape:
    return tuple(value.shape[1:]) if isinstance(value, torch.Tensor) else ()
