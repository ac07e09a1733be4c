"""The command line as a whole: the commands, in the order of its help."""

from collections.abc import Callable
from typing import Annotated, Any, cast

import typer

from striate.cli.commands import (
    ablate,
    check,
    compare,
    describe,
    doctor,
    ensemble,
    evaluate,
    learn,
    lr_find,
    nets,
    predict,
    show,
    train,
)
from striate.cli.commands.texts import Texts
from striate.cli.helping import worded

_ADDED = {
    "nets": nets.add,
    "describe": describe.add,
    "compare": compare.add,
    "check": check.add,
    "show": show.add,
    "train": train.add,
    "lr-find": lr_find.add,
    "ablate": ablate.add,
    "evaluate": evaluate.add,
    "predict": predict.add,
    "ensemble": ensemble.add,
}

COMMANDS = (*_ADDED, "learn", "doctor")


def build(language: str, topic: str | None = None) -> Callable[..., Any]:
    """The command line in a language; of the lessons only the topic's own command is made."""
    texts = Texts(language)
    app = typer.Typer(
        help=texts.help("striate"),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    _add_general(app, texts)
    for add in _ADDED.values():
        add(app, texts)
    learn.add(app, texts, topic)
    doctor.add(app, texts)
    return cast("Callable[..., Any]", worded(typer.main.get_command(app), language))


def _add_general(app: typer.Typer, texts: Texts) -> None:
    """The options that stand before a command."""

    @app.callback(invoke_without_command=True)
    def striate(
        version: Annotated[bool, texts.option("version", "--version")] = False,
        lang: Annotated[str | None, texts.option("lang", "--lang")] = None,  # noqa: ARG001  taken before, shown here
    ) -> None:
        if version:
            from importlib.metadata import version as installed

            print(f"striate {installed('striate')}")
            raise typer.Exit
