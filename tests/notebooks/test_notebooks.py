"""The notebooks of docs/lessons: as their sources say, in both languages, and they run from beginning to end."""

import ast
import asyncio
import re
from itertools import pairwise
from pathlib import Path

import nbclient
import nbformat
import pytest

from tools.make_lessons import LANGUAGES, in_korean, notebook, pairs, place_of, sources

SECONDS = 300
"""That a whole lesson may take on two cores, with another one running beside it."""

SOURCES = sources()


def cells(source: Path, language: str, kind: str) -> list[str]:
    found = nbformat.reads(notebook(source, language), as_version=4).cells
    return [cell.source for cell in found if cell.cell_type == kind]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_notebook_is_what_its_source_makes(source: Path, language: str) -> None:
    assert place_of(source, language).read_text(encoding="utf-8") == notebook(source, language)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_nothing_of_a_source_is_lost(source: Path) -> None:
    """Each line that is neither a mark nor a fence stands in one notebook or in both; so do both sides of a word."""
    made = "\n".join(
        "\n".join(cells(source, language, kind)) for language in LANGUAGES for kind in ("code", "markdown")
    )
    lines = [
        line for line in source.read_text(encoding="utf-8").splitlines() if not re.match(r"<!-- (en|ko) -->|```", line)
    ]
    said = [side for line in lines for side in (pairs(line)[0] if " → " in line else (line,))]
    assert [side for side in said if side not in made] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_both_languages_have_the_same_headings_and_numbers(source: Path) -> None:
    english, korean = (cells(source, language, "markdown") for language in LANGUAGES)
    assert len(english) == len(korean) >= 5
    for one, other in zip(english, korean, strict=True):
        assert re.findall(r"^#+ ", one, re.MULTILINE) == re.findall(r"^#+ ", other, re.MULTILINE)
        assert sorted(re.findall(r"`[^`]+`", one)) == sorted(re.findall(r"`[^`]+`", other))
        assert sorted(re.findall(r"\d+(?:[.,]\d+)*", one)) == sorted(re.findall(r"\d+(?:[.,]\d+)*", other)), one


class Wordless(ast.NodeTransformer):
    """Takes the text out of a program, and the order out of the values that a text shows."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.JoinedStr:
        self.generic_visit(node)
        return ast.JoinedStr(
            sorted((part for part in node.values if isinstance(part, ast.FormattedValue)), key=ast.dump)
        )


def wordless(code: str) -> str:
    return ast.dump(Wordless().visit(ast.parse(code)))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_both_languages_run_the_same_code_in_other_words(source: Path) -> None:
    english, korean = (cells(source, language, "code") for language in LANGUAGES)
    assert [wordless(code) for code in english] == [wordless(code) for code in korean[1:]]  # the first chooses Korean


def test_words_that_a_cell_does_not_say_are_refused() -> None:
    with pytest.raises(ValueError, match="no such words in the cell: points"):
        in_korean('print("hours")', "points → 점수")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_lesson_leads_on_to_the_next(language: str) -> None:
    for source, following in pairwise(SOURCES):
        assert f"]({place_of(following, language).name})" in cells(source, language, "markdown")[-1]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_it_imports_striate_and_what_comes_with_it_only(source: Path) -> None:
    known = {"striate", "numpy", "torch", "altair", "PIL", "sklearn", "pathlib", "copy", "math"}
    for code in cells(source, "en", "code"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Import):
                assert {name.name.split(".")[0] for name in node.names} <= known
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] in known


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_nothing_stands_in_the_way_of_running_it_again(source: Path) -> None:
    """In the folder where it has run: no run asks for a place of its own, no folder has to be new."""
    calls = [
        node for code in cells(source, "en", "code") for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)
    ]
    for call in calls:
        names = {keyword.arg for keyword in call.keywords}
        assert "out" not in names
        assert not (isinstance(call.func, ast.Attribute) and call.func.attr == "mkdir") or "exist_ok" in names


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_it_runs_from_beginning_to_end(source: Path, language: str, tmp_path: Path) -> None:
    opened = nbformat.read(place_of(source, language), as_version=4)
    client = nbclient.NotebookClient(opened, kernel_name="python3", resources={"metadata": {"path": tmp_path}})
    asyncio.run(asyncio.wait_for(client.async_execute(), SECONDS))
    said = [output for cell in opened.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output.text for output in said if output.output_type == "stream" and output.name == "stderr"] == []
    assert sum("text/html" in output.get("data", {}) or "image/png" in output.get("data", {}) for output in said) >= 2
