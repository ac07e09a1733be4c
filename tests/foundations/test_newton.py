"""Newton's method: one step on what is quadratic, and the wrong places that it goes to where the Hessian lets it."""

import numpy as np
import pytest
from scipy import optimize

from striate.foundations.newton import newton, parabola
from striate.foundations.surfaces import find, typed
from striate.problem import BadData, Misuse


@pytest.mark.parametrize("name", ["square", "regression", "bowl", "saddle"])
def test_any_quadratic_is_done_in_one_step(name: str) -> None:
    surface = find(name)
    found = newton(surface, [7.0] * len(surface.domain))
    assert found.trace[0].after == pytest.approx(surface.minima[0] if surface.minima else (0, 0), abs=1e-9)
    assert found.stopped == "converged"
    assert len(found.trace) == 2  # the second one moves by nothing


def test_the_notes_regression_has_the_notes_hessian() -> None:
    (step, _) = newton(find("regression"), [0.0, 0.0]).trace
    assert step.hessian == ((60, 10), (10, 2))
    assert step.eigenvalues == pytest.approx([61.6757, 0.3243], abs=5e-5)
    assert step.kind == "minimum"


def test_each_step_in_one_variable_is_f1_over_f2_and_ends_where_scipy_does() -> None:
    found = newton(find("two_valleys"), [2.0])
    for step in found.trace:
        (x,) = step.point
        assert step.move[0] == pytest.approx(-(4 * x**3 - 6 * x + 1) / (12 * x**2 - 6), abs=1e-10)
    root = optimize.newton(lambda x: 4 * x**3 - 6 * x + 1, 2.0, fprime=lambda x: 12 * x**2 - 6, tol=1e-14)
    assert found.end[0] == pytest.approx(root, abs=1e-8)


def test_rosenbrocks_valley_takes_a_handful_of_steps() -> None:
    found = newton(find("rosenbrock"), [-1.2, 1.0])
    assert (found.stopped, found.kind) == ("converged", "minimum")
    assert found.end == pytest.approx((1, 1), abs=1e-8)
    assert len(found.trace) < 10
    for step in found.trace:
        assert np.array(step.hessian) @ step.move == pytest.approx(-np.array(step.gradient), abs=1e-8)


def test_it_climbs_to_a_maximum_and_to_a_saddle_and_says_so() -> None:
    top = newton(find("himmelblau"), [0.0, 0.0])
    assert top.end == pytest.approx((-0.270845, -0.923039), abs=1e-6)
    assert (top.stopped, top.kind, top.trace[0].kind) == ("converged", "maximum", "maximum")
    assert top.value > newton(find("himmelblau"), [3.1, 2.1]).value
    saddle = newton(find("saddle"), [2.0, 1.0])
    assert (saddle.end, saddle.kind, saddle.stopped) == ((0, 0), "saddle", "converged")


def test_a_hessian_without_an_inverse_stops_it() -> None:
    straight = newton(typed("x + 2*y"), [1.0, 1.0])
    assert (straight.stopped, straight.kind, straight.trace, straight.end) == ("singular", "singular", (), (1, 1))
    assert newton(typed("x**2 + 0*y"), [1.0, 1.0]).stopped == "singular"
    assert newton(typed("exp(x)"), [0.0], steps=5).stopped is None  # it goes on to the left for ever


def test_divergence_is_told_with_its_step() -> None:
    doubling = newton(typed("log(x)"), [3.0], steps=100)  # the move is x -> 2x
    assert doubling.stopped == "diverged"
    assert doubling.trace[-1].after[0] == doubling.end[0] == 3 * 2.0 ** len(doubling.trace)
    assert newton(typed("sqrt(1 + x**2)"), [1.5]).stopped in ("diverged", "singular")  # x -> -x^3
    assert newton(typed("sqrt(1 + x**2)"), [0.5]).stopped == "converged"


def test_bad_starts_and_steps_are_refused() -> None:
    with pytest.raises(Misuse, match="no single number"):
        newton(find("bowl"), [1.0])
    with pytest.raises(BadData, match="at the start"):
        newton(typed("1/x"), [0.0])
    with pytest.raises(Misuse, match="steps"):
        newton(find("square"), [1.0], steps=-1)


def test_a_step_leads_to_where_its_parabola_is_lowest() -> None:
    step = newton(find("two_valleys"), (2.0,), steps=1).trace[0]
    below, vertex, above = parabola(step, (step.after[0] - 0.01, step.after[0], step.after[0] + 0.01))
    assert vertex < below == pytest.approx(above)
    assert parabola(step, step.point) == pytest.approx((step.value,))
