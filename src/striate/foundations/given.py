"""Numbers as they are given: read as float64, and refused with the reason where nothing can be reckoned with them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from striate.problem import BadData, Misuse

Array = npt.NDArray[np.float64]
Numbers = Sequence[float] | npt.NDArray[Any]
Rows = Sequence[float] | Sequence[Sequence[float]] | npt.NDArray[Any]

quietly = np.errstate(over="ignore", invalid="ignore", divide="ignore")
"""Decorates a procedure that tells by itself when it diverges, so that numpy need not warn of it."""

_HUGE = 1e50  # squares of larger numbers, and products of squares, leave float64
_FAR = 1e12


def numbers(values: Numbers, name: str) -> Array:
    """(n,): at least one number, all finite; ``name`` is the symbol that a message calls them by."""
    return _checked(values, name, 1)


def rows(values: Rows, name: str) -> Array:
    """(n, d): a row of numbers for each example; single numbers are rows of one."""
    found = _checked(values, name, 1, 2)
    return found.reshape(len(found), -1)


def labels(values: Numbers, name: str) -> Array:
    """(n,): of two classes, each 0 or 1."""
    found = numbers(values, name)
    for value in found:
        if value not in (0, 1):
            raise BadData("foundations.given.labels", name=name, value=f"{value:g}")
    return found


def paired(one: Array, other: Array, names: tuple[str, str]) -> None:
    """Refuses lists that do not belong together."""
    if len(one) != len(other):
        first, second = names
        raise BadData("foundations.given.lengths", name=first, count=len(one), other=second, others=len(other))


def positive(value: float, name: str) -> float:
    """A number above 0, of a size that can be reckoned with."""
    if not 0 < value <= _HUGE:
        raise Misuse("foundations.given.positive", name=name, value=f"{value:g}")
    return float(value)


def not_negative(value: float, name: str) -> float:
    """A number of 0 or more, of a size that can be reckoned with."""
    if not 0 <= value <= _HUGE:
        raise Misuse("foundations.given.negative", name=name, value=f"{value:g}")
    return float(value)


def share(value: float, name: str) -> float:
    """A number from 0 to 1, 1 excluded."""
    if not 0 <= value < 1:
        raise Misuse("foundations.given.share", name=name, value=f"{value:g}")
    return float(value)


def count(value: int, name: str, most: int = 1_000_000) -> int:
    """A whole number from 1 to ``most``."""
    if not 1 <= value <= most or value != int(value):
        raise Misuse("foundations.given.count", name=name, value=f"{value:g}", most=most)
    return int(value)


def start(values: Numbers | None, size: int) -> Array:
    """(size,): where a procedure begins; zeros where nothing is said."""
    if values is None:
        return np.zeros(size)
    found = numbers(values, "start")
    if len(found) != size:
        raise Misuse("foundations.given.start", count=len(found), expected=size)
    return found


def escaped(*values: float | Array, scale: float = 1.0) -> bool:
    """Whether any number is not finite or beyond 1e12 times the scale: the sign that a procedure diverges."""
    limit = _FAR * max(1.0, scale)
    return not all(bool(np.all(np.abs(value) <= limit)) for value in values)


def floats(values: npt.NDArray[Any]) -> tuple[float, ...]:
    """As they go into a trace."""
    return tuple(values.tolist())


def table(values: npt.NDArray[Any]) -> tuple[tuple[float, ...], ...]:
    """A matrix as it goes into a trace."""
    return tuple(map(tuple, values.tolist()))


def frozen(values: Array) -> Array:
    """A copy that nobody can write to."""
    copy = np.array(values)
    copy.setflags(write=False)
    return copy


def _checked(values: Rows, name: str, *axes: int) -> Array:
    try:
        found = np.asarray(values)
        if found.dtype.kind not in "biuf":  # text such as "1" would be read as a number
            raise TypeError
    except (TypeError, ValueError):
        raise BadData("foundations.given.not_numbers", name=name) from None
    if not found.size:
        raise BadData("foundations.given.empty", name=name)
    if found.ndim not in axes:
        raise BadData("foundations.given.axes", name=name, found=found.ndim, most=max(axes))
    found = found.astype(np.float64)
    wrong = ~(np.abs(found) <= _HUGE)
    if wrong.any():
        place = np.argwhere(wrong)[0]
        shown = ", ".join(str(at + 1) for at in place)
        raise BadData("foundations.given.not_finite", name=name, value=f"{found[tuple(place)]:g}", place=shown)
    return found
