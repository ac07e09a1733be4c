"""The options of ``striate lr-find``."""

from pathlib import Path
from typing import Annotated

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command("lr-find", help=texts.help("lr_find"))
    def lr_find(
        data: Annotated[str | None, argument("train.data", "[DATA]")] = None,
        net: Annotated[str | None, option("train.net", "--net")] = None,
        lowest: Annotated[float, option("lr_find.from", "--from")] = 1e-6,
        highest: Annotated[float, option("lr_find.to", "--to")] = 1.0,
        steps: Annotated[int, option("lr_find.steps", "--steps")] = 100,
        recipe: Annotated[str, option("train.recipe", "--recipe")] = "modern",
        batch: Annotated[int | None, option("train.batch", "--batch")] = None,
        optimiser: Annotated[str | None, option("train.optimiser", "--optimiser", "--optimizer")] = None,
        resize: Annotated[str | None, option("train.resize", "--resize")] = None,
        input: Annotated[str | None, option("train.input", "--input")] = None,
        weights: Annotated[str | None, option("train.weights", "--weights")] = None,
        seed: Annotated[int, option("train.seed", "--seed")] = 0,
        svg: Annotated[Path | None, option("lr_find.svg", "--svg", "--png")] = None,
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.finding import Wanted, show_rates

        wanted = Wanted(
            data=data, net=net, lowest=lowest, highest=highest, steps=steps, recipe=recipe, batch=batch,
            optimiser=optimiser, resize=resize, input=input, weights=weights, seed=seed, chart=svg, json=json,
        )  # fmt: skip
        return show_rates(wanted, texts.language)
