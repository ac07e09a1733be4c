"""Too simple or too flexible: bias and variance of polynomials, on many samples and on measured points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.figures.colours import INK
from striate.foundations.bias_variance import Decomposition, Degree, HeldOut, answers, decompose, diabetes, held_out
from striate.foundations.given import count
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, FAINT, GREEN, RED, Places
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.lessons.written import rounded
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_SHOWN = 20  # samples of the chart
_DEGREES = tuple(range(9))  # of the measured points
_TRAINING, _DIVISIONS = 40, 20


@dataclass(frozen=True)
class Options:
    """Points about one wave of a sine."""

    most: int = 9
    points: int = 15
    samples: int = 100
    noise: float = 0.3
    seed: int = 0


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows."""

    decomposition: Decomposition
    measured: HeldOut


def lesson(options: Options) -> Lesson:
    count(options.most, "most", most=15)
    count(options.samples, "samples", most=1000)
    count(options.points, "points", most=200)
    done = decompose(
        range(options.most + 1), points=options.points, samples=options.samples, noise=options.noise, seed=options.seed
    )
    measured = held_out(*diabetes(), _DEGREES, training=_TRAINING, divisions=_DIVISIONS, seed=options.seed)
    shown_fits = min(_SHOWN, options.samples)
    straight, noise = _questions(done)
    return Lesson(
        "bias-variance",
        (
            Say(_words("intro")),
            Formula(("E[(y - p)²] = (E[p] - f)² + E[(p - E[p])²] + σ²",)),
            Say(_words("parts")),
            Say(_words("samples", points=options.points, count=options.samples, noise=shown(options.noise))),
            _table(done),
            noise,
            Formula(_worked(done)),
            Say(_words(_shape(done), best=done.best)),
            straight,
            Chart(_words("chart"), _words("chart_summary", fits=shown_fits), lambda language: _chart(done, language)),
            Heading(_words("measured")),
            Say(_words("measured_say", training=_TRAINING, others=measured.held_out_points, divisions=_DIVISIONS)),
            _held_out(measured),
            Say(_words("measured_mean", best=measured.best)),
            Chart(_words("measured_chart"), _words("measured_summary"), lambda language: _errors(measured, language)),
            Say(_words("networks")),
        ),
        Trace(done, measured),
        more=("learn bias-variance --points 100", "learn bias-variance --noise 0", "learn classifiers"),
    )  # fmt: skip


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.bias-variance.{key}", values)


def _shape(done: Decomposition) -> str:
    """Where the least error is: in between, at an end, or without noise, wherever the degrees end."""
    if not done.degrees[0].noise:
        return "meaning_noiseless"
    if done.best == done.degrees[0].degree:
        return "meaning_lowest"
    return "meaning_highest" if done.best == done.degrees[-1].degree else "meaning"


def _table(done: Decomposition) -> parts.Table:
    rows = tuple(
        tuple(
            shown(value, 4) for value in (each.degree, each.bias_squared, _variance(done, each), each.total, each.error)
        )
        for each in done.degrees
    )
    return parts.Table(
        (_words("degree"), _words("bias"), _words("variance"), _words("sum"), _words("error")), rows, left=0
    )


def _variance(done: Decomposition, found: Degree) -> float:
    """The mean square of how far the fits are apart, each of the size of the curve."""
    return rounded(math.sqrt(found.variance), max(map(abs, done.curve))) ** 2


def _worked(done: Decomposition) -> tuple[str, ...]:
    found = next(each for each in done.degrees if each.degree == done.best)
    bias, variance, noise = (shown(each, 4) for each in (found.bias_squared, _variance(done, found), found.noise))
    return (
        f"p: degree {found.degree}",
        f"bias² + variance + σ² = {bias} + {variance} + {noise} = {shown(found.total, 4)}",
        f"E[(y - p)²]           = {shown(found.error, 4)}",
    )


def _questions(done: Decomposition) -> tuple[Question, Question]:
    straight = done.degrees[min(1, len(done.degrees) - 1)]
    told = "tell_straight" if straight.bias_squared > straight.variance else "tell_straight_variance"
    of_line = {"bias": shown(straight.bias_squared, 3), "variance": shown(_variance(done, straight), 3)}
    noise = straight.noise
    return (
        Question(_words("ask_straight"), _words(told, **of_line)),
        Question(_words("ask_noise"), _words("tell_noise", value=shown(noise)), expected=noise),
    )


def _held_out(measured: HeldOut) -> parts.Table:
    rows = tuple((str(each.degree), shown(each.training, 5), shown(each.held_out, 5)) for each in measured.fits)
    return parts.Table((_words("degree"), _words("training"), _words("unseen")), rows, left=0)


def _chart(done: Decomposition, language: str) -> altair.TopLevelMixin:
    """Fits of the chosen degree on the left; on the right what their error is made of."""
    import altair

    last = done.degrees[-1].degree
    degree = charts.slider("degree", say("lesson.bias-variance.degree", language), min(3, last), Places(0, last, 1))
    low, high = min(done.curve) - 1, max(done.curve) + 1
    x = altair.X("x:Q", title="x")
    y = altair.Y("y:Q", title="y", scale=charts.fixed(low, high))
    fits: list[dict[str, Any]] = []
    means: list[dict[str, Any]] = []
    for each in done.degrees:
        for at, line in enumerate(answers(done, each.degree, _SHOWN).tolist()):
            fits += [
                {"degree": each.degree, "fit": at, "x": round(place, 4), "y": round(value, 4)}
                for place, value in zip(done.x, line, strict=True)
            ]
        means += [{"degree": each.degree, "x": a, "y": b} for a, b in zip(done.x, each.mean_fit, strict=True)]
    truth = [{"x": a, "y": b} for a, b in zip(done.x, done.curve, strict=True)]
    sample = [{"x": a, "y": b} for a, b in zip(done.x, done.samples[0].tolist(), strict=True)]
    chosen = "datum.degree == degree"
    left = altair.layer(
        charts.chart(fits).transform_filter(chosen).mark_line(color=FAINT, strokeWidth=1, opacity=0.8, clip=True)
        .encode(x=x, y=y, detail="fit:N"),
        charts.chart(sample).mark_point(color=INK, size=22, clip=True).encode(x=x, y=y),
        charts.chart(truth).mark_line(color=INK, strokeDash=[5, 4]).encode(x=x, y=y),
        charts.chart(means).transform_filter(chosen).mark_line(color=BLUE, strokeWidth=3, clip=True).encode(x=x, y=y),
    ).properties(width=250, height=230)  # fmt: skip
    return altair.hconcat(left, _split(done, language)).resolve_scale(color="independent").add_params(degree)


def _split(done: Decomposition, language: str) -> Any:
    import altair

    colours = {"bias": RED, "variance": BLUE, "error": GREEN}
    names = {each: say(f"lesson.bias-variance.{each}", language) for each in colours}
    rows = [
        {"degree": each.degree, "kind": names[kind], "value": value}
        for each in done.degrees
        for kind, value in (("bias", each.bias_squared), ("variance", each.variance), ("error", each.error))
    ]
    high = max(each.error for each in done.degrees) * 1.1
    x = altair.X("degree:Q", title=say("lesson.bias-variance.degree", language), axis=altair.Axis(tickMinStep=1))
    y = altair.Y("value:Q", title=None, scale=charts.fixed(0, high))
    scale = altair.Scale(domain=[*names.values()], range=[*colours.values()])
    colour = altair.Color("kind:N", title=None, scale=scale, legend=altair.Legend(orient="top"))
    lines = charts.chart(rows).mark_line(point=True).encode(x=x, y=y, color=colour)
    here = charts.chart([{}]).transform_calculate(at="degree").mark_rule(color=INK, strokeDash=[4, 3])
    return altair.layer(lines, here.encode(x=altair.X("at:Q"))).properties(width=200, height=200)


def _errors(measured: HeldOut, language: str) -> altair.TopLevelMixin:
    import altair

    names = {each: say(f"lesson.bias-variance.{each}", language) for each in ("training", "unseen")}
    rows = [
        {"degree": each.degree, "kind": names[kind], "value": value}
        for each in measured.fits
        for kind, value in (("training", each.training), ("unseen", each.held_out))
    ]
    encoded = charts.chart(rows).mark_line(point=True, strokeWidth=2.5).encode(
        x=altair.X("degree:Q", title=say("lesson.bias-variance.degree", language), axis=altair.Axis(tickMinStep=1)),
        y=altair.Y("value:Q", title=say("lesson.bias-variance.mse", language), scale=altair.Scale(type="log")),
        color=altair.Color("kind:N", title=None, scale=altair.Scale(domain=[*names.values()], range=[BLUE, RED])),
    )  # fmt: skip
    return encoded.properties(width=370, height=220)
