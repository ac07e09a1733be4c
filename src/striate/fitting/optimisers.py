"""Optimisers and schedules of a recipe, as PyTorch runs them."""

import bisect
import math
from collections.abc import Iterable

import torch
from torch import nn

from striate.recipe import SGD, Constant, OneCycle, Optimiser, Schedule

_START = 0.1  # of the highest rate, where a cycle begins


def make_optimiser(declared: Optimiser, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
    """PyTorch's optimiser for a declaration, in its fused form: one pass over memory a step."""
    if isinstance(declared, SGD):
        return torch.optim.SGD(
            parameters,
            lr=declared.lr,
            momentum=declared.momentum,
            nesterov=declared.nesterov,
            weight_decay=declared.decay,
            fused=True,
        )
    kind = torch.optim.AdamW if declared.decay else torch.optim.Adam
    return kind(parameters, lr=declared.lr, betas=declared.betas, weight_decay=declared.decay, fused=True)


def rate(schedule: Schedule, epochs_done: float, epochs: int) -> float:
    """The factor on the learning rate after so many epochs, whole ones and a part."""
    if isinstance(schedule, Constant):
        return 1.0
    if isinstance(schedule, OneCycle):
        done = epochs_done / epochs
        if done < schedule.rising:
            return _START + (1 - _START) * done / schedule.rising
        falling = (done - schedule.rising) / (1 - schedule.rising)
        return schedule.final + (1 - schedule.final) * (1 + math.cos(math.pi * min(falling, 1.0))) / 2
    return schedule.factors[bisect.bisect_right(schedule.starts, epochs_done) - 1]
