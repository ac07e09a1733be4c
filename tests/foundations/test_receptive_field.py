"""Receptive fields by the recursion: the known networks', and what the traced networks show."""

import pytest
import torch
from torch import nn

from striate.foundations.receptive_field import Layer, receptive_field, stacked
from striate.problem import BadData, Misuse


def conv(name: str, kernel: int, stride: int = 1) -> Layer:
    return Layer(name, kernel, stride)


ALEXNET = [
    conv("conv1", 11, 4), conv("pool1", 3, 2), conv("conv2", 5), conv("pool2", 3, 2), conv("conv3", 3),
    conv("conv4", 3), conv("conv5", 3), conv("pool5", 3, 2), conv("fc6", 6),
]  # fmt: skip
LENET = [conv("C1", 5), conv("S2", 2, 2), conv("C3", 5), conv("S4", 2, 2), conv("C5", 5)]
VGG16 = [
    layer
    for stage, depth in enumerate((2, 2, 3, 3, 3), 1)
    for layer in (*(conv(f"conv{stage}_{at}", 3) for at in range(1, depth + 1)), conv(f"pool{stage}", 2, 2))
] + [conv("fc6", 7)]


@pytest.mark.parametrize(
    ("layers", "known"),
    [
        (LENET, {"C1": 5, "S2": 6, "C3": 14, "S4": 16, "C5": 32}),
        (ALEXNET, {"conv1": 11, "pool1": 19, "conv2": 51, "pool2": 67, "conv3": 99, "conv4": 131, "conv5": 163,
                   "pool5": 195, "fc6": 355}),
        (VGG16, {"pool1": 6, "pool2": 16, "pool3": 44, "pool4": 100, "pool5": 212, "fc6": 404}),
    ],
)  # fmt: skip
def test_the_fields_of_the_classic_networks(layers: list[Layer], known: dict[str, int]) -> None:
    found = {seen.name: seen for seen in receptive_field(layers)}
    assert {name: found[name].field.value for name in known} == known
    for seen in found.values():
        for written in (seen.field, seen.jump):
            formula, value = written.text.split(" = ")
            assert eval(formula) == int(value) == written.value


def test_a_jump_is_the_product_of_the_strides() -> None:
    assert receptive_field(ALEXNET)[-2].jump.value == 32
    assert [seen.field.text for seen in receptive_field([conv("a", 3, 2), conv("b", 5)])] == [
        "1 + (3 - 1)*1 = 3",
        "3 + (5 - 1)*2 = 11",
    ]


def test_the_field_is_what_a_gradient_reaches() -> None:
    layers = [conv("a", 3, 2), conv("b", 5), conv("c", 2, 2), conv("d", 3)]
    network = nn.Sequential(*(nn.Conv1d(1, 1, layer.kernel, layer.stride) for layer in layers)).double()
    for module in network:
        nn.init.ones_(module.weight)
    pixels = torch.ones(1, 1, 200, dtype=torch.float64, requires_grad=True)
    answer = network(pixels)[0, 0]
    reached = [torch.autograd.grad(answer[at], pixels, retain_graph=True)[0][0, 0].nonzero() for at in (0, 1)]
    last = receptive_field(layers)[-1]
    assert len(reached[0]) == last.field.value
    assert int(reached[1][0] - reached[0][0]) == last.jump.value


@pytest.mark.parametrize(("depth", "large", "small_weights", "large_weights"), [(2, 5, 18, 25), (3, 7, 27, 49)])
def test_stacks_of_small_filters_have_fewer_weights(
    depth: int, large: int, small_weights: int, large_weights: int
) -> None:
    one, many = stacked(depth), stacked(depth, channels=64)
    assert one.large == large == receptive_field([conv(str(at), 3) for at in range(depth)])[-1].field.value
    assert (one.stack_weights.value, one.large_weights.value) == (small_weights, large_weights)
    assert (many.stack_weights.value, many.large_weights.value) == (small_weights * 64**2, large_weights * 64**2)
    assert many.stack_weights.value == depth * nn.Conv2d(64, 64, 3, bias=False).weight.numel()


def test_a_7x7_has_81_percent_more_weights_and_two_3x3_have_72_percent_of_a_5x5() -> None:
    assert round(stacked(3, channels=256).more, 2) == 0.81
    assert stacked(2).share == pytest.approx(0.72)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(BadData, match="no layer"):
        receptive_field([])
    with pytest.raises(Misuse, match="kernel of conv1 must be"):
        receptive_field([conv("conv1", 0)])
    with pytest.raises(Misuse, match="stride of conv1 must be"):
        receptive_field([conv("conv1", 3, 0)])
    with pytest.raises(Misuse, match="filters of 1 see no further"):
        stacked(2, small=1)
