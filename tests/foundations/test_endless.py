"""Functions that fall without end, and ones that only seem to."""

import pytest

from striate.foundations.endless import falls_without_end
from striate.foundations.surfaces import typed


@pytest.mark.parametrize(
    ("function", "start"), [("x*y", (2, 3)), ("x**2 - y**2", (1, 1)), ("-x", (0,)), ("x**3", (2,))]
)
def test_what_falls_without_end_is_seen_to(function: str, start: tuple[float, ...]) -> None:
    assert falls_without_end(typed(function), start)


@pytest.mark.parametrize(
    ("function", "start"),
    [("x**2", (1,)), ("x**4 - 3*x**2 + x", (2,)), ("exp(-x)", (0,)), ("sin(x)", (1,)), ("x**2 * y**2", (1, 1))],
)
def test_what_has_a_floor_is_not_taken_to_fall_without_end(function: str, start: tuple[float, ...]) -> None:
    assert not falls_without_end(typed(function), start)
