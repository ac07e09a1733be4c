"""The options of ``striate ensemble``."""

from typing import Annotated

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command(help=texts.help("ensemble"))
    def ensemble(
        models: Annotated[list[str], argument("ensemble.models", "MODEL ...")],
        data: Annotated[str | None, option("ensemble.data", "--data")] = None,
        crops: Annotated[str, option("crops", "--crops")] = "1",
        scales: Annotated[str | None, option("scales", "--scales")] = None,
        download: Annotated[bool, option("download", "--download")] = False,
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.ensembling import show_ensemble
        from striate.cli.fetching import fetch_for
        from striate.cli.forms import form_of
        from striate.cli.text import parsed_crops
        from striate.cli.unfinished import note_unfinished
        from striate.published.start import PRETRAINED

        asked = parsed_crops(crops, scales)
        for model in models if download else ():
            fetch_for(model, PRETRAINED, texts.language)
        for model in models:
            note_unfinished(model, texts.language)
        return show_ensemble(models, data, crops=asked, form=form_of(json=json), language=texts.language)
