"""One recurrent unit, unrolled over a sequence, and how far back its gradient reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from striate.foundations.recurrent import Gradients, Reach, Unrolled, reaches, through_time, unroll
from striate.lessons.charts import COLOURS, Places, chart, slider
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, Table, shown
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_PLACES = tuple(at / 10 for at in range(-15, 21))  # of the slider
_LONG = 20  # steps in the chart
_SMALL = 1e-6  # the chart's floor, for a logarithm of 0 is nowhere


@dataclass(frozen=True)
class Options:
    """A single 1, and then nothing: what is left of it?"""

    sequence: Numbers = (1, 0, 0, 0)
    input_weight: float = 1.0
    state_weight: float = 0.8
    bias: float = 0.0


@dataclass(frozen=True)
class Trace:
    """The way forward, the way back from a loss that reads the last state, and what arrives."""

    read: Unrolled
    gradients: Gradients
    reaches: tuple[Reach, ...]


def lesson(options: Options) -> Lesson:
    read = _read(options.sequence, options, options.state_weight)
    from_loss = [[0.0]] * (len(options.sequence) - 1) + [[1.0]]
    trace = Trace(read, through_time(read, from_loss), reaches(read))
    forward = _forward(read, options)
    second = read.trace[min(1, len(read.trace) - 1)].state[0]
    return Lesson(
        "recurrent",
        (
            Say(_words("intro")),
            Formula(forward[:2]),
            Question(
                _words("ask_state", time=min(2, len(read.trace))), _words("tell_state", value=shown(second)), second
            ),
            Formula(forward[2:]),
            _states(read),
            Say(_words("shared", steps=len(read.trace))),
            Heading(_words("back")),
            Say(_words("through_time")),
            Formula(_backward(trace)),
            _gradients(trace),
            Say(_words("arrives", steps=len(read.trace) - 1, share=shown(_first(trace), 4))),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, language)),
            Question(_words("ask_power"), _words("tell_power"), expected=0.5**10),
            Say(_words("meaning")),
            Say(_words("cnn")),
        ),
        trace,
        more=("learn recurrent --state-weight 1.5", "learn recurrent --sequence 1,-1,1,-1", "learn vanishing"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.recurrent.{key}", values)


def _read(sequence: tuple[float, ...], options: Options, weight: float) -> Unrolled:
    """One unit and one feature."""
    return unroll([[value] for value in sequence], [[options.input_weight]], [[weight]], [options.bias])


def _first(trace: Trace) -> float:
    """What of a gradient of 1 at the last state is left at the first one."""
    return trace.gradients.trace[-1].state[0]


def _forward(read: Unrolled, options: Options) -> tuple[str, ...]:
    w, u, b = (shown(value) for value in (options.input_weight, options.state_weight, options.bias))
    lines = ["hₜ = tanh(w · xₜ + u · hₜ₋₁ + b)"]
    for step in read.trace[:3]:
        given, before = shown(step.x[0]), shown(step.before[0], 4)
        lines.append(
            f"h{step.time} = tanh({w} · {given} + {u} · {before} + {b})"
            f" = tanh({shown(step.total[0], 4)}) = {shown(step.state[0])}"
        )
    return tuple(lines)


def _states(read: Unrolled) -> Table:
    columns = ("x", "from_input", "from_state", "total", "state")
    body = tuple((str(step.time), *(shown(getattr(step, column)[0], 5) for column in columns)) for step in read.trace)
    return Table(("t", "xₜ", "w xₜ", "u hₜ₋₁", _words("sum"), "hₜ"), body, left=0)


def _backward(trace: Trace) -> tuple[str, ...]:
    u = shown(float(trace.read.state_weights[0, 0]))
    lines = ["∂L/∂zₜ = ∂L/∂hₜ · (1 − hₜ²)", "∂L/∂hₜ₋₁ = u · ∂L/∂zₜ", "∂L/∂u = Σ ∂L/∂zₜ · hₜ₋₁"]
    for back in trace.gradients.trace[:2]:
        state, given = trace.read.trace[back.time - 1].state[0], shown(back.state[0], 4)
        answer = shown(back.earlier[0])
        lines.append(f"∂L/∂h{back.time - 1} = {u} · {given} · (1 − {shown(state, 4)}²) = {answer}")
    return tuple(lines)


def _gradients(trace: Trace) -> Table:
    body = tuple(
        (
            str(back.time),
            shown(back.state[0], 5),
            shown(back.total[0], 5),
            shown(back.total[0] * trace.read.trace[back.time - 1].before[0], 5),
        )
        for back in trace.gradients.trace
    )
    whole = ("Σ", "", shown(trace.gradients.bias[0], 5), shown(float(trace.gradients.state_weights[0, 0]), 5))
    return Table(("t", "∂L/∂hₜ", "∂L/∂zₜ", "∂L/∂zₜ · hₜ₋₁"), (*body, whole), left=0)


def _chart(options: Options, language: str) -> altair.TopLevelMixin:
    """The states of a longer sequence, and below what arrives of the last one's gradient, for every weight."""
    import altair

    nearest = min(_PLACES, key=lambda place: abs(place - options.state_weight))
    weight = slider("u", "u", nearest, Places(_PLACES[0], _PLACES[-1], 0.1))
    sequence = (*options.sequence, *(0.0,) * _LONG)[: max(_LONG, len(options.sequence))]
    values = []
    for place in _PLACES:
        read = _read(sequence, options, place)
        arrived = {len(sequence) - each.steps: max(each.size, _SMALL) for each in reaches(read)}
        values += [
            {"u": place, "t": step.time, "h": round(step.state[0], 5), "size": float(f"{arrived[step.time]:.4g}")}
            for step in read.trace
            if step.time in arrived
        ]
    here = chart(values).transform_filter("abs(datum.u - u) < 0.05")
    x = altair.X("t:O", title=say("lesson.recurrent.time", language), axis=altair.Axis(labelAngle=0))
    state = altair.Y("h:Q", title="hₜ", scale=altair.Scale(domain=[-1, 1]))
    size = altair.Y(
        "size:Q",
        title=say("lesson.recurrent.size", language),
        scale=altair.Scale(type="log", domain=[_SMALL, 100], clamp=True),
        axis=altair.Axis(values=[1e-6, 1e-4, 1e-2, 1, 100], format="~e"),
    )
    states = here.mark_bar(color=COLOURS[0]).encode(x=x, y=state).properties(width=460, height=140)
    gradients = here.mark_line(point=True, color=COLOURS[1]).encode(x=x, y=size).properties(width=460, height=180)
    return altair.vconcat(states, gradients).add_params(weight)
