"""Define-and-run against define-by-run: one function, run for several inputs and recorded once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from striate.figures.colours import INK
from striate.foundations.graphs import EXAMPLES, INPUTS, Shown, show
from striate.lessons.charts import COLOURS, Places, chart, choice, slider
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Code, Heading, Lesson, Part, Question, Say, Table, shown
from striate.problem import Misuse
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_PLACES = tuple((2 * at - 15) / 4 for at in range(16))  # of the slider: -3.75 to 3.75 by 0.5, without 0
_MOST = 30  # operations that a column of the chart has room for


@dataclass(frozen=True)
class Options:
    """A function of the examples, and one more input for it."""

    function: Literal["straight", "counted", "branched", "looped", "selected"] = "branched"
    input: Numbers = (3, -4)


@dataclass(frozen=True)
class Trace:
    """Every example, run and recorded."""

    examples: tuple[Shown, ...]


def lesson(options: Options) -> Lesson:
    if not options.input:
        raise Misuse("foundations.given.empty", name="--input")
    found = {name: show(name, (*INPUTS, options.input)) for name in EXAMPLES}
    chosen = found[options.function]
    others = [name for name in ("straight", "branched", "selected") if name != options.function]
    return Lesson(
        "graphs",
        (
            Say(_words("intro")),
            *_example(chosen),
            Question(_words("ask_graphs", name=chosen.name), _words("tell_graphs", count=chosen.graphs), chosen.graphs),
            Say(_words("meaning")),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, language)),
            *(part for name in others for part in (Heading(_words(f"head.{name}")), *_example(found[name]))),
            Question(_words("ask_where"), _words("tell_where")),
            Heading(_words("frameworks")),
            _frameworks(),
            Say(_words("today")),
        ),
        Trace(tuple(found.values())),
        more=("learn graphs --function looped", "learn graphs --input 0.1,0.2", "describe lenet5"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.graphs.{key}", values)


def _example(found: Shown) -> tuple[Part, ...]:
    """The source, a row a run, and the record or why there is none."""
    body = tuple((_listed(run.given), " → ".join(run.operations), _listed(run.answer)) for run in found.runs)
    record = Say(_words("refused")) if found.graph is None else Say(_words("recorded"))
    printed = found.error if found.graph is None else found.graph.code
    return (
        Code(found.source, ""),
        Table((_words("given"), _words("ran"), _words("answer")), body, left=2),
        record,
        Code(f"torch.fx.symbolic_trace({found.name})", printed),
    )


def _listed(values: tuple[float, ...]) -> str:
    return "[" + ", ".join(shown(value, 3) for value in values) + "]"


def _frameworks() -> Table:
    body = tuple(
        (name, _words(f"{key}.then"), _words(f"{key}.now"))
        for name, key in (("TensorFlow", "tensorflow"), ("Keras", "keras"), ("PyTorch", "pytorch"))
    )
    return Table(("", _words("then"), _words("now")), body, left=3)


def _chart(options: Options, language: str) -> altair.TopLevelMixin:
    """The operations one below the other: of this run, and of the record, which is made before any input."""
    import altair

    names = {name: name for name in EXAMPLES}
    which = choice("example", say("lesson.graphs.function", language), names, options.function)
    first = slider("first", "x", 1.25, Places(_PLACES[0], _PLACES[-1], 0.5))
    columns = [say(f"lesson.graphs.{kind}", language) for kind in ("by_run", "and_run")]
    values = []
    for name in EXAMPLES:
        found = show(name, [(place, place / 2) for place in _PLACES])
        graph = None if found.graph is None else [node.target for node in found.graph.nodes[1:-1]]
        for place, run in zip(_PLACES, found.runs, strict=True):
            recorded = [say("lesson.graphs.cannot", language)] if graph is None else graph
            for column, operations in zip(columns, (run.operations, recorded), strict=True):
                values += [
                    {"example": name, "first": place, "column": column, "at": at, "text": operation}
                    for at, operation in enumerate(operations, 1)
                ]
    shown_here = chart(values).transform_filter("datum.example == example && abs(datum.first - first) < 0.1")
    x = altair.X("column:N", title=None, sort=columns, axis=altair.Axis(orient="top", labelAngle=0, labelFontSize=13))
    y = altair.Y("at:O", title=say("lesson.graphs.step", language), scale=altair.Scale(domain=[*range(1, _MOST + 1)]))
    colour = altair.Color("column:N", legend=None, scale=altair.Scale(domain=columns, range=list(COLOURS[:2])))
    boxes = shown_here.mark_rect(opacity=0.25, stroke="#fff").encode(x=x, y=y, color=colour)
    texts = shown_here.mark_text(color=INK, fontSize=12).encode(x=x, y=y, text="text:N")
    return altair.layer(boxes, texts).properties(width=480, height=480).add_params(which, first)
