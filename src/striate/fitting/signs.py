"""What can be read off a training step without changing it: of the pictures, the rows, the answers and the weights.

Everything is read from a sample: a few pictures of the batch, and weights at even distances. That is enough to tell
health from its absence, and costs a small part of a step.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

PICTURES = 8  # of a batch whose values are read
LABELS = 64  # of a batch whose answers are compared with the truth
_WEIGHTS = 8192  # of a row that are read
_ROUNDING = 0.02  # of a sum of bfloat16 shares
_RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.Threshold)  # what gives exact zeros


@dataclass(frozen=True)
class Values:
    """What a few pictures' values are like."""

    rms: float
    contrast: float  # root mean square of how they differ from picture to picture
    finite: bool


@dataclass(frozen=True)
class Row:
    """A module with weights: its output, its weights and what is about to become of them."""

    values: Values | None  # None where it took no part
    weights: float  # norm of the sample
    gradient: float | None  # norm; None where there is none
    moved: float | None  # norm of the change in a step, since the look before, relative to the weights
    trains: bool  # asks for a gradient
    known: bool  # to the optimiser
    meant: bool  # by the recipe, to stay as it is


@dataclass(frozen=True)
class Answers:
    """What the network says of a batch, and whether that has to do with the truth."""

    spread: float  # largest standard deviation of a class's probability from picture to picture
    related: float  # sum of log p(true class), beyond what the same answers give in a mixed order
    chance: float  # variance of that sum, were the order of the labels chance
    shares: bool  # whether the scores of each picture are already shares of one


@dataclass(frozen=True)
class Look:
    """One look at a training."""

    step: int  # of the training, from 0
    lr: float
    loss: float  # of the batch
    answers: Answers
    inputs: Values | None = None  # this and the rest only in a look at everything
    rows: dict[str, Row] | None = None
    silent: frozenset[str] = frozenset()  # rectifiers that gave zero everywhere, for every picture


class Outputs:
    """Reads what the modules of a network put out, while it runs."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.modules = {name: module for name, module in network.named_modules() if name}
        self.weights = {
            name: weight for name, module in self.modules.items() if (weight := _weight(module)) is not None
        }
        self.read: dict[str, Tensor] = {}
        self.silent: set[str] = set()
        self.broken: list[str] = []

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Within it, what passes is read; afterwards the network is as it was."""
        self.read, self.silent = {}, set()
        rectifiers = {name: each for name, each in self.modules.items() if isinstance(each, _RECTIFIERS)}
        handles = [self.modules[name].register_forward_hook(self._reader(name)) for name in self.weights]
        handles += [module.register_forward_hook(self._listener(name)) for name, module in rectifiers.items()]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def values(self) -> dict[str, Values]:
        """What was read, by row, in the order in which they ran."""
        if not self.read:
            return {}
        numbers = torch.stack(list(self.read.values())).tolist()
        return {name: _values(each) for name, each in zip(self.read, numbers, strict=True)}

    def first_broken(self, x: Tensor) -> str | None:
        """The first module, the innermost where several end together, whose output is not finite everywhere."""
        self.broken = []
        handles = [module.register_forward_hook(self._sentry(name)) for name, module in self.modules.items()]
        try:
            with torch.no_grad():
                self.network(x)
        finally:
            for handle in handles:
                handle.remove()
        return next(iter(self.broken), None)

    def _reader(self, name: str) -> Callable[..., None]:
        def read(_: nn.Module, __: object, output: object) -> None:
            if isinstance(output, Tensor):
                self.read[name] = summary(output)

        return read

    def _listener(self, name: str) -> Callable[..., None]:
        def listen(_: nn.Module, __: object, output: object) -> None:
            if isinstance(output, Tensor) and output.dim() > 1 and output.shape[1] >= FEWEST_UNITS:
                output = output.detach()
                if not output[:PICTURES].any() and not output.any():
                    self.silent.add(name)

        return listen

    def _sentry(self, name: str) -> Callable[..., None]:
        def guard(_: nn.Module, __: object, output: object) -> None:
            if isinstance(output, Tensor) and not output.isfinite().all():
                self.broken.append(name)

        return guard


FEWEST_UNITS = 12
"""A row of fewer units may all be silent by chance: the squeezing rows of gates have four or eight."""


def summary(pictures: Tensor) -> Tensor:
    """(largest magnitude, rms, contrast) of a few pictures, the latter two relative to the first: float32 (3,)."""
    with torch.no_grad():
        some = pictures.detach()[:PICTURES].float().flatten(1)
        most = some.abs().amax()
        some = some / most.clamp(min=1e-30)  # so that no square overflows
        return torch.stack((most, some.square().mean().sqrt(), some.var(0, correction=0).mean().sqrt()))


def _values(numbers: list[float]) -> Values:
    most, rms, contrast = numbers
    return Values(most * rms, most * contrast, math.isfinite(most))


def values_of(pictures: Tensor) -> Values:
    return _values(summary(pictures).tolist())


def _weight(module: nn.Module) -> nn.Parameter | None:
    """The weights of a module that has more than a factor and a summand a channel."""
    found = [each for each in module.parameters(recurse=False) if each.dim() > 1]
    return found[0] if found else None


def sample(tensor: Tensor) -> Tensor:
    """Some values of a tensor, at even distances in memory: float32 (n,)."""
    tensor = tensor.detach()
    stride = max(1, tensor.numel() // _WEIGHTS)
    if tensor.is_contiguous() or (tensor.dim() == 4 and tensor.is_contiguous(memory_format=torch.channels_last)):
        return torch.as_strided(tensor, (tensor.numel() // stride,), (stride,)).float()  # a view: the rest is not read
    return tensor.flatten()[: tensor.numel() // stride * stride : stride].float()


def answers_of(logits: Tensor, labels: Tensor) -> Answers:
    """What logits (N, classes) say, against labels (N,), or the weights of all classes (N, classes)."""
    with torch.no_grad():
        logits = logits.detach()[:LABELS].float()
        truth = labels.detach()[:LABELS]
        truth = truth.argmax(1) if truth.dim() > 1 else truth
        logp = logits.log_softmax(1)
        said = logp[:, truth]  # of each picture what it says of each label at hand
        related = (said.diagonal() - said.mean(1)).sum()
        chance = said.var(1, correction=0).sum()
        spread = logp.exp().std(0, correction=0).amax()
        shares = (logits.amin() >= 0) & ((logits.sum(1) - 1).abs().amax() < _ROUNDING)
        numbers = torch.stack((spread, related, chance, shares.float())).tolist()
    return Answers(numbers[0], numbers[1], numbers[2], shares=bool(numbers[3]))
