"""Whitening, what batch normalisation makes of it, and the shift that it was meant to stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from striate.data.sets import open_set
from striate.figures.colours import INK
from striate.foundations.batch_norm import forward
from striate.foundations.covariance import Kept, Method, Simplified, Whitened, cloud, simplified, whiten
from striate.foundations.covariate_shift import Course, internal_shift
from striate.foundations.given import Array, count
from striate.lessons import charts, grids, parts
from striate.lessons.charts import BLUE, RED
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_VIEWS = ("untouched", "each_feature", "by_batches", "pca", "zca")
_PICTURES = 300


@dataclass(frozen=True)
class Options:
    """A cloud of two features that go together, and a short training that is watched."""

    points: int = 200
    batch: int = 10
    method: Method = "zca"
    steps: int = 30
    seed: int = 0


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows; ``courses`` are the trainings without and with batch normalisation."""

    whitened: Whitened
    simplified: Simplified
    courses: tuple[Course, Course]


def lesson(options: Options) -> Lesson:
    count(options.points, "points", most=2000)
    count(options.steps, "steps", most=200)
    data = cloud(options.points, options.seed)
    shift = simplified(data, batch=options.batch, seed=options.seed)
    trace = Trace(whiten(data, options.method), shift, _courses(options))
    return Lesson(
        "whitening",
        (
            Say(_words("intro")),
            Say(_words("cloud", count=options.points)),
            Formula(_worked(trace.whitened)),
            Say(_words("meaning")),
            Question(_words("ask_size"), _words("tell_size"), expected=1_000_000),
            Heading(_words("simpler")),
            Say(_words("simpler_say", batch=options.batch)),
            _kept(shift),
            Say(_words("simpler_mean", error=shown(shift.mean_error, 3))),
            Question(_words("ask_assume"), _words("tell_assume")),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, data, language)),
            Heading(_words("shift")),
            Say(_words("shift_say", count=_PICTURES)),
            _wandering(trace.courses),
            Chart(_words("shift_chart"), _words("shift_summary"), lambda language: _shift(trace.courses, language)),
            Say(_words("doubt")),
        ),
        trace,
        more=("learn whitening --batch 2", "learn whitening --method pca", "learn batch-norm"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.whitening.{key}", values)


def _courses(options: Options) -> tuple[Course, Course]:
    """Trainings on the built-in pictures, 784 numbers from 0 to 1 each."""
    train = open_set("fashion-sample").parts["train"]
    pictures = np.stack([np.asarray(train.image(at)).ravel() / 255 for at in range(_PICTURES)])
    labels = [train.label(at) for at in range(_PICTURES)]
    without, with_it = (
        internal_shift(pictures, labels, normalised=each, rate=0.5, steps=options.steps, seed=options.seed)
        for each in (False, True)
    )
    return without, with_it


def _worked(found: Whitened) -> tuple[str, ...]:
    mean = ", ".join(shown(each, 4) for each in found.mean)
    variances = ", ".join(shown(each, 4) for each in found.variances)
    formula = "W = E D^(-1/2) Eᵀ = " if found.method == "zca" else "W = D^(-1/2) Eᵀ = "
    return (
        f"μ = Σ x / n = ({mean})",
        "",
        *grids.written(found.covariance, "C = Σ (x - μ)(x - μ)ᵀ / n = "),
        "",
        f"C = E D Eᵀ,  D = diag({variances})",
        *grids.written(found.directions, "E = "),
        "",
        *grids.written(found.matrix, formula),
        "",
        "z = W (x - μ)",
        *grids.written(np.round(found.after, 12), "cov(z) = W C Wᵀ = "),
    )


def _kept(found: Simplified) -> parts.Table:
    rows = (
        (_words(name), shown(kept.covariance[0, 0], 4), shown(kept.covariance[1, 1], 4), shown(kept.correlation, 4))
        for name, kept in (
            ("untouched", found.untouched),
            ("each_feature", found.each_feature),
            ("by_batches", found.by_batches),
            ("whitened", _rounded(found.whitened)),
        )
    )
    return parts.Table(("", _words("variance", at=1), _words("variance", at=2), _words("covariance")), tuple(rows))


def _rounded(kept: Kept) -> Kept:
    """Without what rounding leaves of a 0."""
    return Kept(np.round(kept.covariance, 12), round(kept.variance_error, 12), round(kept.correlation, 12))


def _wandering(courses: tuple[Course, Course]) -> parts.Table:
    rows = (
        (_words("normalised" if each.normalised else "plain"), shown(each.wandering, 3), shown(each.trace[-1].loss, 4))
        for each in courses
    )
    return parts.Table(("", _words("wandering"), _words("loss")), tuple(rows))


def _chart(options: Options, data: Array, language: str) -> altair.TopLevelMixin:
    """The same points under each treatment, on axes of equal scale, with their covariance written beside."""
    import altair

    names = {each: say(f"lesson.whitening.{each}", language) for each in _VIEWS}
    view = charts.choice("view", say("lesson.whitening.view", language), names)
    points: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for name, found in _views(options, data).items():
        c = np.round(np.cov(found, rowvar=False, bias=True), 9)
        points += [{"view": name, "x": round(x, 4), "y": round(y, 4)} for x, y in found.tolist()]
        note = f"var₁ {c[0, 0]:.2f}   var₂ {c[1, 1]:.2f}   cov {c[0, 1]:.2f}"
        notes.append({"view": name, "note": note})
    x = altair.X("x:Q", title="x₁", scale=charts.fixed(-5, 10))
    y = altair.Y("y:Q", title="x₂", scale=charts.fixed(-5, 5))
    dots = charts.chart(points).transform_filter("datum.view == view").mark_circle(size=28, color=BLUE, opacity=0.6)
    note = charts.chart(notes).transform_filter("datum.view == view").mark_text(align="left", fontSize=13, color=INK)
    return (
        altair.layer(dots.encode(x=x, y=y), note.encode(x=altair.value(8), y=altair.value(12), text="note:N"))
        .properties(width=450, height=300)
        .add_params(view)
    )


def _views(options: Options, data: Array) -> dict[str, Array]:
    """The points after each treatment; batches are taken in the order in which the points were drawn."""
    whole = len(data) // options.batch * options.batch
    batches = np.split(data[:whole], whole // options.batch)
    return {
        "untouched": data,
        "each_feature": forward(data).y,
        "by_batches": np.concatenate([forward(each).y for each in batches]),
        "pca": whiten(data, "pca").data,
        "zca": whiten(data, "zca").data,
    }


def _shift(courses: tuple[Course, Course], language: str) -> altair.TopLevelMixin:
    """What one sigmoid of the second layer is given: its middle and its 15th and 85th percentiles, as in Fig. 1."""
    import altair

    panels = []
    for course, colour in zip(courses, (RED, BLUE), strict=True):
        rows = [{"step": e.step, "low": e.low, "median": e.median, "high": e.high} for e in course.trace]
        x = altair.X("step:Q", title=say("lesson.whitening.step", language))
        title = say("lesson.whitening.normalised" if course.normalised else "lesson.whitening.plain", language)
        base = charts.chart(rows)
        band = base.mark_area(color=colour, opacity=0.25, clip=True).encode(
            x=x, y=altair.Y("low:Q", title=say("lesson.whitening.given", language)), y2="high:Q"
        )
        middle = base.mark_line(color=colour, strokeWidth=3).encode(x=x, y="median:Q")
        panels.append(altair.layer(band, middle).properties(width=200, height=200, title=title))
    return altair.hconcat(*panels).resolve_scale(y="shared")
