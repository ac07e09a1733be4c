"""The range test: it finds rates that train, says so where there are none, and leaves nothing behind."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from striate.data.canvases import prepare
from striate.data.sets import open_set
from striate.data.split import divide
from striate.fitting import recipes
from striate.fitting.range_test import Span, read, trial
from striate.fitting.recipes import Changes
from striate.fitting.steps import steps
from striate.nets import find
from striate.problem import Misuse
from striate.recipe import Constant
from striate.verbs.lr_find import Found, lr_find, lr_finding
from striate.verbs.train import train
from striate.work import drained

SGD = Changes(optimiser="sgd", batch=16)


@pytest.fixture(scope="module")
def found() -> Found:
    return lr_find(net="lenet5_modern", recipe=Changes(batch=32))


def test_rates_rise_by_one_factor_from_the_lowest_to_the_highest() -> None:
    rates = Span(1e-5, 10.0, 61).rates
    assert (rates[0], rates[-1], len(rates)) == (1e-5, 10.0, 61)
    np.testing.assert_allclose(np.diff(np.log(rates)), math.log(1e6) / 60)


def test_a_training_at_the_suggested_rate_learns_and_one_where_it_diverged_does_not(
    found: Found, tmp_path: Path
) -> None:
    assert found.suggested is not None
    assert found.diverged_at is not None
    best = {}
    for name, lr in (("suggested", found.suggested), ("diverged", found.diverged_at)):
        changes = Changes(batch=32, lr=lr, schedule="constant")
        run = train(net="lenet5_modern", recipe=changes, epochs=1, out=tmp_path / name)
        best[name] = run.summary["best_top1"]
    assert best["suggested"] > 0.7
    assert best["diverged"] < 0.3


def test_the_curve_is_told_as_it_was_measured(found: Found) -> None:
    told = found.as_json()
    assert {"net", "rates", "losses", "suggested", "steepest", "diverged_at"} <= set(told)
    assert len(found.rates) == len(found.losses) == len(found.smoothed) < 100
    assert found.losses[0] == pytest.approx(math.log(10), abs=0.4)
    assert found.rates[0] == 1e-6
    assert found.suggested == pytest.approx(found.rates[int(np.argmin(found.smoothed))] / 10)
    assert found.steepest is not None
    assert found.steepest < found.suggested * 10
    assert found.diverged_at == found.rates[-1]


def test_a_test_is_broken_off_at_the_rate_at_which_it_breaks(garments: Path) -> None:
    """The rate of the last loss, or of the step after it whose loss was none; at the very last one too."""
    found = lr_find(garments, net="lenet5_modern", recipe=SGD, rates=(1e-3, 1e3), steps=40)
    rates = Span(1e-3, 1e3, 40).rates
    assert found.diverged_at in (found.rates[-1], rates[len(found.rates)])
    assert found.diverged_at == found.rates[-1]
    again = lr_find(garments, net="lenet5_modern", recipe=SGD, rates=(1e-3, found.diverged_at), steps=len(found.rates))
    assert len(again.losses) == len(found.losses)
    assert again.losses == pytest.approx(found.losses, rel=1e-3)
    assert again.diverged_at == pytest.approx(found.diverged_at)


def test_the_rate_of_a_step_is_the_one_told(garments: Path) -> None:
    """The same steps by hand, at the same rates, have the same losses."""
    told = lr_find(garments, net="lenet5_modern", recipe=SGD, rates=(1e-4, 0.1), steps=20)
    opened = open_set(garments)
    data = divide(opened, 0)
    architecture = find("lenet5_modern").architecture()
    recipe = recipes.choose(SGD, architecture, recipes.look(data.parts, opened.classes))
    fit = trial(architecture, recipe, drained(prepare(data.parts["train"], recipe.view, 1)), 3, 0)
    fit.trained.train()
    by_hand = []
    for at, rate in enumerate(told.rates):
        now = replace(recipe, optimiser=replace(recipe.optimiser, lr=rate), schedule=Constant())
        by_hand.append(float(next(steps(replace(fit, recipe=now), at // 2, at % 2))[0]))
    assert by_hand == list(told.losses)


def test_the_same_seed_gives_the_same_curve_and_another_one_another(garments: Path) -> None:
    first, second, other = (
        lr_find(garments, net="lenet5_modern", recipe=SGD, rates=(1e-5, 0.1), steps=20, seed=seed) for seed in (3, 3, 4)
    )
    assert first == second
    assert first.losses != other.losses


def test_nothing_is_written_and_no_randomness_touched(
    garments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before, state = sorted(tmp_path.rglob("*")), torch.get_rng_state()
    lr_find(garments, net="lenet5_modern", recipe=SGD, rates=(1e-5, 0.1), steps=20)
    assert sorted(tmp_path.rglob("*")) == before
    assert torch.equal(state, torch.get_rng_state())


def test_where_the_loss_never_falls_nothing_is_suggested(garments: Path) -> None:
    found = lr_find(garments, net="lenet5_modern", recipe=SGD, rates=(1e-12, 1e-10), steps=20)
    assert (found.suggested, found.steepest, found.diverged_at) == (None, None, None)
    assert len(found.losses) == 20


def test_a_test_that_breaks_at_once_suggests_nothing(garments: Path) -> None:
    found = lr_find(garments, net="deepconvnet", recipe=SGD, rates=(1e4, 1e8), steps=20)
    assert found.diverged_at is not None
    assert len(found.losses) < 8
    assert found.suggested is None


def test_the_suggestion_is_a_tenth_of_the_lowest_point_and_the_steepest_point_is_where_it_falls_fastest() -> None:
    rates = Span(1e-6, 1.0, 121).rates
    at = np.log10(rates)
    curve = 2.0 - 1.5 / (1 + np.exp(-(at + 3.5) * 4)) + np.where(at > -2, (at + 2) ** 2, 0)
    found = read(rates, curve.tolist())
    assert found.suggested == pytest.approx(1e-3, rel=0.3)
    assert found.steepest == pytest.approx(10**-3.5, rel=0.3)


def test_it_comes_loss_by_loss_and_can_be_left(garments: Path) -> None:
    work = lr_finding(garments, net="lenet5_modern", recipe=SGD)
    assert next(work) > 0
    work.close()


@pytest.mark.parametrize(
    ("rates", "steps"), [((1.0, 0.1), 50), ((0.0, 1.0), 50), ((1e-6, math.inf), 50), ((1e-6, 1), 5)]
)
def test_rates_and_steps_that_make_no_sense_are_refused(rates: tuple[float, float], steps: int) -> None:
    with pytest.raises(Misuse):
        lr_find(net="lenet5_modern", rates=rates, steps=steps)


def test_networks_with_auxiliary_classifiers_and_trained_weights_can_be_tried(crops: Path) -> None:
    changes = Changes(input=(3, 64, 64), batch=8)
    assert lr_find(crops, net="googlenet", recipe=changes, rates=(1e-5, 1e-2), steps=20).losses
    tuned = lr_find(crops, net="efficientnet_lite0", recipe=changes, rates=(1e-4, 1e-1), steps=20)
    assert tuned.suggested is not None
