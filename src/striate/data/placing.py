"""Where a picture comes to lie on its canvas, worked out from its size alone: so what a cut shows of it, and what not.

What views.py does with pixels is told here in numbers; the tests hold the two together.
"""

from dataclasses import dataclass

from striate.data.views import THINNEST, canvas_shape
from striate.recipe import View

Size = tuple[int, int]
"""(height, width) of an upright picture, in pixels."""


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels that need not be whole ones, from the upper left."""

    top: float
    left: float
    height: float
    width: float

    @property
    def area(self) -> float:
        return self.height * self.width

    def within(self, other: "Box") -> "Box":
        """What the two have in common."""
        top, left = max(self.top, other.top), max(self.left, other.left)
        bottom = min(self.top + self.height, other.top + other.height)
        right = min(self.left + self.width, other.left + other.width)
        return Box(top, left, max(0.0, bottom - top), max(0.0, right - left))


@dataclass(frozen=True)
class Cut:
    """What a window on a canvas shows of a picture."""

    box: Box  # in pixels of the picture
    share: float  # of the picture's area
    scale: tuple[float, float]  # of the canvas's height and width beside the picture's; above 1 it is enlarged
    filled: float  # share of the window that shows no picture

    @property
    def enlarged(self) -> float:
        """How many times as long as in the picture a side is at most."""
        return max(self.scale)


def centre_window(view: View) -> Box:
    """The part of a canvas that the network receives where nothing is drawn by lot."""
    _, height, width = canvas_shape(view)
    return Box(_middle(height, view.size[0]), _middle(width, view.size[1]), *view.size)


def seen_through(window: Box, size: Size, view: View) -> Cut:
    """What a window on a view's canvas shows of a picture of a size."""
    _, height, width = canvas_shape(view)
    whole = placed(size, view)
    shown = window.within(Box(0, 0, height, width)).within(whole)
    scale = whole.height / size[0], whole.width / size[1]
    box = Box(
        (shown.top - whole.top) / scale[0], (shown.left - whole.left) / scale[1],
        shown.height / scale[0], shown.width / scale[1],
    )  # fmt: skip
    return Cut(box, shown.area / whole.area, scale, 1 - shown.area / window.area)


def placed(size: Size, view: View) -> Box:
    """Where the whole of a picture lies on the canvas; where it is cropped, it reaches over the canvas's borders."""
    _, *canvas = canvas_shape(view)
    if view.mode == "squash" or size == tuple(canvas):
        return Box(0, 0, *canvas)
    if view.mode == "crop":
        return _covering(size, (canvas[0], canvas[1]))
    scale = min(canvas[0] / size[0], canvas[1] / size[1])
    if view.mode == "pad":
        scale = min(scale, 1.0)
    height, width = (min(most, max(1, round(side * scale))) for side, most in zip(size, canvas, strict=True))
    return Box((canvas[0] - height) // 2, (canvas[1] - width) // 2, height, width)


def _covering(size: Size, canvas: Size) -> Box:
    """As small as still covers the canvas, in the middle of it; of a very long picture the middle alone counts."""
    kept = tuple(min(side, THINNEST * min(size)) for side in size)
    scale = max(most / side for most, side in zip(canvas, kept, strict=True))
    ends = []
    for side, most, inner in zip(size, canvas, kept, strict=True):
        length = max(most, int(inner * scale))
        ends.append((-_middle(length, most) - _middle(side, inner) * length / inner, side * length / inner))
    return Box(ends[0][0], ends[1][0], ends[0][1], ends[1][1])


def _middle(length: int, part: int) -> int:
    """Where a part in the middle begins, as torchvision rounds it."""
    return round((length - part) / 2)
