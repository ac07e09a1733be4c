"""Recipes of one's own with values that no training can have."""

from dataclasses import replace

import pytest

from striate.fitting.checking import check
from striate.nets import CATALOGUE, find
from striate.problem import Misuse
from striate.recipe import Augment, Constant, FineTuning, Plateau, Recipe, Warmup
from striate.words import LANGUAGES

PLAIN = find("deepconvnet").architecture().recipe


def augmenting(augment: Augment) -> Recipe:
    return replace(PLAIN, augment=augment)


@pytest.mark.parametrize(
    "recipe",
    [
        augmenting(Augment(area=(0.0, 1.0))),
        augmenting(Augment(area=(0.5, 1.5))),
        augmenting(Augment(area=(0.9, 0.1))),
        augmenting(Augment(area=(float("nan"), 1.0))),
        augmenting(Augment(area=(0.1, 1.0), aspect=(0.0, 1.0))),
        augmenting(Augment(zoom=(0.0, 1.0))),
        augmenting(Augment(zoom=(1e-9, 1.0))),
        augmenting(Augment(zoom=(1.2, 0.8))),
        augmenting(Augment(zoom=(1.0, 1e9))),
        augmenting(Augment(brightness=1.5)),
        augmenting(Augment(brightness=-0.1)),
        augmenting(Augment(colour=-1.0)),
        augmenting(Augment(colour=float("inf"))),
        augmenting(Augment(shorter=(0, 64))),
        augmenting(Augment(shorter=(128, 64))),
        augmenting(Augment(shift=-1)),
        augmenting(Augment(erase=-3)),
        augmenting(Augment(mixup=float("nan"))),
        augmenting(Augment(randaugment=(0, 9))),
        augmenting(Augment(randaugment=(15, 9))),
        augmenting(Augment(randaugment=(2, 31))),
        augmenting(Augment(randaugment=(2, -1))),
        replace(PLAIN, schedule=Warmup(Constant(), PLAIN.epochs)),
        replace(PLAIN, schedule=Warmup(Constant(), 0.0)),
        replace(PLAIN, tuning=FineTuning(frozen=-1)),
        replace(PLAIN, clip=float("nan")),
        replace(PLAIN, batch=-4),
        replace(PLAIN, schedule=Plateau(patience=4), patience=4),
        replace(PLAIN, schedule=Warmup(Plateau(patience=4), 1), patience=1),
    ],
)
def test_a_value_out_of_range_is_refused_in_both_languages(recipe: Recipe) -> None:
    with pytest.raises(Misuse) as caught:
        check(recipe)
    assert all("{" not in caught.value.text(language) for language in LANGUAGES)


@pytest.mark.parametrize("net", CATALOGUE)
def test_every_networks_own_recipe_can_be_trained(net: str) -> None:
    check(find(net).architecture().recipe)


def test_the_ends_of_what_may_be_are_taken() -> None:
    check(augmenting(Augment(area=(1.0, 1.0), aspect=(1.0, 1.0), zoom=(1.0, 1.0), brightness=1.0, shorter=(28, 28))))
    check(augmenting(Augment(randaugment=(14, 30))))
    check(replace(PLAIN, schedule=Warmup(Constant(), PLAIN.epochs - 0.5), tuning=FineTuning(0.0, 0)))
    check(replace(PLAIN, schedule=Plateau(patience=4), patience=5))
