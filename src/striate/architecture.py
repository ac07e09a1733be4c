"""What a net file declares: the paper, the table, what the table must amount to, and how it was trained."""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

from striate.initialise import Initialise, draw, materialise, seeded
from striate.layers import Chain, Headed, Layer, Shape, output_shape
from striate.problem import Failed, Misuse, Problem
from striate.recipe import Recipe, View

MOST_VALUES, MOST_CLASSES = 10**9, 10**6
"""Of an input, channels times height times width, and of a classifier: far beyond use, and short of what overflows."""

_NOTE = re.compile(r"row (\S+) received (\S+)")  # what layers.compose adds to an error
_VALUES_ASKED = re.compile(r"meta tensor|meta device|register_meta|tensors used as indices", re.IGNORECASE)


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

    A disputed fact carries the reason, and must disagree with what is computed. ``unit`` is one of the last digit that
    means something, where zeros follow it; ``kilo`` is what the paper's K stands for.
    """

    row: str
    what: str  # a count of facts.py: "parameters", "weights", "macs", "connections", "neurons", a "share"; "output"
    printed: str
    source: str
    disputed: str | None = None
    unit: int | None = None
    kilo: int = 1000


@dataclass(frozen=True)
class Published:
    """Error rates in percent that a paper prints for the network, or leaves to 100, and how they were measured."""

    top1: str | None
    top5: str | None
    setting: str
    source: str


@dataclass(frozen=True)
class Auxiliary:
    """A classifier on an inner row that helps training and is not part of the network that answers."""

    name: str
    row: str  # whose output it reads
    build: Callable[[int], Layer]
    loss_weight: float


Naming = Callable[[str], str]
"""What others call a tensor of ours: a key of our state dict to the key of theirs."""


@dataclass(frozen=True)
class Release:
    """What a publisher says of trained weights: the file, the view they expect, the classes they know."""

    url: str
    sha256: str | None  # of the file, whole or its first digits; None where nobody but the server states it
    megabytes: float | None
    view: View
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Weights:
    """Trained weights by the name that asks for them; what can be said of them is looked up when it is needed."""

    name: str
    source: str
    license: str
    namings: tuple[Naming, ...]  # the file's own first, then others that the same network goes by
    release: Callable[[], Release]
    path: Callable[[], Path | None]  # the file, there or yet to be fetched; None for a package that is not installed

    def at_hand(self) -> bool:
        path = self.path()
        return path is not None and path.is_file()


@dataclass(frozen=True)
class Architecture:
    """A network as its paper prints it: ``create()`` makes one that runs.

    ``head`` is the first row that belongs to the classifier; the rows before it are the backbone. ``variant`` says in a
    sentence how the network differs from the paper's, where it does.
    """

    name: str
    paper: Paper | None  # None for a network of one's own
    input: Shape
    classes: int
    build: Callable[[int], Layer]
    initialise: Initialise | None  # None for a module whose constructor draws its first weights
    recipe: Recipe
    head: str
    facts: tuple[Fact, ...] = ()
    weights: tuple[Weights, ...] = ()  # the first one is meant where none is named
    auxiliaries: tuple[Auxiliary, ...] = ()
    published: tuple[Published, ...] = ()
    variant: str = ""
    sibling: str = ""  # the catalogue's nearest network with published weights, where this one has none

    def create(self, *, classes: int | None = None, input: Shape | None = None, seed: int = 0) -> nn.Module:
        """The network with its first weights drawn from the seed: (N, *input) -> (N, classes).

        A Chain for a network of the catalogue. Misuse for an input shape that the rows do not fit, naming the row, and
        for a network that answers with another shape.
        """
        network = self.sketch_to_train(classes=classes, input=input)
        if self.initialise is None or _needs_its_constructor(network):
            return self._constructed(self._count(classes), input or self.input, seed)
        materialise(network, self.initialise, seed)
        return network

    def receiving(self, *, classes: int | None = None, input: Shape | None = None) -> nn.Module:
        """The network for weights that are stored: a sketch, or what its constructors make where those fill more."""
        network = self.sketch(classes=classes, input=input)
        if self.initialise is None or _needs_its_constructor(network):
            return self._constructed(self._count(classes), input or self.input, 0)
        return network

    def sketch_to_train(self, *, classes: int | None = None, input: Shape | None = None) -> nn.Module:
        """As sketch(); Misuse also for a network that does not answer with a score for each class."""
        network, count = self.sketch(classes=classes, input=input), self._count(classes)
        found = output_shape(network, input or self.input)
        if found != (count,):
            raise Misuse("net.answer", net=self.name, found="x".join(map(str, found)), classes=count)
        return network

    def sketch(self, *, classes: int | None = None, input: Shape | None = None) -> nn.Module:
        """The network on the meta device: shapes and names, no weights. A Chain for a network of the catalogue.

        Misuse for a shape that does not fit; Failed where a person's own code fails.
        """
        shape, count = input or self.input, self._count(classes)
        if len(shape) != 3 or min(shape) < 1 or math.prod(shape) > MOST_VALUES:
            raise Misuse("net.input", net=self.name, input="x".join(map(str, shape)), most=MOST_VALUES)
        if not 1 <= count <= MOST_CLASSES:
            raise Misuse("net.classes", net=self.name, classes=count, most=MOST_CLASSES)
        with self._telling(shape):
            with torch.device("meta"):
                network = self.build(count)(shape)
            output_shape(network, shape)  # a module that is no chain has not met its input yet
        if isinstance(network, Chain):
            network.head_row = self.head
        return network

    def _constructed(self, count: int, shape: Shape, seed: int) -> nn.Module:
        """The network as its constructors make it, on the CPU, and then with the first weights declared, if any."""
        with seeded(seed), self._telling(shape):
            with _Mixed():
                network = self.build(count)(shape)
            _introduce(network, shape)
        if self.initialise is not None:
            draw(network, self.initialise, torch.Generator().manual_seed(seed))
        if isinstance(network, Chain):
            network.head_row = self.head
        return network

    @contextmanager
    def _telling(self, shape: Shape) -> Iterator[None]:
        """Within it an error of the network becomes a problem; one of the catalogue's own code stays as it is."""
        try:
            yield
        except Problem:
            raise
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            if _VALUES_ASKED.search(reason):
                raise Failed("own.depends", net=self.name, reason=reason) from error
            row, received = _where(getattr(error, "__notes__", []))
            if isinstance(error, RuntimeError | ValueError) and row:
                raise Misuse("net.fit", net=self.name, row=row, received=received, reason=reason) from error
            if isinstance(error, RuntimeError | ValueError):
                raise Misuse("net.fit_whole", net=self.name, input="x".join(map(str, shape)), reason=reason) from error
            if self.paper is not None:
                raise
            raise Failed("own.code", path=self.name, reason=f"{type(error).__name__}: {reason}") from error

    def sketch_heads(self, *, classes: int | None = None, input: Shape | None = None) -> dict[str, nn.Module]:
        """The auxiliary classifiers on the meta device, by name; empty where the paper has none.

        ValueError or RuntimeError for an input that leaves too little for one of them.
        """
        network = cast(Chain, self.sketch(classes=classes, input=input))  # rows have names only in a chain
        count = self._count(classes)
        with torch.device("meta"):
            return {
                each.name: each.build(count)(output_shape(network.until(each.row), input or self.input))
                for each in self.auxiliaries
            }

    def has_heads(self, *, input: Shape | None = None) -> bool:
        """Whether there are auxiliary classifiers, and an input leaves enough for all of them."""
        try:
            return bool(self.auxiliaries and self.sketch_heads(input=input))
        except (RuntimeError, ValueError):
            return False

    def with_heads(self, network: Chain, *, input: Shape | None = None, seed: int = 0) -> Headed:
        """A network with its auxiliary classifiers, whose first weights are drawn from the seed, for training."""
        assert self.initialise is not None
        heads = self.sketch_heads(classes=network.output_shape[0], input=input)
        for at, head in enumerate(heads.values()):
            materialise(head, self.initialise, seed + at + 1)
        return Headed(network, heads, {each.name: each.row for each in self.auxiliaries})

    def _count(self, classes: int | None) -> int:
        return self.classes if classes is None else classes


def _where(notes: list[str]) -> tuple[str, str]:
    """The row that failed, as a path, and what it received, from the notes of the rows around it, innermost first."""
    found = [match for match in map(_NOTE.fullmatch, notes) if match]  # others may have added notes too
    return ".".join(each[1] for each in reversed(found)), found[0][2] if found else ""


def _needs_its_constructor(sketch: nn.Module) -> bool:
    """Whether it holds what only its constructor can fill: loose tensors, or ones that no module can fill anew."""
    return any(
        any(isinstance(value, Tensor) and value.is_meta for value in vars(module).values())
        or not (hasattr(module, "reset_buffers") or set(module._buffers) <= _restored(module))
        or not (hasattr(module, "reset_parameters") or set(module._parameters) <= {"weight", "bias"})
        for module in sketch.modules()
    )


def _restored(module: nn.Module) -> set[str]:
    statistics = {"running_mean", "running_var", "num_batches_tracked"}
    return statistics if hasattr(module, "reset_running_stats") else set()


class _Mixed(TorchDispatchMode):
    """Within it weights on the CPU can be asked for shapes on the meta device."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        every = [each for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)]
        if any(each.is_meta for each in every) and not all(each.is_meta for each in every):
            args, kwargs = tree_map_only(Tensor, lambda each: each.to("meta"), (args, kwargs))
        return func(*args, **(kwargs or {}))

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # as in layers.meta.MetaMode


def _introduce(network: nn.Module, shape: Shape) -> None:
    """Shows lazy modules two pictures, from which they learn the sizes of their weights."""
    if not any(nn.parameter.is_lazy(each) for each in (*network.parameters(), *network.buffers())):
        return
    modes = [(module, module.training) for module in network.modules()]
    with torch.no_grad():
        network.eval()(torch.zeros(2, *shape))
    for module, training in modes:
        module.training = training
