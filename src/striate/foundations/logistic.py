"""Logistic regression: the sigmoid, the cross-entropy in both its branches, gradient descent, and Newton (IRLS).

With a penalty, loss = mean cross-entropy + penalty / (2 n) sum(weight^2), the intercept left out: the minimum of
scikit-learn's LogisticRegression(C=1 / penalty).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import expit

from striate.foundations import given
from striate.foundations.given import Array, Numbers, Rows
from striate.foundations.separation import Separator, classes, separator
from striate.problem import BadData

Stopped = Literal["converged", "singular", "diverged"]

_STILL = 1e-12  # of the weights
_FLAT = 1e-14  # of the largest eigenvalue
_MOST = 1_000_000  # steps


@dataclass(frozen=True)
class Branches:
    """What the cross-entropy asks for an answer: -log y where the target is 1, -log(1 - y) where it is 0."""

    z: float
    probability: float
    if_one: float
    if_zero: float


@dataclass(frozen=True)
class Example:
    """One example under some weights: z = sum(weight x) + intercept, y = sigmoid(z), its loss, and dloss/dz = y - t."""

    x: tuple[float, ...]
    target: float
    z: float
    probability: float
    loss: float
    error: float


@dataclass(frozen=True)
class Step:
    """One step: the weights (the last is the intercept), the boundary, loss and gradient there, and where it ends.

    ``boundary`` is -b / a, the x at which y is 1/2, of one x only and None where a is 0. Newton's step has the Hessian.
    """

    number: int
    weights: tuple[float, ...]
    boundary: float | None
    loss: float
    gradient: tuple[float, ...]
    hessian: tuple[tuple[float, ...], ...] | None
    after: tuple[float, ...]


@dataclass(frozen=True)
class Fit:
    """The steps and where they ended; ``stopped`` is None where all steps were taken.

    ``separator`` is there where the classes can be separated: then the loss without a penalty has no lowest point, and
    the weights grow for as long as steps are taken. Singular: the Hessian has no inverse, so no step leads on.
    """

    trace: tuple[Step, ...]
    weights: tuple[float, ...]
    boundary: float | None
    loss: float
    examples: tuple[Example, ...]
    separator: Separator | None
    stopped: Stopped | None


def sigmoid(z: Numbers) -> tuple[float, ...]:
    """1 / (1 + exp(-z)) of each, by scipy.special.expit."""
    return given.floats(expit(given.numbers(z, "z")))


def branches(z: Numbers) -> tuple[Branches, ...]:
    """Both branches of the loss, by z: -log y = log(1 + exp(-z)), which is finite where y rounds to 0."""
    values = given.numbers(z, "z")
    columns = (values, expit(values), np.logaddexp(0, -values), np.logaddexp(0, values))
    return tuple(Branches(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


def losses(z: Numbers, targets: Numbers) -> tuple[float, ...]:
    """-(t log y + (1 - t) log(1 - y)) for each, as max(z, 0) - z t + log(1 + exp(-|z|)), which nothing overflows."""
    values, truth = given.numbers(z, "z"), given.labels(targets, "targets")
    given.paired(values, truth, ("z", "targets"))
    return given.floats(_losses(values, truth))


def probabilities(weights: Numbers, x: Rows) -> tuple[float, ...]:
    """y for each row of x (n, d); weights (d + 1,), the intercept last."""
    rows = given.rows(x, "x")
    return given.floats(expit(_design(rows) @ given.start(weights, rows.shape[1] + 1)))


def descend(
    x: Rows, targets: Numbers, *, rate: float, steps: int, penalty: float = 0.0, start: Numbers | None = None
) -> Fit:
    """Gradient descent: w - rate (Xt(y - t) + penalty w) / n, from zeros where no start is given."""
    return _fitted(
        _problem(x, targets, penalty), given.positive(rate, "rate"), given.count(steps, "steps", most=_MOST), start
    )


def newton(x: Rows, targets: Numbers, *, penalty: float = 0.0, steps: int = 25, start: Numbers | None = None) -> Fit:
    """Newton's method, which is iteratively reweighted least squares: H = (Xt diag(y(1 - y)) X + penalty) / n."""
    return _fitted(_problem(x, targets, penalty), None, given.count(steps, "steps", most=_MOST), start)


@dataclass(frozen=True)
class _Problem:
    design: Array  # (n, d + 1), ones in the last column
    targets: Array
    penalties: Array  # (d + 1,)

    def loss(self, weights: Array) -> float:
        mean = float(np.mean(_losses(self.design @ weights, self.targets)))
        return mean + float(self.penalties @ weights**2) / (2 * len(self.targets))

    def gradient(self, weights: Array) -> Array:
        errors = _errors(self.design @ weights, self.targets)
        found: Array = (self.design.T @ errors + self.penalties * weights) / len(errors)
        return found

    def hessian(self, weights: Array) -> Array:
        z = self.design @ weights
        weighted = self.design * (expit(z) * expit(-z))[:, None]
        found: Array = (self.design.T @ weighted + np.diag(self.penalties)) / len(z)
        return found


def _problem(x: Rows, targets: Numbers, penalty: float) -> _Problem:
    rows, truth = classes(x, targets)
    if len(kinds := set(truth.tolist())) == 1:
        raise BadData("foundations.logistic.one_class", value=f"{kinds.pop():g}")
    penalties = np.full(rows.shape[1] + 1, given.not_negative(penalty, "penalty"))
    penalties[-1] = 0
    return _Problem(_design(rows), truth, penalties)


@given.quietly
def _fitted(problem: _Problem, rate: float | None, steps: int, start: Numbers | None) -> Fit:
    """By gradient descent with the rate, by Newton without one."""
    weights = given.start(start, problem.design.shape[1])
    scale, trace = problem.loss(weights), []
    stopped: Stopped | None = None
    for number in range(1, steps + 1):
        gradient = problem.gradient(weights)
        hessian = problem.hessian(weights) if rate is None else None
        if hessian is not None and _singular(hessian):
            stopped = "singular"
            break
        move = -np.linalg.solve(hessian, gradient) if hessian is not None else -(rate or 0.0) * gradient
        trace.append(_step(number, problem, weights, hessian, weights + move))
        still = np.abs(gradient if hessian is None else move).max() <= _STILL * (1 + np.abs(weights).max())
        weights = weights + move
        if given.escaped(weights, problem.loss(weights), scale=scale):
            stopped = "diverged"
        elif still:
            stopped = "converged"
        if stopped:
            break
    apart = separator(problem.design[:, :-1], problem.targets)
    loss, examples = problem.loss(weights), _examples(problem, weights)
    return Fit(tuple(trace), given.floats(weights), _boundary(weights), loss, examples, apart, stopped)


def _step(number: int, problem: _Problem, weights: Array, hessian: Array | None, after: Array) -> Step:
    return Step(
        number, given.floats(weights), _boundary(weights), problem.loss(weights),
        given.floats(problem.gradient(weights)), None if hessian is None else given.table(hessian), given.floats(after),
    )  # fmt: skip


def _singular(hessian: Array) -> bool:
    if not np.isfinite(hessian).all():
        return True
    size = np.sqrt(np.maximum(np.diag(hessian), np.finfo(np.float64).tiny))  # of each x's own unit, which says nothing
    values = np.linalg.eigvalsh(hessian / np.outer(size, size))
    return bool(values[0] <= _FLAT * values[-1])


def _examples(problem: _Problem, weights: Array) -> tuple[Example, ...]:
    z = problem.design @ weights
    columns = (z, expit(z), _losses(z, problem.targets), _errors(z, problem.targets))
    numbers = zip(problem.targets.tolist(), *(column.tolist() for column in columns), strict=True)
    return tuple(Example(given.floats(row[:-1]), *values) for row, values in zip(problem.design, numbers, strict=True))


def _boundary(weights: Array) -> float | None:
    if len(weights) != 2 or weights[0] == 0:
        return None
    return float(-weights[1] / weights[0])


def _losses(z: Array, targets: Array) -> Array:
    found: Array = np.maximum(z, 0) - z * targets + np.log1p(np.exp(-np.abs(z)))
    return found


def _errors(z: Array, targets: Array) -> Array:
    """y - t; by -sigmoid(-z) where t is 1, since y has run out of digits long before the difference has."""
    found: Array = np.where(targets == 1, -expit(-z), expit(z))
    return found


def _design(x: Array) -> Array:
    return np.column_stack([x, np.ones(len(x))])
