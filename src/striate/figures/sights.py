"""Pictures beside what a network receives of them: a row a picture, the evaluation's view, and some of a training's."""

import html
import io
import re
from pathlib import Path
from xml.etree.ElementTree import Element

import torch
from PIL import Image

from striate.data.placing import Box
from striate.data.views import denormalised
from striate.figures.colours import INK
from striate.figures.remarks import enlarged, remarks, share_text, size_text, summary, title, view_text
from striate.figures.svg import (
    BODY,
    SMALL,
    TITLE,
    Area,
    Font,
    caption,
    document,
    embedded,
    finished,
    group,
    rectangle,
    text,
)
from striate.problem import Misuse
from striate.recipe import View
from striate.verbs.show import Seen, Sights
from striate.words import say

ENDINGS = (".png", ".svg", ".html")

CELL, GAP, MARGIN = 140.0, 12.0, 24.0
_NAME, _LABEL = 22.0, 20.0  # above and below a row of cells
_FINER = 2  # pixels of a drawn picture to a pixel of the drawing
_PNG_SCALE = 1.5
_SMALL = 72  # a longer side up to which single pixels are to be seen
_KEPT = "#e5006d"
_QUALITY = 80
_HEADING = Font(11, bold=True)
_LABEL_END = re.compile(r"\s{2,}")  # where a line of the table's has its column


def refuse_place(path: Path, root: Path | None, pictures: list[Path]) -> None:
    """Misuse for a file that is no drawing by its name, and for one among the pictures."""
    if path.suffix.lower() not in ENDINGS:
        raise Misuse("show.ending", path=path, known=", ".join(ENDINGS))
    place = path.resolve()
    if (root is not None and place.is_relative_to(root.resolve())) or place in [each.resolve() for each in pictures]:
        raise Misuse("show.in_data", path=path)


def write(sights: Sights, path: Path, language: str) -> None:
    """Draws into a file, as PNG, SVG or HTML by its ending."""
    drawn = drawing(sights, language)
    if path.suffix.lower() == ".png":
        import vl_convert

        rendered = Image.open(io.BytesIO(vl_convert.svg_to_png(drawn, scale=_PNG_SCALE)))
        rendered.convert("RGB").save(path, optimize=True)  # there is nothing to see through
    else:
        content = drawn if path.suffix.lower() == ".svg" else _page(sights, drawn, language)
        path.write_text(content, encoding="utf-8")


def drawing(sights: Sights, language: str) -> str:
    """A self-contained SVG: the pictures themselves are in it."""
    columns = 2 + max(len(seen.training) for seen in sights.pictures)
    width = 2 * MARGIN + max(columns, 4) * (CELL + GAP) - GAP
    told = list(summary(sights, language))
    root = document(width, title(sights, language), ". ".join(told))
    y = _draw_heading(root, sights, told, (width, language))
    for seen in sights.pictures:
        y = _draw_row(root, seen, sights.recipe.view, y, (width, language))
    return finished(root, y)


def _draw_heading(root: Element, sights: Sights, told: list[str], around: tuple[float, str]) -> float:
    """Title, what is said of the whole set, and what each column is; gives where they end."""
    width, language = around
    room = width - 2 * MARGIN
    text(root, title(sights, language), at=(MARGIN, 40), room=room, font=TITLE)
    y = 62.0
    for line in (view_text(sights.recipe.view, language), *told):
        text(root, _LABEL_END.sub(": ", line), at=(MARGIN, y), room=room, font=BODY)
        y += 18
    y += 12
    epochs = max((seen.training for seen in sights.pictures), key=len)
    headings = [say("show.picture", language), say("show.evaluation", language)]
    headings += [say("show.epoch", language, epoch=str(each.epoch)) for each in epochs]
    for at, heading in enumerate(headings):
        text(root, heading, at=(_left(at), y), room=CELL, font=_HEADING)
    return y + 8


def _draw_row(root: Element, seen: Seen, view: View, y: float, around: tuple[float, str]) -> float:
    """One picture; gives where the row ends."""
    width, language = around
    words = [seen.label or "", *remarks(seen, language), *enlarged(seen, language)]
    row = group(root, seen.name)
    caption(row, seen.name, " · ".join(filter(None, words)), at=(MARGIN, y + 15), room=width - 2 * MARGIN)
    top = y + _NAME
    area = _draw_picture(row, seen.picture, (_left(0), top))
    _draw_kept(row, seen, area)
    under = [size_text(seen), say("show.kept", language, share=share_text(seen.cut.share))]
    under += [share_text(each.cut.share) for each in seen.training]
    for at, x in enumerate((seen.input, *(each.input for each in seen.training)), start=1):
        _draw_picture(row, _visible(x, view), (_left(at), top))
    for at, label in enumerate(under):
        text(row, label, at=(_left(at), top + CELL + 13), room=CELL, font=SMALL)
    return top + CELL + _LABEL + 8


def _left(column: int) -> float:
    return MARGIN + column * (CELL + GAP)


def _draw_picture(parent: Element, image: Image.Image, at: tuple[float, float]) -> Area:
    """In the middle of its cell, as large as it allows; gives where."""
    scale = CELL / max(image.size)
    width, height = (max(1.0, side * scale) for side in image.size)
    area = Area(at[0] + (CELL - width) / 2, at[1] + (CELL - height) / 2, width, height)
    embedded(parent, area, *_encoded(image))
    return area


def _draw_kept(parent: Element, seen: Seen, area: Area) -> None:
    """What the evaluation view keeps, as a line that is seen on dark and on light."""
    kept = _within(seen.cut.box, seen.size, area)
    for line, thick in (("#ffffff", 3.5), (_KEPT, 1.5)):
        rectangle(parent, kept, fill="none", stroke=line, radius=0, thick=thick)


def _within(box: Box, size: tuple[int, int], area: Area) -> Area:
    down, across = area.height / size[0], area.width / size[1]
    return Area(area.x + box.left * across, area.y + box.top * down, box.width * across, box.height * down)


def _visible(x: torch.Tensor, view: View) -> Image.Image:
    """The network's input as a picture."""
    pixels = denormalised(x[None], view)[0]
    return Image.fromarray((pixels[0] if len(pixels) == 1 else pixels.permute(1, 2, 0)).numpy())


def _encoded(image: Image.Image) -> tuple[bytes, str]:
    """A file of the picture as large as it is drawn, and what kind; of a small one every pixel is a square."""
    most = round(CELL * _FINER)
    buffer = io.BytesIO()
    if max(image.size) <= _SMALL:
        times = most // max(image.size)
        image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST).save(buffer, "PNG")
        return buffer.getvalue(), "png"
    scale = min(1.0, most / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image.resize(size, Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue(), "jpeg"


def _page(sights: Sights, drawn: str, language: str) -> str:
    head = f'<meta charset="utf-8"><title>{html.escape(title(sights, language))}</title>'
    style = f"<style>body{{margin:0;background:#fff;color:{INK}}}svg{{max-width:100%;height:auto}}</style>"
    return f'<!doctype html>\n<html lang="{language}"><head>{head}{style}</head>\n<body>\n{drawn}</body></html>\n'
