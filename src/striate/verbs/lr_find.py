"""The learning rate range test: which rates a network learns at, found in one short training."""

import math
from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from striate import compute
from striate.data.augment import training_view
from striate.data.canvases import prepare
from striate.data.sets import DEFAULT_SET
from striate.fitting.changes import Changes, Name
from striate.fitting.events import Fetching
from striate.fitting.planning import planned
from striate.fitting.range_test import Span, losses, read, trial
from striate.problem import Failed, Misuse
from striate.recipe import Recipe
from striate.verbs.train import weights_fetched
from striate.work import drained

T = TypeVar("T")

_FEWEST_STEPS = 20


@dataclass(frozen=True)
class Found:
    """The loss at each learning rate, and what that suggests."""

    net: str
    data: str
    rates: tuple[float, ...]  # those tried
    losses: tuple[float, ...]  # of the batch at each rate, before its step
    smoothed: tuple[float, ...]
    suggested: float | None  # a tenth of the rate with the lowest smoothed loss; None where the loss does not fall
    steepest: float | None  # where the smoothed loss falls fastest
    diverged_at: float | None  # the rate at which the loss had broken out; None where it did not

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def lr_find(
    data: str | Path = DEFAULT_SET,
    *,
    net: str | None = None,
    recipe: Recipe | Changes | Name = "modern",
    rates: tuple[float, float] = (1e-6, 1.0),
    steps: int = 100,
    seed: int = 0,
) -> Found:
    """Trains for a few steps at ever higher rates, and writes nothing; see lr_finding()."""
    return drained(lr_finding(data, net=net, recipe=recipe, rates=rates, steps=steps, seed=seed))


def lr_finding(
    data: str | Path = DEFAULT_SET,
    *,
    net: str | None = None,
    recipe: Recipe | Changes | Name = "modern",
    rates: tuple[float, float] = (1e-6, 1.0),
    steps: int = 100,
    seed: int = 0,
) -> Generator[Fetching | float, None, Found]:
    """The same, loss by loss; what was found is returned at the end.

    data, net, recipe and seed are those of training(), and as there published weights that are named are fetched first;
    the recipe's rate and schedule give way to so many steps from the lower to the higher of two rates. Raises Misuse,
    BadData and Failed with their words.
    """
    span = Span(*rates, steps)
    _check(span)
    plan = planned(data, net=net, recipe=recipe, seed=seed)
    yield from weights_fetched(plan.architecture, plan.recipe.start)
    view = training_view(plan.recipe.view, plan.recipe.augment)
    pictures = drained(prepare(plan.divided.parts["train"], view, compute.for_training().threads))
    classes = len(plan.divided.found.classes)
    measured: list[float] = []
    broken_at = yield from _kept(losses(trial(plan.architecture, plan.recipe, pictures, classes, seed), span), measured)
    if len(measured) < 2:
        raise Failed("lr_find.broken", net=plan.architecture.name)
    reading = read(span.rates, measured)
    return Found(
        net=plan.architecture.name,
        data=plan.divided.found.name,
        rates=tuple(span.rates[: len(measured)]),
        losses=tuple(measured),
        smoothed=reading.smoothed,
        suggested=reading.suggested,
        steepest=reading.steepest,
        diverged_at=broken_at,
    )


def _kept(work: Generator[float, None, T], measured: list[float]) -> Generator[float, None, T]:
    """The losses, each added to those measured as it passes."""
    while True:
        try:
            loss = next(work)
        except StopIteration as end:
            return cast(T, end.value)
        measured.append(loss)
        yield loss


def _check(span: Span) -> None:
    if not 0 < span.lowest < span.highest < math.inf:
        raise Misuse("lr_find.span", lowest=span.lowest, highest=span.highest)
    if span.steps < _FEWEST_STEPS:
        raise Misuse("lr_find.steps", steps=span.steps, fewest=_FEWEST_STEPS)
