"""Small grids of numbers: as they are typed, as they are written, and as they are drawn."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from striate.lessons.options import Numbers, numbers
from striate.lessons.parts import shown
from striate.problem import BadData, Misuse

if TYPE_CHECKING:
    import altair

    from striate.foundations.given import Array

MOST = 12  # rows and columns of a grid that is shown number by number


def grid(option: str, text: str, most: int = MOST) -> tuple[Numbers, ...]:
    """1,2/3,4 as rows of numbers; Misuse where their lengths differ or there are too many, BadData for none."""
    rows = tuple(numbers(option, row) for row in text.split("/"))
    if not any(rows):
        raise BadData("foundations.given.empty", name=option)
    if len({len(row) for row in rows}) > 1:
        raise Misuse("learn.ragged", option=option, counts=", ".join(str(len(row)) for row in rows))
    if len(rows) > most or len(rows[0]) > most:
        raise Misuse("learn.large_grid", option=option, rows=len(rows), columns=len(rows[0]), most=most)
    return rows


def written(values: Array | Sequence[Numbers], before: str = "", digits: int = 4) -> tuple[str, ...]:
    """A line a row, the columns one below the other, behind what stands before the middle row."""
    texts = [[shown(float(value), digits) for value in row] for row in values]
    wide = max(len(text) for row in texts for text in row)
    middle = (len(texts) - 1) // 2
    return tuple(
        (before if at == middle else " " * len(before)) + "[ " + "  ".join(f"{text:>{wide}}" for text in row) + " ]"
        for at, row in enumerate(texts)
    )


def cells(values: Array, **beside: Any) -> list[dict[str, Any]]:
    """A row of a chart for each number, with its place; what stands beside is in all of them."""
    return [
        {"row": row, "column": column, "value": float(value), "text": shown(float(value), 3), **beside}
        for (row, column), value in np.ndenumerate(values)
    ]


def tiles(rows: altair.Chart, size: int, colour: str) -> tuple[altair.Chart, altair.Chart]:
    """Squares so many pixels wide, and their texts; ``row`` and ``column`` count from the corner above on the left."""
    import altair

    x, y = altair.X("x:Q", scale=None, axis=None), altair.Y("y:Q", scale=None, axis=None)
    placed = rows.transform_calculate(
        x=f"datum.column * {size}", x2=f"(datum.column + 1) * {size} - 2", cx=f"(datum.column + 0.5) * {size} - 1",
        y=f"datum.row * {size}", y2=f"(datum.row + 1) * {size} - 2", cy=f"(datum.row + 0.5) * {size} - 1",
    )  # fmt: skip
    boxes = placed.mark_rect(color=colour).encode(x=x, y=y, x2="x2:Q", y2="y2:Q")
    texts = placed.mark_text(fontSize=min(13, size // 3 + 1)).encode(
        x=altair.X("cx:Q", scale=None, axis=None), y=altair.Y("cy:Q", scale=None, axis=None), text="text:N"
    )
    return boxes, texts


def outline(rows: altair.Chart, size: int, colour: str) -> altair.Chart:
    """Frames from ``row`` and ``column`` over so many ``rows`` and ``columns``, upon tiles of the same size."""
    import altair

    placed = rows.transform_calculate(
        x=f"datum.column * {size} - 1", y=f"datum.row * {size} - 1",
        x2=f"(datum.column + datum.columns) * {size} - 1", y2=f"(datum.row + datum.rows) * {size} - 1",
    )  # fmt: skip
    x, y = altair.X("x:Q", scale=None, axis=None), altair.Y("y:Q", scale=None, axis=None)
    frame = placed.mark_rect(fillOpacity=0, stroke=colour, strokeWidth=3)
    return frame.encode(x=x, y=y, x2="x2:Q", y2="y2:Q")


def picture(values: Array, low: float, high: float) -> str:
    """Numbers as the URL of a grey picture, black at low and white at high."""
    from PIL import Image

    spread = (high - low) or 1.0
    grey = np.clip((values - low) / spread * 255, 0, 255).round().astype(np.uint8)
    kept = io.BytesIO()
    Image.fromarray(grey).save(kept, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(kept.getvalue()).decode("ascii")
