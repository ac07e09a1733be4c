"""Sparse connections and shared weights in numbers: fully connected, locally connected, convolutional."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from striate.foundations.given import count
from striate.foundations.sizes import Written, output_size
from striate.problem import BadData

Kind = Literal["full", "local", "convolution"]


@dataclass(frozen=True)
class Connected:
    """A way to join an input with maps of units; a unit's bias counts as one connection and one weight.

    ``full``: every unit reads every value. ``local``: every unit reads its own patch with weights of its own.
    ``convolution``: the same, with one set of weights for all units of a map.
    """

    kind: Kind
    connections: Written
    weights: Written


@dataclass(frozen=True)
class Comparison:
    """The three ways from the same input to the same output."""

    input: tuple[int, int, int]  # channels, height, width
    kernel: int
    output: tuple[int, int, int]
    ways: tuple[Connected, ...]  # full, local, convolution


@dataclass(frozen=True)
class Map:
    """A map of a convolution whose maps read some of the maps below only."""

    number: int
    reads: tuple[int, ...]
    weights: Written


@dataclass(frozen=True)
class Partial:
    """A convolution by a table, such as LeNet-5's C3 (LeCun et al. 1998, Table I), beside the one that reads all."""

    maps: tuple[Map, ...]
    matrix: tuple[tuple[bool, ...], ...]  # [map below][map]: whether it is read
    links: int  # pairs of maps that are joined
    used: tuple[int, ...]  # how often each map below is read
    weights: int
    connections: int
    full_weights: int
    full_connections: int


def compared(given: tuple[int, int, int], *, kernel: int, filters: int, stride: int = 1) -> Comparison:
    """Of (C, H, W) to maps of a convolution without padding: LeNet-5's C1 has 122,304 connections and 156 weights.

    Misuse for numbers below 1, or a kernel that does not fit.
    """
    channels, height, width = (count(size, "input") for size in given)
    count(filters, "filters")
    rows, columns = (output_size(size, kernel, stride=stride).value for size in (height, width))
    units = f"{filters}x{rows}x{columns}"
    number = filters * rows * columns
    everything, patch = channels * height * width, channels * kernel**2
    full = _written(f"({channels}x{height}x{width}+1)x{units}", (everything + 1) * number)
    local = _written(f"({channels}x{kernel}x{kernel}+1)x{units}", (patch + 1) * number)
    shared = _written(f"({channels}x{kernel}x{kernel}+1)x{filters}", (patch + 1) * filters)
    ways = (Connected("full", full, full), Connected("local", local, local), Connected("convolution", local, shared))
    return Comparison(given, kernel, (filters, rows, columns), ways)


def partial(table: Sequence[Sequence[int]], *, below: int, kernel: int, size: int) -> Partial:
    """Of a table that names, for each map, the maps below that it reads; ``size`` is the side of its maps.

    BadData for a table that is empty, a map that reads nothing or reads a map twice, or one that is not there.
    """
    for value, name in ((below, "below"), (kernel, "kernel"), (size, "size")):
        count(value, name)
    if not table:
        raise BadData("foundations.sparse.empty")
    maps = tuple(_map(number, tuple(reads), below, kernel) for number, reads in enumerate(table))
    weights = sum(each.weights.value for each in maps)
    all_read = len(maps) * (below * kernel**2 + 1)
    return Partial(
        maps,
        matrix=tuple(tuple(at in each.reads for each in maps) for at in range(below)),
        links=sum(len(each.reads) for each in maps),
        used=tuple(sum(at in each.reads for each in maps) for at in range(below)),
        weights=weights,
        connections=weights * size**2,
        full_weights=all_read,
        full_connections=all_read * size**2,
    )


def _map(number: int, reads: tuple[int, ...], below: int, kernel: int) -> Map:
    wrong = [at for at in reads if not 0 <= at < below]
    if wrong:
        raise BadData("foundations.sparse.unknown", map=number, reads=wrong[0], most=below - 1)
    if not reads or len(set(reads)) < len(reads):
        raise BadData("foundations.sparse.reads", map=number, reads=", ".join(map(str, reads)) or "-")
    return Map(number, reads, _written(f"{len(reads)}x{kernel}x{kernel}+1", len(reads) * kernel**2 + 1))


def _written(product: str, value: int) -> Written:
    return Written(value, f"{product} = {value:,}")
