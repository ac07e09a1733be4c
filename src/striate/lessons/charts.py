"""Pieces that the charts of several lessons are made of; Altair is loaded when one is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's, which people who see fewer colours can tell apart."""


def slider(name: str, title: str, *, value: float, ends: tuple[float, float], step: float = 1) -> altair.Parameter:
    """A parameter of the page that a slider moves."""
    import altair

    low, high = ends
    return altair.param(
        name=name, value=value, bind=altair.binding_range(min=low, max=high, step=step, name=f"{title} ")
    )


def choice(name: str, title: str, options: Sequence[tuple[str, str]], value: str) -> altair.Parameter:
    """A parameter of the page that a list sets: values, and what they are called."""
    import altair

    values, labels = zip(*options, strict=True)
    bind = altair.binding_select(options=list(values), labels=list(labels), name=f"{title} ")
    return altair.param(name=name, value=value, bind=bind)


def rows(values: Sequence[dict[str, Any]]) -> altair.Chart:
    """A chart over rows that stand in the page."""
    import altair

    return altair.Chart(altair.Data(values=list(values)))
