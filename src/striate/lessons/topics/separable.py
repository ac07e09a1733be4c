"""Depthwise separable convolution: space and channels one after the other, and what that saves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.figures.colours import INK
from striate.foundations.convolution import Convolved, Separated, convolve, separate
from striate.foundations.separable import Separable, separable
from striate.lessons import charts, grids, parts
from striate.lessons.charts import BLUE, GREEN, RED, Places
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_PICTURE = (((1.0, 2.0, 0.0), (0.0, 1.0, 3.0), (2.0, 0.0, 1.0)), ((0.0, 1.0, 1.0), (2.0, 0.0, 1.0), (1.0, 1.0, 0.0)))
_DEPTHWISE = (((1.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (1.0, 0.0)))
_POINTWISE = ((1.0, 2.0),)
_FILTERS = tuple(2**at for at in range(3, 11))  # places of the slider


@dataclass(frozen=True)
class Options:
    """A layer of MobileNet: 512 channels in and out, 14x14."""

    channels: int = 512
    filters: int = 512
    kernel: int = 3
    size: int = 14


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows: the cost, and a small example done both ways."""

    cost: Separable
    small: Separated
    full: Convolved


def lesson(options: Options) -> Lesson:
    cost = separable(options.channels, options.filters, kernel=options.kernel, size=options.size)
    small = separate(_PICTURE, _DEPTHWISE, _POINTWISE)
    trace = Trace(cost, small, convolve(_PICTURE, small.full))
    return Lesson(
        "separable",
        (
            Say(_words("intro")),
            Heading(_words("by_hand")),
            Say(_words("first")),
            Formula(_steps(small)),
            Say(_words("second")),
            Formula(_mixed(small)),
            Say(_words("together")),
            Formula(_full(trace)),
            Heading(_words("costs")),
            Say(_words("costs_say")),
            _costs(cost),
            Formula(_ratio(cost)),
            *_questions(cost),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, language)),
            Say(_words("less")),
            Say(_words("time")),
        ),
        trace,
        more=(
            "learn separable --channels 32 --filters 64 --size 112",
            "describe mobilenet_v1",
            "compare mobilenet_v1 vgg16",
        ),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.separable.{key}", values)


def _steps(small: Separated) -> tuple[str, ...]:
    lines: list[str] = []
    for at, (channel, kernel) in enumerate(zip(_PICTURE, _DEPTHWISE, strict=True), 1):
        beside = (grids.written(channel, f"x_{at} = "), grids.written(kernel, f"   k_{at} = "))
        lines += [*_beside(*beside, grids.written(small.depthwise[at - 1], f"   x_{at} * k_{at} = ")), ""]
    return tuple(lines[:-1])


def _beside(*blocks: tuple[str, ...]) -> list[str]:
    """Blocks of lines side by side, all from the first line on."""
    tall = max(map(len, blocks))
    padded = [[*block, *("" for _ in range(tall - len(block)))] for block in blocks]
    widths = [max(map(len, block)) for block in blocks]
    return [
        "".join(text.ljust(wide) for text, wide in zip(row, widths, strict=True)).rstrip()
        for row in zip(*padded, strict=True)
    ]


def _mixed(small: Separated) -> tuple[str, ...]:
    first, second = (shown(each) for each in _POINTWISE[0])
    return (f"y = {first} · (x_1 * k_1) + {second} · (x_2 * k_2)", *grids.written(small.output[0], "  = "))


def _full(trace: Trace) -> tuple[str, ...]:
    first, second = (grids.written(each, f"w_{at} = ") for at, each in enumerate(trace.small.full[0], 1))
    return (
        *_beside(first, tuple(f"   {line}" for line in second)),
        "",
        *grids.written(trace.full.output[0], "x * w = "),
    )


def _costs(cost: Separable) -> parts.Table:
    named = (("depthwise", cost.depthwise), ("pointwise", cost.pointwise), ("both", cost.both), ("full", cost.full))
    rows = tuple((_words(name), each.weights.text, f"{each.macs.value:,}") for name, each in named)
    return parts.Table(("", _words("weights"), _words("macs")), rows, left=2)


def _ratio(cost: Separable) -> tuple[str, ...]:
    return (
        "(k²·M + M·N)·D² / (k²·M·N·D²) = 1/N + 1/k²",
        f"{cost.both.macs.value:,} / {cost.full.macs.value:,} = {cost.formula} = {shown(cost.ratio)}",
        f"1 / {shown(cost.ratio)} = {shown(cost.times_cheaper, 4)}",
    )


def _questions(cost: Separable) -> tuple[Question, ...]:
    large = separable(cost.channels, cost.filters, kernel=5, size=cost.size)
    return (
        Question(
            _words("ask_five"),
            _words("tell_five", formula=large.formula, times=shown(large.times_cheaper, 4)),
            expected=large.times_cheaper,
        ),
        Question(_words("ask_space"), _words("tell_space")),
    )


def _chart(options: Options, language: str) -> altair.TopLevelMixin:
    """The cost of each step for the kernel and the number of filters that are chosen."""
    import altair

    filters = charts.slider("power", say("lesson.separable.filters", language), 9, Places(3, 10, 1))
    kernel = charts.choice("kernel", say("lesson.separable.kernel", language), {"3": "3x3", "5": "5x5", "7": "7x7"})
    rows: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    separated, full = say("lesson.separable.both", language), say("lesson.separable.full", language)
    for power, number in enumerate(_FILTERS, 3):
        for size in (3, 5, 7):
            found = separable(options.channels, number, kernel=size, size=options.size)
            here = {"power": power, "kernel": str(size)}
            for name in ("depthwise", "pointwise"):
                part = say(f"lesson.separable.{name}", language)
                share = getattr(found, name).macs.value / found.full.macs.value
                rows.append({**here, "way": separated, "part": part, "share": share})
            rows.append({**here, "way": full, "part": full, "share": 1.0})
            notes.append({**here, "text": f"N = {number}:  {found.formula.split(' = ')[0]} = {shown(found.ratio, 4)}"})
    chosen = "datum.power == power && datum.kernel == kernel"
    names = [say(f"lesson.separable.{name}", language) for name in ("depthwise", "pointwise", "full")]
    colour = altair.Color("part:N", title=None, scale=altair.Scale(domain=names, range=[BLUE, GREEN, RED]))
    bars = charts.chart(rows).transform_filter(chosen).mark_bar().encode(
        x=altair.X("share:Q", title=say("lesson.separable.share", language), scale=charts.fixed(0, 1.02)),
        y=altair.Y("way:N", title=None, sort=[separated, full], axis=altair.Axis(labelLimit=200)),
        color=colour, tooltip=["part:N", altair.Tooltip("share:Q", format=".4f")],
    )  # fmt: skip
    note = charts.chart(notes).transform_filter(chosen).mark_text(align="left", fontSize=14, color=INK)
    below = note.encode(x=altair.value(0), y=altair.value(10), text="text:N").properties(width=300, height=20)
    return altair.vconcat(bars.properties(width=290, height=90), below).add_params(filters, kernel)
