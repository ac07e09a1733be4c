"""Dead ReLUs: units that answer 0 to every input, before and after steps of too large a rate."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike
from torch import Tensor

from striate.foundations.given import LIMIT, count, labelled, positive


@dataclass(frozen=True)
class Step:
    """The hidden units after so many steps; a dead one has a gradient of 0 from then on, so it stays as it is."""

    step: int
    loss: float
    dead: int
    share: float  # of all hidden units
    gradient: float  # the largest absolute derivative by a weight of a hidden unit
    dead_gradient: float  # the same over the dead units alone: 0


@dataclass(frozen=True)
class Dying:
    """A training of one hidden layer by gradient descent on all inputs; ``trace[0]`` is the network as it was drawn."""

    rate: float
    width: int
    trace: tuple[Step, ...]
    diverged: bool

    @property
    def before(self) -> float:
        """The share of dead units before the first step."""
        return self.trace[0].share

    @property
    def after(self) -> float:
        """The share of dead units at the end."""
        return self.trace[-1].share


def dying(inputs: ArrayLike, labels: ArrayLike, *, rate: float, width: int, steps: int, seed: int) -> Dying:
    """Trains (N, D) -> width ReLUs -> classes by the cross-entropy, first weights by He, biases 0.

    A unit is dead when w x + b <= 0 for every input: its derivative is 0 for all of them. A large step that pushes b or
    w far down does that. Stops when the loss is no longer finite or beyond 1e12. BadData for unequal lengths or labels
    that are no whole numbers from 0; Misuse for a rate of 0 or less.
    """
    x, named = map(torch.from_numpy, labelled(inputs, labels))
    positive(rate, "rate")
    count(width, "width")
    count(steps, "steps")
    hidden, biases, out = parameters = _drawn(x.shape[1], width, int(named.max()) + 1, seed)
    trace: list[Step] = []
    for step in range(steps + 1):
        sums = x @ hidden.T + biases
        loss = F.cross_entropy(torch.relu(sums) @ out.T, named)
        if not float(loss.detach()) <= LIMIT:
            return Dying(rate, width, tuple(trace), diverged=True)
        gradients = torch.autograd.grad(loss, parameters)
        trace.append(_step(step, float(loss.detach()), sums.detach(), gradients[0]))
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=rate)
    return Dying(rate, width, tuple(trace), diverged=False)


def blobs(points: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A made-up set: three clouds in a plane, away from the origin as unprepared measurements are. (N, 2), (N,)"""
    count(points, "points", least=3)
    rng = np.random.default_rng(count(seed, "seed", least=0))
    labels = np.arange(points) % 3
    centres = np.array([[2.0, 2.0], [6.0, 3.0], [4.0, 6.0]])
    return centres[labels] + rng.normal(0.0, 0.7, (points, 2)), labels


def _drawn(features: int, width: int, classes: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    rng = np.random.default_rng(count(seed, "seed", least=0))
    hidden = torch.from_numpy(rng.normal(0.0, (2 / features) ** 0.5, (width, features)))
    out = torch.from_numpy(rng.normal(0.0, (2 / width) ** 0.5, (classes, width)))
    biases = torch.zeros(width, dtype=torch.float64)
    return hidden.requires_grad_(), biases.requires_grad_(), out.requires_grad_()


def _step(step: int, loss: float, sums: Tensor, gradient: Tensor) -> Step:
    dead = (sums <= 0).all(0)
    of_dead = float(gradient[dead].abs().max()) if bool(dead.any()) else 0.0
    number = int(dead.sum())
    return Step(step, loss, number, number / len(dead), float(gradient.abs().max()), of_dead)
