"""Rows that stand still: neither weights nor statistics move, and they thaw when it is time."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from striate.fitting.changes import OPTIMISERS
from striate.fitting.events import Epoch
from striate.fitting.making import first_weights
from striate.fitting.optimisers import backbone_rows
from striate.nets import find
from striate.recipe import SGD, Augment, Constant, CrossEntropy, FineTuning, Optimiser, Recipe, View
from striate.run import Run
from striate.verbs.train import train, training

NET = "resnet20_cifar"
RECIPE = Recipe(
    optimiser=SGD(lr=0.05, momentum=0.9),
    schedule=Constant(),
    loss=CrossEntropy(),
    view=View("squash", (32, 32), 3, mean=(0.3,) * 3, std=(0.35,) * 3),
    augment=Augment(),
    epochs=2,
    batch=10,
    source="a test",
)

Tensors = dict[str, torch.Tensor]


def state(run: Run) -> Tensors:
    tensors = load_file(sorted(run.checkpoints.iterdir())[-1] / "state.safetensors")
    return {name.removeprefix("network."): each for name, each in tensors.items() if name.startswith("network.")}


def moved(recipe: Recipe, after: Tensors) -> set[str]:
    """The rows of which anything at all is no longer as it began, statistics included."""
    before = first_weights(find(NET).architecture(), recipe, 3, 0).state_dict()
    return {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}


def rows() -> tuple[set[str], set[str]]:
    """Those of the backbone that hold anything, and those of the classifier."""
    network = find(NET).architecture().create(classes=3)
    backbone = set(backbone_rows(network, find(NET).architecture().head))
    holding = {name.split(".")[0] for name in network.state_dict()}
    return holding & backbone, holding - backbone


def test_a_frozen_backbone_stays_as_it_was_to_the_bit_and_its_statistics_too(garments: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, tuning=FineTuning(first_row=0.0))
    assert moved(recipe, state(train(garments, net=NET, recipe=recipe, out=tmp_path / "r"))) == rows()[1]


@pytest.mark.parametrize("optimiser", [*OPTIMISERS.values(), SGD(0.05, 0.9, decay=1e-3, lr_inside=True)])
def test_rows_thaw_after_the_epochs_asked_for_with_every_optimiser(
    optimiser: Optimiser, garments: Path, tmp_path: Path
) -> None:
    backbone, classifier = rows()
    recipe = replace(RECIPE, optimiser=optimiser, tuning=FineTuning(frozen=1), epochs=3)
    events = training(garments, net=NET, recipe=recipe, out=tmp_path / "r")
    seen = [moved(recipe, state(Run.open(tmp_path / "r"))) for event in events if isinstance(event, Epoch)]
    assert seen == [classifier, backbone | classifier, backbone | classifier]


def test_thawing_with_slower_rows_gives_each_row_its_own_rate(garments: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, tuning=FineTuning(first_row=0.1, frozen=1))
    run = train(garments, net=NET, recipe=recipe, out=tmp_path / "r")
    assert moved(recipe, state(run)) == set.union(*rows())


def test_filters_that_stand_still_are_not_made_smaller(garments: Path, tmp_path: Path) -> None:
    recipe = replace(RECIPE, tuning=FineTuning(first_row=0.0), filter_rms=0.001)
    assert moved(recipe, state(train(garments, net=NET, recipe=recipe, out=tmp_path / "r"))) == rows()[1]


OWN = """
from torch import nn

INPUT = (3, 32, 32)


def net(classes):
    stem, pool = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()), nn.AdaptiveAvgPool2d(1)
    stem[0].weight.requires_grad_(False)
    return nn.Sequential(stem, nn.Conv2d(8, 8, 3), pool, nn.Flatten(), nn.Linear(8, classes))
"""


@pytest.mark.parametrize("tuning", [FineTuning(), FineTuning(frozen=1)])
def test_weights_that_a_network_keeps_from_learning_itself_do_not_thaw(
    tuning: FineTuning, garments: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(OWN)
    recipe = replace(RECIPE, tuning=tuning, epochs=3)
    run = train(garments, net=f"{mine}:net", recipe=recipe, out=tmp_path / "r")
    before, after = first_weights(find(f"{mine}:net").architecture(), recipe, 3, 0).state_dict(), state(run)
    learned = {name for name in before if not torch.equal(before[name], after[name])}
    assert "0.0.weight" not in learned
    assert {"0.1.weight", "1.weight", "4.weight"} <= learned
