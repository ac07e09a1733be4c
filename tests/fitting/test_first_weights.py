"""Where first weights come from: a seed of their own, or the seven rows of a smaller VGG."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from striate.architecture import Architecture
from striate.compute import Compute
from striate.fitting.changes import Changes
from striate.fitting.events import Step
from striate.fitting.making import first_weights, make_fit
from striate.fitting.recipes import Look, choose
from striate.nets import find
from striate.problem import BadData, Misuse
from striate.published.start import LARGEST_SEED, drawn_from
from striate.recipe import SGD, Augment, Constant, CrossEntropy, Recipe, View
from striate.run import Job, Run
from striate.verbs.train import train, training

COPIED = {"conv1_1", "conv2_1", "conv3_1", "conv3_2", "fc6", "fc7", "fc8"}
SEEN = Look(30, 200, colour=True, characters=False)
INPUT = (3, 64, 64)

Tensors = dict[str, torch.Tensor]


def vgg11(classes: int, folder: Path, without: str = "", side: int = 64) -> Path:
    """A file of column A's weights at a small input, drawn from a seed that nothing else uses."""
    declared = find("vgg11").architecture()
    tensors = declared.create(classes=classes, input=(3, side, side), seed=99).state_dict()
    path = folder / "vgg11.safetensors"
    save_file({name: each.contiguous() for name, each in tensors.items() if name.split(".")[0] != without}, path)
    return path


def vgg16() -> Architecture:
    return find("vgg16").architecture()


def by_the_paper(path: Path) -> Recipe:
    return choose(Changes("paper", input=INPUT, start=str(path)), vgg16(), SEEN)


def alike(one: Tensors, other: Tensors) -> set[str]:
    """The rows of which every tensor is the same in both."""
    names = {name.split(".")[0] for name in one}
    return {
        row
        for row in names
        if all(name in other and torch.equal(each, other[name]) for name, each in one.items()
               if name.split(".")[0] == row)
    }  # fmt: skip


def test_a_deeper_vgg_takes_exactly_seven_rows_of_column_a(tmp_path: Path) -> None:
    path = vgg11(3, tmp_path)
    network = first_weights(vgg16(), by_the_paper(path), 3, 0).state_dict()
    assert alike(network, load_file(path)) == COPIED
    drawn = vgg16().create(classes=3, input=INPUT, seed=0).state_dict()
    assert alike(network, drawn) == {name.split(".")[0] for name in network} - COPIED


def test_a_classifier_for_other_classes_is_drawn(tmp_path: Path) -> None:
    path = vgg11(5, tmp_path)
    network = first_weights(vgg16(), by_the_paper(path), 3, 0).state_dict()
    assert alike(network, load_file(path)) == COPIED - {"fc8"}
    assert network["fc8.weight"].shape == (3, 4096)


@pytest.mark.parametrize("row", ["conv3_2", "fc6"])
def test_a_row_that_is_missing_is_named(row: str, tmp_path: Path) -> None:
    with pytest.raises(BadData, match=f"{row}.*") as caught:
        first_weights(vgg16(), by_the_paper(vgg11(3, tmp_path, without=row)), 3, 0)
    assert caught.value.key == "problem.weights.rows"


def test_a_row_of_another_size_is_named_and_no_run_is_made(crops: Path, tmp_path: Path) -> None:
    path = vgg11(3, tmp_path, side=96)
    with pytest.raises(BadData, match=r"fc6\.linear\.weight"):
        train(crops, net="vgg16", recipe=by_the_paper(path), out=tmp_path / "r")
    assert not (tmp_path / "r").exists()


@pytest.fixture(autouse=True)
def every_step_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("striate.fitting.sitting._TELL_SECONDS", 0.0)


def begun(data: Path, net: str, recipe: Recipe, seed: int, out: Path) -> Tensors:
    """The network's tensors in a run that was stopped after a step which is too small to change any."""
    events = training(data, net=net, recipe=replace(recipe, optimiser=SGD(lr=1e-60)), seed=seed, out=out)
    next(event for event in events if isinstance(event, Step))
    events.close()
    tensors = load_file(sorted(Run.open(out).checkpoints.iterdir())[-1] / "state.safetensors")
    return {name.removeprefix("network."): each for name, each in tensors.items() if name.startswith("network.")}


def test_a_run_of_a_deeper_vgg_begins_with_the_seven_rows(crops: Path, tmp_path: Path) -> None:
    path = vgg11(3, tmp_path)
    recipe = replace(by_the_paper(path), batch=2)
    assert alike(begun(crops, "vgg16", recipe, 0, tmp_path / "r"), load_file(path)) == COPIED


def test_published_weights_are_taken_whole_through_their_own_view() -> None:
    recipe = choose(Changes("paper", start="pretrained"), vgg16(), SEEN)
    assert recipe.tuning.copied == ()
    assert recipe.view == vgg16().weights[0].release().view
    assert dict(recipe.sources)["view"] == "asked"
    own = choose("paper", vgg16(), SEEN)
    assert (own.view, own.tuning) == (vgg16().recipe.view, vgg16().recipe.tuning)


# A seed of their own

QUICK = Recipe(
    optimiser=SGD(lr=0.05, momentum=0.9),
    schedule=Constant(),
    loss=CrossEntropy(),
    view=View("squash", (28, 28), 1, mean=(0.3,), std=(0.35,)),
    augment=Augment(shift=2),
    epochs=1,
    batch=8,
    source="a test",
)
SEVENTH = replace(QUICK, start="random:7")


def test_a_seed_of_their_own_draws_the_same_first_weights_whatever_the_runs_seed(
    garments: Path, tmp_path: Path
) -> None:
    runs = [begun(garments, "deepconvnet", SEVENTH, seed, tmp_path / str(seed)) for seed in (0, 1)]
    assert all(torch.equal(each, runs[1][name]) for name, each in runs[0].items())
    other = begun(garments, "deepconvnet", replace(QUICK, start="random:8"), 0, tmp_path / "other")
    assert not torch.equal(runs[0]["conv1_1.conv.weight"], other["conv1_1.conv.weight"])


def test_runs_from_the_same_first_weights_differ_in_what_they_see(garments: Path, tmp_path: Path) -> None:
    runs = [
        train(garments, net="deepconvnet", recipe=SEVENTH, seed=seed, out=tmp_path / str(at))
        for at, seed in enumerate((0, 0, 1))
    ]
    models = [(run.model / "weights.safetensors").read_bytes() for run in runs]
    assert models[0] == models[1]
    assert models[0] != models[2]


def test_the_runs_own_seed_by_name_is_the_run_without_a_name(garments: Path, tmp_path: Path) -> None:
    named, plain = (
        train(garments, net="deepconvnet", recipe=recipe, seed=3, out=tmp_path / recipe.start.replace(":", "-"))
        for recipe in (replace(QUICK, start="random:3"), QUICK)
    )
    one, other = ((run.model / "weights.safetensors").read_bytes() for run in (named, plain))
    assert one == other


def test_auxiliary_classifiers_are_drawn_from_the_same_seed() -> None:
    declared = find("googlenet").architecture()
    recipe = replace(declared.recipe, start="random:7", averaging=None, augment=Augment())
    where = Compute(torch.device("cpu"), torch.float32, 1)
    pictures = type("Pictures", (), {"labels": torch.tensor([0, 1])})()
    heads = [
        make_fit(declared, Job("", "googlenet", recipe, seed), pictures, 3, where).trained.get_parameter(
            "heads.aux1.fc2.weight"
        )
        for seed in (0, 1)
    ]
    assert torch.equal(*heads)


@pytest.mark.parametrize("start", ["random:", "random:x", "random:-1", "random:1.5", "random:²", f"random:{10**30}"])
def test_what_is_no_seed_is_refused(start: str) -> None:
    with pytest.raises(Misuse):
        drawn_from(start, 0)


def test_the_largest_seed_can_be_drawn_from() -> None:
    declared = find("deepconvnet").architecture()
    first_weights(declared, replace(QUICK, start=f"random:{LARGEST_SEED}"), 3, 0)
