"""Internal covariate shift, measured: what an inner layer is given, step by step, without and with batch normalisation.

S. Ioffe, C. Szegedy: Batch Normalization, ICML 2015, Sec. 4.1 and Fig. 1.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike
from torch import Tensor, nn

from striate.foundations.given import LIMIT, count, floats, labelled, positive
from striate.problem import BadData

_WIDTH = 20


@dataclass(frozen=True)
class Step:
    """What the second hidden layer's sigmoids are given after so many steps, over all inputs.

    ``mean`` and ``deviation`` are those of each unit, averaged over the units. ``low``, ``median`` and ``high`` are the
    15th, 50th and 85th percentiles of one unit, the first, as Fig. 1 has them.
    """

    step: int
    loss: float  # of the batch that the step takes
    mean: float
    deviation: float
    low: float
    median: float
    high: float
    means: tuple[float, ...]  # of each unit


@dataclass(frozen=True)
class Course:
    """A training, watched; ``wandering`` is how far a unit's mean moves over the steps, on average, in deviations.

    That is the standard deviation of its means over the trace, divided by the mean of the deviations.
    """

    normalised: bool
    trace: tuple[Step, ...]
    wandering: float
    diverged: bool


def internal_shift(
    inputs: ArrayLike, labels: ArrayLike, *, normalised: bool, rate: float, steps: int, seed: int
) -> Course:
    """Trains (N, D) -> 20 sigmoids -> 20 sigmoids -> classes by plain gradient descent on random batches of 60.

    First weights N(0, 1 / fan-in), the same with and without batch normalisation, which stands before each sigmoid.
    Stops when the loss is no longer finite or beyond 1e12. BadData for unequal lengths, or fewer than two inputs.
    """
    x, named = map(torch.from_numpy, labelled(inputs, labels))
    if len(x) < 2:
        raise BadData("foundations.covariance.single")
    positive(rate, "rate")
    count(steps, "steps")
    rng = np.random.default_rng(count(seed, "seed", least=0))
    layers = _network(x.shape[1], int(named.max()) + 1, normalised, rng)
    parameters = [*layers.parameters()]
    trace: list[Step] = []
    for step in range(steps + 1):
        batch = torch.from_numpy(rng.choice(len(x), min(60, len(x)), replace=False))
        loss = F.cross_entropy(layers(x[batch]), named[batch])
        if not float(loss.detach()) <= LIMIT:
            return Course(normalised, tuple(trace), _wandering(trace), diverged=True)
        trace.append(_look(step, float(loss.detach()), layers, x))
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=rate)
    return Course(normalised, tuple(trace), _wandering(trace), diverged=False)


def _network(features: int, classes: int, normalised: bool, rng: np.random.Generator) -> nn.Sequential:
    """Rows of three modules each; the middle one is batch normalisation, or nothing."""
    rows: list[nn.Module] = []
    for before in (features, _WIDTH):
        rows += [nn.Linear(before, _WIDTH), nn.BatchNorm1d(_WIDTH) if normalised else nn.Identity(), nn.Sigmoid()]
    network = nn.Sequential(*rows, nn.Linear(_WIDTH, classes)).double()
    with torch.no_grad():
        for module in network:
            if isinstance(module, nn.Linear):
                fan_in = module.in_features
                module.weight.copy_(torch.from_numpy(rng.normal(0.0, fan_in**-0.5, (module.out_features, fan_in))))
                module.bias.zero_()
    return network


@torch.no_grad()
def _look(step: int, loss: float, layers: nn.Sequential, x: Tensor) -> Step:
    """At what reaches the last sigmoid; batch normalisation takes the statistics of all inputs for that."""
    values = layers[:-2](x).numpy()
    low, median, high = np.percentile(values[:, 0], (15, 50, 85)).tolist()
    means = values.mean(0)
    return Step(step, loss, float(means.mean()), float(values.std(0).mean()), low, median, high, floats(means))


def _wandering(trace: list[Step]) -> float:
    if not trace:
        return 0.0
    moved = np.std([step.means for step in trace], axis=0).mean()
    return float(moved / np.mean([step.deviation for step in trace]))
