"""The options of ``striate predict``."""

from typing import Annotated

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command(help=texts.help("predict"))
    def predict(
        model: Annotated[str, argument("predict.model", "MODEL")],
        pictures: Annotated[list[str], argument("predict.pictures", "PICTURE|FOLDER|- ...")],
        topk: Annotated[int, option("predict.topk", "--topk")] = 5,
        weights: Annotated[str | None, option("weights", "--weights")] = None,
        crops: Annotated[str, option("crops", "--crops")] = "1",
        scales: Annotated[str | None, option("scales", "--scales")] = None,
        download: Annotated[bool, option("download", "--download")] = False,
        csv: Annotated[bool, option("predict.csv", "--csv")] = False,
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.fetching import chosen
        from striate.cli.forms import form_of
        from striate.cli.predicting import run_prediction
        from striate.cli.text import parsed_crops
        from striate.cli.unfinished import note_unfinished

        form = form_of(json=json, csv=csv)
        asked = parsed_crops(crops, scales)
        ready = chosen(model, weights, texts.language, download=download)
        note_unfinished(model, texts.language)
        return run_prediction(ready, pictures, crops=asked, topk=topk, form=form, language=texts.language)
