"""The options of ``striate nets``."""

from typing import Annotated

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command(help=texts.help("nets"))
    def nets(
        pattern: Annotated[str, argument("nets.pattern", "[PATTERN]")] = "*",
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.forms import form_of
        from striate.cli.look import show_nets

        return show_nets(pattern, form_of(json=json), texts.language)
