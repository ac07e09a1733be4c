"""Numbers and sums as a lesson writes them, cut short where there are many."""

from collections.abc import Iterable, Sequence
from functools import reduce

from striate.lessons.parts import Text, shown
from striate.words import Phrase

_TERMS, _ROWS = 6, 16
_ROUNDING = 1e-14  # of the largest number that a value came from


def rounded(value: float, *sources: float) -> float:
    """A value, or 0 where it is below the rounding of the numbers that it came from: 1 - 0.05 · 20 is -5.6e-17."""
    return 0.0 if abs(value) <= _ROUNDING * max(map(abs, sources)) else value


def paragraph(first: Phrase, *others: Phrase) -> Phrase:
    """Sentences one after the other, where each is chosen by itself."""
    return reduce(lambda one, other: Phrase("lesson.common.sentences", {"one": one, "other": other}), others, first)


def bracketed(value: float, digits: int = 6) -> str:
    """A number that stands behind a sign: a negative one in brackets."""
    text = shown(value, digits)
    return f"({text})" if text.startswith("-") else text


def summed(terms: Sequence[str]) -> str:
    """2 + 4 + 6 + 8, the middle of a long one left out."""
    return " + ".join(terms if len(terms) <= _TERMS else [*terms[:3], "…", terms[-1]])


def with_sign(value: float, digits: int = 6) -> str:
    """A number that is added: + 3 or - 3."""
    return f"{'-' if value < 0 else '+'} {shown(abs(value), digits)}"


def abridged(rows: Iterable[tuple[Text, ...]]) -> tuple[tuple[Text, ...], ...]:
    """A table's rows, the middle ones of a long table left out."""
    whole = tuple(rows)
    if len(whole) <= _ROWS:
        return whole
    gap = ("…",) * len(whole[0])
    return (*whole[: _ROWS - 3], gap, *whole[-2:])
