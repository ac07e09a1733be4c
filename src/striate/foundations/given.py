"""Numbers as they are given: read as float64, and refused with the reason where nothing can be reckoned with them."""

from collections.abc import Sequence, Sized
from typing import Any

import numpy as np
import numpy.typing as npt

from striate.problem import BadData, Misuse

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
Numbers = Sequence[float] | npt.NDArray[Any]
Rows = Sequence[float] | Sequence[Sequence[float]] | npt.NDArray[Any]

quietly = np.errstate(over="ignore", invalid="ignore", divide="ignore")
"""Decorates a procedure that tells by itself when it diverges, so that numpy need not warn of it."""

LIMIT = 1e12
"""What grows beyond it, or is no number, has diverged."""

_HUGE = 1e50  # squares of larger numbers, and products of squares, leave float64


def array(values: npt.ArrayLike, name: str, *dims: int) -> Array:
    """A copy in float64 of one of the numbers of dimensions; BadData where there is nothing finite to compute with.

    ``name`` is what a message calls them by.
    """
    try:
        found = np.asarray(values)
        if found.size and found.dtype.kind not in "biuf":  # text such as "1" would be read as a number
            raise TypeError
        found = np.array(found, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadData("foundations.given.not_numbers", name=name) from None
    if not found.size:
        raise BadData("foundations.given.empty", name=name)
    if found.ndim not in dims:
        wanted = "/".join(map(str, dims))
        raise BadData("foundations.given.dims", name=name, found=found.ndim, wanted=wanted)
    wrong = np.argwhere(~(np.abs(found) <= _HUGE))
    if len(wrong):
        place = ", ".join(str(at + 1) for at in wrong[0])
        raise BadData("foundations.given.not_finite", name=name, value=f"{found[tuple(wrong[0])]:g}", place=place)
    return found


def of_shape(values: npt.ArrayLike, name: str, shape: tuple[int, ...]) -> Array:
    """As array(), and BadData for another shape."""
    found = array(values, name, len(shape))
    if found.shape != shape:
        raise BadData("foundations.given.shape", name=name, found=times(found.shape), wanted=times(shape))
    return found


def numbers(values: Numbers, name: str) -> Array:
    """(n,): at least one number, all finite."""
    return array(values, name, 1)


def rows(values: Rows, name: str) -> Array:
    """(n, d): a row of numbers for each example; single numbers are rows of one."""
    found = array(values, name, 1, 2)
    return found.reshape(len(found), -1)


def labels(values: Numbers, name: str) -> Array:
    """(n,): of two classes, each 0 or 1."""
    found = numbers(values, name)
    for value in found:
        if value not in (0, 1):
            raise BadData("foundations.given.labels", name=name, value=f"{value:g}")
    return found


def labelled(inputs: npt.ArrayLike, classes: npt.ArrayLike) -> tuple[Array, Labels]:
    """Rows (n, d) and the number of each one's class (n,), from 0; BadData where they are not as many, or no numbers.

    A number of n or more is refused, too: it would leave classes without a row.
    """
    found, named = array(inputs, "inputs", 2), array(classes, "labels", 1)
    paired(found, named, ("inputs", "labels"))
    most = max(len(named), 2) - 1
    wrong = named[(named < 0) | (named % 1 != 0) | (named > most)]
    if len(wrong):
        raise BadData("foundations.given.classes", value=f"{wrong[0]:g}", most=most)
    return found, named.astype(np.int64)


def paired(one: Sized, other: Sized, names: tuple[str, str]) -> None:
    """Refuses lists that do not belong together."""
    if len(one) != len(other):
        first, second = names
        raise BadData("foundations.given.lengths", name=first, count=len(one), other=second, others=len(other))


def finite(value: float, name: str) -> float:
    """A number of a size that can be reckoned with."""
    if not abs(value) <= _HUGE:
        raise Misuse("foundations.given.finite", name=name, value=f"{value:g}")
    return float(value)


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


def count(value: int, name: str, *, least: int = 1, most: int | None = None) -> int:
    """A whole number from ``least`` to ``most``, where there is one."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if whole and least <= value and (most is None or value <= most):
        return int(value)
    if most is None:
        raise Misuse("foundations.given.least", name=name, value=value, least=least)
    raise Misuse("foundations.given.count", name=name, value=value, least=least, most=most)


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
    limit = LIMIT * max(1.0, scale)
    return not all(bool(np.all(np.abs(value) <= limit)) for value in values)


def floats(values: npt.ArrayLike) -> tuple[float, ...]:
    """As they go into a trace."""
    return tuple(np.asarray(values, dtype=np.float64).tolist())


def table(values: npt.NDArray[Any]) -> tuple[tuple[float, ...], ...]:
    """A matrix as it goes into a trace."""
    return tuple(map(tuple, values.tolist()))


def fixed(values: Array) -> Array:
    """A copy that nobody can write to."""
    copy = np.array(values, dtype=np.float64)
    copy.setflags(write=False)
    return copy


def times(sizes: Sequence[int]) -> str:
    """1x28x28."""
    return "x".join(map(str, sizes))
