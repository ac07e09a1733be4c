"""Places for the labels of points, so that none covers another label or a point where there is room."""

from collections.abc import Sequence
from typing import NamedTuple

_HIGH, _DOT, _LETTER = 13.0, 12.0, 7.0  # pixels: a label's height, a point's width, a letter's


class Box(NamedTuple):
    """A rectangle in pixels, by its middle and its size."""

    x: float
    y: float
    wide: float
    high: float


def beside(points: Sequence[tuple[float, float]], words: Sequence[str], side: float) -> list[Box]:
    """A label's box for each point of a square panel so many pixels wide; above its point where nothing is in the way.

    Points and boxes are counted in pixels from the lower left.
    """
    dots = [Box(x, y, _DOT, _DOT) for x, y in points]
    panel, placed = Box(side / 2, side / 2, side, side), list[Box]()
    for dot, text in zip(dots, words, strict=True):
        wide = _LETTER * len(text)
        boxes = [Box(dot.x + right, dot.y + up, wide, _HIGH) for right, up in _offsets(wide)]
        placed.append(min(boxes, key=lambda box: _covered(box, [*placed, *dots]) + _outside(box, panel)))
    return placed


def _offsets(wide: float) -> list[tuple[float, float]]:
    """From a point to its label's middle, the best first: above, below, at the sides, and farther off."""
    side = wide / 2 + 9
    near = [(0.0, 14.0), (0.0, -14.0), (side, 0.0), (-side, 0.0)]
    return [*near, *((right, up) for up in (14.0, -14.0, 28.0, -28.0) for right in (side, -side, 0.0))]


def _covered(box: Box, others: Sequence[Box]) -> float:
    """Pixels that a box shares with others."""
    return sum(_shared(box, other) for other in others)


def _outside(box: Box, panel: Box) -> float:
    return box.wide * box.high - _shared(box, panel)


def _shared(one: Box, other: Box) -> float:
    across = (one.wide + other.wide) / 2 - abs(one.x - other.x)
    along = (one.high + other.high) / 2 - abs(one.y - other.y)
    return max(0.0, min(across, one.wide, other.wide)) * max(0.0, min(along, one.high, other.high))
