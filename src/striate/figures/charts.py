"""Charts of what verbs answer, declared in Altair and drawn by vl-convert, without a browser or the internet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from striate.figures.colours import INK
from striate.problem import Misuse
from striate.verbs.lr_find import Found
from striate.words import say

if TYPE_CHECKING:
    import altair as alt

ENDINGS = (".svg", ".png")

_WIDTH, _HEIGHT = 640, 360
_FAINT, _STRONG, _MARK = "#b5b5ae", "#21918c", "#b5367a"
_ROOM = 1.15  # above the first losses: what diverges goes out of the picture


def rates_chart(found: Found, language: str) -> alt.TopLevelMixin:
    """The loss over the learning rate: measured, smoothed, and the rate suggested."""
    import altair as alt

    rows = [
        {"rate": rate, "loss": loss, "smoothed": smoothed}
        for rate, loss, smoothed in zip(found.rates, found.losses, found.smoothed, strict=True)
    ]
    low, high = min(found.smoothed), _ROOM * max(found.smoothed[: len(rows) // 2])
    margin = 0.1 * (high - low)
    x = alt.X("rate:Q", title=say("lr_find.rate", language)).scale(type="log").axis(format="~e", grid=False)
    scale = alt.Scale(domain=[low - margin, high], nice=False, zero=False)
    base = alt.Chart(alt.Data(values=rows))
    measured = base.mark_point(clip=True, filled=True, color=_FAINT, size=22).encode(
        x=x, y=alt.Y("loss:Q", title=say("lr_find.loss", language), scale=scale)
    )
    smoothed = base.mark_line(clip=True, color=_STRONG, strokeWidth=2.5).encode(x=x, y=alt.Y("smoothed:Q", scale=scale))
    layers = [measured, smoothed, *_mark(found, x, language)]
    title = say("lr_find.title", language, net=found.net, data=found.data)
    chart = alt.layer(*layers).properties(width=_WIDTH, height=_HEIGHT, title=title)
    return chart.configure(font="sans-serif", background="white").configure_title(
        anchor="start", color=INK, fontSize=14
    )


def _mark(found: Found, x: alt.X, language: str) -> list[alt.Chart]:
    """The rate suggested, as a line with its words."""
    import altair as alt

    if found.suggested is None:
        return []
    words = say("lr_find.mark", language, rate=f"{found.suggested:.2g}")
    base = alt.Chart(alt.Data(values=[{"rate": found.suggested, "words": words}]))
    rule = base.mark_rule(color=_MARK, strokeDash=[5, 4], strokeWidth=1.5).encode(x=x)
    text = base.mark_text(align="right", dx=-6, color=_MARK, fontSize=12).encode(x=x, y=alt.value(14), text="words:N")
    return [rule, text]


def refuse_ending(path: Path) -> None:
    """Misuse for a file that is neither SVG nor PNG by its name."""
    if path.suffix not in ENDINGS:
        raise Misuse("chart.ending", path=path, known=", ".join(ENDINGS))


def write(chart: alt.TopLevelMixin, path: Path) -> None:
    """Draws a chart into a file, as SVG or PNG by its ending; Misuse for another one."""
    refuse_ending(path)
    import vl_convert

    if path.suffix == ".svg":
        path.write_text(vl_convert.vegalite_to_svg(chart.to_json()), encoding="utf-8")
    else:
        path.write_bytes(vl_convert.vegalite_to_png(chart.to_json(), scale=2))
