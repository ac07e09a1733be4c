"""Whitening: data whose covariance is the identity, and the two simplifications that batch normalisation makes of it.

S. Ioffe, C. Szegedy: Batch Normalization, ICML 2015, Sec. 2 and 3. All variances here are those of the points given,
divided by n, as the paper's algorithm has them.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from striate.foundations.given import Array, array, count, fixed, floats
from striate.problem import BadData, Misuse
from striate.words import nearest

Method = Literal["zca", "pca"]

_FLAT = 1e-10
"""A direction whose variance is below this share of the largest has none worth dividing by."""


@dataclass(frozen=True, eq=False)
class Whitened:
    """Every quantity on the way: z = W (x - mean), cov(z) = W cov(x) W' = identity.

    PCA turns the points onto the axes of their cloud and divides by the deviations there: W = D^(-1/2) E'. ZCA turns
    them back after that, W = E D^(-1/2) E', and so moves the points least.
    """

    method: Method
    mean: tuple[float, ...]
    covariance: Array  # (d, d)
    variances: tuple[float, ...]  # D: the eigenvalues, the largest first
    directions: Array  # E: the eigenvectors, a column each
    matrix: Array  # W
    data: Array  # (n, d)
    after: Array  # the covariance of the result


@dataclass(frozen=True, eq=False)
class Kept:
    """What a way of normalising leaves of the covariance; the identity is what whitening leaves."""

    covariance: Array
    variance_error: float  # the largest distance of a variance from 1
    correlation: float  # the largest absolute value beside the diagonal


@dataclass(frozen=True, eq=False)
class Simplified:
    """The same data untouched, whitened, and normalised feature by feature, with all points and with batches."""

    batch: int
    untouched: Kept
    whitened: Kept
    each_feature: Kept  # first simplification: no feature is decorrelated from another
    by_batches: Kept  # second: mean and variance are those of a batch
    mean_error: float  # how far, on average, a batch's mean is from that of all points, in deviations


def whiten(data: ArrayLike, method: Method = "zca") -> Whitened:
    """Points (n, d) -> (n, d) with mean 0 and the identity as covariance.

    BadData for fewer than two points, or where a direction has no variance, so that it cannot be made 1. Misuse for
    another method.
    """
    known: tuple[Method, ...] = get_args(Method)
    if method not in known:
        raise Misuse(
            "foundations.covariance.method", name=method, known=", ".join(known), nearest=nearest(method, known)
        )
    points = _points(data)
    mean = points.mean(0)
    covariance = _covariance(points)
    variances, directions = np.linalg.eigh(covariance)
    variances, directions = variances[::-1], directions[:, ::-1]
    if variances[-1] <= _FLAT * max(variances[0], 0.0):
        raise BadData("foundations.covariance.flat", variance=f"{variances[-1]:.3g}", features=points.shape[1])
    matrix = (directions / np.sqrt(variances)).T
    if method == "zca":
        matrix = directions @ matrix
    white = (points - mean) @ matrix.T
    return Whitened(
        method,
        floats(mean),
        fixed(covariance),
        floats(variances),
        fixed(directions),
        fixed(matrix),
        fixed(white),
        fixed(_covariance(white)),
    )


def simplified(data: ArrayLike, *, batch: int, seed: int) -> Simplified:
    """What is left when whitening is done cheaply: feature by feature, then with the statistics of random batches.

    Points that fill no whole batch are left out. BadData where there are fewer points than a batch, or a feature does
    not vary; Misuse for a batch of one point.
    """
    points = _points(data)
    count(batch, "batch", least=2)
    if len(points) < batch:
        raise BadData("foundations.covariance.few", points=len(points), batch=batch)
    order = np.random.default_rng(count(seed, "seed", least=0)).permutation(len(points))
    batches = points[order[: len(points) // batch * batch]].reshape(-1, batch, points.shape[1])
    deviation = points.std(0)
    if not (deviation > 0).all() or not (batches.std(1) > 0).all():
        raise BadData("foundations.covariance.constant")
    apart = batches - batches.mean(1, keepdims=True)
    by_batches = (apart / batches.std(1, keepdims=True)).reshape(-1, points.shape[1])
    return Simplified(
        batch,
        untouched=_kept(points),
        whitened=_kept(whiten(points).data),
        each_feature=_kept((points - points.mean(0)) / deviation),
        by_batches=_kept(by_batches),
        mean_error=float((np.abs(batches.mean(1) - points.mean(0)) / deviation).mean()),
    )


def cloud(points: int, seed: int) -> Array:
    """A made-up cloud of two features that go together, away from the origin: (n, 2)."""
    rng = np.random.default_rng(count(seed, "seed", least=0))
    return rng.standard_normal((count(points, "points", least=2), 2)) @ np.array([[2.0, 1.2], [0.0, 0.6]]) + np.array(
        [3.0, -1.0]
    )


def _points(data: ArrayLike) -> Array:
    found = array(data, "data", 2)
    if len(found) < 2:
        raise BadData("foundations.covariance.single")
    return found


def _covariance(points: Array) -> Array:
    return np.atleast_2d(np.cov(points, rowvar=False, bias=True))


def _kept(points: Array) -> Kept:
    covariance = _covariance(points)
    beside = covariance - np.diag(np.diag(covariance))
    return Kept(fixed(covariance), float(np.abs(np.diag(covariance) - 1).max()), float(np.abs(beside).max()))
