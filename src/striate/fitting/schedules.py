"""Schedules of a recipe: the factor on the learning rate."""

import bisect
import math
from dataclasses import replace

from striate.recipe import Constant, Cosine, Exponential, Milestones, OneCycle, Plateau, Schedule, Steps, Warmup

_SLIGHT = 1e-9  # epochs that rounding may take: 0.7 * 10 is a little more than 7


def rate(schedule: Schedule, epochs_done: float, epochs: float, drops: int = 0) -> float:
    """The factor after so many epochs, whole ones and a part; ``drops`` is how often a plateau was met."""
    if isinstance(schedule, Warmup) and schedule.rising and isinstance(schedule.then, OneCycle):
        schedule = replace(schedule.then, rising=schedule.epochs / epochs)  # has a rise of its own, and needs no other
    if isinstance(schedule, Warmup):
        if epochs_done < schedule.epochs:
            risen = epochs_done / schedule.epochs if schedule.rising else 0.0
            first = rate(schedule.then, 0.0, epochs, drops) if schedule.rising else 1.0
            return schedule.start + (first - schedule.start) * risen
        whole = isinstance(schedule.then, Steps)  # its epochs are counted from the beginning of the training
        done = epochs_done if whole else epochs_done - schedule.epochs
        return rate(schedule.then, done, epochs if whole else epochs - schedule.epochs, drops)
    if isinstance(schedule, Constant):
        return 1.0
    if isinstance(schedule, Plateau):
        return schedule.factor**drops
    if isinstance(schedule, Exponential):
        return schedule.factor ** math.floor(epochs_done / schedule.every + _SLIGHT)
    if isinstance(schedule, Steps):
        return (1.0, *schedule.factors)[bisect.bisect_right(schedule.starts, epochs_done)]
    if isinstance(schedule, Milestones):
        met = bisect.bisect_right([share * epochs for share in schedule.shares], epochs_done + _SLIGHT)
        return schedule.factor**met
    return _cosine(schedule, min(epochs_done / epochs, 1.0))


def _cosine(schedule: OneCycle | Cosine, done: float) -> float:
    rising, straight = (schedule.rising, schedule.straight) if isinstance(schedule, OneCycle) else (0.0, False)
    if done < rising:
        assert isinstance(schedule, OneCycle)
        return schedule.start + (1 - schedule.start) * done / rising
    falling = (done - rising) / (1 - rising)
    if straight:
        return schedule.final + (1 - schedule.final) * (1 - falling)
    return schedule.final + (1 - schedule.final) * (1 + math.cos(math.pi * falling)) / 2


def drops_after(schedule: Schedule, drops: int, epochs_without_better: int) -> int:
    """How often a plateau was met by the end of an epoch, told how long the last gain or drop is ago."""
    plateau = schedule.then if isinstance(schedule, Warmup) else schedule
    if not isinstance(plateau, Plateau) or drops >= plateau.most:
        return drops
    return drops + (epochs_without_better >= plateau.patience)
