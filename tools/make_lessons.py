"""Makes the notebooks of docs/lessons out of their sources: one file a lesson, with both languages and one code.

    python tools/make_lessons.py

A source is Markdown. What follows <!-- en --> or <!-- ko --> is for that language, up to the next mark or the next
code; a fence of python is a cell of both. A fence of words behind it says in Korean what the cell shows, a piece of its
code a line. The last cell leads on to the next lesson. Notebooks are kept without their outputs: whoever runs one sees
his own.
"""

import re
from pathlib import Path

import nbformat

LESSONS = Path(__file__).parent.parent / "docs" / "lessons"
LANGUAGES = ("en", "ko")
_PIECE = re.compile(
    r"<!-- (en|ko) -->\n(.*?)(?=\n<!-- |\n```python\n|\Z)|```python\n(.*?)\n```(?:\n\n```words\n(.*?)\n```)?", re.DOTALL
)
_TITLE = re.compile(r"<!-- (en|ko) -->\n# (.*)")
_ARROW = " → "
_NEXT = {"en": "Next lesson", "ko": "다음 수업"}
_IN_KOREAN = 'import os\n\nos.environ["LC_ALL"] = "ko_KR.UTF-8"  # 한국어로 보여 줍니다'


def sources() -> list[Path]:
    return sorted((LESSONS / "sources").glob("*.md"))


def place_of(source: Path, language: str) -> Path:
    """The notebook's file: NAME.ipynb, or NAME.ko.ipynb."""
    return LESSONS / f"{source.stem}{'' if language == 'en' else f'.{language}'}.ipynb"


def pairs(words: str) -> list[tuple[str, str]]:
    """What a fence of words says: a piece of the code, and the same in Korean."""
    found = [line.partition(_ARROW) for line in words.splitlines()]
    return [(english, korean) for english, _, korean in found]


def in_korean(code: str, words: str) -> str:
    """The same code with Korean in the place of what a person reads."""
    for english, korean in pairs(words):
        if not korean or english not in code:
            raise ValueError(f"no such words in the cell: {english}")
        code = code.replace(english, korean)
    return code


def notebook(source: Path, language: str) -> str:
    """The notebook of a source in a language, as it stands in its file."""
    cells = []
    for found in _PIECE.finditer(source.read_text(encoding="utf-8")):
        marked, text, code, words = found.groups()
        if code is not None:
            cells.append(nbformat.v4.new_code_cell(in_korean(code, words or "") if language == "ko" else code))
        elif marked == language:
            cells.append(nbformat.v4.new_markdown_cell(text.strip()))
    if language == "ko":
        cells.insert(1, nbformat.v4.new_code_cell(_IN_KOREAN))
    cells += [nbformat.v4.new_markdown_cell(link) for link in _onward(source, language)]
    for at, cell in enumerate(cells):
        cell["id"] = f"cell-{at}"
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    made = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.validate(made)
    return nbformat.writes(made) + "\n"


def _onward(source: Path, language: str) -> list[str]:
    """A link to the lesson behind this one, unless it is the last."""
    places = sources()
    after = places[places.index(source) + 1 :][:1]
    titles = [dict(_TITLE.findall(each.read_text(encoding="utf-8")))[language] for each in after]
    links = zip(titles, after, strict=True)
    return [f"**{_NEXT[language]}:** [{title}]({place_of(each, language).name})" for title, each in links]


def main() -> None:
    for source in sources():
        for language in LANGUAGES:
            place_of(source, language).write_text(notebook(source, language), encoding="utf-8")
            print(place_of(source, language).relative_to(LESSONS.parent.parent))


if __name__ == "__main__":
    main()
