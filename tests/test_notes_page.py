"""The page on the notes: every command in it runs and prints what the page says, in both languages alike."""

import re
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


@pytest.mark.parametrize("row", rows("en"), ids=lambda row: row[0])
def test_the_commands_of_a_line_print_what_it_says(row: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    printed = ""
    for command in commands(row):
        assert run(command.split()) == 0
        printed += " ".join(capsys.readouterr().out.split()) + "\n"
    for value in re.findall(r"\*\*(.+?)\*\*", row[1]):
        assert value in printed, f"{value} is not in the output of {row[-1]}"


def test_every_line_has_a_command_and_both_languages_have_the_same_lines() -> None:
    english, korean = rows("en"), rows("ko")
    assert len(english) == len(korean) > 30
    for one, other in zip(english, korean, strict=True):
        assert commands(one) == commands(other) != []
        for cell, translated in zip(one[:2], other[:2], strict=True):
            assert numbers(cell) == numbers(translated), cell
