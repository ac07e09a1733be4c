"""The options of ``striate show``."""

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command(help=texts.help("show"))
    def show(
        sources: Annotated[list[str] | None, argument("show.sources", "DATA|RUN|PICTURE")] = None,
        net: Annotated[str | None, option("train.net", "--net")] = None,
        recipe: Annotated[str, option("train.recipe", "--recipe")] = "modern",
        augment: Annotated[str | None, option("train.augment", "--augment")] = None,
        resize: Annotated[str | None, option("train.resize", "--resize")] = None,
        input: Annotated[str | None, option("train.input", "--input")] = None,
        weights: Annotated[str | None, option("show.weights", "--weights")] = None,
        count: Annotated[int, option("show.count", "--count")] = 8,
        views: Annotated[int, option("show.views", "--views")] = 4,
        epoch: Annotated[int, option("show.epoch", "--epoch")] = 1,
        seed: Annotated[int | None, option("show.seed", "--seed")] = None,
        out: Annotated[Path | None, option("show.out", "--out")] = None,
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.showing import Wanted, show_sights
        from striate.cli.text import RESIZES, one_of, parsed_input
        from striate.fitting.changes import Changes

        changes = Changes(
            base=cast(Any, recipe),
            resize=cast(Any, one_of("resize", resize, RESIZES)),
            input=parsed_input(input),
            start=weights,
            augment=augment,
        )
        wanted = Wanted(
            sources=sources or [], net=net, changes=changes, count=count, views=views, epoch=epoch, seed=seed, out=out,
            json=json,
        )  # fmt: skip
        return show_sights(wanted, texts.language)
