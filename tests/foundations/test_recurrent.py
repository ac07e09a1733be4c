"""A recurrent layer by hand: torch.nn.RNN forward and backward."""

import numpy as np
import pytest
import torch
from torch import nn

from striate.foundations.recurrent import drawn, reaches, through_time, unroll
from striate.problem import BadData, Misuse

RNG = np.random.default_rng(11)
X, W, U, B = RNG.normal(size=(6, 3)), RNG.normal(size=(4, 3)), RNG.normal(size=(4, 4)), RNG.normal(size=4)
H0, DH = RNG.normal(size=4), RNG.normal(size=(6, 4))


def torchs() -> nn.RNN:
    layer = nn.RNN(3, 4).double()
    with torch.no_grad():
        for parameter, values in ((layer.weight_ih_l0, W), (layer.weight_hh_l0, U), (layer.bias_ih_l0, B)):
            parameter.copy_(torch.from_numpy(values))
        layer.bias_hh_l0.zero_()
    return layer


def test_states_and_all_gradients_are_those_of_torch() -> None:
    layer = torchs()
    x, first = torch.from_numpy(X).requires_grad_(), torch.from_numpy(H0[None]).requires_grad_()
    states, _ = layer(x, first)
    (states * torch.from_numpy(DH)).sum().backward()
    read = unroll(X, W, U, B, first_state=H0)
    found = through_time(read, DH)
    np.testing.assert_allclose([step.state for step in read.trace], states.detach(), atol=1e-12)
    np.testing.assert_allclose(found.input_weights, layer.weight_ih_l0.grad, atol=1e-10)
    np.testing.assert_allclose(found.state_weights, layer.weight_hh_l0.grad, atol=1e-10)
    np.testing.assert_allclose(found.bias, layer.bias_ih_l0.grad, atol=1e-10)
    np.testing.assert_allclose(found.inputs, x.grad, atol=1e-10)
    np.testing.assert_allclose(found.first_state, first.grad[0], atol=1e-10)


def test_a_single_unit_by_hand() -> None:
    read = unroll([[1.0], [2.0]], [[0.5]], [[-1.0]], [0.25])
    one, two = read.trace
    assert one.total == (0.75,)
    assert two.before == one.state == (np.tanh(0.75),)
    assert (two.from_input, two.from_state) == ((1.0,), (-np.tanh(0.75),))
    assert two.state == (np.tanh(1.25 - np.tanh(0.75)),)


def test_every_step_back_adds_what_the_loss_reads_and_what_comes_from_later() -> None:
    read = unroll(X, W, U, B)
    found = through_time(read, DH)
    assert [back.time for back in found.trace] == [6, 5, 4, 3, 2, 1]
    assert found.trace[0].from_later == (0.0,) * 4
    for later, back in zip(found.trace, found.trace[1:], strict=False):
        assert back.from_later == later.earlier
        np.testing.assert_allclose(back.state, np.add(back.from_loss, back.from_later))
        assert back.size == pytest.approx(np.linalg.norm(back.state))


def test_gradients_are_central_differences() -> None:
    read, step = unroll(X, W, U, B), 1e-6
    found = through_time(read, DH).state_weights
    for at in np.ndindex(U.shape):
        aside = np.zeros_like(U)
        aside[at] = step
        up, down = (
            sum((DH[each.time - 1] * each.state).sum() for each in unroll(X, W, moved, B).trace)
            for moved in (U + aside, U - aside)
        )
        assert found[at] == pytest.approx((up - down) / (2 * step), abs=1e-7)


def test_the_jacobian_over_steps_is_autograds() -> None:
    layer = torchs()
    found = reaches(unroll(X, W, U, B))

    def end(first: torch.Tensor) -> torch.Tensor:
        return layer(torch.from_numpy(X), first)[1]

    jacobian = torch.autograd.functional.jacobian(end, torch.zeros(1, 4, dtype=torch.float64)).reshape(4, 4)
    assert found[-1].steps == 6
    assert found[-1].largest == pytest.approx(float(torch.linalg.matrix_norm(jacobian, 2)), rel=1e-8)
    assert found[-1].size == pytest.approx(float(jacobian.square().sum().div(4).sqrt()), rel=1e-8)


@pytest.mark.parametrize(("scale", "low", "high"), [(0.5, 0, 1e-8), (1.0, 0.99, 1.01), (1.5, 1e4, 1e6)])
def test_a_gradient_vanishes_stays_or_explodes_by_the_gain_of_the_state_weights(
    scale: float, low: float, high: float
) -> None:
    w, u = drawn(2, 8, scale=scale, seed=0)
    quiet = unroll(np.zeros((30, 2)), w, u)  # states of 0: tanh has slope 1 there
    assert low < reaches(quiet)[-1].size < high
    assert [reach.steps for reach in reaches(quiet)] == list(range(31))


def test_what_explodes_beyond_all_bounds_is_cut_off() -> None:
    w, u = drawn(2, 4, scale=10.0, seed=0)
    assert len(reaches(unroll(np.zeros((30, 2)), w, u))) == 13


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(BadData, match="weights read 3 features and the sequence has 2"):
        unroll(X[:, :2], W, U)
    with pytest.raises(BadData, match="state weights has the shape 3x3, and 4x4 is needed"):
        unroll(X, W, U[:3, :3])
    with pytest.raises(BadData, match="first state has the shape 3, and 4 is needed"):
        unroll(X, W, U, first_state=H0[:3])
    with pytest.raises(BadData, match="sequence holds no numbers"):
        unroll(np.zeros((0, 3)), W, U)
    with pytest.raises(BadData, match="from_loss has the shape 5x4, and 6x4 is needed"):
        through_time(unroll(X, W, U), DH[:5])
    with pytest.raises(Misuse, match="units must be"):
        drawn(2, 0, scale=1.0, seed=0)
