"""Dead ReLUs, on made-up clouds and on real digits."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from striate.foundations.dead_relu import _drawn, blobs, dying
from striate.problem import BadData, Misuse


def test_one_step_of_too_large_a_rate_kills_units_and_a_small_step_kills_none() -> None:
    inputs, labels = blobs(300, seed=0)
    small, large = (dying(inputs, labels, rate=rate, width=50, steps=1, seed=0) for rate in (0.01, 10.0))
    assert small.before == large.before
    assert small.after == small.before
    assert large.after > large.before + 0.2


def test_on_real_digits_too() -> None:
    digits = load_digits()
    found = dying(digits.data, digits.target, rate=1.0, width=50, steps=2, seed=0)
    assert found.after > 0.5 > 0.1 > found.before
    assert [step.step for step in found.trace] == [0, 1, 2]


def test_a_dead_unit_has_no_gradient_and_stays_dead() -> None:
    inputs, labels = blobs(60, seed=1)
    found = dying(inputs, labels, rate=5.0, width=40, steps=4, seed=2)
    assert found.trace[0].dead > 0
    assert all(step.dead_gradient == 0 < step.gradient for step in found.trace)
    assert [step.dead for step in found.trace] == sorted(step.dead for step in found.trace)


def test_a_huge_step_kills_every_unit_and_then_nothing_moves_any_more() -> None:
    inputs, labels = blobs(30, seed=1)
    end = dying(inputs, labels, rate=1e9, width=8, steps=5, seed=4).trace[-1]
    assert (end.share, end.gradient) == (1, 0)
    assert end.loss == pytest.approx(np.log(3))


def test_the_steps_are_those_of_pytorchs_sgd() -> None:
    inputs, labels = blobs(30, seed=1)
    found = dying(inputs, labels, rate=0.1, width=8, steps=5, seed=4)
    hidden, biases, out = _drawn(2, 8, 3, 4)
    optimiser = torch.optim.SGD([hidden, biases, out], lr=0.1)
    for step in found.trace:
        sums = torch.from_numpy(inputs) @ hidden.T + biases
        loss = F.cross_entropy(torch.relu(sums) @ out.T, torch.from_numpy(labels))
        assert step.loss == pytest.approx(float(loss.detach()), rel=1e-12)
        assert step.dead == int((torch.relu(sums) == 0).all(0).sum())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def test_a_training_that_diverges_stops_and_says_so() -> None:
    inputs, labels = blobs(30, seed=1)
    found = dying(inputs, labels, rate=1e5, width=50, steps=5, seed=0)
    assert found.diverged
    assert 0 < len(found.trace) < 6
    assert all(np.isfinite(step.loss) for step in found.trace)


def test_what_cannot_be_used_is_refused() -> None:
    inputs, labels = blobs(30, seed=1)
    with pytest.raises(BadData, match="inputs has 30 entries and labels has 29"):
        dying(inputs, labels[1:], rate=0.1, width=8, steps=5, seed=4)
    for wrong in (-1, 0.5, 1000):
        with pytest.raises(BadData, match=f"{wrong} is no label"):
            dying(inputs, np.where(labels == 1, wrong, labels), rate=0.1, width=8, steps=5, seed=4)
    with pytest.raises(Misuse, match="rate must be above 0 and at most 1e50, not -1"):
        dying(inputs, labels, rate=-1, width=8, steps=5, seed=4)
    with pytest.raises(Misuse, match="steps must be"):
        dying(inputs, labels, rate=1, width=8, steps=0, seed=4)
    with pytest.raises(Misuse, match="points must be"):
        blobs(2, seed=0)
