"""Bias and variance of polynomials: many noisy samples of a curve that is known, and points that were measured.

S. Geman, E. Bienenstock, R. Doursat: Neural Networks and the Bias/Variance Dilemma. Neural Computation 4, 1992.
"""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.exceptions import RankWarning
from numpy.polynomial import Chebyshev
from numpy.typing import ArrayLike

from striate.foundations.given import Array, array, count, fixed, floats, paired
from striate.problem import BadData, Misuse

Curve = Callable[[Array], Array]


@dataclass(frozen=True)
class Degree:
    """Averages over the points and the samples, for polynomials of one degree.

    error = E[(y - p)^2] with y = f + noise that no fit has seen; bias^2 = (E[p] - f)^2; variance = E[(p - E[p])^2].
    ``against_curve`` is E[(f - p)^2], which is bias^2 + variance exactly; ``error`` is bias^2 + variance + noise but
    for the chance that is left in the fresh noise.
    """

    degree: int
    bias_squared: float
    variance: float
    noise: float  # the variance of the noise, as it was asked for
    total: float  # bias_squared + variance + noise
    error: float
    against_curve: float
    mean_fit: tuple[float, ...]  # E[p] at each x


@dataclass(frozen=True, eq=False)
class Decomposition:
    """What was fitted, degree by degree, and the degree of the least error."""

    x: tuple[float, ...]
    curve: tuple[float, ...]  # f(x)
    samples: Array  # (samples, points): the noisy values that were fitted
    degrees: tuple[Degree, ...]
    best: int


@dataclass(frozen=True)
class Fit:
    """Polynomials of one degree on measured points: mean squared errors, averaged over the divisions."""

    degree: int
    training: float
    held_out: float


@dataclass(frozen=True)
class HeldOut:
    """Degree by degree; ``best`` has the least error on points that were not fitted."""

    training_points: int
    held_out_points: int
    divisions: int
    fits: tuple[Fit, ...]
    best: int


def wave(x: Array) -> Array:
    """sin(2 pi x), the curve of Bishop 2006, Sec. 1.1."""
    return np.sin(2 * np.pi * x)


def decompose(
    degrees: Sequence[int],
    *,
    curve: Curve = wave,
    points: int = 20,
    samples: int = 200,
    noise: float = 0.3,
    seed: int = 0,
) -> Decomposition:
    """Fits each degree to many samples curve(x) + noise N(0, noise^2), at the same x from 0 to 1.

    Misuse for no degrees, one that the points cannot determine, fewer than two samples, or a noise below 0; BadData for
    a curve that is not finite, or a degree whose polynomial the digits of float64 cannot tell.
    """
    _degrees(degrees, count(points, "points", least=2))
    count(samples, "samples", least=2)
    if not (math.isfinite(noise) and noise >= 0):
        raise Misuse("foundations.bias_variance.noise", value=noise)
    rng = np.random.default_rng(count(seed, "seed", least=0))
    x = np.linspace(0.0, 1.0, points)
    truth = array(curve(x), "curve", 1)
    fitted, fresh = truth + rng.normal(0.0, noise, (2, samples, points))
    found = tuple(_degree(degree, x, truth, (fitted, fresh), noise**2) for degree in degrees)
    best = min(found, key=lambda each: each.error).degree
    return Decomposition(floats(x), floats(truth), fixed(fitted), found, best)


def answers(done: Decomposition, degree: int, samples: int) -> Array:
    """What the polynomials of one degree say that were fitted to the first so many samples: (samples, points)."""
    _degrees([degree], len(done.x))
    count(samples, "samples")
    return fixed(
        np.array([_fit(np.array(done.x), sample, degree)(np.array(done.x)) for sample in done.samples[:samples]])
    )


def held_out(
    x: ArrayLike, y: ArrayLike, degrees: Sequence[int], *, training: int, divisions: int = 50, seed: int = 0
) -> HeldOut:
    """Fits each degree to so many of the points and tries it on the others, for several random divisions.

    BadData for unequal lengths, or an x that has too few different values for a degree; Misuse where a division leaves
    no point to try, or a degree is more than the training points determine.
    """
    across, up = array(x, "x", 1), array(y, "y", 1)
    paired(across, up, ("x", "y"))
    count(training, "training", least=2)
    count(divisions, "divisions")
    if training >= len(across):
        raise Misuse("foundations.bias_variance.none_left", training=training, points=len(across))
    if np.ptp(across) == 0:
        raise BadData("foundations.bias_variance.one_x", value=f"{across[0]:g}")
    _degrees(degrees, training)
    rng = np.random.default_rng(count(seed, "seed", least=0))
    orders = [_order(across, rng) for _ in range(divisions)]
    fits = tuple(_tried(degree, across, up, orders, training) for degree in degrees)
    best = min(fits, key=lambda fit: fit.held_out).degree
    return HeldOut(training, len(across) - training, divisions, fits, best)


def diabetes() -> tuple[Array, Array]:
    """Measured points: body mass index, standardised, and the progress of the disease after a year. (442,), (442,)"""
    from sklearn.datasets import load_diabetes

    found = load_diabetes()
    return found.data[:, 2] / found.data[:, 2].std(), found.target


def _degrees(degrees: Sequence[int], points: int) -> None:
    if not degrees:
        raise Misuse("foundations.bias_variance.no_degree")
    for degree in degrees:
        if count(degree, "degree", least=0) >= points:
            raise Misuse("foundations.bias_variance.degree", degree=degree, needed=degree + 1, points=points)


def _degree(degree: int, x: Array, truth: Array, values: tuple[Array, Array], noise: float) -> Degree:
    fitted, fresh = values
    answers = np.array([_fit(x, sample, degree)(x) for sample in fitted])
    mean = answers.mean(0)
    bias_squared = float(((mean - truth) ** 2).mean())
    variance = float(((answers - mean) ** 2).mean())
    return Degree(
        degree,
        bias_squared,
        variance,
        noise,
        total=bias_squared + variance + noise,
        error=float(((fresh - answers) ** 2).mean()),
        against_curve=float(((truth - answers) ** 2).mean()),
        mean_fit=floats(mean),
    )


def _fit(x: Array, y: Array, degree: int) -> Chebyshev:
    """By least squares; the polynomial does not depend on Chebyshev's basis, its digits do."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RankWarning)
        try:
            return Chebyshev.fit(x, y, degree)
        except RankWarning:
            different = len(np.unique(x))
            raise BadData("foundations.bias_variance.rank", degree=degree, points=len(x), different=different) from None


def _order(x: Array, rng: np.random.Generator) -> np.ndarray:
    """A division; the outermost points are always fitted, for no polynomial says anything beyond its points."""
    ends = np.array([x.argmin(), x.argmax()])
    return np.concatenate([ends, rng.permutation(np.setdiff1d(np.arange(len(x)), ends))])


def _tried(degree: int, x: Array, y: Array, orders: list[np.ndarray], training: int) -> Fit:
    errors = np.zeros((len(orders), 2))
    for at, order in enumerate(orders):
        seen, unseen = order[:training], order[training:]
        curve = _fit(x[seen], y[seen], degree)
        errors[at] = [((curve(x[part]) - y[part]) ** 2).mean() for part in (seen, unseen)]
    return Fit(degree, *errors.mean(0).tolist())
