"""What a network's parts cost, and what the challenge's line says, held against counts of others."""

import pytest
import torch
from torch import nn

from striate.lessons.challenge import CHALLENGE, PERSON, drop
from striate.lessons.costs import costs, training
from striate.nets import CATALOGUE
from striate.verbs.describe import describe


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "resnet50"])
def test_parts_add_up_to_the_whole_and_are_what_pytorch_counts(name: str) -> None:
    found = describe(name)
    parts = costs(found)
    assert parts.whole.macs == found.macs
    assert parts.whole.parameters == found.parameters
    with torch.device("meta"):
        modules = [*CATALOGUE[name].architecture().sketch(classes=1000, input=(3, *found.input[1:])).modules()]
    for group, kind in (("conv", nn.Conv2d), ("linear", nn.Linear)):
        counted = sum(p.numel() for module in modules if isinstance(module, kind) for p in module.parameters())
        assert parts.groups[group].parameters == counted  # type: ignore[index]
    assert sum(cost.values for _, _, cost in parts.rows) == parts.whole.values


def test_the_values_of_vgg16_are_not_the_notes_24_million() -> None:
    assert costs(describe("vgg16")).whole.values + 3 * 224 * 224 == pytest.approx(15.24e6, rel=1e-3)


def test_only_activations_grow_with_the_batch() -> None:
    one, many = (training(describe("lenet5_modern"), batch) for batch in (1, 64))
    assert one.weights == many.weights == many.gradients == many.momentum == 4 * 61_706
    assert many.activations == 64 * one.activations
    assert many.total == 3 * many.weights + many.activations


def test_the_line_goes_down_from_winner_to_winner_and_passes_a_person_in_2015() -> None:
    won = [place for place in CHALLENGE if place.won]
    assert [place.year for place in won] == [2010, 2012, 2013, 2014, 2015, 2017]
    assert [place.error for place in won] == sorted((place.error for place in won), reverse=True)
    assert next(place.year for place in won if place.error < PERSON) == 2015
    assert drop(26.2, 15.3) == pytest.approx(0.416, abs=1e-3)
    assert all(place.net in CATALOGUE for place in CHALLENGE if place.net)
