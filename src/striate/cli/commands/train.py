"""The options of ``striate train``."""

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from striate.cli.commands.texts import Texts


def add(app: typer.Typer, texts: Texts) -> None:
    option, argument = texts.option, texts.argument

    @app.command(help=texts.help("train"))
    def train(
        data: Annotated[str | None, argument("train.data", "[DATA]")] = None,
        net: Annotated[str | None, option("train.net", "--net")] = None,
        recipe: Annotated[str, option("train.recipe", "--recipe")] = "modern",
        epochs: Annotated[int | None, option("train.epochs", "--epochs")] = None,
        batch: Annotated[int | None, option("train.batch", "--batch")] = None,
        lr: Annotated[float | None, option("train.lr", "--lr")] = None,
        optimiser: Annotated[str | None, option("train.optimiser", "--optimiser", "--optimizer")] = None,
        decay: Annotated[float | None, option("train.decay", "--decay")] = None,
        spare: Annotated[bool | None, option("train.spare", "--spare/--no-spare")] = None,
        schedule: Annotated[str | None, option("train.schedule", "--schedule")] = None,
        warmup: Annotated[float | None, option("train.warmup", "--warmup")] = None,
        augment: Annotated[str | None, option("train.augment", "--augment")] = None,
        mixup: Annotated[float | None, option("train.mixup", "--mixup")] = None,
        cutmix: Annotated[float | None, option("train.cutmix", "--cutmix")] = None,
        smoothing: Annotated[float | None, option("train.smoothing", "--smoothing")] = None,
        balance: Annotated[str | None, option("train.balance", "--balance")] = None,
        dropout: Annotated[float | None, option("train.dropout", "--dropout")] = None,
        averaging: Annotated[str | None, option("train.averaging", "--averaging")] = None,
        clip: Annotated[float | None, option("train.clip", "--clip")] = None,
        patience: Annotated[int | None, option("train.patience", "--patience")] = None,
        weights: Annotated[str | None, option("train.weights", "--weights")] = None,
        frozen: Annotated[int | None, option("train.frozen", "--frozen")] = None,
        first_row: Annotated[float | None, option("train.first_row", "--first-row")] = None,
        auxiliaries: Annotated[bool | None, option("train.auxiliaries", "--auxiliaries/--no-auxiliaries")] = None,
        resize: Annotated[str | None, option("train.resize", "--resize")] = None,
        input: Annotated[str | None, option("train.input", "--input")] = None,
        limit: Annotated[int | None, option("train.limit", "--limit")] = None,
        seed: Annotated[int, option("train.seed", "--seed")] = 0,
        out: Annotated[Path | None, option("train.out", "--out")] = None,
        exclude: Annotated[Path | None, option("train.exclude", "--exclude")] = None,
        split: Annotated[Path | None, option("train.split", "--split")] = None,
        hash: Annotated[bool | None, option("train.hash", "--hash/--no-hash")] = None,
        strict: Annotated[bool, option("train.strict", "--strict")] = False,
        workers: Annotated[int | None, option("train.workers", "--workers")] = None,
        resume: Annotated[Path | None, option("train.resume", "--resume")] = None,
        dry_run: Annotated[bool, option("train.dry_run", "--dry-run")] = False,
        download: Annotated[bool, option("train.download", "--download")] = False,
        json: Annotated[bool, option("json", "--json")] = False,
    ) -> int:
        from striate.cli.forms import form_of
        from striate.cli.text import BALANCES, RESIZES, one_of, parsed_input
        from striate.cli.training import Wish, run_training
        from striate.fitting.changes import Changes
        from striate.run import Selection

        changes = Changes(
            base=cast(Any, recipe),
            batch=batch,
            lr=lr,
            optimiser=optimiser,
            decay=decay,
            spare=spare,
            schedule=schedule,
            warmup=warmup,
            resize=cast(Any, one_of("resize", resize, RESIZES)),
            input=parsed_input(input),
            start=weights,
            augment=augment,
            mixup=mixup,
            cutmix=cutmix,
            smoothing=smoothing,
            balance=cast(Any, one_of("balance", balance, BALANCES)),
            dropout=dropout,
            averaging=averaging,
            clip=clip,
            patience=patience,
            frozen=frozen,
            first_row=first_row,
            auxiliaries=auxiliaries,
        )
        selection = Selection(absolute(exclude), absolute(split), hash)
        wish = Wish(
            data=data, net=net, changes=changes, epochs=epochs, seed=seed, limit=limit, out=out, workers=workers,
            selection=selection, strict=strict,
            resume=resume, dry_run=dry_run, download=download,
        )  # fmt: skip
        return run_training(wish, form_of(json=json), texts.language)


def absolute(path: Path | None) -> str | None:
    """As it is remembered by a run, which may be gone on with from another folder."""
    return None if path is None else str(path.resolve())
