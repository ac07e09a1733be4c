"""Help in one language: what Typer itself writes into it is English."""

from typing import Any

import typer

from striate.words import DEFAULT_LANGUAGE, say

_WRITTEN = ("usage", "options", "arguments", "commands", "required", "any_options", "any_command")


def worded(command: Any, language: str) -> Any:
    """A command, and those below it, whose help is in the language all through."""
    command.context_class = type("Worded", (_Worded,), {"language": language})
    for each in getattr(command, "commands", {}).values():
        worded(each, language)
    return command


class _Worded(typer.Context):
    """What a command's help is made from."""

    language = DEFAULT_LANGUAGE

    def get_help(self) -> str:
        """Typer's text with the words of the catalogue, whose English ones are Typer's."""
        option = self.command.get_help_option(self)
        if option is not None:
            option.help = say("help.help", self.language)
        text = super().get_help()
        for key in _WRITTEN:
            text = text.replace(say(f"help.typer.{key}"), say(f"help.typer.{key}", self.language))
        return text
