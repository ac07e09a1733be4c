"""The stated rule for small sets: 50 steps an epoch, batches of 8 at least, the rate with the batch."""

from dataclasses import replace

import pytest

from striate.fitting.changes import OPTIMISERS, Changes, Name
from striate.fitting.recipes import Look, choose
from striate.fitting.scaling import scaled
from striate.nets import find
from striate.recipe import SGD, Adagrad, Adam, Optimiser, RMSProp

ALEXNET = find("alexnet").architecture().recipe


@pytest.mark.parametrize(
    ("batch", "pictures", "expected"),
    [
        (128, 6400, 128), (128, 6399, 64), (128, 3200, 64), (128, 3199, 32), (128, 800, 16), (128, 799, 8),
        (128, 400, 8), (128, 399, 8), (128, 2, 8), (100, 4999, 50), (100, 600, 12), (100, 599, 8),
        (10, 100, 8), (8, 10, 8), (4, 10, 4), (1, 10, 1), (1024, 60_000, 1024), (1024, 9000, 128),
    ],
)  # fmt: skip
def test_the_batch_is_halved_until_an_epoch_has_fifty_steps(batch: int, pictures: int, expected: int) -> None:
    assert scaled(replace(ALEXNET, batch=batch), pictures).batch == expected


@pytest.mark.parametrize("optimiser", [SGD(0.01, 0.9), SGD(0.01, 0.9, nesterov=True, lr_inside=True)])
def test_the_rate_of_sgd_falls_in_proportion(optimiser: SGD) -> None:
    small = scaled(replace(ALEXNET, optimiser=optimiser), 800)
    assert small.optimiser == replace(optimiser, lr=0.01 * 16 / 128)
    assert [(each.part, each.before, each.after, each.rule) for each in small.changed] == [
        ("batch", "128", "16", "scaling.batch"),
        ("rate", "0.01", "0.00125", "scaling.rate"),
    ]


@pytest.mark.parametrize("optimiser", [Adam(0.01), Adagrad(0.01), RMSProp(0.01)])
def test_the_rate_of_those_that_scale_gradients_falls_by_the_square_root(optimiser: Optimiser) -> None:
    small = scaled(replace(ALEXNET, optimiser=optimiser), 1600)
    assert small.optimiser.lr == pytest.approx(0.005)
    assert small.changed[1].rule == "scaling.root"


def test_all_else_stays_and_a_large_set_changes_nothing() -> None:
    small = scaled(ALEXNET, 800)
    back = replace(small, batch=ALEXNET.batch, optimiser=ALEXNET.optimiser, changed=())
    assert back == ALEXNET
    assert scaled(ALEXNET, 1_200_000) is ALEXNET


SEEN = Look(800, 300, colour=True, characters=False)


def test_the_rate_follows_a_smaller_batch_that_a_person_names_and_no_larger_one() -> None:
    alexnet = find("alexnet").architecture()
    small = choose(Changes("paper", batch=32), alexnet, SEEN)
    assert (small.batch, small.optimiser.lr) == (32, 0.01 * 32 / 128)
    assert [(each.part, each.after, each.rule) for each in small.changed] == [("rate", "0.0025", "scaling.rate")]
    assert choose(Changes("paper", batch=512), alexnet, SEEN).optimiser.lr == 0.01
    named = choose(Changes("paper", batch=32, lr=0.01), alexnet, SEEN)
    assert (named.optimiser.lr, named.changed) == (0.01, ())


def test_a_default_training_with_a_batch_of_eight_does_not_diverge() -> None:
    resnet = find("resnet20_cifar").architecture()
    assert choose(Changes(batch=8), resnet, SEEN).optimiser.lr == pytest.approx(0.1 * 8 / 128)


def test_what_a_person_asks_for_is_not_said_to_have_been_scaled() -> None:
    alexnet = find("alexnet").architecture()
    asked = choose(Changes("paper", lr=0.5), alexnet, SEEN)
    assert (asked.batch, asked.optimiser.lr) == (16, 0.5)
    assert [(each.part, each.rule) for each in asked.changed] == [("batch", "scaling.batch_alone")]
    assert dict(asked.sources)["rate"] == "asked"


@pytest.mark.parametrize("base", ["paper", "modern"])
def test_an_optimiser_that_a_person_names_is_scaled_by_its_own_rule(base: Name) -> None:
    """Not by that of the optimiser in whose place it stands."""
    resnet = find("resnet20_cifar").architecture()
    asked = choose(Changes(base, optimiser="adam"), resnet, SEEN)
    whole = OPTIMISERS["adam"]
    assert (asked.batch, asked.optimiser) == (16, replace(whole, lr=whole.lr * (16 / 128) ** 0.5))
    assert [(each.part, each.rule) for each in asked.changed] == [("batch", "scaling.batch"), ("rate", "scaling.root")]
    sources = dict(asked.sources)
    assert (sources["optimiser"], sources["rate"], sources["decay"]) == ("asked", "ours", "ours")


def test_nothing_is_scaled_of_recipes_that_were_made_for_small_sets() -> None:
    for net, start in (("deepconvnet", None), ("efficientnet_lite0", "pretrained")):
        chosen = choose(Changes(start=start), find(net).architecture(), SEEN)
        assert (chosen.changed, chosen.batch > 8) == ((), True)


def test_a_smaller_input_is_cut_from_pictures_that_are_smaller_by_as_much() -> None:
    vgg = find("vgg16").architecture()
    small = choose(Changes("paper", input=(3, 64, 64)), vgg, SEEN)
    assert small.view.resize == round(256 * 64 / 224) == 73
    assert small.augment.shorter == (73, round(512 * 64 / 224))
    assert choose("paper", vgg, SEEN).augment.shorter == (256, 512)
