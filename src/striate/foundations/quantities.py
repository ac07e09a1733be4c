"""Quantities as a textbook prints them: a symbol, its formula, the formula with numbers, and what it comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

_UP, _DOWN = (str.maketrans("0123456789", digits) for digits in ("⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"))


class Known(NamedTuple):
    """What is given and needs no formula."""

    symbol: str
    value: float


@dataclass(frozen=True)
class Quantity:
    """A symbol, the formula for it, the formula with its numbers (six digits), and what it comes to.

    [z > 0] is 1 where that is so and 0 elsewhere.
    """

    symbol: str
    formula: str
    numbers: str
    value: float


def named(letter: str, layer: int | None, *places: int) -> str:
    """w, 1, 0, 1 -> w⁽¹⁾₁₂: places are counted from 0 and shown from 1; with a comma where one has two digits."""
    above = f"⁽{str(layer).translate(_UP)}⁾" if layer is not None else ""
    comma = "," if max(places) > 8 else ""
    return letter + above + comma.join(str(at + 1).translate(_DOWN) for at in places)


def quantity(
    symbol: str, template: str, parts: Sequence[Known | Quantity], value: float, *, worked: str | None = None
) -> Quantity:
    """Fills a template with symbols, and it or ``worked`` with numbers; a negative number gets brackets."""
    formula = template.format(*(part.symbol for part in parts))
    return Quantity(symbol, formula, (worked or template).format(*(shown(part.value) for part in parts)), value)


def shown(value: float) -> str:
    """Six digits."""
    text = f"{value:.6g}"
    return f"({text})" if text.startswith("-") else text
