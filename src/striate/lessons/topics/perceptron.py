"""Rosenblatt's perceptron: every mistake and what it changes, why it comes to an end, and where it never does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from striate.figures.colours import INK
from striate.foundations.examples import AND, CORNERS, NAND, OR, XOR
from striate.foundations.given import count
from striate.foundations.mlp import Layer, Net, decision_surface
from striate.foundations.perceptron import Learned, Update, learn
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, RED, Places
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, Text, shown
from striate.lessons.written import abridged, bracketed
from striate.problem import Misuse
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

Gate = Literal["and", "or", "nand", "xor"]
Rows = tuple[tuple[float, float], ...]

_TARGETS: Mapping[Gate, Numbers] = {"and": AND, "or": OR, "nand": NAND, "xor": XOR}
_DRAWN, _WIDE = 30, 300  # updates of the picture, and its size


@dataclass(frozen=True)
class Options:
    """The logical AND of two inputs, or examples of one's own."""

    gate: Gate = "and"
    rate: float = 1.0
    epochs: int = 20
    x1: Numbers = ()
    x2: Numbers = ()
    targets: Numbers = ()


@dataclass(frozen=True)
class Trace:
    """What was learned, and what becomes of XOR."""

    learned: Learned
    xor: Learned


def lesson(options: Options) -> Lesson:
    count(options.epochs, "epochs", most=10_000)
    inputs, targets = _examples(options)
    learned = learn(inputs, targets, rate=options.rate, epochs=options.epochs)
    xor = learn(CORNERS, _TARGETS["xor"], rate=options.rate, epochs=options.epochs)
    trace = Trace(learned, xor)
    return Lesson(
        "perceptron",
        (
            Say(_words("intro")),
            Formula(("z = w₁·x₁ + w₂·x₂ + b", "y = 1   z > 0", "y = 0   z < 0")),
            Say(_words("rule")),
            Formula(("w ← w + η·(t - y)·x", "b ← b + η·(t - y)")),
            Say(_words("on", count=len(targets), rate=shown(options.rate))),
            *((Formula(_worked(options, learned.trace[0])),) if learned.trace else ()),
            _table(learned),
            Say(_verdict(learned)),
            *_bound(learned),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, language)),
            Heading(_words("xor")),
            Say(_words("xor_intro")),
            Formula(_contradiction()),
            Say(_words("xor_means", mistakes=", ".join(map(str, xor.mistakes[:6])))),
            Question(_words("ask_xor"), _words("tell_xor"), expected=3),
            Question(_words("ask_boundary"), _words("tell_boundary")),
        ),
        trace,
        more=("learn perceptron --gate or", "learn perceptron --gate xor", "learn xor"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.perceptron.{key}", values)


def _examples(options: Options) -> tuple[Rows, Numbers]:
    """The gate's four, or a person's own."""
    own = (options.x1, options.x2, options.targets)
    if not any(own):
        return CORNERS, _TARGETS[options.gate]
    if len({len(each) for each in own}) > 1:
        raise Misuse(
            "learn.perceptron.own", first=len(options.x1), second=len(options.x2), targets=len(options.targets)
        )
    return tuple(zip(options.x1, options.x2, strict=True)), options.targets


def _worked(options: Options, update: Update) -> tuple[str, ...]:
    (w1, w2), (x1, x2), rate = update.weights, update.x, shown(options.rate)
    change = f"{rate}·({update.target} - {update.answer})"
    after1, after2 = update.weights_after
    return (
        f"x = ({shown(x1)}, {shown(x2)}),  t = {update.target}",
        f"z = {bracketed(w1)}·{bracketed(x1)} + {bracketed(w2)}·{bracketed(x2)} + {bracketed(update.bias)}"
        f" = {shown(update.z)}",
        f"w₁ ← {shown(w1)} + {change}·{bracketed(x1)} = {shown(after1)}",
        f"w₂ ← {shown(w2)} + {change}·{bracketed(x2)} = {shown(after2)}",
        f"b  ← {shown(update.bias)} + {change} = {shown(update.bias_after)}",
    )


def _table(learned: Learned) -> parts.Table:
    header: tuple[Text, ...] = (_words("update"), _words("epoch"), "x₁", "x₂", "t", "z", "y", "→", "w₁", "w₂", "b")
    rows = [
        (shown(each.number), shown(each.epoch), *map(shown, each.x), shown(each.target), shown(each.z),
         shown(each.answer), "", *map(shown, each.weights_after), shown(each.bias_after))
        for each in learned.trace
    ]  # fmt: skip
    return parts.Table(header, abridged(rows), left=0)


def _verdict(learned: Learned) -> Phrase:
    if learned.converged:
        w1, w2 = map(shown, learned.weights)
        return _words("converged", updates=len(learned.trace), w1=w1, w2=w2, b=shown(learned.bias))
    if learned.cycle:
        return _words("cycle", first=learned.cycle.first, last=learned.cycle.last)
    return _words("not_yet" if learned.bound else "never", epochs=len(learned.mistakes))


def _bound(learned: Learned) -> tuple[parts.Part, ...]:
    bound = learned.bound
    if bound is None:
        return ()
    return (
        Say(_words("bound")),
        Formula((f"(R / γ)² = ({shown(bound.radius)} / {shown(bound.margin)})² = {shown(bound.updates)}",)),
        Question(_words("ask_rate"), _words("tell_rate")),
    )


def _contradiction() -> tuple[str, ...]:
    """The four demands that XOR makes on one line, which cannot all be met."""
    return (
        "(0,0) → 0:             b < 0",
        "(0,1) → 1:        w₂ + b > 0",
        "(1,0) → 1:   w₁      + b > 0",
        "(1,1) → 0:   w₁ + w₂ + b < 0",
        "",
        "(w₁ + b) + (w₂ + b) > 0,   (w₁ + w₂ + b) + b < 0",
    )


def _chart(options: Options, language: str) -> altair.TopLevelMixin:
    """The plane, coloured by the answer after so many updates, and the example that the next one is about."""
    import altair

    cases = _cases(options, language)
    steps = max(len(learned.trace) for _, _, learned in cases.values())
    update = charts.slider("update", say("lesson.perceptron.update", language), 0, Places(0, min(steps, _DRAWN), 1))
    gate = charts.choice("gate", say("lesson.perceptron.gate", language), {name: name for name in cases})
    points = [row for name, (inputs, targets, _) in cases.items() for row in _points(name, inputs, targets)]
    low, high = _room(points)
    states = [row for name, (_, _, learned) in cases.items() for row in _states(name, learned, (low, high))]
    x = altair.X("x:Q", title="x₁", scale=charts.fixed(low, high))
    y = altair.Y("y:Q", title="x₂", scale=charts.fixed(low, high))
    here = "datum.gate == gate && (datum.update == update || datum.last && datum.update < update)"
    seen = charts.chart(points).transform_filter("datum.gate == gate")
    colour = altair.Color("t:N", legend=None, scale=altair.Scale(domain=[0, 1], range=[RED, BLUE]))
    state = charts.chart(states).transform_filter(here)
    wrong = state.transform_filter("isValid(datum.x)")
    return altair.layer(
        charts.backdrop(states, _WIDE, _WIDE).transform_filter(here),
        wrong.mark_point(size=520, color=INK, strokeWidth=2.5, opacity=1).encode(x=x, y=y),
        seen.mark_point(filled=True, size=150, opacity=1, stroke="white").encode(x=x, y=y, color=colour),
        seen.mark_text(dx=14, dy=-12, fontSize=13, fontWeight="bold", color=INK).encode(x=x, y=y, text="t:N"),
        state.mark_text(align="left", dy=-8, fontSize=13, fontWeight="bold", color=INK)
        .encode(x=altair.value(0), y=altair.value(0), text="words:N"),
    ).properties(width=_WIDE, height=_WIDE).add_params(gate, update)  # fmt: skip


def _cases(options: Options, language: str) -> dict[str, tuple[Rows, Numbers, Learned]]:
    """A person's own examples alone, or all gates, the one asked for first."""
    if any((options.x1, options.x2, options.targets)):
        chosen = {say("lesson.perceptron.own", language): _examples(options)}
    else:
        order = sorted(_TARGETS, key=lambda gate: gate != options.gate)
        chosen = {gate.upper(): (CORNERS, _TARGETS[gate]) for gate in order}
    return {
        name: (inputs, targets, learn(inputs, targets, rate=options.rate, epochs=options.epochs))
        for name, (inputs, targets) in chosen.items()
    }


def _points(name: str, inputs: Rows, targets: Numbers) -> Iterator[dict[str, Any]]:
    for (x, y), target in zip(inputs, targets, strict=True):
        yield {"gate": name, "x": x, "y": y, "t": int(target)}


def _room(points: list[dict[str, Any]]) -> tuple[float, float]:
    values = [row[axis] for row in points for axis in "xy"]
    margin = 0.4 * (max(values) - min(values)) or 1.0
    return min(values) - margin, max(values) + margin


def _states(name: str, learned: Learned, room: tuple[float, float]) -> Iterator[dict[str, Any]]:
    """Each place of the slider: the answers under the weights then, and the example that is called wrong next."""
    shown_updates = learned.trace[: _DRAWN + 1]
    for each in shown_updates:
        yield {**_state(name, each.number - 1, each.weights, each.bias, room), "x": each.x[0], "y": each.x[1],
               "last": each.number == _DRAWN + 1}  # fmt: skip
    if len(learned.trace) <= _DRAWN:
        yield {
            **_state(name, len(learned.trace), learned.weights, learned.bias, room),
            "x": None,
            "y": None,
            "last": True,
        }


def _state(
    name: str, update: int, weights: tuple[float, ...], bias: float, room: tuple[float, float]
) -> dict[str, Any]:
    net = Net((Layer((weights,), (bias,), "step"),))
    url = charts.shares(decision_surface(net, (room, room), points=_WIDE // 2).heights)
    words = f"w = ({', '.join(map(shown, weights))}),  b = {shown(bias)}"
    return {"gate": name, "update": update, "url": url, "words": words}
