"""Pieces that the charts of several lessons share: colours, sliders, choices, and grids of numbers as pictures."""

from __future__ import annotations

import base64
import io
import json
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from striate.figures.colours import colour

if TYPE_CHECKING:
    import altair

    from striate.foundations.given import Array

BLUE, RED, GREEN, PINK, YELLOW, SKY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"
COLOURS = (BLUE, RED, GREEN, PINK, YELLOW, SKY)
"""Okabe and Ito's, which people who see fewer colours can tell apart."""
FAINT = "#b5b5ae"
_BANDS = 14
_SHARES = 10  # bands of a picture of shares
_PALE = 0.35  # white in a picture, so that what is drawn upon it stands out


class Places(NamedTuple):
    """Where a slider can stand."""

    low: float
    high: float
    step: float


def chart(rows: Iterable[Mapping[str, Any]]) -> altair.Chart:
    """A chart of rows that stand in the page itself; they are one text, since Altair copies lists at every call."""
    import altair

    finite = [{name: _or_null(value) for name, value in row.items()} for row in rows]
    text = json.dumps(finite, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return altair.Chart(altair.Data(values=text, format=altair.JsonDataFormat(type="json")))


def _or_null(value: Any) -> Any:
    """JSON has no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def slider(name: str, title: str, value: float, places: Places) -> altair.Parameter:
    import altair

    low, high, step = places
    return altair.param(name=name, value=value, bind=altair.binding_range(min=low, max=high, step=step, name=title))


def choice(name: str, title: str, labels: Mapping[str, str], chosen: str | None = None) -> altair.Parameter:
    """A dropdown of names, each under its label; unless another one is named, the first is chosen."""
    import altair

    options = list(labels)
    bound = altair.binding_select(options=options, labels=list(labels.values()), name=title)
    return altair.param(name=name, value=chosen or options[0], bind=bound)


def fixed(low: float, high: float) -> altair.Scale:
    """An axis that stays as it is while a slider moves."""
    import altair

    return altair.Scale(domain=[low, high], nice=False, zero=False)


def backdrop(rows: Iterable[Mapping[str, Any]], width: int, height: int) -> altair.Chart:
    """Pictures, the field ``url`` of each row, that fill a chart; what else is in a row may be filtered by."""
    import altair

    mark = chart(rows).mark_image(width=width, height=height, aspect=False, align="left", baseline="top")
    return mark.encode(x=altair.value(0), y=altair.value(0), url="url:N")


def relief(heights: Array) -> str:
    """Heights (points of y, points of x) in bands of equal area, the lowest darkest, as the URL of a picture."""
    finite = heights[np.isfinite(heights)]
    edges = np.quantile(finite, np.linspace(0, 1, _BANDS + 1)[1:-1])
    bands = np.searchsorted(edges, np.where(np.isfinite(heights), heights, np.inf))
    return _picture(bands, [_paler(colour(1 - at / (_BANDS - 1))) for at in range(_BANDS)])


def shares(values: Array) -> str:
    """Shares (points of y, points of x) of class 1, from the one class's colour over white to the other's."""
    bands = np.clip((values * _SHARES).astype(int), 0, _SHARES - 1)
    middle = (_SHARES - 1) / 2
    palette = []
    for at in range(_SHARES):
        code, strength = (BLUE if at > middle else RED), 0.1 + 0.3 * abs(at - middle) / middle
        palette.append(tuple(round(255 - strength * (255 - each)) for each in bytes.fromhex(code[1:])))
    return _picture(bands, palette)


def _paler(code: str) -> tuple[int, ...]:
    return tuple(round(each + _PALE * (255 - each)) for each in bytes.fromhex(code[1:]))


def _picture(bands: Any, palette: list[tuple[int, ...]]) -> str:
    """An image of as many colours as there are bands; its first row is the highest y."""
    from PIL import Image

    rows = np.flipud(bands).astype(np.uint8)
    image = Image.frombytes("P", rows.shape[::-1], rows.tobytes())
    image.putpalette([each for entry in palette for each in entry])
    kept = io.BytesIO()
    image.save(kept, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(kept.getvalue()).decode("ascii")
