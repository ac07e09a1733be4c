"""A window that moves over a grid of numbers, place by place, as a chart with a slider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from striate.figures.colours import INK
from striate.lessons import charts, grids
from striate.lessons.charts import RED, Places

if TYPE_CHECKING:
    import altair

    from striate.foundations.given import Array

_PICTURE, _PADDING, _WINDOW, _OUTPUT = "#cfe3f2", "#ececea", "#f6ddcb", "#cdebe1"
_WIDE = 545  # pixels of all three grids
_LETTER = 0.5  # of its height: how wide a letter of the line below is


@dataclass(frozen=True)
class Stop:
    """One place of the window: what is written in it, and the line that says what comes out."""

    top: int  # in the input; below 0 within the padding
    left: int
    texts: tuple[tuple[str, ...], ...]
    line: str


@dataclass(frozen=True)
class Course:
    """All places under one setting, row by row, and the numbers that come out."""

    name: str
    pad: int
    output: Array  # (height, width)
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class Titles:
    """What the chart's parts are called, in the language of the page."""

    place: str
    setting: str
    picture: str
    window: str
    output: str


def moving(picture: Array, courses: Sequence[Course], titles: Titles) -> altair.TopLevelMixin:
    """The picture with the window upon it, what is in the window, and the output as far as it is reached.

    A place beyond the last one of a setting shows the last one.
    """
    import altair

    most = max(len(each.stops) for each in courses)
    place = charts.slider("place", titles.place, 0, Places(0, max(most - 1, 1), 1))
    setting = charts.choice("setting", titles.setting, {str(at): each.name for at, each in enumerate(courses)})
    size, here = _size(picture, courses), "datum.setting == setting && datum.place == min(place, datum.last)"
    chosen = "datum.setting == setting"
    ground = charts.chart([row for at, each in enumerate(courses) for row in _ground(picture, courses, at, each.pad)])
    frames, inside, outside, lines = _rows(courses)
    panels = (
        (titles.picture, [
            *grids.tiles(ground.transform_filter(chosen + " && datum.padding"), size, _PADDING),
            *grids.tiles(ground.transform_filter(chosen + " && !datum.padding"), size, _PICTURE),
            grids.outline(charts.chart(frames).transform_filter(here), size, RED),
        ]),
        (titles.window, grids.tiles(charts.chart(inside).transform_filter(here), size, _WINDOW)),
        (titles.output, [
            *grids.tiles(charts.chart(outside).transform_filter(f"{chosen} && datum.at <= place"), size, _OUTPUT),
            grids.outline(charts.chart(outside).transform_filter(
                f"{chosen} && datum.at == min(place, datum.last)"), size, RED),
        ]),
    )  # fmt: skip
    spread = _spread(picture, courses)
    grids_beside = altair.hconcat(*(
        altair.layer(*layers).properties(
            width=columns * size, height=max(rows for rows, _ in spread) * size, title=title,
        )
        for (title, layers), (_, columns) in zip(panels, spread, strict=True)
    ), spacing=14)  # fmt: skip
    room, longest = _WIDE - 40, max(len(row["line"]) for row in lines)
    written = min(17, max(13, round(room / longest / _LETTER)))
    line = charts.chart(lines).transform_filter(here).mark_text(align="left", fontSize=written, color=INK)
    below = line.encode(x=altair.value(0), y=altair.value(14), text="line:N").properties(
        width=room, height=28, view=altair.ViewBackground(stroke=None)
    )
    return altair.vconcat(grids_beside, below, spacing=4).add_params(place, setting)


def _spread(picture: Array, courses: Sequence[Course]) -> tuple[tuple[int, int], ...]:
    """Rows and columns of the picture with its padding, of the window, and of the output."""
    pad = max(each.pad for each in courses)
    height, width = picture.shape
    window = courses[0].stops[0].texts
    outputs = [each.output.shape for each in courses]
    largest = (max(rows for rows, _ in outputs), max(columns for _, columns in outputs))
    return (height + 2 * pad, width + 2 * pad), (len(window), len(window[0])), largest


def _size(picture: Array, courses: Sequence[Course]) -> int:
    """Of a square, so that the three grids stand beside each other."""
    columns = sum(columns for _, columns in _spread(picture, courses))
    return min(38, (_WIDE - 40) // columns)


def _ground(picture: Array, courses: Sequence[Course], at: int, pad: int) -> list[dict[str, Any]]:
    margin = max(each.pad for each in courses) - pad
    padded = np.pad(picture, pad)
    rows = grids.cells(padded, setting=str(at))
    height, width = picture.shape
    for row in rows:
        inner = pad <= row["row"] < height + pad and pad <= row["column"] < width + pad
        row |= {"padding": not inner, "row": row["row"] + margin, "column": row["column"] + margin}
    return rows


def _rows(courses: Sequence[Course]) -> tuple[list[dict[str, Any]], ...]:
    """Frames upon the picture, what is in the window, the output, and the line below, for every place."""
    frames, inside, outside, lines = [], [], [], []
    margin = max(each.pad for each in courses)
    for at, course in enumerate(courses):
        last = len(course.stops) - 1
        for place, stop in enumerate(course.stops):
            here: dict[str, Any] = {"setting": str(at), "place": place, "last": last}
            size = {"rows": len(stop.texts), "columns": len(stop.texts[0])}
            frames.append({**here, "row": stop.top + margin, "column": stop.left + margin, **size})
            lines.append({**here, "line": stop.line})
            inside += [
                {**here, "row": row, "column": column, "text": text}
                for row, texts in enumerate(stop.texts)
                for column, text in enumerate(texts)
            ]
        values = grids.cells(course.output, setting=str(at), last=last, rows=1, columns=1)
        outside += [{**row, "at": place} for place, row in enumerate(values)]
    return frames, inside, outside, lines
