"""Functions to go down on: the well-known ones and those a person types, with their gradients and Hessians."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from striate.foundations import given
from striate.foundations.examples import HOURS, MARKS
from striate.foundations.expressions import Expression, expression
from striate.foundations.given import Array, Numbers
from striate.problem import BadData, Misuse
from striate.words import nearest

Point = tuple[float, ...]
Function = Callable[[Tensor], Tensor]
"""(variables,) -> (), such as a Surface."""


@dataclass(frozen=True)
class Surface:
    """A function of x, or of x and y: its domain for drawing, where to start, and where it is lowest.

    ``minima`` are its lowest points, all of them, where they are known; ``traps`` are lowest in their neighbourhood
    only. Called with a point (variables,), a surface gives its height.
    """

    name: str
    formula: Expression
    domain: tuple[tuple[float, float], ...]
    start: Point
    minima: tuple[Point, ...] = ()
    traps: tuple[Point, ...] = ()

    def __call__(self, point: Tensor) -> Tensor:
        return self.formula(*point)


@dataclass(frozen=True)
class Grid:
    """The heights over a domain: axes (points,), heights (points,), or (points of y, points of x); read-only."""

    axes: tuple[Array, ...]
    heights: Array


_LINE = "(" + " + ".join(f"({x}*x + y - {mark})**2" for x, mark in zip(HOURS, MARKS, strict=True)) + ")/4"
_BEALE = "(1.5 - x + x*y)**2 + (2.25 - x + x*y**2)**2 + (2.625 - x + x*y**3)**2"
_SQUARE = ((-5.0, 5.0), (-5.0, 5.0))
_HIMMELBLAU = (
    (3.0, 2.0), (-2.805118086952745, 3.131312518250573), (-3.779310253377747, -3.283185991286170),
    (3.584428340330492, -1.848126526964404),
)  # fmt: skip


def _surface(name: str, text: str, domain: tuple[tuple[float, float], ...], start: Point, *minima: Point) -> Surface:
    return Surface(name, expression(text), domain, start, minima)


SURFACES: Mapping[str, Surface] = {
    each.name: each
    for each in (
        _surface("square", "x**2", ((-1.2, 1.2),), (1.0,), (0.0,)),
        # the MSE of four students: x is the slope, y the intercept
        _surface("regression", _LINE, ((-15.0, 20.0), (0.0, 120.0)), (0.0, 0.0), (2.3, 79.0)),
        _surface("bowl", "x**2 + 10*y**2", _SQUARE, (-4.0, 2.0), (0.0, 0.0)),
        # Rosenbrock 1960
        _surface("rosenbrock", "(1 - x)**2 + 100*(y - x**2)**2", ((-2.0, 2.0), (-1.0, 3.0)), (-1.2, 1.0), (1.0, 1.0)),
        # Beale 1958
        _surface("beale", _BEALE, ((-4.5, 4.5), (-4.5, 4.5)), (1.0, 1.0), (3.0, 0.5)),
        # Himmelblau 1972
        _surface("himmelblau", "(x**2 + y - 11)**2 + (x + y**2 - 7)**2", _SQUARE, (0.0, 0.0), *_HIMMELBLAU),
        _surface("saddle", "x**2 - y**2", _SQUARE, (2.0, 0.01)),  # sinks without end
        replace(
            _surface("two_valleys", "x**4 - 3*x**2 + x", ((-2.2, 2.2),), (2.0,), (-1.3008395659415772,)),
            traps=((1.1309011226299859,),),
        ),
    )
}  # fmt: skip


def typed(text: str, *, start: Numbers | None = None) -> Surface:
    """A surface of a person's own, such as x**2 + 10*y**2, from -5 to 5; it starts at 2 where nothing is said."""
    formula = expression(text)
    size = len(formula.variables)
    begin = given.start([2.0] * size if start is None else start, size)
    return Surface(formula.text, formula, _SQUARE[:size], given.floats(begin))


def find(name: str) -> Surface:
    """A surface of SURFACES by its name."""
    if name not in SURFACES:
        raise Misuse(
            "foundations.surface.unknown", name=name, nearest=nearest(name, SURFACES), known=", ".join(SURFACES)
        )
    return SURFACES[name]


def grid(surface: Surface, points: int = 101) -> Grid:
    """The heights at so many places along each axis of the domain; not-a-number where there is none."""
    points = given.count(points, "points", most=2000)
    axes = [torch.linspace(low, high, points, dtype=torch.float64) for low, high in surface.domain]
    heights = surface.formula(*torch.meshgrid(*axes, indexing="xy"))
    return Grid(tuple(given.fixed(axis.numpy()) for axis in axes), given.fixed(heights.numpy()))


def checked(function: Function, start: Numbers) -> Tensor:
    """A start as a tensor (variables,), where the function must have a single finite value."""
    point = torch.tensor(given.numbers(start, "start"))
    try:
        value = function(point)
    except (IndexError, TypeError, ValueError):  # too few or too many variables
        raise Misuse("foundations.surface.variables", count=len(point)) from None
    if not (isinstance(value, Tensor) and value.numel() == 1):
        raise Misuse("foundations.surface.variables", count=len(point))
    if not torch.isfinite(value):
        shown = ", ".join(f"{each:g}" for each in point.tolist())
        raise BadData("foundations.surface.start", point=shown, value=f"{value.item():g}")
    return point


def height(function: Function, point: Tensor) -> float:
    """f at a point."""
    with torch.no_grad():
        return float(function(point))


def gradient(function: Function, point: Tensor) -> Tensor:
    """(variables,): the partial derivatives by autograd; 0 along what the function does not depend on."""
    at = point.detach().clone().requires_grad_()
    value = function(at)
    if not value.requires_grad:
        return torch.zeros_like(point)
    (found,) = torch.autograd.grad(value, at, allow_unused=True)
    return torch.zeros_like(point) if found is None else found


def hessian(function: Function, point: Tensor) -> Tensor:
    """(variables, variables): the second partial derivatives by autograd."""
    found = torch.autograd.functional.hessian(function, point.detach().clone())
    assert isinstance(found, Tensor)
    return found
