"""How long each row of a network takes, measured."""

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
    """Medians over several passes in evaluation mode: seconds by path, of a whole batch."""

    rows: dict[str, float]
    total: float
    convolutions: float  # of all convolutions together
    compute: str


def measure(network: nn.Module, shape: Shape, batch: int = 1) -> Timing:
    """Times every row of a network on the device that answers; passes are repeated for about two seconds."""
    where = for_answers()
    network = where.place(network.eval())
    x = where.put(torch.rand(batch, *shape))
    clock = _Clock(where)
    handles = [handle for name, module in network.named_modules() for handle in clock.watch(name, module)]
    try:
        _repeat(lambda: _pass(network, x, where), clock)
    finally:
        for handle in handles:
            handle.remove()
    medians = {name: median(spent) for name, spent in clock.spent.items()}
    convolved = sum(medians.get(name, 0.0) for name, module in network.named_modules() if _convolves(module))
    return Timing({name: each for name, each in medians.items() if name}, medians[""], convolved, where.name)


def _convolves(module: nn.Module) -> bool:
    return "Conv" in type(module).__name__ and not any(True for _ in module.children())


def _repeat(once: Callable[[], Any], clock: "_Clock") -> None:
    for _ in range(_WARM):
        once()
    clock.spent.clear()
    began, count = time.perf_counter(), 0
    while count < _LEAST or time.perf_counter() - began < _SECONDS:
        once()
        count += 1


def _pass(network: nn.Module, x: torch.Tensor, where: Compute) -> None:
    with torch.inference_mode(), where.products():
        network(x)


class _Clock:
    """Starts and stops for every module; a graphics card is waited for each time."""

    def __init__(self, where: Compute) -> None:
        self.cuda = where.device.type == "cuda"
        self.began: dict[str, float] = {}
        self.spent: dict[str, list[float]] = defaultdict(list)

    def watch(self, name: str, module: nn.Module) -> tuple[Any, Any]:
        return (
            module.register_forward_pre_hook(partial(self._start, name)),
            module.register_forward_hook(partial(self._stop, name)),
        )

    def _start(self, name: str, *_: Any) -> None:
        self.began[name] = self._now()

    def _stop(self, name: str, *_: Any) -> None:
        self.spent[name].append(self._now() - self.began[name])

    def _now(self) -> float:
        if self.cuda:
            torch.cuda.synchronize()
        return time.perf_counter()
