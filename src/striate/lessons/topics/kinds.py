"""Artificial intelligence, machine learning, deep learning; learning from labels, without them, and from rewards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from striate.figures.colours import INK
from striate.foundations.bandit import Played, Pull, play
from striate.foundations.given import count
from striate.lessons.charts import COLOURS, Places, chart, slider
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, Table, Text, shown
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_SHARES = tuple(at / 20 for at in range(21))  # of tries at random, the places of the slider
_EVERY = 4  # tries between two points of a curve
_SHOWN = 8  # tries in the table

_WORK = (
    ("collect", "striate train photos/ --dry-run"),
    ("divide", "striate train photos/ --seed 0"),
    ("train", "striate train photos/ --net NET --out RUN"),
    ("look", "striate evaluate RUN"),
    ("change", "striate lr-find photos/ --net NET"),
    ("use", "striate predict RUN PICTURE"),
)


@dataclass(frozen=True)
class Options:
    """Three arms whose chances the agent does not know."""

    chances: Numbers = (0.2, 0.5, 0.8)
    explore: float = 0.1
    steps: int = 200
    seed: int = 0


@dataclass(frozen=True)
class Trace:
    """The game of the lesson, and what its agent would have had by chance and by knowing."""

    played: Played
    by_chance: float
    by_knowing: float


def lesson(options: Options) -> Lesson:
    count(options.steps, "steps", most=50_000)
    played = play(options.chances, explore=options.explore, steps=options.steps, seed=options.seed)
    chance = options.steps * sum(options.chances) / len(options.chances)
    trace = Trace(played, chance, options.steps * max(options.chances))
    return Lesson(
        "kinds",
        (
            Say(_words("intro")),
            _table("nested", ("ai", "ml", "dl"), ("means", "here")),
            Say(_words("weak")),
            Heading(_words("ways")),
            _table("ways", ("supervised", "unsupervised", "reinforcement"), ("means", "here")),
            Say(_words("two_questions")),
            _table("answers", ("classification", "regression"), ("means", "here")),
            Question(_words("ask_marks"), _words("tell_marks")),
            Question(_words("ask_groups"), _words("tell_groups")),
            Heading(_words("rewards")),
            Say(_words("game", arms=len(options.chances), share=shown(100 * options.explore))),
            Formula(_first(played)),
            _tries(played),
            Question(
                _words("ask_chance", chances=", ".join(map(shown, options.chances)), steps=options.steps),
                _words("tell_chance", value=shown(chance, 4)),
                expected=chance,
            ),
            Say(_reckoned(trace, options)),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, language)),
            Heading(_words("work")),
            Table(
                (_words("step"), _words("command")), tuple((_words(f"work.{name}"), line) for name, line in _WORK), 2
            ),
            Say(_words("round")),
        ),
        trace,
        more=("learn kinds --explore 0.5", "learn classifiers", "train --dry-run"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.kinds.{key}", values)


def _table(name: str, keys: tuple[str, ...], columns: tuple[str, ...]) -> Table:
    body = tuple((_words(key), *(_words(f"{key}.{column}") for column in columns)) for key in keys)
    return Table(("", *(_words(f"{name}.{column}") for column in columns)), body, left=3)


def _first(played: Played) -> tuple[str, ...]:
    """The rule, and the first try by it."""
    first = played.trace[0]
    return (
        "Q(a) ← Q(a) + (r − Q(a)) / n(a)",
        f"Q({first.arm + 1}) ← 0 + ({first.reward} − 0) / 1 = {shown(first.estimates[first.arm])}",
    )


def _tries(played: Played) -> Table:
    def row(pull: Pull) -> tuple[Text, ...]:
        estimates = (shown(each, 3) for each in pull.estimates)
        how = _words("explored" if pull.explored else "best")
        return (str(pull.time), how, str(pull.arm + 1), str(pull.reward), *estimates)

    names = tuple(f"Q({at + 1})" for at in range(len(played.pulls)))
    head: tuple[Text, ...] = (_words("try"), _words("how"), _words("arm"), _words("reward"), *names)
    return Table(head, tuple(map(row, played.trace[:_SHOWN])), left=0)


def _reckoned(trace: Trace, options: Options) -> Phrase:
    return _words(
        "reckoned", steps=options.steps, reward=trace.played.reward, chance=shown(trace.by_chance, 4),
        knowing=shown(trace.by_knowing, 4), pulls=trace.played.pulls[trace.played.best],
    )  # fmt: skip


def _chart(options: Options, language: str) -> altair.TopLevelMixin:
    """How often the best arm was pulled up to each try, for every share of tries at random."""
    import altair

    nearest = min(_SHARES, key=lambda share: abs(share - options.explore))
    share = slider("share", say("lesson.kinds.share", language), nearest, Places(0, 1, 0.05))
    values = []
    for explore in _SHARES:
        played = play(options.chances, explore=explore, steps=options.steps, seed=options.seed)
        so_far = 0
        for pull in played.trace:
            so_far += pull.reward
            if pull.time % _EVERY == 0:
                values.append({"share": explore, "time": pull.time, "mean": round(so_far / pull.time, 4)})
    x = altair.X("time:Q", title=say("lesson.kinds.try", language))
    y = altair.Y("mean:Q", title=say("lesson.kinds.mean", language), scale=altair.Scale(domain=[0, 1]))
    line = (
        chart(values).transform_filter("abs(datum.share - share) < 0.01").mark_line(color=COLOURS[0], strokeWidth=2.5)
    )
    arms = [
        {"mean": chance, "time": options.steps, "text": f"{say('lesson.kinds.arm', language)} {at}"}
        for at, chance in enumerate(options.chances, 1)
    ]
    rules = chart(arms).mark_rule(color="#8a8f96", strokeDash=[4, 4]).encode(y="mean:Q")
    names = chart(arms).mark_text(align="right", dy=-8, color=INK).encode(x="time:Q", y="mean:Q", text="text:N")
    return altair.layer(rules, names, line.encode(x=x, y=y)).properties(width=480, height=240).add_params(share)
