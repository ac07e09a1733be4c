"""A network's summary by hand: the output and the parameters of every row, out of formulas alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from striate.foundations.given import count
from striate.foundations.sizes import Written, conv_parameters, linear_parameters, output_size, same_pad
from striate.problem import Misuse

Shape = tuple[int, ...]  # (channels, height, width), or (features,)


@dataclass(frozen=True)
class Conv:
    """A convolution at stride 1, its padding keeping the size."""

    filters: int
    kernel: int


@dataclass(frozen=True)
class Pool:
    """The maximum of windows that do not overlap."""

    kernel: int


@dataclass(frozen=True)
class GlobalAverage:
    """The mean of each map: (C, H, W) -> (C,)."""


@dataclass(frozen=True)
class Flatten:
    """All values in a row: (C, H, W) -> (C H W,)."""


@dataclass(frozen=True)
class Dense:
    """Every unit reads every value."""

    units: int


Declared = Conv | Pool | GlobalAverage | Flatten | Dense


@dataclass(frozen=True)
class Row:
    """A line of the summary; ``size`` is empty where no window moves, ``parameters`` None where there are none."""

    declared: Declared
    input: Shape
    output: Shape
    size: str
    parameters: Written | None


@dataclass(frozen=True)
class Summary:
    """All rows, and the sum of their parameters."""

    input: Shape
    rows: tuple[Row, ...]
    total: int


BODY: tuple[Declared, ...] = (Conv(32, 5), Pool(2), Conv(64, 5), Conv(128, 5), Pool(2))
"""Up to 128 maps of 7x7, for a picture of 1x28x28; a course's summary shows the last row only, these fit its total."""
AVERAGED: tuple[Declared, ...] = (*BODY, GlobalAverage(), Dense(500), Dense(10))
"""The course's network of 326,534 parameters."""
FLATTENED: tuple[Declared, ...] = (*BODY, Flatten(), Dense(500), Dense(10))
"""The same with all values of all maps going into the classifier: 3,398,534."""


def summary(rows: Sequence[Declared] = AVERAGED, given: Shape = (1, 28, 28)) -> Summary:
    """Each row's output becomes the next row's input. Misuse for a row that cannot take what it is given."""
    for size in given:
        count(size, "input")
    worked: list[Row] = []
    shape = given
    for declared in rows:
        worked.append(_row(declared, shape))
        shape = worked[-1].output
    return Summary(given, tuple(worked), sum(row.parameters.value for row in worked if row.parameters))


def _row(declared: Declared, given: Shape) -> Row:
    flat = isinstance(declared, Dense)
    if len(given) != (1 if flat else 3):
        kind = type(declared).__name__
        raise Misuse("foundations.summary.shape", row=kind, given=" x ".join(map(str, given)))
    match declared:
        case Conv(filters, kernel):
            sizes = [output_size(before, kernel, pad=same_pad(kernel)) for before in given[1:]]
            parameters = conv_parameters(given[0], (kernel, kernel), filters)
            return Row(declared, given, (filters, *(each.value for each in sizes)), _text(sizes), parameters)
        case Pool(kernel):
            sizes = [output_size(before, kernel, stride=kernel) for before in given[1:]]
            return Row(declared, given, (given[0], *(each.value for each in sizes)), _text(sizes), None)
        case GlobalAverage():
            return Row(declared, given, given[:1], "", None)
        case Flatten():
            return Row(declared, given, (prod(given),), "", None)
        case Dense(units):
            return Row(declared, given, (units,), "", linear_parameters(given[0], units))


def _text(sizes: list[Written]) -> str:
    """Once where height and width are worked out alike."""
    return " x ".join(dict.fromkeys(each.text for each in sizes))
