"""The chapter's classic experiments: a TOML file each, and nets.py with the networks that they vary."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from striate.words import LANGUAGES

FOLDER = Path(__file__).parent
"""On disk: the networks are loaded by their file's path."""


@dataclass(frozen=True)
class Shipped:
    """An experiment that comes with Striate, as it is listed."""

    name: str
    path: Path
    words: dict[str, dict[str, str]]  # language: title and question
    reference: str

    @staticmethod
    def read(path: Path) -> "Shipped":
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        words = {
            language: {key: content.get(language, content)[key] for key in ("title", "question")}
            for language in LANGUAGES
        }
        return Shipped(path.stem, path, words, content["source"])


SHIPPED = {path.stem: path for path in sorted(FOLDER.glob("*.toml"), key=lambda path: path.stem)}
"""Where each one's file is, by name."""


def every() -> list[Shipped]:
    return [Shipped.read(path) for path in SHIPPED.values()]
