"""Numbers of a first course that no other test prints: constants, sums, and the same fact seen from another side."""

import numpy as np
import pytest
import torch

from striate.foundations.activations import find
from striate.foundations.examples import CORNERS, EXAM_HOURS, HOURS, MARKS, PASSED, TEST_KIT
from striate.foundations.logistic import losses, newton
from striate.foundations.metrics import scored
from striate.foundations.mlp import XOR_BY_HAND
from striate.foundations.regression import curvature, line
from striate.foundations.summary import summary


def test_the_test_kit_is_one_point_of_the_curve_above_chance() -> None:
    found = scored(TEST_KIT)
    assert found.fall_out is not None
    assert found.recall is not None
    assert (found.fall_out, found.recall) == (pytest.approx(2 / 3), pytest.approx(6 / 7))
    assert found.recall > found.fall_out


def test_half_the_gradient_may_be_followed_at_twice_the_rate() -> None:
    largest = 2 * curvature(HOURS).largest_rate
    assert largest == pytest.approx(0.064855, abs=5e-7)
    x, y = torch.tensor(HOURS, dtype=torch.float64), torch.tensor(MARKS, dtype=torch.float64)
    for share, arrives in ((0.99, True), (1.01, False)):
        weights = torch.zeros(2, dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([weights], lr=share * largest)
        for _ in range(2000):
            optimiser.zero_grad()
            (((weights[0] * x + weights[1] - y) ** 2).mean() / 2).backward()
            optimiser.step()
        assert np.allclose(weights.tolist(), (2.3, 79), atol=1e-3) is arrives


def test_the_line_takes_more_than_three_quarters_of_the_spread_away() -> None:
    fit = line(HOURS, MARKS).fit
    assert (fit.spread, fit.sse, fit.rmse**2) == (139, pytest.approx(33.2), pytest.approx(8.3))
    assert fit.r2 == pytest.approx(1 - 33.2 / 139)


def test_an_answer_of_one_half_costs_log_two_and_symmetric_hours_part_at_seven() -> None:
    assert losses([0.0, 0.0], [0, 1]) == pytest.approx([np.log(2)] * 2)
    for penalty in (0.1, 1.0, 10.0):
        assert newton(EXAM_HOURS, PASSED, penalty=penalty).boundary == pytest.approx(7)


def test_xor_by_hand_has_the_weights_of_nand_or_and_and() -> None:
    hidden, last = XOR_BY_HAND.layers
    assert (hidden.weights, hidden.biases) == (((-2, -2), (2, 2)), (3, -1))
    assert (last.weights, last.biases) == (((1, 1),), (-1,))
    assert len(CORNERS) == 4


def test_selus_constants_are_its_papers_and_keep_mean_and_variance() -> None:
    selu = find("selu")
    assert selu.value(np.array(1.0)) == pytest.approx(1.0507009873554805, abs=1e-15)
    assert selu.low == pytest.approx(-1.0507009873554805 * 1.6732632423543772, abs=1e-15)
    z, weights = np.polynomial.hermite_e.hermegauss(200)
    weights = weights / weights.sum()
    after = selu.value(z)
    assert weights @ after == pytest.approx(0, abs=5e-3)
    assert weights @ after**2 == pytest.approx(1, abs=5e-3)


def test_lenets_tanh_is_nearly_one_at_one_and_ends_at_its_factor() -> None:
    tanh = find("scaled_tanh")
    assert tanh.value(np.array([-1.0, 1.0])) == pytest.approx([-0.999997, 0.999997], abs=5e-7)
    assert (tanh.low, tanh.high) == (-1.7159, 1.7159)


def test_the_tanh_is_a_sigmoid_of_twice_the_sum() -> None:
    x = np.linspace(-4, 4, 81)
    assert find("tanh").value(x) == pytest.approx(2 * find("sigmoid").value(2 * x) - 1, abs=1e-15)


def test_the_summarys_three_convolutions_leave_what_the_course_prints() -> None:
    counts = [row.parameters.value for row in summary().rows if row.parameters]
    assert counts == [832, 51_264, 204_928, 64_500, 5_010]
    assert sum(counts[:3]) == 257_024
    assert sum(counts) == 326_534
