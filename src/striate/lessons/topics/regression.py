"""The line, and the plane, that comes nearest to all examples: least squares, MSE, RMSE, R2."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.figures.colours import INK
from striate.foundations.examples import HOURS, LESSONS, MARKS
from striate.foundations.regression import Fit, Line, Plane, landscape, line, plane
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, FAINT, RED, Places
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.lessons.written import abridged, bracketed, summed, with_sign
from striate.problem import BadData
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_REACH = 100  # places of a slider on either side of the best
_WIDE, _GRID = 250, 101
_NAMES = ("a₁", "a₂", "b ")


@dataclass(frozen=True)
class Options:
    """The notes' four students: hours of study and grades; hours of private lessons come second."""

    x: Numbers = HOURS
    y: Numbers = MARKS
    x2: Numbers = ()


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows; no plane where there is one x only."""

    line: Line
    plane: Plane | None


def lesson(options: Options) -> Lesson:
    if len(options.x) != len(options.y) and (options.x == HOURS or options.y == MARKS):
        raise BadData("learn.regression.alone", x=len(options.x), y=len(options.y))
    fitted = line(options.x, options.y)
    second = options.x2 or (LESSONS if _notes(options) else ())
    both = plane(_pairs(options.x, second), options.y) if second else None
    trace = Trace(fitted, both)
    return Lesson(
        "regression",
        (
            Say(_words("intro" if _notes(options) else "intro_own", count=len(options.x))),
            Heading(_words("squares")),
            Say(_words("why_squares")),
            _deviations(fitted),
            Formula(_line_worked(options, fitted)),
            Say(_words("line_means", slope=shown(fitted.slope), intercept=shown(fitted.intercept))),
            Heading(_words("error")),
            _residuals(options.y, fitted.fit),
            Formula(_error_worked(options.y, fitted.fit)),
            Say(_words("error_means")),
            *((Say(_words("no_r2")),) if fitted.fit.r2 is None else ()),
            *_line_questions(options, fitted),
            Chart(
                _words("chart"), _words("chart_summary", mse=shown(fitted.fit.mse)),
                lambda language: _chart(options, fitted, language),
            ),
            *(_plane_parts(options, second, trace) if both else ()),
        ),
        trace,
        more=("learn regression --x 1,2,3 --y 2,4,5", "learn descent", "learn newton"),
    )  # fmt: skip


def _notes(options: Options) -> bool:
    """Whether the examples are those of the notes, and may be spoken of as students."""
    return (options.x, options.y) == (HOURS, MARKS)


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.regression.{key}", values)


def _pairs(x: Numbers, second: Numbers) -> tuple[tuple[float, float], ...] | Numbers:
    """Both x of each example; what does not fit together is left for ``plane`` to refuse."""
    return tuple(zip(x, second, strict=True)) if len(x) == len(second) else second


def _deviations(fitted: Line) -> parts.Table:
    rows = [
        tuple(map(shown, (each.x, each.y, each.x_deviation, each.y_deviation, each.product, each.square)))
        for each in fitted.deviations
    ]
    total = (_words("sum"), "", "", "", shown(fitted.products), shown(fitted.squares))
    header = ("x", "y", "x - x̄", "y - ȳ", "(x - x̄)(y - ȳ)", "(x - x̄)²")
    return parts.Table(header, (*abridged(rows), total), left=0)


def _line_worked(options: Options, fitted: Line) -> tuple[str, ...]:
    n, a = len(options.x), shown(fitted.slope)
    mean_x, mean_y = shown(fitted.mean_x), shown(fitted.mean_y)
    lines = (
        f"x̄ = ({summed([bracketed(each) for each in options.x])}) / {n} = {mean_x}",
        f"ȳ = ({summed([bracketed(each) for each in options.y])}) / {n} = {mean_y}",
        "",
        "a = Σ(x - x̄)(y - ȳ) / Σ(x - x̄)²",
        f"  = {shown(fitted.products)} / {shown(fitted.squares)}",
        f"  = {_with_fraction(fitted.slope, fitted.exact and fitted.exact[0])}",
        "b = ȳ - a · x̄",
        f"  = {mean_y} - {bracketed(fitted.slope)} · {bracketed(fitted.mean_x)}",
        f"  = {_with_fraction(fitted.intercept, fitted.exact and fitted.exact[1])}",
    )
    return (*lines, "", f"y = {a}·x {with_sign(fitted.intercept)}")


def _with_fraction(value: float, exact: Any) -> str:
    """A number, behind the fraction that it is where that says more."""
    text = shown(value)
    return text if exact is None or exact.denominator == 1 else f"{exact} = {text}"


def _residuals(y: Numbers, fit: Fit) -> parts.Table:
    rows = [
        (shown(truth), shown(predicted), shown(residual), shown(residual**2))
        for truth, predicted, residual in zip(y, fit.predictions, fit.residuals, strict=True)
    ]
    total = ("", "", _words("sum"), shown(fit.sse))
    return parts.Table(("y", "p", "p - y", "(p - y)²"), (*abridged(rows), total), left=0)


def _error_worked(y: Numbers, fit: Fit) -> tuple[str, ...]:
    n = len(y)
    lines = (
        f"MSE  = Σ(p - y)² / n = {shown(fit.sse)} / {n} = {shown(fit.mse)}",
        f"RMSE = √MSE          = √{shown(fit.mse)} = {shown(fit.rmse)}",
    )
    if fit.r2 is None:
        return lines
    return (*lines, f"R²   = 1 - Σ(p - y)² / Σ(y - ȳ)² = 1 - {shown(fit.sse)} / {shown(fit.spread)} = {shown(fit.r2)}")


def _line_questions(options: Options, fitted: Line) -> tuple[Question, ...]:
    middle, spread = fitted.mean_x, fitted.fit.spread / len(options.y)
    told = _words("tell_mean_flat") if fitted.fit.r2 is None else _words("tell_mean", value=shown(spread))
    return (
        Question(
            _words("ask_middle", x=shown(middle)), _words("tell_middle", value=shown(fitted.mean_y)),
            expected=fitted.mean_y,
        ),
        Question(_words("ask_mean"), told, expected=spread),
    )  # fmt: skip


def _plane_parts(options: Options, second: Numbers, trace: Trace) -> tuple[parts.Part, ...]:
    assert trace.plane is not None
    found, before = trace.plane, trace.line.fit
    first, other, last = found.weights
    return (
        Heading(_words("plane")),
        Say(_words("plane_intro" if _notes(options) and second == LESSONS else "plane_intro_own")),
        Formula(_equations(found)),
        Question(_words("ask_second"), _words("tell_second", value=shown(other)), expected=other),
        Formula(_solved(found)),
        _plane_table(options, second, found),
        Formula(_error_worked(options.y, found.fit)),
        Say(
            _words("plane_means", first=shown(first), other=shown(other), last=shown(last), mse=shown(found.fit.mse),
                   before=shown(before.mse))
        ),
    )  # fmt: skip


def _equations(found: Plane) -> tuple[str, ...]:
    """The three normal equations with their numbers."""
    sides = [[f"{shown(number)}·{name.strip()}" for number, name in zip(row, _NAMES, strict=True)] for row in found.xtx]
    wide = [max(len(row[column]) for row in sides) for column in range(3)]
    return (
        "XᵀX w = Xᵀy,  w = (a₁, a₂, b)",
        "",
        *(
            f"{' + '.join(cell.rjust(room) for cell, room in zip(row, wide, strict=True))} = {shown(right)}"
            for row, right in zip(sides, found.xty, strict=True)
        ),
    )


def _solved(found: Plane) -> tuple[str, ...]:
    """What solves them."""
    exact = found.exact or (None,) * 3
    return tuple(
        f"{name} = {_with_fraction(weight, fraction)}"
        for name, weight, fraction in zip(_NAMES, found.weights, exact, strict=True)
    )


def _plane_table(options: Options, second: Numbers, found: Plane) -> parts.Table:
    columns = (options.x, second, options.y, found.fit.predictions, found.fit.residuals)
    rows = [(*map(shown, row), shown(row[-1] ** 2)) for row in zip(*columns, strict=True)]
    return parts.Table(("x₁", "x₂", "y", "p", "p - y", "(p - y)²"), abridged(rows), left=0)


@dataclass(frozen=True)
class _Room:
    """What the sliders can reach: the best line in the middle, steps of one digit."""

    slope: Places
    intercept: Places


def _room(options: Options, fitted: Line) -> _Room:
    wide, high = max(options.x) - min(options.x), (max(options.y) - min(options.y)) or 1.0
    return _Room(
        _places(fitted.slope, max(2 * high / wide, 1.5 * abs(fitted.slope))),
        _places(fitted.intercept, max(2 * high, 1.5 * abs(fitted.intercept - fitted.mean_y))),
    )


def _places(middle: float, reach: float) -> Places:
    step = float(f"{reach / _REACH:.0e}")
    digits = max(0, 6 - math.floor(math.log10(step)))
    return Places(round(middle - _REACH * step, digits), round(middle + _REACH * step, digits), step)


def _chart(options: Options, fitted: Line, language: str) -> altair.TopLevelMixin:
    """The line of the sliders among the examples; beside it its place on the MSE of all lines."""
    import altair

    room = _room(options, fitted)
    slope = charts.slider("slope", say("lesson.regression.slope", language), 0, room.slope)
    level = charts.slider(
        "intercept", say("lesson.regression.intercept", language), round(fitted.mean_y, 2), room.intercept
    )
    return altair.hconcat(_examples(options, fitted, language), _landscape(options, fitted, room, language)).add_params(
        slope, level
    )


def _examples(options: Options, fitted: Line, language: str) -> Any:
    import altair

    low, high = min(options.x), max(options.x)
    margin = 0.1 * (high - low)
    tall = (max(options.y) - min(options.y)) or 1.0
    x = altair.X("x:Q", title="x", scale=charts.fixed(low - margin, high + margin))
    y = altair.Y("y:Q", title="y", scale=charts.fixed(min(options.y) - tall, max(options.y) + tall))
    rows = [{"x": each, "y": other} for each, other in zip(options.x, options.y, strict=True)]
    points = charts.chart(rows)
    moved = points.transform_calculate(p="slope * datum.x + intercept")
    ends = [{"x": each, "y": fitted.slope * each + fitted.intercept} for each in (low - margin, high + margin)]
    told = say("lesson.regression.mse_now", language)
    text = (
        moved.transform_calculate(square="(datum.p - datum.y) * (datum.p - datum.y)")
        .transform_aggregate(mse="mean(square)")
        .transform_calculate(words=f"'{told} ' + format(datum.mse, '.4~g')")
        .mark_text(align="left", dx=6, dy=12, fontSize=14, fontWeight="bold", color=INK)
        .encode(x=altair.value(0), y=altair.value(0), text="words:N")
    )
    return altair.layer(
        charts.chart(ends).mark_line(color=FAINT, strokeDash=[4, 4], clip=True).encode(x=x, y=y),
        moved.mark_rule(color=RED, strokeWidth=2, clip=True).encode(x=x, y=y, y2="p:Q"),
        charts.chart(ends).transform_calculate(y="slope * datum.x + intercept")
        .mark_line(color=BLUE, strokeWidth=2.5, clip=True).encode(x=x, y=y),
        points.mark_point(filled=True, size=110, color=INK, opacity=1).encode(x=x, y=y),
        text,
    ).properties(width=_WIDE, height=_WIDE)  # fmt: skip


def _landscape(options: Options, fitted: Line, room: _Room, language: str) -> Any:
    """The MSE of every slope and intercept that the sliders can reach, as a relief."""
    import altair
    import numpy as np

    (low, high, _), (under, over, _) = room.slope, room.intercept
    heights = landscape(options.x, options.y, np.linspace(low, high, _GRID), np.linspace(under, over, _GRID))
    x = altair.X("a:Q", title=say("lesson.regression.slope", language), scale=charts.fixed(low, high))
    y = altair.Y("b:Q", title=say("lesson.regression.intercept", language), scale=charts.fixed(under, over))
    best = charts.chart([{"a": fitted.slope, "b": fitted.intercept}])
    here = charts.chart([{}]).transform_calculate(a="slope", b="intercept")
    return altair.layer(
        charts.backdrop([{"url": charts.relief(heights)}], _WIDE - 40, _WIDE),
        best.mark_point(shape="cross", size=160, color=INK, filled=True, angle=45).encode(x=x, y=y),
        here.mark_point(filled=True, size=170, color=BLUE, opacity=1, clip=True).encode(x=x, y=y),
    ).properties(width=_WIDE - 40, height=_WIDE)
