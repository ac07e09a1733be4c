"""``striate lr-find``: the curve of a range test as text, JSON or a chart."""

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rich.console import Console

from striate.cli import fetching
from striate.cli.forms import print_json
from striate.cli.text import RESIZES, labelled, one_of, parsed_input
from striate.cli.waiting import bar_on
from striate.data.sets import DEFAULT_SET
from striate.fitting.changes import Changes
from striate.fitting.events import Fetching
from striate.verbs.lr_find import Found, lr_finding
from striate.words import say
from striate.words.shell import command
from striate.work import drained

_COLUMNS, _LINES, _TICK = 60, 13, 4  # of the curve: its size, and every which line has its loss beside it
_ROOM = 1.15  # above the first losses, as in the chart


@dataclass(frozen=True)
class Wanted:
    """The options of the command."""

    data: str | None
    net: str | None
    lowest: float
    highest: float
    steps: int
    recipe: str
    batch: int | None
    optimiser: str | None
    resize: str | None
    input: str | None
    weights: str | None
    seed: int
    chart: Path | None
    json: bool

    def changes(self) -> Changes:
        return Changes(
            base=cast(Any, self.recipe),
            batch=self.batch,
            optimiser=self.optimiser,
            resize=cast(Any, one_of("resize", self.resize, RESIZES)),
            input=parsed_input(self.input),
            start=self.weights,
        )


def show_rates(wanted: Wanted, language: str) -> int:
    """Runs the test and shows the curve on stdout, then draws the chart; one that cannot be written is a warning."""
    if wanted.chart is not None:
        from striate.figures.charts import refuse_ending

        refuse_ending(wanted.chart)  # before the work, not after
    found = _found(wanted, language)
    if wanted.json:
        print_json(found.as_json())
    else:
        print(_text(found, wanted, language), flush=True)
    if wanted.chart is not None:
        _draw(found, wanted.chart, language)
    return 0


def _draw(found: Found, path: Path, language: str) -> None:
    """Writes the chart and says where; the numbers are told by now, and are not lost with it."""
    from striate.figures.charts import rates_chart, write

    try:
        write(rates_chart(found, language), path)
        told = say("lr_find.chart", language, path=path)
    except OSError as error:
        told = say("lr_find.no_chart", language, path=path, reason=error.strerror or error)
    print(told, file=sys.stderr)


def _found(wanted: Wanted, language: str) -> Found:
    console = Console(stderr=True, highlight=False, markup=False)
    work = lr_finding(
        wanted.data or DEFAULT_SET, net=wanted.net, recipe=wanted.changes(), rates=(wanted.lowest, wanted.highest),
        steps=wanted.steps, seed=wanted.seed,
    )  # fmt: skip
    tried = 0
    with bar_on(console) as bar:
        task = bar.add_task("", total=None)

        def tell(event: Fetching | float) -> None:
            nonlocal tried
            if isinstance(event, Fetching):
                if event.done == 0:
                    console.print(fetching.told(event, language), soft_wrap=True)
                bar.update(task, description=say("fetch.bar", language), completed=event.done, total=event.total)
            else:
                tried += 1
                bar.update(task, description=say("lr_find.bar", language), completed=tried, total=wanted.steps)

        return drained(work, tell)


def _text(found: Found, wanted: Wanted, language: str) -> str:
    title = say("lr_find.title", language, net=found.net, data=found.data)
    return "\n".join([title, "", *curve(found), "", labelled(_lines(found, wanted, language))])


def _lines(found: Found, wanted: Wanted, language: str) -> list[tuple[str, str]]:
    def told(key: str, value: str) -> tuple[str, str]:
        return say(f"lr_find.{key}", language), value

    end = say("lr_find.not_diverged", language, rate=_short(found.rates[-1]))
    if found.suggested is None or found.steepest is None:
        lines = [told("suggested", say("lr_find.none", language))]
    else:
        rule = say("lr_find.rule", language, rate=_short(found.suggested * 10))
        lines = [told("suggested", f"{_short(found.suggested)}  {rule}"), told("steepest", _short(found.steepest))]
    lines.append(told("diverged", end if found.diverged_at is None else _short(found.diverged_at)))
    if found.suggested is not None:
        lines.append((say("label.try", language).strip(), _next(found, wanted)))
    return lines


def _next(found: Found, wanted: Wanted) -> str:
    """The training with this rate, as it was asked for here."""
    assert found.suggested is not None
    recipe = None if wanted.recipe == "modern" else wanted.recipe
    options = {
        "--net": wanted.net, "--recipe": recipe, "--batch": wanted.batch, "--optimiser": wanted.optimiser,
        "--resize": wanted.resize, "--input": wanted.input, "--weights": wanted.weights,
        "--lr": _short(found.suggested),
    }  # fmt: skip
    given = [part for name, value in options.items() if value is not None for part in (name, value)]
    return command("striate", "train", *([wanted.data] if wanted.data else []), *given)


def curve(found: Found) -> list[str]:
    """The smoothed loss over the rate, on a scale of powers of ten, with a mark below the rate suggested."""
    low, high = min(found.smoothed), _ROOM * max(found.smoothed[: len(found.smoothed) // 2])
    first, last = math.log10(found.rates[0]), math.log10(found.rates[-1])

    def column(rate: float) -> int:
        return round((math.log10(rate) - first) / (last - first) * (_COLUMNS - 1))

    canvas = [[" "] * _COLUMNS for _ in range(_LINES)]
    for rate, loss in zip(found.rates, found.smoothed, strict=True):
        if loss <= high:
            canvas[round((high - loss) / (high - low) * (_LINES - 1))][column(rate)] = "•"
    losses = [high - (high - low) * at / (_LINES - 1) for at in range(_LINES)]
    ticks = [f"{loss:8.2f}" if at % _TICK == 0 else " " * 8 for at, loss in enumerate(losses)]
    lines = [f"{tick} │{''.join(line).rstrip()}" for tick, line in zip(ticks, canvas, strict=True)]
    marks = {} if found.suggested is None else {column(max(found.suggested, found.rates[0])): "▲"}
    powers = {column(10.0**power): f"1e{power}" for power in range(math.ceil(first), math.floor(last + 1e-9) + 1)}
    return [*lines, " " * 9 + "└" + "─" * _COLUMNS, _placed(marks), _placed(powers)]


def _placed(words: dict[int, str]) -> str:
    """Words at their columns, below the curve; one that would touch the word before it is left out."""
    line = " " * 10
    for at, word in sorted(words.items()):
        if at == 0 or len(line) < at + 10:
            line = line.ljust(at + 10) + word
    return line.rstrip()


def _short(rate: float) -> str:
    return f"{rate:.2g}"
