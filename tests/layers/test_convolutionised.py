"""Classifiers as convolutions: the same scores on a picture of their own size, and at every place of a larger one."""

import pytest
import torch
from torch import nn

from striate.layers import (
    Chain,
    Layer,
    adaptive_avg_pool,
    chain,
    conv,
    conv_relu,
    convolutionised,
    dropout,
    flatten,
    global_avg_pool,
    linear,
    linear_relu,
    max_pool,
)
from striate.nets import CATALOGUE, find
from striate.problem import Misuse

ONE_A_FAMILY = (
    "lenet5_modern", "deepconvnet", "alexnet_small", "zfnet_small", "vgg16_small", "googlenet_small", "resnet9_small",
    "resnet18_small",     "densenet40_k12_cifar", "mobilenet_v1_small", "resnext50_32x4d_small", "se_resnet18_small",
    "efficientnet_b0_small", "gap_cnn", "alexnet",
)  # fmt: skip


def built(layer: Layer, shape: tuple[int, ...]) -> Chain:
    torch.manual_seed(0)
    network = layer(shape).eval()
    assert isinstance(network, Chain)
    return network


def test_these_are_all_families_of_chains() -> None:
    assert {CATALOGUE[name].family for name in ONE_A_FAMILY} == {entry.family for entry in CATALOGUE.values()}


@pytest.mark.parametrize("name", ONE_A_FAMILY)
def test_on_its_own_input_size_it_gives_the_scores_of_the_network(name: str) -> None:
    declared = find(name).architecture()
    network = declared.create(seed=1).eval()
    dense = convolutionised(network)
    x = torch.rand(2, *declared.input, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        scores, maps = network(x), dense(x)
    assert maps.shape == (2, declared.classes, 1, 1)
    assert torch.allclose(maps[:, :, 0, 0], scores, rtol=1e-4, atol=1e-5 * float(scores.abs().max()))
    assert [row for row, _ in dense.named_children()] == [row for row, _ in network.named_children()]


@pytest.mark.parametrize("pool", [None, global_avg_pool()])
def test_each_place_is_the_answer_to_a_window(pool: Layer | None) -> None:
    inner = {"conv1": conv_relu(4, 3), "pool1": max_pool(2)} | ({} if pool is None else {"pool2": pool})
    head = {"fc3": linear_relu(6), "drop": dropout(), "fc4": linear(3)}
    network = built(chain(**inner, flatten=flatten(), **head), (2, 10, 12))
    x = torch.randn(1, 2, 16, 14)
    with torch.no_grad():
        maps = convolutionised(network)(x)
        assert maps.shape == (1, 3, 4, 2)
        for i in range(4):
            for j in range(2):
                window = x[:, :, 2 * i : 2 * i + 10, 2 * j : 2 * j + 12]
                assert torch.allclose(maps[:, :, i, j], network(window), atol=1e-6)


def test_a_pool_to_the_size_that_is_there_already_passes_on() -> None:
    network = built(chain(conv1=conv(4, 3), pool=adaptive_avg_pool(4), flatten=flatten(), fc=linear(3)), (1, 6, 6))
    assert convolutionised(network)(torch.rand(1, 1, 8, 6)).shape == (1, 3, 3, 1)


def test_weights_are_shared_and_the_network_stays_as_it_was() -> None:
    network = built(chain(conv1=conv(4, 3), flatten=flatten(), fc=linear(3)), (1, 6, 6))
    before = {name: type(row) for name, row in network.named_children()}
    dense = convolutionised(network)
    with torch.no_grad():
        network.fc.weight.fill_(0.5)
    assert dense.fc.weight.eq(0.5).all()
    assert dense.conv1 is network.conv1
    assert {name: type(row) for name, row in network.named_children()} == before


def test_one_on_the_meta_device_stays_there() -> None:
    dense = convolutionised(find("vgg16").architecture().sketch())
    assert (dense.fc6.linear.weight.shape, dense.output_shape) == ((4096, 512, 7, 7), (1000, 1, 1))
    assert dense.fc6.linear.weight.is_meta


def test_what_cannot_be_run_over_a_map_is_refused_by_name() -> None:
    with pytest.raises(Misuse, match=r"row output \(RadialBasis\)"):
        convolutionised(find("lenet5").architecture().create())
    with pytest.raises(Misuse, match=r"row pool \(AdaptiveAvgPool2d\)"):
        convolutionised(built(chain(pool=adaptive_avg_pool(2), flatten=flatten(), fc=linear(3)), (1, 6, 6)))
    with pytest.raises(Misuse, match="Sequential"):
        convolutionised(nn.Sequential(nn.Flatten(), nn.Linear(4, 2)))
    with pytest.raises(Misuse, match="no classifier"):
        convolutionised(built(chain(conv1=conv(4, 3)), (1, 6, 6)))
