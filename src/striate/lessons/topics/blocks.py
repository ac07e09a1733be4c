"""In which order a block's parts stand: convolution, normalisation, activation, dropout, pooling, and why."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from striate.experiments import SHIPPED
from striate.foundations.block_order import Dropped, Orders, Swapped, dropped, orders, swapped
from striate.foundations.given import array
from striate.lessons.charts import COLOURS, Places, chart, slider
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Part, Question, Say, Table, shown
from striate.problem import BadData
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_RATES = tuple(at / 20 for at in range(19))  # of the slider
_SIDE = 4
_PARTS = ("conv", "norm", "act", "drop", "pool")


@dataclass(frozen=True)
class Options:
    """A map of 4x4 values before the activation, row by row."""

    values: Numbers = (1, -2, 3, 0, -1, 2, -3, 1, -4, -1, 2, 2, -2, -3, 1, -1)
    bias: float = 5.0
    rate: float = 0.5


@dataclass(frozen=True)
class Trace:
    """What changes places, and what comes of it."""

    largest: Swapped
    mean: Swapped
    orders: Orders
    dropped: Dropped
    arms: tuple[str, ...]


def lesson(options: Options) -> Lesson:
    if len(options.values) != _SIDE**2:
        raise BadData("learn.blocks_size", count=len(options.values), wanted=_SIDE**2)
    if len(set(options.values)) == 1:
        raise BadData("learn.blocks_same", value=f"{options.values[0]:g}")
    square = array(options.values, "values", 1).reshape(_SIDE, _SIDE)
    found = orders(options.values, options.bias)
    behind = dropped(found.plain, options.rate)
    if not behind.answering.variance:
        raise BadData("learn.blocks_near", low=f"{square.min():g}", high=f"{square.max():g}")
    trace = Trace(swapped(square), swapped(square, kind="mean"), found, behind, _arms())
    return Lesson(
        "blocks",
        (
            Say(_words("intro")),
            Formula(("Conv → (Norm) → Activation → (Dropout) → Pool",)),
            _reasons(),
            *_bias(trace, options),
            *_relu(trace),
            *_dropout(trace, options),
            *_pooling(trace),
            Heading(_words("measured")),
            Say(_words("experiment", arms=len(trace.arms))),
            Table((_words("arm"),), tuple((each,) for each in trace.arms)),
            Say(_words("meaning")),
        ),
        trace,
        more=("ablate block-order --quick", "learn blocks --rate 0.2", "describe vgg16_bn"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.blocks.{key}", values)


def _arms() -> tuple[str, ...]:
    """The orders that the experiment compares, as its file names them."""
    declared = tomllib.loads(SHIPPED["block-order"].read_text(encoding="utf-8"))
    return tuple(arm["name"].replace("-", " → ") for arm in declared["arm"])


def _reasons() -> Table:
    body = tuple((_words(f"part.{part}"), _words(f"why.{part}"), _words(f"said.{part}")) for part in _PARTS)
    return Table((_words("part"), _words("why"), _words("said")), body, left=3)


def _bias(trace: Trace, options: Options) -> tuple[Part, ...]:
    """Normalisation right behind the convolution takes its bias away."""
    plain, biased = trace.orders.plain[0], trace.orders.with_bias[0]
    first = options.values[0]
    lines = (
        "norm(x + b) = (x + b − mean(x + b)) / √var(x + b) = (x − mean(x)) / √var(x)",
        f"x = {shown(first)}:  norm(x) = {shown(plain, 4)}   norm(x + {shown(options.bias)}) = {shown(biased, 4)}",
    )
    question = Question(_words("ask_bias"), _words("tell_bias"), expected=0)
    return Heading(_words("bias")), Say(_words("bias_told")), Formula(lines), question


def _relu(trace: Trace) -> tuple[Part, ...]:
    """Normalisation before ReLU and behind it."""

    def row(name: str, spread: object, values: tuple[float, ...]) -> tuple[str, ...]:
        alive = sum(value > min(values) for value in values)
        mean, variance = (getattr(spread, each) for each in ("mean", "variance"))
        return (name, shown(round(mean, 6), 4), shown(variance, 4), f"{alive} / {len(values)}")

    found = trace.orders
    body = (
        row("norm → ReLU", found.after_norm_relu, found.norm_relu),
        row("ReLU → norm", found.after_relu_norm, found.relu_norm),
    )
    head = ("", _words("mean"), _words("variance"), _words("alive"))
    return Heading(_words("relu")), Table(head, body), Say(_words("relu_told"))


def _dropout(trace: Trace, options: Options) -> tuple[Part, ...]:
    """Dropout before a normalisation."""
    found, keep = trace.dropped, shown(1 - options.rate)
    mean, one, two = found.answering.mean, found.answering.variance, found.training.variance
    square = one + mean**2
    lines = (
        "Var[d] = E[x²] / (1 − p) − E[x]²",
        f"       = {shown(square, 4)} / {keep} − {shown(round(mean, 9), 4)}² = {shown(two, 4)}",
        f"Var[d] / Var[x] = {shown(two, 4)} / {shown(one, 4)} = {shown(found.ratio, 4)}",
    )
    return (
        Heading(_words("dropout")),
        Say(_words("dropout_told")),
        Formula(lines),
        Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(trace, options, language)),
        Question(_words("ask_shift"), _words("tell_shift"), expected=1.25),
    )


def _pooling(trace: Trace) -> tuple[Part, ...]:
    """ReLU and pooling change places."""
    body = tuple(
        (
            _words(f"kind.{each.kind}"),
            _listed(each.relu_first.tolist()),
            _listed(each.pool_first.tolist()),
            _words("same" if each.same else "different"),
        )
        for each in (trace.largest, trace.mean)
    )
    head = ("", "ReLU → Pool", "Pool → ReLU", "")
    calls = _words("pooling_told", first=trace.largest.relu_first_calls, last=trace.largest.pool_first_calls)
    return Heading(_words("pooling")), Table(head, body), Say(calls)


def _listed(table: list[list[float]]) -> str:
    return "[" + ", ".join("[" + ", ".join(shown(value, 4) for value in row) + "]" for row in table) + "]"


def _chart(trace: Trace, options: Options, language: str) -> altair.TopLevelMixin:
    """The variance that a normalisation learns and the one that it meets, for every rate of dropout."""
    import altair

    nearest = min(_RATES, key=lambda rate: abs(rate - options.rate))
    rate = slider("rate", say("lesson.blocks.rate", language), nearest, Places(0, _RATES[-1], 0.05))
    kinds = [say(f"lesson.blocks.{kind}", language) for kind in ("learnt", "met")]
    values = []
    for place in _RATES:
        found = dropped(trace.orders.plain, place)
        spreads = (found.training.variance, found.answering.variance)
        values += [
            {"rate": place, "kind": kind, "variance": round(spread, 4)}
            for kind, spread in zip(kinds, spreads, strict=True)
        ]
    x = altair.X("rate:Q", title=say("lesson.blocks.rate", language))
    y = altair.Y("variance:Q", title=say("lesson.blocks.variance", language))
    colour = altair.Color(
        "kind:N", title=None, scale=altair.Scale(domain=kinds, range=list(COLOURS[:2])),
        legend=altair.Legend(orient="top", labelFontSize=12, labelLimit=400),
    )  # fmt: skip
    here = chart(values).transform_filter("abs(datum.rate - rate) < 0.01")
    return (
        altair.layer(
            chart(values).mark_line().encode(x=x, y=y, color=colour),
            here.mark_point(filled=True, size=160, opacity=1).encode(x=x, y=y, color=colour),
            here.mark_text(dy=-14, fontSize=13).encode(x=x, y=y, text=altair.Text("variance:Q", format=".2f")),
        )
        .properties(width=480, height=260)
        .add_params(rate)
    )
