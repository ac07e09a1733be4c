"""Connections and weights: LeNet-5's printed numbers, and PyTorch's own."""

import pytest
from torch import nn

from striate.foundations.sparse import compared, partial
from striate.nets import lenet5
from striate.problem import BadData, Misuse

C3 = [[int(at) for at in maps] for row in lenet5.C3 for maps in row.split()]


def test_lenets_first_layer() -> None:
    found = compared((1, 32, 32), kernel=5, filters=6)
    full, local, shared = found.ways
    assert found.output == (6, 28, 28)
    assert (shared.connections.value, shared.weights.value) == (122_304, 156)
    assert shared.weights.text == "(1x5x5+1)x6 = 156"
    assert local.connections == shared.connections == local.weights
    assert full.weights.text == "(1x32x32+1)x6x28x28 = 4,821,600"


@pytest.mark.parametrize("stride", [1, 2])
def test_weights_are_those_of_pytorchs_layers(stride: int) -> None:
    found = compared((3, 8, 9), kernel=3, filters=4, stride=stride)
    full, _, shared = found.ways
    filters, rows, columns = found.output
    for way, module in ((full, nn.Linear(3 * 8 * 9, filters * rows * columns)), (shared, nn.Conv2d(3, 4, 3))):
        assert way.weights.value == sum(parameter.numel() for parameter in module.parameters())
    assert [way.kind for way in found.ways] == ["full", "local", "convolution"]


def test_lenets_table_has_sixty_links_and_reads_each_map_ten_times() -> None:
    found = partial(C3, below=6, kernel=5, size=10)
    assert (found.links, found.weights, found.connections) == (60, 1_516, 151_600)
    assert found.used == (10,) * 6
    assert (found.full_weights, found.full_connections) == (2_416, 241_600)
    assert found.maps[0].reads == (0, 1, 2)
    assert found.maps[15].weights.text == "6x5x5+1 = 151"
    assert [row[0] for row in found.matrix] == [True, True, True, False, False, False]
    assert sum(map(sum, found.matrix)) == 60


def test_a_table_that_reads_all_is_a_full_convolution() -> None:
    found = partial([range(6)] * 16, below=6, kernel=5, size=10)
    assert (found.weights, found.connections) == (found.full_weights, found.full_connections)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(BadData, match="names no map"):
        partial([], below=6, kernel=5, size=10)
    with pytest.raises(BadData, match="map 1 reads map 6 below, and the maps below are 0 to 5"):
        partial([[0], [6]], below=6, kernel=5, size=10)
    for reads in ([], [1, 1]):
        with pytest.raises(BadData, match="map 0 must read some maps below, each once"):
            partial([reads], below=6, kernel=5, size=10)
    with pytest.raises(Misuse, match="does not fit into 3"):
        compared((1, 3, 3), kernel=5, filters=6)
    with pytest.raises(Misuse, match="filters must be"):
        compared((1, 8, 8), kernel=5, filters=0)
