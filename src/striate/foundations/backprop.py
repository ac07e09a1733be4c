"""Back-propagation written out: every quantity of the forward pass, the backward pass and the update, in order.

The input is a⁽¹⁾, and w⁽¹⁾₁₂ leads from a⁽¹⁾₂ to z⁽²⁾₁: the weights of layer l make the activations of layer l + 1.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy.special import expit, log_softmax, softmax

from striate.foundations import given
from striate.foundations.given import Array, Numbers
from striate.foundations.mlp import Layer, Net
from striate.foundations.quantities import Known, Quantity, named, quantity
from striate.problem import BadData, Misuse

Loss = Literal["half_squares", "mse", "cross_entropy"]
"""J = 1/2 sum((a - y)^2), 1/k sum((a - y)^2) of k outputs, or -sum(y ln a) behind a softmax; of one example."""

EXAMPLE = Net((Layer(((0.1, 0.2), (0.3, 0.4)), None, "sigmoid"), Layer(((0.5, 0.6), (0.7, 0.8)), None, "sigmoid")))
"""A 2-2-2 net of sigmoids without biases; its numbers are ours."""

Term = Known | Quantity
_MOST = 1000  # parameters


@dataclass(frozen=True)
class Gradient:
    """The partial derivatives of J by a layer's weights and biases, in their places."""

    weights: tuple[tuple[float, ...], ...]
    biases: tuple[float, ...] | None


@dataclass(frozen=True)
class Backprop:
    """One pass forward, one backward, and the update, each in the order in which one reckons; and the net after it."""

    forward: tuple[Quantity, ...]
    backward: tuple[Quantity, ...]
    updates: tuple[Quantity, ...]
    outputs: tuple[float, ...]
    loss: float
    gradients: tuple[Gradient, ...]
    net: Net


class _Bend(NamedTuple):
    """An activation and its slope, both by z: written with z and a, written with their numbers, and worked out."""

    formula: str
    worked: str
    value: Callable[[float], float]
    slope: str
    steepness: Callable[[float], float]


_BENDS = {
    "sigmoid": _Bend(
        "σ({0})", "1/(1 + exp(-{0}))", lambda z: float(expit(z)), "{1}·(1 - {1})",
        lambda z: float(expit(z) * expit(-z)),  # not by 1 - a, which has few digits where a is near 1
    ),
    "tanh": _Bend("tanh({0})", "tanh({0})", math.tanh, "1 - {1}²", lambda z: 1 - math.tanh(z) ** 2),
    "relu": _Bend("max(0, {0})", "max(0, {0})", lambda z: max(0.0, z), "[{0} > 0]", lambda z: float(z > 0)),
    "identity": _Bend("{0}", "{0}", lambda z: z, "1", lambda _: 1.0),
}  # fmt: skip


class _Pass(NamedTuple):
    """z and a of a layer."""

    sums: list[Quantity]
    outputs: list[Quantity]


class _Deltas(NamedTuple):
    """The deltas of a layer, and all the steps to them, the deltas among these."""

    steps: list[Quantity]
    values: list[Quantity]


class _Backward(NamedTuple):
    """All steps from the last layer to the first, and the partial derivatives among them by layer."""

    steps: list[Quantity]
    partials: list[list[Quantity]]


@given.quietly
def backpropagate(net: Net, x: Numbers, targets: Numbers, *, rate: float, loss: Loss = "half_squares") -> Backprop:
    """One example through a small net and back (Rumelhart, Hinton & Williams 1986); x (inputs,), targets (outputs,).

    The deltas of a layer use the old weights of the next; only then w <- w - rate dJ/dw. The net that is given stays as
    it was.
    """
    inputs, wanted = given.numbers(x, "x"), given.numbers(targets, "targets")
    _checked(net, inputs, wanted, loss)
    eta = Known("η", given.positive(rate, "rate"))
    values: list[Sequence[Term]] = [[Known(named("a", 1, at), float(each)) for at, each in enumerate(inputs)]]
    passes: list[_Pass] = []
    for at, layer in enumerate(net.layers):
        passes.append(_forward(layer, at, values[-1]))
        values.append(passes[-1].outputs)
    aims = [Known(named("y", None, at), float(each)) for at, each in enumerate(wanted)]
    losses = _losses(passes[-1], aims, loss)
    forward = [*(each for one in passes for part in one for each in part), *losses]
    steps, partials = _backward(net, passes, values, _output_deltas(net, passes[-1], aims, loss))
    updates = _updates(net, partials, eta)
    if not all(math.isfinite(each.value) for each in (*forward, *steps, *updates)):
        raise BadData("foundations.backprop.overflow")
    slopes, after = (iter([each.value for each in found]) for found in (itertools.chain(*partials), updates))
    return Backprop(
        tuple(forward), tuple(steps), tuple(updates), tuple(each.value for each in passes[-1].outputs),
        losses[-1].value, tuple(Gradient(*_placed(layer, slopes)) for layer in net.layers),
        Net(tuple(Layer(*_placed(layer, after), layer.activation) for layer in net.layers)),
    )  # fmt: skip


def _backward(net: Net, passes: Sequence[_Pass], values: Sequence[Sequence[Term]], deltas: _Deltas) -> _Backward:
    found = _Backward([], [])
    for at in reversed(range(len(net.layers))):
        if at < len(net.layers) - 1:
            deltas = _hidden_deltas(net, at, passes[at], deltas.values)
        found.partials.insert(0, _partials(net.layers[at], at, deltas.values, values[at]))
        found.steps.extend([*deltas.steps, *found.partials[0]])
    return found


def _forward(layer: Layer, at: int, before: Sequence[Term]) -> _Pass:
    """z = w a + b of every unit, then a of every unit."""
    sums = []
    for unit, row in enumerate(layer.weights):
        parts: list[Term] = []
        for place, (weight, value) in enumerate(zip(row, before, strict=True)):
            parts += [Known(named("w", at + 1, unit, place), weight), value]
        products = [one.value * other.value for one, other in zip(parts[::2], parts[1::2], strict=True)]
        template = " + ".join(["{}·{}"] * len(row))
        if layer.biases is not None:
            parts.append(Known(named("b", at + 1, unit), layer.biases[unit]))
            products.append(layer.biases[unit])
            template += " + {}"
        sums.append(quantity(named("z", at + 2, unit), template, parts, sum(products)))
    if layer.activation == "softmax":
        return _Pass(sums, _softmax(sums, at))
    bend = _BENDS[layer.activation]
    outputs = [
        quantity(named("a", at + 2, unit), bend.formula, [z], bend.value(z.value), worked=bend.worked)
        for unit, z in enumerate(sums)
    ]
    return _Pass(sums, outputs)


def _softmax(sums: Sequence[Quantity], at: int) -> list[Quantity]:
    values = softmax([z.value for z in sums]).tolist()
    template = "exp({})/(" + " + ".join(["exp({})"] * len(sums)) + ")"
    return [quantity(named("a", at + 2, unit), template, [z, *sums], values[unit]) for unit, z in enumerate(sums)]


def _losses(last: _Pass, aims: Sequence[Known], loss: Loss) -> list[Quantity]:
    """J of every output, then their sum."""
    found = []
    logs = log_softmax([z.value for z in last.sums]).tolist()
    for unit, (a, y) in enumerate(zip(last.outputs, aims, strict=True)):
        symbol, gap = named("J", None, unit), a.value - y.value
        square = gap * gap  # which, unlike a power, may overflow without an exception
        if loss == "half_squares":
            found.append(quantity(symbol, "½·({} - {})²", [a, y], square / 2))
        elif loss == "mse":
            found.append(quantity(symbol, f"({{}} - {{}})²/{len(aims)}", [a, y], square / len(aims)))
        else:
            value = -y.value * logs[unit] if y.value else 0.0
            found.append(quantity(symbol, "-{}·ln({})", [y, a], value))
    total = quantity("J", " + ".join(["{}"] * len(found)), found, sum(each.value for each in found))
    return [*found, total]


def _output_deltas(net: Net, last: _Pass, aims: Sequence[Known], loss: Loss) -> _Deltas:
    at, pairs = len(net.layers) - 1, list(enumerate(zip(last.outputs, aims, strict=True)))
    if loss == "cross_entropy":  # of softmax and logarithm together this is all that is left
        found = [quantity(named("δ", at + 2, unit), "{} - {}", [a, y], a.value - y.value) for unit, (a, y) in pairs]
        return _Deltas(found, found)
    template, factor = ("{} - {}", 1.0) if loss == "half_squares" else (f"2·({{}} - {{}})/{len(pairs)}", 2 / len(pairs))
    errors = [quantity(_by_output(a), template, [a, y], factor * (a.value - y.value)) for _, (a, y) in pairs]
    return _chained(net.layers[at], at, last, errors)


def _hidden_deltas(net: Net, at: int, own: _Pass, above: Sequence[Quantity]) -> _Deltas:
    """dJ/da of a unit is what comes back from every unit that it leads to, by the old weights."""
    weights, errors = net.layers[at + 1].weights, []
    for unit, a in enumerate(own.outputs):
        parts: list[Term] = []
        for upper, delta in enumerate(above):
            parts += [delta, Known(named("w", at + 2, upper, unit), weights[upper][unit])]
        value = sum(one.value * other.value for one, other in zip(parts[::2], parts[1::2], strict=True))
        errors.append(quantity(_by_output(a), " + ".join(["{}·{}"] * len(above)), parts, value))
    return _chained(net.layers[at], at, own, errors)


def _chained(layer: Layer, at: int, own: _Pass, errors: Sequence[Quantity]) -> _Deltas:
    """delta = dJ/da da/dz, unit by unit."""
    bend, found = _BENDS[layer.activation], _Deltas([], [])
    for unit, (z, a, error) in enumerate(zip(own.sums, own.outputs, errors, strict=True)):
        slope = quantity(f"∂{a.symbol}/∂{z.symbol}", bend.slope, [z, a], bend.steepness(z.value))
        delta = quantity(named("δ", at + 2, unit), "{} · {}", [error, slope], error.value * slope.value)
        found.steps.extend([error, slope, delta])
        found.values.append(delta)
    return found


def _partials(layer: Layer, at: int, deltas: Sequence[Quantity], before: Sequence[Term]) -> list[Quantity]:
    """dJ/dw = delta a and dJ/db = delta; all weights row by row, then all biases."""
    found = [
        quantity(f"∂J/∂{named('w', at + 1, unit, place)}", "{}·{}", [delta, a], delta.value * a.value)
        for unit, delta in enumerate(deltas)
        for place, a in enumerate(before)
    ]
    if layer.biases is not None:
        for unit, delta in enumerate(deltas):
            found.append(quantity(f"∂J/∂{named('b', at + 1, unit)}", "{}", [delta], delta.value))
    return found


def _updates(net: Net, partials: Sequence[Sequence[Quantity]], rate: Known) -> list[Quantity]:
    found = []
    for layer, slopes in zip(net.layers, partials, strict=True):
        old = [*(weight for row in layer.weights for weight in row), *(layer.biases or ())]
        for value, slope in zip(old, slopes, strict=True):
            known = Known(slope.symbol.removeprefix("∂J/∂"), value)
            found.append(quantity(known.symbol, "{} - {}·{}", [known, rate, slope], value - rate.value * slope.value))
    return found


def _placed(layer: Layer, values: Iterator[float]) -> tuple[tuple[tuple[float, ...], ...], tuple[float, ...] | None]:
    """The next values, in the places of a layer's weights and biases."""
    weights = tuple(tuple(next(values) for _ in row) for row in layer.weights)
    return weights, None if layer.biases is None else tuple(next(values) for _ in layer.biases)


def _by_output(a: Quantity) -> str:
    return f"∂J/∂{a.symbol}"


def _checked(net: Net, inputs: Array, wanted: Array, loss: Loss) -> None:
    if net.parameters > _MOST:
        raise Misuse("foundations.backprop.large", count=net.parameters, most=_MOST)
    for what, count, expected in (("x", len(inputs), net.sizes[0]), ("targets", len(wanted), net.sizes[-1])):
        if count != expected:
            raise BadData("foundations.mlp.width", what=what, count=count, expected=expected)
    *hidden, output = (layer.activation for layer in net.layers)
    if "step" in (*hidden, output):
        raise Misuse("foundations.mlp.step")
    if "softmax" in hidden or (output == "softmax") is not (loss == "cross_entropy"):
        raise Misuse("foundations.backprop.softmax")
    if loss == "cross_entropy" and (wanted.min() < 0 or not np.isclose(wanted.sum(), 1, atol=1e-6)):
        raise BadData("foundations.backprop.targets")
