"""What options are declared with: their help in one language."""

from dataclasses import dataclass
from typing import Any

import typer

from striate.words import say


@dataclass(frozen=True)
class Texts:
    """Options and arguments with their help in a language."""

    language: str

    def help(self, key: str) -> str:
        return say(f"help.{key}", self.language)

    def option(self, key: str, *names: str) -> Any:
        return typer.Option(*names, help=self.help(key), show_default=False)

    def argument(self, key: str, metavar: str) -> Any:
        return typer.Argument(help=self.help(key), metavar=metavar, show_default=False)
