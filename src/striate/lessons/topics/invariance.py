"""What becomes of a network's maps when the picture moves: convolution moves along, pooling forgives a little."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from striate.data.sets import open_set
from striate.foundations.given import Array, count
from striate.foundations.pooling import pool
from striate.foundations.pooling_shift import Change, Equivariance, Invariance, equivariance, invariance
from striate.lessons import charts, grids, parts
from striate.lessons.charts import BLUE, FAINT, GREEN, RED, YELLOW, Places
from striate.lessons.parts import Chart, Heading, Lesson, Question, Say, shown
from striate.lessons.written import paragraph
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_EDGE = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))
_WAYS = {"pixels": FAINT, "kept": YELLOW, "maximum": RED, "mean": BLUE, "whole_mean": GREEN}
_NEAR, _HARDLY = 0.05, 0.25  # of the pixels' own change: as good as the same, next to nothing
_SIDE = 165  # pixels of a picture in the chart


@dataclass(frozen=True)
class Options:
    """Windows of 2x2 over some of the built-in pictures."""

    kernel: int = 2
    pictures: int = 100
    furthest: int = 6


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows."""

    measured: Invariance
    moved: tuple[Equivariance, ...]


def lesson(options: Options) -> Lesson:
    count(options.pictures, "pictures", most=1000)
    count(options.furthest, "furthest", least=0, most=1000)
    pictures = _pictures(options.pictures)
    measured = invariance(pictures, kernel=options.kernel, shifts=range(options.furthest + 1))
    cases = ((1, 1), (2, 2), (1, 2), (4, 2), (3, 2))
    moved = tuple(equivariance(pictures[0], _EDGE, shift=shift, stride=stride) for shift, stride in cases)
    trace = Trace(measured, moved)
    return Lesson(
        "invariance",
        (
            Say(_words("intro")),
            Heading(_words("convolution")),
            Say(_words("convolution_say")),
            _moved(moved),
            Question(_words("ask_steps"), _words("tell_steps"), expected=3),
            Say(_words("convolution_mean")),
            Heading(_words("pooling")),
            Say(_words("pooling_say", count=options.pictures, kernel=options.kernel)),
            _table(measured),
            *_forgiven(measured),
            *_question(measured),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, pictures, language)),
            Chart(_words("seen"), _words("seen_summary"), lambda language: _seen(options, pictures[-1], language)),
            Say(_words("where")),
        ),
        trace,
        more=("learn invariance --kernel 4", "learn pooling", "learn augmentation"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.invariance.{key}", values)


def _pictures(number: int) -> Array:
    train = open_set("fashion-sample").parts["train"]
    return np.stack([np.asarray(train.image(at), dtype=float) for at in range(number)])


def _moved(found: tuple[Equivariance, ...]) -> parts.Table:
    rows = tuple(
        (
            str(each.shift), str(each.stride), shown(each.shift / each.stride, 3),
            shown(round(each.interior, 9), 4), _words("same" if each.interior < 1e-9 else "other"),
        )
        for each in found
    )  # fmt: skip
    header = (_words("shift"), _words("stride"), _words("steps"), _words("difference"), _words("moves_along"))
    return parts.Table(header, rows, left=0)


def _table(found: Invariance) -> parts.Table:
    rows = tuple((str(each.shift), *(shown(getattr(each, way), 3) for way in _WAYS)) for each in found.trace)
    return parts.Table((_words("shift"), *(_words(f"way.{way}") for way in _WAYS)), rows, left=0)


def _forgiven(found: Invariance) -> Iterator[Say]:
    """How much each way changes, measured by how much the pixels do."""
    moved = [each for each in found.trace if each.shift > 0]
    if moved:
        yield Say(paragraph(*_measured(moved)))


def _measured(moved: Sequence[Change]) -> Iterator[Phrase]:
    first, last = moved[0], moved[-1]
    yield _words(
        "pooling_mean", mean=_percent(first.mean / first.pixels), maximum=_percent(first.maximum / first.pixels)
    )
    kept = [each.kept / each.pixels for each in moved]
    near = max(abs(share - 1) for share in kept) < _NEAR
    yield _words("kept_nothing") if near else _words("kept_range", low=_percent(min(kept)), high=_percent(max(kept)))
    more = [each.shift for each in takewhile(lambda each: each.maximum >= each.pixels, reversed(moved))]
    if more:
        yield _words("maximum_more", shift=more[-1])
    elif last.maximum > (1 - _NEAR) * last.pixels:
        yield _words("maximum_nearly", shift=last.shift, share=_percent(last.maximum / last.pixels))
    whole = max(each.whole_mean / each.pixels for each in moved)
    if whole < _HARDLY:
        yield _words("whole_hardly")
    elif all(each.whole_mean < min(each.mean, each.maximum, each.kept) for each in moved):
        yield _words("whole_up_to", share=_percent(whole))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _question(found: Invariance) -> tuple[Question, ...]:
    if len(found.trace) < 2:
        return ()
    one = found.trace[1]
    share = one.maximum / one.pixels
    told = _words("tell_share", maximum=shown(one.maximum, 3), pixels=shown(one.pixels, 3), share=shown(share, 3))
    return (Question(_words("ask_share"), told, expected=share),)


def _chart(options: Options, pictures: Array, language: str) -> altair.TopLevelMixin:
    """How much is different after each shift, for the window of the slider."""
    import altair

    kernel = charts.slider("kernel", say("lesson.invariance.kernel", language), options.kernel, Places(2, 8, 1))
    names = {way: say(f"lesson.invariance.way.{way}", language) for way in _WAYS}
    rows = [
        {"kernel": size, "shift": each.shift, "way": names[way], "value": getattr(each, way)}
        for size in range(2, 9)
        for each in invariance(pictures, kernel=size, shifts=range(options.furthest + 1)).trace
        for way in _WAYS
    ]
    scale = altair.Scale(domain=[*names.values()], range=[*_WAYS.values()])
    lines = charts.chart(rows).transform_filter("datum.kernel == kernel").mark_line(point=True, strokeWidth=2.5)
    encoded = lines.encode(
        x=altair.X("shift:Q", title=say("lesson.invariance.shift", language), axis=altair.Axis(tickMinStep=1)),
        y=altair.Y("value:Q", title=say("lesson.invariance.change", language), scale=charts.fixed(0, 1.2)),
        color=altair.Color("way:N", title=None, scale=scale),
        tooltip=["way:N", "shift:Q", altair.Tooltip("value:Q", format=".3f")],
    )
    return encoded.properties(width=360, height=240).add_params(kernel)


def _seen(options: Options, picture: Array, language: str) -> altair.TopLevelMixin:
    """One picture moved to the left, its maxima, and where these differ from those of the picture at rest."""
    import altair

    shift = charts.slider("shift", say("lesson.invariance.shift", language), 1, Places(0, 6, 1))
    rows: list[dict[str, Any]] = []
    rest = pool(_cut(picture, 0), options.kernel).output[0]
    for at in range(7):
        moved = _cut(picture, at)
        pooled = pool(moved, options.kernel).output[0]
        apart = np.abs(pooled - rest)
        for panel, values in (("moved", moved), ("pooled", pooled), ("apart", apart)):
            rows.append({"shift": at, "panel": panel, "url": grids.picture(values, 0, 255)})
    here = charts.chart(rows).transform_filter("datum.shift == shift")
    panels = (
        here.transform_filter(f"datum.panel == '{panel}'")
        .mark_image(width=_SIDE, height=_SIDE, align="left", baseline="top")
        .encode(x=altair.value(0), y=altair.value(0), url="url:N")
        .properties(width=_SIDE, height=_SIDE, title=say(f"lesson.invariance.panel.{panel}", language))
        for panel in ("moved", "pooled", "apart")
    )
    return altair.hconcat(*panels, spacing=10).add_params(shift)


def _cut(picture: Array, at: int) -> Array:
    """A window upon the picture, so far to the right: what is in it has moved to the left."""
    return picture[:22, at : at + 22]
