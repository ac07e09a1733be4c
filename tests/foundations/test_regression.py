"""Linear regression: the notes' four students in exact numbers, and scikit-learn on others."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression

from striate.foundations.regression import Batches, curvature, descend, landscape, line, newton, plane
from striate.problem import BadData, Misuse, Problem

HOURS, MARKS = [2, 4, 6, 8], [81, 93, 91, 97]
BOTH = [[2, 0], [4, 4], [6, 2], [8, 3]]  # hours, and lessons


def drawn(seed: int, n: int = 50, columns: int = 3) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    x = chance.normal(3.0, 2.0, (n, columns))
    return x, x @ chance.normal(size=columns) + chance.normal(size=n) + 5


def test_the_notes_line_with_its_sums() -> None:
    found = line(HOURS, MARKS)
    assert (found.slope, found.intercept) == (pytest.approx(2.3), pytest.approx(79.0))
    assert found.exact == (Fraction(23, 10), Fraction(79))
    assert (found.mean_x, found.mean_y, found.products, found.squares) == (5, 90.5, 46, 20)
    assert [each.product for each in found.deviations] == [28.5, -2.5, 0.5, 19.5]
    assert [each.square for each in found.deviations] == [9, 1, 1, 9]


def test_how_well_the_notes_line_fits() -> None:
    fit = line(HOURS, MARKS).fit
    assert fit.predictions == pytest.approx([83.6, 88.2, 92.8, 97.4])
    assert fit.residuals == pytest.approx([2.6, -4.8, 1.8, 0.4])
    assert (fit.sse, fit.mse) == (pytest.approx(33.2), pytest.approx(8.3))
    assert fit.rmse == pytest.approx(2.880972, abs=5e-7)
    assert fit.r2 == pytest.approx(0.761151, abs=5e-7)
    assert fit.spread == 139


def test_whole_numbers_leave_no_rounding_where_a_plane_meets_an_example() -> None:
    residuals = plane(BOTH, MARKS).fit.residuals
    assert residuals == pytest.approx((-1 / 7, 0, 3 / 7, -2 / 7), abs=2e-14)
    assert residuals[1] == 0


def test_the_landscape_is_the_mse_of_each_line_and_lowest_at_the_best() -> None:
    heights = landscape(HOURS, MARKS, [0, 2.3], [0, 78, 79])
    assert heights[2, 1] == pytest.approx(8.3)
    assert heights[0, 0] == pytest.approx(np.mean(np.square(MARKS)))
    assert heights.shape == (3, 2)
    assert heights.min() == heights[2, 1]


def test_the_notes_plane_is_exact_in_fractions() -> None:
    found = plane(BOTH, MARKS)
    assert found.exact == (Fraction(3, 2), Fraction(16, 7), Fraction(545, 7))
    assert found.weights == pytest.approx([1.5, 2.285714, 77.857143], abs=5e-7)
    assert found.fit.predictions == pytest.approx([80.857143, 93, 91.428571, 96.714286], abs=5e-7)
    assert found.fit.mse == pytest.approx(1 / 14)
    assert found.xtx == ((120, 52, 20), (52, 29, 9), (20, 9, 4))
    assert found.xty == (1856, 845, 362)


def test_the_notes_curvature() -> None:
    found = curvature(HOURS)
    assert found.hessian == ((60, 10), (10, 2))
    assert found.eigenvalues == pytest.approx([61.6757, 0.3243], abs=5e-5)
    assert found.largest_rate == pytest.approx(0.032428, abs=5e-7)
    assert found.condition == pytest.approx(190, abs=0.5)


def test_descent_converges_below_the_largest_rate_and_diverges_above_it() -> None:
    largest = curvature(HOURS).largest_rate
    below = descend(HOURS, MARKS, rate=0.95 * largest, steps=3000)
    assert not below.diverged
    assert below.weights == pytest.approx([2.3, 79.0], abs=1e-6)
    assert below.loss == pytest.approx(8.3)
    above = descend(HOURS, MARKS, rate=1.05 * largest, steps=3000)
    assert above.diverged
    assert above.trace[-1].number == len(above.trace) < 3000
    assert above.trace[-1].loss > 1e10


def test_a_rate_beyond_all_measure_diverges_at_once_and_without_a_warning() -> None:
    found = descend(HOURS, MARKS, rate=1e50, steps=10)
    assert found.diverged
    assert len(found.trace) == 1


def test_every_step_is_that_of_autograd_and_torch() -> None:
    x, y = drawn(1)
    weights = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.SGD([weights], lr=0.01)
    for step in descend(x, y, rate=0.01, steps=20).trace:
        assert step.weights == pytest.approx(weights.tolist(), abs=1e-8)
        optimiser.zero_grad()
        loss = ((torch.tensor(x) @ weights[:-1] + weights[-1] - torch.tensor(y)) ** 2).mean()
        loss.backward()
        assert step.loss == pytest.approx(loss.item(), abs=1e-8)
        assert weights.grad is not None
        assert step.gradient == pytest.approx(weights.grad.tolist(), abs=1e-8)
        optimiser.step()
        assert step.after == pytest.approx(weights.tolist(), abs=1e-8)


def test_stochastic_descent_uses_every_example_once_an_epoch() -> None:
    x, y = drawn(2, n=12)
    found = descend(x, y, rate=0.01, steps=8, batches=Batches(3, 5))
    for epoch in (found.trace[:4], found.trace[4:]):
        assert sorted(at for step in epoch for at in step.examples) == list(range(12))
    for step in found.trace:
        used = list(step.examples)
        rows = np.column_stack([x, np.ones(12)])[used]
        assert step.gradient == pytest.approx(2 / 3 * rows.T @ (rows @ np.array(step.weights) - y[used]), abs=1e-8)
    assert found.trace == descend(x, y, rate=0.01, steps=8, batches=Batches(3, 5)).trace
    assert found.trace != descend(x, y, rate=0.01, steps=8, batches=Batches(3, 6)).trace


@pytest.mark.parametrize(("x", "y"), [(HOURS, MARKS), (BOTH, MARKS), drawn(3)], ids=["line", "plane", "drawn"])
def test_newton_is_there_in_one_step_from_anywhere(x: list, y: list) -> None:
    best = plane(np.reshape(x, (len(y), -1)), y)
    found = newton(x, y, start=[100.0] * len(best.weights))
    assert found.after == pytest.approx(best.weights, abs=1e-8)
    assert found.loss_after == pytest.approx(best.fit.mse)
    assert newton(x, y, start=found.after).move == pytest.approx([0.0] * len(best.weights), abs=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_lines_and_planes_are_scikit_learns(seed: int) -> None:
    x, y = drawn(seed)
    for found, columns in ((plane(x, y), x), (plane(x[:, :1], y), x[:, :1])):
        best = LinearRegression().fit(columns, y)
        assert found.weights == pytest.approx([*best.coef_, best.intercept_], abs=1e-8)
        assert found.fit.r2 == pytest.approx(best.score(columns, y), abs=1e-8)
        assert np.array(found.xtx) @ found.weights == pytest.approx(np.array(found.xty), abs=1e-8)
        assert found.exact is None
    one = line(x[:, 0], y)
    assert (one.slope, one.intercept) == pytest.approx(plane(x[:, 0], y).weights, abs=1e-8)
    assert one.exact is None


@pytest.mark.parametrize("unit", [1e-20, 1e-6, 1e12])
def test_the_unit_of_a_column_does_not_matter(unit: float) -> None:
    x, y = drawn(6)
    plain, scaled = plane(x, y), plane(x * [1, unit, 1], y)
    assert scaled.fit.predictions == pytest.approx(plain.fit.predictions, abs=1e-8)
    assert scaled.weights[1] * unit == pytest.approx(plain.weights[1], abs=1e-8)
    assert newton(x * [1, unit, 1], y).after == pytest.approx(scaled.weights, rel=1e-8)


def test_whole_numbers_of_any_kind_are_solved_exactly() -> None:
    chance = np.random.default_rng(4)
    x, y = chance.integers(-9, 9, (20, 4)), chance.integers(-99, 99, 20)
    found = plane(x, y)
    assert found.exact is not None
    assert [float(value) for value in found.exact] == pytest.approx(found.weights, abs=1e-8)


def test_equal_marks_have_a_line_and_no_r2() -> None:
    found = line([1, 2, 3], [0.1, 0.1, 0.1])
    assert found.slope == pytest.approx(0, abs=1e-12)
    assert found.fit.r2 is None


def test_a_column_that_follows_from_another_leaves_a_flat_direction() -> None:
    assert curvature([[1, 2], [2, 4], [3, 6]]).condition is None


@pytest.mark.parametrize(
    ("x", "y", "key"),
    [
        ([4, 4, 4], [1, 2, 3], "regression.equal"),
        ([4], [1], "regression.single"),
        ([1, 2], [1, 2, 3], "given.lengths"),
        ([], [], "given.empty"),
        ([1, float("inf")], [1, 2], "given.not_finite"),
        ([1, 1e60], [1, 2], "given.not_finite"),
        (["2", "4"], [1, 2], "given.not_numbers"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_the_reason(x: list, y: list, key: str) -> None:
    with pytest.raises(BadData) as caught:
        line(x, y)
    assert caught.value.key == f"problem.foundations.{key}"


def test_the_refusal_teaches_what_is_wrong() -> None:
    with pytest.raises(BadData, match="all x are 4, so a slope cannot be told"):
        line([4, 4], [1, 2])
    with pytest.raises(BadData, match="column 2 of x follows"):
        plane([[1, 2], [2, 4], [3, 6]], [1, 2, 3])
    with pytest.raises(BadData, match="column 1 of x follows"):
        newton([[1, 2], [1, 4], [1, 7]], [1, 2, 3])
    with pytest.raises(BadData, match="2 examples cannot settle 3 weights"):
        plane([[1, 2], [2, 1]], [1, 2])


@pytest.mark.parametrize(
    "asked",
    [
        {"rate": -0.1, "steps": 3}, {"rate": float("nan"), "steps": 3}, {"rate": 0.1, "steps": 0},
        {"rate": 0.1, "steps": 1.5}, {"rate": 0.1, "steps": 3, "batches": Batches(0)},
        {"rate": 0.1, "steps": 3, "start": [1.0]},
    ],
)  # fmt: skip
def test_nonsense_is_refused(asked: dict) -> None:
    with pytest.raises(Misuse) as caught:
        descend(HOURS, MARKS, **asked)
    assert isinstance(caught.value, Problem)
    assert caught.value.text("ko")
