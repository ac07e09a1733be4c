"""The options of ``striate describe``."""

from pathlib import Path
from typing import Annotated

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command(help=texts.help("describe"))
    def describe(
        net: Annotated[str, argument("describe.net", "NET|MODEL")],
        input: Annotated[str | None, option("describe.input", "--input")] = None,
        classes: Annotated[int | None, option("describe.classes", "--classes")] = None,
        batch: Annotated[int, option("describe.batch", "--batch")] = 1,
        depth: Annotated[int | None, option("describe.depth", "--depth")] = None,
        time: Annotated[bool, option("describe.time", "--time")] = False,
        worked: Annotated[bool, option("describe.worked", "--worked")] = False,
        svg: Annotated[Path | None, option("describe.svg", "--svg")] = None,
        markdown: Annotated[bool, option("describe.markdown", "--markdown")] = False,
        csv: Annotated[bool, option("describe.csv", "--csv")] = False,
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.describing import Asked, show_description
        from striate.cli.forms import form_of
        from striate.cli.together import refuse_beside

        form = form_of(json=json, csv=csv, markdown=markdown)
        if json or csv:
            refuse_beside(f"--{form}", {"--worked": worked, "--depth": json and depth is not None})
        asked = Asked(
            input=input, classes=classes, batch=batch, depth=1 if depth is None else depth, time=time, worked=worked,
            svg=svg, form=form,
        )  # fmt: skip
        return show_description(net, asked, texts.language)
