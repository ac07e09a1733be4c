"""The options of ``striate check``."""

from pathlib import Path
from typing import Annotated

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command(help=texts.help("check"))
    def check(
        data: Annotated[str | None, argument("train.data", "[DATA]")] = None,
        near: Annotated[bool | None, option("check.near", "--near/--no-near")] = None,
        all_: Annotated[bool, option("check.all", "--all")] = False,
        fail_on: Annotated[str | None, option("check.fail_on", "--fail-on")] = None,
        sheet: Annotated[Path | None, option("check.sheet", "--sheet")] = None,
        fix: Annotated[Path | None, option("check.fix", "--fix")] = None,
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.checking import Asked, parsed_kinds, run_check
        from striate.cli.forms import form_of
        from striate.cli.together import refuse_beside

        if json:
            refuse_beside("--json", {"--all": all_})
        asked = Asked(data, near, all_, parsed_kinds(fail_on), sheet, fix, form_of(json=json))
        return run_check(asked, texts.language)
