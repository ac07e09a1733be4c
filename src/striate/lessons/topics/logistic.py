"""Logistic regression: a probability from a line, the two branches of its loss, and examples with no best curve."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from striate.figures.colours import INK
from striate.foundations.examples import EXAM_HOURS, PASSED
from striate.foundations.given import count
from striate.foundations.logistic import Fit, Step, branches, descend, newton
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, FAINT, RED, Places
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.lessons.written import abridged, bracketed, rounded, summed
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_SHOWN = (0, 1, 2, 5, 10, 100, 1000, 10_000, 100_000)  # steps of the table
_FURTHEST = 6.0  # z of the picture of both branches
_ROUNDING = 1e-9  # of a loss, of z
_WIDE = 240


@dataclass(frozen=True)
class Options:
    """The notes' six students: hours of study, and whether they passed."""

    x: Numbers = EXAM_HOURS
    targets: Numbers = PASSED
    rate: float = 0.1
    steps: int = 10_000
    penalty: float = 0.0


@dataclass(frozen=True)
class Trace:
    """Some steps of the descent, where it ended, and the best curve, with a penalty where there is none without."""

    steps: tuple[Step, ...]
    end: Fit
    best: Fit


def lesson(options: Options) -> Lesson:
    count(options.steps, "steps", most=50_000)
    fit = descend(options.x, options.targets, rate=options.rate, steps=options.steps, penalty=options.penalty)
    penalty = options.penalty or float(fit.separator is not None)
    best = newton(options.x, options.targets, penalty=penalty)
    some = tuple(each for each in fit.trace if each.number - 1 in _SHOWN)
    end = Fit((), fit.weights, fit.boundary, fit.loss, fit.examples, fit.separator, fit.stopped)
    trace = Trace(some, end, best)
    loss = fit.trace[0].loss
    return Lesson(
        "logistic",
        (
            Say(_words("intro") if _notes(options) else _words("intro_own", count=len(options.x))),
            Formula(("y = σ(a·x + b),   σ(z) = 1 / (1 + e⁻ᶻ)", "y = ½  ⟺  a·x + b = 0  ⟺  x = -b / a")),
            Say(_words("weights")),
            Chart(_words("chart_curve"), _words("chart_curve_summary"), lambda _: _curve(options)),
            Question(_words("ask_boundary"), _words("tell_boundary"), expected=7),
            Heading(_words("loss")),
            Say(_words("loss_intro")),
            Formula(("L = -(1/N) · Σ [ t·log y + (1 - t)·log(1 - y) ]", "t = 1:  -log y", "t = 0:  -log(1 - y)")),
            Chart(_words("chart_branches"), _words("chart_branches_summary"), _branches),
            Question(_words("ask_start"), _words("tell_start", value=shown(loss)), expected=loss),
            Heading(_words("descent")),
            Formula(_first_step(options, fit)),
            _table(fit),
            *_course(options, fit),
            *_verdict(options, trace, _risen(fit)),
            _answers(fit),
        ),
        trace,
        more=("learn logistic --penalty 1", "learn logistic --targets 0,0,1,0,1,1", "learn perceptron"),
    )


def _notes(options: Options) -> bool:
    """Whether the examples are those of the notes, hours of study, and may be spoken of as such."""
    return (options.x, options.targets) == (EXAM_HOURS, PASSED)


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.logistic.{key}", values)


def _first_step(options: Options, fit: Fit) -> tuple[str, ...]:
    """From a = 0 and b = 0, where every y is 1/2."""
    first, n = fit.trace[0], len(options.x)
    by_a, by_b = first.gradient
    half = [0.5 - target for target in options.targets]
    terms = [f"{bracketed(error)}·{bracketed(x)}" for error, x in zip(half, options.x, strict=True)]
    rate = shown(options.rate)
    return (
        "∂L/∂a = (1/N) · Σ (y - t)·x,   ∂L/∂b = (1/N) · Σ (y - t)",
        "",
        f"∂L/∂a = ({summed(terms)}) / {n} = {shown(by_a)}",
        f"∂L/∂b = ({summed([bracketed(error) for error in half])}) / {n} = {shown(by_b)}",
        f"a ← 0 - {rate}·{bracketed(by_a)} = {shown(first.after[0])}",
        f"b ← 0 - {rate}·{bracketed(by_b)} = {shown(first.after[1])}",
    )


def _table(fit: Fit) -> parts.Table:
    rows = [
        (f"{each.number - 1:,}", *map(shown, each.weights), shown(each.boundary), shown(each.loss))
        for each in fit.trace
        if each.number - 1 in _SHOWN
    ]
    end = (f"{len(fit.trace):,}", *map(shown, fit.weights), shown(fit.boundary), shown(fit.loss))
    return parts.Table((_words("step"), "a", "b", "-b / a", "L"), (*rows, end), left=0)


def _course(options: Options, fit: Fit) -> Iterator[parts.Part]:
    """What the table shows of a rate that is too large, and why it ends before all steps are taken."""
    if _risen(fit):
        yield Say(_words("risen", rate=shown(options.rate)))
    if fit.stopped and len(fit.trace) < options.steps:
        yield Say(_words("diverged" if fit.stopped == "diverged" else "early", step=len(fit.trace)))


def _risen(fit: Fit) -> bool:
    """Whether a step has led up."""
    losses = [*(each.loss for each in fit.trace), fit.loss]
    return any(after > before * (1 + _ROUNDING) for before, after in pairwise(losses))


def _verdict(options: Options, trace: Trace, risen: bool) -> tuple[parts.Part, ...]:
    """Whether there is a best curve at all; with a penalty there always is."""
    if options.penalty or trace.end.separator is None:
        return (Say(_best(options, trace.best)),)
    a, b = map(shown, trace.best.weights)
    boundary = shown(trace.best.boundary)
    between = -trace.end.separator.intercept / trace.end.separator.weights[0]
    return (
        Say(_words("separable_risen" if risen else "separable", boundary=shown(between))),
        Question(_words("ask_best"), _words("tell_best" if _notes(options) else "tell_best_own")),
        Say(_words("penalised", a=a, b=b, boundary=boundary)),
        Formula(("L + (1 / 2N) · a²", f"a = {a},  b = {b},  -b / a = {boundary}")),
    )


def _best(options: Options, best: Fit) -> Phrase:
    """The best curve; it may be level, and where all x are the same there are as many as one likes."""
    a, b = best.weights
    if len(set(options.x)) == 1 and not options.penalty:
        share = sum(options.targets) / len(options.targets)
        z = math.log(share / (1 - share))
        return _words("one_place", x=shown(options.x[0]), z=shown(z), share=shown(share))
    if abs(a) * max(map(abs, options.x)) < _ROUNDING:
        return _words("has_best_level", a="0", b=shown(rounded(b, 1.0)))
    return _words("has_best", a=shown(a), b=shown(b), boundary=shown(best.boundary))


def _answers(fit: Fit) -> parts.Table:
    rows = [
        (shown(each.x[0]), shown(each.target), shown(each.z), shown(each.probability), shown(each.loss))
        for each in fit.examples
    ]
    header = ("x", "t", "z = a·x + b", "y = σ(z)", _words("own_loss"))
    return parts.Table(header, abridged(rows), left=0, caption=_words("at_end"))


def _curve(options: Options) -> altair.TopLevelMixin:
    """The curve of the sliders' a and b among the examples, its boundary, and its loss."""
    import altair

    low, high = min(options.x), max(options.x)
    room = 0.15 * (high - low) or 1.0
    middle = (low + high) / 2
    steepest = float(f"{20 / (high - low or 1.0):.1g}")
    furthest = float(f"{steepest * max(abs(low), abs(high), abs(middle)):.1g}")
    a = charts.slider("a", "a", round(steepest / 4, 3), Places(-steepest, steepest, steepest / 40))
    b = charts.slider("b", "b", round(-middle * steepest / 8, 1), Places(-furthest, furthest, furthest / 200))
    x = altair.X("x:Q", title="x", scale=charts.fixed(low - room, high + room))
    y = altair.Y("y:Q", title="y", scale=charts.fixed(-0.05, 1.05))
    across = altair.sequence(low - room, high + room, (high - low + 2 * room) / 120, as_="x")
    curve = altair.Chart(across).transform_calculate(y="1 / (1 + exp(-(a * datum.x + b)))")
    people = charts.chart({"x": one, "t": t} for one, t in zip(options.x, options.targets, strict=True))
    errors = people.transform_calculate(
        z="a * datum.x + b", y="1 / (1 + exp(-(a * datum.x + b)))", loss="log(1 + exp(datum.t ? -datum.z : datum.z))"
    )
    told = (
        errors.transform_aggregate(mean="mean(loss)")
        .transform_calculate(
            words="'L = ' + format(datum.mean, '.4f') + '    -b/a = ' + (a ? format(-b / a, '.3~f') : '-')"
        )
        .mark_text(align="left", dx=8, dy=-6, fontSize=14, fontWeight="bold", color=INK)
        .encode(x=altair.value(0), y=altair.value(0), text="words:N")
    )
    colour = altair.Color("t:N", legend=None, scale=altair.Scale(domain=[0, 1], range=[RED, BLUE]))
    boundary = charts.chart([{}]).transform_calculate(x="a ? -b / a : -1e9")
    return altair.layer(
        boundary.mark_rule(color=FAINT, strokeWidth=2, strokeDash=[5, 4], clip=True).encode(x=x),
        errors.mark_rule(strokeWidth=1.5, opacity=0.6).encode(x=x, y=y, y2="t:Q", color=colour),
        curve.mark_line(color=INK, strokeWidth=2.5, clip=True).encode(x=x, y=y),
        people.mark_point(filled=True, size=120, opacity=1).encode(x=x, y="t:Q", color=colour),
        told,
    ).properties(width=2 * _WIDE, height=_WIDE).add_params(a, b)  # fmt: skip


def _branches(language: str) -> altair.TopLevelMixin:
    """What an answer costs, by the answer, if the truth is 1 and if it is 0."""
    import altair

    at = charts.slider("answer", say("lesson.logistic.answer", language), 0.8, Places(0.01, 0.99, 0.01))
    names = [say(f"lesson.logistic.truth.{truth}", language) for truth in (1, 0)]
    places = [step * _FURTHEST / 60 for step in range(-60, 61)]
    rows = [
        {"y": each.probability, "loss": loss, "truth": name}
        for each in branches(places)
        for name, loss in zip(names, (each.if_one, each.if_zero), strict=True)
    ]
    scale, legend = altair.Scale(domain=names, range=[BLUE, RED]), altair.Legend(orient="bottom")
    colour = altair.Color("truth:N", title=None, scale=scale, legend=legend)
    x = altair.X("y:Q", title=say("lesson.logistic.answer", language), scale=charts.fixed(0, 1))
    y = altair.Y("loss:Q", title=say("lesson.logistic.own_loss", language), scale=charts.fixed(0, 5))
    here = charts.chart({"truth": name} for name in names).transform_calculate(
        y="answer", loss=f"-log(datum.truth == '{names[0]}' ? answer : 1 - answer)", words="format(datum.loss, '.3f')"
    )
    return altair.layer(
        charts.chart(rows).mark_line(strokeWidth=2.5, clip=True).encode(x=x, y=y, color=colour, order="y:Q"),
        charts.chart([{}]).transform_calculate(y="answer").mark_rule(color=FAINT, strokeDash=[5, 4]).encode(x=x),
        here.mark_point(filled=True, size=120, opacity=1, clip=True).encode(x=x, y=y, color=colour),
        here.mark_text(dx=8, dy=-10, align="left", fontSize=13, fontWeight="bold").encode(
            x=x, y=y, text="words:N", color=colour
        ),
    ).properties(width=2 * _WIDE, height=_WIDE).add_params(at)  # fmt: skip
