"""How long a training will take, by trying a few of its steps."""

import copy
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from statistics import median
from typing import TypeVar

from striate.fitting.averaging import make_average
from striate.fitting.optimisers import make_optimiser
from striate.fitting.steps import Fit, set_learning, steps, steps_per_epoch
from striate.fitting.watch import Unwatched
from striate.problem import Misuse

T = TypeVar("T")

_TRIED_SECONDS = 0.4


@dataclass(frozen=True)
class Estimate:
    """What a training will take, by the machine it was tried on."""

    seconds: float  # of the whole of it
    learning: float  # of a picture's share in a step, its decoding included


def estimated(fit: Fit, val_count: int) -> Estimate:
    """A few steps are tried on a copy, and a validation picture is taken for a third of one.

    Rows learn in it as they do in the end. A training that gives up before takes less.
    """
    trial = copy.deepcopy(fit.trained)
    optimiser, average = make_optimiser(fit.recipe, trial, fit.classifier), make_average(fit.recipe.averaging, trial)
    tried = replace(fit, trained=trial, optimiser=optimiser, average=average, watch=Unwatched())
    set_learning(tried, fit.recipe.epochs - 1)
    spent: list[float] = []
    began = time.perf_counter()
    with closing(steps(tried, 0)) as walk:
        for _ in _refusing_single_values(walk):
            spent.append(time.perf_counter() - began)
            if len(spent) > 1 and sum(spent) > _TRIED_SECONDS:
                break
            began = time.perf_counter()
    each = median(spent[1:] or spent)  # the first step warms up
    per_epoch = steps_per_epoch(len(fit.pictures), fit.recipe) + val_count / fit.recipe.batch / 3
    return Estimate(each * per_epoch * fit.recipe.epochs, each / min(fit.recipe.batch, len(fit.pictures)))


def _refusing_single_values(walk: Iterator[T]) -> Iterator[T]:
    """The steps; Misuse where batch normalisation finds one value only to take the mean and the variance of."""
    try:
        yield from walk
    except ValueError as error:
        if "more than 1 value per channel" in str(error):
            raise Misuse("train.single_value") from error
        raise
