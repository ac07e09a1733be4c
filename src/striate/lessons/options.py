"""The options of a topic: a frozen dataclass whose fields are what a person may set, each with its default.

A field is a float, an int, a str, a bool, one of the names of a Literal, or Numbers. On the command line
``hidden_units`` is --hidden-units, with the help ``lesson.TOPIC.option.hidden_units``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from importlib import import_module
from typing import Any, get_args, get_origin, get_type_hints

from striate.lessons.catalogue import Topic
from striate.lessons.parts import Lesson
from striate.problem import Misuse
from striate.words import nearest

Numbers = tuple[float, ...]
MOST_NUMBERS = 10_000
_SEEDS = 2**32 - 1  # what every generator takes


@dataclass(frozen=True)
class Option:
    """What one option is called, what it takes, and what it is otherwise."""

    name: str
    kind: Any  # a type, a Literal, or Numbers
    default: Any

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def choices(self) -> tuple[str, ...]:
        """The names that it takes, where they are known."""
        return get_args(self.kind) if get_origin(self.kind) is not tuple else ()

    def value(self, given: Any) -> Any:
        """What was typed, as what the topic takes; Misuse with what is expected."""
        from striate.foundations.given import count, finite  # here, so that other commands do without numpy

        if self.kind == Numbers:
            return numbers(self.flag, given)
        if self.kind is float:
            return finite(_float(self.flag, given), self.flag)
        if self.kind is int and not isinstance(given, int):
            raise Misuse("learn.no_number", option=self.flag, text=given)
        if self.name == "seed":
            return count(given, self.flag, least=0, most=_SEEDS)
        if self.choices and given not in self.choices:
            known = ", ".join(self.choices)
            raise Misuse(
                "learn.choice", option=self.flag, name=given, known=known, nearest=nearest(given, self.choices)
            )
        return given

    def typed(self, value: Any) -> tuple[str, ...]:
        """A value as it is typed; nothing where it is what it would be otherwise."""
        if value == self.default:
            return ()
        if self.kind is bool:
            return (self.flag if value else f"--no-{self.flag[2:]}",)
        text = ",".join(map(_exact, value)) if self.kind == Numbers else str(value)
        return (self.flag, text) if text and not text.startswith("-") else (f"{self.flag}={text}",)


def options_of(topic: Topic) -> tuple[Option, ...]:
    """What a topic can be asked with."""
    declared = import_module(topic.module).Options
    kinds = get_type_hints(declared)
    return tuple(Option(each.name, kinds[each.name], each.default) for each in fields(declared))


def lesson_of(topic: Topic, given: Mapping[str, Any]) -> Lesson:
    """The lesson for the options given by name, as typed or as values; Misuse for what makes no sense."""
    module = import_module(topic.module)
    values = {}
    known = {option.name: option for option in options_of(topic)}
    for name, value in given.items():
        if name not in known:
            raise Misuse("learn.option", topic=topic.name, name=name, known=", ".join(known) or "-")
        values[name] = known[name].value(value)
    lesson: Lesson = module.lesson(module.Options(**values))
    return replace(lesson, given=tuple(word for name, value in values.items() for word in known[name].typed(value)))


def numbers(option: str, given: str | Numbers) -> Numbers:
    """2,4,6,8 as numbers, nothing as none; Misuse that says which part is none, BadData for what is not finite."""
    from striate.foundations.given import array

    found = _typed(option, given) if isinstance(given, str) else tuple(_float(option, each) for each in given)
    if len(found) > MOST_NUMBERS:
        raise Misuse("learn.too_many", option=option, count=len(found), most=MOST_NUMBERS)
    return tuple(array(found, option, 1).tolist()) if found else ()


def _typed(option: str, given: str) -> Numbers:
    if not given.strip():
        return ()
    parts = [part.strip() for part in given.replace("，", ",").split(",")]
    found = []
    for at, part in enumerate(parts, 1):
        try:
            found.append(float(part))
        except ValueError:
            raise Misuse("learn.number", option=option, text=part or "''", place=at, given=given) from None
    return tuple(found)


def _exact(number: float) -> str:
    """As short as can be without another value."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def _float(option: str, given: Any) -> float:
    try:
        return float(given)
    except (TypeError, ValueError):
        raise Misuse("learn.no_number", option=option, text=given) from None
