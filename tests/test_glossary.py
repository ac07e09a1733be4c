"""The glossary: its Korean terms are those of the words, its other names are not, and each command shows its term."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import striate
from striate.cli import run
from striate.lessons.catalogue import find_topic
from striate.problem import Misuse
from striate.words import _catalogue

ROOT = Path(__file__).parent.parent
EXPERIMENTS = Path(striate.__file__).parent / "experiments"


@dataclass(frozen=True)
class Term:
    english: str
    korean: str
    others: tuple[str, ...]  # Korean names that Striate does not use
    command: str

    @property
    def topic(self) -> str:
        found = re.fullmatch(r"learn ([a-z-]+)", self.command)
        return found[1] if found else ""

    @property
    def names(self) -> tuple[str, ...]:
        """All that a reader may type: `multiply-accumulate (MAC)` is two names."""
        return (*self.english.removesuffix(")").split(" ("), self.korean, *self.others)


def lines(name: str) -> list[list[str]]:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in text.split("\n") if line.startswith("| ")]
    return [row for row in rows if row[-1].startswith("`striate ")]


TERMS = [
    Term(english, korean, tuple(filter(None, others.split(", "))), command.strip("`").removeprefix("striate "))
    for english, korean, others, _, command in lines("glossary.md")
]
COMMANDS = sorted({term.command for term in TERMS})


def korean_words() -> dict[str, str]:
    files = {path.name: path.read_text(encoding="utf-8") for path in EXPERIMENTS.glob("*.toml")}
    return {**_catalogue("ko"), **files}


def test_both_pages_have_the_same_terms() -> None:
    assert len(TERMS) >= 90
    swapped = [[english, korean, others, command] for korean, english, others, _, command in lines("glossary.ko.md")]
    assert swapped == [[row[0], row[1], row[2], row[4]] for row in lines("glossary.md")]


def test_an_idea_has_one_term_and_a_term_one_idea() -> None:
    for names in ([term.english for term in TERMS], [term.korean for term in TERMS]):
        assert len(names) == len(set(names))


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.english)
def test_the_words_use_the_term_and_none_of_its_other_names(term: Term) -> None:
    assert any(term.korean in text for text in korean_words().values())
    for other in term.others:
        assert [key for key, text in korean_words().items() if other in text] == [], other


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_shows_the_terms_that_it_is_named_for(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command.split(), "ko") == 0
    shown = re.sub(r"[\s│]", "", capsys.readouterr().out)
    for term in TERMS:
        if term.command == command:
            assert term.korean.replace(" ", "") in shown, f"{term.korean}: striate {command}"


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.english)
def test_a_topic_answers_to_every_name_of_the_terms_that_it_shows_and_to_no_other(term: Term) -> None:
    for name in term.names:
        if term.topic:
            assert find_topic(name).name == term.topic, name
        else:
            with pytest.raises(Misuse):
                find_topic(name)


def test_documents_in_korean_use_none_of_the_other_names() -> None:
    quoting = {"glossary.ko.md", "notes.ko.md"}  # and those on papers: they repeat what the notes say
    docs = ROOT / "docs"
    pages = [*ROOT.glob("*.ko.md"), *docs.glob("*.ko.md"), *(docs / "experiments").glob("*.ko.md")]
    pages += [*(docs / "lessons").glob("*.ko.md"), *(docs / "lessons" / "sources").glob("*.md")]
    assert len(pages) > 5
    for page in pages:
        text = re.sub("`[^`\n]*`", "", page.read_text(encoding="utf-8"))  # code, such as names of columns
        met = [other for term in TERMS for other in term.others if other in text and page.name not in quoting]
        assert met == [], page.name
