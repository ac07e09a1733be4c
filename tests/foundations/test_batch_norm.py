"""Batch normalisation: the paper's formulas, and PyTorch's layer forward, backward and answering."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from striate.foundations.batch_norm import Running, backward, evaluate, forward, population, start, updated
from striate.problem import BadData, Misuse

RNG = np.random.default_rng(5)
SHAPES = [(6,), (5, 3), (4, 3, 2, 5)]


def features_of(shape: tuple[int, ...]) -> int:
    return shape[1] if len(shape) > 1 else 1


def test_the_numbers_of_one_to_four() -> None:
    found = forward([1, 2, 3, 4])
    assert (found.count, found.mean, found.variance) == (4, (2.5,), (1.25,))
    assert found.normalised.ravel().tolist() == pytest.approx([-1.341635, -0.447212, 0.447212, 1.341635], abs=5e-7)
    assert updated(start(1), found, 1.0).variance == pytest.approx((5 / 3,))
    assert population([found]).variance == pytest.approx((5 / 3,))


@pytest.mark.parametrize("shape", SHAPES)
def test_values_and_all_gradients_are_pytorchs(shape: tuple[int, ...]) -> None:
    x, dy = RNG.normal(3, 2, (2, *shape))
    gamma, beta = RNG.normal(size=(2, features_of(shape)))
    tensors = [torch.from_numpy(each).requires_grad_() for each in (x, gamma, beta)]
    given = tensors[0] if x.ndim > 1 else tensors[0][:, None]
    y = F.batch_norm(given, None, None, tensors[1], tensors[2], training=True)
    y.reshape(shape).backward(torch.from_numpy(dy))
    done = forward(x, gamma, beta)
    found = backward(done, dy)
    np.testing.assert_allclose(done.y, y.detach().numpy().reshape(shape), atol=1e-10)
    for ours, theirs in zip((found.x, found.gamma, found.beta), tensors, strict=True):
        np.testing.assert_allclose(ours, theirs.grad, atol=1e-10)


def test_each_of_the_six_formulas_is_a_central_difference() -> None:
    x, dy = RNG.normal(size=(2, 5, 2))
    gamma, beta, eps, step = np.array([0.5, -2.0]), np.array([1.0, 3.0]), 1e-5, 1e-6
    done = forward(x, gamma, beta, eps=eps)
    found = backward(done, dy)

    def slope(function, value: np.ndarray) -> np.ndarray:
        result = np.zeros_like(value)
        for at in np.ndindex(value.shape):
            aside = np.zeros_like(value)
            aside[at] = step
            result[at] = (function(value + aside) - function(value - aside)) / (2 * step)
        return result

    mean, variance = np.array(done.mean), np.array(done.variance)

    def loss(x, mean, variance, gamma, beta):
        return (dy * (gamma * (x - mean) / np.sqrt(variance + eps) + beta)).sum()

    def of_mean(mean):
        return loss(x, mean, ((x - mean) ** 2).mean(0), gamma, beta)

    close = {"rtol": 1e-6, "atol": 1e-8}
    np.testing.assert_allclose(found.normalised, slope(lambda h: (dy * (gamma * h + beta)).sum(), done.normalised))
    np.testing.assert_allclose(found.variance, slope(lambda v: loss(x, mean, v, gamma, beta), variance), **close)
    np.testing.assert_allclose(found.mean, slope(of_mean, mean), **close)
    np.testing.assert_allclose(found.x, slope(lambda z: (dy * forward(z, gamma, beta).y).sum(), x), **close)
    np.testing.assert_allclose(found.gamma, slope(lambda g: loss(x, mean, variance, g, beta), gamma), **close)
    np.testing.assert_allclose(found.beta, slope(lambda b: loss(x, mean, variance, gamma, b), beta), **close)
    np.testing.assert_allclose(np.add(found.mean_direct, found.mean_through_variance), found.mean)
    np.testing.assert_allclose(found.mean_through_variance, 0, atol=1e-12)


@pytest.mark.parametrize("momentum", [0.1, 0.7])
def test_running_statistics_and_answers_are_pytorchs(momentum: float) -> None:
    layer = nn.BatchNorm2d(3, momentum=momentum).double()
    running = start(3)
    for _ in range(4):
        x = RNG.normal(2, 3, (2, 3, 4, 4))
        layer(torch.from_numpy(x))
        running = updated(running, forward(x), momentum)
    np.testing.assert_allclose(running.mean, layer.running_mean, atol=1e-12)
    np.testing.assert_allclose(running.variance, layer.running_var, atol=1e-12)
    assert running.batches == int(layer.num_batches_tracked) == 4
    gamma, beta = RNG.normal(size=(2, 3))
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(gamma))
        layer.bias.copy_(torch.from_numpy(beta))
    alone = RNG.normal(size=(1, 3, 1, 1))
    found = evaluate(alone, running, gamma, beta)
    np.testing.assert_allclose(found.y, layer.eval()(torch.from_numpy(alone)).detach(), atol=1e-12)
    affine = np.reshape(found.scale, (1, 3, 1, 1)) * alone + np.reshape(found.shift, (1, 3, 1, 1))
    np.testing.assert_allclose(found.y, affine)


def test_the_population_is_the_mean_of_batches_with_the_unbiased_variance() -> None:
    batches = RNG.normal(1, 2, (50, 4, 2))
    found = population([forward(batch) for batch in batches])
    np.testing.assert_allclose(found.mean, batches.mean((0, 1)))
    np.testing.assert_allclose(found.variance, batches.var(1, ddof=1).mean(0))


def test_gamma_of_the_deviation_and_beta_of_the_mean_undo_it() -> None:
    x = RNG.normal(4, 3, (7, 2))
    plain = forward(x)
    np.testing.assert_allclose(forward(x, plain.deviation, plain.mean).y, x, atol=1e-12)


def test_a_bias_before_it_makes_no_difference() -> None:
    x = RNG.normal(size=(7, 2))
    np.testing.assert_allclose(forward(x + np.array([5.0, -3.0])).y, forward(x).y, atol=1e-12)


def test_results_cannot_be_changed() -> None:
    found = forward([1, 2, 3])
    with pytest.raises(ValueError, match="read-only"):
        found.y[0] = 1


def test_what_cannot_be_used_is_refused() -> None:
    done = forward([[1.0, 2.0], [3.0, 5.0]])
    for alone in ([3.0], [[1.0, 2.0]], np.ones((1, 2, 1, 1))):
        with pytest.raises(BadData, match="one value"):
            forward(alone)
    with pytest.raises(BadData, match="gamma has the shape 3, and 2 is needed"):
        forward([[1.0, 2.0], [3.0, 5.0]], [1, 2, 3])
    with pytest.raises(BadData, match="dy has the shape 2x1, and 2x2 is needed"):
        backward(done, [[1.0], [2.0]])
    with pytest.raises(BadData, match="x has 3 dimensions"):
        forward(np.ones((2, 2, 2)))
    with pytest.raises(Misuse, match="eps must be"):
        forward([1, 2], eps=0)
    for wrong in (0, 1.5, float("nan")):
        with pytest.raises(Misuse, match="momentum"):
            updated(start(2), done, wrong)
    with pytest.raises(BadData, match="variance has the shape 2, and 1 is needed"):
        updated(start(1), done)
    with pytest.raises(BadData, match="same size"):
        population([])
    with pytest.raises(BadData, match="same size"):
        population([forward([1, 2]), forward([1, 2, 3])])
    with pytest.raises(BadData, match="running mean has the shape 1, and 2 is needed"):
        evaluate([[1.0, 2.0]], Running((0.0,), (1.0,)))
