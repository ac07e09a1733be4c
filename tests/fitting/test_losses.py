"""Classes that weigh alike, gradients that are clipped, filters that are bounded."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.utils.class_weight import compute_class_weight
from torch import nn

from striate.compute import Compute
from striate.fitting.losses import Targets, class_weights, loss_of
from striate.fitting.optimisers import make_optimiser
from striate.fitting.steps import Fit, learn, renormalise_filters
from striate.nets import find
from striate.recipe import SGD, CrossEntropy, MaximumAPosteriori, Recipe

BALANCED = CrossEntropy(balanced=True)
WHERE = Compute(torch.device("cpu"), torch.float32, 1)


def test_class_weights_are_scikit_learns_balanced_ones() -> None:
    labels = torch.tensor([0] * 7 + [1] * 2 + [2] * 11 + [3])
    found = class_weights(BALANCED, labels, 4)
    assert found is not None
    expected = compute_class_weight("balanced", classes=np.arange(4), y=labels.numpy())
    assert found.numpy() == pytest.approx(expected)


def test_other_losses_weigh_no_classes() -> None:
    labels = torch.tensor([0, 0, 1])
    assert class_weights(CrossEntropy(), labels, 2) is None
    assert class_weights(MaximumAPosteriori(1.0), labels, 2) is None


def test_balanced_classes_weigh_alike_in_the_loss_of_the_whole_set() -> None:
    labels = torch.tensor([0] * 6 + [1] * 2)
    logits = torch.randn(8, 2, generator=torch.Generator().manual_seed(0))
    each = F.cross_entropy(logits, labels, reduction="none")
    loss = loss_of(BALANCED, logits, Targets(labels), class_weights(BALANCED, labels, 2))
    torch.testing.assert_close(loss, (each[:6].mean() + each[6:].mean()) / 2)


def small_step(recipe: Recipe) -> tuple[nn.Module, dict[str, torch.Tensor], torch.Tensor, torch.Tensor]:
    network = find("deepconvnet").architecture().create(classes=3).eval()
    before = {name: each.detach().clone() for name, each in network.named_parameters()}
    generator = torch.Generator().manual_seed(3)
    x, y = torch.randn(6, 1, 28, 28, generator=generator), torch.tensor([0, 1, 2, 0, 1, 2])
    learn(Fit(network, make_optimiser(recipe, network), None, recipe, 0, WHERE), x, Targets(y))
    return network, before, x, y


@pytest.mark.parametrize("most", [0.01, 1.0, 1e6])
def test_a_clipped_step_is_pytorchs(most: float) -> None:
    plain = replace(find("deepconvnet").architecture().recipe, optimiser=SGD(lr=1.0), dropout=None)
    network, before, x, y = small_step(replace(plain, clip=most))
    theirs = find("deepconvnet").architecture().create(classes=3).eval()
    F.cross_entropy(theirs(x), y).backward()
    nn.utils.clip_grad_norm_(theirs.parameters(), most)
    torch.optim.SGD(theirs.parameters(), lr=1.0).step()
    moved = torch.cat([(each - before[name]).flatten() for name, each in network.named_parameters()])
    assert float(moved.detach().norm()) <= most * 1.001
    for (name, ours), other in zip(network.named_parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(ours, other, msg=name)


def test_after_a_step_no_filter_is_larger_than_it_may_be() -> None:
    recipe = replace(find("deepconvnet").architecture().recipe, optimiser=SGD(lr=0.5), filter_rms=0.1)
    network, *_ = small_step(recipe)
    rms = [
        float(filter_.square().mean().sqrt())
        for module in network.modules()
        if isinstance(module, nn.Conv2d)
        for filter_ in module.weight.detach()
    ]
    assert max(rms) == pytest.approx(0.1, rel=1e-5)
    assert max(rms) <= 0.1 * (1 + 1e-5)


def test_a_filter_that_is_too_large_keeps_its_direction_and_the_others_stay_as_they_are() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Linear(5, 5))
    with torch.no_grad():
        network[0].weight[0] = 3.0 * torch.randn(3, 3, 3)
        network[0].weight[1] = 0.01 * torch.randn(3, 3, 3)
        network[0].weight[2] = 0.0
        network[1].weight.fill_(7.0)
    before = network[0].weight.detach().clone()
    renormalise_filters(network, 0.1)
    after = network[0].weight.detach()
    assert float(F.cosine_similarity(before[0].flatten(), after[0].flatten(), 0)) == pytest.approx(1.0)
    assert float(after[0].square().mean().sqrt()) == pytest.approx(0.1, rel=1e-5)
    assert torch.equal(after[1:3], before[1:3])
    assert bool((network[1].weight == 7.0).all())


def test_zfnet_bounds_its_filters_and_alexnet_does_not() -> None:
    assert find("zfnet").architecture().recipe.filter_rms == 0.1
    assert find("alexnet").architecture().recipe.filter_rms is None
