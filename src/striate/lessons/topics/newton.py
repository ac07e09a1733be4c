"""Newton's method: a parabola is laid to the function, and the next step goes to where that is level."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.figures.colours import INK
from striate.foundations import newton as method
from striate.foundations import regression
from striate.foundations.examples import HOURS, MARKS
from striate.foundations.newton import NewtonPath, Step
from striate.foundations.surfaces import SURFACES, Surface, grid, typed
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, FAINT, RED, Places
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, Text, shown
from striate.lessons.written import abridged, bracketed, paragraph
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_STARTS, _STEPS, _POINTS = 30, 4, 25  # places of the sliders, points of a parabola
_WIDE, _TALL = 520, 300
_ROUNDING, _FASTER = 1e-12, 0.5  # of the point; a step's share of the one before against that one's


@dataclass(frozen=True)
class Options:
    """A curve with two valleys and a hill between them, so that it matters where one starts."""

    function: str = "x**4 - 3*x**2 + x"
    start: Numbers = ()
    steps: int = 20


@dataclass(frozen=True)
class Trace:
    """The steps on the function, and the single one that the MSE of a line takes."""

    function: str
    path: NewtonPath
    line: regression.NewtonStep


def lesson(options: Options) -> Lesson:
    surface = _surface(options)
    path = method.newton(surface, surface.start, steps=options.steps)
    trace = Trace(surface.formula.text, path, regression.newton(HOURS, MARKS))
    return Lesson(
        "newton",
        (
            Say(_words("intro")),
            Formula(_rule(surface)),
            Say(_words("on", text=trace.function, start=", ".join(map(shown, surface.start)))),
            *((Formula(tuple(_worked(surface, path.trace[0]))),) if path.trace else ()),
            _table(surface, path),
            Say(paragraph(*_course(path))),
            Say(_words(f"kind.{path.kind}")),
            *((Chart(_words("chart"), _words(_picture(options)), lambda language: _chart(surface, language)),)
              if len(surface.start) == 1 else ()),
            Question(_words("ask_maximum"), _words("tell_maximum")),
            *_on_line(trace.line),
        ),
        trace,
        more=("learn newton --start 0.2", "learn newton --function 'x**2 + 10*y**2' --start -4,2", "learn logistic"),
    )  # fmt: skip


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.newton.{key}", values)


def _surface(options: Options) -> Surface:
    """The chapter's curve is drawn where it is interesting, a person's own from -5 to 5."""
    own = typed(options.function, start=options.start or None)
    return next(
        (
            Surface(own.name, own.formula, known.domain, own.start)
            for known in SURFACES.values()
            if known.formula.text == own.formula.text
        ),
        own,
    )


def _course(path: NewtonPath) -> Iterator[Phrase]:
    """How it ended; where the steps shrink faster and faster, so do the digits that are wrong."""
    yield _words(path.stopped or "steps_over", point=", ".join(map(shown, path.end)))
    sizes = [max(map(abs, step.move)) / (1 + max(map(abs, path.end))) for step in path.trace]
    seen = [size for size in sizes if size > _ROUNDING]
    if path.stopped == "converged" and len(seen) > 2 and seen[-1] * seen[-3] < seen[-2] ** 2 * _FASTER:
        yield _words("doubling")


def _picture(options: Options) -> str:
    """Of the chapter's curve, what its hill does."""
    return "chart_summary_hill" if options.function == Options.function else "chart_summary"


def _rule(surface: Surface) -> tuple[str, ...]:
    if len(surface.start) == 1:
        return ("xₖ₊₁ = xₖ - f'(xₖ) / f''(xₖ)",)
    return ("xₖ₊₁ = xₖ - H⁻¹ · g,   g = (∂f/∂x, ∂f/∂y),   H = [∂²f/∂x²  ∂²f/∂x∂y; ∂²f/∂y∂x  ∂²f/∂y²]",)


def _worked(surface: Surface, step: Step) -> Iterator[str]:
    yield f"f({', '.join(map(shown, step.point))}) = {shown(step.value)}"
    if len(surface.start) == 1:
        (x,), (slope,), ((bend,),), (after,) = step.point, step.gradient, step.hessian, step.after
        yield f"f'({shown(x)}) = {shown(slope)},  f''({shown(x)}) = {shown(bend)}"
        yield f"x₁ = {shown(x)} - {bracketed(slope)} / {bracketed(bend)} = {shown(after)}"
        return
    (aa, ab), (ba, bb) = step.hessian
    yield f"g = ({', '.join(map(shown, step.gradient))})"
    yield f"H = [{shown(aa)}  {shown(ab)}; {shown(ba)}  {shown(bb)}]"
    yield f"-H⁻¹ · g = ({', '.join(map(shown, step.move))})"
    yield f"(x, y)₁ = ({', '.join(map(shown, step.after))})"


def _table(surface: Surface, path: NewtonPath) -> parts.Table:
    names = surface.formula.variables
    header: tuple[Text, ...] = (_words("step"), *names, "f", _words("slope"), _words("bends"))
    rows = [
        (shown(number), *(shown(each, 10) for each in step.point), shown(step.value), _slope(step.gradient),
         _bends(step.eigenvalues))
        for number, step in enumerate(path.trace)
    ]  # fmt: skip
    end = (
        shown(len(path.trace)), *(shown(each, 10) for each in path.end), shown(path.value), _slope(path.gradient),
        _bends(path.eigenvalues),
    )  # fmt: skip
    return parts.Table(header, abridged([*rows, end]), left=0)


def _slope(gradient: tuple[float, ...]) -> str:
    return ", ".join(shown(each, 3) for each in gradient)


def _bends(eigenvalues: tuple[float, ...]) -> str:
    return ", ".join(shown(each) for each in eigenvalues)


def _on_line(step: regression.NewtonStep) -> tuple[parts.Part, ...]:
    (aa, ab), (_, bb) = step.curvature.hessian
    (by_a, by_b), (a, b) = step.gradient, step.after
    return (
        Heading(_words("line")),
        Say(_words("line_intro")),
        Formula(
            (
                f"g = (∂MSE/∂a, ∂MSE/∂b) = ({shown(by_a)}, {shown(by_b)})   (a = 0, b = 0)",
                f"H = [{shown(aa)}  {shown(ab)}; {shown(ab)}  {shown(bb)}]",
                f"(a, b) = (0, 0) - H⁻¹ · g = ({shown(a)}, {shown(b)})",
                f"MSE: {shown(step.loss)} → {shown(step.loss_after)}",
            )
        ),
        Question(_words("ask_line"), _words("tell_line"), expected=1),
        Say(_words("cost")),
    )


def _chart(surface: Surface, language: str) -> altair.TopLevelMixin:
    """The curve, where a step stands on it, the parabola laid to it there, and where that leads."""
    import altair

    drawn = grid(surface, 201)
    curve = [
        {"x": at, "f": value}
        for at, value in zip(drawn.axes[0].tolist(), drawn.heights.tolist(), strict=True)
        if value == value
    ]
    values = sorted(row["f"] for row in curve)
    tall = values[-1] - values[0] or 1.0
    x = altair.X("x:Q", title="x", scale=charts.fixed(*surface.domain[0]))
    y = altair.Y("f:Q", title="f(x)", scale=charts.fixed(values[0] - 0.25 * tall, values[-1] + 0.05 * tall))
    (low, high), begin = surface.domain[0], surface.start[0]
    apart = round((high - low) / _STARTS, 3)
    places = Places(round(low, 3), round(low + _STARTS * apart, 3), apart)
    first = min(range(_STARTS + 1), key=lambda at: abs(places.low + at * places.step - begin))
    value = round(places.low + first * places.step, 3)
    start = charts.slider("start", say("lesson.newton.start", language), value, places)
    step = charts.slider("step", say("lesson.newton.step", language), 0, Places(0, _STEPS - 1, 1))
    here = f"abs(datum.start - start) < {places.step / 2} && datum.step == step"
    parabolas, landings = _walks(surface, places)
    spot = charts.chart(landings).transform_filter(here)
    return altair.layer(
        charts.chart(curve).mark_line(color=INK, strokeWidth=2).encode(x=x, y=y),
        charts.chart(parabolas).transform_filter(here)
        .mark_line(color=RED, strokeWidth=2, strokeDash=[6, 3], clip=True, interpolate="monotone")
        .encode(x=x, y=y, order="x:Q"),
        spot.mark_rule(color=FAINT, strokeWidth=1.5, clip=True).encode(x=altair.X("after:Q", title="x")),
        spot.mark_point(filled=True, size=130, color=BLUE, opacity=1, clip=True).encode(x=x, y=y),
        spot.mark_point(filled=True, size=130, color=RED, opacity=1, clip=True, shape="diamond")
        .encode(x="after:Q", y="there:Q"),
        spot.mark_text(align="left", dx=8, dy=12, fontSize=14, fontWeight="bold", color=INK)
        .encode(x=altair.value(0), y=altair.value(0), text="words:N"),
    ).properties(width=_WIDE, height=_TALL).add_params(start, step)  # fmt: skip


def _walks(surface: Surface, places: Places) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """For every place of the sliders the parabola, and the point that it is laid to with the next one."""
    import torch

    (low, high), parabolas, landings = surface.domain[0], [], []
    across = [round(low + part * (high - low) / _POINTS, 4) for part in range(_POINTS + 1)]
    for at in range(_STARTS + 1):
        start = round(places.low + at * places.step, 3)
        if not torch.isfinite(surface(torch.tensor([start], dtype=torch.float64))):
            continue
        for step in method.newton(surface, (start,), steps=_STEPS).trace:
            key = {"start": start, "step": step.number - 1}
            (a,), (after,) = step.point, step.after
            heights = method.parabola(step, across)
            parabolas += [{**key, "x": x, "f": float(f"{f:.5g}")} for x, f in zip(across, heights, strict=True)]
            there = surface(torch.tensor([after], dtype=torch.float64)).item()
            words = f"x = {shown(a)} → {shown(after)}"
            landings.append({**key, "x": a, "f": step.value, "after": after, "there": there, "words": words})
    return parabolas, landings
