"""Signals on their way up a deep random network and gradients on their way down, layer by layer."""

from dataclasses import dataclass
from math import sqrt
from typing import Literal, get_args

import numpy as np

from striate.foundations.activations import Activation
from striate.foundations.given import LIMIT, Array, count
from striate.problem import Misuse
from striate.words import nearest

First = Literal["xavier", "he", "lecun"]

_BATCH = 64


@dataclass(frozen=True)
class Layer:
    """One layer; ``depth`` 1 is the first. All sizes are means of absolute values.

    ``signal`` is what the layer puts out, ``gradient`` the derivative of the objective by it, ``weights`` that by the
    layer's weights. ``slope`` is the mean derivative of the activation there, ``zeros`` the share of outputs of 0.
    """

    depth: int
    signal: float
    deviation: float  # standard deviation of the outputs
    slope: float
    zeros: float
    gradient: float
    weights: float


@dataclass(frozen=True)
class Signals:
    """A network of equal layers with weights drawn once, its ``trace`` from the first layer to the last.

    ``kept`` is the first layer's gradient over the last one's: far below 1 it vanishes, far above 1 it explodes.
    """

    activation: str
    first: First
    width: int
    seed: int
    weight_deviation: float  # of the first weights
    kept: float
    trace: tuple[Layer, ...]
    diverged: bool  # a size went beyond 1e12: the trace has the layers reached


def gradient_through(layers: int, activation: Activation, *, width: int, seed: int, first: First = "xavier") -> Signals:
    """Sends 64 random inputs N(0, 1) up through a_l = f(W_l a_(l-1)), and a random gradient N(0, 1) down again.

    g_(l-1) = W_l' (f'(z_l) g_l). W is normal with variance 2 / (in + out) by Xavier (Glorot, Bengio 2010), 2 / in by He
    (He et al. 2015), 1 / in by LeCun (LeCun et al. 1998); with equal widths Xavier and LeCun draw the same. Misuse for
    no layers, no width, or other first weights.
    """
    count(layers, "layers")
    count(width, "width")
    deviation = _deviation(first, width)
    rng = np.random.default_rng(count(seed, "seed", least=0))
    inputs, top = rng.standard_normal((2, _BATCH, width))
    weights = [rng.normal(0.0, deviation, (width, width)) for _ in range(layers)]
    trace = propagated(inputs, weights, top, activation)
    kept = trace[0].gradient / trace[-1].gradient if trace else 0.0
    return Signals(activation.name, first, width, seed, deviation, kept, trace, diverged=len(trace) < layers)


def propagated(inputs: Array, weights: list[Array], top: Array, activation: Activation) -> tuple[Layer, ...]:
    """The layers of a network that is given: inputs and top (N, width), each of the weights (width, width).

    Those beyond which a size is no longer finite or above 1e12 are left out, and so is all that lies behind them.
    """
    signals, sums = [inputs], []
    for weight in weights:
        total = signals[-1] @ weight.T
        signal = activation.value(total)
        if not np.abs(signal).max() <= LIMIT:
            break
        sums.append(total)
        signals.append(signal)
    trace: list[Layer] = []
    gradient = top
    for depth in range(len(sums), 0, -1):
        slopes = activation.derivative(sums[depth - 1])
        inner = gradient * slopes
        if not np.abs(gradient).max() <= LIMIT:
            break
        trace.insert(0, _layer(depth, signals[depth], slopes, gradient, inner.T @ signals[depth - 1]))
        gradient = inner @ weights[depth - 1]
    return tuple(trace)


def _layer(depth: int, signal: Array, slopes: Array, gradient: Array, by_weights: Array) -> Layer:
    return Layer(
        depth,
        signal=float(np.abs(signal).mean()),
        deviation=float(signal.std()),
        slope=float(slopes.mean()),
        zeros=float((signal == 0).mean()),
        gradient=float(np.abs(gradient).mean()),
        weights=float(np.abs(by_weights).mean()),
    )


def _deviation(first: First, width: int) -> float:
    """Of the weights, all layers being equally wide."""
    known: tuple[First, ...] = get_args(First)
    if first not in known:
        raise Misuse("foundations.vanishing.first", name=first, known=", ".join(known), nearest=nearest(first, known))
    return sqrt((2 if first == "he" else 1) / width)
