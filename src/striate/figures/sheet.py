"""A contact sheet of what is amiss in a set of pictures: each small and upright, copies side by side."""

import html
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from PIL import Image

from striate.data.findings import GROUPS, Finding
from striate.data.pictures import Unreadable
from striate.data.samples import Pictures
from striate.figures.colours import INK, NOTHING
from striate.figures.faults import TOGETHER, advice, by_kind, heading, set_text, why
from striate.figures.svg import (
    BODY,
    FAINT,
    NAME,
    SMALL,
    TITLE,
    Area,
    document,
    embedded,
    finished,
    group,
    rectangle,
    span,
    text,
)
from striate.problem import Misuse
from striate.verbs.check import Checkup
from striate.words import say

ENDINGS = (".html", ".png")

_CELL, _GAP, _MARGIN = 150.0, 12.0, 24.0
_COLUMNS = 6
_UNDER = 34.0  # below a picture: its name and its reason
_LINE = 17.0
_MOST = {".html": 60, ".png": 12}  # findings of a kind
_FINER = 2  # pixels of a drawn picture to a pixel of the drawing
_QUALITY = 80
_WITHOUT_PICTURES = frozenset({"stray", "hidden"})

_Homes = Mapping[str, tuple[Pictures, int]]


def refuse_ending(path: Path) -> None:
    """Misuse for a file that is no sheet by its name."""
    if path.suffix.lower() not in ENDINGS:
        raise Misuse("check.ending", path=path, known=", ".join(ENDINGS))


def write(checkup: Checkup, path: Path, language: str) -> None:
    """Draws into a file, as a page or a PNG by its ending."""
    drawn = drawing(checkup, language, most=_MOST[path.suffix.lower()])
    if path.suffix.lower() == ".html":
        path.write_text(_page(checkup, drawn, language), encoding="utf-8")
        return
    import vl_convert

    rendered = Image.open(io.BytesIO(vl_convert.svg_to_png(drawn)))
    rendered.convert("RGB").save(path, optimize=True)  # there is nothing to see through


def drawing(checkup: Checkup, language: str, *, most: int) -> str:
    """A self-contained SVG with so many findings of a kind at most."""
    width = 2 * _MARGIN + _COLUMNS * (_CELL + _GAP) - _GAP
    title = say("check.sheet", language, data=checkup.found.name)
    root = document(width, title, set_text(checkup, language))
    text(root, title, at=(_MARGIN, 42), room=width - 2 * _MARGIN, font=TITLE)
    text(root, set_text(checkup, language), at=(_MARGIN, 66), room=width - 2 * _MARGIN, font=BODY)
    y, homes = 84.0, _homes(checkup)
    if not checkup.findings:
        text(root, say("check.clean", language), at=(_MARGIN, y), room=width - 2 * _MARGIN, font=BODY)
        y += _LINE
    for kind, findings in by_kind(checkup).items():
        room = width - 2 * _MARGIN
        text(root, heading(kind, findings, language), at=(_MARGIN, y + 14), room=room, font=NAME)
        text(root, advice(kind, language), at=(_MARGIN, y + 14 + _LINE), room=room, font=BODY)
        y = _draw_kind(root, findings[:most], homes, y + 30 + _LINE, language)
        if len(findings) > most:
            more = say("check.more", language, count=len(findings) - most)
            text(root, more, at=(_MARGIN, y + 2), room=room, font=BODY)
            y += _LINE
        y += 14
    return finished(root, y + _MARGIN)


def _homes(checkup: Checkup) -> _Homes:
    """Where each picture is that something was found about."""
    wanted = {name for each in checkup.findings for name in each.names}
    parts = checkup.found.parts.values()
    return {name: (part, at) for part in parts for at in range(len(part)) if (name := part.name(at)) in wanted}


def _draw_kind(root: Element, findings: Sequence[Finding], homes: _Homes, y: float, language: str) -> float:
    """Groups a row each, single pictures one after the other, the rest as lines; gives where they end."""
    if findings[0].kind in _WITHOUT_PICTURES:
        for each in findings:
            text(root, each.names[0], at=(_MARGIN, y + 4), room=_COLUMNS * (_CELL + _GAP), font=BODY)
            y += _LINE
        return y
    if findings[0].kind in GROUPS:
        for each in findings:
            y = _draw_group(root, each, homes, y, language)
        return y
    cells = list(_singles(findings, language))
    for at, (name, reason) in enumerate(cells):
        row, column = divmod(at, _COLUMNS)
        _draw_cell(root, name, reason, homes, _place(row, column, y))
    return y + -(-len(cells) // _COLUMNS) * (_CELL + _UNDER)


def _singles(findings: Sequence[Finding], language: str) -> Iterator[tuple[str, str]]:
    """Each picture and its reason; of what is said of the set as a whole, two rows of examples."""
    for each in findings:
        names = each.names[: 2 * _COLUMNS] if each.kind in TOGETHER else each.names
        reason = say(f"check.note.{each.kind}", language) if each.kind in TOGETHER else why(each, language)
        yield from ((name, reason) for name in names)


def _draw_group(root: Element, finding: Finding, homes: _Homes, y: float, language: str) -> float:
    """Copies side by side in a frame, below what they are to each other; gives where it ends."""
    names = finding.names[: 2 * _COLUMNS]
    rows, columns = -(-len(names) // _COLUMNS), min(len(names), _COLUMNS)
    frame = Area(_MARGIN - 6, y - 6, columns * (_CELL + _GAP), rows * (_CELL + _UNDER) + _LINE + 10)
    rectangle(root, frame, fill=NOTHING)
    more = len(finding.names) - len(names)
    told = why(finding, language) + (f", {say('check.more_names', language, count=more)}" if more else "")
    text(root, told, at=(_MARGIN, y + 10), room=frame.width - 12, font=BODY)
    labels = zip(finding.detail["classes"], finding.detail["parts"], strict=True)
    for at, (name, (label, part)) in enumerate(zip(names, labels, strict=False)):
        reason = f"{label} · {say(f'split.{part}', language)}"
        _draw_cell(root, name, reason, homes, _place(*divmod(at, _COLUMNS), y + _LINE))
    return frame.bottom + 18


def _place(row: int, column: int, y: float) -> tuple[float, float]:
    return _MARGIN + column * (_CELL + _GAP), y + row * (_CELL + _UNDER)


def _draw_cell(root: Element, name: str, reason: str, homes: _Homes, at: tuple[float, float]) -> None:
    """A picture with its name and its reason; an empty box for one that cannot be seen."""
    left, top = at
    cell = group(root, f"{name}: {reason}" if reason else name)
    image = _image(homes.get(name))
    if image is None:
        rectangle(cell, Area(left, top, _CELL, _CELL), dashed=True)
        for number, line in enumerate(_lines(reason, _CELL - 16)):
            text(cell, line, at=(left + 8, top + 20 + _LINE * number), room=_CELL - 16, font=SMALL)
    else:
        scale = _CELL / max(image.size)
        width, height = (max(1.0, side * scale) for side in image.size)
        area = Area(left + (_CELL - width) / 2, top + _CELL - height, width, height)
        embedded(cell, area, *_encoded(image))
        rectangle(cell, area, fill="none", stroke=FAINT, radius=0)  # or a white picture would not be seen
    text(cell, name, at=(left, top + _CELL + 12), room=_CELL, font=SMALL)
    if image is not None:
        text(cell, reason, at=(left, top + _CELL + 25), room=_CELL, font=SMALL)


def _lines(content: str, room: float) -> list[str]:
    """A text broken between its words; a word that is too long stays one."""
    lines: list[str] = []
    for word in content.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and span(longer, SMALL) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _image(home: tuple[Pictures, int] | None) -> Image.Image | None:
    if home is None:
        return None
    try:
        return home[0].image(home[1])
    except Unreadable:
        return None


def _encoded(image: Image.Image) -> tuple[bytes, str]:
    """A file of the picture, as large as it is drawn, and what kind of file it is."""
    scale = min(1.0, _CELL * _FINER / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    buffer = io.BytesIO()
    image.resize(size, Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue(), "jpeg"


def _page(checkup: Checkup, drawn: str, language: str) -> str:
    title = html.escape(say("check.sheet", language, data=checkup.found.name))
    style = f"<style>body{{margin:0;background:#fff;color:{INK}}}svg{{max-width:100%;height:auto}}</style>"
    head = f'<meta charset="utf-8"><title>{title}</title>{style}'
    return f'<!doctype html>\n<html lang="{language}"><head>{head}</head>\n<body>\n{drawn}</body></html>\n'
