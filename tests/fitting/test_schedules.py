"""Each schedule gives the rates that PyTorch's own scheduler gives, step by step where both have steps."""

import math
import warnings
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch.optim import lr_scheduler as theirs

from striate.fitting.schedules import drops_after, rate
from striate.nets import find
from striate.recipe import (
    Constant,
    Cosine,
    Exponential,
    Milestones,
    OneCycle,
    Plateau,
    Schedule,
    Steps,
    Warmup,
)

EPOCHS = 20

Scheduler = Callable[[torch.optim.Optimizer], theirs.LRScheduler]


def pytorchs(make: Scheduler, count: int = EPOCHS) -> list[float]:
    """The rate before each epoch, from 1 on."""
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(optimiser)
    rates = []
    for _ in range(count):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        with warnings.catch_warnings():  # SequentialLR calls its own deprecated way of stepping
            warnings.simplefilter("ignore", UserWarning)
            scheduler.step()
    return rates


def ours(schedule: Schedule, count: int = EPOCHS) -> list[float]:
    return [rate(schedule, epoch, count) for epoch in range(count)]


@pytest.mark.parametrize(
    ("schedule", "make"),
    [
        (Constant(), lambda it: theirs.ConstantLR(it, 1.0)),
        (Steps((0, 5, 10, 15), (1.0, 0.1, 0.01, 0.001)), lambda it: theirs.StepLR(it, 5)),
        (Steps((5, 10, 15), (0.1, 0.01, 0.001)), lambda it: theirs.StepLR(it, 5)),
        (Exponential(0.96, every=8), lambda it: theirs.StepLR(it, 8, 0.96)),
        (Exponential(0.9), lambda it: theirs.ExponentialLR(it, 0.9)),
        (Milestones(), lambda it: theirs.MultiStepLR(it, [10, 15])),
        (Milestones((0.15, 0.35, 0.55), 0.5), lambda it: theirs.MultiStepLR(it, [3, 7, 11], 0.5)),
        (Cosine(), lambda it: theirs.CosineAnnealingLR(it, EPOCHS)),
        (Cosine(final=0.01), lambda it: theirs.CosineAnnealingLR(it, EPOCHS, eta_min=0.01)),
        (
            Warmup(Cosine(), 5),
            lambda it: theirs.SequentialLR(
                it, [theirs.LinearLR(it, 0.1, total_iters=5), theirs.CosineAnnealingLR(it, EPOCHS - 5)], [5]
            ),
        ),
        (
            Warmup(Exponential(0.9), 4, start=0.25),
            lambda it: theirs.SequentialLR(
                it, [theirs.LinearLR(it, 0.25, total_iters=4), theirs.ExponentialLR(it, 0.9)], [4]
            ),
        ),
        (
            Warmup(Constant(), 3, start=0.1, rising=False),
            lambda it: theirs.ConstantLR(it, 0.1, total_iters=3),
        ),
    ],
)  # fmt: skip
def test_rates_are_those_of_pytorchs_scheduler(schedule: Schedule, make: Scheduler) -> None:
    assert ours(schedule) == pytest.approx(pytorchs(make), abs=1e-12)


def test_a_milestone_is_met_with_the_first_step_of_its_epoch() -> None:
    for at in range(1, 100):  # 0.55 * 100 is a little more than 55
        schedule = Milestones((at / 100,))
        assert (rate(schedule, at - 0.001, 100), rate(schedule, at, 100)) == (1.0, 0.1)


def test_an_exponential_falls_with_the_first_step_of_its_epoch() -> None:
    for times in range(1, 100):
        done = times * 2.4  # as a sum of epochs and steps comes to it
        assert rate(Exponential(0.5, every=2.4), done, 300) == 0.5**times


def test_one_cycle_rises_and_falls_as_pytorchs_does() -> None:
    """PyTorch's ends in the last step, ours after it; its own line and cosine otherwise."""
    steps, rising = 1001, 0.2
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    peak = rising * (steps - 1)
    scheduler = theirs.OneCycleLR(
        optimiser, 1.0, total_steps=steps, pct_start=(peak + 1) / steps, div_factor=10, cycle_momentum=False,
        anneal_strategy="cos",
    )  # fmt: skip
    falling = []
    for step in range(steps):
        if step >= peak:
            falling.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        if step < steps - 1:
            scheduler.step()
    mine = [rate(OneCycle(rising), step / (steps - 1) * EPOCHS, EPOCHS) for step in range(steps)]
    assert mine[int(peak) :] == pytest.approx(falling, abs=1e-3)
    climb = [0.1 + 0.9 * step / peak for step in range(int(peak))]
    assert mine[: int(peak)] == pytest.approx(climb)


def test_a_warmup_before_one_cycle_is_the_rise_of_the_cycle() -> None:
    """To the peak in the epochs asked for, without a flat piece, then down to the end of the training."""
    warm = Warmup(OneCycle(rising=0.2, start=0.1), 5)
    assert [rate(warm, done, 20) for done in (0, 2.5, 5)] == pytest.approx([0.1, 0.55, 1.0])
    assert [rate(warm, done, 20) for done in (12.5, 20)] == pytest.approx([0.5, 0.0])
    climb = [rate(warm, done / 10, 20) for done in range(51)]
    assert all(later > earlier for earlier, later in pairwise(climb))
    for epochs in (10, 25):  # one cycle with a rise of so long
        whole = OneCycle(rising=5 / epochs)
        assert [rate(warm, at, epochs) for at in range(epochs)] == [rate(whole, at, epochs) for at in range(epochs)]


def validations(seed: int, count: int) -> list[float]:
    generator = torch.Generator().manual_seed(seed)
    return [round(float(each), 1) for each in torch.rand(count, generator=generator)]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("patience", [1, 2, 5])
def test_a_plateau_is_met_when_pytorchs_scheduler_meets_it(seed: int, patience: int) -> None:
    schedule, results = Plateau(0.1, patience, most=99), validations(seed, 40)
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = theirs.ReduceLROnPlateau(  # its patience counts the epochs that it lets pass
        optimiser, "max", 0.1, patience - 1, threshold=0.0, threshold_mode="abs", eps=0.0
    )
    best, best_epoch, drops, dropped_epoch = -1.0, 0, 0, 0
    for epoch, result in enumerate(results, 1):
        if result > best:
            best, best_epoch = result, epoch
        after = drops_after(schedule, drops, epoch - max(best_epoch, dropped_epoch))
        if after > drops:
            drops, dropped_epoch = after, epoch
        scheduler.step(result)
        assert rate(schedule, epoch, 40, drops) == pytest.approx(optimiser.param_groups[0]["lr"])
    assert drops


def test_a_plateau_drops_no_more_often_than_it_may() -> None:
    assert [drops_after(Plateau(patience=2, most=3), drops, 9) for drops in range(5)] == [1, 2, 3, 3, 4]
    assert drops_after(Warmup(Plateau(patience=2), 3), 0, 2) == 1
    assert drops_after(Cosine(), 0, 100) == 0


def test_after_a_warmup_of_part_of_an_epoch_the_rest_ends_with_the_training() -> None:
    assert rate(Warmup(Cosine(), 0.6), 3.0, 3) == pytest.approx(0.0)
    assert rate(Warmup(Cosine(), 0.6), 1.8, 3) == pytest.approx(0.5)


def test_resnet_110_warms_up_for_400_steps_of_its_paper_and_then_follows_its_epochs() -> None:
    schedule = find("resnet110_cifar").architecture().recipe.schedule
    per_epoch = 45_000 / 128
    assert [round(rate(schedule, step / per_epoch, 182), 6) for step in (0, 399, 401, 30_000)] == [0.1, 0.1, 1.0, 1.0]
    assert rate(schedule, 91, 182) == 0.1
    assert rate(schedule, 136, 182) == 0.01


def test_the_cosine_is_half_way_down_half_way_through() -> None:
    assert rate(Cosine(), 5, 10) == pytest.approx(0.5)
    assert rate(Cosine(), 2.5, 10) == pytest.approx((1 + math.cos(math.pi / 4)) / 2)
