"""``striate learn``: the list of topics, and a topic's lesson as text, page, JSON or questions."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from striate.cli.answers import Verdict, verdict
from striate.cli.forms import Form, print_json
from striate.cli.text import labelled, table
from striate.lessons.catalogue import TOPICS, Topic, find_topic
from striate.lessons.formulas import written_in
from striate.lessons.options import lesson_of
from striate.lessons.parts import Chart, Code, Formula, Heading, Lesson, Part, Question, Say, Table, Text
from striate.problem import Failed, Misuse
from striate.words import say, width

_COLUMNS = 100  # of text at most


@dataclass(frozen=True)
class Wish:
    """What is wanted of a lesson, beside the numbers of its own."""

    html: Path | None = None
    form: Literal["text", "json", "quiz"] = "text"


def show_topics(form: Form, language: str) -> int:
    """All topics, in the order of the chapter."""
    if form == "json":
        print_json([{"name": each.name, "chapter": each.chapter, "title": each.title()} for each in TOPICS])
        return 0
    shown_before = False
    wide = max(width(each.name) for each in TOPICS)
    for chapter, topics in groupby(TOPICS, lambda each: each.chapter):
        print(("\n" if shown_before else "") + say(f"learn.chapter.{chapter}", language))
        print(labelled((f"  {each.name:{wide}}", each.title(language)) for each in topics))
        shown_before = True
    print("\n" + say("learn.how", language))
    return 0


def show_lesson(topic: Topic, given: Mapping[str, Any], wish: Wish, language: str) -> int:
    """A lesson on stdout, and as a page where one is wanted."""
    lesson, columns = lesson_of(topic, given), shutil.get_terminal_size((88, 24)).columns
    if wish.form == "json":
        print_json({"topic": topic.name, "trace": _plain(lesson.trace)})
    elif wish.form == "quiz":
        _ask(lesson, language, columns)
    elif wish.html is None:
        print(as_text(lesson, language, columns))
    if wish.html is not None:
        _write_page(lesson, wish.html, language)
    return 0


def _write_page(lesson: Lesson, path: Path, language: str) -> None:
    from striate.lessons.page import as_page

    if path.suffix.lower() not in (".html", ".htm"):
        raise Misuse("learn.page", path=path)
    text = as_page(lesson, language)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failed("learn.no_place", path=path, reason=error.strerror or error) from error
    print(say("learn.written", language, path=path), file=sys.stderr)


def _room(columns: int) -> int:
    return max(40, min(columns, _COLUMNS))


def as_text(lesson: Lesson, language: str, columns: int) -> str:
    """The lesson for a terminal so many columns wide."""
    room = _room(columns)
    return "\n\n".join(
        [
            _titled(lesson, language),
            *(_shown(part, language, room) for part in lesson.parts),
            *_end(lesson, language, room),
        ]
    )


def _titled(lesson: Lesson, language: str) -> str:
    title = lesson.title.text(language)
    return f"{title}\n{'=' * width(title)}"


def _end(lesson: Lesson, language: str, room: int) -> Iterator[str]:
    """What draws the charts, and what to try next."""
    if any(isinstance(part, Chart) for part in lesson.parts):
        yield _wrapped(say("learn.charts", language, command=lesson.command(language)), room)
    if lesson.more:
        lines = [f"  {each}" for each in lesson.following(language)]
        yield "\n".join([say("learn.next", language), *lines])


def _shown(part: Part, language: str, room: int) -> str:
    def text(value: Text) -> str:
        return value if isinstance(value, str) else value.text(language)

    match part:
        case Heading():
            title = text(part.text)
            return f"{title}\n{'-' * width(title)}"
        case Say():
            return _wrapped(text(part.text), room)
        case Formula():
            return "\n".join(f"    {line}".rstrip() for line in written_in(part.lines, language))
        case Code():
            printed = "\n".join(f"  {line}" for line in part.printed.rstrip("\n").split("\n")) if part.printed else ""
            source = "\n".join(map(_prompted, part.source.rstrip("\n").split("\n")))
            return f"{source}\n{printed}".rstrip()
        case Question():
            asked = _wrapped(f"? {text(part.asked)}", room, "  ")
            return asked + "\n  " + _wrapped(text(part.answer), room - 2, "  ")
        case Chart():
            where = say("learn.on_page", language)
            return _wrapped(f"[{text(part.question)}] {where} {text(part.summary)}", room)
        case Table():
            rows = [[text(cell) for cell in row] for row in part.rows]
            whole = table([text(cell) for cell in part.header], rows, left=part.left)
            return f"{text(part.caption)}\n{whole}" if part.caption else whole


def _prompted(line: str) -> str:
    """A line as Python's prompt shows it: what is further in goes on with what stands above."""
    return f"  {'...' if line.startswith(' ') else '>>>'} {line}" if line else ""


def _wrapped(text: str, room: int, indent: str = "") -> str:
    """Lines of at most so many columns, Hangul counted as two."""
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line.strip() else f"{line}{word}"
        if line.strip() and width(longer) > room:
            lines.append(line)
            longer = f"{indent}{word}"
        line = longer
    return "\n".join([*lines, line])


def _ask(lesson: Lesson, language: str, columns: int) -> None:
    """The lesson up to each question, which is answered once something was typed; at last how many were right."""
    room, count = _room(columns), sum(isinstance(part, Question) for part in lesson.parts)
    if not count:
        raise Misuse("learn.no_questions", topic=lesson.topic)
    print(_titled(lesson, language) + "\n")
    found: list[Verdict | None] = []
    for part in lesson.parts:
        if not isinstance(part, Question):
            print(_shown(part, language, room) + "\n")
            continue
        print(_wrapped(f"{len(found) + 1}/{count}  {part.asked.text(language)}", room), flush=True)
        found.append(_tried(part, language, room))
        answer, judged = part.answer.text(language), found[-1]
        print(_wrapped(f"{say(f'learn.{judged}', language)} {answer}" if judged else answer, room) + "\n", flush=True)
    if any(found):  # of those whose answer is a number
        numbers = sum(isinstance(part, Question) and part.expected is not None for part in lesson.parts)
        print(say("learn.score", language, right=found.count("right"), count=numbers) + "\n")
    print("\n\n".join(_end(lesson, language, room)))


def _tried(question: Question, language: str, room: int) -> Verdict | None:
    """What became of the answer typed, or of a second one where the first was not right."""
    found = _typed(question, "learn.answer", language)
    if found in (None, "right"):
        return found
    print(_wrapped(f"{say(f'learn.{found}', language)} {say('learn.again', language)}", room), flush=True)
    return _typed(question, "learn.again_answer", language) or found


def _typed(question: Question, prompt: str, language: str) -> Verdict | None:
    print(say(prompt, language), end=" ", file=sys.stderr, flush=True)
    return verdict(sys.stdin.readline(), question)


def _plain(value: Any) -> Any:
    """Numbers, texts, lists and dictionaries of them, as JSON has them; what is not finite is null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def topic_asked(arguments: list[str]) -> tuple[list[str], str | None]:
    """The arguments with the topic's own name in place of what was typed, words up to an option, and that name."""
    if arguments[:1] != ["learn"]:
        return arguments, None
    words = list(_until_option(arguments[1:]))
    if not words:
        return arguments, None
    topic = find_topic(" ".join(words))
    return ["learn", topic.name, *arguments[1 + len(words) :]], topic.name


def _until_option(words: list[str]) -> Iterator[str]:
    for word in words:
        if word.startswith("-"):
            return
        yield word
