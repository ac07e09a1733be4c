"""zip: pairs one by one, as many as the shorter list has, and only once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from striate.figures.colours import INK
from striate.foundations import python_notes
from striate.foundations.python_notes import Ran
from striate.lessons.charts import COLOURS, Places, chart, slider
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Heading, Lesson, Part, Question, Say, Table, shown
from striate.lessons.snippets import as_code
from striate.problem import BadData
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_SHOWN = ("zip", "zip_stops_at_the_shortest", "zip_strict", "zip_is_used_up")
_BITES = ("averaging_into_new_tensors",)
_MOST = 26  # letters


@dataclass(frozen=True)
class Options:
    """The notes' two lists, three numbers and three letters."""

    numbers: Numbers = (1, 2, 3)
    letters: int = 3


@dataclass(frozen=True)
class Trace:
    """The pairs, what was left over, and every program that was run."""

    pairs: tuple[tuple[float, str], ...]
    unpaired_numbers: tuple[float, ...]
    unpaired_letters: tuple[str, ...]
    programs: tuple[Ran, ...]


def lesson(options: Options) -> Lesson:
    for name, count in (("numbers", len(options.numbers)), ("letters", options.letters)):
        if not 0 <= count <= _MOST:
            raise BadData("learn.zip_length", name=name, count=count, most=_MOST)
    letters = _letters(options.letters)
    pairs = tuple(zip(options.numbers, letters, strict=False))
    programs = {name: python_notes.run(name) for name in (*_SHOWN, *_BITES)}
    trace = Trace(pairs, options.numbers[len(pairs) :], letters[len(pairs) :], tuple(programs.values()))

    def told(*names: str) -> list[Part]:
        return [part for name in names for part in (Say(_words(name)), as_code(programs[name]))]

    return Lesson(
        "zip",
        (
            Say(_words("intro")),
            *told(*_SHOWN[:1]),
            Question(_words("ask_count"), _words("tell_count"), expected=2),
            *told(*_SHOWN[1:]),
            Say(_words("own", numbers=len(options.numbers), letters=options.letters)),
            _table(options, letters),
            Say(_words("meaning")),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, language)),
            Heading(_words("bites")),
            *told(*_BITES),
            Question(_words("ask_batches"), _words("tell_batches"), expected=78),
        ),
        trace,
        more=("learn zip --numbers 1,2,3,4,5 --letters 2", "learn inplace", "learn copy"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.zip.{key}", values)


def _letters(count: int) -> tuple[str, ...]:
    return tuple(chr(ord("a") + at) for at in range(count))


def _table(options: Options, letters: tuple[str, ...]) -> Table:
    """Both lists side by side, a - where one has ended."""
    count = max(len(options.numbers), len(letters))
    body = tuple(
        (
            str(at + 1),
            shown(options.numbers[at]) if at < len(options.numbers) else "-",
            letters[at] if at < len(letters) else "-",
            _words("paired" if at < min(len(options.numbers), len(letters)) else "lost"),
        )
        for at in range(count)
    )
    return Table((_words("place"), "a", "b", ""), body, left=0)


def _chart(options: Options, language: str) -> altair.TopLevelMixin:
    """Both lists as rows of points, joined where zip pairs them, for every length of the second."""
    import altair

    numbers = options.numbers
    longest = min(_MOST, max(len(numbers), options.letters) + 3)
    length = slider("letters", say("lesson.zip.length", language), max(0, options.letters - 1), Places(0, longest, 1))
    kinds = [say(f"lesson.zip.{kind}", language) for kind in ("paired", "lost")]
    points, joins = [], []
    for count in range(longest + 1):
        letters, short = _letters(count), min(count, len(numbers))
        points += [
            {"count": count, "place": at + 1, "list": name, "text": text, "kind": kinds[at >= short]}
            for name, texts in (("a", tuple(map(shown, numbers))), ("b", letters))
            for at, text in enumerate(texts)
        ]
        joins += [{"count": count, "place": at + 1, "from": "a", "to": "b"} for at in range(short)]
    x = altair.X(
        "place:O", title=say("lesson.zip.place", language), scale=altair.Scale(domain=[*range(1, longest + 1)])
    ).axis(labelAngle=0)
    y = altair.Y("list:N", title=None, scale=altair.Scale(domain=["a", "b"]))
    colour = altair.Color(
        "kind:N", title=None, scale=altair.Scale(domain=kinds, range=list(COLOURS[:2])),
        legend=altair.Legend(orient="top", labelFontSize=12),
    )  # fmt: skip
    base = chart(points).transform_filter("datum.count == letters")
    lines = chart(joins).transform_filter("datum.count == letters")
    return (
        altair.layer(
            lines.mark_rule(color=COLOURS[0], strokeWidth=2).encode(x=x, y=altair.Y("from:N"), y2="to:N"),
            base.mark_point(filled=True, size=420, opacity=1).encode(x=x, y=y, color=colour),
            base.mark_text(dx=18, fontSize=14, color=INK).encode(x=x, y=y, text="text:N"),
        )
        .properties(width=500, height=150)
        .add_params(length)
    )
