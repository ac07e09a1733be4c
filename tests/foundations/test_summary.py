"""The course's summary, row by row: the catalogue's network, and the same with all values flattened."""

import pytest
import torch
from torch import nn

from striate.foundations.summary import (
    AVERAGED,
    FLATTENED,
    Conv,
    Dense,
    Flatten,
    GlobalAverage,
    Pool,
    summary,
)
from striate.problem import Misuse
from striate.verbs.describe import describe


def test_it_has_the_rows_and_the_total_of_the_catalogues_network() -> None:
    ours, theirs = summary(), describe("gap_cnn")
    assert ours.total == theirs.parameters == 326_534
    rows = [row for row in theirs.lines if row.name != "flatten"]
    assert [row.parameters.value if row.parameters else 0 for row in ours.rows] == [row.parameters for row in rows]
    outputs = [row.output[:1] if row.name == "gap" else row.output for row in rows]
    assert [row.output for row in ours.rows] == outputs


def test_the_parameters_are_written_out() -> None:
    texts = [row.parameters.text for row in summary().rows if row.parameters]
    assert texts == [
        "(1x5x5x32)+32 = 832",
        "(32x5x5x64)+64 = 51,264",
        "(64x5x5x128)+128 = 204,928",
        "128x500+500 = 64,500",
        "500x10+10 = 5,010",
    ]
    assert [row.size for row in summary().rows][:2] == ["1 + (28 + 2*2 - 5) / 1 = 28", "1 + (28 - 2) / 2 = 14"]


def test_flattening_costs_ten_times_as_many() -> None:
    found = summary(FLATTENED)
    assert found.total == 3_398_534
    assert found.rows[-2].parameters is not None
    assert found.rows[-2].parameters.value == 7 * 7 * 128 * 500 + 500
    assert found.rows[-3].output == (6272,)


def test_any_network_of_such_rows_is_pytorchs() -> None:
    rows = (Conv(3, 3), Pool(3), Conv(5, 1), Flatten(), Dense(4))
    network = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1), nn.MaxPool2d(3), nn.Conv2d(3, 5, 1), nn.Flatten(), nn.Linear(5 * 3 * 4, 4)
    )
    found, values = summary(rows, (2, 11, 14)), torch.zeros(1, 2, 11, 14)
    for row, module in zip(found.rows, network, strict=True):
        values = module(values)
        assert row.output == values.shape[1:]
    assert found.total == sum(parameter.numel() for parameter in network.parameters())
    assert found.rows[0].size == "1 + (11 + 2*1 - 3) / 1 = 11 x 1 + (14 + 2*1 - 3) / 1 = 14"


def test_a_row_that_cannot_take_its_input_is_refused() -> None:
    with pytest.raises(Misuse, match="Dense cannot take 1 x 28 x 28"):
        summary((Dense(10),))
    with pytest.raises(Misuse, match="GlobalAverage cannot take 784"):
        summary((Flatten(), GlobalAverage()))
    with pytest.raises(Misuse, match="does not fit into 2"):
        summary((Pool(3),), (1, 2, 2))
    with pytest.raises(Misuse, match="no padding keeps the size"):
        summary((Conv(3, 4),))
    with pytest.raises(Misuse, match="input must be"):
        summary(AVERAGED, (0, 28, 28))
