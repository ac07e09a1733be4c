"""Whether a line, plane or hyperplane has all examples of one class on its one side and all others on the other."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from striate.foundations import given
from striate.foundations.given import Array, Numbers, Rows

_TOUCHING = 1e-9  # of the spread of the examples: less than this apart is not apart


@dataclass(frozen=True)
class Separator:
    """A hyperplane sum(weight x) + intercept = 0 that separates: above 0 for every 1 and below for every 0."""

    weights: tuple[float, ...]
    intercept: float


def classes(x: Rows, targets: Numbers) -> tuple[Array, Array]:
    """x (n, d) and its targets (n,), each 0 or 1."""
    rows, truth = given.rows(x, "x"), given.labels(targets, "targets")
    given.paired(rows, truth, ("x", "targets"))
    return rows, truth


def separator(x: Rows, targets: Numbers) -> Separator | None:
    """A hyperplane that separates, or None where there is none; found by a linear programme.

    Largest m with s(w . x + b) >= m for all, s = 1 or -1, and no weight beyond 1 (Mangasarian 1965). Examples of both
    classes at one place, or touching, are not separated.
    """
    rows, truth = classes(x, targets)
    middle, spread = rows.mean(axis=0), np.abs(rows - rows.mean(axis=0)).max(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    sides = np.where(truth == 1, 1.0, -1.0)[:, None]
    scaled = (rows - middle) / spread
    design = np.hstack([-sides * scaled, -sides, np.ones((len(rows), 1))])  # of w, b, m
    size = rows.shape[1]
    bounds = [(-1.0, 1.0)] * size + [(-size - 1.0, size + 1.0), (None, 1.0)]
    found = optimize.linprog([0.0] * (size + 1) + [-1.0], design, np.zeros(len(rows)), bounds=bounds, method="highs")
    if not found.success or found.x[-1] <= _TOUCHING:
        return None
    weights = found.x[:size] / spread
    return Separator(given.floats(weights), float(found.x[size] - weights @ middle))
