"""Where a network's multiplications, weights and values are: a description summed up by kind of layer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from striate.table import FLOAT
from striate.verbs.describe import Description

Group = Literal["conv", "linear", "other"]
GROUPS: tuple[Group, ...] = ("conv", "linear", "other")

_CONVOLUTIONS = ("conv", "transposed_conv")


@dataclass(frozen=True)
class Cost:
    """What a part of a network takes: multiply-accumulates, parameters, values put out; each of one picture."""

    macs: int
    parameters: int
    values: int


@dataclass(frozen=True)
class Costs:
    """The whole, and each group's part of it; a row's name with its part."""

    whole: Cost
    groups: dict[Group, Cost]
    rows: tuple[tuple[str, Group, Cost], ...]


@dataclass(frozen=True)
class Training:
    """Bytes that a training step holds."""

    weights: int
    gradients: int  # as many as there are weights
    momentum: int  # as many again
    activations: int  # what the way back needs, of the whole batch

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.momentum + self.activations


def costs(found: Description) -> Costs:
    """Summed over the operations of every row, so that blocks with ways of their own are counted by what is in them."""
    rows: list[tuple[str, Group, Cost]] = []
    for line in found.lines:
        for leaf in line.leaves():
            cost = Cost(leaf.macs, leaf.parameters, leaf.activation_bytes // FLOAT // found.batch)
            rows.append((line.name, _group(leaf.kind), cost))
    groups = {group: _sum(cost for _, kind, cost in rows if kind == group) for group in GROUPS}
    merged: dict[tuple[str, Group], Cost] = {}
    for name, group, cost in rows:
        merged[name, group] = _sum((merged.get((name, group), Cost(0, 0, 0)), cost))
    return Costs(_sum(groups.values()), groups, tuple((*key, cost) for key, cost in merged.items()))


def training(found: Description, batch: int) -> Training:
    """With momentum and float32, for a batch of so many pictures; the description is of one picture."""
    weights = FLOAT * found.parameters
    return Training(weights, weights, weights, batch * (found.memory.training or 0))


def _group(kind: str) -> Group:
    return "conv" if kind in _CONVOLUTIONS else "linear" if kind == "linear" else "other"


def _sum(parts: Iterable[Cost]) -> Cost:
    macs = parameters = values = 0
    for part in parts:
        macs, parameters, values = macs + part.macs, parameters + part.parameters, values + part.values
    return Cost(macs, parameters, values)
