"""Assignment, shallow copy, deep copy: what a change by the second name does to the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.figures.colours import INK
from striate.foundations import python_notes
from striate.foundations.copies import CHANGES, SOURCES, WAYS, Outcome, changed
from striate.foundations.python_notes import Ran
from striate.lessons.charts import COLOURS, chart, choice
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Heading, Lesson, Part, Question, Say, Table, Text
from striate.lessons.snippets import as_code
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_WRITTEN = {
    "assignment": "original",
    "slice": "original[:]",
    "copy": "copy.copy(original)",
    "deepcopy": "copy.deepcopy(original)",
}
_SHOWN = ("assignment", "shallow_copy", "shallow_copy_nested", "deep_copy")
_BITES = (
    "state_dict_is_not_a_copy", "state_dict_copied", "one_block_put_in_twice", "an_optimiser_keeps_the_old_parameters",
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """A list of the notes' three numbers, each in a list of its own, so that there is an inside."""

    values: Numbers = (1, 2, 3)


@dataclass(frozen=True)
class Trace:
    """Every way with every change, and every program that was run."""

    outcomes: tuple[Outcome, ...]
    programs: tuple[Ran, ...]


def lesson(options: Options) -> Lesson:
    outcomes = tuple(changed(way, change, options.values) for way in WAYS for change in CHANGES)
    programs = {name: python_notes.run(name) for name in (*_SHOWN, *_BITES)}
    twice = int(programs["one_block_put_in_twice"].printed[0].split()[0])

    def told(*names: str) -> list[Part]:
        return [part for name in names for part in (Say(_words(name)), as_code(programs[name]))]

    return Lesson(
        "copy",
        (
            Say(_words("intro")),
            *told(*_SHOWN[:1]),
            Question(_words("ask_append"), _words("tell_append")),
            *told(*_SHOWN[1:]),
            Say(_words("tried", before=outcomes[0].before)),
            _table(outcomes),
            Say(_words("meaning")),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(outcomes, language)),
            Heading(_words("bites")),
            *told(*_BITES[:2]),
            Question(_words("ask_twice"), _words("tell_twice", count=twice), expected=twice),
            *told(*_BITES[2:]),
        ),
        Trace(outcomes, tuple(programs.values())),
        more=("learn copy --values 5,6", "learn zip", "learn inplace"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.copy.{key}", values)


def _table(outcomes: tuple[Outcome, ...]) -> Table:
    """A row a way, a column a change: what the original is afterwards."""
    found = {(each.way, each.change): _words("changed" if each.reached else "same") for each in outcomes}

    def row(way: str) -> tuple[Text, ...]:
        return (_WRITTEN[way], *(found[way, change] for change in CHANGES))

    return Table(
        ("other =", *(SOURCES[change] for change in CHANGES)), tuple(map(row, WAYS)), caption=_words("caption")
    )


def _chart(outcomes: tuple[Outcome, ...], language: str) -> altair.TopLevelMixin:
    """Names, the lists they point to, and what stands in them, after one way and one change."""
    import altair

    ways = choice("way", say("lesson.copy.way", language), {way: f"other = {_WRITTEN[way]}" for way in WAYS}, "copy")
    changes = choice("change", say("lesson.copy.change", language), {each: SOURCES[each] for each in CHANGES}, "inside")
    here = "datum.way == way && datum.change == change"
    kinds = [say(f"lesson.copy.{kind}", language) for kind in ("of_original", "of_other", "of_both")]
    boxes, lines = [], []
    for each in outcomes:
        drawn, joined = _drawn(each, kinds)
        boxes += drawn
        lines += joined
    x = altair.X("x:Q", axis=None, scale=altair.Scale(domain=[-0.25, 2.4]))
    y = altair.Y("y:Q", axis=None, scale=altair.Scale(domain=[-0.05, 1.05]))
    colour = altair.Color(
        "kind:N", title=None, scale=altair.Scale(domain=kinds, range=list(COLOURS[:3])),
        legend=altair.Legend(orient="top", columns=1, labelLimit=400, labelFontSize=12),
    )  # fmt: skip
    joins = chart(lines).transform_filter(here).mark_rule(color="#8a8f96").encode(x=x, y=y, x2="x2:Q", y2="y2:Q")
    marks = chart(boxes).transform_filter(here)
    texts = marks.mark_text(dy=-16, fontSize=14, color=INK).encode(x=x, y=y, text="text:N")
    points = marks.mark_point(filled=True, size=170, opacity=1).encode(x=x, y=y, color=colour)
    return altair.layer(joins, points, texts).properties(width=520, height=260).add_params(ways, changes)


def _drawn(outcome: Outcome, kinds: list[str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The points of an outcome and the lines between them: names at 0, lists at 1, what they hold at 2."""
    here = {"way": outcome.way, "change": outcome.change}
    inner = [at for at, thing in enumerate(outcome.things) if not thing.outer]
    places = {at: (2.0, 1 - (number + 0.5) / len(inner)) for number, at in enumerate(inner)}
    outer = {0: 0.75, outcome.other_at: 0.25} if outcome.other_at else {0: 0.5}
    places |= {at: (1.0, height) for at, height in outer.items()}
    boxes, lines = [], []
    for at, thing in enumerate(outcome.things):
        kind = kinds[2 if thing.of_original and thing.of_other else 0 if thing.of_original else 1]
        boxes.append({**here, "x": places[at][0], "y": places[at][1], "text": thing.text, "kind": kind})
        lines += [_line(here, places[at], places[to]) for to in thing.holds]
    for name, height, at in (("original", 0.75, 0), ("other", 0.25, outcome.other_at)):
        boxes.append({**here, "x": 0.0, "y": height, "text": name, "kind": kinds[name == "other"]})
        lines.append(_line(here, (0.0, height), places[at]))
    return boxes, lines


def _line(here: dict[str, str], start: tuple[float, float], end: tuple[float, float]) -> dict[str, Any]:
    return {**here, "x": start[0], "y": start[1], "x2": end[0], "y2": end[1]}
