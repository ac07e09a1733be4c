"""Logistic regression: the notes' hours, scikit-learn with the same penalty, and classes that can be separated."""

import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from striate.foundations.logistic import branches, descend, losses, newton, probabilities, sigmoid
from striate.foundations.separation import separator
from striate.problem import BadData, Misuse

HOURS, PASSED = [2, 4, 6, 8, 10, 12], [0, 0, 0, 1, 1, 1]


def drawn(seed: int, n: int = 120, columns: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Classes that overlap."""
    chance = np.random.default_rng(seed)
    x = chance.normal(1.0, 2.0, (n, columns))
    return x, (x @ chance.normal(size=columns) + chance.logistic(size=n) * 2 > 0).astype(int)


def test_the_sigmoid_and_the_two_branches() -> None:
    assert sigmoid([-2, -1, 0, 1, 2]) == pytest.approx([0.119203, 0.268941, 0.5, 0.731059, 0.880797], abs=5e-7)
    for each in branches([-3.0, 0.0, 2.5]):
        assert each.if_one == pytest.approx(-math.log(each.probability))
        assert each.if_zero == pytest.approx(-math.log(1 - each.probability))
    far = branches([-1000.0, 1000.0])
    assert (far[0].if_one, far[0].if_zero, far[1].if_one, far[1].if_zero) == (1000, 0, 0, 1000)


def test_the_stable_loss_is_torchs_and_nothing_overflows_it() -> None:
    z, targets = np.linspace(-800, 800, 101), np.arange(101) % 2
    reference = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.tensor(z), torch.tensor(targets, dtype=torch.float64), reduction="none"
    )
    assert losses(z, targets) == pytest.approx(reference.tolist(), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("penalty", [0.01, 1.0, 20.0])
def test_newton_with_a_penalty_is_scikit_learns_minimum(seed: int, penalty: float) -> None:
    x, targets = drawn(seed)
    best = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-12, max_iter=500).fit(x, targets)
    found = newton(x, targets, penalty=penalty)
    assert found.stopped == "converged"
    assert found.weights == pytest.approx([*best.coef_[0], best.intercept_[0]], abs=1e-8)
    assert probabilities(found.weights, x) == pytest.approx(best.predict_proba(x)[:, 1], abs=1e-8)


def test_newton_without_a_penalty_is_scikit_learns_too() -> None:
    x, targets = drawn(5)
    best = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=500).fit(x, targets)
    found = newton(x, targets)
    assert found.separator is None
    assert found.weights == pytest.approx([*best.coef_[0], best.intercept_[0]], abs=1e-8)


def test_descent_comes_to_where_newton_does() -> None:
    x, targets = drawn(1)
    slow = descend(x, targets, rate=0.5, steps=2000, penalty=3.0)
    assert slow.stopped in (None, "converged")
    assert slow.weights == pytest.approx(newton(x, targets, penalty=3.0).weights, abs=1e-8)


def test_every_step_has_autograds_loss_gradient_and_hessian() -> None:
    x, targets = drawn(2, n=30)
    rows, truth = torch.tensor(x), torch.tensor(targets, dtype=torch.float64)

    def loss(weights: torch.Tensor) -> torch.Tensor:
        z = rows @ weights[:-1] + weights[-1]
        mean = torch.nn.functional.binary_cross_entropy_with_logits(z, truth)
        return mean + 0.7 / (2 * len(truth)) * (weights[:-1] ** 2).sum()

    for step in (
        *newton(x, targets, penalty=0.7, steps=4).trace,
        *descend(x, targets, rate=0.1, steps=4, penalty=0.7).trace,
    ):
        at = torch.tensor(step.weights, dtype=torch.float64, requires_grad=True)
        assert step.loss == pytest.approx(loss(at).item(), abs=1e-10)
        (slope,) = torch.autograd.grad(loss(at), at)
        assert step.gradient == pytest.approx(slope.tolist(), abs=1e-10)
        if step.hessian:
            curved = torch.autograd.functional.hessian(loss, at)
            assert np.array(step.hessian) == pytest.approx(curved.numpy(), abs=1e-10)
        else:
            assert np.subtract(step.after, step.weights) == pytest.approx(-0.1 * slope.numpy(), abs=1e-12)


def test_on_the_notes_hours_the_slope_grows_without_end_and_the_boundary_goes_to_seven() -> None:
    found = descend(HOURS, PASSED, rate=0.1, steps=20000)
    assert found.separator is not None
    assert found.stopped is None
    slopes = [found.trace[at].weights[0] for at in (99, 999, 9999, 19999)]
    assert slopes == sorted(slopes)
    assert slopes[-1] > 1.5 > slopes[0]
    gaps = [abs((found.trace[at].boundary or 0) - 7) for at in (99, 999, 9999, 19999)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 0.06
    assert [round(example.probability) for example in found.examples] == PASSED


def test_newton_on_separable_classes_runs_away_with_the_boundary_at_seven() -> None:
    found = newton(HOURS, PASSED, steps=100)
    assert found.stopped is None
    slopes = [step.weights[0] for step in found.trace]
    assert np.diff(slopes).min() > 0.3
    assert np.diff(slopes)[-50:] == pytest.approx(1.0)
    assert [step.boundary for step in found.trace[1:]] == pytest.approx([7.0] * 99)
    assert newton(HOURS, PASSED, steps=5000).stopped == "singular"  # the answers are 0 and 1 to the last bit


def test_two_columns_that_say_the_same_stop_newton() -> None:
    x = np.column_stack([HOURS, HOURS])
    assert newton(x, PASSED).stopped == "singular"
    assert newton(x, PASSED, penalty=1.0).stopped == "converged"


def test_a_penalty_gives_the_notes_hours_a_finite_slope_and_the_boundary_seven() -> None:
    best = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12).fit(np.reshape(HOURS, (-1, 1)), PASSED)
    found = newton(HOURS, PASSED, penalty=1.0)
    assert found.weights == pytest.approx([best.coef_[0, 0], best.intercept_[0]], abs=1e-8)
    assert found.boundary == pytest.approx(7)
    assert probabilities(found.weights, [7]) == pytest.approx([0.5])


def test_the_boundary_is_of_one_x_only_and_of_a_slope() -> None:
    assert descend(HOURS, PASSED, rate=0.1, steps=1).trace[0].boundary is None
    assert newton([[1, 2], [2, 1], [3, 5], [4, 1]], [0, 1, 0, 1], penalty=1.0).boundary is None


@pytest.mark.parametrize(
    ("x", "targets", "apart"),
    [
        (HOURS, PASSED, True), ([1, 2, 3, 4], [0, 1, 0, 1], False),
        ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], False),
        ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1], True), ([1, 2, 2, 3], [0, 0, 1, 1], False),
        ([5, 5], [0, 1], False), ([1e-6, 2e-6, 3e-6], [0, 0, 1], True), ([1e9, 1e9 + 1, 1e9 + 2], [0, 1, 1], True),
    ],
)  # fmt: skip
def test_separable_classes_are_told_from_others(x: list, targets: list, apart: bool) -> None:
    found = separator(x, targets)
    assert (found is not None) is apart
    if found is not None:
        z = np.reshape(x, (len(targets), -1)) @ np.array(found.weights) + found.intercept
        assert ((z > 0) == np.array(targets)).all()


@pytest.mark.parametrize("seed", range(4))
def test_classes_divided_by_a_hyperplane_are_separable_until_one_example_is_turned(seed: int) -> None:
    chance = np.random.default_rng(seed)
    x = chance.normal(size=(60, 3))
    targets = (x @ [1, -2, 0.5] > 0.3).astype(int)
    assert separator(x, targets) is not None
    x, targets = np.vstack([x, x[targets == 1].mean(axis=0)]), np.append(targets, 0)
    assert separator(x, targets) is None


def test_a_rate_that_is_too_high_is_told_as_divergence() -> None:
    x, targets = drawn(3)
    assert descend(x * 1e6, targets, rate=1e9, steps=50, penalty=1e9).stopped == "diverged"


@pytest.mark.parametrize(
    ("x", "targets", "key"),
    [
        ([1, 2], [1, 1], "logistic.one_class"), ([1, 2], [0, 3], "given.labels"), ([1], [0, 1], "given.lengths"),
        ([], [], "given.empty"), ([1, float("nan")], [0, 1], "given.not_finite"),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused(x: list, targets: list, key: str) -> None:
    with pytest.raises(BadData) as caught:
        newton(x, targets)
    assert caught.value.key == f"problem.foundations.{key}"


@pytest.mark.parametrize("asked", [{"rate": 0}, {"penalty": -1}, {"steps": 0}, {"start": [1, 2, 3]}])
def test_nonsense_is_refused(asked: dict) -> None:
    with pytest.raises(Misuse):
        descend(HOURS, PASSED, **{"rate": 0.1, "steps": 3, **asked})
