"""What a lesson is made of, in no language yet."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.words import DEFAULT_LANGUAGE, Phrase
from striate.words.shell import command

if TYPE_CHECKING:
    import altair

Text = str | Phrase
"""What reads the same in every language, or a text of the catalogue."""


@dataclass(frozen=True)
class Heading:
    text: Phrase


@dataclass(frozen=True)
class Say:
    """A paragraph."""

    text: Phrase


@dataclass(frozen=True)
class Formula:
    """Lines of mathematics in Unicode, such as ``a = Σ(x - x̄)(y - ȳ) / Σ(x - x̄)²``, with numbers put in or not."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Columns under their headings; the first ``left`` of them are words, flush left."""

    header: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    left: int = 1
    caption: Phrase | None = None


@dataclass(frozen=True)
class Code:
    """A snippet that was run, and what it printed."""

    source: str
    printed: str


@dataclass(frozen=True)
class Chart:
    """A picture that answers a question; ``summary`` says in words what is to be seen in it."""

    question: Phrase
    summary: Phrase
    draw: Callable[[str], altair.TopLevelMixin]  # in a language


@dataclass(frozen=True)
class Question:
    """Something to think about before reading on; a number given as the answer is compared with ``expected``."""

    asked: Phrase
    answer: Phrase
    expected: float | None = None
    in_percent: bool = False  # whether that number is one of percent: 6 for 6 %


Part = Heading | Say | Formula | Table | Code | Chart | Question


@dataclass(frozen=True, repr=False)
class Lesson:
    """A topic, worked out for the options given."""

    topic: str
    parts: tuple[Part, ...]
    trace: Any  # every number in it: a dataclass, or a dictionary of them
    more: tuple[str, ...] = ()  # commands to try next, without "striate"
    given: tuple[str, ...] = ()  # the options it was asked for with, as they are typed

    @property
    def title(self) -> Phrase:
        return Phrase(f"lesson.{self.topic}.title")

    def command(self, language: str) -> str:
        """What shows this lesson in a terminal, with its numbers and in its language."""
        return _in_language(command("striate", "learn", self.topic, *self.given), language)

    def following(self, language: str) -> tuple[str, ...]:
        """Commands to try next."""
        return tuple(_in_language(f"striate {each}", language) for each in self.more)

    def __repr__(self) -> str:
        """One line: its title, and the command that tells the rest."""
        return f"<{self.title.text()}: {self.command(DEFAULT_LANGUAGE)}>"

    def _repr_html_(self) -> str:
        """What a notebook shows, in the language of the machine."""
        from striate.lessons.page import as_fragment
        from striate.words import language_of

        return as_fragment(self, language_of(os.environ))


def _in_language(typed: str, language: str) -> str:
    return typed if language == DEFAULT_LANGUAGE else f"{typed} --lang {language}"


def shown(value: float | None, digits: int = 6) -> str:
    """A number as lessons print it: so many digits that count, and no more."""
    if value is None:
        return "-"
    text = f"{value:.{digits}g}"
    return "0" if text == "-0" else text
