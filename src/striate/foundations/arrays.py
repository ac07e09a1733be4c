"""Numbers as they are given, made into arrays; what cannot be used is said in words."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from striate.problem import BadData, Misuse

Array = NDArray[np.float64]

LIMIT = 1e12
"""What grows beyond it, or is no number, has diverged."""

_HUGE = 1e50  # squares of larger numbers, and products of squares, leave float64


def array(values: ArrayLike, name: str, *dims: int) -> Array:
    """A copy in float64 of one of the numbers of dimensions; BadData where there is nothing finite to compute with."""
    try:
        given = np.asarray(values)
        if given.size and given.dtype.kind not in "biuf":  # text such as "1" would be read as a number
            raise TypeError
        found = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise BadData("foundations.arrays.no_numbers", name=name) from None
    if found.ndim not in dims:
        wanted = "/".join(map(str, dims))
        raise BadData("foundations.arrays.dims", name=name, found=found.ndim, wanted=wanted)
    if not found.size:
        raise BadData("foundations.arrays.empty", name=name)
    wrong = np.argwhere(~(np.abs(found) <= _HUGE))
    if len(wrong):
        place = ", ".join(str(at + 1) for at in wrong[0])
        raise BadData("foundations.arrays.not_finite", name=name, value=float(found[tuple(wrong[0])]), place=place)
    return found


def of_shape(values: ArrayLike, name: str, shape: tuple[int, ...]) -> Array:
    """As array(), and BadData for another shape."""
    found = array(values, name, len(shape))
    if found.shape != shape:
        raise BadData("foundations.arrays.shape", name=name, found=times(found.shape), wanted=times(shape))
    return found


def labelled(inputs: ArrayLike, labels: ArrayLike) -> tuple[Array, NDArray[np.int64]]:
    """Rows (n, d) and the number of each one's class (n,), from 0; BadData where they are not as many, or no numbers.

    A number of n or more is refused, too: it would leave classes without a row.
    """
    found, named = array(inputs, "inputs", 2), array(labels, "labels", 1)
    if len(found) != len(named):
        raise BadData("foundations.arrays.lengths", first="inputs", one=len(found), second="labels", other=len(named))
    wrong = named[(named < 0) | (named % 1 != 0) | (named >= max(len(named), 2))]
    if len(wrong):
        raise BadData("foundations.arrays.labels", value=f"{wrong[0]:g}", most=max(len(named), 2) - 1)
    return found, named.astype(np.int64)


def fixed(values: Array) -> Array:
    """The same numbers, which nobody can change any more."""
    kept = np.array(values, dtype=np.float64)
    kept.setflags(write=False)
    return kept


def floats(values: ArrayLike) -> tuple[float, ...]:
    return tuple(np.asarray(values, dtype=np.float64).tolist())


def count(value: int, name: str, least: int = 1) -> int:
    """A whole number of at least so much; Misuse otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise Misuse("foundations.arrays.count", name=name, value=value, least=least)
    return int(value)


def positive(value: float, name: str) -> float:
    """A finite number above 0; Misuse otherwise."""
    if not (math.isfinite(value) and value > 0):
        raise Misuse("foundations.arrays.positive", name=name, value=value)
    return float(value)


def times(numbers: Sequence[Any]) -> str:
    """1x28x28."""
    return "x".join(map(str, numbers))
