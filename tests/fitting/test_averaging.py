"""Averages of weights: what they come to, with the statistics of normalisation, in training and in the saved model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from striate.fitting.averaging import is_averaging, make_average
from striate.fitting.events import Epoch
from striate.nets import find
from striate.recipe import EMA, SGD, Augment, Averaging, Constant, CrossEntropy, Polyak, Recipe, View
from striate.run import Run
from striate.verbs.train import train, training

BOTH = [EMA(0.9), EMA(0.999), Polyak()]


def network() -> nn.Module:
    return find("resnet20_cifar").architecture().create(classes=3)


def floats(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: each.clone() for name, each in module.state_dict().items() if each.is_floating_point()}


@pytest.mark.parametrize("declared", BOTH)
def test_the_average_of_constants_is_the_constant(declared: Averaging) -> None:
    follower = make_average(declared, trained := network())
    assert follower is not None
    before = floats(trained)
    for _ in range(20):
        follower.update_parameters(trained)
    for name, each in floats(follower.module).items():
        torch.testing.assert_close(each, before[name], rtol=0, atol=1e-7)


def walk(declared: Averaging, steps: int) -> tuple[list[dict[str, torch.Tensor]], nn.Module]:
    """The weights of each step of a walk, and the average that followed it."""
    follower = make_average(declared, trained := network())
    assert follower is not None
    path = []
    generator = torch.Generator().manual_seed(0)
    for step in range(steps):
        with torch.no_grad():
            for each in (*trained.parameters(), *trained.buffers()):
                if each.is_floating_point():
                    each.add_(torch.randn(each.shape, generator=generator), alpha=0.1)
                else:
                    each.fill_(step)
        follower.update_parameters(trained)
        path.append(floats(trained))
    return path, follower.module


def test_polyaks_is_the_plain_mean_of_all_steps_statistics_included() -> None:
    path, average = walk(Polyak(), 30)
    found = floats(average)
    assert any("running_mean" in name for name in found)
    for name, each in found.items():
        expected = np.mean([step[name].double().numpy() for step in path], axis=0)
        assert each.numpy() == pytest.approx(expected, abs=2e-6), name


def test_the_moving_average_follows_its_rule_and_forgets_faster_while_young() -> None:
    path, average = walk(EMA(0.5), 30)
    for name, each in floats(average).items():
        expected = path[0][name].double().numpy()
        for done, step in enumerate(path[1:], 1):
            decay = min(0.5, (1 + done) / (10 + done))
            expected = decay * expected + (1 - decay) * step[name].double().numpy()
        assert each.numpy() == pytest.approx(expected, abs=1e-6), name


@pytest.mark.parametrize("declared", BOTH)
def test_what_is_counted_is_taken_over(declared: Averaging) -> None:
    _, average = walk(declared, 7)
    counted = {name: int(each) for name, each in average.state_dict().items() if not each.is_floating_point()}
    assert set(counted.values()) == {6}


@pytest.mark.parametrize("declared", BOTH)
def test_the_count_is_read_on_the_host_and_never_from_the_device(declared: Averaging) -> None:
    follower = make_average(declared, network())
    assert follower is not None
    assert follower.multi_avg_fn is not None
    assert follower.n_averaged.device.type == "cpu"
    follower.load_state_dict({**follower.state_dict(), "n_averaged": torch.tensor(3)})
    averages, now = [torch.zeros(2)], [torch.ones(2)]
    follower.multi_avg_fn(averages, now, torch.empty((), device="meta"))  # holds nothing that could be read
    share = 1 / 4 if isinstance(declared, Polyak) else 1 - min(declared.decay, 4 / 13)
    assert averages[0].tolist() == pytest.approx([share, share])


def test_a_mean_over_the_second_half_begins_in_the_middle_of_the_training() -> None:
    assert [is_averaging(Polyak(start=0.5), done) for done in (0.0, 0.49, 0.5, 0.99)] == [False, False, True, True]
    assert is_averaging(EMA(), 0.0)
    assert not is_averaging(None, 0.9)


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


def saved(run: Run) -> dict[str, torch.Tensor]:
    return load_file(run.model / "weights.safetensors")


def state(run: Run, kind: str) -> dict[str, torch.Tensor]:
    tensors = load_file(sorted(run.checkpoints.iterdir())[-1] / "state.safetensors")
    return {name.removeprefix(kind): each for name, each in tensors.items() if name.startswith(kind)}


@pytest.mark.parametrize("declared", [EMA(0.9), Polyak()])
def test_the_model_saved_is_the_average_and_it_is_what_is_validated(
    declared: Averaging, garments: Path, tmp_path: Path
) -> None:
    recipe = replace(RECIPE, averaging=declared, epochs=1)
    run = train(garments, net="resnet20_cifar", recipe=recipe, out=tmp_path / "r")
    average, last = state(run, "average.module."), state(run, "network.")
    model = saved(run)
    assert all(torch.equal(each, average[name]) for name, each in model.items())
    assert any(not torch.equal(each, last[name]) for name, each in model.items())
    assert any(not torch.equal(model[name], last[name]) for name in model if "running_var" in name)


def test_averaging_does_not_change_what_is_learned(garments: Path, tmp_path: Path) -> None:
    runs = [
        train(garments, net="resnet20_cifar", recipe=replace(RECIPE, averaging=each), out=tmp_path / str(at))
        for at, each in enumerate((None, EMA(0.9)))
    ]
    one, other = (state(run, "network.") for run in runs)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_before_a_mean_begins_the_network_itself_is_validated(garments: Path, tmp_path: Path) -> None:
    runs = [
        [
            event.val_loss
            for event in training(
                garments, net="resnet20_cifar", recipe=replace(RECIPE, averaging=each), out=tmp_path / str(at)
            )
            if isinstance(event, Epoch)
        ]
        for at, each in enumerate((None, Polyak(start=0.5)))
    ]
    assert runs[0][0] == runs[1][0]
    assert runs[0][1] != runs[1][1]
