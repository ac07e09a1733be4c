"""The memory that a network's values take, apart from its weights; sizes in bytes, of float32 values."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from striate.layers.compose import Shape
from striate.layers.meta import MetaMode


@dataclass(frozen=True)
class Memory:
    """Bytes of a pass over a batch.

    ``inference_peak`` is what is alive at the worst moment when a value's memory is used again after its last reader.
    ``produced`` is the sum over all values made. ``training`` is what automatic differentiation keeps until the
    backward pass, each storage counted once, the input included where a gradient needs it; None where the network
    refuses to train on such a batch, as batch normalisation does on a single value.
    """

    inference_peak: int
    produced: int
    training: int | None


class Tape:
    """What was read and written, operation by operation, in storages; views and in-place results share theirs."""

    def __init__(self, network: nn.Module, pixels: Tensor) -> None:
        self.fixed = storages(network)
        self.alive: list[Any] = [pixels]
        self.bytes = {storage_of(pixels): _bytes(pixels)}
        self.born = {storage_of(pixels): 0}
        self.last = {storage_of(pixels): 0}
        self.input = storage_of(pixels)
        self.now = 0

    def record(self, read: list[Tensor], written: list[Tensor]) -> None:
        """One operation. Positions of maxima and other integers are not counted: inference drops them at once."""
        self.now += 1
        for each in read:
            key = storage_of(each)
            if key in self.born:
                self.last[key] = self.now
        self.alive.extend(written)
        for each in written:
            key = storage_of(each)
            if key in self.fixed or not each.is_floating_point():
                continue
            if key not in self.born:
                self.born[key], self.bytes[key] = self.now, _bytes(each)
            self.last[key] = self.now

    def peak(self) -> int:
        change = [0] * (self.now + 2)
        for key, size in self.bytes.items():
            change[self.born[key]] += size
            change[self.last[key] + 1] -= size
        live = most = 0
        for each in change:
            live += each
            most = max(most, live)
        return most

    def produced(self) -> int:
        return sum(size for key, size in self.bytes.items() if key != self.input)


def kept_for_training(network: nn.Module, shape: Shape, batch: int, *, inside: bool = False) -> int | None:
    """Bytes that a forward pass in training mode leaves for the backward pass, on the meta device; None as above.

    inside: it is a part of a network, whose rows before it need the gradient of its input.
    """
    fixed = storages(network)
    kept: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        if storage_of(tensor) not in fixed:
            kept[storage_of(tensor)] = tensor
        return tensor

    pixels = torch.empty(batch, *shape, device="meta", requires_grad=inside)
    network.train()
    try:
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor), MetaMode():
            network(pixels.clone())  # as another row's output, which may be overwritten
    except (RuntimeError, ValueError):
        return None
    finally:
        network.eval()
    return sum(_bytes(each) for each in kept.values())


def storages(network: nn.Module) -> set[int]:
    """Those of the parameters and buffers."""
    return {storage_of(each) for each in (*network.parameters(), *network.buffers())}


def same_memory(one: Any, other: Any) -> bool:
    """Whether two values are tensors in one storage."""
    return isinstance(one, Tensor) and isinstance(other, Tensor) and storage_of(one) == storage_of(other)


def storage_of(tensor: Tensor) -> int:
    """The identity of a tensor's memory."""
    return tensor.untyped_storage()._cdata


def _bytes(tensor: Tensor) -> int:
    return tensor.untyped_storage().nbytes()
