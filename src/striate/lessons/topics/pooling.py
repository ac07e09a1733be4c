"""Pooling by hand: the largest number or the mean of each window, apart or overlapping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from striate.foundations.pooling import Kind, Pooled, Window, pool
from striate.foundations.sizes import Written, output_size
from striate.lessons import grids, parts
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.lessons.windows import Course, Stop, Titles, moving
from striate.lessons.written import abridged, bracketed, summed
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_NOTES = "1,1,2,4/5,6,7,8/3,2,1,0/1,2,3,4"


@dataclass(frozen=True)
class Options:
    """The notes' sixteen numbers under windows of 2x2 that move on by 2."""

    picture: str = _NOTES
    size: int = 2
    stride: int = 2
    pad: int = 0
    kind: Kind = "max"


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows."""

    pooled: Pooled
    overlapping: Pooled | None  # the same with a stride of one less, where there is one
    sizes: dict[str, Written]


def lesson(options: Options) -> Lesson:
    picture = grids.grid("--picture", options.picture)
    done = pool(picture, options.size, kind=options.kind, stride=options.stride, pad=options.pad)
    closer = pool(picture, options.size, kind=options.kind, stride=options.size - 1) if options.size > 1 else None
    trace = Trace(done, closer, _sizes())
    other, none = _questions(done, picture)
    return Lesson(
        "pooling",
        (
            Say(_words("intro")),
            Formula((*grids.written(picture, "x = "), "", *grids.written(done.output[0], "y = "))),
            _table(done),
            Formula(_worked(done)),
            other,
            none,
            Say(_words("meaning")),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, language)),
            Heading(_words("overlap")),
            Say(_words("overlap_say")),
            *((Formula(grids.written(closer.output[0], "y = ")),) if closer else ()),
            Heading(_words("sizes")),
            Question(_words("ask_alexnet"), _words("tell_alexnet"), expected=27),
            _known(trace.sizes),
            Say(_words("rounding")),
        ),
        trace,
        more=("learn pooling --kind mean", "learn pooling --size 3 --stride 1", "learn convolution"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.pooling.{key}", values)


def _sizes() -> dict[str, Written]:
    """Sides after the poolings of the papers."""
    known = {
        "LeNet-5 S2": (28, 2, 2),
        "AlexNet pool1": (55, 3, 2),
        "AlexNet pool5": (13, 3, 2),
        "VGG pool1": (224, 2, 2),
    }
    return {name: output_size(size, kernel, stride=stride) for name, (size, kernel, stride) in known.items()}


def _known(sizes: dict[str, Written]) -> parts.Table:
    rows = tuple((name, size.text) for name, size in sizes.items())
    return parts.Table((_words("pooling"), _words("side")), rows, left=2)


def _said(window: Window, kind: Kind) -> str:
    """max(1, 1, 5, 6) = 6, or the mean as a sum over a count."""
    values = [float(each) for each in window.patch.ravel()]
    if kind == "max":
        return f"max({', '.join(shown(each, 3) for each in values)}) = {shown(window.output, 4)}"
    return f"({summed([bracketed(each, 3) for each in values])}) / {len(values)} = {shown(window.output, 4)}"


def _table(done: Pooled) -> parts.Table:
    rows = (
        (f"({each.row}, {each.column})", f"({each.top}, {each.left})", _said(each, done.kind), _taken(each))
        for each in done.trace
    )
    return parts.Table((_words("place"), _words("corner"), "y", _words("taken")), abridged(rows), left=3)


def _taken(window: Window) -> str:
    return "-" if window.taken is None else f"({window.taken[0]}, {window.taken[1]})"


def _worked(done: Pooled) -> tuple[str, ...]:
    return (
        "out = 1 + (in + 2·pad - window) / stride",
        f"height = {done.height.text}",
        f"width  = {done.width.text}",
    )


def _questions(done: Pooled, picture: tuple[tuple[float, ...], ...]) -> tuple[Question, Question]:
    other: Kind = "mean" if done.kind == "max" else "max"
    size = done.trace[0].patch.shape[0]
    (first, *_) = pool(picture, size, kind=other).trace
    return (
        Question(
            _words(f"ask_{other}"), _words("tell_other", said=_said(first, other)), expected=first.output,
        ),
        Question(_words("ask_parameters"), _words("tell_parameters"), expected=0.0),
    )  # fmt: skip


def _chart(options: Options, language: str) -> altair.TopLevelMixin:
    """The window at every place: the maximum and the mean, apart and overlapping."""
    picture = np.array(grids.grid("--picture", options.picture))
    kinds: tuple[Kind, ...] = ("max", "mean") if options.kind == "max" else ("mean", "max")
    strides = dict.fromkeys([options.stride, options.size, max(options.size - 1, 1)])
    courses = [
        _course(pool(picture, options.size, kind=kind, stride=stride, pad=options.pad), stride, options.pad, language)
        for stride in strides
        for kind in kinds
    ]
    names = ("place", "setting", "input", "window", "output")
    return moving(picture, courses, Titles(*(say(f"lesson.pooling.chart_{each}", language) for each in names)))


def _course(done: Pooled, stride: int, pad: int, language: str) -> Course:
    stops = tuple(
        Stop(
            each.top,
            each.left,
            tuple(tuple(shown(float(value), 3) for value in row) for row in each.patch),
            _said(each, done.kind),
        )
        for each in done.trace
    )
    name = say(f"lesson.pooling.chart_{done.kind}", language, stride=stride)
    return Course(name, pad, done.output[0], stops)
