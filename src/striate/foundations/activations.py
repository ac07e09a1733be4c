"""Activation functions: their values, their derivatives in closed form, and where they turn."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize_scalar
from scipy.special import expit

from striate.foundations.given import Array, array, count, positive
from striate.problem import Misuse
from striate.words import nearest

Function = Callable[[Array], Array]

_REACH = 40.0
"""Beyond it no function here turns, where its factor is 1."""
_GRID = 4001


@dataclass(frozen=True)
class Point:
    """A point of a curve."""

    x: float
    y: float


@dataclass(frozen=True)
class Activation:
    """A function that a unit applies to its sum, with its derivative.

    ``low`` and ``high`` are the ends of its range, None where there is none. ``minimum`` is its lowest point, None
    where it only rises. ``steepest`` is the largest derivative: a product of n of them is at most ``steepest ** n``.
    """

    name: str
    value: Function
    derivative: Function
    low: float | None
    high: float | None
    minimum: Point | None
    steepest: float


@dataclass(frozen=True)
class Row:
    """A line of a table."""

    x: float
    value: float
    derivative: float


def sigmoid() -> Activation:
    """s(x) = 1 / (1 + exp(-x)), s' = s (1 - s), which is 1/4 at most."""
    return _activation("sigmoid", expit, lambda x: expit(x) * expit(-x), (0.0, 1.0))


def tanh() -> Activation:
    """tanh(x) = 2 s(2x) - 1, tanh' = 1 - tanh^2."""
    return _activation("tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2, (-1.0, 1.0))


def scaled_tanh() -> Activation:
    """A tanh(S x) with A = 1.7159 and S = 2/3, so that f(1) is 1 to six digits (LeCun et al. 1998, Appendix A)."""
    a, s = 1.7159, 2 / 3
    return _activation(
        "scaled_tanh", lambda x: a * np.tanh(s * x), lambda x: a * s * (1 - np.tanh(s * x) ** 2), (-a, a)
    )


def relu() -> Activation:
    """max(0, x); its derivative is 1 above 0 and 0 elsewhere, at 0 by agreement (Nair, Hinton 2010)."""
    return _activation("relu", lambda x: np.maximum(0.0, x), lambda x: (x > 0).astype(np.float64), (0.0, None))


def elu(alpha: float = 1.0) -> Activation:
    """x above 0, alpha (exp(x) - 1) below; smooth at 0 for alpha = 1 only (Clevert et al. 2015)."""
    positive(alpha, "alpha")
    return _activation("elu", partial(_elu, alpha, 1.0), partial(_elu_slope, alpha, 1.0), (-alpha, None))


def selu() -> Activation:
    """lambda times an ELU of alpha, two constants that keep mean 0 and variance 1 (Klambauer et al. 2017)."""
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    return _activation("selu", partial(_elu, alpha, scale), partial(_elu_slope, alpha, scale), (-alpha * scale, None))


def swish(beta: float = 1.0) -> Activation:
    """x s(beta x); swish' = s + beta x s (1 - s) (Ramachandran et al. 2017). With beta = 1 also called SiLU."""
    positive(beta, "beta")

    def slope(x: Array) -> Array:
        gate = expit(beta * x)
        return gate + beta * x * gate * expit(-beta * x)

    return _activation("swish", lambda x: x * expit(beta * x), slope, (None, None), reach=_REACH / beta)


def mish() -> Activation:
    """x t with t = tanh(softplus(x)); mish' = t + x (1 - t^2) s(x) (Misra 2019)."""

    def slope(x: Array) -> Array:
        gate = np.tanh(np.logaddexp(0.0, x))
        return gate + x * (1 - gate**2) * expit(x)

    return _activation("mish", lambda x: x * np.tanh(np.logaddexp(0.0, x)), slope, (None, None))


def softplus() -> Activation:
    """ln(1 + exp(x)), softplus' = s: a smooth ReLU."""
    return _activation("softplus", lambda x: np.logaddexp(0.0, x), expit, (0.0, None))


ACTIVATIONS: dict[str, Callable[[], Activation]] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "scaled_tanh": scaled_tanh,
    "relu": relu,
    "elu": elu,
    "selu": selu,
    "swish": swish,
    "mish": mish,
    "softplus": softplus,
}


def find(name: str) -> Activation:
    """The one of that name, with the constants of its paper; Misuse where there is none."""
    if name not in ACTIVATIONS:
        raise Misuse("foundations.activations.unknown", name=name, nearest=nearest(name, ACTIVATIONS))
    return ACTIVATIONS[name]()


def table(activation: Activation, xs: ArrayLike) -> tuple[Row, ...]:
    """Value and derivative at each x; BadData where an x is no finite number."""
    points = array(xs, "x", 1)
    columns = (points, activation.value(points), activation.derivative(points))
    return tuple(Row(*line) for line in zip(*(column.tolist() for column in columns), strict=True))


def slope_bound(activation: Activation, layers: int) -> float:
    """The largest that a product of that many derivatives can be: 0.25^n for the sigmoid."""
    return activation.steepest ** count(layers, "layers")


def _activation(
    name: str,
    value: Function,
    derivative: Function,
    ends: tuple[float | None, float | None],
    *,
    reach: float = _REACH,
) -> Activation:
    """With what is found numerically; the lowest point, where there is one, is the lower end of the range."""
    minimum = _minimum(value, derivative, reach)
    low = ends[0] if minimum is None else minimum.y
    return Activation(name, value, derivative, low, ends[1], minimum, _steepest(derivative, reach))


def _minimum(value: Function, derivative: Function, reach: float) -> Point | None:
    """Where the derivative goes from below 0 to above it, by Brent's method; None where it never does."""
    xs = np.linspace(-reach, reach, _GRID)
    slopes = derivative(xs)
    turns = np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0))
    if not len(turns):
        return None
    x = float(brentq(partial(_at, derivative), xs[turns[0]], xs[turns[0] + 1], xtol=1e-14))
    return Point(x, _at(value, x))


def _steepest(derivative: Function, reach: float) -> float:
    """The largest derivative: the best of a grid, then the best beside it."""
    xs = np.linspace(-reach, reach, _GRID)
    slopes = derivative(xs)
    at = int(slopes.argmax())
    beside = (xs[max(at - 1, 0)], xs[min(at + 1, _GRID - 1)])
    best = minimize_scalar(lambda x: -_at(derivative, x), bounds=beside, method="bounded", options={"xatol": 1e-12})
    gained = -float(best.fun) - float(slopes[at])
    return float(slopes[at]) if gained < 1e-12 else -float(best.fun)  # rounding alone is no steeper place


def _at(function: Function, x: float) -> float:
    return float(function(np.array(x)))


def _elu(alpha: float, scale: float, x: Array) -> Array:
    return scale * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


def _elu_slope(alpha: float, scale: float, x: Array) -> Array:
    return scale * np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))
