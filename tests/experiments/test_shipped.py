"""The shipped experiments: every file is sound, every arm learns, and each arm is what its name says."""

import math
import tomllib
from dataclasses import fields
from functools import cache
from typing import Any

import pytest
import torch
from torch import nn

from striate.ablation.plan import Plan, read_plan
from striate.ablation.sizes import Sized
from striate.architecture import Architecture
from striate.compute import for_training
from striate.data.canvases import Prepared, prepare
from striate.data.sets import open_set
from striate.data.views import centre, normalised
from striate.experiments import FOLDER, SHIPPED, every
from striate.fitting import recipes
from striate.fitting.changes import OPTIMISERS, Changes
from striate.fitting.losses import Targets
from striate.fitting.optimisers import make_optimiser
from striate.fitting.recipes import Look
from striate.fitting.steps import Fit, learn
from striate.layers.trace import trace
from striate.nets import find
from striate.recipe import Recipe, View
from striate.verbs.ablate import planned
from striate.verbs.describe import describe
from striate.work import drained

YET_TO_COME = {"dropout", "augment"} - {each.name for each in fields(Changes)}
"""Fields of Changes that some experiments need; nothing of them is left once they are there."""

OPTIMISERS_TO_COME = {"momentum", "nesterov", "adagrad", "rmsprop"} - OPTIMISERS.keys()
MOST_SECONDS = 600
"""By the estimate: the ten minutes that --quick may take."""

GREY = Look(3000, 28, colour=False, characters=False)


def keys_of(content: Any) -> set[str]:
    """All keys of a TOML document, at any depth."""
    if isinstance(content, list):
        return set().union(*map(keys_of, content))
    return set(content).union(*map(keys_of, content.values())) if isinstance(content, dict) else set()


def waiting(name: str) -> set[str]:
    """What an experiment needs that is not there yet."""
    text = SHIPPED[name].read_text(encoding="utf-8")
    return YET_TO_COME & keys_of(tomllib.loads(text)) | {each for each in OPTIMISERS_TO_COME if f'"{each}"' in text}


def each_that_is_ready() -> list[Any]:
    return [
        pytest.param(name, marks=[pytest.mark.skip(f"needs {', '.join(sorted(lacks))}")] if lacks else [])
        for name in SHIPPED
        for lacks in (waiting(name),)
    ]


def plan(name: str, *, quick: bool = False) -> Plan:
    return read_plan(SHIPPED[name], name=name, source=name, quick=quick)


@cache
def sizes(name: str) -> dict[str, Sized]:
    return {each.arm.name: each for each in planned(name, quick=True)[1]}


@cache
def pictures(view: View) -> Prepared:
    return drained(prepare(open_set("fashion-sample").parts["train"].take(range(16)), view, 1))


def fit_for(architecture: Architecture, recipe: Recipe, seed: int) -> Fit:
    """A network ready for its first step, with its auxiliary classifiers where it has them."""
    shape = (recipe.view.channels, *recipe.view.size)
    trained: nn.Module = architecture.create(classes=10, input=shape, seed=seed)
    if architecture.auxiliaries:
        trained = architecture.with_heads(trained, input=shape, seed=seed)  # type: ignore[arg-type]
    weights = {each.name: each.loss_weight for each in architecture.auxiliaries}
    optimiser = make_optimiser(recipe, trained)
    return Fit(trained.train(), optimiser, pictures(recipe.view), recipe, seed, for_training(), weights)


@pytest.mark.parametrize("name", each_that_is_ready())
def test_every_arm_builds_and_trains_one_step(name: str) -> None:
    for arm in plan(name, quick=True).arms:
        architecture = find(arm.net).architecture()
        recipe = recipes.choose(arm.recipe(), architecture, GREY)
        fit = fit_for(architecture, recipe, seed=0)
        before = [each.detach().clone() for each in fit.trained.parameters()]
        chosen = pictures(recipe.view)
        x = normalised(centre(chosen.canvases.take(torch.arange(16).numpy()), recipe.view), recipe.view)
        torch.manual_seed(0)  # of dropout
        loss = learn(fit, fit.compute.put(x), Targets(chosen.labels))
        assert 0 < float(loss) < 4 * math.log(10), arm.name
        moved = [not torch.equal(old, new) for old, new in zip(before, fit.trained.parameters(), strict=True)]
        assert sum(moved) > 0.9 * len(moved), arm.name


@pytest.mark.parametrize("name", each_that_is_ready())
def test_the_quick_size_is_small_enough_for_a_lesson_and_has_two_seeds_for_a_test(name: str) -> None:
    plan, sized = planned(name, quick=True)
    assert plan.data == ("fashion-sample",)
    assert len(plan.seeds) * sum(each.seconds for each in sized) <= MOST_SECONDS
    assert len(plan.seeds) >= 2


@pytest.mark.parametrize("name", each_that_is_ready())
def test_the_full_size_differs_from_the_quick_one_in_size_alone(name: str) -> None:
    full, quick = plan(name), plan(name, quick=True)
    assert [(arm.name, arm.net) for arm in full.arms] == [(arm.name, arm.net) for arm in quick.arms]
    assert len(full.seeds) >= 3
    assert full.limit is None or quick.limit is None or quick.limit <= full.limit
    assert full.data == ("fashion-mnist", "fashion-sample")


def test_every_experiment_is_listed_in_both_languages_and_in_the_docs() -> None:
    page = (FOLDER.parents[2] / "docs" / "experiments" / "README.md").read_text(encoding="utf-8")
    assert len(every()) >= 17
    for each in every():
        assert each.words["en"]["question"].endswith("?")
        assert each.words["ko"]["question"].endswith("?") or each.words["ko"]["question"].endswith("다.")
        assert each.words["ko"]["question"] != each.words["en"]["question"]
        assert each.reference
        assert f"`{each.name}`" in page


def test_what_is_yet_to_come_skips_only_what_needs_it() -> None:
    needing = {name for name in SHIPPED if waiting(name)}
    assert needing <= {"dropout", "augmentation", "optimisers"}


# That each arm is what its name says


def network(name: str) -> nn.Module:
    return find(f"{FOLDER / 'nets.py'}:{name}").architecture().create()


def macs(name: str) -> int:
    return trace(network(name), (1, 28, 28)).macs


def test_degradation_is_the_papers_networks_with_and_without_shortcuts() -> None:
    found = sizes("degradation")
    assert [each.arm.net for each in found.values()] == [
        "plain20_cifar", "plain56_cifar", "resnet20_cifar", "resnet56_cifar",
    ]  # fmt: skip
    assert found["plain-56"].parameters == found["residual-56"].parameters
    assert found["plain-56"].macs == found["residual-56"].macs


def test_depth_against_width_holds_the_parameters_equal() -> None:
    counts = [each.parameters for each in sizes("depth-width").values()]
    assert max(counts) < 1.06 * min(counts)


def test_the_narrow_full_network_costs_what_the_separable_one_does() -> None:
    found = sizes("separable")
    assert found["full-narrow"].macs == pytest.approx(found["separable"].macs, rel=0.1)
    assert found["separable"].macs < 0.2 * found["full"].macs


def test_reductions_save_most_of_an_inception_networks_work() -> None:
    found = sizes("inception")
    assert found["reduced"].macs < 0.25 * found["naive"].macs


def test_pools_that_overlap_and_pools_that_do_not_leave_maps_of_the_same_size() -> None:
    found = sizes("overlapping-pooling")
    assert found["apart"].parameters == found["overlapping"].parameters
    assert found["apart"].macs == found["overlapping"].macs


def test_the_strided_network_has_the_filters_of_the_pooled_ones_and_no_pool() -> None:
    def shapes(name: str) -> list[torch.Size]:
        return [each.shape for each in network(name).parameters()]

    assert shapes("unpooled") == shapes("max_pooled") == shapes("avg_pooled")
    assert not any(isinstance(each, nn.MaxPool2d | nn.AvgPool2d) for each in network("unpooled").modules())


def test_gates_grow_as_their_ratio_falls() -> None:
    counts = [each.parameters for each in sizes("se-ratio").values()]
    assert counts[0] < counts[3] < counts[2] < counts[1]


def test_batch_normalisation_is_all_that_its_arms_differ_in() -> None:
    def convolutions(name: str) -> list[torch.Size]:
        return [each.weight.shape for each in network(name).modules() if isinstance(each, nn.Conv2d)]

    assert convolutions("with_norm") == convolutions("without_norm")
    assert sum(isinstance(each, nn.BatchNorm2d) for each in network("with_norm").modules()) == 9


def test_auxiliary_classifiers_are_no_part_of_the_network_that_answers() -> None:
    found = sizes("auxiliary-heads")
    assert found["with"].parameters == found["without"].parameters
    assert len(find(f"{FOLDER / 'nets.py'}:with_heads").architecture().auxiliaries) == 2


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sigmoid", nn.Sigmoid), ("tanh", nn.Tanh), ("relu", nn.ReLU), ("elu", nn.ELU), ("selu", nn.SELU),
        ("swish", nn.SiLU), ("mish", nn.Mish),
    ],
)  # fmt: skip
def test_each_activation_stands_behind_every_convolution(name: str, kind: type[nn.Module]) -> None:
    built = network(f"with_{name}")
    assert sum(isinstance(each, kind) for each in built.modules()) == 6
    assert macs(f"with_{name}") == macs("with_relu")
    assert describe(built, input=(1, 28, 28)).receptive_field == 32


def test_the_order_of_a_blocks_parts_is_the_one_in_its_name() -> None:
    for arm in plan("block-order").arms:
        built = find(arm.net).architecture().create()
        parts = [name for name, _ in built.get_submodule("block2").named_children()]
        assert "-".join(parts) == arm.name


def test_a_maximum_and_a_relu_may_change_places() -> None:
    """So two arms of block-order are one function, and must come out alike."""
    one, other = network("norm_act_pool_drop").eval(), network("norm_pool_act_drop").eval()
    x = torch.randn(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert torch.equal(one(x), other(x))


def test_growth_is_what_each_layer_adds() -> None:
    for growth in (4, 8, 12, 24):
        built = network(f"growth_{growth}")
        assert built.until("block1")(torch.zeros(2, 1, 28, 28)).shape[1] == 16 + 5 * growth  # type: ignore[operator]
