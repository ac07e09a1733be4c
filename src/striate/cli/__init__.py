"""The command line: arguments become a call of a verb, what it returns becomes text or JSON."""

import io
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from striate.files import writes_utf8
from striate.problem import Failed, Problem
from striate.words import DEFAULT_LANGUAGE, LANGUAGES, language_of, nearest, say

INTERRUPTED, TERMINATED = 130, 143


def main() -> NoReturn:
    """The console command ``striate``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # a console that lacks a character gets a stand-in, a name that is not UTF-8 its bytes; neither is a crash
            stream.reconfigure(errors="backslashreplace" if writes_utf8(stream) else "replace")
    arguments, language = take_language(sys.argv[1:], os.environ)
    sys.exit(run(arguments, language))


def run(arguments: Sequence[str], language: str = DEFAULT_LANGUAGE) -> int:
    """Runs one command and returns its exit code; errors for people go to stderr."""
    import typer

    from striate.cli.app import build
    from striate.cli.learning import topic_asked

    topic: str | None = None
    try:
        given, topic = topic_asked(list(arguments))
        code = build(language, topic)(given or ["--help"], standalone_mode=False, prog_name="striate")
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except Problem as problem:
        _print_error(problem.text(language), language)
        return problem.exit_code
    except typer.TyperException as error:
        return _usage_error(error, arguments, language, topic)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return _unread()
    except SystemExit as end:  # which Typer makes of a broken pipe
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        return _unread()
    except OSError as error:  # a full disk, a folder taken away
        _print_error(
            say("problem.system", language, path=error.filename or "", reason=error.strerror or error), language
        )
        return Failed.exit_code


def _unread() -> int:
    """Whoever read our output has seen enough; what is left of it goes nowhere."""
    sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
    return 0


def take_language(arguments: Sequence[str], environment: Any) -> tuple[list[str], str]:
    """The arguments without ``--lang``, which may stand anywhere, and the language: asked for, or the locale's."""
    left, asked = [], None
    words = iter(arguments)
    for word in words:
        if word == "--lang":
            asked = next(words, "")
        elif word.startswith("--lang="):
            asked = word.removeprefix("--lang=")
        else:
            left.append(word)
    if asked is not None and asked not in LANGUAGES:
        _print_error(say("problem.language", name=asked, known=", ".join(LANGUAGES)), DEFAULT_LANGUAGE)
        sys.exit(2)
    return left, asked or language_of(environment)


def _usage_error(error: Any, arguments: Sequence[str], language: str, topic: str | None) -> int:
    """A wrong option or a missing argument, with the help that lists the right ones."""
    from striate.cli.app import COMMANDS
    from striate.cli.mistyped import misused, requoted

    message = misused(error, arguments, language)
    command = arguments[0] if arguments and arguments[0] in COMMANDS else ""
    if not command and arguments and not arguments[0].startswith("-"):
        close = nearest(arguments[0], COMMANDS)
        message = say("problem.command" if close else "problem.no_command", language, name=arguments[0], nearest=close)
    _print_error(message, language)
    hint = requoted(error, arguments) or " ".join(part for part in ("striate", command, topic, "--help") if part)
    print(f"  {say('label.try', language)}  {hint}", file=sys.stderr)
    return 2


def _print_error(text: str, language: str) -> None:
    print(f"{say('label.error', language)}: {text}", file=sys.stderr)
