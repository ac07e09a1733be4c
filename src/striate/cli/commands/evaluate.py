"""The options of ``striate evaluate``."""

from typing import Annotated

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command(help=texts.help("evaluate"))
    def evaluate(
        model: Annotated[str, argument("evaluate.model", "MODEL")],
        data: Annotated[str | None, argument("evaluate.data", "[DATA]")] = None,
        weights: Annotated[str | None, option("weights", "--weights")] = None,
        crops: Annotated[str, option("crops", "--crops")] = "1",
        scales: Annotated[str | None, option("scales", "--scales")] = None,
        download: Annotated[bool, option("download", "--download")] = False,
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.fetching import chosen
        from striate.cli.forms import form_of
        from striate.cli.look import show_evaluation
        from striate.cli.text import parsed_crops
        from striate.cli.unfinished import note_unfinished

        asked = parsed_crops(crops, scales)
        ready = chosen(model, weights, texts.language, download=download)
        note_unfinished(model, texts.language)
        return show_evaluation(ready, data, crops=asked, form=form_of(json=json), language=texts.language)
