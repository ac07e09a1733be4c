"""Back-propagation through a 2-2-2 net: every quantity in the order in which one reckons, and what it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from striate.figures.colours import INK
from striate.foundations.backprop import EXAMPLE, Backprop, backpropagate
from striate.foundations.mlp import Layer, Net
from striate.foundations.quantities import Quantity, named
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, FAINT, GREEN, RED, Places
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.problem import Misuse
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_FLAT = tuple(tuple(weight for row in layer.weights for weight in row) for layer in EXAMPLE.layers)
_REACH, _PLACES = 4.0, 40  # of a weight's slider to either side, and how many places each
_WIDE, _TALL = 520, 320
_ELEMENT = re.compile(r"[awzδyJ](?:⁽[¹²³]⁾)?[₁₂]{0,2}")


@dataclass(frozen=True)
class Options:
    """One example through a net of small round weights; w⁽¹⁾ and w⁽²⁾ are given row by row, 11, 12, 21, 22."""

    x: Numbers = (1.0, 0.5)
    targets: Numbers = (1.0, 0.0)
    first: Numbers = _FLAT[0]
    second: Numbers = _FLAT[1]
    rate: float = 0.5


@dataclass(frozen=True)
class Trace:
    """The pass forward and back, and the loss after the update."""

    backprop: Backprop
    loss_after: float


def lesson(options: Options) -> Lesson:
    net = _net(options)
    found = backpropagate(net, options.x, options.targets, rate=options.rate)
    after = backpropagate(found.net, options.x, options.targets, rate=options.rate).loss
    slope = found.gradients[0].weights[0][0]
    return Lesson(
        "backprop",
        (
            Say(_words("intro")),
            Say(_words("net")),
            Formula(_given(options, net)),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _steps(options, net, found, language)),
            Heading(_words("forward")),
            Say(_words("forward_means")),
            _table(found.forward),
            Heading(_words("backward")),
            Say(_words("backward_means")),
            Formula(_rules()),
            Question(_words("ask_slope"), _words("tell_slope", value=shown(slope)), expected=slope),
            _table(found.backward),
            Say(_words("chain")),
            Question(_words("ask_sum"), _words("tell_sum")),
            Heading(_words("update")),
            Say(_words("update_means", rate=shown(options.rate))),
            _table(found.updates),
            Say(_words("fallen" if after < found.loss else "risen", before=shown(found.loss), after=shown(after))),
            Chart(
                _words("chart_weight"), _words("chart_weight_summary"),
                lambda language: _weights(options, net, language),
            ),
            Question(_words("ask_old"), _words("tell_old")),
        ),
        Trace(found, after),
        more=("learn backprop --rate 5", "learn backprop --x 1,1 --targets 0,1", "learn vanishing"),
    )  # fmt: skip


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.backprop.{key}", values)


def _net(options: Options) -> Net:
    layers = []
    for name, weights in (("--first", options.first), ("--second", options.second)):
        if len(weights) != 4:
            raise Misuse("learn.backprop.weights", option=name, count=len(weights))
        layers.append(Layer((tuple(weights[:2]), tuple(weights[2:])), None, "sigmoid"))
    return Net(tuple(layers))


def _given(options: Options, net: Net) -> tuple[str, ...]:
    numbers = [f"{named('a', 1, at)} = {shown(each)}" for at, each in enumerate(options.x)]
    aims = [f"{named('y', None, at)} = {shown(each)}" for at, each in enumerate(options.targets)]
    lines = [",  ".join(numbers), ",  ".join(aims), f"η = {shown(options.rate)}"]
    for layer, weights in enumerate(net.layers, 1):
        cells = (
            f"{named('w', layer, unit, place)} = {shown(weight)}"
            for unit, row in enumerate(weights.weights)
            for place, weight in enumerate(row)
        )
        lines.append(",  ".join(cells))
    return tuple(lines)


def _rules() -> tuple[str, ...]:
    return (
        "δ⁽³⁾ᵢ = (a⁽³⁾ᵢ - yᵢ) · a⁽³⁾ᵢ(1 - a⁽³⁾ᵢ)",
        "∂J/∂w⁽²⁾ᵢⱼ = δ⁽³⁾ᵢ · a⁽²⁾ⱼ",
        "δ⁽²⁾ⱼ = (Σᵢ δ⁽³⁾ᵢ·w⁽²⁾ᵢⱼ) · a⁽²⁾ⱼ(1 - a⁽²⁾ⱼ)",
        "∂J/∂w⁽¹⁾ⱼₖ = δ⁽²⁾ⱼ · a⁽¹⁾ₖ",
    )


def _table(quantities: Sequence[Quantity]) -> parts.Table:
    rows = tuple((each.symbol, each.formula, each.numbers, shown(each.value)) for each in quantities)
    return parts.Table((_words("quantity"), _words("formula"), _words("numbers"), _words("value")), rows, left=3)


_AT = {  # where the parts of the net stand in the picture
    f"{letter}⁽{'¹²³'[layer]}⁾{'₁₂'[unit]}": (float(layer), 1.0 - unit)
    for letter in "azδ"
    for layer in range(3)
    for unit in range(2)
} | {"y₁": (2.0, 1.0), "y₂": (2.0, 0.0), "J": (2.75, 0.5), "J₁": (2.75, 0.5), "J₂": (2.75, 0.5)}


def _steps(options: Options, net: Net, found: Backprop, language: str) -> altair.TopLevelMixin:
    """The net; the slider goes through the calculation and lights what it takes and what it gives."""
    import altair

    phases = (("forward", found.forward, BLUE), ("backward", found.backward, RED), ("update", found.updates, GREEN))
    steps = [(phase, quantity, colour) for phase, quantities, colour in phases for quantity in quantities]
    slider = charts.slider("step", say("lesson.backprop.step", language), 1, Places(1, len(steps), 1))
    scales = {"x": charts.fixed(-0.3, 3.0), "y": charts.fixed(-0.5, 2.1)}
    x, y = (kind(f"{at}:Q", scale=scales[at], axis=None) for kind, at in ((altair.X, "x"), (altair.Y, "y")))
    edges = charts.chart(_edges())
    nodes = charts.chart({"x": at, "y": up} for at, up in set(_AT.values()))
    lit = charts.chart(_lit(steps)).transform_filter("datum.step == step")
    colour = altair.Color("colour:N", scale=None)
    labels = charts.chart(_labels(options, net, steps)).transform_filter("datum.since <= step && step < datum.until")
    told = charts.chart(_told(steps, language)).transform_filter("datum.step == step")
    return altair.layer(
        edges.mark_rule(color=FAINT, strokeWidth=1.5).encode(x=x, y=y, x2="x2:Q", y2="y2:Q"),
        lit.transform_filter("isValid(datum.x2)").mark_rule(strokeWidth=5)
        .encode(x=x, y=y, x2="x2:Q", y2="y2:Q", color=colour, opacity=altair.Opacity("strength:Q", scale=None)),
        nodes.mark_point(filled=True, size=2400, color="white", stroke=FAINT, opacity=1).encode(x=x, y=y),
        lit.transform_filter("!isValid(datum.x2)").mark_point(size=2400, strokeWidth=4, filled=False)
        .encode(x=x, y=y, color=colour, opacity=altair.Opacity("strength:Q", scale=None)),
        labels.mark_text(fontSize=11).encode(x=x, y=y, text="words:N", color=colour),
        told.mark_text(align="left", fontSize=14, fontWeight="bold").encode(x=x, y=y, text="words:N", color=colour),
    ).properties(width=_WIDE, height=_TALL).add_params(slider)  # fmt: skip


def _edges() -> Iterator[dict[str, Any]]:
    for layer in range(2):
        for unit in range(2):
            for place in range(2):
                yield {"x": layer, "y": 1 - place, "x2": layer + 1, "y2": 1 - unit}
    for unit in range(2):
        yield {"x": 2, "y": 1 - unit, "x2": 2.75, "y2": 0.5}


def _lit(steps: Sequence[tuple[str, Quantity, str]]) -> Iterator[dict[str, Any]]:
    """What a step takes is lit faintly, what it gives strongly."""
    for number, (_, quantity, colour) in enumerate(steps, 1):
        gives = {_place(each) for each in _ELEMENT.findall(quantity.symbol)[-1:]}
        takes = {_place(each) for each in _ELEMENT.findall(quantity.formula)} - gives
        for strength, places in ((1.0, gives), (0.35, takes)):
            for place in places:
                yield {"step": number, "colour": colour, "strength": strength, **dict(place)}


def _place(symbol: str) -> tuple[tuple[str, float], ...]:
    """Of a node its centre, of a weight both ends."""
    if not symbol.startswith("w"):
        x, y = _AT[symbol]
        return (("x", x), ("y", y))
    layer, (unit, place) = "¹²".index(symbol[2]), ("₁₂".index(each) for each in symbol[4:])
    return (("x", layer), ("y", 1 - place), ("x2", layer + 1), ("y2", 1 - unit))


def _labels(options: Options, net: Net, steps: Sequence[tuple[str, Quantity, str]]) -> Iterator[dict[str, Any]]:
    """What is known so far: outputs in the nodes, deltas below them, weights on their edges, old and new."""
    end = len(steps) + 1
    renewed = {quantity.symbol: at for at, (phase, quantity, _) in enumerate(steps, 1) if phase == "update"}
    for at, number in enumerate(options.x):
        x, y = _AT[named("a", 1, at)]
        yield _label(x, y, shown(number, 4), INK, (1, end))
    for layer, weights in enumerate(net.layers):
        for unit, row in enumerate(weights.weights):
            for place, weight in enumerate(row):
                until = renewed[named("w", layer + 1, unit, place)]
                yield _label(*_on_edge(layer, unit, place), shown(weight, 4), INK, (1, until))
    for since, (phase, quantity, colour) in enumerate(steps, 1):
        value = shown(quantity.value, 4)
        if phase == "update":
            layer, (unit, place) = "¹²".index(quantity.symbol[2]), ("₁₂".index(each) for each in quantity.symbol[4:])
            yield _label(*_on_edge(layer, unit, place), value, colour, (since, end))
        elif quantity.symbol[0] in "aδ" or quantity.symbol == "J":
            x, y = _AT[quantity.symbol]
            delta = quantity.symbol[0] == "δ"
            yield _label(x, y - 0.3 * delta, f"δ {value}" if delta else value, colour, (since, end))


def _on_edge(layer: int, unit: int, place: int) -> tuple[float, float]:
    """Near the lower layer, where the edges do not cross yet."""
    share, above = 0.3, 0.06
    return layer + share, (1 - place) + share * (place - unit) + above


def _label(x: float, y: float, words: str, colour: str, life: tuple[int, int]) -> dict[str, Any]:
    since, until = life
    return {"x": x, "y": y, "words": words, "colour": colour, "since": since, "until": until}


def _told(steps: Sequence[tuple[str, Quantity, str]], language: str) -> Iterator[dict[str, Any]]:
    """A step in three lines: which pass, the formula, and its numbers."""
    for number, (phase, quantity, colour) in enumerate(steps, 1):
        formula = f"{quantity.symbol} {'←' if phase == 'update' else '='} {quantity.formula}"
        numbers = f"= {quantity.numbers} = {shown(quantity.value)}"
        for line, words in enumerate((say(f"lesson.backprop.{phase}", language), formula, numbers)):
            yield {
                "step": number,
                "colour": INK if line else colour,
                "x": -0.25,
                "y": 2.0 - 0.19 * line,
                "words": words,
            }


def _weights(options: Options, net: Net, language: str) -> altair.TopLevelMixin:
    """J as one weight moves and all others stay, with the slope that back-propagation gives."""
    import altair

    rows: list[dict[str, Any]] = []
    now: list[dict[str, Any]] = []
    for layer in range(2):
        for unit in range(2):
            for place in range(2):
                name = named("w", layer + 1, unit, place)
                whole = net.layers[layer].weights[unit][place]
                now.append({"name": name, "w": whole, "J": _at(options, net, (layer, unit, place), whole)[0]})
                for at in range(-_PLACES, _PLACES + 1):
                    weight = at * _REACH / _PLACES
                    value, slope = _at(options, net, (layer, unit, place), weight)
                    rows.append({"name": name, "w": weight, "J": value, "slope": slope})
    chosen = charts.choice("weight", say("lesson.backprop.weight", language), {row["name"]: row["name"] for row in now})
    step = _REACH / _PLACES
    slider = charts.slider("value", say("lesson.backprop.value_now", language), 0.0, Places(-_REACH, _REACH, step))
    x = altair.X("w:Q", title=say("lesson.backprop.weight", language), scale=charts.fixed(-_REACH, _REACH))
    y = altair.Y("J:Q", title="J", scale=altair.Scale(zero=False))
    curve = charts.chart(rows).transform_filter("datum.name == weight")
    here = curve.transform_filter(f"abs(datum.w - value) < {step / 2}")
    tangent = here.transform_calculate(
        w1="datum.w - 1", w2="datum.w + 1", J1="datum.J - datum.slope", J2="datum.J + datum.slope",
        words="'J = ' + format(datum.J, '.5f') + '    ∂J/∂w = ' + format(datum.slope, '.5f')",
    )  # fmt: skip
    return altair.layer(
        curve.mark_line(color=INK, strokeWidth=2).encode(x=x, y=y),
        charts.chart(now).transform_filter("datum.name == weight")
        .mark_point(shape="cross", angle=45, size=120, color=INK, filled=True, opacity=1).encode(x=x, y=y),
        tangent.mark_rule(color=RED, strokeWidth=2.5, clip=True)
        .encode(x=altair.X("w1:Q", title=None), x2="w2:Q", y=altair.Y("J1:Q", title=None), y2="J2:Q"),
        here.mark_point(filled=True, size=120, color=BLUE, opacity=1).encode(x=x, y=y),
        tangent.mark_text(align="left", dx=8, dy=-8, fontSize=14, fontWeight="bold", color=INK)
        .encode(x=altair.value(0), y=altair.value(0), text="words:N"),
    ).properties(width=_WIDE, height=220).add_params(chosen, slider)  # fmt: skip


def _at(options: Options, net: Net, where: tuple[int, int, int], weight: float) -> tuple[float, float]:
    """J, and its derivative by a weight, where that weight has another value."""
    layer, unit, place = where
    rows = [list(row) for row in net.layers[layer].weights]
    rows[unit][place] = weight
    layers = list(net.layers)
    layers[layer] = replace(layers[layer], weights=tuple(map(tuple, rows)))
    found = backpropagate(Net(tuple(layers)), options.x, options.targets, rate=options.rate)
    return found.loss, found.gradients[layer].weights[unit][place]
