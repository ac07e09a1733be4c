"""Elements of an SVG, with text that keeps within its room.

There are no identifiers, classes or style sheets, so that several drawings can stand in one page.
"""

import base64
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from striate.figures.colours import INK

Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]

FAMILY = "Helvetica, Arial, 'Noto Sans CJK KR', 'Malgun Gothic', sans-serif"
LINE = "#4a5058"
FAINT = "#9aa0a6"
_HEAD = 5.0  # length of an arrow's head
_NARROW, _WIDE = set("fijltrIJ .,:;'|/\\()[]!-·"), set("mwMW@%…+<>=~#")


@dataclass(frozen=True)
class Font:
    size: float
    bold: bool = False
    fill: str = INK


TITLE, NAME, BODY = Font(20, bold=True), Font(13, bold=True), Font(12)
SMALL, NOTE, FINE = Font(11), Font(10.5), Font(10)


@dataclass(frozen=True)
class Area:
    """A rectangle, in pixels from the upper left."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height


def document(width: float, title: str, description: str) -> Element:
    """An empty drawing, with its name and a sentence for those who cannot see it."""
    root = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "font-family": FAMILY})
    root.set("width", number(width))
    SubElement(root, "title").text = printable(title)
    SubElement(root, "desc").text = printable(description)
    return root


def finished(root: Element, height: float) -> str:
    """The drawing as text, on white, as high as it has become."""
    width = root.get("width", "0")
    for each in root:
        each.tail = "\n"
    root.set("height", number(height))
    root.set("viewBox", f"0 0 {width} {number(height)}")
    root.insert(2, Element("rect", {"width": width, "height": number(height), "fill": "#ffffff"}))
    return tostring(root, encoding="unicode") + "\n"


def group(parent: Element, title: str) -> Element:
    """Elements that belong together, with a text for the pointer."""
    made = SubElement(parent, "g")
    SubElement(made, "title").text = printable(title)
    return made


def rectangle(
    parent: Element,
    area: Area,
    *,
    fill: str = "#ffffff",
    stroke: str = LINE,
    radius: float = 4,
    dashed: bool = False,
    thick: float = 1.0,
) -> None:
    """A box with round corners."""
    made = SubElement(parent, "rect")
    for key, value in (("x", area.x), ("y", area.y), ("width", area.width), ("height", area.height), ("rx", radius)):
        made.set(key, number(value))
    made.set("fill", fill)
    made.set("stroke", stroke)
    if thick != 1.0:
        made.set("stroke-width", number(thick))
    if dashed:
        made.set("stroke-dasharray", "4 3")


def embedded(parent: Element, area: Area, content: bytes, kind: str) -> None:
    """A picture file, png or jpeg, as part of the drawing."""
    made = SubElement(parent, "image")
    for key, value in (("x", area.x), ("y", area.y), ("width", area.width), ("height", area.height)):
        made.set(key, number(value))
    made.set("preserveAspectRatio", "none")
    made.set("href", f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}")


def text(parent: Element, content: str, *, at: Point, room: float, font: Font, anchor: Anchor = "start") -> None:
    """A line of text on its baseline, shortened in the middle where it would leave its room."""
    made = SubElement(parent, "text", {"x": number(at[0]), "y": number(at[1]), "font-size": number(font.size)})
    made.set("fill", font.fill)
    if font.bold:
        made.set("font-weight", "bold")
    if anchor != "start":
        made.set("text-anchor", anchor)
    made.text = fitted(printable(content), room, font)


def caption(parent: Element, name: str, words: str, *, at: Point, room: float) -> None:
    """A name in bold and words after it; the words give way first."""
    named = fitted(printable(name), room, NAME)
    made = SubElement(parent, "text", {"x": number(at[0]), "y": number(at[1]), "fill": INK})
    bold = SubElement(made, "tspan", {"font-size": number(NAME.size), "font-weight": "bold"})
    bold.text = named
    left = room - span(named, NAME) - 16
    if words and left > 40:
        bold.tail = " "
        more = SubElement(made, "tspan", {"font-size": number(BODY.size), "dx": "8"})
        more.text = fitted(printable(words), left, BODY)


def path(parent: Element, points: Sequence[Point], *, arrow: bool = False, dashed: bool = False) -> None:
    """A line through points, with an arrow's head at its end."""
    (x, y), (from_x, from_y) = points[-1], points[-2]
    along = ((x > from_x) - (x < from_x), (y > from_y) - (y < from_y))
    ends = [*points[:-1], (x - along[0] * _HEAD, y - along[1] * _HEAD)] if arrow else points
    made = SubElement(parent, "polyline", {"points": _points(ends), "fill": "none", "stroke": LINE})
    if dashed:
        made.set("stroke-dasharray", "4 3")
    if arrow:
        back_x, back_y = ends[-1]
        side = (along[1] * 0.6 * _HEAD, along[0] * 0.6 * _HEAD)
        corners = [(x, y), (back_x - side[0], back_y - side[1]), (back_x + side[0], back_y + side[1])]
        SubElement(parent, "polygon", {"points": _points(corners), "fill": LINE})


def arc(parent: Element, start: Point, end: Point, height: float) -> None:
    """Up, along and down again, round at the corners."""
    turn = min(height, 8.0)
    top = start[1] - height
    way = (
        f"M{_pair(start)} V{number(top + turn)} Q{number(start[0])} {number(top)} {number(start[0] + turn)} "
        f"{number(top)} H{number(end[0] - turn)} Q{number(end[0])} {number(top)} {number(end[0])} {number(top + turn)} "
        f"V{number(end[1])}"
    )
    SubElement(parent, "path", {"d": way, "fill": "none", "stroke": LINE})


def joint(parent: Element, centre: Point, sign: str) -> None:
    """A circle where two ways meet: + adds, x scales."""
    made = SubElement(parent, "circle", {"r": "6.5", "fill": "#ffffff", "stroke": LINE})
    made.set("cx", number(centre[0]))
    made.set("cy", number(centre[1]))
    reach = 3.5 if sign == "+" else 2.5
    for across in ((1, 0), (0, 1)) if sign == "+" else ((1, 1), (1, -1)):
        move = (across[0] * reach, across[1] * reach)
        ends = [(centre[0] - move[0], centre[1] - move[1]), (centre[0] + move[0], centre[1] + move[1])]
        path(parent, ends)


def dot(parent: Element, centre: Point) -> None:
    """Where a way parts."""
    SubElement(parent, "circle", {"r": "2.5", "fill": LINE, "cx": number(centre[0]), "cy": number(centre[1])})


def span(content: str, font: Font) -> float:
    """Pixels that a text takes at most, in the wide fonts that browsers fall back to."""
    return sum(map(_span, content)) * font.size * (1.1 if font.bold else 1.0)


def fitted(content: str, room: float, font: Font) -> str:
    """A text that fits: its middle gives way to dots."""
    if span(content, font) <= room:
        return content
    for kept in range(len(content) - 1, 0, -1):
        shorter = content[: (kept + 1) // 2] + "…" + content[len(content) - kept // 2 :]
        if span(shorter, font) <= room:
            return shorter
    return "…"


def printable(content: str) -> str:
    """What XML can carry and a font can show, on one line; anything else becomes a replacement character."""
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "\ufffd" for letter in content)


def number(value: float) -> str:
    return f"{round(value, 1):g}"


def _span(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if letter in _NARROW:
        return 0.42
    if letter in _WIDE or unicodedata.east_asian_width(letter) in "WFA" or not letter.isascii():
        return 1.02
    return 0.8 if letter.isupper() else 0.66


def _pair(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"


def _points(points: Sequence[Point]) -> str:
    return " ".join(f"{number(x)},{number(y)}" for x, y in points)
