"""A recipe line by line, for every network of the catalogue: each value has a source or stands as assumed."""

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest

from striate.architecture import Architecture
from striate.fitting.changes import AVERAGINGS, OPTIMISERS, SCHEDULES, Changes
from striate.fitting.making import _with_heads
from striate.fitting.recipes import Look, choose
from striate.fitting.sheet import ASSUMED, PARTS, sheet
from striate.layers import Headed
from striate.nets import CATALOGUE, find
from striate.recipe import (
    EMA,
    SGD,
    CrossEntropy,
    FineTuning,
    MaximumAPosteriori,
    Polyak,
    Recipe,
    from_json,
    to_json,
)
from striate.run import Job
from striate.words import LANGUAGES, has

SEEN = Look(800, 300, colour=True, characters=False)


def architecture(net: str) -> Architecture:
    return find(net).architecture()


def values(recipe: Recipe, net: str) -> dict[str, str]:
    return {line.part: line.value for line in sheet(recipe, architecture(net))}


@pytest.mark.parametrize("net", CATALOGUE)
def test_every_line_has_a_part_and_every_source_belongs_to_one(net: str) -> None:
    declared = architecture(net)
    for recipe in (declared.recipe, *(choose(base, declared, SEEN) for base in ("paper", "modern"))):
        lines = sheet(recipe, declared)
        assert [line.part for line in lines] == [part for part in PARTS if part in {line.part for line in lines}]
        assert all(line.value and line.source for line in lines)
        assert {part for part, _ in recipe.sources} <= set(PARTS)
    assert len(dict(declared.recipe.sources)) == len(declared.recipe.sources)


@pytest.mark.parametrize("net", CATALOGUE)
def test_a_recipe_with_an_assumed_line_says_what_it_assumes(net: str) -> None:
    recipe = architecture(net).recipe
    assumed = [line.part for line in sheet(recipe, architecture(net)) if line.source == ASSUMED]
    assert recipe.assumed or not assumed, assumed


@pytest.mark.parametrize("net", CATALOGUE)
def test_every_recipe_comes_back_from_json_as_it_was(net: str) -> None:
    for recipe in (architecture(net).recipe, choose("paper", architecture(net), SEEN)):
        assert from_json(to_json(recipe)) == recipe


def test_every_part_has_a_name_in_both_languages() -> None:
    assert all(has(f"part.{part}") for part in PARTS)
    assert len(LANGUAGES) == 2


def kinds() -> Iterator[Recipe]:
    plain = architecture("deepconvnet").recipe
    for optimiser in (*OPTIMISERS.values(), SGD(0.1, 0.9, lr_inside=True)):
        yield replace(plain, optimiser=optimiser)
    for schedule in SCHEDULES.values():
        yield replace(plain, schedule=schedule)
    for averaging in (*AVERAGINGS.values(), EMA(0.5), Polyak()):
        yield replace(plain, averaging=averaging)
    for loss in (CrossEntropy(0.1, balanced=True), MaximumAPosteriori(2.0)):
        yield replace(plain, loss=loss)
    yield replace(plain, spared=("bias", "norm", "depthwise"), clip=1.0, filter_rms=0.1, patience=3, dropout=0.25)
    yield replace(plain, tuning=FineTuning(0.1, 2))
    yield replace(plain, sampling="balanced")


def test_recipes_that_differ_have_sheets_that_differ() -> None:
    shown = [tuple((line.part, line.value) for line in sheet(each, architecture("deepconvnet"))) for each in kinds()]
    different = {tuple(sorted(vars(each).items(), key=str)).__repr__() for each in kinds()}
    assert len(set(shown)) == len(different)


def test_auxiliary_classifiers_stand_on_the_sheet_where_they_help_and_only_there() -> None:
    googlenet = architecture("googlenet").recipe
    assert values(googlenet, "googlenet")["auxiliaries"] == "aux1 x 0.3, aux2 x 0.3"
    assert values(replace(googlenet, auxiliaries=False), "googlenet")["auxiliaries"] == "none"
    assert values(replace(googlenet, start="weights.pth"), "googlenet")["auxiliaries"] == "none"
    assert values(replace(googlenet, start="random:3"), "googlenet")["auxiliaries"] != "none"


def test_auxiliary_classifiers_that_the_input_is_too_small_for_are_not_on_the_sheet_and_not_trained() -> None:
    googlenet = architecture("googlenet")
    for size, told in ((224, "aux1 x 0.3, aux2 x 0.3"), (64, "none, as the input is too small for them")):
        recipe = choose(Changes("paper", input=(3, size, size)), googlenet, SEEN)
        assert values(recipe, "googlenet")["auxiliaries"] == told
        network = _with_heads(googlenet, googlenet.create(classes=3, input=(3, size, size)), Job("", "", recipe, 0))
        assert isinstance(network, Headed) == (size == 224)


def test_rows_that_are_copied_stand_on_the_sheet_where_a_file_is_given() -> None:
    vgg = architecture("vgg16").recipe
    assert "tuning" not in values(vgg, "vgg16")
    assert "tuning" not in values(replace(vgg, start="random:7"), "vgg16")
    assert values(replace(vgg, start="a.safetensors"), "vgg16")["tuning"].startswith("copies conv1_1, conv2_1, conv3_1")


def test_frozen_rows_stand_on_the_sheet_whatever_the_first_weights() -> None:
    plain = architecture("deepconvnet").recipe
    assert values(replace(plain, tuning=FineTuning(first_row=0)), "deepconvnet")["tuning"] == "backbone frozen"


def test_whatever_can_be_changed_is_said_to_have_been_asked_for() -> None:
    lite = architecture("efficientnet_lite0")
    asked = Changes(
        batch=8, lr=0.1, optimiser="nesterov", decay=0.1, spare=True, schedule="cosine", warmup=1.0, resize="squash",
        input=(3, 96, 96), start="random", augment="flip", mixup=0.2, cutmix=1.0, smoothing=0.1, balance="weights",
        dropout=0.1, averaging="ema", clip=1.0, patience=3, frozen=1, first_row=0.1,
    )  # fmt: skip
    left = {field.name for field in fields(asked) if getattr(asked, field.name) is None}
    assert left == {"auxiliaries"}
    sources = {line.part: line.source for line in sheet(choose(asked, lite, SEEN), lite)}
    assert {part for part, source in sources.items() if source != "asked"} == {"epochs", "momentum"}
    assert sources["momentum"] == "ours"  # it came along with the optimiser's name
