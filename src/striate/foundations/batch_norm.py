"""Batch normalisation, Algorithm 1 step by step, its gradients, and what it does when a network answers.

S. Ioffe, C. Szegedy: Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift.
ICML 2015, arXiv:1502.03167.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from striate.foundations.given import Array, array, fixed, floats, of_shape, positive
from striate.problem import BadData, Misuse

_LEAST = 1e-100  # eps: its power of -3/2 stays within float64

EPS = 1e-5
"""PyTorch's; the paper gives no number."""
MOMENTUM = 0.1
"""The weight of the newest batch in the running statistics: PyTorch's."""

Floats = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Forward:
    """The four lines of Algorithm 1. Tuples have a number a feature; arrays are (values, features).

    Of maps (N, C, H, W) each channel is a feature, and its values are all N H W (Sec. 3.2); ``y`` has the shape given.
    """

    count: int  # m, the values of each feature
    x: Array
    mean: Floats
    centred: Array  # x - mean
    variance: Floats  # biased: the sum of squares over m
    deviation: Floats  # sqrt(variance + eps)
    normalised: Array  # x-hat
    gamma: Floats
    beta: Floats
    y: Array
    shape: tuple[int, ...]
    eps: float


@dataclass(frozen=True, eq=False)
class Backward:
    """The six formulas of Sec. 3, in its order; each the derivative of the loss by what the name says."""

    normalised: Array  # dy * gamma
    variance: Floats  # sum of dx-hat (x - mean) (-1/2) (variance + eps)^(-3/2)
    mean: Floats  # -sum of dx-hat / deviation + dvariance * mean of -2 (x - mean)
    x: Array  # dx-hat / deviation + dvariance * 2 (x - mean) / m + dmean / m
    gamma: Floats  # sum of dy * x-hat
    beta: Floats  # sum of dy
    mean_direct: Floats  # the first summand of the mean's formula
    mean_through_variance: Floats  # the second: 0 but for rounding


@dataclass(frozen=True)
class Running:
    """What a network answers with instead of a batch's statistics; before any batch, mean 0 and variance 1."""

    mean: Floats
    variance: Floats
    batches: int = 0


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Line 11 of Algorithm 2: y = scale x + shift, the same for a value whatever else is in its batch."""

    scale: Floats  # gamma / sqrt(variance + eps)
    shift: Floats  # beta - gamma mean / sqrt(variance + eps)
    y: Array


def forward(
    x: ArrayLike, gamma: ArrayLike | None = None, beta: ArrayLike | None = None, *, eps: float = EPS
) -> Forward:
    """Algorithm 1: (m,), (m, features) or (N, C, H, W) -> the same shape; gamma 1 and beta 0 where none are given.

    BadData for a batch of one value a feature, which has no variance; Misuse for an eps of 0 or less.
    """
    given = array(x, "x", 1, 2, 4)
    _root(eps)
    columns = _columns(given)
    count, features = columns.shape
    if count == 1:
        raise BadData("foundations.batch_norm.single")
    factors = _parameter(gamma, "gamma", features, 1.0)
    shifts = _parameter(beta, "beta", features, 0.0)
    mean = columns.mean(0)
    centred = columns - mean
    variance = (centred**2).mean(0)
    deviation = np.sqrt(variance + eps)
    normalised = centred / deviation
    return Forward(
        count=count,
        x=fixed(columns),
        mean=floats(mean),
        centred=fixed(centred),
        variance=floats(variance),
        deviation=floats(deviation),
        normalised=fixed(normalised),
        gamma=floats(factors),
        beta=floats(shifts),
        y=fixed(_back(factors * normalised + shifts, given.shape)),
        shape=given.shape,
        eps=eps,
    )


def backward(done: Forward, dy: ArrayLike) -> Backward:
    """The gradients of Sec. 3, dy being the derivative of the loss by y, in y's shape. BadData for another shape."""
    given = _columns(of_shape(dy, "dy", done.shape))
    centred, deviation = done.centred, np.array(done.deviation)
    by_normalised = given * np.array(done.gamma)
    by_variance = (by_normalised * centred).sum(0) * -0.5 * deviation**-3
    direct = -(by_normalised / deviation).sum(0)
    through_variance = by_variance * (-2 * centred).mean(0)
    by_mean = direct + through_variance
    by_x = by_normalised / deviation + by_variance * 2 * centred / done.count + by_mean / done.count
    return Backward(
        normalised=fixed(by_normalised),
        variance=floats(by_variance),
        mean=floats(by_mean),
        x=fixed(_back(by_x, done.shape)),
        gamma=floats((given * done.normalised).sum(0)),
        beta=floats(given.sum(0)),
        mean_direct=floats(direct),
        mean_through_variance=floats(through_variance),
    )


def start(features: int) -> Running:
    """As a layer begins."""
    return Running((0.0,) * features, (1.0,) * features)


def updated(running: Running, done: Forward, momentum: float = MOMENTUM) -> Running:
    """running <- (1 - momentum) running + momentum batch, with the unbiased variance, as PyTorch does.

    Misuse for a momentum that is not above 0 and at most 1; BadData where the features are not as many.
    """
    if not 0 < momentum <= 1:
        raise Misuse("foundations.batch_norm.momentum", value=momentum)
    unbiased = of_shape(done.variance, "variance", (len(running.mean),)) * done.count / (done.count - 1)
    mean = (1 - momentum) * np.array(running.mean) + momentum * np.array(done.mean)
    variance = (1 - momentum) * np.array(running.variance) + momentum * unbiased
    return Running(floats(mean), floats(variance), running.batches + 1)


def population(batches: Sequence[Forward]) -> Running:
    """Line 10 of Algorithm 2: E[x] = mean of the batch means, Var[x] = m / (m - 1) times the mean of the variances.

    BadData for no batches, or batches of several sizes.
    """
    sizes = sorted({each.count for each in batches})
    if len(sizes) != 1:
        raise BadData("foundations.batch_norm.sizes", sizes=", ".join(map(str, sizes)) or "-")
    mean = np.mean([each.mean for each in batches], axis=0)
    variance = np.mean([each.variance for each in batches], axis=0) * sizes[0] / (sizes[0] - 1)
    return Running(floats(mean), floats(variance), len(batches))


def evaluate(
    x: ArrayLike,
    running: Running,
    gamma: ArrayLike | None = None,
    beta: ArrayLike | None = None,
    *,
    eps: float = EPS,
) -> Evaluated:
    """Algorithm 2's answer for values of any number, one included. BadData where the features are not as many."""
    given = array(x, "x", 1, 2, 4)
    columns = _columns(given)
    features = columns.shape[1]
    mean = of_shape(running.mean, "running mean", (features,))
    deviation = np.sqrt(of_shape(running.variance, "running variance", (features,)) + _root(eps))
    scale = _parameter(gamma, "gamma", features, 1.0) / deviation
    shift = _parameter(beta, "beta", features, 0.0) - scale * mean
    return Evaluated(floats(scale), floats(shift), fixed(_back(columns * scale + shift, given.shape)))


def _parameter(values: ArrayLike | None, name: str, features: int, otherwise: float) -> Array:
    return np.full(features, otherwise) if values is None else of_shape(np.atleast_1d(values), name, (features,))


def _columns(values: Array) -> Array:
    """(values, features)."""
    if values.ndim == 4:
        return np.moveaxis(values, 1, -1).reshape(-1, values.shape[1])
    return values.reshape(len(values), -1)


def _back(columns: Array, shape: tuple[int, ...]) -> Array:
    if len(shape) == 4:
        n, channels, height, width = shape
        return np.moveaxis(columns.reshape(n, height, width, channels), -1, 1)
    return columns.reshape(shape)


def _root(eps: float) -> float:
    """An eps that keeps the root, and its third power in the gradients, from 0."""
    if positive(eps, "eps") < _LEAST:
        raise Misuse("foundations.batch_norm.eps", value=f"{eps:g}", least=f"{_LEAST:g}")
    return float(eps)
