"""What changes, and what does not, when the parts of a block change places."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from striate.foundations import batch_norm
from striate.foundations.activations import relu
from striate.foundations.given import Array, array, fixed, share
from striate.foundations.pooling import Kind, pool


@dataclass(frozen=True, eq=False)
class Swapped:
    """ReLU before a pooling and behind it; ``*_calls`` are the values that ReLU is computed of."""

    kind: Kind
    relu_first: Array  # (H, W)
    pool_first: Array
    relu_first_calls: int
    pool_first_calls: int

    @property
    def same(self) -> bool:
        return bool(np.array_equal(self.relu_first, self.pool_first))


@dataclass(frozen=True)
class Spread:
    """Mean and biased variance of values."""

    mean: float
    variance: float


@dataclass(frozen=True)
class Orders:
    """The same values, after normalisation and ReLU in either order; and with a bias before normalisation."""

    norm_relu: tuple[float, ...]
    relu_norm: tuple[float, ...]
    plain: tuple[float, ...]  # normalised alone
    with_bias: tuple[float, ...]  # the same with the bias added first
    after_norm_relu: Spread
    after_relu_norm: Spread


@dataclass(frozen=True)
class Dropped:
    """Values behind dropout: the kept ones are divided by 1 - rate, over all masks alike."""

    rate: float
    training: Spread
    answering: Spread  # dropout does nothing then

    @property
    def ratio(self) -> float:
        """The variance that a normalisation behind it learns, over the one that it meets when the network answers."""
        return self.training.variance / self.answering.variance


def swapped(values: ArrayLike, kernel: int = 2, *, kind: Kind = "max") -> Swapped:
    """(H, W): ReLU then pooling, and pooling then ReLU. They are the same for the maximum, for ReLU keeps the order."""
    x = array(values, "values", 2)
    rectified = relu().value(x)
    first, last = pool(rectified, kernel, kind=kind).output[0], relu().value(pool(x, kernel, kind=kind).output[0])
    return Swapped(kind, fixed(first), fixed(last), x.size, last.size)


def orders(values: ArrayLike, bias: float = 0.0) -> Orders:
    """(m,): one feature of a batch. BadData for a single value, which nothing can be normalised by."""
    x = array(values, "values", 1)

    def normalised(given: Array) -> Array:
        return np.asarray(batch_norm.forward(given).y)

    norm_relu, relu_norm = relu().value(normalised(x)), normalised(relu().value(x))
    return Orders(
        tuple(norm_relu.tolist()),
        tuple(relu_norm.tolist()),
        tuple(normalised(x).tolist()),
        tuple(normalised(x + bias).tolist()),
        _spread(norm_relu),
        _spread(relu_norm),
    )


def dropped(values: ArrayLike, rate: float) -> Dropped:
    """E[d] = E[x] and E[d^2] = E[x^2] / (1 - rate), for d is x / (1 - rate) with probability 1 - rate.

    Li, Chen, Hu, Yang: Understanding the Disharmony between Dropout and Batch Normalization. CVPR 2019.
    Misuse for a rate outside 0 to 1.
    """
    x = array(values, "values", 1)
    rate = share(rate, "rate")
    before = _spread(x)
    square = float(np.square(x).mean()) / (1 - rate)
    return Dropped(rate, Spread(before.mean, square - before.mean**2), before)


def _spread(values: Array) -> Spread:
    return Spread(float(values.mean()), float(values.var()))
