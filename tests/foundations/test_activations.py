"""Activation functions: PyTorch's own, differentiated by PyTorch and by differences."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from peers import TORCH
from torch import Tensor

from striate.foundations.activations import ACTIVATIONS, Activation, elu, find, slope_bound, swish, table
from striate.problem import BadData, Misuse

XS = np.random.default_rng(0).normal(0.0, 4.0, 400)
OTHERS = [
    (elu(0.3), lambda x: F.elu(x, 0.3)),
    (elu(2.5), lambda x: F.elu(x, 2.5)),
    (swish(0.2), lambda x: x * torch.sigmoid(0.2 * x)),
    (swish(10.0), lambda x: x * torch.sigmoid(10.0 * x)),
]
EVERY = [(find(name), TORCH[name]) for name in ACTIVATIONS] + OTHERS


@pytest.mark.parametrize(("ours", "theirs"), EVERY)
def test_values_and_derivatives_are_those_of_pytorch(ours: Activation, theirs: Callable[[Tensor], Tensor]) -> None:
    x = torch.from_numpy(XS).requires_grad_()
    y = theirs(x)
    (slope,) = torch.autograd.grad(y.sum(), x)
    exact = {"rtol": 1e-8, "atol": 1e-8 if ours.name != "softplus" else 3e-9}  # torch's softplus is x from 20 on
    np.testing.assert_allclose(ours.value(XS), y.detach().numpy(), **exact)
    np.testing.assert_allclose(ours.derivative(XS), slope.numpy(), **exact)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_derivative_is_the_central_difference(name: str) -> None:
    function, step = find(name), 1e-6
    apart = XS[np.abs(XS) > 2 * step]
    difference = (function.value(apart + step) - function.value(apart - step)) / (2 * step)
    np.testing.assert_allclose(function.derivative(apart), difference, atol=1e-8)


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("sigmoid", (0.119203, 0.268941, 0.731059, 0.880797)),
        ("tanh", (-0.964028, -0.761594, 0.761594, 0.964028)),
        ("scaled_tanh", (-1.492939, -0.999997, 0.999997, 1.492939)),
        ("relu", (0, 0, 1, 2)),
        ("elu", (-0.864665, -0.632121, 1, 2)),
        ("selu", (-1.520166, -1.111331, 1.050701, 2.101402)),
        ("swish", (-0.238406, -0.268941, 0.731059, 1.761594)),
        ("mish", (-0.252501, -0.303401, 0.865098, 1.943959)),
    ],
)
def test_the_table_has_the_known_values(name: str, printed: tuple[float, ...]) -> None:
    rows = table(find(name), [-2, -1, 1, 2])
    assert [row.x for row in rows] == [-2, -1, 1, 2]
    assert [row.value for row in rows] == pytest.approx(printed, abs=5e-7)
    assert [row.derivative for row in rows] == find(name).derivative(np.array([-2.0, -1, 1, 2])).tolist()


@pytest.mark.parametrize(("name", "x", "y"), [("swish", -1.278465, -0.278465), ("mish", -1.192431, -0.308843)])
def test_the_lowest_points_are_the_known_ones(name: str, x: float, y: float) -> None:
    function = find(name)
    assert function.minimum is not None
    assert (function.minimum.x, function.minimum.y) == pytest.approx((x, y), abs=5e-7)
    assert function.low == function.minimum.y
    assert function.derivative(np.array(function.minimum.x)) == pytest.approx(0, abs=1e-12)


def test_only_swish_and_mish_turn_and_swish_turns_where_beta_says() -> None:
    assert {name for name in ACTIVATIONS if find(name).minimum} == {"swish", "mish"}
    for beta in (0.01, 0.5, 4.0, 100.0):
        plain, scaled = find("swish").minimum, swish(beta).minimum
        assert plain is not None
        assert scaled is not None
        assert (scaled.x * beta, scaled.y * beta) == pytest.approx((plain.x, plain.y), abs=1e-9)


@pytest.mark.parametrize(("ours", "theirs"), EVERY)
def test_no_value_leaves_the_range_and_no_slope_is_steeper_than_the_steepest(
    ours: Activation, theirs: Callable[[Tensor], Tensor]
) -> None:
    xs = np.linspace(-50, 50, 100_001)
    values, slopes = ours.value(xs), ours.derivative(xs)
    assert (-np.inf if ours.low is None else ours.low) <= values.min() + 1e-12
    assert values.max() <= (np.inf if ours.high is None else ours.high)
    assert slopes.max() <= ours.steepest + 2e-9
    assert ours.low is None or values.min() - ours.low < 1e-5
    assert torch.equal(theirs(torch.zeros(1)), torch.from_numpy(ours.value(np.zeros(1))).float())


def test_the_sigmoid_keeps_a_quarter_at_most_so_ten_layers_keep_a_millionth() -> None:
    assert find("sigmoid").steepest == 0.25
    assert slope_bound(find("sigmoid"), 10) == 0.25**10 < 1e-6
    assert find("tanh").steepest == find("relu").steepest == 1
    assert find("swish").steepest == pytest.approx(1.0998, abs=1e-4)


def test_large_arguments_neither_overflow_nor_lose_their_limits() -> None:
    far = np.array([-1e6, -800.0, 800.0, 1e6])
    for name in ACTIVATIONS:
        assert np.isfinite(find(name).value(far)).all()
        assert np.isfinite(find(name).derivative(far)).all()


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(Misuse, match="no activation function called rely") as unknown:
        find("rely")
    assert "relu" in str(unknown.value)
    for make in (elu, swish):
        for wrong in (0.0, -1.0, float("nan"), float("inf")):
            with pytest.raises(Misuse, match="must be above 0 and at most 1e50"):
                make(wrong)
    with pytest.raises(BadData, match="x holds nan at place 2"):
        table(find("relu"), [1.0, float("nan")])
    with pytest.raises(BadData, match="x holds no numbers"):
        table(find("relu"), [])
    with pytest.raises(BadData, match="is not made of numbers alone"):
        table(find("relu"), ["a"])  # type: ignore[list-item]
    with pytest.raises(BadData, match="2 dimensions, and 1 are needed"):
        table(find("relu"), [[1.0]])
    with pytest.raises(Misuse, match="layers must be a whole number"):
        slope_bound(find("relu"), 0)
