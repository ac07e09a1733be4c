"""The commands and their options, each with its help in the language asked for."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Optional, cast

import typer

from striate.cli.learning import learn_app
from striate.words import say

COMMANDS = (
    "nets", "describe", "compare", "train", "lr-find", "ablate", "evaluate", "predict", "ensemble", "learn", "doctor",
)  # fmt: skip


def build(language: str, topic: str | None = None) -> Callable[..., Any]:
    """The command line in a language; of the lessons only the topic's own command is made."""

    def words(key: str) -> str:
        return say(f"help.{key}", language)

    def option(key: str, *names: str) -> Any:
        return typer.Option(*names, help=words(key), show_default=False)

    def argument(key: str, metavar: str) -> Any:
        return typer.Argument(help=words(key), metavar=metavar, show_default=False)

    app = typer.Typer(
        help=words("striate"),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    as_json = Annotated[bool, option("json", "--json")]
    whose_weights = Annotated[Optional[str], option("weights", "--weights")]  # noqa: UP045
    download_too = Annotated[bool, option("download", "--download")]
    by_crops = Annotated[str, option("crops", "--crops")]
    at_scales = Annotated[Optional[str], option("scales", "--scales")]  # noqa: UP045

    @app.callback(invoke_without_command=True)
    def striate(
        version: Annotated[bool, option("version", "--version")] = False,
        lang: Annotated[Optional[str], option("lang", "--lang")] = None,  # noqa: ARG001, UP045  taken before, shown here
    ) -> None:
        if version:
            from importlib.metadata import version as installed

            print(f"striate {installed('striate')}")
            raise typer.Exit

    @app.command(help=words("nets"))
    def nets(pattern: Annotated[str, argument("nets.pattern", "[PATTERN]")] = "*", json: as_json = False) -> int:
        from striate.cli.look import show_nets

        return show_nets(pattern, json, language)

    @app.command(help=words("describe"))
    def describe(
        net: Annotated[str, argument("describe.net", "NET|MODEL")],
        input: Annotated[Optional[str], option("describe.input", "--input")] = None,  # noqa: UP045
        classes: Annotated[Optional[int], option("describe.classes", "--classes")] = None,  # noqa: UP045
        batch: Annotated[int, option("describe.batch", "--batch")] = 1,
        depth: Annotated[Optional[int], option("describe.depth", "--depth")] = None,  # noqa: UP045
        time: Annotated[bool, option("describe.time", "--time")] = False,
        worked: Annotated[bool, option("describe.worked", "--worked")] = False,
        svg: Annotated[Optional[Path], option("describe.svg", "--svg")] = None,  # noqa: UP045
        markdown: Annotated[bool, option("describe.markdown", "--markdown")] = False,
        csv: Annotated[bool, option("describe.csv", "--csv")] = False,
        json: as_json = False,
    ) -> int:
        from striate.cli.describing import Asked, Form, show_description
        from striate.cli.together import refuse_beside, refuse_two_forms

        refuse_two_forms({"--json": json, "--csv": csv, "--markdown": markdown})
        if json or csv:
            refuse_beside("--json" if json else "--csv", {"--worked": worked, "--depth": json and depth is not None})
        form: Form = "json" if json else "csv" if csv else "markdown" if markdown else "text"
        levels = 1 if depth is None else depth
        return show_description(net, Asked(input, classes, batch, levels, time, worked, svg, form), language)

    @app.command(help=words("compare"))
    def compare(
        sides: Annotated[Optional[list[str]], argument("compare.sides", "NET|MODEL|COMPARISON")] = None,  # noqa: UP045
        input: Annotated[Optional[str], option("describe.input", "--input")] = None,  # noqa: UP045
        classes: Annotated[Optional[int], option("describe.classes", "--classes")] = None,  # noqa: UP045
        layers: Annotated[bool, option("compare.layers", "--layers")] = False,
        list_: Annotated[bool, option("compare.list", "--list")] = False,
        markdown: Annotated[bool, option("describe.markdown", "--markdown")] = False,
        csv: Annotated[bool, option("describe.csv", "--csv")] = False,
        json: as_json = False,
    ) -> int:
        from striate.cli.comparing import Asked, show_classics, show_comparison
        from striate.cli.describing import Form
        from striate.cli.together import refuse_beside, refuse_two_forms

        refuse_two_forms({"--json": json, "--csv": csv, "--markdown": markdown})
        form: Form = "json" if json else "csv" if csv else "markdown" if markdown else "text"
        if list_:
            given = {"--input": input is not None, "--classes": classes is not None, "--layers": layers}
            refuse_beside(
                "--list", {", ".join(sides or []): bool(sides), **given, "--csv": csv, "--markdown": markdown}
            )
            return show_classics(form, language)
        return show_comparison(sides or [], Asked(input, classes, layers, form), language)

    @app.command(help=words("train"))
    def train(
        data: Annotated[Optional[str], argument("train.data", "[DATA]")] = None,  # noqa: UP045
        net: Annotated[Optional[str], option("train.net", "--net")] = None,  # noqa: UP045
        recipe: Annotated[str, option("train.recipe", "--recipe")] = "modern",
        epochs: Annotated[Optional[int], option("train.epochs", "--epochs")] = None,  # noqa: UP045
        batch: Annotated[Optional[int], option("train.batch", "--batch")] = None,  # noqa: UP045
        lr: Annotated[Optional[float], option("train.lr", "--lr")] = None,  # noqa: UP045
        optimiser: Annotated[Optional[str], option("train.optimiser", "--optimiser", "--optimizer")] = None,  # noqa: UP045
        decay: Annotated[Optional[float], option("train.decay", "--decay")] = None,  # noqa: UP045
        spare: Annotated[Optional[bool], option("train.spare", "--spare/--no-spare")] = None,  # noqa: UP045
        schedule: Annotated[Optional[str], option("train.schedule", "--schedule")] = None,  # noqa: UP045
        warmup: Annotated[Optional[float], option("train.warmup", "--warmup")] = None,  # noqa: UP045
        augment: Annotated[Optional[str], option("train.augment", "--augment")] = None,  # noqa: UP045
        mixup: Annotated[Optional[float], option("train.mixup", "--mixup")] = None,  # noqa: UP045
        cutmix: Annotated[Optional[float], option("train.cutmix", "--cutmix")] = None,  # noqa: UP045
        smoothing: Annotated[Optional[float], option("train.smoothing", "--smoothing")] = None,  # noqa: UP045
        balanced: Annotated[Optional[bool], option("train.balanced", "--balanced/--no-balanced")] = None,  # noqa: UP045
        dropout: Annotated[Optional[float], option("train.dropout", "--dropout")] = None,  # noqa: UP045
        averaging: Annotated[Optional[str], option("train.averaging", "--averaging")] = None,  # noqa: UP045
        clip: Annotated[Optional[float], option("train.clip", "--clip")] = None,  # noqa: UP045
        patience: Annotated[Optional[int], option("train.patience", "--patience")] = None,  # noqa: UP045
        weights: Annotated[Optional[str], option("train.weights", "--weights")] = None,  # noqa: UP045
        frozen: Annotated[Optional[int], option("train.frozen", "--frozen")] = None,  # noqa: UP045
        first_row: Annotated[Optional[float], option("train.first_row", "--first-row")] = None,  # noqa: UP045
        auxiliaries: Annotated[Optional[bool], option("train.auxiliaries", "--auxiliaries/--no-auxiliaries")] = None,  # noqa: UP045
        resize: Annotated[Optional[str], option("train.resize", "--resize")] = None,  # noqa: UP045
        input: Annotated[Optional[str], option("train.input", "--input")] = None,  # noqa: UP045
        limit: Annotated[Optional[int], option("train.limit", "--limit")] = None,  # noqa: UP045
        seed: Annotated[int, option("train.seed", "--seed")] = 0,
        out: Annotated[Optional[Path], option("train.out", "--out")] = None,  # noqa: UP045
        resume: Annotated[Optional[Path], option("train.resume", "--resume")] = None,  # noqa: UP045
        dry_run: Annotated[bool, option("train.dry_run", "--dry-run")] = False,
        json: as_json = False,
    ) -> int:
        from striate.cli.text import RESIZES, one_of, parsed_input
        from striate.cli.training import Wish, run_training
        from striate.fitting.changes import Changes

        changes = Changes(
            cast(Any, recipe), batch, lr, optimiser, decay, spare, schedule, warmup,
            cast(Any, one_of("resize", resize, RESIZES)), parsed_input(input), weights, augment, mixup, cutmix,
            smoothing, balanced, dropout, averaging, clip, patience, frozen, first_row, auxiliaries,
        )  # fmt: skip
        wish = Wish(data, net, changes, epochs, seed, limit, out, resume, dry_run)
        return run_training(wish, json, language)

    @app.command("lr-find", help=words("lr_find"))
    def lr_find(
        data: Annotated[Optional[str], argument("train.data", "[DATA]")] = None,  # noqa: UP045
        net: Annotated[Optional[str], option("train.net", "--net")] = None,  # noqa: UP045
        lowest: Annotated[float, option("lr_find.from", "--from")] = 1e-6,
        highest: Annotated[float, option("lr_find.to", "--to")] = 1.0,
        steps: Annotated[int, option("lr_find.steps", "--steps")] = 100,
        recipe: Annotated[str, option("train.recipe", "--recipe")] = "modern",
        batch: Annotated[Optional[int], option("train.batch", "--batch")] = None,  # noqa: UP045
        optimiser: Annotated[Optional[str], option("train.optimiser", "--optimiser", "--optimizer")] = None,  # noqa: UP045
        resize: Annotated[Optional[str], option("train.resize", "--resize")] = None,  # noqa: UP045
        input: Annotated[Optional[str], option("train.input", "--input")] = None,  # noqa: UP045
        weights: Annotated[Optional[str], option("train.weights", "--weights")] = None,  # noqa: UP045
        seed: Annotated[int, option("train.seed", "--seed")] = 0,
        svg: Annotated[Optional[Path], option("lr_find.svg", "--svg", "--png")] = None,  # noqa: UP045
        json: as_json = False,
    ) -> int:
        from striate.cli.finding import Wanted, show_rates

        wanted = Wanted(
            data, net, lowest, highest, steps, recipe, batch, optimiser, resize, input, weights, seed, svg, json
        )
        return show_rates(wanted, language)

    @app.command(help=words("ablate"))
    def ablate(
        source: Annotated[Optional[str], argument("ablate.source", "EXPERIMENT")] = None,  # noqa: UP045
        quick: Annotated[bool, option("ablate.quick", "--quick")] = False,
        out: Annotated[Optional[Path], option("ablate.out", "--out")] = None,  # noqa: UP045
        dry_run: Annotated[bool, option("ablate.dry_run", "--dry-run")] = False,
        list_: Annotated[bool, option("ablate.list", "--list")] = False,
        markdown: Annotated[bool, option("describe.markdown", "--markdown")] = False,
        json: as_json = False,
    ) -> int:
        from striate.cli.ablating import Wish, run_ablation
        from striate.cli.results import Form, show_shipped

        form: Form = "json" if json else "markdown" if markdown else "text"
        if list_:
            return show_shipped(form, language)
        return run_ablation(Wish(source, quick, out, dry_run, form), language)

    @app.command(help=words("evaluate"))
    def evaluate(
        model: Annotated[str, argument("evaluate.model", "MODEL")],
        data: Annotated[Optional[str], argument("evaluate.data", "[DATA]")] = None,  # noqa: UP045
        weights: whose_weights = None,
        crops: by_crops = "1",
        scales: at_scales = None,
        download: download_too = False,
        json: as_json = False,
    ) -> int:
        from striate.cli.fetching import chosen
        from striate.cli.look import show_evaluation
        from striate.cli.text import parsed_crops

        asked = parsed_crops(crops, scales)
        return show_evaluation(chosen(model, weights, download, language), data, asked, json, language)

    @app.command(help=words("predict"))
    def predict(
        model: Annotated[str, argument("predict.model", "MODEL")],
        pictures: Annotated[list[str], argument("predict.pictures", "PICTURE|FOLDER|- ...")],
        topk: Annotated[int, option("predict.topk", "--topk")] = 5,
        weights: whose_weights = None,
        crops: by_crops = "1",
        scales: at_scales = None,
        download: download_too = False,
        csv: Annotated[bool, option("predict.csv", "--csv")] = False,
        json: as_json = False,
    ) -> int:
        from striate.cli.fetching import chosen
        from striate.cli.predicting import run_prediction
        from striate.cli.text import parsed_crops
        from striate.cli.together import refuse_two_forms

        refuse_two_forms({"--json": json, "--csv": csv})
        asked = parsed_crops(crops, scales)
        ready = chosen(model, weights, download, language)
        return run_prediction(ready, pictures, asked, topk, "json" if json else "csv" if csv else "text", language)

    @app.command(help=words("ensemble"))
    def ensemble(
        models: Annotated[list[str], argument("ensemble.models", "MODEL ...")],
        data: Annotated[Optional[str], option("ensemble.data", "--data")] = None,  # noqa: UP045
        crops: by_crops = "1",
        scales: at_scales = None,
        download: download_too = False,
        json: as_json = False,
    ) -> int:
        from striate.cli.ensembling import show_ensemble
        from striate.cli.fetching import fetch_for
        from striate.cli.text import parsed_crops
        from striate.published.start import PRETRAINED

        asked = parsed_crops(crops, scales)
        for model in models if download else ():
            fetch_for(model, PRETRAINED, language)
        return show_ensemble(models, data, asked, json, language)

    app.add_typer(learn_app(topic, language, words), name="learn")

    @app.command(help=words("doctor"))
    def doctor(json: as_json = False) -> int:
        from striate.cli.look import show_doctor

        return show_doctor(json, language)

    return app


def warn(text: str) -> None:
    """A line for people beside the results."""
    print(text, file=sys.stderr, flush=True)
