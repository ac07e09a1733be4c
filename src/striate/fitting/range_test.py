"""The learning rate range test: a short training whose rate rises until it breaks.

L. N. Smith: Cyclical Learning Rates for Training Neural Networks. arXiv:1506.01186, 2015, Sec. 3.3; the rise is
exponential here, not linear, so that every power of ten gets as many steps.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass, replace

import numpy as np

from striate import compute
from striate.architecture import Architecture
from striate.data.canvases import Prepared
from striate.fitting.making import begin_from, make_fit
from striate.fitting.steps import Fit, set_learning, steps, steps_per_epoch
from striate.recipe import Recipe, Steps
from striate.run import Job

BROKEN = 4
"""Times the best loss so far: a training whose loss is above that has diverged."""

_WIDTH = 0.02  # standard deviation of the smoothing, as a share of the steps
_FALLEN = 0.97  # of the first losses: a curve whose lowest point is not below that has not fallen
_EDGE = 4  # steps at each end where a slope is not trusted
_TENTH = 10


@dataclass(frozen=True)
class Span:
    """The rates to try: from the lowest to the highest, each the same factor above the one before."""

    lowest: float
    highest: float
    steps: int

    @property
    def rates(self) -> list[float]:
        growth = (self.highest / self.lowest) ** (1 / (self.steps - 1))
        return [self.lowest * growth**at for at in range(self.steps - 1)] + [self.highest]


@dataclass(frozen=True)
class Reading:
    """What the curve of losses says."""

    smoothed: tuple[float, ...]
    suggested: float | None  # a tenth of the rate with the lowest loss; None where the loss does not fall
    steepest: float | None  # the rate at which it falls fastest


def losses(fit: Fit, span: Span) -> Generator[float, None, float | None]:
    """The loss at each rate before its step, where it is a number.

    Ends early where the training diverges; returns the rate at which it had, None where it got to the highest.
    """
    per_epoch = steps_per_epoch(len(fit.pictures), fit.recipe)
    starts = tuple(at // per_epoch + at % per_epoch / per_epoch for at in range(span.steps))
    factors = tuple(rate / span.highest for rate in span.rates)
    optimiser = replace(fit.recipe.optimiser, lr=span.highest)
    fit = replace(fit, recipe=replace(fit.recipe, optimiser=optimiser, schedule=Steps(starts, factors)))
    set_learning(fit, 0)
    best, smooth, done = math.inf, 0.0, 0
    for epoch in range(math.ceil(span.steps / per_epoch)):
        for tensor, _ in steps(fit, epoch):
            loss, tried, done = float(tensor), span.rates[done], done + 1
            if not math.isfinite(loss):
                return tried
            yield loss
            smooth = 0.8 * smooth + 0.2 * loss
            level = smooth / (1 - 0.8**done)
            if level > BROKEN * best:
                return tried
            if done == span.steps:
                return None
            best = min(best, level)
    return None


def trial(architecture: Architecture, recipe: Recipe, pictures: Prepared, classes: int, seed: int) -> Fit:
    """A training from its first weights, kept nowhere."""
    compute.keep_freed_memory()
    job = Job("", architecture.name, recipe, seed)
    fit = make_fit(architecture, job, pictures, classes, compute.for_training())
    begin_from(fit.network, architecture, recipe)
    return fit


def read(rates: list[float], measured: list[float]) -> Reading:
    """The rates that a curve suggests.

    A tenth of the rate with the lowest smoothed loss (J. Howard, S. Gugger: Deep Learning for Coders, O'Reilly 2020,
    ch. 5), because at the lowest point the steps are already so long that they undo each other.
    """
    smoothed = _smoothed(np.asarray(measured))
    lowest = int(smoothed.argmin())
    if len(measured) < 2 * _EDGE or smoothed[lowest] > _FALLEN * smoothed[:_EDGE].mean():
        return Reading(tuple(smoothed.tolist()), None, None)
    slopes = np.gradient(smoothed, np.log(rates[: len(smoothed)]))
    within = slopes[_EDGE : max(lowest, _EDGE) + 1]
    return Reading(tuple(smoothed.tolist()), rates[lowest] / _TENTH, rates[_EDGE + int(within.argmin())])


def _smoothed(measured: np.ndarray) -> np.ndarray:
    """Each loss averaged with those around it by a bell curve; unlike a running mean it does not lag behind."""
    at = np.arange(len(measured))
    weights = np.exp(-0.5 * ((at[:, None] - at[None]) / max(1.0, _WIDTH * len(at))) ** 2)
    return weights @ measured / weights.sum(1)
