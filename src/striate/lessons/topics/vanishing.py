"""Why the first layers of a deep network may hardly learn, and why a ReLU may stop for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.foundations.activations import find, slope_bound
from striate.foundations.dead_relu import Dying, blobs, dying
from striate.foundations.given import count
from striate.foundations.vanishing import First, Signals, gradient_through
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, GREEN, RED, Places
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.lessons.topics.activations import Name
from striate.lessons.written import abridged
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_COMPARED = {"sigmoid": RED, "tanh": BLUE, "relu": GREEN}
_FIRSTS: tuple[First, ...] = ("xavier", "he", "lecun")
_DEEPEST = 20
_RATES = tuple(round(0.05 * at, 2) for at in range(1, 21))  # places of the second slider
_POINTS, _HIDDEN, _STEPS = 60, 20, 30


@dataclass(frozen=True)
class Options:
    """Ten layers of sigmoids, as the chapter draws them; the rate is that of the dying ReLUs."""

    layers: int = 10
    function: Name = "sigmoid"
    first: First = "xavier"
    width: int = 32
    rate: float = 0.3
    seed: int = 0


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows."""

    signals: Signals
    bound: float  # what the slopes alone let through at most
    kept: dict[str, dict[First, float]]  # by function and first weights
    dying: Dying


def lesson(options: Options) -> Lesson:
    count(options.layers, "layers", most=100)
    count(options.width, "width", most=256)
    through = _through(options, options.function, options.first)
    kept = {name: {first: _through(options, name, first).kept for first in _FIRSTS} for name in _COMPARED}
    bound = slope_bound(find(options.function), options.layers)
    died = _dying(options.rate, options.seed)
    trace = Trace(through, bound, kept, died)
    slope = through.trace[0].slope if through.trace else 0.0
    return Lesson(
        "vanishing",
        (
            Say(_words("intro", count=options.layers, name=options.function)),
            Formula(("δ_(l-1) = W_lᵀ (f'(z_l) · δ_l)", "", "∂J/∂W_l = (f'(z_l) · δ_l) a_(l-1)ᵀ")),
            Say(_words("rule")),
            Question(_words("ask_slope", name=options.function), _words("tell_slope", slope=shown(slope, 4))),
            _layers(through),
            Formula(_worked(trace)),
            Say(_words("meaning")),
            Question(_words("ask_two"), _words("tell_two"), expected=0.0625),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, language)),
            Heading(_words("weights")),
            Say(_words("weights_say", layers=options.layers)),
            _kept(kept),
            Heading(_words("dead")),
            Say(_words("dead_say", hidden=_HIDDEN, points=_POINTS)),
            _steps(died),
            Say(_words("dead_mean", before=died.trace[0].dead, after=died.trace[-1].dead, hidden=_HIDDEN)),
            Chart(_words("dead_chart"), _words("dead_summary"), lambda language: _dead_chart(options, language)),
        ),
        trace,
        more=("learn vanishing --function relu --first he", "learn vanishing --rate 0.02", "learn batch-norm"),
    )  # fmt: skip


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.vanishing.{key}", values)


def _through(options: Options, name: str, first: First) -> Signals:
    return gradient_through(options.layers, find(name), width=options.width, seed=options.seed, first=first)


def _dying(rate: float, seed: int) -> Dying:
    return dying(*blobs(_POINTS, seed), rate=rate, width=_HIDDEN, steps=_STEPS, seed=seed)


def _layers(through: Signals) -> parts.Table:
    rows = (
        tuple(shown(value, 4) for value in (each.depth, each.signal, each.slope, each.gradient, each.weights))
        for each in reversed(through.trace)
    )
    header = (_words("layer"), "|a|", "f'(z)", "|δ|", "|∂J/∂W|")
    return parts.Table(header, abridged(rows), left=0, caption=_words("means"))


def _worked(trace: Trace) -> tuple[str, ...]:
    through = trace.signals
    steepest, layers = shown(find(through.activation).steepest, 4), len(through.trace)
    if not layers:
        return (f"{steepest}^0 = 1",)
    first, last = through.trace[0].gradient, through.trace[-1].gradient
    return (
        f"|δ_1| / |δ_{layers}| = {shown(first, 4)} / {shown(last, 4)} = {shown(through.kept, 4)}",
        f"Π f'(z) ≤ {steepest}^{layers} = {shown(trace.bound, 4)}",
    )


def _kept(kept: dict[str, dict[First, float]]) -> parts.Table:
    rows = ((name, *(shown(by_first[first], 3) for first in _FIRSTS)) for name, by_first in kept.items())
    return parts.Table((_words("function"), *_FIRSTS), tuple(rows), caption=_words("kept"))


def _steps(found: Dying) -> parts.Table:
    rows = (
        (str(each.step), shown(each.loss, 4), f"{each.dead} / {found.width}", shown(each.dead_gradient))
        for each in found.trace
    )
    header = (_words("step"), _words("loss"), _words("dead_units"), _words("dead_gradient"))
    return parts.Table(header, abridged(rows), left=0)


def _chart(options: Options, language: str) -> altair.TopLevelMixin:
    """The gradient at each layer, on a logarithmic axis, for as many layers as the slider says."""
    import altair

    layers = charts.slider("layers", say("lesson.vanishing.layers", language), 10, Places(2, _DEEPEST, 2))
    first = charts.choice("first", say("lesson.vanishing.first", language), {each: each for each in _FIRSTS[:2]})
    here = charts.chart(_depths(options)).transform_filter("datum.layers == layers && datum.first == first")
    x = altair.X(
        "layer:Q",
        title=say("lesson.vanishing.layer", language),
        scale=charts.fixed(-3, _DEEPEST + 1),
        axis=altair.Axis(values=[*range(1, _DEEPEST + 1, 3)]),
    )
    y = altair.Y(
        "gradient:Q",
        title=say("lesson.vanishing.gradient", language),
        scale=altair.Scale(type="log", domain=[1e-13, 100], clamp=True),
        axis=altair.Axis(format=".0e", values=[1e-12, 1e-9, 1e-6, 1e-3, 1]),
    )
    colour = altair.Color("name:N", scale=altair.Scale(domain=[*_COMPARED], range=[*_COMPARED.values()]), legend=None)
    return (
        altair.layer(
            here.mark_line(point=True).encode(x=x, y=y, color=colour, tooltip=["name:N", "layer:Q", "gradient:Q"]),
            *(
                here.transform_filter(f"datum.layer == 1 && datum.name == '{name}'")
                .mark_text(align="right", dx=-8, dy=dy, fontSize=13, text=name, color=_COMPARED[name])
                .encode(x=x, y=y)
                for name, dy in (("sigmoid", 0), ("tanh", -5), ("relu", 7))
            ),
        )
        .properties(width=470, height=280)
        .add_params(layers, first)
    )


def _depths(options: Options) -> list[dict[str, Any]]:
    """Every layer's gradient in networks of every depth of the slider."""
    rows = []
    for layers in range(2, _DEEPEST + 1, 2):
        for first in _FIRSTS[:2]:
            for name in _COMPARED:
                found = gradient_through(layers, find(name), width=_HIDDEN, seed=options.seed, first=first)
                at = {"layers": layers, "first": first, "name": name}
                rows += [{**at, "layer": each.depth, "gradient": each.gradient} for each in found.trace]
    return rows


def _dead_chart(options: Options, language: str) -> altair.TopLevelMixin:
    """The share of dead units after each step, at the rate of the slider."""
    import altair

    rate = charts.slider("rate", say("lesson.vanishing.rate", language), 0.3, Places(_RATES[0], _RATES[-1], 0.05))
    rows = [
        {"rate": each, "step": step.step, "dead": step.dead, "loss": step.loss}
        for each in _RATES
        for step in _dying(each, options.seed).trace
    ]
    here = charts.chart(rows).transform_filter("abs(datum.rate - rate) < 0.01")
    x = altair.X("step:Q", title=say("lesson.vanishing.step", language), scale=charts.fixed(0, _STEPS))
    panels = []
    for field, colour, high in (("dead", RED, _HIDDEN), ("loss", BLUE, 3)):
        title = say("lesson.vanishing.dead_units" if field == "dead" else "lesson.vanishing.loss", language)
        y = altair.Y(f"{field}:Q", title=title, scale=charts.fixed(0, high))
        panels.append(
            here.mark_line(color=colour, strokeWidth=3, clip=True).encode(x=x, y=y).properties(width=205, height=200)
        )
    return altair.hconcat(*panels).add_params(rate)
