"""Batch normalisation on numbers of one's own: the four lines of Algorithm 1, its gradients, and its two modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from striate.figures.colours import INK
from striate.foundations.batch_norm import (
    EPS,
    MOMENTUM,
    Backward,
    Evaluated,
    Forward,
    Running,
    backward,
    evaluate,
    forward,
    start,
    updated,
)
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, GREEN, RED, Places
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.lessons.written import abridged, bracketed, summed, with_sign
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_SMALL = 0.01  # of 1: so far below it the variance may stay for the lesson to call it 1
_NEAR = 0.1  # of gamma: columns that differ by no more are called near each other
_DY = (1.0, 0.0, 0.0, 0.0)
_BATCHES = 40  # of the chart of running statistics
_MOMENTA = tuple(round(0.02 * at, 2) for at in range(1, 51))


@dataclass(frozen=True)
class Options:
    """Four numbers that can be followed by hand; the gradient says that only the first answer should change."""

    x: Numbers = (1, 2, 3, 4)
    gamma: float = 1.0
    beta: float = 0.0
    eps: float = EPS
    dy: Numbers = _DY
    momentum: float = MOMENTUM


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows; ``running`` is after one batch, ``alone`` the first x by itself."""

    forward: Forward
    backward: Backward
    dy: Numbers
    running: Running
    evaluated: Evaluated
    alone: Evaluated


def lesson(options: Options) -> Lesson:
    done = forward(options.x, options.gamma, options.beta, eps=options.eps)
    dy = (1.0, *(0.0 for _ in options.x[1:])) if options.dy == _DY else options.dy
    running = updated(start(1), done, options.momentum)
    evaluated, alone = (
        evaluate(x, running, options.gamma, options.beta, eps=options.eps) for x in (options.x, options.x[:1])
    )
    trace = Trace(done, backward(done, dy), dy, running, evaluated, alone)
    return Lesson(
        "batch-norm",
        (
            Say(_words("intro", count=done.count)),
            Formula(_algorithm(done)),
            _lines(done),
            Say(_meaning(done)),
            *_questions(trace),
            Chart(_words("chart"), _words("chart_summary"), lambda _: _chart(options, done)),
            Heading(_words("gradients")),
            Say(_words("gradients_say")),
            Formula(_gradients(trace)),
            _derivatives(trace),
            Say(_words(_told_by(trace))),
            Heading(_words("modes")),
            Say(_words("modes_say")),
            Formula(_running(trace, options)),
            _modes(trace),
            Say(_apart(trace)),
            Say(_words("modes_mean", x=shown(options.x[0]))),
            Chart(_words("modes_chart"), _words("modes_summary"), lambda language: _following(options, done, language)),
            Say(_words("maps")),
        ),
        trace,
        more=("learn batch-norm --x 3,5,100 --gamma 2", "learn batch-norm --dy 1,1,1,1", "learn whitening"),
    )  # fmt: skip


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.batch-norm.{key}", values)


def _algorithm(done: Forward) -> tuple[str, ...]:
    m, mean, variance = done.count, shown(done.mean[0]), shown(done.variance[0])
    values, centred = done.x[:, 0].tolist(), done.centred[:, 0].tolist()
    first, root = bracketed(centred[0]), shown(done.deviation[0])
    hat, gamma = shown(done.normalised[0, 0]), bracketed(done.gamma[0])
    return (
        "μ  = Σ x / m",
        f"   = ({summed([bracketed(each) for each in values])}) / {m} = {mean}",
        "σ² = Σ (x - μ)² / m",
        f"   = ({summed([f'{bracketed(each)}²' for each in centred])}) / {m} = {variance}",
        "x̂₁ = (x₁ - μ) / √(σ² + ε)",
        f"   = {first} / √({variance} + {shown(done.eps)}) = {first} / {root} = {hat}",
        "y₁ = γ · x̂₁ + β",
        f"   = {gamma} · {bracketed(done.normalised[0, 0])} {with_sign(done.beta[0])} = {shown(done.y[0])}",
    )


def _lines(done: Forward) -> parts.Table:
    columns = (done.x[:, 0], done.centred[:, 0], done.centred[:, 0] ** 2, done.normalised[:, 0], done.y)
    rows = (tuple(shown(float(each)) for each in row) for row in zip(*columns, strict=True))
    return parts.Table(("x", "x - μ", "(x - μ)²", "x̂", "y"), abridged(rows), left=0)


def _meaning(done: Forward) -> Phrase:
    """What the values are like after the third line; ε counts where the variance is not far above it."""
    variance = done.variance[0] / (done.variance[0] + done.eps)
    return _words("meaning") if variance > 1 - _SMALL else _words("meaning_small", variance=shown(variance))


def _identity(done: Forward) -> Question:
    """The gamma that undoes it; where all x are the same there is nothing to stretch, and every gamma does."""
    gamma = float(done.deviation[0])
    if np.ptp(done.x) == 0:
        return Question(_words("ask_identity"), _words("tell_identity_same", gamma=shown(gamma)))
    return Question(_words("ask_identity"), _words("tell_identity", gamma=shown(gamma)), expected=gamma)


def _questions(trace: Trace) -> tuple[Question, ...]:
    done = trace.forward
    unbiased = trace.forward.variance[0] * done.count / (done.count - 1)
    return (
        _identity(done),
        Question(
            _words("ask_unbiased", m=done.count),
            _words(
                "tell_unbiased", sum=shown(done.variance[0] * done.count), less=done.count - 1, value=shown(unbiased)
            ),
            expected=unbiased,
        ),
        Question(_words("ask_sum"), _words("tell_sum"), expected=0.0),
    )


def _gradients(trace: Trace) -> tuple[str, ...]:
    """Each formula of Sec. 3 in symbols and with the numbers; those of a single value for the first one."""
    done, back, m = trace.forward, trace.backward, trace.forward.count
    hats, centred = back.normalised[:, 0].tolist(), done.centred[:, 0].tolist()
    first, root, spread = bracketed(hats[0]), shown(done.deviation[0]), shown(done.variance[0] + done.eps)
    by_variance, by_mean = bracketed(back.variance[0]), bracketed(back.mean[0])
    return (
        "∂x̂₁ = ∂y₁ · γ",
        f"    = {shown(trace.dy[0])} · {bracketed(done.gamma[0])} = {shown(hats[0])}",
        "∂σ² = Σ ∂x̂ · (x - μ) · (-1/2) · (σ² + ε)^(-3/2)",
        f"    = ({_products(hats, centred)}) · (-1/2) · {spread}^(-3/2) = {shown(back.variance[0])}",
        "∂μ  = -Σ ∂x̂ / √(σ² + ε) + ∂σ² · Σ -2(x - μ) / m",
        f"    = -({summed([bracketed(each) for each in hats])}) / {root} + {by_variance} · 0 = {shown(back.mean[0])}",
        "∂x₁ = ∂x̂₁ / √(σ² + ε) + ∂σ² · 2(x₁ - μ) / m + ∂μ / m",
        f"    = {first} / {root} + {by_variance} · 2 · {bracketed(centred[0])} / {m} + {by_mean} / {m}"
        f" = {shown(float(back.x[0]))}",
        "∂γ  = Σ ∂y · x̂",
        f"    = {_products(trace.dy, done.normalised[:, 0].tolist())} = {shown(back.gamma[0])}",
        "∂β  = Σ ∂y",
        f"    = {summed([bracketed(each) for each in trace.dy])} = {shown(back.beta[0])}",
    )


def _products(one: Sequence[float], other: Sequence[float]) -> str:
    return summed([f"{bracketed(a)}·{bracketed(b)}" for a, b in zip(one, other, strict=True)])


def _derivatives(trace: Trace) -> parts.Table:
    columns = (trace.forward.x[:, 0], trace.dy, trace.backward.normalised[:, 0], trace.backward.x)
    rows = [tuple(shown(float(each)) for each in row) for row in zip(*columns, strict=True)]
    return parts.Table(("x", "∂J/∂y", "∂J/∂x̂", "∂J/∂x"), abridged(rows), left=0)


def _told_by(trace: Trace) -> str:
    """What the table of derivatives shows: none at all, one where its own answer asks for none, or neither."""
    if not trace.forward.gamma[0]:
        return "gradients_no_scale"
    by_x, by_hat = np.abs(trace.backward.x), np.abs(trace.backward.normalised)
    nothing = by_x <= 1e-3 * by_hat.max() / trace.forward.deviation[0]
    if nothing.all():
        return "gradients_none"
    asked_nothing = np.asarray(trace.dy) == 0
    return "gradients_mean" if asked_nothing.any() and not nothing[asked_nothing].any() else "gradients_shared"


def _running(trace: Trace, options: Options) -> tuple[str, ...]:
    a, m, done, kept = shown(options.momentum), trace.forward.count, trace.forward, trace.running
    rest = shown(1 - options.momentum)
    return (
        f"μ_run  = {rest} · 0 + {a} · {bracketed(done.mean[0])} = {shown(kept.mean[0])}",
        f"σ²_run = {rest} · 1 + {a} · {m}/{m - 1} · {shown(done.variance[0])} = {shown(kept.variance[0])}",
        "y = γ · (x - μ_run) / √(σ²_run + ε) + β",
    )


def _modes(trace: Trace) -> parts.Table:
    columns = (trace.forward.x[:, 0], trace.forward.y, trace.evaluated.y)
    rows = [tuple(shown(float(each)) for each in row) for row in zip(*columns, strict=True)]
    alone = (shown(float(trace.forward.x[0, 0])), _words("refused"), shown(float(trace.alone.y[0])))
    header = ("x", _words("training"), _words("answering"))
    return parts.Table(header, (*abridged(rows), alone), left=0, caption=_words("last_alone"))


def _apart(trace: Trace) -> Phrase:
    """How far the two columns are apart, measured by gamma, the spread of the y in training."""
    done, kept = trace.forward, trace.running
    if not done.gamma[0]:
        return _words("modes_no_scale")
    gap = float(np.abs(done.y - trace.evaluated.y).max())
    key = "modes_apart" if gap > _NEAR * abs(done.gamma[0]) else "modes_near"
    return _words(
        key, gap=shown(gap), mean=shown(kept.mean[0]), variance=shown(kept.variance[0]), own_mean=shown(done.mean[0]),
        own_variance=shown(done.variance[0]),
    )  # fmt: skip


def _chart(options: Options, done: Forward) -> altair.TopLevelMixin:
    """x, x-hat and y on lines of their own; y follows the sliders."""
    import altair

    sliders = [
        charts.slider("gamma", "γ", options.gamma, Places(-3, 3, 0.1)),
        charts.slider("beta", "β", options.beta, Places(-5, 5, 0.1)),
    ]
    rows = [
        {"at": at, "x": x, "normalised": normalised}
        for at, (x, normalised) in enumerate(zip(done.x[:, 0].tolist(), done.normalised[:, 0].tolist(), strict=True))
    ]
    reach = max(6.0, float(np.abs(done.x).max()) * 1.05)
    base = charts.chart(rows).transform_calculate(y="gamma * datum.normalised + beta")
    across = altair.X("value:Q", title=None, scale=charts.fixed(-reach, reach))
    labels = {"x": RED, "x̂": BLUE, "y": GREEN}
    layers = []
    for (label, colour), field in zip(labels.items(), ("x", "normalised", "y"), strict=True):
        placed = base.transform_calculate(value=f"datum.{field}", label=f"'{label}'")
        up = altair.Y("label:N", title=None, sort=[*labels], axis=altair.Axis(labelFontSize=16))
        layers.append(
            placed.mark_circle(size=170, color=colour, opacity=0.8, clip=True).encode(
                x=across, y=up, tooltip=[altair.Tooltip("value:Q", format=".4f")]
            )
        )
    zero = charts.chart([{"value": 0}]).mark_rule(color=INK, strokeDash=[3, 3]).encode(x=across)
    return altair.layer(zero, *layers).properties(width=500, height=170).add_params(*sliders)


def _following(options: Options, done: Forward, language: str) -> altair.TopLevelMixin:
    """Running mean and variance over batches that are all the same, at the momentum of the slider."""
    import altair

    near = min(_MOMENTA, key=lambda each: abs(each - options.momentum))
    title = say("lesson.batch-norm.momentum", language)
    momentum = charts.slider("momentum", title, near, Places(_MOMENTA[0], _MOMENTA[-1], 0.02))
    rows = []
    for each in _MOMENTA:
        kept = start(1)
        for batch in range(_BATCHES + 1):
            rows.append({"momentum": each, "batch": batch, "mean": kept.mean[0], "variance": kept.variance[0]})
            kept = updated(kept, done, each)
    here = charts.chart(rows).transform_filter("abs(datum.momentum - momentum) < 0.01")
    x = altair.X("batch:Q", title=say("lesson.batch-norm.batches", language))
    panels = []
    goals = (("mean", done.mean[0], BLUE), ("variance", done.variance[0] * done.count / (done.count - 1), RED))
    for field, goal, colour in goals:
        y = altair.Y(f"{field}:Q", title=say(f"lesson.batch-norm.running_{field}", language))
        line = here.mark_line(color=colour, strokeWidth=3).encode(x=x, y=y)
        rule = charts.chart([{field: goal}]).mark_rule(color=INK, strokeDash=[3, 3]).encode(y=y)
        panels.append(altair.layer(line, rule).properties(width=200, height=190))
    return altair.hconcat(*panels).add_params(momentum)
