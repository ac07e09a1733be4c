"""What may be said of a few numbers: mean and deviation, and whether one thing differs from another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

LEVEL = 0.95
"""Of every interval."""


@dataclass(frozen=True)
class Spread:
    """Some numbers: how many, their mean, and their standard deviation (of a sample; None for a single one)."""

    n: int
    mean: float
    std: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of the mean, by Student's t; None for a single number."""
        if self.std is None:
            return None
        half = float(stats.t.ppf((1 + LEVEL) / 2, self.n - 1)) * self.std / math.sqrt(self.n)
        return self.mean - half, self.mean + half


@dataclass(frozen=True)
class Paired:
    """One thing minus another, pair by pair: the mean difference, its interval, and Student's paired test.

    ``p`` is None, and so is the interval, for fewer than two pairs and where all differences are the same. ``adjusted``
    is Holm's p over all tests made together.
    """

    n: int
    difference: float
    interval: tuple[float, float] | None = None
    p: float | None = None
    adjusted: float | None = None


def spread(values: Sequence[float]) -> Spread | None:
    """None for no values."""
    if not values:
        return None
    return Spread(len(values), float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None)


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Paired | None:
    """scipy.stats.ttest_rel of the pairs; None for no pairs."""
    if not ours:
        return None
    apart = np.subtract(ours, theirs)
    difference = float(np.mean(apart))
    if len(apart) < 2 or np.ptp(apart) <= 1e-12 * np.abs([ours, theirs]).max():  # nothing varies: t would be infinite
        return Paired(len(apart), difference)
    test = stats.ttest_rel(ours, theirs)
    interval = test.confidence_interval(LEVEL)
    return Paired(len(apart), difference, (float(interval.low), float(interval.high)), float(test.pvalue))


def holm(ps: Sequence[float]) -> list[float]:
    """Holm's step-down p values: the smallest times how many there are, the next times one fewer, never falling."""
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for rank, at in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[at]))
        adjusted[at] = highest
    return adjusted
