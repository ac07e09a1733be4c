"""Gradient descent on the MSE of a line, or on a function that a person types: which learning rates arrive."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from striate.figures.colours import INK
from striate.foundations import regression
from striate.foundations.examples import HOURS, MARKS
from striate.foundations.given import count
from striate.foundations.regression import Curvature, line
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, RED, Places
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, Text, shown
from striate.lessons.written import abridged, bracketed
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

    from striate.foundations.surfaces import Surface

_SHARES = range(5, 121, 5)  # of the largest stable learning rate, in hundredths: where the slider can stand
_STEPS = 40  # that the chart shows
_WIDE, _GRID = 240, 101


@dataclass(frozen=True)
class Options:
    """The notes' four students; the learning rate is a little below the largest that arrives."""

    x: Numbers = HOURS
    y: Numbers = MARKS
    rate: float = 0.03
    steps: int = 10
    function: str = ""
    start: Numbers = ()


class At(NamedTuple):
    """A place on the way: a point and the value there."""

    point: tuple[float, ...]
    value: float


class Step(NamedTuple):
    """A step as the lesson prints it."""

    at: At
    gradient: tuple[float, ...]
    after: tuple[float, ...]


@dataclass(frozen=True)
class Trace:
    """The steps at the rate asked for; ``stable`` is the largest rate that arrives, near the lowest point.

    ``endless`` is a function without a lowest point, which falls for ever.
    """

    rate: float
    steps: tuple[Step, ...]
    end: At
    diverged: bool
    stable: float | None
    curvature: Curvature | None
    endless: bool = False


def lesson(options: Options) -> Lesson:
    count(options.steps, "steps", most=50_000)
    surface = _typed(options)
    trace = _on_surface(options, surface) if surface else _on_line(options)
    names = surface.formula.variables if surface else ("a", "b")
    told = (
        Formula(_function_worked(surface, trace)) if surface else Formula(_line_worked(options, trace)),
        _table(names, trace),
        Say(_words(_course(trace), value=shown(trace.end.value))),
    )
    seen = "chart_summary_own" if trace.stable is None else "chart_summary"
    return Lesson(
        "descent",
        (
            Say(_words("intro")),
            Formula(("xₖ₊₁ = xₖ - λ · f'(xₖ)",)),
            Say(_words("on_function", text=surface.formula.text) if surface else _words("on_line")),
            *told,
            Question(_words("ask_rate"), _words("tell_rate")),
            *_limit(trace),
            Chart(_words("chart"), _words(seen), lambda language: _chart(options, surface, trace, language)),
        ),
        trace,
        more=(
            "learn descent --rate 0.033", "learn descent --function 'x**4 - 3*x**2 + x' --start 2", "learn optimisers",
            "lr-find",
        ),
    )  # fmt: skip


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.descent.{key}", values)


def _typed(options: Options) -> Surface | None:
    if not options.function:
        return None
    from striate.foundations.surfaces import typed

    return typed(options.function, start=options.start or None)


def _on_line(options: Options) -> Trace:
    found = _descended(options, None, options.rate, options.steps)
    bent = regression.curvature(options.x)
    return Trace(options.rate, *found, bent.largest_rate, bent)


def _on_surface(options: Options, surface: Surface) -> Trace:
    """The rate that is stable at the lowest point is 2 / its largest curvature; nothing is said of other places."""
    from striate.foundations.endless import falls_without_end
    from striate.foundations.newton import newton

    found = _descended(options, surface, options.rate, options.steps)
    lowest = newton(surface, found.end.point, steps=50) if not found.diverged else None
    reached = lowest is not None and lowest.kind == "minimum" and lowest.stopped == "converged"
    stable = 2 / lowest.eigenvalues[0] if lowest is not None and reached else None
    endless = stable is None and falls_without_end(surface, surface.start)
    return Trace(options.rate, *found, stable, None, endless)


class _Descended(NamedTuple):
    steps: tuple[Step, ...]
    end: At
    diverged: bool


def _descended(options: Options, surface: Surface | None, rate: float, steps: int) -> _Descended:
    if surface is None:
        start = options.start or None
        walk = regression.descend(options.x, options.y, rate=rate, steps=steps, start=start)
        told = tuple(Step(At(each.weights, each.loss), each.gradient, each.after) for each in walk.trace)
        return _Descended(told, At(walk.weights, walk.loss), walk.diverged)
    from striate.foundations.descent import Sgd, descend

    path = descend(surface, surface.start, rule=Sgd(rate), steps=steps)
    told = tuple(Step(At(each.point, each.value), each.gradient, each.after) for each in path.trace)
    return _Descended(told, At(path.end, path.value), path.diverged)


def _line_worked(options: Options, trace: Trace) -> tuple[str, ...]:
    first, n, rate = trace.steps[0], len(options.x), shown(trace.rate)
    (a, b), (by_a, by_b), (next_a, next_b) = first.at.point, first.gradient, first.after
    return (
        "f(a, b) = MSE = Σ(p - y)² / n,  p = a·x + b",
        f"∂MSE/∂a = 2/n · Σ x(p - y) = 2/{n} · {bracketed(by_a * n / 2)} = {shown(by_a)}",
        f"∂MSE/∂b = 2/n · Σ (p - y)  = 2/{n} · {bracketed(by_b * n / 2)} = {shown(by_b)}",
        "",
        f"a ← a - λ · ∂MSE/∂a = {shown(a)} - {rate} · {bracketed(by_a)} = {shown(next_a)}",
        f"b ← b - λ · ∂MSE/∂b = {shown(b)} - {rate} · {bracketed(by_b)} = {shown(next_b)}",
    )


def _function_worked(surface: Surface, trace: Trace) -> tuple[str, ...]:
    first, rate = trace.steps[0], shown(trace.rate)
    names = surface.formula.variables
    lines = [f"f({', '.join(names)}) = {surface.formula.text}", ""]
    for name, at, slope, after in zip(names, first.at.point, first.gradient, first.after, strict=True):
        lines.append(f"{name} ← {name} - λ · ∂f/∂{name} = {shown(at)} - {rate} · {bracketed(slope)} = {shown(after)}")
    return tuple(lines)


def _table(names: Sequence[str], trace: Trace) -> parts.Table:
    value = "MSE" if names[0] == "a" else "f"
    rows = [
        tuple(map(shown, (number, *step.at.point, step.at.value, *step.gradient)))
        for number, step in enumerate(trace.steps)
    ]
    end = (shown(len(trace.steps)), *map(shown, trace.end.point), shown(trace.end.value), *("",) * len(names))
    header: tuple[Text, ...] = (_words("step"), *names, value, *(f"∂{value}/∂{name}" for name in names))
    return parts.Table(header, abridged([*rows, end]), left=0)


def _course(trace: Trace) -> str:
    """How it goes: stopped where there is no value, or since it diverged; about to diverge, or downhill."""
    if math.isnan(trace.end.value):
        return "nowhere"
    higher = trace.end.value > trace.steps[0].at.value
    if trace.diverged:
        return "endless" if trace.endless and not higher else "diverged"
    return "rising" if higher else "arriving"


def _limit(trace: Trace) -> tuple[parts.Part, ...]:
    """How large a rate may be, and where that comes from."""
    if trace.stable is None:
        return (Heading(_words("limit")), Say(_words("no_limit_endless" if trace.endless else "no_limit")))
    stable = shown(trace.stable)
    if trace.curvature is None:
        return (Heading(_words("limit")), Say(_words("limit_function", rate=stable)))
    bent = trace.curvature
    (aa, ab), (_, bb) = bent.hessian
    first, last = bent.eigenvalues
    worked = (
        f"H = 2/n · XᵀX = 2/n · [Σx²  Σx]  =  [{shown(aa)}  {shown(ab)}]",
        f"                      [Σx    n ]     [{shown(ab)}  {shown(bb)}]",
        f"μ₁ = {shown(first)},  μ₂ = {shown(last)}",
        f"λ < 2 / μ₁ = 2 / {shown(first)} = {stable}",
    )
    condition = shown(bent.condition, 3)
    return (
        Heading(_words("limit")),
        Say(_words("limit_line")),
        Formula(worked),
        Say(_words("limit_means", rate=stable, condition=condition)),
        Question(_words("ask_half"), _words("tell_half", rate=shown(2 * trace.stable)), expected=2 * trace.stable),
    )


def _chart(options: Options, surface: Surface | None, trace: Trace, language: str) -> altair.TopLevelMixin:
    """The way at each learning rate: where it leads, and how the value falls or does not."""
    import altair

    whole = trace.stable or trace.rate
    walks = {share: _descended(options, surface, whole * share / 100, _STEPS) for share in _SHARES}
    title = say("lesson.descent.share" if trace.stable else "lesson.descent.share_of_own", language)
    first = min(_SHARES, key=lambda share: abs(share - 100 * trace.rate / whole))
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
        left = _relief(options, surface, steady, here)
    return altair.hconcat(left, _falling(here, steady, surface is None, language)).add_params(slider)


def _places(walk: _Descended) -> Iterator[At]:
    yield from (step.at for step in walk.steps)
    yield walk.end


def _relief(options: Options, surface: Surface | None, steady: Sequence[At], here: Any) -> Any:
    """The way over the heights seen from above."""
    import altair
    import numpy as np

    if surface is None:
        best, names = line(options.x, options.y), ("a", "b")
        domain = _domain([*(at.point for at in steady), (best.slope, best.intercept)])
        axes = [np.linspace(low, high, _GRID) for low, high in domain]
        heights, lowest = regression.landscape(options.x, options.y, *axes), [(best.slope, best.intercept)]
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


def _stays(walk: _Descended, surface: Surface | None) -> bool:
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
