"""Ways down a ground, the MSE of a line or a function, at several learning rates: walked, and drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from striate.figures.colours import INK
from striate.foundations import regression
from striate.foundations.regression import line
from striate.lessons import charts
from striate.lessons.charts import BLUE, RED, Places
from striate.lessons.options import Numbers
from striate.words import say

if TYPE_CHECKING:
    import altair

    from striate.foundations.surfaces import Surface

_SHARES = range(5, 121, 5)  # of the largest stable learning rate, in hundredths: where the slider can stand
_STEPS = 40  # that the chart shows
_WIDE, _GRID = 240, 101


@dataclass(frozen=True)
class Ground:
    """What is gone down on: a function, or where there is none the MSE of a line through the examples."""

    x: Numbers
    y: Numbers
    start: Numbers  # of the line
    surface: Surface | None


class Asked(NamedTuple):
    """The learning rate asked for, and the largest that arrives where it is known."""

    rate: float
    stable: float | None


class At(NamedTuple):
    """A place on the way: a point and the value there."""

    point: tuple[float, ...]
    value: float


class Step(NamedTuple):
    """A step as the lesson prints it."""

    at: At
    gradient: tuple[float, ...]
    after: tuple[float, ...]


class Way(NamedTuple):
    """All steps from a start, and where they end."""

    steps: tuple[Step, ...]
    end: At
    diverged: bool


def walked(ground: Ground, rate: float, steps: int) -> Way:
    """Plain gradient descent at a learning rate."""
    surface = ground.surface
    if surface is None:
        start = ground.start or None
        walk = regression.descend(ground.x, ground.y, rate=rate, steps=steps, start=start)
        told = tuple(Step(At(each.weights, each.loss), each.gradient, each.after) for each in walk.trace)
        return Way(told, At(walk.weights, walk.loss), walk.diverged)
    from striate.foundations.descent import Sgd, descend

    path = descend(surface, surface.start, rule=Sgd(rate), steps=steps)
    told = tuple(Step(At(each.point, each.value), each.gradient, each.after) for each in path.trace)
    return Way(told, At(path.end, path.value), path.diverged)


def drawn(ground: Ground, asked: Asked, language: str) -> altair.TopLevelMixin:
    """The way at each learning rate: where it leads, and how the value falls or does not."""
    import altair

    surface, whole = ground.surface, asked.stable or asked.rate
    walks = {share: walked(ground, whole * share / 100, _STEPS) for share in _SHARES}
    title = say("lesson.descent.share" if asked.stable else "lesson.descent.share_of_own", language)
    first = min(_SHARES, key=lambda share: abs(share - 100 * asked.rate / whole))
    slider = charts.slider("share", title, first, Places(_SHARES[0], _SHARES[-1], 5))
    rows = [
        {
            "share": share, "rate": whole * share / 100, "step": step,
            "x": at.point[0], "y": at.point[-1], "value": at.value,
        }
        for share, walk in walks.items()
        for step, at in enumerate(_places(walk))
    ]  # fmt: skip
    here = charts.chart(rows).transform_filter("datum.share == share")
    kept = [[*_places(walk)] for share, walk in walks.items() if share <= 100 and _stays(walk, surface)]
    steady = [at for walk in kept for at in walk] or [walks[first].steps[0].at]
    if surface is not None:
        surface = replace(surface, domain=_domain([at.point for at in steady], 0.3))
    if surface is not None and len(surface.start) == 1:
        left = _curve(surface, here)
    else:
        left = _relief(ground, surface, steady, here)
    return altair.hconcat(left, _falling(here, steady, surface is None, language)).add_params(slider)


def _places(walk: Way) -> Iterator[At]:
    yield from (step.at for step in walk.steps)
    yield walk.end


def _relief(ground: Ground, surface: Surface | None, steady: Sequence[At], here: Any) -> Any:
    """The way over the heights seen from above."""
    import altair
    import numpy as np

    if surface is None:
        best, names = line(ground.x, ground.y), ("a", "b")
        domain = _domain([*(at.point for at in steady), (best.slope, best.intercept)])
        axes = [np.linspace(low, high, _GRID) for low, high in domain]
        heights, lowest = regression.landscape(ground.x, ground.y, *axes), [(best.slope, best.intercept)]
    else:
        from striate.foundations.surfaces import grid

        names, domain, heights, lowest = ("x", "y"), surface.domain, grid(surface, _GRID).heights, []
    x, y = (
        kind(f"{at}:Q", title=name, scale=charts.fixed(*ends))
        for kind, at, name, ends in zip((altair.X, altair.Y), "xy", names, domain, strict=True)
    )
    marks = charts.chart({"x": one, "y": other} for one, other in lowest)
    return altair.layer(
        charts.backdrop([{"url": charts.relief(heights)}], _WIDE, _WIDE),
        marks.mark_point(shape="cross", angle=45, size=140, filled=True, color=INK).encode(x=x, y=y),
        here.mark_line(color=BLUE, strokeWidth=1.5, clip=True).encode(x=x, y=y, order="step:Q"),
        here.mark_point(filled=True, size=35, color=BLUE, opacity=1, clip=True).encode(x=x, y=y, tooltip=["step:Q"]),
    ).properties(width=_WIDE, height=_WIDE)


def _curve(surface: Surface, here: Any) -> Any:
    """The way along the curve of a function of one variable."""
    import altair

    from striate.foundations.surfaces import grid

    drawn = grid(surface, 201)
    curve = [
        {"x": at, "value": value}
        for at, value in zip(*(part.tolist() for part in (*drawn.axes, drawn.heights)), strict=True)
    ]
    curve = [row for row in curve if row["value"] == row["value"]]
    x = altair.X("x:Q", title="x", scale=charts.fixed(*surface.domain[0]))
    y = altair.Y("value:Q", title="f(x)", scale=altair.Scale(zero=False))
    return altair.layer(
        charts.chart(curve).mark_line(color=INK, strokeWidth=1.5).encode(x=x, y=y),
        here.mark_line(color=BLUE, strokeWidth=1.2, clip=True).encode(x=x, y=y, order="step:Q"),
        here.mark_point(filled=True, size=45, color=BLUE, opacity=1, clip=True).encode(x=x, y=y, tooltip=["step:Q"]),
    ).properties(width=_WIDE, height=_WIDE)


def _falling(here: Any, steady: Sequence[At], squares: bool, language: str) -> Any:
    """The value over the steps; on top, the learning rate."""
    import altair

    values = [at.value for at in steady]
    low, high = min(values), max(values)
    scale = (
        altair.Scale(type="log", domain=[low / 1.5, high * 30])
        if squares and low > 0
        else charts.fixed(low - 0.05 * (high - low), high + 0.3 * (high - low))
    )
    x = altair.X("step:Q", title=say("lesson.descent.step", language), scale=charts.fixed(0, _STEPS))
    y = altair.Y("value:Q", title="MSE" if squares else "f", scale=scale)
    told = here.transform_filter("datum.step == 0").transform_calculate(words="'λ = ' + format(datum.rate, '.4~g')")
    return altair.layer(
        here.mark_line(color=RED, strokeWidth=2, clip=True).encode(x=x, y=y),
        told.mark_text(align="right", dx=-6, dy=12, fontSize=14, fontWeight="bold", color=INK).encode(
            x=altair.value(_WIDE), y=altair.value(0), text="words:N"
        ),
    ).properties(width=_WIDE, height=_WIDE)


def _stays(walk: Way, surface: Surface | None) -> bool:
    """Whether a way keeps within the domain of a function, so that it may set what the picture shows."""
    return surface is None or all(
        low <= value <= high
        for at in _places(walk)
        for value, (low, high) in zip(at.point, surface.domain, strict=True)
    )


def _domain(points: Sequence[tuple[float, ...]], room: float = 0.08) -> tuple[tuple[float, float], ...]:
    """Room for all points, with a margin."""
    found = []
    for values in zip(*points, strict=True):
        low, high = min(values), max(values)
        margin = room * (high - low) or 1.0
        found.append((low - margin, high + margin))
    return tuple(found)
