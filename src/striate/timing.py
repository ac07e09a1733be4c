"""How long each row of a network takes, measured."""

import copy
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import nn

from striate.compute import Compute, for_answers
from striate.layers import Shape

_WARM, _LEAST, _SECONDS = 2, 5, 2.0


@dataclass(frozen=True)
class Timing:
    """Medians over several passes in evaluation mode: seconds by path, of a whole batch.

    A module that runs several times in a pass counts with all of them; a module without children is its own row.
    """

    rows: dict[str, float]
    total: float
    convolutions: float  # of all convolutions together
    compute: str


def measure(network: nn.Module, shape: Shape, batch: int = 1) -> Timing:
    """Times every row of a network on the device that answers; passes are repeated for about two seconds.

    A network on the meta device is given random weights, which take as long as any. The caller's random state stays.
    """
    where, numbers = for_answers(), torch.Generator().manual_seed(0)
    network = _placed(_with_weights(network.eval(), numbers), where)
    x = torch.rand(batch, *shape, generator=numbers)
    x = where.put(x) if x.dim() == 4 else x.to(where.device)
    clock = _Clock(where)
    handles = [handle for name, module in network.named_modules() for handle in clock.watch(name, module)]
    try:
        _repeat(lambda: _pass(network, x, where), clock)
    finally:
        for handle in handles:
            handle.remove()
    medians = {name: median(spent) for name, spent in clock.passes.items()}
    convolved = sum(medians.get(name, 0.0) for name, module in network.named_modules() if _convolves(module))
    alone = not any(True for _ in network.children())
    rows = {name: each for name, each in medians.items() if name or alone}
    return Timing(rows, medians[""], convolved, where.name)


def _with_weights(network: nn.Module, numbers: torch.Generator) -> nn.Module:
    """The network, or one with random weights where it is on the meta device."""
    every = (*network.parameters(), *network.buffers())
    if not any(each.is_meta for each in every):
        return network
    network = copy.deepcopy(network).to_empty(device="cpu")
    with torch.no_grad():
        for each in (*network.parameters(), *network.buffers()):
            if each.is_floating_point():
                each.copy_(torch.rand(each.shape, generator=numbers))
            else:
                each.zero_()
    return network


def _placed(network: nn.Module, where: Compute) -> nn.Module:
    """On the device; channels last, but for weights of other ranks than that layout has."""
    if any(each.dim() > 4 for each in network.parameters()):
        return network.to(where.device)
    return where.place(network)


def _convolves(module: nn.Module) -> bool:
    return "Conv" in type(module).__name__ and not any(True for _ in module.children())


def _repeat(once: Callable[[], Any], clock: "_Clock") -> None:
    for _ in range(_WARM):
        once()
        clock.end_pass()
    clock.passes.clear()
    began, count = time.perf_counter(), 0
    while count < _LEAST or time.perf_counter() - began < _SECONDS:
        once()
        clock.end_pass()
        count += 1


def _pass(network: nn.Module, x: torch.Tensor, where: Compute) -> None:
    with torch.inference_mode(), where.products():
        network(x)


class _Clock:
    """Starts and stops for every module; a graphics card is waited for each time."""

    def __init__(self, where: Compute) -> None:
        self.cuda = where.device.type == "cuda"
        self.began: dict[str, float] = {}
        self.spent: dict[str, float] = defaultdict(float)  # in this pass
        self.passes: dict[str, list[float]] = defaultdict(list)

    def watch(self, name: str, module: nn.Module) -> tuple[Any, Any]:
        return (
            module.register_forward_pre_hook(partial(self._start, name)),
            module.register_forward_hook(partial(self._stop, name)),
        )

    def _start(self, name: str, *_: Any) -> None:
        self.began[name] = self._now()

    def _stop(self, name: str, *_: Any) -> None:
        self.spent[name] += self._now() - self.began[name]

    def end_pass(self) -> None:
        for name, spent in self.spent.items():
            self.passes[name].append(spent)
        self.spent.clear()

    def _now(self) -> float:
        if self.cuda:
            torch.cuda.synchronize()
        return time.perf_counter()
