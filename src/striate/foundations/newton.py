"""Newton's method on a function: each step by gradient and Hessian, and what kind of place the Hessian speaks of."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from striate.foundations import given
from striate.foundations.given import Numbers
from striate.foundations.surfaces import Function, Point, checked, gradient, height, hessian

Stopped = Literal["converged", "singular", "diverged"]
Kind = Literal["minimum", "saddle", "maximum", "singular"]
"""By the signs of the Hessian's eigenvalues: all above 0, both signs, all below 0, or one that is 0.

Only where all are above 0 is Newton's move one downhill: it goes to a place where the gradient is 0, whichever kind.
"""

_FLAT = 1e-12  # of the largest eigenvalue
_STILL = 1e-12  # of the point


@dataclass(frozen=True)
class Step:
    """x - H^-1 g (one variable: x - f'(x) / f''(x)): the point, what is known there, the move, and where it leads."""

    number: int
    point: Point
    value: float
    gradient: Point
    hessian: tuple[Point, ...]
    eigenvalues: Point
    kind: Kind
    move: Point
    after: Point


@dataclass(frozen=True)
class NewtonPath:
    """The steps and where they ended: gradient and kind there; ``stopped`` is None where all steps were taken.

    Singular: the Hessian at the end has no inverse, so no step was taken from there.
    """

    trace: tuple[Step, ...]
    end: Point
    value: float
    gradient: Point
    eigenvalues: Point
    kind: Kind
    stopped: Stopped | None


def newton(function: Function, start: Numbers, *, steps: int = 20) -> NewtonPath:
    """Newton's method (Newton 1669, Raphson 1690) for a place where the gradient is 0: in one step on any quadratic."""
    x = checked(function, start)
    scale = max(abs(height(function, x)), float(x.abs().max()))
    trace: list[Step] = []
    stopped: Stopped | None = None
    for number in range(1, given.count(steps, "steps", most=10_000) + 1):
        slope, curved = gradient(function, x), hessian(function, x)
        values, kind = _eigenvalues(curved)
        if kind == "singular":
            stopped = "singular"
            break
        after = x - torch.linalg.solve(curved, slope)
        trace.append(
            Step(number, _point(x), height(function, x), _point(slope), tuple(map(_point, curved)), values, kind,
                 _point(after - x), _point(after))
        )  # fmt: skip
        still = float((after - x).abs().max()) <= _STILL * (1 + float(x.abs().max()))
        x = after
        if given.escaped(x.numpy(), height(function, x), scale=scale):
            stopped = "diverged"
        elif still:
            stopped = "converged"
        if stopped:
            break
    values, kind = _eigenvalues(hessian(function, x))
    return NewtonPath(
        tuple(trace), _point(x), height(function, x), _point(gradient(function, x)), values, kind, stopped
    )


def parabola(step: Step, x: Numbers) -> tuple[float, ...]:
    """Of one variable: f + f' (x - a) + f'' (x - a)^2 / 2, which agrees with f at the step's point a up to f''."""
    away = given.numbers(x, "x") - step.point[0]
    return given.floats(step.value + step.gradient[0] * away + step.hessian[0][0] * away**2 / 2)


def _eigenvalues(matrix: Tensor) -> tuple[Point, Kind]:
    """Falling, and the kind of place that they speak of; a Hessian that is not finite counts as singular."""
    if not torch.isfinite(matrix).all():
        return (float("nan"),) * len(matrix), "singular"
    values = torch.linalg.eigvalsh(matrix).flip(0)
    if values.abs().min() <= _FLAT * values.abs().max():
        return _point(values), "singular"
    kind: Kind = "minimum" if values[-1] > 0 else "maximum" if values[0] < 0 else "saddle"
    return _point(values), kind


def _point(values: Tensor) -> Point:
    return tuple(values.tolist())
