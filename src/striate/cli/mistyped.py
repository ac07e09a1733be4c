"""What is wrong with arguments that Typer refuses, in Striate's words."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from striate.words import nearest, say
from striate.words.shell import command

_EXTRA = "Got unexpected extra argument(s) ("
_ALIKE = 0.6  # the share of letters, dashes left aside, from which on an option may be the one that was meant
_NUMBERS = {"int": "problem.whole_number", "float": "problem.number"}


def misused(error: Any, arguments: Sequence[str], language: str) -> str:
    """What is wrong with an option or an argument; in Typer's words where Striate has none."""
    if hasattr(error, "possibilities"):  # an option that is not there
        known = [name for param in error.ctx.command.params for name in param.opts]
        bare = {name.lstrip("-"): name for name in known}
        close = bare.get(nearest(error.option_name.lstrip("-"), bare, alike=_ALIKE), "")
        return say("problem.option" if close else "problem.no_option", language, name=error.option_name, nearest=close)
    if hasattr(error, "option_name"):  # a value too few, or one too many
        key = "problem.no_value" if "requires" in error.message else "problem.takes_none"
        return say(key, language, name=error.option_name)
    param = getattr(error, "param", None)
    if type(error).__name__ == "MissingParameter" and param is not None:
        return say("problem.no_argument", language, name=param.metavar or param.opts[0])
    if param is not None and (key := _NUMBERS.get(str(param.display_type(error.ctx)).strip("<>"), "")):
        return say(key, language, name=param.opts[0], value=_given(param.opts, arguments))
    if error.message.startswith(_EXTRA):
        name = error.message.removeprefix(_EXTRA).removesuffix(")")
        return say("problem.spaces" if _split(error, arguments) else "problem.extra", language, name=name)
    return str(error.format_message())


def requoted(error: Any, arguments: Sequence[str]) -> str:
    """The command with quotes around the path that a space had split; empty where none was."""
    split = _split(error, arguments)
    if split is None:
        return ""
    whole = " ".join(arguments[split])
    return command("striate", *arguments[: split.start], whole, *arguments[split.stop :])


def _split(error: Any, arguments: Sequence[str]) -> slice | None:
    """Where the pieces of a path stand: together they are there, or they look like one and the first alone is not."""
    words = error.message.removeprefix(_EXTRA).removesuffix(")").split()
    if not error.message.startswith(_EXTRA) or words[0] not in arguments:
        return None
    extra = arguments.index(words[0])
    starts, ends = range(1, extra), range(len(arguments), extra, -1)
    for piece in (slice(start, end) for start in starts for end in ends):
        if Path(" ".join(arguments[piece])).exists():
            return piece
    end = next((at for at in ends if list(arguments[extra:at]) == words[: at - extra]), extra + 1)
    piece = slice(extra - 1, end)
    first = arguments[extra - 1]
    looks = not first.startswith("-") and any(os.sep in word for word in arguments[piece])
    return piece if looks and extra > 1 and not Path(first).exists() else None


def _given(names: Sequence[str], arguments: Sequence[str]) -> str:
    """What was typed behind an option, or after its equals sign."""
    for at, word in enumerate(arguments):
        name, _, value = word.partition("=")
        if name in names:
            return value if "=" in word else "".join(arguments[at + 1 : at + 2])
    return ""
