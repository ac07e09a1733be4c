"""A network drawn from top to bottom, each row a box in the colour of what it costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

from striate.figures import panel
from striate.figures.colours import NOTHING, colour
from striate.figures.short import readable, times
from striate.figures.sketch import Box, boxes, what
from striate.figures.svg import (
    BODY,
    FAINT,
    NAME,
    NOTE,
    TITLE,
    Area,
    Font,
    Point,
    caption,
    document,
    finished,
    group,
    path,
    rectangle,
    span,
    text,
)
from striate.table import Line
from striate.verbs.describe import SOFTMAX, Description

WIDTH, MARGIN = 760.0, 30.0
BOX = WIDTH - 2 * MARGIN
HEIGHT, SMALL_HEIGHT = 44.0, 24.0  # of a box, and of one that costs nothing
GAP = 16.0  # between boxes, for the arrow
PAD = 10.0
NUMBERS = 165.0  # width of the column of numbers beside a structure
_MIDDLE = WIDTH / 2
_STEPS = 24  # of the legend's scale


@dataclass(frozen=True)
class Costs:
    """What colours are relative to."""

    total: int
    most: int

    def fill(self, macs: int) -> str:
        return colour(macs / self.most) if macs else NOTHING

    def share(self, macs: int) -> str:
        percent = 100 * macs / self.total
        return f"{percent:.1f} %" if percent >= 0.05 else "< 0.1 %"


def drawing(description: Description) -> str:
    """A self-contained SVG of a network: no scripts, no fonts and no addresses that a viewer would have to fetch."""
    lines, softmax = _without_softmax(description.lines)
    rows = boxes(lines)
    costs = Costs(max(1, description.macs), max((box.macs for box in rows), default=0))
    root = document(WIDTH, description.net, f"{_summary(description)}. From top to bottom: {_told(rows)}.")
    y = _draw_heading(root, description, costs)
    y = _draw_pill(root, f"input {times(description.input)}", y)
    left, leaving = description.input, y
    for box in rows:
        y += GAP
        if box.ran:
            _draw_arrow(root, (leaving, y), left, box.line.input)
        y += _draw_box(root, box, costs, y)
        if box.ran:
            left, leaving = box.line.output, y
    _draw_arrow(root, (leaving, y + GAP), left, left)
    ending = f"output {times(left)}".strip() + (" · softmax, applied by the loss" if softmax else "")
    y = _draw_pill(root, ending, y + GAP)
    return finished(root, y + MARGIN)


def _without_softmax(lines: Sequence[Line]) -> tuple[tuple[Line, ...], bool]:
    """The softmax of the loss belongs to the output, not to the last row."""
    if not lines or lines[-1].activation != SOFTMAX:
        return tuple(lines), False
    return (*lines[:-1], replace(lines[-1], activation=None)), True


def _summary(description: Description) -> str:
    counts = f"{readable(description.parameters)} parameters · {readable(description.macs)} MACs"
    return f"input {times(description.input)} · {counts}"


def _told(rows: Sequence[Box]) -> str:
    return "; ".join(f"{box.heading} ({what(box.line)})" for box in rows)


def _draw_heading(root: Element, description: Description, costs: Costs) -> float:
    """Name, totals, auxiliary classifiers and the legend; gives where they end."""
    text(root, description.net, at=(MARGIN, 42), room=BOX, font=TITLE)
    text(root, _summary(description), at=(MARGIN, 64), room=BOX, font=BODY)
    y = 64.0
    if description.heads:
        heads = ", ".join(f"{name} {readable(count)}" for name, count in description.heads.items())
        y += 18
        note = f"auxiliary classifiers, in training only: {heads} parameters"
        text(root, note, at=(MARGIN, y), room=BOX, font=BODY)
    if costs.most:
        _draw_legend(root, costs, y + 12)
        y += 24
    return y + GAP


def _draw_legend(root: Element, costs: Costs, y: float) -> None:
    """Which colour is which share of the multiply-accumulates."""
    step, x = 8.0, MARGIN
    base = y + 10
    legend = group(root, "colour of a box: its share of the network's multiply-accumulates")
    rectangle(legend, Area(x, y, 14, 12), fill=NOTHING, stroke=FAINT, radius=0)
    text(legend, "no MACs", at=(x + 20, base), room=60, font=NOTE)
    x += 80
    for at in range(_STEPS):
        fill = colour(at / (_STEPS - 1))
        rectangle(legend, Area(x + at * step, y, step, 12), fill=fill, stroke=fill, radius=0)
    words = f"up to {costs.share(costs.most)} of the network's MACs"
    text(legend, words, at=(x + _STEPS * step + 8, base), room=300, font=NOTE)


def _draw_pill(root: Element, words: str, y: float) -> float:
    wide = min(span(words, NAME) + 40, BOX)
    area = Area(_MIDDLE - wide / 2, y, wide, 28)
    rectangle(root, area, radius=14)
    text(root, words, at=(_MIDDLE, y + 18.5), room=wide - 24, font=NAME, anchor="middle")
    return area.bottom


def _draw_arrow(root: Element, reach: Point, left: tuple[int, ...], arrives: tuple[int, ...]) -> None:
    """Down, from one height to another; where the code between two rows makes another shape, that is told."""
    path(root, [(_MIDDLE, reach[0]), (_MIDDLE, reach[1])], arrow=True)
    if left and arrives and math.prod(left) != math.prod(arrives):
        words = f"arrives as {times(arrives)}"
        text(root, words, at=(_MIDDLE - 8, reach[1] - 6), room=BOX / 2 - 16, font=NOTE, anchor="end")


def _draw_box(root: Element, box: Box, costs: Costs, y: float) -> float:
    """A row or several alike; gives the height it took."""
    drawn = group(root, _tooltip(box))
    if not box.ran:
        return _draw_unused(drawn, box, y)
    if box.parts:
        return _draw_structure(drawn, box, costs, y)
    if box.is_free:
        return _draw_free(drawn, box, y)
    area = Area(MARGIN, y, BOX, HEIGHT)
    rectangle(drawn, area, fill=costs.fill(box.macs))
    _draw_words(drawn, area, (box.heading, times(box.line.output)), NAME, y + 18)
    _draw_words(drawn, area, (what(box.line), " · ".join(_numbers(box, costs))), BODY, y + 35)
    return HEIGHT


def _draw_structure(drawn: Element, box: Box, costs: Costs, y: float) -> float:
    """Name and kind above what is inside, and the numbers beside it."""
    inner = Area(MARGIN + PAD, y + 27, BOX - NUMBERS - 3 * PAD, 0)
    parts = panel.laid_out(box.parts, inner.width - 2 * PAD)
    inner = replace(inner, height=max(panel.height(parts) + 2 * PAD, 40.0))
    area = Area(MARGIN, y, BOX, inner.bottom + PAD - y)
    rectangle(drawn, area, fill=costs.fill(box.macs))
    _draw_heading_line(drawn, box, y + 18)
    for at, words in enumerate(_numbers(box, costs)):
        at_right = (MARGIN + BOX - PAD, y + 36 + 16 * at)
        text(drawn, words, at=at_right, room=NUMBERS, font=BODY, anchor="end")
    rectangle(drawn, inner, stroke="none")
    slack = (inner.height - panel.height(parts)) / 2
    panel.draw(drawn, parts, Area(inner.x + PAD, inner.y + slack, inner.width - 2 * PAD, inner.height - 2 * slack))
    return area.height


def _draw_free(drawn: Element, box: Box, y: float) -> float:
    """A row that costs nothing, on one line."""
    rectangle(drawn, Area(MARGIN, y, BOX, SMALL_HEIGHT), fill=NOTHING, stroke=FAINT)
    _draw_heading_line(drawn, box, y + 16.5)
    return SMALL_HEIGHT


def _draw_heading_line(drawn: Element, box: Box, y: float) -> None:
    """Name, kind and output on one line."""
    shape, words = times(box.line.output), what(box.line)
    right = min(span(shape, NAME), BOX / 3)
    text(drawn, shape, at=(MARGIN + BOX - PAD, y), room=right, font=NAME, anchor="end")
    shown = "" if words == box.heading else words
    caption(drawn, box.heading, shown, at=(MARGIN + PAD, y), room=BOX - 2 * PAD - right - 12)


def _draw_unused(drawn: Element, box: Box, y: float) -> float:
    """A row that did not run stands beside the way."""
    area = Area(_MIDDLE + 16, y, MARGIN + BOX - _MIDDLE - 16, HEIGHT)
    rectangle(drawn, area, stroke=FAINT, dashed=True)
    _draw_words(drawn, area, (box.heading, "did not run"), NAME, y + 18)
    counts = f"{_times(len(box.names))}{readable(box.line.parameters)} params" if box.line.parameters else ""
    _draw_words(drawn, area, (what(box.line), counts), BODY, y + 36)
    return HEIGHT


def _draw_words(drawn: Element, area: Area, words: tuple[str, str], font: Font, y: float) -> None:
    """Words at the left and at the right of a box; those at the left give way."""
    right = min(span(words[1], font), area.width * 0.6)
    room = area.width - 2 * PAD - (right + 12 if words[1] else 0)
    text(drawn, words[0], at=(area.x + PAD, y), room=room, font=font)
    if words[1]:
        text(drawn, words[1], at=(area.x + area.width - PAD, y), room=right, font=font, anchor="end")


def _numbers(box: Box, costs: Costs) -> list[str]:
    """Parameters, MACs and their share; of rows alike, how often each."""
    each = _times(len(box.names))
    shown = [f"{each}{readable(box.line.parameters)} params"] if box.line.parameters else []
    return [*shown, f"{each}{readable(box.line.macs)} MACs", costs.share(box.macs)] if box.macs else shown


def _times(count: int) -> str:
    return f"{count} x " if count > 1 else ""


def _tooltip(box: Box) -> str:
    """All of a box in words and exact numbers."""
    line, each = box.line, " each" if len(box.names) > 1 else ""
    ran = [f"output {times(line.output)}"] if line.output else [] if box.ran else ["did not run"]
    told = [what(line), *ran, f"{line.parameters:,} parameters, {line.macs:,} MACs{each}"]
    return f"{', '.join(box.names)}: {'; '.join(told)}"
