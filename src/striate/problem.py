"""What a person can run into: an error with its words, the values that led to it, and the exit code it ends with."""

from pathlib import Path
from typing import ClassVar

from striate.words import DEFAULT_LANGUAGE, Phrase, has, offer, say, spoken
from striate.words.shell import command, quoted


class Problem(Exception):
    """An error for people: a sentence, what was expected and found, and what to type next.

    The words live in the message catalogue under ``problem.<key>``, with the optional lines ``.expected``, ``.found``
    and ``.try`` beside it; in the last one, paths and names stand as a shell takes them. Raise one of the three kinds
    below.
    """

    exit_code: ClassVar[int]

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key)
        self.key = f"problem.{key}"
        self.values = values
        self.within: Phrase | None = None  # the part of something larger that it lies in; said first

    def text(self, language: str = DEFAULT_LANGUAGE) -> str:
        """The sentence and its lines, in a language of the catalogue."""
        values = spoken(self.values, language)
        typed = spoken({name: _typed(value) for name, value in self.values.items()}, language)
        place = "" if self.within is None else f"{self.within.text(language)}: "
        lines = [place + say(self.key, language, **values)]
        for part in ("expected", "found", "try"):
            if not has(f"{self.key}.{part}"):
                continue
            told = offer(f"{self.key}.{part}", language, **(typed if part == "try" else values))
            if told:
                lines.append(f"  {say(f'label.{part}', language)}  {told}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.key.removeprefix("problem."), self.values), {"within": self.within}


class Failed(Problem):
    """The work was well asked for and could not be done (exit code 1)."""

    exit_code = 1


class Misuse(Problem):
    """What was asked for makes no sense: an unknown name, a value out of range (exit code 2)."""

    exit_code = 2


class BadData(Problem):
    """The pictures or files given cannot be used (exit code 3)."""

    exit_code = 3


def _typed(value: object) -> object:
    """A value as it stands in a command: a path, a name or several of them; words and numbers stay."""
    if isinstance(value, list | tuple):
        return command(*value)
    return quoted(value) if isinstance(value, str | Path) else value


def _rebuild(kind: type[Problem], key: str, values: dict[str, object]) -> Problem:
    return kind(key, **values)
