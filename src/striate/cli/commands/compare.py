"""The options of ``striate compare``."""

from typing import Annotated

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command(help=texts.help("compare"))
    def compare(
        sides: Annotated[list[str] | None, argument("compare.sides", "NET|MODEL|COMPARISON")] = None,
        input: Annotated[str | None, option("describe.input", "--input")] = None,
        classes: Annotated[int | None, option("describe.classes", "--classes")] = None,
        layers: Annotated[bool, option("compare.layers", "--layers")] = False,
        list_: Annotated[bool, option("compare.list", "--list")] = False,
        markdown: Annotated[bool, option("describe.markdown", "--markdown")] = False,
        csv: Annotated[bool, option("describe.csv", "--csv")] = False,
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.comparing import Asked, show_classics, show_comparison
        from striate.cli.forms import form_of
        from striate.cli.together import refuse_beside

        form = form_of(json=json, csv=csv, markdown=markdown)
        if list_:
            given = {"--input": input is not None, "--classes": classes is not None, "--layers": layers}
            refuse_beside(
                "--list", {", ".join(sides or []): bool(sides), **given, "--csv": csv, "--markdown": markdown}
            )
            return show_classics(form, texts.language)
        return show_comparison(sides or [], Asked(input, classes, layers, form), texts.language)
