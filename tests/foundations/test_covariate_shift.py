"""Internal covariate shift on real digits, without and with batch normalisation."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from striate.foundations.covariate_shift import _network, internal_shift
from striate.problem import BadData, Misuse

DIGITS = load_digits()
X, Y = DIGITS.data / 16, DIGITS.target


def test_with_batch_normalisation_an_inner_layers_inputs_stay_and_the_loss_falls_faster() -> None:
    plain, normalised = (internal_shift(X, Y, normalised=flag, rate=0.5, steps=60, seed=0) for flag in (False, True))
    assert normalised.wandering < plain.wandering / 10
    assert normalised.trace[-1].loss < plain.trace[-1].loss / 2
    assert [step.step for step in plain.trace] == list(range(61))


def test_before_the_first_step_normalised_inputs_have_mean_0_and_deviation_1() -> None:
    first = internal_shift(X, Y, normalised=True, rate=0.5, steps=1, seed=3).trace[0]
    assert first.mean == pytest.approx(0, abs=1e-9)
    assert first.deviation == pytest.approx(1, abs=1e-2)  # eps keeps it a little below
    assert first.low < first.median < first.high


def test_the_steps_are_those_of_pytorchs_sgd() -> None:
    found = internal_shift(X[:60], Y[:60], normalised=False, rate=0.3, steps=4, seed=5)
    rng = np.random.default_rng(5)
    network = _network(64, 10, False, rng)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.3)
    x, y = torch.from_numpy(X[:60]), torch.from_numpy(Y[:60])
    for step in found.trace:
        loss = F.cross_entropy(network(x), y)  # all sixty make the batch
        assert step.loss == pytest.approx(float(loss.detach()), rel=1e-10)
        inner = network[:4](x).detach().numpy()
        np.testing.assert_allclose(step.means, inner.mean(0), atol=1e-10)
        assert step.median == pytest.approx(np.median(inner[:, 0]), abs=1e-10)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def test_the_seed_says_everything() -> None:
    one, same, other = (internal_shift(X, Y, normalised=True, rate=0.5, steps=3, seed=seed) for seed in (0, 0, 1))
    assert one == same != other


def test_a_training_that_diverges_stops_and_says_so() -> None:
    found = internal_shift(X, Y, normalised=False, rate=1e14, steps=5, seed=0)
    assert found.diverged
    assert len(found.trace) < 6


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(BadData, match="inputs has 10 entries and labels has 9"):
        internal_shift(X[:10], Y[:9], normalised=True, rate=1, steps=1, seed=0)
    with pytest.raises(BadData, match="a single point"):
        internal_shift(X[:1], [0], normalised=True, rate=1, steps=1, seed=0)
    with pytest.raises(BadData, match=r"0\.5 is no label"):
        internal_shift(X[:2], [0, 0.5], normalised=True, rate=1, steps=1, seed=0)
    with pytest.raises(Misuse, match="rate must be above 0 and at most 1e50, not 0"):
        internal_shift(X, Y, normalised=True, rate=0, steps=1, seed=0)
