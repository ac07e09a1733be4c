"""Gradients through deep networks: PyTorch's own, and the numbers that are said of them."""

import numpy as np
import pytest
import torch
from peers import TORCH

from striate.foundations.activations import ACTIVATIONS, elu, find, slope_bound
from striate.foundations.vanishing import gradient_through, propagated
from striate.problem import Misuse


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_signals_and_gradients_are_those_of_autograd(name: str) -> None:
    rng = np.random.default_rng(3)
    inputs, top = rng.standard_normal((2, 6, 9))
    weights = [rng.normal(0, 0.4, (9, 9)) for _ in range(5)]
    signals = [torch.from_numpy(inputs).requires_grad_()]
    layers = [torch.from_numpy(weight).requires_grad_() for weight in weights]
    for weight in layers:
        signals.append(TORCH[name](signals[-1] @ weight.T))
        signals[-1].retain_grad()
    (signals[-1] * torch.from_numpy(top)).sum().backward()
    for found, signal, weight in zip(propagated(inputs, weights, top, find(name)), signals[1:], layers, strict=True):
        assert found.signal == pytest.approx(float(signal.detach().abs().mean()), rel=1e-8)
        assert found.deviation == pytest.approx(float(signal.detach().std(correction=0)), rel=1e-8)
        assert found.gradient == pytest.approx(float(signal.grad.abs().mean()), rel=1e-8)
        assert found.weights == pytest.approx(float(weight.grad.abs().mean()), rel=1e-8)


def test_a_sigmoids_gradient_vanishes_and_a_relus_by_he_does_not() -> None:
    sigmoid = gradient_through(20, find("sigmoid"), width=100, seed=0)
    relu = gradient_through(20, find("relu"), width=100, seed=0, first="he")
    assert sigmoid.kept < 20 * slope_bound(find("sigmoid"), 19)
    assert 0.3 < relu.kept < 3
    assert [layer.depth for layer in relu.trace] == list(range(1, 21))
    assert all(layer.slope <= 0.25 for layer in sigmoid.trace)


def test_first_weights_that_are_too_small_vanish_and_too_large_explode() -> None:
    assert gradient_through(30, find("relu"), width=100, seed=1, first="xavier").kept < 1e-3
    assert gradient_through(30, find("selu"), width=100, seed=1, first="he").kept > 10


def test_selu_by_lecun_keeps_mean_and_deviation() -> None:
    trace = gradient_through(30, find("selu"), width=200, seed=0, first="lecun").trace
    assert all(0.85 < layer.deviation < 1.15 for layer in trace)


def test_half_of_the_relus_are_zero_and_the_seed_says_which() -> None:
    one, same, other = (gradient_through(3, find("relu"), width=50, seed=seed, first="he") for seed in (0, 0, 1))
    assert one == same != other
    assert all(0.3 < layer.zeros < 0.7 for layer in one.trace)
    assert one.weight_deviation == pytest.approx((2 / 50) ** 0.5)


def test_what_explodes_beyond_all_bounds_says_so() -> None:
    found = gradient_through(100, elu(30.0), width=50, seed=0, first="he")
    assert found.diverged
    assert 0 < len(found.trace) < 100
    assert not gradient_through(3, find("relu"), width=5, seed=0).diverged


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(Misuse, match="layers must be"):
        gradient_through(0, find("relu"), width=5, seed=0)
    with pytest.raises(Misuse, match="width must be"):
        gradient_through(2, find("relu"), width=0, seed=0)
    with pytest.raises(Misuse, match="seed must be"):
        gradient_through(2, find("relu"), width=2, seed=-1)
    with pytest.raises(Misuse, match="cannot be drawn by xaver") as unknown:
        gradient_through(2, find("relu"), width=2, seed=0, first="xaver")  # type: ignore[arg-type]
    assert "try       xavier" in str(unknown.value)
