"""What a net file declares: the paper, the table, what the table must amount to, and how it was trained."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from striate.layers import Chain, Layer, Shape
from striate.problem import Failed, Misuse
from striate.recipe import Recipe, View

Initialise = Callable[[nn.Module, torch.Generator], None]
"""Gives the parameters that a module holds itself their first values."""


@dataclass(frozen=True)
class Paper:
    """A bibliography entry."""

    authors: str
    title: str
    venue: str
    year: int


@dataclass(frozen=True)
class Fact:
    """A number the paper prints: ``what`` is a count of a row, or of the whole network where ``row`` is empty.

    A disputed fact carries the reason, and must disagree with what is computed.
    """

    row: str
    what: str  # "parameters", "macs", "connections", or "output"
    printed: str
    source: str
    disputed: str | None = None


@dataclass(frozen=True)
class Weights:
    """Trained weights at hand: where they come from, the view they expect, the classes they know."""

    source: str
    license: str
    view: View
    classes: Callable[[], tuple[str, ...]]
    load: Callable[[], dict[str, Tensor]]  # state dict in our names; Failed where they are not at hand


@dataclass(frozen=True)
class Architecture:
    """A network as its paper prints it: ``create()`` makes one that runs."""

    name: str
    paper: Paper
    input: Shape
    classes: int
    build: Callable[[int], Layer]
    initialise: Initialise
    recipe: Recipe
    facts: tuple[Fact, ...] = ()
    weights: Weights | None = None

    def create(self, *, classes: int | None = None, input: Shape | None = None, seed: int = 0) -> Chain:
        """The network with its first weights drawn from the seed: (N, *input) -> (N, classes).

        Misuse for an input shape that the rows do not fit; it names the row.
        """
        network = self.sketch(classes=classes, input=input)
        materialise(network, self.initialise, seed)
        return network

    def sketch(self, *, classes: int | None = None, input: Shape | None = None) -> Chain:
        """The network on the meta device: shapes and names, no weights."""
        shape = input or self.input
        count = self.classes if classes is None else classes
        if count < 1 or len(shape) != 3 or min(shape) < 1:
            raise Misuse("net.shape", net=self.name, input="x".join(map(str, shape)), classes=count)
        try:
            with torch.device("meta"):
                return cast(Chain, self.build(count)(shape))
        except (RuntimeError, ValueError) as error:
            row, received = _where(getattr(error, "__notes__", []))
            reason = str(error).splitlines()[0]
            raise Misuse("net.fit", net=self.name, row=row, received=received, reason=reason) from error


def _where(notes: list[str]) -> tuple[str, str]:
    """The row that failed, as a path, and what it received, from the notes of the rows around it, innermost first."""
    words = [note.split() for note in notes]
    return ".".join(each[1] for each in reversed(words)), words[0][-1] if words else ""


def materialise(network: nn.Module, initialise: Initialise, seed: int) -> None:
    """Allocates a sketched network and fills it: NaN first, then each module's own values, all finite after."""
    network.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for tensor in (*network.parameters(), *network.buffers()):
            if tensor.is_floating_point():
                tensor.fill_(torch.nan)
        for module in network.modules():
            restore = getattr(module, "reset_running_stats", None) or getattr(module, "reset_buffers", None)
            if restore is not None:
                restore()
            if any(True for _ in module.parameters(recurse=False)):
                initialise(module, generator)
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise Failed("net.uninitialised", tensor=name)


def fan_in(module: nn.Module) -> float:
    """Inputs of one output unit of a module with weights; a module may declare its own."""
    declared = getattr(module, "fan_in", None)
    return float(declared) if declared is not None else cast(Tensor, module.weight)[0].numel()


def he_normal(module: nn.Module, generator: torch.Generator) -> None:
    """Weights N(0, 2 / fan-in), biases 0; normalisation starts as the identity (He et al. 2015, Sec. 2.2)."""
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        nn.init.ones_(module.weight)
    else:
        nn.init.normal_(cast(Tensor, module.weight), std=(2 / fan_in(module)) ** 0.5, generator=generator)
    _zero_bias(module)


def uniform_fan_in(bound: float) -> Initialise:
    """Weights and biases uniform in +-bound / fan-in (LeCun et al. 1998, Appendix A)."""
    return partial(_uniform_fan_in, bound)


def _uniform_fan_in(bound: float, module: nn.Module, generator: torch.Generator) -> None:
    limit = bound / fan_in(module)
    for parameter in module.parameters(recurse=False):
        nn.init.uniform_(parameter, -limit, limit, generator=generator)


def glorot_uniform(module: nn.Module, generator: torch.Generator) -> None:
    """Weights uniform with variance 2 / (fan-in + fan-out), biases 0 (Glorot, Bengio 2010, eq. 16)."""
    nn.init.xavier_uniform_(cast(Tensor, module.weight), generator=generator)
    _zero_bias(module)


def _zero_bias(module: nn.Module) -> None:
    bias = getattr(module, "bias", None)
    if bias is not None:
        nn.init.zeros_(bias)
