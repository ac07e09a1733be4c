"""One recurrent layer by hand: unrolled over a sequence, and back-propagation through time.

J. Elman: Finding Structure in Time. Cognitive Science 14, 1990; P. Werbos: Backpropagation Through Time. Proceedings of
the IEEE 78(10), 1990.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from striate.foundations.given import LIMIT, Array, array, count, fixed, floats, of_shape, positive
from striate.problem import BadData

Floats = tuple[float, ...]


@dataclass(frozen=True)
class Step:
    """One time step, h_t = tanh(W x_t + U h_(t-1) + b), with every sum on the way."""

    time: int  # from 1
    x: Floats
    before: Floats  # h_(t-1)
    from_input: Floats  # W x_t
    from_state: Floats  # U h_(t-1)
    total: Floats  # both and the bias
    state: Floats  # h_t


@dataclass(frozen=True, eq=False)
class Unrolled:
    """A sequence read from its first value to its last; the same weights at each step."""

    input_weights: Array  # W (units, features)
    state_weights: Array  # U (units, units)
    bias: Floats
    trace: tuple[Step, ...]


@dataclass(frozen=True)
class Back:
    """One time step on the way back; each the derivative of the loss by what the name says."""

    time: int
    from_loss: Floats  # by h_t, where the loss reads it itself
    from_later: Floats  # by h_t, through h_(t+1)
    state: Floats  # both
    total: Floats  # state * (1 - h_t^2)
    earlier: Floats  # U' total: goes to h_(t-1)
    size: float  # the Euclidean length of ``state``


@dataclass(frozen=True, eq=False)
class Gradients:
    """Those of the weights are sums over all steps, for all steps share them; ``trace`` is from the last step on."""

    input_weights: Array
    state_weights: Array
    bias: Floats
    first_state: Floats
    inputs: Array  # (steps, features)
    trace: tuple[Back, ...]


@dataclass(frozen=True)
class Reach:
    """How much of a gradient arrives so many steps earlier, by the Jacobian of h_T by h_(T - steps).

    ``size`` is what becomes of the length of a vector sent back, in the root mean square over all directions;
    ``largest`` is the most that becomes of it.
    """

    steps: int
    size: float
    largest: float


def unroll(
    sequence: ArrayLike,
    input_weights: ArrayLike,
    state_weights: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    first_state: ArrayLike | None = None,
) -> Unrolled:
    """Reads (steps, features) with W (units, features), U (units, units), b (units,); bias and first state are 0.

    BadData where the shapes do not go together.
    """
    x = array(sequence, "sequence", 2)
    w = array(input_weights, "input weights", 2)
    units = len(w)
    if w.shape[1] != x.shape[1]:
        raise BadData("foundations.recurrent.features", weights=w.shape[1], sequence=x.shape[1])
    u = of_shape(state_weights, "state weights", (units, units))
    b = np.zeros(units) if bias is None else of_shape(bias, "bias", (units,))
    state = np.zeros(units) if first_state is None else of_shape(first_state, "first state", (units,))
    trace: list[Step] = []
    for time, given in enumerate(x, 1):
        from_input, from_state = w @ given, u @ state
        total = from_input + from_state + b
        after = np.tanh(total)
        trace.append(Step(time, *map(floats, (given, state, from_input, from_state, total, after))))
        state = after
    return Unrolled(fixed(w), fixed(u), floats(b), tuple(trace))


def through_time(read: Unrolled, from_loss: ArrayLike) -> Gradients:
    """Back-propagation through time; ``from_loss`` (steps, units) is the derivative of the loss by each state alone.

    dz_t = dh_t * (1 - h_t^2), dh_(t-1) += U' dz_t; dW = sum of dz_t x_t', dU = sum of dz_t h_(t-1)', db = sum of dz_t.
    BadData for another shape.
    """
    units = len(read.bias)
    given = of_shape(from_loss, "from_loss", (len(read.trace), units))
    by_w, by_u, by_b = np.zeros_like(read.input_weights), np.zeros_like(read.state_weights), np.zeros(units)
    by_x = np.zeros((len(read.trace), read.input_weights.shape[1]))
    later = np.zeros(units)
    trace: list[Back] = []
    for step in reversed(read.trace):
        direct = given[step.time - 1]
        state = direct + later
        total = state * (1 - np.square(step.state))
        by_w += np.outer(total, step.x)
        by_u += np.outer(total, step.before)
        by_b += total
        by_x[step.time - 1] = read.input_weights.T @ total
        earlier = read.state_weights.T @ total
        trace.append(
            Back(
                step.time,
                from_loss=floats(direct),
                from_later=floats(later),
                state=floats(state),
                total=floats(total),
                earlier=floats(earlier),
                size=float(np.linalg.norm(state)),
            )
        )
        later = earlier
    return Gradients(fixed(by_w), fixed(by_u), floats(by_b), floats(later), fixed(by_x), tuple(trace))


def reaches(read: Unrolled) -> tuple[Reach, ...]:
    """From no step back to all: the Jacobian is the product of diag(1 - h_t^2) U.

    Below 1 a gradient vanishes on the way, above 1 it explodes (Bengio, Simard, Frasconi 1994). Stops where a number is
    beyond 1e12.
    """
    units = len(read.bias)
    jacobian = np.eye(units)
    found = [Reach(0, 1.0, 1.0)]
    for steps, step in enumerate(reversed(read.trace), 1):
        jacobian = jacobian @ ((1 - np.square(step.state))[:, None] * read.state_weights)
        singular = np.linalg.svd(jacobian, compute_uv=False)
        if not singular[0] <= LIMIT:
            break
        found.append(Reach(steps, float(np.sqrt((singular**2).mean())), float(singular[0])))
    return tuple(found)


def drawn(features: int, units: int, *, scale: float, seed: int) -> tuple[Array, Array]:
    """Random weights: W normal with variance 1 / features, U orthogonal times the scale, so that its gain is known."""
    count(features, "features")
    positive(scale, "scale")
    rng = np.random.default_rng(count(seed, "seed", least=0))
    turn, _ = np.linalg.qr(rng.standard_normal((count(units, "units"), units)))
    return rng.normal(0.0, features**-0.5, (units, features)), scale * turn
