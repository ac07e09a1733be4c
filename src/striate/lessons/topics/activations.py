"""Nine activation functions: their values, their slopes, and what a gradient keeps of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from striate.figures.colours import INK
from striate.foundations.activations import ACTIVATIONS, Activation, Row, find, slope_bound, table
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, FAINT, RED, Places
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.problem import BadData
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

Name = Literal["sigmoid", "tanh", "scaled_tanh", "relu", "elu", "selu", "swish", "mish", "softplus"]

_FORMULAS = {  # f and f', to be read with an x, or with the number in its place
    "sigmoid": ("1 / (1 + e^(-{x}))", "{f} · (1 - {f})"),
    "tanh": ("2 · sigmoid(2 · {x}) - 1", "1 - {f}²"),
    "scaled_tanh": ("1.7159 · tanh(2/3 · {x})", "1.7159 · 2/3 · (1 - tanh²(2/3 · {x}))"),
    "relu": ("max(0, {x})", "1 if {x} > 0, else 0"),
    "elu": ("{x} if {x} > 0, else e^{x} - 1", "1 if {x} > 0, else e^{x}"),
    "selu": ("1.0507 · ({x} if {x} > 0, else 1.67326 · (e^{x} - 1))", "1.0507 · (1 if {x} > 0, else 1.67326 · e^{x})"),
    "swish": ("{x} · sigmoid({x})", "s + {x} · s · (1 - s),  s = sigmoid({x})"),
    "mish": ("{x} · tanh(softplus({x}))", "t + {x} · (1 - t²) · sigmoid({x}),  t = tanh(softplus({x}))"),
    "softplus": ("ln(1 + e^{x})", "sigmoid({x})"),
}
_REACH, _PLACES = 4.0, 81  # the chart's x, from -4 to 4


@dataclass(frozen=True)
class Options:
    """The places at which the textbooks compare them, and the function that is worked out step by step."""

    x: Numbers = (-2, -1, 0, 1, 2)
    function: Name = "sigmoid"


@dataclass(frozen=True)
class Told:
    """One function at every x."""

    name: str
    rows: tuple[Row, ...]
    low: float | None
    high: float | None
    steepest: float


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows."""

    functions: tuple[Told, ...]
    sigmoid_bounds: dict[int, float]  # the largest product of so many slopes


def lesson(options: Options) -> Lesson:
    if not options.x:
        raise BadData("foundations.given.empty", name="--x")
    found = [find(name) for name in ACTIVATIONS]
    functions = tuple(Told(each.name, table(each, options.x), each.low, each.high, each.steepest) for each in found)
    trace = Trace(functions, {layers: slope_bound(find("sigmoid"), layers) for layers in (1, 3, 5, 10)})
    chosen = functions[list(ACTIVATIONS).index(options.function)]
    swish, three = find("swish").minimum, trace.sigmoid_bounds[3]
    assert swish is not None
    return Lesson(
        "activations",
        (
            Say(_words("intro")),
            Formula(("W₂ (W₁ x) = (W₂ W₁) x",)),
            Say(_words("why")),
            Formula(tuple(f"{name:11}  f(x) = {value.format(x='x')}" for name, (value, _) in _FORMULAS.items())),
            _values(functions, options.x),
            Heading(_words("worked", name=options.function)),
            Formula(_worked(chosen)),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, found, language)),
            Heading(_words("slopes")),
            _slopes(functions, options.x),
            Say(_words("slopes_mean")),
            Question(_words("ask_three"), _words("tell_three", value=shown(three)), expected=three),
            Formula(tuple(f"0.25^{layers} = {shown(bound)}" for layers, bound in trace.sigmoid_bounds.items())),
            Question(_words("ask_swish"), _words("tell_swish", x=shown(swish.x), y=shown(swish.y)), expected=swish.x),
            Heading(_words("which")),
            Say(_words("dead")),
            Say(_words("elu")),
            Say(_words("swish")),
        ),
        trace,
        more=("learn activations --function swish --x=-3,0.5", "learn vanishing", "learn blocks"),
    )  # fmt: skip


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.activations.{key}", values)


def _values(functions: tuple[Told, ...], xs: Numbers) -> parts.Table:
    header: tuple[parts.Text, ...] = (_words("function"), *(f"f({shown(x, 4)})" for x in xs), _words("range"))
    rows = ((each.name, *(shown(row.value, 4) for row in each.rows), _range(each)) for each in functions)
    return parts.Table(header, tuple(rows))


def _range(told: Told) -> str:
    low = "-∞" if told.low is None else shown(told.low, 4)
    high = "∞" if told.high is None else shown(told.high, 4)
    return f"{low}…{high}"


def _slopes(functions: tuple[Told, ...], xs: Numbers) -> parts.Table:
    header: tuple[parts.Text, ...] = (_words("function"), *(f"f'({shown(x, 4)})" for x in xs), _words("steepest"))
    rows = (
        (each.name, *(shown(row.derivative, 4) for row in each.rows), shown(each.steepest, 4)) for each in functions
    )
    return parts.Table(header, tuple(rows))


def _worked(chosen: Told) -> tuple[str, ...]:
    """The formulas with each x put in."""
    value, slope = _FORMULAS[chosen.name]
    lines = [f"f(x)  = {value.format(x='x')}", f"f'(x) = {slope.format(x='x', f='f(x)')}"]
    for row in chosen.rows:
        x, f = (f"({shown(each)})" if each < 0 else shown(each) for each in (row.x, row.value))
        lines += [
            "",
            f"f({shown(row.x)})  = {value.format(x=x)} = {shown(row.value)}",
            f"f'({shown(row.x)}) = {slope.format(x=x, f=f)} = {shown(row.derivative)}",
        ]
    return tuple(lines)


def _chart(options: Options, found: list[Activation], language: str) -> altair.TopLevelMixin:
    """The chosen function on the left with its tangent at the slider's x, its derivative on the right."""
    import altair

    names = [options.function, *(each.name for each in found if each.name != options.function)]
    picked = charts.choice("f", say("lesson.activations.function", language), {name: name for name in names})
    step = 2 * _REACH / (_PLACES - 1)
    x = charts.slider("x", "x", 1.0, Places(-_REACH, _REACH, step))
    rows = charts.chart(_curves(found))
    chosen = rows.transform_filter("datum.name == f")
    here = chosen.transform_filter(f"abs(datum.x - x) < {step / 2}")
    panels = []
    for field, title, colour, high in (("value", "f(x)", BLUE, 4.2), ("slope", "f'(x)", RED, 1.9)):
        low = -1.9 if field == "value" else -0.3
        across = altair.X("x:Q", title="x", scale=charts.fixed(-_REACH, _REACH))
        up = altair.Y(f"{field}:Q", title=title, scale=charts.fixed(low, high))
        layers = [
            rows.mark_line(color=FAINT, strokeWidth=1, opacity=0.6, clip=True).encode(x=across, y=up, detail="name:N"),
            chosen.mark_line(color=colour, strokeWidth=3, clip=True).encode(x=across, y=up),
            here.mark_point(filled=True, size=130, color=INK, opacity=1).encode(
                x=across, y=up, tooltip=["x:Q", "value:Q", "slope:Q"]
            ),
            here.transform_calculate(text=f"\"{title} = \" + format(datum.{field}, '.4f')")
            .mark_text(align="left", fontSize=13)
            .encode(x=altair.value(8), y=altair.value(10), text="text:N"),
        ]
        if field == "value":
            tangent = {"y": altair.Y("tangent_low:Q"), "y2": "tangent_high:Q", "x2": "right:Q"}
            layers.append(here.mark_rule(color=RED, strokeWidth=2, clip=True).encode(x=altair.X("left:Q"), **tangent))
        panels.append(altair.layer(*layers).properties(width=215, height=240))
    return altair.hconcat(*panels).add_params(picked, x)


def _curves(found: list[Activation]) -> list[dict[str, Any]]:
    """Every function at every place of the slider, with a piece of the tangent there."""
    rows = []
    for each in found:
        for row in table(each, np.linspace(-_REACH, _REACH, _PLACES)):
            x, value, slope = row.x, row.value, row.derivative
            reach = 1.2 / (1 + slope**2) ** 0.5  # tangents of equal length
            tangent = {"left": x - reach, "tangent_low": value - reach * slope}
            tangent |= {"right": x + reach, "tangent_high": value + reach * slope}
            rows.append({"name": each.name, "x": x, "value": value, "slope": slope, **tangent})
    return rows
