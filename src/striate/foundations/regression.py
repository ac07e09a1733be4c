"""Linear regression: least squares by the formulas, by the normal equations, by gradient descent, and by Newton."""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from striate.foundations import given
from striate.foundations.given import Array, Numbers, Rows
from striate.problem import BadData

_NOTHING = 1e-100  # a column smaller than this counts as zeros
_EXACT = 10_000  # numbers, for which fractions still take less than a second
_MOST = 1_000_000  # steps


@dataclass(frozen=True)
class Fit:
    """How near the predictions p come: residuals p - y, their squares' sum, mean (MSE), its root (RMSE), and R2.

    r2 = 1 - SSE / ``spread``, which is sum((y - mean)^2); None where all y are equal.
    """

    predictions: tuple[float, ...]
    residuals: tuple[float, ...]
    sse: float
    mse: float
    rmse: float
    spread: float
    r2: float | None


@dataclass(frozen=True)
class Deviation:
    """One example's line of the table: x - mean(x), y - mean(y), their product, and the square of the first."""

    x: float
    y: float
    x_deviation: float
    y_deviation: float
    product: float
    square: float


@dataclass(frozen=True)
class Line:
    """y = slope x + intercept, with every sum on the way; ``exact`` is both as fractions, of whole numbers only."""

    slope: float
    intercept: float
    exact: tuple[Fraction, Fraction] | None
    mean_x: float
    mean_y: float
    deviations: tuple[Deviation, ...]
    products: float
    squares: float
    fit: Fit


@dataclass(frozen=True)
class Plane:
    """y = sum(weight x) + weights[-1]: the design X with its column of ones, XtX, Xty, and what solves XtX w = Xty."""

    weights: tuple[float, ...]
    exact: tuple[Fraction, ...] | None
    design: tuple[tuple[float, ...], ...]
    xtx: tuple[tuple[float, ...], ...]
    xty: tuple[float, ...]
    fit: Fit


@dataclass(frozen=True)
class Curvature:
    """The Hessian of the MSE, 2/n XtX, and its eigenvalues, falling.

    Gradient descent diverges above ``largest_rate`` = 2 / the first eigenvalue; the condition number, first / last,
    says how slow it is below. It is None where the last one is 0.
    """

    hessian: tuple[tuple[float, ...], ...]
    eigenvalues: tuple[float, ...]
    condition: float | None
    largest_rate: float


@dataclass(frozen=True)
class Batches:
    """So many examples a step, drawn without repeat until too few are left, then anew."""

    size: int
    seed: int = 0


@dataclass(frozen=True)
class Step:
    """One step on the MSE: where it starts, the loss and the gradient there, the examples used, and where it ends.

    The last weight is the intercept.
    """

    number: int
    weights: tuple[float, ...]
    loss: float
    gradient: tuple[float, ...]
    examples: tuple[int, ...]
    after: tuple[float, ...]


@dataclass(frozen=True)
class Descent:
    """Steps downhill, and where they ended; a descent that diverged stopped at the last step of its trace."""

    trace: tuple[Step, ...]
    weights: tuple[float, ...]
    loss: float
    diverged: bool


@dataclass(frozen=True)
class NewtonStep:
    """w - H^-1 gradient: the lowest point of any quadratic from anywhere, in one step."""

    weights: tuple[float, ...]
    loss: float
    gradient: tuple[float, ...]
    curvature: Curvature
    move: tuple[float, ...]
    after: tuple[float, ...]
    loss_after: float


def line(x: Numbers, y: Numbers) -> Line:
    """Least squares with one x: slope = sum((x - mean x)(y - mean y)) / sum((x - mean x)^2) (Legendre 1805)."""
    across, up = given.numbers(x, "x"), given.numbers(y, "y")
    given.paired(across, up, ("x", "y"))
    if len(across) == 1:
        raise BadData("foundations.regression.single")
    mean_x, mean_y = float(across.mean()), float(up.mean())
    apart_x, apart_y = across - mean_x, up - mean_y
    products, squares = float(apart_x @ apart_y), float(apart_x @ apart_x)
    if squares <= 0 or across.min() == across.max():
        raise BadData("foundations.regression.equal", value=f"{across[0]:g}")
    slope = products / squares
    intercept = mean_y - slope * mean_x
    columns = (across, up, apart_x, apart_y, apart_x * apart_y, apart_x**2)
    deviations = tuple(Deviation(*row) for row in zip(*(column.tolist() for column in columns), strict=True))
    exact = _exact(_design(across[:, None]), up)
    fit = _fit(slope * across + intercept, up)
    fractions = (exact[0], exact[1]) if exact else None
    return Line(slope, intercept, fractions, mean_x, mean_y, deviations, products, squares, fit)


def plane(x: Rows, y: Numbers) -> Plane:
    """Least squares with several x, by the normal equations; x (n, d) has a row for each example.

    Of whole numbers all is exact. Other weights come from X itself (LAPACK), since XtX has the square of its condition
    number.
    """
    design, up = _given(x, y)
    _independent(design)
    weights, exact = _least(design, up), _exact(design, up)
    predictions = design @ weights
    if exact:
        weights = np.array([float(each) for each in exact])
        predictions = np.array([float(_dot([int(value) for value in row], exact)) for row in design])
    return Plane(
        given.floats(weights), exact, given.table(design), given.table(design.T @ design),
        given.floats(design.T @ up), _fit(predictions, up),
    )  # fmt: skip


def landscape(x: Numbers, y: Numbers, slopes: Numbers, intercepts: Numbers) -> Array:
    """(intercepts, slopes): the MSE of each of these lines."""
    across, up = given.numbers(x, "x"), given.numbers(y, "y")
    given.paired(across, up, ("x", "y"))
    columns, rows = given.numbers(slopes, "slopes"), given.numbers(intercepts, "intercepts")[:, None]
    heights = np.zeros((len(rows), len(columns)))
    for one, other in zip(across, up, strict=True):
        heights += (columns * one + rows - other) ** 2 / len(up)
    return given.fixed(heights)


def curvature(x: Rows) -> Curvature:
    """Of the MSE on x (n,) or (n, d); y has no part in it."""
    return _curvature(_design(given.rows(x, "x")))


@given.quietly
def descend(
    x: Rows, y: Numbers, *, rate: float, steps: int, start: Numbers | None = None, batches: Batches | None = None
) -> Descent:
    """Gradient descent on the MSE: w - rate 2/n Xt(Xw - y), from zeros where no start is given.

    With batches it is the stochastic one (Robbins & Monro 1951): loss and gradient of a step are those of its examples.
    """
    design, up = _given(x, y)
    rate, steps = given.positive(rate, "rate"), given.count(steps, "steps", most=_MOST)
    weights = given.start(start, design.shape[1])
    first, trace, diverged = _mse(design, up, weights), [], False
    for number, used in zip(range(1, steps + 1), _drawn(len(up), batches), strict=False):
        rows, targets = design[list(used)], up[list(used)]
        gradient = 2 / len(used) * rows.T @ (rows @ weights - targets)
        after = weights - rate * gradient
        loss = _mse(rows, targets, weights)
        trace.append(Step(number, given.floats(weights), loss, given.floats(gradient), used, given.floats(after)))
        weights, diverged = after, given.escaped(after, _mse(design, up, after), scale=first)
        if diverged:
            break
    return Descent(tuple(trace), given.floats(weights), _mse(design, up, weights), diverged)


def newton(x: Rows, y: Numbers, *, start: Numbers | None = None) -> NewtonStep:
    """The one step that Newton's method takes on the MSE."""
    design, up = _given(x, y)
    _independent(design)
    weights = given.start(start, design.shape[1])
    gradient = 2 / len(up) * design.T @ (design @ weights - up)
    move = -_least(design, design @ weights - up)  # H^-1 gradient, with the 2/n cancelled
    return NewtonStep(
        given.floats(weights), _mse(design, up, weights), given.floats(gradient), _curvature(design),
        given.floats(move), given.floats(weights + move), _mse(design, up, weights + move),
    )  # fmt: skip


def _drawn(n: int, batches: Batches | None) -> Iterator[tuple[int, ...]]:
    if batches is None:
        yield from itertools.repeat(tuple(range(n)))
    else:
        size, chance = min(given.count(batches.size, "batch"), n), np.random.default_rng(batches.seed)
        while True:
            order = chance.permutation(n).tolist()
            for begin in range(0, n - size + 1, size):
                yield tuple(sorted(order[begin : begin + size]))


def _curvature(design: Array) -> Curvature:
    hessian = 2 / len(design) * design.T @ design
    values = np.linalg.eigvalsh(hessian)[::-1]
    flat = values[-1] <= values[0] * len(values) * np.finfo(np.float64).eps
    condition = None if flat else float(values[0] / values[-1])
    return Curvature(given.table(hessian), given.floats(values), condition, float(2 / values[0]))


def _given(x: Rows, y: Numbers) -> tuple[Array, Array]:
    across, up = given.rows(x, "x"), given.numbers(y, "y")
    given.paired(across, up, ("x", "y"))
    return _design(across), up


def _design(x: Array) -> Array:
    return np.column_stack([x, np.ones(len(x))])


def _independent(design: Array) -> None:
    """Refuses columns of which one follows from others: their weights cannot be told apart."""
    n, unknown = design.shape
    if n < unknown:
        raise BadData("foundations.regression.few", count=n, unknown=unknown)
    scaled = design / np.maximum(np.abs(design).max(axis=0), _NOTHING)
    for column in range(unknown - 1):
        rank = np.linalg.matrix_rank(scaled[:, [*range(column + 1), unknown - 1]])
        if rank < column + 2:
            raise BadData("foundations.regression.dependent", column=column + 1)


def _least(design: Array, right: Array) -> Array:
    """w of least |design w - right|; the columns are brought to one size, lest a small one be taken for none."""
    size = np.abs(design).max(axis=0)
    found: Array = np.linalg.lstsq(design / size, right, rcond=None)[0] / size
    return found


def _fit(predictions: Array, y: Array) -> Fit:
    residuals = predictions - y
    sse, spread = float(residuals @ residuals), float(((y - y.mean()) ** 2).sum())
    mse = sse / len(y)
    r2 = 1 - sse / spread if spread and y.min() != y.max() else None
    return Fit(given.floats(predictions), given.floats(residuals), sse, mse, math.sqrt(mse), spread, r2)


def _mse(design: Array, y: Array, weights: Array) -> float:
    return float(np.mean((design @ weights - y) ** 2))


def _exact(design: Array, y: Array) -> tuple[Fraction, ...] | None:
    """The normal equations in fractions; None where a number is not whole, or there are too many of them."""
    if design.size > _EXACT or not all(
        np.all((values == np.round(values)) & (np.abs(values) < 2**53)) for values in (design, y)
    ):
        return None
    columns = [[int(value) for value in column] for column in design.T]
    right = [int(value) for value in y]
    xtx = [[_dot(one, other) for other in columns] for one in columns]
    return _solved([[*row, _dot(column, right)] for row, column in zip(xtx, columns, strict=True)])


def _dot(one: Sequence[int], other: Sequence[Fraction | int]) -> Fraction:
    return Fraction(sum(a * b for a, b in zip(one, other, strict=True)))


def _solved(rows: list[list[Fraction]]) -> tuple[Fraction, ...]:
    """Gauss-Jordan on an augmented matrix that is not singular."""
    for at in range(len(rows)):
        pivot = next(row for row in range(at, len(rows)) if rows[row][at])
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for other in range(len(rows)):
            if other != at and rows[other][at]:
                rows[other] = [a - rows[other][at] * b for a, b in zip(rows[other], rows[at], strict=True)]
    return tuple(row[-1] for row in rows)
