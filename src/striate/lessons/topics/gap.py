"""Global average pooling: one number a map, and the summary of 326,534 parameters row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from striate.figures.colours import INK
from striate.foundations.given import count
from striate.foundations.pooling import GlobalAverage as Averaged
from striate.foundations.pooling import global_average
from striate.foundations.summary import BODY, Conv, Declared, Dense, Flatten, GlobalAverage, Pool, Row, Summary, summary
from striate.lessons import charts, grids, parts
from striate.lessons.charts import BLUE, RED, Places
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.lessons.written import bracketed, paragraph, summed
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_COURSE = 326_534  # parameters of the course's summary
_SMALLEST = 4  # a side that two poolings leave something of
_SIDES = (28, 64, 4)  # of the chart: from, to, step


@dataclass(frozen=True)
class Options:
    """The course's network: a grey picture of 28x28, 500 hidden units, ten classes; and a map to average by hand."""

    side: int = 28
    channels: int = 1
    units: int = 500
    classes: int = 10
    map: str = "1,1,2,4/5,6,7,8/3,2,1,0/1,2,3,4"


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows."""

    mean: Averaged
    averaged: Summary
    flattened: Summary


def lesson(options: Options) -> Lesson:
    count(options.side, "--side", least=_SMALLEST)
    for name in ("channels", "units", "classes"):
        count(getattr(options, name), name)
    maps = grids.grid("--map", options.map)
    trace = Trace(global_average([maps]), _summary(options, GlobalAverage()), _summary(options, Flatten()))
    dense, why = _questions(trace.averaged)
    return Lesson(
        "gap",
        (
            Say(_words("intro")),
            Formula((*grids.written(maps, "x = "), "", _mean(maps, trace.mean))),
            Say(_words("meaning")),
            Heading(_words("summary")),
            Say(_words("summary_say" if trace.averaged.total == _COURSE else "summary_say_own")),
            dense,
            _table(trace.averaged),
            why,
            Heading(_words("flatten")),
            Say(paragraph(*_flattened(trace))),
            Formula(_compared(trace)),
            _table(trace.flattened),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, language)),
            Say(_words("also")),
        ),
        trace,
        more=("describe gap_cnn", "learn gap --side 32 --channels 3 --classes 100", "learn pooling"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.gap.{key}", values)


def _summary(options: Options, joined: Declared, side: int | None = None) -> Summary:
    shape = (options.channels, *(2 * (side or options.side,)))
    return summary((*BODY, joined, Dense(options.units), Dense(options.classes)), shape)


def _mean(maps: tuple[tuple[float, ...], ...], found: Averaged) -> str:
    terms = summed([bracketed(value) for row in maps for value in row])
    return f"({terms}) / {found.count} = {shown(found.sums[0])} / {found.count} = {shown(found.output[0])}"


def _table(found: Summary) -> parts.Table:
    rows: list[tuple[parts.Text, ...]] = [
        (_named(row), "x".join(map(str, row.output)), row.parameters.text if row.parameters else "0")
        for row in found.rows
    ]
    rows.append((_words("total"), "", f"{found.total:,}"))
    return parts.Table((_words("row"), _words("output"), _words("parameters")), tuple(rows), left=3)


def _named(row: Row) -> str:
    match row.declared:
        case Conv(filters, kernel):
            return f"conv {kernel}x{kernel}, {filters}"
        case Pool(kernel):
            return f"max pool {kernel}x{kernel}"
        case Dense(units):
            return f"dense {units}"
        case GlobalAverage():
            return "global average"
        case Flatten():
            return "flatten"


def _questions(found: Summary) -> tuple[Question, Question]:
    dense = found.rows[-2].parameters
    assert dense is not None
    asked = _words("ask_dense", inputs=found.rows[-2].input[0], units=found.rows[-2].output[0])
    return (
        Question(asked, _words("tell_dense", text=dense.text), expected=dense.value),
        Question(_words("ask_why"), _words("tell_why")),
    )


def _flattened(trace: Trace) -> Iterator[Phrase]:
    """What the dense layer has behind flatten: most of the parameters, or not so many in a small picture."""
    joined, dense = trace.flattened.rows[-3], trace.flattened.rows[-2].parameters
    assert dense is not None
    share = dense.value / trace.flattened.total
    yield _words("flatten_say", shape="x".join(map(str, joined.input)), share=f"{100 * share:.1f}")
    if share > 1 / 2:
        yield _words("flatten_most")
    if trace.flattened.total == trace.averaged.total:
        yield _words("flatten_same")


def _compared(trace: Trace) -> tuple[str, ...]:
    few, many = trace.averaged.total, trace.flattened.total
    return (f"flatten / global average = {many:,} / {few:,} = {shown(many / few, 4)}",)


def _chart(options: Options, language: str) -> altair.TopLevelMixin:
    """The parameters of each row, for pictures of many sizes."""
    import altair

    low, high, step = _SIDES
    side = charts.slider("side", say("lesson.gap.side", language), low, Places(low, high, step))
    names = {"flatten": say("lesson.gap.flattened", language), "average": say("lesson.gap.averaged", language)}
    joined = charts.choice("joined", say("lesson.gap.joined", language), names)
    rows: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    for at in np.arange(low, high + 1, step).tolist():
        for name, declared in (("average", GlobalAverage()), ("flatten", Flatten())):
            found = _summary(options, declared, at)
            here = {"side": at, "joined": name}
            rows += [
                {**here, "row": _named(row), "parameters": row.parameters.value} for row in found.rows if row.parameters
            ]
            totals.append({**here, "text": f"{say('lesson.gap.total', language)} {found.total:,}"})
    most = max(row["parameters"] for row in rows)
    chosen = "datum.side == side && datum.joined == joined"
    bars = charts.chart(rows).transform_filter(chosen)
    x = altair.X("parameters:Q", title=say("lesson.gap.parameters", language), scale=charts.fixed(0, 1.2 * most))
    y = altair.Y("row:N", title=None, sort=[row["row"] for row in rows[:5]])
    large = altair.when(f"datum.row == 'dense {options.units}'")
    colour = large.then(altair.value(RED)).otherwise(altair.value(BLUE))
    layers = (
        bars.mark_bar().encode(x=x, y=y, color=colour, tooltip=["row:N", altair.Tooltip("parameters:Q", format=",")]),
        bars.mark_text(align="left", dx=4).encode(x=x, y=y, text=altair.Text("parameters:Q", format=",")),
        charts.chart(totals).transform_filter(chosen).mark_text(align="right", fontSize=14, color=INK).encode(
            x=altair.value(420), y=altair.value(170), text="text:N"
        ),
    )  # fmt: skip
    return altair.layer(*layers).properties(width=430, height=190).add_params(side, joined)
