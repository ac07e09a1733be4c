"""Pieces that the charts of several lessons share: colours, sliders, choices, and grids of numbers as pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import altair

BLUE, RED, GREEN, PINK, YELLOW, SKY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"
FAINT = "#b5b5ae"


class Places(NamedTuple):
    """Where a slider can stand."""

    low: float
    high: float
    step: float


def chart(rows: Iterable[Mapping[str, Any]]) -> altair.Chart:
    """A chart of rows that stand in the page itself."""
    import altair

    return altair.Chart(altair.Data(values=[dict(row) for row in rows]))


def slider(name: str, title: str, value: float, places: Places) -> altair.Parameter:
    import altair

    low, high, step = places
    return altair.param(name=name, value=value, bind=altair.binding_range(min=low, max=high, step=step, name=title))


def choice(name: str, title: str, labels: Mapping[str, str]) -> altair.Parameter:
    """A dropdown of names, each under its label; the first is chosen."""
    import altair

    options = list(labels)
    bound = altair.binding_select(options=options, labels=list(labels.values()), name=title)
    return altair.param(name=name, value=options[0], bind=bound)


def fixed(low: float, high: float) -> altair.Scale:
    """An axis that stays as it is while a slider moves."""
    import altair

    return altair.Scale(domain=[low, high], nice=False, zero=False)
