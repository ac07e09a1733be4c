"""Small fully connected networks: one that solves XOR by hand, ones that learn it, and the surface they draw."""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from striate.foundations import given
from striate.foundations.examples import CORNERS, XOR
from striate.foundations.given import Numbers, Rows
from striate.foundations.surfaces import Grid
from striate.problem import BadData, Misuse
from striate.words import nearest

Activation = Literal["step", "sigmoid", "tanh", "relu", "identity", "softmax"]
ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "step": lambda z: (z > 0).double(),  # 1 above 0, else 0
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "identity": lambda z: z,
    "softmax": lambda z: torch.softmax(z, -1),
}
Loss = Literal["mse", "cross_entropy"]

_KEPT = 500  # epochs of a trace, evenly
_STANDS = 0.01  # a loss that falls by less in a tenth of the epochs
_SWINGS, _ROUNDING = 0.25, 1e-9  # of the steps, of a loss


@dataclass(frozen=True)
class Layer:
    """activation(W x + b): ``weights[unit][input]``, and a bias for each unit or None for none at all."""

    weights: tuple[tuple[float, ...], ...]
    biases: tuple[float, ...] | None
    activation: Activation


@dataclass(frozen=True)
class Net:
    """Layers, each taking as many numbers as the one before gives."""

    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise Misuse("foundations.mlp.sizes", sizes=())
        before = len(self.layers[0].weights[0]) if self.layers[0].weights else 0
        for number, layer in enumerate(self.layers, 1):
            if layer.activation not in ACTIVATIONS:
                raise _unknown(layer.activation)
            fits = all(len(row) == before for row in layer.weights) and before > 0 and len(layer.weights) > 0
            if not fits or (layer.biases is not None and len(layer.biases) != len(layer.weights)):
                raise Misuse("foundations.mlp.layer", layer=number, inputs=before)
            before = len(layer.weights)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Of the input and of every layer."""
        return (len(self.layers[0].weights[0]), *(len(layer.weights) for layer in self.layers))

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum(len(layer.weights) * len(layer.weights[0]) + len(layer.biases or ()) for layer in self.layers)


XOR_BY_HAND = Net(
    (
        Layer(((-2.0, -2.0), (2.0, 2.0)), (3.0, -1.0), "step"),  # NAND, OR
        Layer(((1.0, 1.0),), (-1.0,), "step"),  # AND
    )
)
"""XOR is NAND and OR at once (Minsky & Papert 1969: no single unit can do it)."""


@dataclass(frozen=True)
class Units:
    """A layer's answer to one example: z = W x + b and a = activation(z) for each unit."""

    sums: tuple[float, ...]
    outputs: tuple[float, ...]


@dataclass(frozen=True)
class Epoch:
    """A look before a step: the net, its loss, the largest partial derivative, and how many answers are right.

    An answer is right where each of its numbers is nearer to its target than 1/2.
    """

    number: int
    net: Net
    loss: float
    largest_gradient: float
    right: int


@dataclass(frozen=True)
class Training:
    """The epochs, 500 of them at most, and the net at the end.

    Swinging: in the last half of the epochs the loss rose at a quarter of the steps or more.
    Stuck: some answers are wrong, it does not swing, and in the last tenth of the epochs the loss fell by less than a
    hundredth.
    """

    trace: tuple[Epoch, ...]
    net: Net
    loss: float
    right: int
    of: int
    swinging: bool
    stuck: bool
    diverged: bool

    @property
    def risen(self) -> bool:
        """Whether the loss is higher at the end than at the start."""
        return self.loss > self.trace[0].loss * (1 + _ROUNDING)


def random_net(
    sizes: Sequence[int], *, activation: Activation = "sigmoid", output: Activation = "sigmoid", biases: bool = True,
    seed: int = 0,
) -> Net:  # fmt: skip
    """Of the sizes (input, units of each layer): weights of Glorot & Bengio 2010, eq. 16, and biases of 0."""
    if len(sizes) < 2 or any(not 1 <= size <= 1000 or size != int(size) for size in sizes):
        raise Misuse("foundations.mlp.sizes", sizes="-".join(map(str, sizes)))
    chance, layers = np.random.default_rng(given.count(seed, "seed", least=0)), []
    for number, (before, after) in enumerate(itertools.pairwise(sizes), 2):
        reach = math.sqrt(6 / (before + after))
        weights = given.table(chance.uniform(-reach, reach, (after, before)))
        layers.append(
            Layer(weights, (0.0,) * after if biases else None, output if number == len(sizes) else activation)
        )
    return Net(tuple(layers))


def forward(net: Net, x: Numbers) -> tuple[Units, ...]:
    """What every layer answers to one example (inputs,)."""
    values = _inputs(net, given.numbers(x, "x")[None])
    return tuple(Units(tuple(z[0].tolist()), tuple(a[0].tolist())) for z, a in _run(_tensors(net), net, values))


def answers(net: Net, x: Rows) -> tuple[tuple[float, ...], ...]:
    """(n, inputs) -> (n, outputs)."""
    return given.table(_run(_tensors(net), net, _inputs(net, given.rows(x, "x")))[-1][1].numpy())


def decision_surface(
    net: Net, domain: Sequence[tuple[float, float]] = ((-0.5, 1.5), (-0.5, 1.5)), *, points: int = 61
) -> Grid:
    """The first output of a net of two inputs, over a grid."""
    if net.sizes[0] != 2:
        raise Misuse("foundations.mlp.plane", inputs=net.sizes[0])
    points = given.count(points, "points", most=2000)
    axes = [torch.linspace(low, high, points, dtype=torch.float64) for low, high in domain]
    places = torch.stack(torch.meshgrid(*axes, indexing="xy"), -1)
    heights = _run(_tensors(net), net, places)[-1][1][..., 0]
    return Grid(tuple(given.fixed(axis.numpy()) for axis in axes), given.fixed(heights.numpy()))


def train(net: Net, x: Rows, targets: Rows, *, rate: float, epochs: int, loss: Loss = "cross_entropy") -> Training:
    """Gradient descent on all examples at once; x (n, inputs), targets (n, outputs) or (n,)."""
    inputs, wanted = _examples(net, x, targets, loss)
    rate, epochs = given.positive(rate, "rate"), given.count(epochs, "epochs", most=100_000)
    parts = _tensors(net)
    parameters = [each.requires_grad_() for part in parts for each in part if each is not None]
    optimiser = torch.optim.SGD(parameters, lr=rate, foreach=False)
    losses: list[float] = []
    trace: list[Epoch] = []
    diverged = False
    for number in range(1, epochs + 1):
        optimiser.zero_grad()
        value, right = _loss(net, _run(parts, net, inputs)[-1], wanted, loss)
        losses.append(value.item())
        diverged = given.escaped(losses[-1], scale=losses[0])
        if diverged:
            break
        torch.autograd.backward([value])
        if (number - 1) % -(-epochs // _KEPT) == 0:
            largest = max(float(each.grad.abs().max()) for each in parameters if each.grad is not None)
            trace.append(Epoch(number, _net(parts, net), losses[-1], largest, right))
        optimiser.step()
    with torch.no_grad():
        value, right = _loss(net, _run(parts, net, inputs)[-1], wanted, loss)
    stands = losses[-1 - len(losses) // 10] - value.item() < _STANDS * losses[-1 - len(losses) // 10]
    swinging = not diverged and _swinging([*losses, value.item()])
    stuck = not diverged and not swinging and right < len(wanted) and stands
    return Training(tuple(trace), _net(parts, net), value.item(), right, len(wanted), swinging, stuck, diverged)


def _swinging(losses: Sequence[float]) -> bool:
    pairs = list(itertools.pairwise(losses[len(losses) // 2 :]))
    rises = sum(after > before * (1 + _ROUNDING) for before, after in pairs)
    return len(pairs) > 1 and rises >= _SWINGS * len(pairs)


def trained_on_xor(seed: int = 1) -> Training:
    """A 2-2-1 net of sigmoids, 1,500 epochs at rate 1; from seed 1 it learns, from seed 0 it gets stuck."""
    return train(random_net((2, 2, 1), seed=seed), CORNERS, XOR, rate=1.0, epochs=1500)


Part = tuple[Tensor, Tensor | None]


def _tensors(net: Net) -> list[Part]:
    return [(_tensor(layer.weights), None if layer.biases is None else _tensor(layer.biases)) for layer in net.layers]


def _tensor(values: Sequence[float] | Sequence[Sequence[float]]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def _net(parts: list[Part], like: Net) -> Net:
    return Net(
        tuple(
            Layer(
                given.table(weights.detach().numpy()), None if bias is None else tuple(bias.tolist()), layer.activation
            )
            for (weights, bias), layer in zip(parts, like.layers, strict=True)
        )
    )


def _run(parts: list[Part], net: Net, values: Tensor) -> list[tuple[Tensor, Tensor]]:
    """z and a of every layer."""
    found = []
    for (weights, bias), layer in zip(parts, net.layers, strict=True):
        z = F.linear(values, weights, bias)
        values = ACTIVATIONS[layer.activation](z)
        found.append((z, values))
    return found


def _loss(net: Net, last: tuple[Tensor, Tensor], wanted: Tensor, loss: Loss) -> tuple[Tensor, int]:
    """The loss, from z where that keeps more digits, and how many answers are right."""
    z, a = last
    right = int(((a - wanted).abs() < 0.5).all(dim=1).sum())
    if loss == "mse":
        return F.mse_loss(a, wanted), right
    if net.layers[-1].activation == "softmax":
        return F.cross_entropy(z, wanted), right
    return F.binary_cross_entropy_with_logits(z, wanted), right


def _inputs(net: Net, values: given.Array) -> Tensor:
    if values.shape[1] != net.sizes[0]:
        raise BadData("foundations.mlp.width", what="x", count=values.shape[1], expected=net.sizes[0])
    return torch.tensor(values)


def _examples(net: Net, x: Rows, targets: Rows, loss: Loss) -> tuple[Tensor, Tensor]:
    inputs, wanted = _inputs(net, given.rows(x, "x")), given.rows(targets, "targets")
    given.paired(inputs.numpy(), wanted, ("x", "targets"))
    if wanted.shape[1] != net.sizes[-1]:
        raise BadData("foundations.mlp.width", what="targets", count=wanted.shape[1], expected=net.sizes[-1])
    if any(layer.activation == "step" for layer in net.layers):
        raise Misuse("foundations.mlp.step")
    output = net.layers[-1].activation
    if loss == "cross_entropy":
        if output not in ("sigmoid", "softmax"):
            raise Misuse("foundations.mlp.cross_entropy", output=output)
        if wanted.min() < 0 or wanted.max() > 1:
            raise BadData("foundations.mlp.shares")
    return inputs, torch.tensor(wanted)


def _unknown(name: str) -> Misuse:
    return Misuse(
        "foundations.mlp.activation", name=name, nearest=nearest(name, ACTIVATIONS), known=", ".join(ACTIVATIONS)
    )
