"""Define-and-run against define-by-run: the operations of a function as it runs, and of a graph recorded beforehand."""

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx
from torch.overrides import TorchFunctionMode, resolve_name

from striate.problem import Misuse
from striate.words import nearest

Function = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Eager:
    """One run, which is its own graph: what was performed, in order, for this very input."""

    given: tuple[float, ...]
    operations: tuple[str, ...]
    answer: tuple[float, ...]


@dataclass(frozen=True)
class Node:
    """An operation of a recorded graph, with the names of those that it reads."""

    name: str
    kind: str  # placeholder, call_function, call_method, output
    target: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """A graph recorded without any input: the same operations for every input. ``code`` is what it says in Python."""

    nodes: tuple[Node, ...]
    code: str
    answers: tuple[tuple[float, ...], ...]  # for the same inputs


@dataclass(frozen=True)
class Shown:
    """A function both ways; ``error`` is PyTorch's own sentence where it cannot be recorded."""

    name: str
    source: str
    runs: tuple[Eager, ...]
    graph: Graph | None
    error: str

    @property
    def graphs(self) -> int:
        """How many different lists of operations the runs had."""
        return len({run.operations for run in self.runs})


def straight(x: Tensor) -> Tensor:
    """The same operations for every input."""
    return torch.relu(x * 2 + 1)


def counted(x: Tensor) -> Tensor:
    """A loop whose length no input changes: it is unrolled when it is recorded."""
    for _ in range(3):
        x = torch.tanh(x)
    return x


def branched(x: Tensor) -> Tensor:
    """A branch that depends on the data."""
    if x.sum() > 0:
        return x * 2
    return -x


def looped(x: Tensor) -> Tensor:
    """A loop whose length depends on the data."""
    while x.abs().max() < 8:
        x = x * 2
    return x


def selected(x: Tensor) -> Tensor:
    """The branch as data: both sides are computed, and one is taken; so it can be recorded."""
    return torch.where(x.sum() > 0, x * 2, -x)


EXAMPLES: dict[str, Function] = {each.__name__: each for each in (straight, counted, branched, looped, selected)}

INPUTS = ((1.0, 2.0), (-1.0, -3.0), (0.5, -0.25))


def show(name: str, inputs: Sequence[Sequence[float]] = INPUTS) -> Shown:
    """Runs an example for each input, then records it and runs the record. Misuse for an unknown name, or bad inputs.

    An input of zeros alone is refused, for it would double for ever.
    """
    if name not in EXAMPLES:
        raise Misuse("foundations.graphs.unknown", name=name, nearest=nearest(name, EXAMPLES))
    for given in inputs:
        if not any(given) or not all(math.isfinite(value) for value in given):
            raise Misuse("foundations.graphs.input", given=", ".join(map(str, given)))
    function = EXAMPLES[name]
    runs = tuple(_run(function, given) for given in inputs)
    try:
        recorded = fx.symbolic_trace(function)
    except fx.proxy.TraceError as error:
        return Shown(name, inspect.getsource(function), runs, None, str(error))
    nodes = tuple(_node(node) for node in recorded.graph.nodes)
    answers = tuple(_values(recorded(_tensor(given))) for given in inputs)
    return Shown(name, inspect.getsource(function), runs, Graph(nodes, recorded.code.strip(), answers), "")


class _Recorder(TorchFunctionMode):
    """Writes down each function of PyTorch that is called while it is on."""

    def __init__(self) -> None:
        super().__init__()
        self.called: list[str] = []

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        self.called.append((resolve_name(func) or str(func)).removeprefix("torch.").removeprefix("Tensor."))
        return func(*args, **(kwargs or {}))


def _run(function: Function, given: Sequence[float]) -> Eager:
    x = _tensor(given)
    with _Recorder() as recorder:
        answer = function(x)
    return Eager(tuple(map(float, given)), tuple(recorder.called), _values(answer))


def _node(node: fx.Node) -> Node:
    target = node.target if isinstance(node.target, str) else node.target.__name__
    return Node(node.name, node.op, target, tuple(each.name for each in node.all_input_nodes))


def _tensor(given: Sequence[float]) -> Tensor:
    return torch.tensor(given, dtype=torch.float64)


def _values(answer: Tensor) -> tuple[float, ...]:
    return tuple(answer.tolist())
