"""The page on the notes: every command in it runs and prints what the page says, in both languages alike."""

import io
import re
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import pytest

from striate.cli import run

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {language: DOCS / name for language, name in (("en", "notes.md"), ("ko", "notes.ko.md"))}


@cache
def rows(language: str) -> tuple[tuple[str, ...], ...]:
    """The cells of every line of a table."""
    lines = PAGES[language].read_text(encoding="utf-8").splitlines()
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines if line.startswith("| ")]
    return tuple(each for each in cells if re.search("`striate ", each[-1]))


def commands(row: tuple[str, ...]) -> list[str]:
    found: list[str] = re.findall(r"`striate ([^`]+)`", row[-1])
    return found


def numbers(text: str) -> list[str]:
    return sorted(set(re.findall(r"\d+(?:[.,]\d+)*", text)))


@cache
def printed(command: str, language: str) -> str:
    """What a command writes, its lines joined."""
    out = io.StringIO()
    with redirect_stdout(out):
        assert run(command.split(), language) == 0
    return " ".join(out.getvalue().split())


@pytest.mark.parametrize(
    ("language", "row"),
    [(language, row) for language in PAGES for row in rows(language)],
    ids=lambda each: each if isinstance(each, str) else each[0],
)
def test_the_commands_of_a_line_print_what_it_says(language: str, row: tuple[str, ...]) -> None:
    told = "\n".join(printed(command, language) for command in commands(row))
    for value in re.findall(r"\*\*(.+?)\*\*", row[1]):
        assert value in told, f"{value} is not in the output of {row[-1]}"


@pytest.mark.parametrize("language", PAGES)
def test_no_derivative_is_equated_with_what_another_left_side_is_equal_to(language: str) -> None:
    for row in rows(language):
        told = "\n".join(printed(command, language) for command in commands(row))
        for value in (each for each in re.findall(r"\*\*(∂.+?)\*\*", row[1]) if "=" in each):
            assert re.search(rf"(?<![·+-] ){re.escape(value)}", told), f"{value} is cut out of {row[-1]}"


def test_every_line_has_a_command_and_both_languages_have_the_same_lines() -> None:
    english, korean = rows("en"), rows("ko")
    assert len(english) == len(korean) > 80
    for one, other in zip(english, korean, strict=True):
        assert commands(one) == commands(other) != []
        for cell, translated in zip(one[:2], other[:2], strict=True):
            assert numbers(cell) == numbers(translated), cell
