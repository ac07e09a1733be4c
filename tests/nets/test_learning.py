"""Every family learns: it comes to know a handful of real pictures by heart."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from striate.data.sets import open_set
from striate.fitting.losses import Targets, loss_of
from striate.layers import StochasticDepth
from striate.nets import CATALOGUE, find
from striate.recipe import CrossEntropy

LEARNERS = (
    "lenet5", "lenet5_modern", "lenet5_maxpool", "deepconvnet", "gap_cnn", "alexnet_small", "zfnet_small",
    "vgg16_small", "googlenet_small", "resnet9", "resnet18_small", "resnet20_cifar", "plain20_cifar",
    "densenet40_k12_cifar",
    "mobilenet_v1_small", "resnext50_32x4d_small", "se_resnet18_small", "efficientnet_b0_small",
)  # fmt: skip
STEPS = 60  # at most; most need a quarter of them


@pytest.fixture(scope="module")
def garments() -> tuple[torch.Tensor, torch.Tensor]:
    """Six real pictures of three classes, (6, 1, 28, 28) from 0 to 1."""
    samples = open_set("fashion-sample").parts["train"]
    places = [at for label in (1, 5, 8) for at in [at for at in range(200) if samples.label(at) == label][:2]]
    images = torch.stack([torch.from_numpy(samples.images[at].copy()) for at in places])
    return images[:, None].float() / 255, torch.tensor([0] * 2 + [1] * 2 + [2] * 2)


def fitting(declared_name: str) -> nn.Module:
    declared = find(declared_name).architecture()
    network = declared.create(classes=3, seed=1).train()
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        elif isinstance(module, StochasticDepth):
            module.rate = 0.0
    return network


@pytest.mark.parametrize("name", LEARNERS)
def test_a_handful_of_pictures_is_learned_by_heart(name: str, garments: tuple[torch.Tensor, torch.Tensor]) -> None:
    pictures, labels = garments
    channels, height, width = CATALOGUE[name].input
    x = F.interpolate(pictures, (height, width), mode="bilinear").expand(-1, channels, -1, -1) * 2 - 1
    network = fitting(name)
    declared = find(name).architecture().recipe.loss
    if isinstance(declared, CrossEntropy):
        declared = CrossEntropy()  # softened labels keep the loss from falling to nothing
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3)
    losses = []
    for _ in range(STEPS):
        logits = network(x.contiguous())
        loss = loss_of(declared, logits, Targets(labels))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if losses[-1] < 0.1 * losses[0] and logits.argmax(1).equal(labels):
            return
    pytest.fail(f"the loss of {STEPS} steps: {[round(each, 3) for each in losses[::6]]}")


def test_every_family_with_a_small_network_is_among_them() -> None:
    assert {CATALOGUE[name].family for name in LEARNERS} == {entry.family for entry in CATALOGUE.values()}
