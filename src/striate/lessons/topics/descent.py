"""Gradient descent on the MSE of a line, or on a function that a person types: which learning rates arrive."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from striate.foundations import regression
from striate.foundations.examples import HOURS, MARKS
from striate.foundations.given import count
from striate.foundations.regression import Curvature
from striate.lessons import parts, ways
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, Text, shown
from striate.lessons.ways import Asked, At, Ground, Step, walked
from striate.lessons.written import abridged, bracketed, rounded
from striate.words import Phrase

if TYPE_CHECKING:
    from striate.foundations.surfaces import Surface

_SAME = 1e-6  # of a step's length: as good as the same


@dataclass(frozen=True)
class Options:
    """The notes' four students; the learning rate is a little below the largest that arrives."""

    x: Numbers = HOURS
    y: Numbers = MARKS
    rate: float = 0.03
    steps: int = 10
    function: str = ""
    start: Numbers = ()


@dataclass(frozen=True)
class Trace:
    """The steps at the rate asked for; ``stable`` is the largest rate that arrives, near the lowest point.

    ``endless`` is a function without a lowest point, which falls for ever.
    """

    rate: float
    steps: tuple[Step, ...]
    end: At
    diverged: bool
    stable: float | None
    curvature: Curvature | None
    endless: bool = False


def lesson(options: Options) -> Lesson:
    count(options.steps, "steps", most=50_000)
    surface = _typed(options)
    ground = Ground(options.x, options.y, options.start, surface)
    trace = _on_surface(options, ground, surface) if surface else _on_line(options, ground)
    asked = Asked(trace.rate, trace.stable)
    names = surface.formula.variables if surface else ("a", "b")
    told = (
        Formula(_function_worked(surface, trace)) if surface else Formula(_line_worked(options, trace)),
        _table(names, replace(trace, steps=_settled(surface, trace.steps))),
        Say(_words(_course(trace), value=shown(trace.end.value))),
    )
    seen = "chart_summary_own" if trace.stable is None else "chart_summary"
    return Lesson(
        "descent",
        (
            Say(_words("intro")),
            Formula(("xₖ₊₁ = xₖ - λ · f'(xₖ)",)),
            Say(_words("on_function", text=surface.formula.text) if surface else _words("on_line")),
            *told,
            Question(_words("ask_rate"), _words("tell_rate")),
            *_limit(trace),
            Chart(_words("chart"), _words(seen), lambda language: ways.drawn(ground, asked, language)),
        ),
        trace,
        more=(
            "learn descent --rate 0.033", "learn descent --function 'x**4 - 3*x**2 + x' --start 2", "learn optimisers",
            "lr-find",
        ),
    )  # fmt: skip


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.descent.{key}", values)


def _typed(options: Options) -> Surface | None:
    if not options.function:
        return None
    from striate.foundations.surfaces import typed

    return typed(options.function, start=options.start or None)


def _on_line(options: Options, ground: Ground) -> Trace:
    found = walked(ground, options.rate, options.steps)
    bent = regression.curvature(options.x)
    return Trace(options.rate, *found, bent.largest_rate, bent)


def _on_surface(options: Options, ground: Ground, surface: Surface) -> Trace:
    """The rate that is stable at the lowest point is 2 / its largest curvature; nothing is said of other places."""
    from striate.foundations.endless import falls_without_end
    from striate.foundations.newton import newton

    found = walked(ground, options.rate, options.steps)
    lowest = newton(surface, found.end.point, steps=50) if not found.diverged else None
    reached = lowest is not None and lowest.kind == "minimum" and lowest.stopped == "converged"
    stable = 2 / lowest.eigenvalues[0] if lowest is not None and reached else None
    endless = stable is None and falls_without_end(surface, surface.start)
    return Trace(options.rate, *found, stable, None, endless)


def _line_worked(options: Options, trace: Trace) -> tuple[str, ...]:
    first, n, rate = trace.steps[0], len(options.x), shown(trace.rate)
    (a, b), (by_a, by_b), (next_a, next_b) = first.at.point, first.gradient, first.after
    return (
        "f(a, b) = MSE = Σ(p - y)² / n,  p = a·x + b",
        f"∂MSE/∂a = 2/n · Σ x(p - y) = 2/{n} · {bracketed(by_a * n / 2)} = {shown(by_a)}",
        f"∂MSE/∂b = 2/n · Σ (p - y)  = 2/{n} · {bracketed(by_b * n / 2)} = {shown(by_b)}",
        "",
        f"a ← a - λ · ∂MSE/∂a = {shown(a)} - {rate} · {bracketed(by_a)} = {shown(next_a)}",
        f"b ← b - λ · ∂MSE/∂b = {shown(b)} - {rate} · {bracketed(by_b)} = {shown(next_b)}",
    )


def _function_worked(surface: Surface, trace: Trace) -> tuple[str, ...]:
    rate = shown(trace.rate)
    names = surface.formula.variables
    first = _settled(surface, trace.steps)[0]
    lines = [f"f({', '.join(names)}) = {surface.formula.text}", ""]
    for name, at, slope, after in zip(names, first.at.point, first.gradient, first.after, strict=True):
        lines.append(f"{name} ← {name} - λ · ∂f/∂{name} = {shown(at)} - {rate} · {bracketed(slope)} = {shown(after)}")
    return tuple(lines)


def _settled(surface: Surface | None, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps without what is left of their sums by rounding; value and slope are then those of the point told."""
    found: list[Step] = []
    for step in steps:
        at = step.at if not found else At(found[-1].after, step.at.value)
        after = tuple(map(rounded, step.after, step.at.point))
        told = Step(at, step.gradient, after)
        found.append(told if surface is None or at == step.at else _worked_at(surface, told))
    return tuple(found)


def _worked_at(surface: Surface, step: Step) -> Step:
    import torch

    from striate.foundations.surfaces import gradient, height

    at = torch.tensor(step.at.point, dtype=torch.float64)
    return Step(At(step.at.point, height(surface, at)), tuple(gradient(surface, at).tolist()), step.after)


def _table(names: Sequence[str], trace: Trace) -> parts.Table:
    value = "MSE" if names[0] == "a" else "f"
    rows = [
        tuple(map(shown, (number, *step.at.point, step.at.value, *step.gradient)))
        for number, step in enumerate(trace.steps)
    ]
    end = (shown(len(trace.steps)), *map(shown, trace.steps[-1].after), shown(trace.end.value), *("",) * len(names))
    header: tuple[Text, ...] = (_words("step"), *names, value, *(f"∂{value}/∂{name}" for name in names))
    return parts.Table(header, abridged([*rows, end]), left=0)


def _course(trace: Trace) -> str:
    """How it goes: stopped where there is no value, or since it diverged; up, or downhill at some pace."""
    if math.isnan(trace.end.value):
        return "nowhere"
    higher = trace.end.value > trace.steps[0].at.value
    if trace.diverged:
        return "endless" if trace.endless and not higher else "diverged"
    if higher:
        values = [*(step.at.value for step in trace.steps), trace.end.value]
        return "rising" if all(before < after for before, after in pairwise(values)) else "leaping"
    return _pace(trace.steps)


def _pace(steps: Sequence[Step]) -> str:
    """How long the last step is beside the first, or whether it only undoes the one before."""
    first, last = (math.dist(step.at.point, step.after) for step in (steps[0], steps[-1]))
    if not last:
        return "arrived"
    if len(steps) == 1:
        return "one_step"
    if math.dist(steps[-2].at.point, steps[-1].after) < _SAME * last:
        return "hopping"
    if math.isclose(first, last, rel_tol=_SAME):
        return "arriving_same"
    return "arriving_longer" if last > first else "arriving"


def _limit(trace: Trace) -> tuple[parts.Part, ...]:
    """How large a rate may be, and where that comes from."""
    if trace.stable is None:
        return (Heading(_words("limit")), Say(_words("no_limit_endless" if trace.endless else "no_limit")))
    stable = shown(trace.stable)
    if trace.curvature is None:
        return (Heading(_words("limit")), Say(_words("limit_function", rate=stable)))
    bent = trace.curvature
    (aa, ab), (_, bb) = bent.hessian
    first, last = bent.eigenvalues
    worked = (
        f"H = 2/n · XᵀX = 2/n · [Σx²  Σx]  =  [{shown(aa)}  {shown(ab)}]",
        f"                      [Σx    n ]     [{shown(ab)}  {shown(bb)}]",
        f"μ₁ = {shown(first)},  μ₂ = {shown(last)}",
        f"λ < 2 / μ₁ = 2 / {shown(first)} = {stable}",
    )
    condition = shown(bent.condition, 3)
    return (
        Heading(_words("limit")),
        Say(_words("limit_line")),
        Formula(worked),
        Say(_words("limit_means", rate=stable, condition=condition)),
        Question(_words("ask_half"), _words("tell_half", rate=shown(2 * trace.stable)), expected=2 * trace.stable),
    )
