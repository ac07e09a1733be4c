"""Sparse connections and shared weights: why a convolution layer has so few parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.figures.colours import INK
from striate.foundations.sparse import Comparison, Connected, Partial, compared, partial
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, FAINT, GREEN, RED, Places
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_INPUTS, _KERNEL = 9, 3  # of the drawing
_UNITS = _INPUTS - _KERNEL + 1
_SHARED = (RED, BLUE, GREEN)
_WAYS = ("full", "local", "convolution")


@dataclass(frozen=True)
class Options:
    """LeNet-5's first layer."""

    side: int = 32
    channels: int = 1
    kernel: int = 5
    filters: int = 6


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows."""

    compared: Comparison
    c3: Partial


def lesson(options: Options) -> Lesson:
    given = (options.channels, options.side, options.side)
    trace = Trace(compared(given, kernel=options.kernel, filters=options.filters), _c3())
    full, local, shared = trace.compared.ways
    return Lesson(
        "sparse",
        (
            Say(_words("intro", shape=_times(trace.compared.input), output=_times(trace.compared.output))),
            Question(
                _words("ask_connections", kernel=options.kernel, channels=options.channels),
                _words("tell_connections", text=local.connections.text),
                expected=local.connections.value,
            ),
            _table(trace.compared),
            Formula(
                (
                    f"full / convolution = {full.weights.value:,} / {shared.weights.value:,} = "
                    f"{shown(full.weights.value / shared.weights.value)}",
                )
            ),
            Say(_words("reasons")),
            Chart(_words("chart"), _words("chart_summary"), _chart),
            Heading(_words("c3")),
            Say(_words("c3_say")),
            _maps(trace.c3),
            Question(_words("ask_c3"), _words("tell_c3"), expected=trace.c3.weights),
            Formula(_worked(trace.c3)),
            Chart(_words("c3_chart"), _words("c3_summary"), lambda language: _c3_chart(trace.c3, language)),
        ),
        trace,
        more=("learn sparse --side 224 --channels 3 --kernel 3 --filters 64", "describe lenet5", "learn convolution"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.sparse.{key}", values)


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _c3() -> Partial:
    """By the table of the network's own file."""
    from striate.nets.lenet5 import C3

    return partial([[int(at) for at in reads] for row in C3 for reads in row.split()], below=6, kernel=5, size=10)


def _table(found: Comparison) -> parts.Table:
    rows = ((_words(f"way.{way.kind}"), way.connections.text, _weights(way)) for way in found.ways)
    return parts.Table(("", _words("connections"), _words("weights")), tuple(rows), left=3)


def _weights(way: Connected) -> str:
    """Written out where they are not the connections again."""
    return f"{way.weights.value:,}" if way.weights == way.connections else way.weights.text


def _maps(found: Partial) -> parts.Table:
    """Table I of the paper."""
    header = ("", *(str(each.number) for each in found.maps))
    rows = ((str(at), *("X" if read else "" for read in row)) for at, row in enumerate(found.matrix))
    return parts.Table(header, tuple(rows), caption=_words("table"))


def _worked(found: Partial) -> tuple[str, ...]:
    sizes = sorted({len(each.reads) for each in found.maps})
    counts = {size: sum(len(each.reads) == size for each in found.maps) for size in sizes}
    text = " + ".join(f"{count}·({size}·25 + 1)" for size, count in counts.items())
    return (
        f"weights     = {text} = {found.weights:,}",
        f"connections = {found.weights:,} · 10 · 10 = {found.connections:,}",
        f"full        = 16·(6·25 + 1) = {found.full_weights:,}",
    )


def _chart(language: str) -> altair.TopLevelMixin:
    """Nine inputs below, seven units above, joined in one of the three ways; equal colours are equal weights."""
    import altair

    names = {each: say(f"lesson.sparse.way.{each}", language) for each in ("convolution", "local", "full")}
    way = charts.choice("way", say("lesson.sparse.joined", language), names)
    unit = charts.slider("unit", say("lesson.sparse.unit", language), 3, Places(0, _UNITS - 1, 1))
    x = altair.X("x:Q", axis=None, scale=charts.fixed(-0.6, _INPUTS - 0.4))
    y = altair.Y("y:Q", axis=None, scale=charts.fixed(-0.3, 1.3))
    lines = charts.chart(_links()).transform_filter("datum.way == way")
    ends = {"x": x, "y": y, "x2": "x2:Q", "y2": "y2:Q"}
    faint = lines.mark_rule(strokeWidth=1, opacity=0.35).encode(**ends, color=altair.Color("colour:N", scale=None))
    bold = lines.transform_filter("datum.unit == unit").mark_rule(strokeWidth=4)
    dots = [{"x": at, "y": 0, "at": -1} for at in range(_INPUTS)]
    dots += [{"x": at + 1, "y": 1, "at": at} for at in range(_UNITS)]
    circles = charts.chart(dots).mark_circle(size=320, opacity=1, color=FAINT).encode(x=x, y=y)
    chosen = charts.chart(dots).transform_filter("datum.at == unit").mark_circle(size=420, opacity=1, color=INK)
    layers = (faint, bold.encode(**ends, color=altair.Color("colour:N", scale=None)), circles, chosen.encode(x=x, y=y))
    return altair.layer(*layers).properties(width=500, height=200).add_params(way, unit)


def _links() -> list[dict[str, Any]]:
    rows = []
    for way in _WAYS:
        for unit in range(_UNITS):
            for at in range(_INPUTS) if way == "full" else range(unit, unit + _KERNEL):
                colour = _SHARED[at - unit] if way == "convolution" else INK
                rows.append({"way": way, "unit": unit, "x": at, "y": 0, "x2": unit + 1, "y2": 1, "colour": colour})
    return rows


def _c3_chart(found: Partial, language: str) -> altair.TopLevelMixin:
    """The table as a picture, with one map of C3 picked out."""
    import altair

    number = charts.slider("number", say("lesson.sparse.map", language), 0, Places(0, len(found.maps) - 1, 1))
    rows = [
        {"below": below, "map": at, "read": read}
        for below, row in enumerate(found.matrix)
        for at, read in enumerate(row)
    ]
    read = altair.when("datum.map == number").then(altair.value(RED)).otherwise(altair.value(BLUE))
    boxes = charts.chart(rows).encode(
        x=altair.X("map:O", title=say("lesson.sparse.map", language), axis=altair.Axis(labelAngle=0)),
        y=altair.Y("below:O", title=say("lesson.sparse.below", language)),
    )
    texts = [{"number": each.number, "text": f"{each.weights.text}"} for each in found.maps]
    line = charts.chart(texts).transform_filter("datum.number == number")
    note = line.mark_text(align="left", fontSize=14, color=INK).encode(
        x=altair.value(0), y=altair.value(-14), text="text:N"
    )
    filled = boxes.transform_filter("datum.read").mark_rect(stroke="white").encode(color=read)
    return (
        altair.layer(boxes.mark_rect(color="#f1f1ef", stroke="white"), filled, note)
        .properties(width=470, height=170, padding={"top": 28, "left": 5, "right": 5, "bottom": 5})
        .add_params(number)
    )
