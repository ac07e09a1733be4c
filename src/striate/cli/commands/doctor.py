"""The options of ``striate doctor``."""

from typing import Annotated

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option = texts.option

    @app.command(help=texts.help("doctor"))
    def doctor(json: Annotated[bool, option("json", "--json")] = False) -> int:
        from striate.cli.forms import form_of
        from striate.cli.look import show_doctor

        return show_doctor(form_of(json=json), texts.language)
