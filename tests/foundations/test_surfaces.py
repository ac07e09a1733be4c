"""Functions of x and y: what a person may type, and what is known of the well-known ones."""

import pickle

import numpy as np
import pytest
import torch

from striate.foundations.expressions import expression
from striate.foundations.surfaces import SURFACES, find, gradient, grid, hessian, typed
from striate.problem import Misuse


def at(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x**2 + 10*y**2", 41.0), ("x^2 - y", -1.0), ("-x**2", -1.0), ("(x - 1)**2 + abs(-y)", 2.0),
        ("exp(log(x + 1)) * y/4", 1.0), ("sqrt(x*4) + 0*y", 2.0), ("x**-1 + y**(1/2)", 1 + 2**0.5),
        ("  +.5e1*x\n- y ", 3.0), ("2**3*x*y", 16.0),
        ("tanh(x) + sin(y) + cos(y)", np.tanh(1) + np.sin(2) + np.cos(2)),
    ],
)  # fmt: skip
def test_what_a_person_types_is_worked_out(text: str, value: float) -> None:
    read = expression(text)
    assert read(*at(1.0, 2.0)[: len(read.variables)]).item() == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("__import__('os').system('true')", "name"), ("open(x)", "name"), ("x.real", "character"),
        ("x[0]", "character"),
        ("lambda: x", "name"), ("x if x else y", "name"), ("[x]", "character"), ("x; y", "character"),
        ("x := 2", "character"), ("x == y", "character"), ("x @ y", "character"), ("x // y", "grammar"),
        ("exp(x, y)", "character"), ("exp(exp)", "grammar"), ("x(y)", "grammar"), ("exp + x", "grammar"),
        ("exp(*x)", "grammar"), ("exp(**x)", "grammar"), ("2x", "grammar"), ("x y", "grammar"), ("(x", "grammar"),
        ("", "grammar"), ("x +", "grammar"), ("1_0*x", "name"), ("0x10*x", "name"), ("z", "name"), ("x\0", "character"),
        ("x**y", "exponent"), ("x**99", "exponent"), ("x**9**9**9**9", "exponent"), ("x**(1e308*10)", "exponent"),
        ("x**(0/0)", "exponent"), ("3", "constant"), ("exp(2)", "constant"), ("x" + "+x" * 100, "long"),
        ("-" * 90 + "x", "deep"), ("exp(" * 48 + "x", "grammar"),
    ],
)  # fmt: skip
def test_nothing_else_is_read(text: str, key: str) -> None:
    with pytest.raises(Misuse) as caught:
        expression(text)
    assert caught.value.key == f"problem.foundations.expression.{key}"
    assert caught.value.text("ko")


def test_a_wrong_name_gets_the_nearest_right_one() -> None:
    with pytest.raises(Misuse, match="sinn means nothing here") as caught:
        expression("sinn(x)")
    assert "try       sin" in str(caught.value)


def test_a_function_of_x_alone_has_one_variable() -> None:
    assert typed("x**2").formula.variables == ("x",)
    assert typed("y**2").formula.variables == ("x", "y")
    assert typed("x**2 + y", start=[1, 3]).start == (1.0, 3.0)
    with pytest.raises(Misuse, match="the start has 1 numbers"):
        typed("x*y", start=[1])


@pytest.mark.parametrize("name", SURFACES)
def test_known_lowest_points_are_flat_and_curve_up(name: str) -> None:
    surface = SURFACES[name]
    for point in (*surface.minima, *surface.traps):
        assert gradient(surface, at(*point)).abs().max() < 1e-8 * (1 + abs(surface(at(*point)).item()))
        assert torch.linalg.eigvalsh(hessian(surface, at(*point))).min() > 0
    heights = grid(surface, 201).heights
    for point in surface.minima:
        assert surface(at(*point)).item() <= heights.min() + 1e-12
    for point in surface.traps:
        assert surface(at(*point)).item() > heights.min()
    assert all(low <= value <= high for value, (low, high) in zip(surface.start, surface.domain, strict=True))


@pytest.mark.parametrize("text", ["x**3*y - exp(x)/y", "sin(x*y) + log(x)*sqrt(y)", "tanh(x) + abs(y)**3"])
def test_gradients_and_hessians_are_central_differences(text: str) -> None:
    surface, point, h = typed(text), at(0.7, 1.3), 1e-5
    for axis in range(2):
        by = torch.eye(2, dtype=torch.float64)[axis] * h
        slope = (surface(point + by) - surface(point - by)) / (2 * h)
        assert gradient(surface, point)[axis].item() == pytest.approx(slope.item(), abs=1e-8)
        row = (gradient(surface, point + by) - gradient(surface, point - by)) / (2 * h)
        assert hessian(surface, point)[axis].tolist() == pytest.approx(row.tolist(), abs=1e-7)


def test_what_a_function_does_not_depend_on_has_no_slope() -> None:
    assert gradient(typed("y**2"), at(1.0, 3.0)).tolist() == [0, 6]
    assert hessian(typed("x + y"), at(1.0, 3.0)).tolist() == [[0, 0], [0, 0]]
    assert gradient(lambda point: torch.ones(()), at(1.0)).tolist() == [0]


def test_a_grid_has_x_along_its_rows_and_cannot_be_written_to() -> None:
    found = grid(find("saddle"), 11)
    assert (found.heights[5, 0], found.heights[0, 5]) == (25, -25)
    assert found.axes[0][0] == -5
    with pytest.raises(ValueError, match="read-only"):
        found.heights[0, 0] = 1
    assert grid(find("square"), 11).heights.shape == (11,)
    assert np.isnan(grid(typed("log(x)"), 11).heights[0])


def test_the_regression_surface_is_the_mse_of_the_line_through_four_students() -> None:
    assert find("regression")(at(2.3, 79.0)).item() == pytest.approx(8.3)
    for slope, intercept in ((0, 0), (1, 70), (-3, 110)):
        residuals = slope * np.array([2, 4, 6, 8]) + intercept - np.array([81, 93, 91, 97])
        assert find("regression")(at(slope, intercept)).item() == pytest.approx((residuals**2).mean())


def test_surfaces_survive_pickling_and_unknown_ones_get_the_nearest() -> None:
    assert pickle.loads(pickle.dumps(find("beale")))(at(3.0, 0.5)).item() == 0
    with pytest.raises(Misuse, match="no surface called rosenbrok") as caught:
        find("rosenbrok")
    assert "try       rosenbrock" in str(caught.value)
