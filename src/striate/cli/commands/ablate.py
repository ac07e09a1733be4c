"""The options of ``striate ablate``."""

from pathlib import Path
from typing import Annotated

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command(help=texts.help("ablate"))
    def ablate(
        source: Annotated[str | None, argument("ablate.source", "EXPERIMENT")] = None,
        quick: Annotated[bool, option("ablate.quick", "--quick")] = False,
        out: Annotated[Path | None, option("ablate.out", "--out")] = None,
        dry_run: Annotated[bool, option("ablate.dry_run", "--dry-run")] = False,
        list_: Annotated[bool, option("ablate.list", "--list")] = False,
        markdown: Annotated[bool, option("describe.markdown", "--markdown")] = False,
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.ablating import Wish, run_ablation
        from striate.cli.forms import form_of
        from striate.cli.results import show_shipped
        from striate.cli.together import refuse_beside

        form = form_of(json=json, markdown=markdown)
        if list_:
            given = {"--quick": quick, "--out": out is not None, "--dry-run": dry_run}
            refuse_beside("--list", {source or "": source is not None, **given})
            return show_shipped(form, texts.language)
        wish = Wish(source=source, quick=quick, out=out, dry_run=dry_run, form=form)
        return run_ablation(wish, texts.language)
