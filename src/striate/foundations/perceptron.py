"""Rosenblatt's perceptron: every update, Novikoff's bound on their number, and what happens where there is no line."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from striate.foundations import given
from striate.foundations.given import Array, Numbers, Rows
from striate.foundations.separation import classes, separator

_NARROW = 1e-8  # of the radius


@dataclass(frozen=True)
class Update:
    """One mistake and what it changed: w <- w + rate (t - answer) x, b <- b + rate (t - answer).

    A z of 0 lies on the line and is a mistake for either class; ``answer`` is then the other class than the target.
    """

    number: int
    epoch: int
    example: int
    x: tuple[float, ...]
    target: int
    z: float
    answer: int
    weights: tuple[float, ...]
    bias: float
    weights_after: tuple[float, ...]
    bias_after: float


@dataclass(frozen=True)
class Cycle:
    """The weights after epoch ``last`` are those after epoch ``first``: all that follows repeats what was."""

    first: int
    last: int


@dataclass(frozen=True)
class Bound:
    """Novikoff's theorem: from zeros there are at most (radius / margin)^2 updates, whatever the rate and the order.

    With a 1 appended to each x, for the bias: ``radius`` is the length of the longest, ``margin`` the distance of the
    nearest one to the hyperplane through 0 that keeps furthest away from all, which ``weights`` and ``bias`` describe.
    """

    radius: float
    margin: float
    updates: float
    weights: tuple[float, ...]
    bias: float


@dataclass(frozen=True)
class Learned:
    """What came of the epochs: ``converged`` where the last was without a mistake; None where no cycle was met.

    ``mistakes`` has their number in each epoch. ``bound`` is None where nothing separates the classes.
    """

    trace: tuple[Update, ...]
    mistakes: tuple[int, ...]
    weights: tuple[float, ...]
    bias: float
    converged: bool
    cycle: Cycle | None
    bound: Bound | None


def learn(x: Rows, targets: Numbers, *, rate: float = 1.0, epochs: int = 100, start: Numbers | None = None) -> Learned:
    """Goes through the examples in their order until an epoch has no mistake, or the epochs are over (Rosenblatt 1958).

    x (n, d), targets (n,) 0 or 1; start (d + 1,) with the bias last, zeros where nothing is said. On classes that
    cannot be separated the weights stay bounded (Block & Levin 1970) and, if whole, come back to where they were.
    """
    rows, truth = classes(x, targets)
    rate, epochs = given.positive(rate, "rate"), given.count(epochs, "epochs", most=100_000)
    weights = given.start(start, rows.shape[1] + 1)
    design = _design(rows)
    seen, mistakes = {weights.tobytes(): 0}, []
    trace: list[Update] = []
    cycle: Cycle | None = None
    for epoch in range(1, epochs + 1):
        before = len(trace)
        for at, row in enumerate(design):
            update = _update(len(trace) + 1, (epoch, at), row, int(truth[at]), weights, rate)
            if update is not None:
                trace.append(update)
                weights = np.array([*update.weights_after, update.bias_after])
        mistakes.append(len(trace) - before)
        if not mistakes[-1]:
            break
        cycle = cycle or _cycle(seen, weights, epoch)
    bound = novikoff(rows, truth)
    converged = not mistakes[-1]
    return Learned(
        tuple(trace), tuple(mistakes), given.floats(weights[:-1]), float(weights[-1]), converged, cycle, bound
    )


def novikoff(x: Rows, targets: Numbers) -> Bound | None:
    """The bound for these examples (Novikoff 1962); None where they are not apart by more than 1e-8 of the radius.

    The margin is the distance of 0 from the convex hull of all s (x, 1), s = 1 or -1: the least squares of a
    combination without negative parts whose parts add up to 1, up to a common factor (scipy.optimize.nnls).
    """
    rows, truth = classes(x, targets)
    if separator(rows, truth) is None:
        return None
    design = _design(rows)
    radius = float(np.linalg.norm(design, axis=1).max())
    signed = design * np.where(truth == 1, 1.0, -1.0)[:, None] / radius
    parts, _ = optimize.nnls(np.vstack([signed.T, np.ones(len(signed))]), np.append(np.zeros(design.shape[1]), 1.0))
    nearest = signed.T @ parts / parts.sum()
    length = float(np.linalg.norm(nearest))
    if not length > _NARROW:
        return None
    return Bound(
        radius, length * radius, 1 / length**2, given.floats(nearest[:-1] / length), float(nearest[-1] / length)
    )


def _update(number: int, place: tuple[int, int], row: Array, target: int, weights: Array, rate: float) -> Update | None:
    z = float(row @ weights)
    if z * (1 if target else -1) > 0:
        return None
    answer = 1 - target
    after = weights + rate * (target - answer) * row
    return Update(
        number, *place, given.floats(row[:-1]), target, z, answer, given.floats(weights[:-1]), float(weights[-1]),
        given.floats(after[:-1]), float(after[-1]),
    )  # fmt: skip


def _cycle(seen: dict[bytes, int], weights: Array, epoch: int) -> Cycle | None:
    key = (weights + 0.0).tobytes()  # -0.0 is 0.0
    if key in seen:
        return Cycle(seen[key], epoch)
    seen[key] = epoch
    return None


def _design(x: Array) -> Array:
    return np.column_stack([x, np.ones(len(x))])
