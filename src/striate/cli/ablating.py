"""``striate ablate``: an experiment, told as it goes on."""

import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import TaskID, TextColumn

from striate.ablation.events import Begin, Event, Finish, Inside, Over
from striate.ablation.results import Results
from striate.cli.forms import Form
from striate.cli.results import show_chart, show_plan, show_results
from striate.cli.stopping import stoppable
from striate.cli.text import duration, loss_text, percent
from striate.cli.waiting import bar_on
from striate.figures.arms import as_svg
from striate.fitting.events import Reading, Step
from striate.problem import Misuse
from striate.verbs.ablate import ablating
from striate.words import say, width
from striate.words.shell import command

CHART = "chart.svg"


@dataclass(frozen=True)
class Wish:
    """The options of the command as they were given."""

    source: str | None
    quick: bool
    out: Path | None
    dry_run: bool
    form: Form


def run_ablation(wish: Wish, language: str) -> int:
    """Runs an experiment and shows what it says; a first Ctrl-C ends after the batch, with everything saved."""
    if wish.source is None:
        raise Misuse("ablate.which")
    if wish.dry_run:
        return show_plan(wish.source, wish.quick, wish.out, wish.form, language)
    teller, results = _Teller(language), None
    with stoppable() as stop, teller, closing(ablating(wish.source, quick=wish.quick, out=wish.out)) as events:
        for event in events:
            teller.tell(event)
            if isinstance(event, Finish):
                results = event.results
            elif stop.signal is not None:
                break
    if results is None:
        teller.stopped(_again(wish))
        return stop.code
    show_results(results, wish.form, language)
    sys.stdout.flush()  # they stand without the chart, whatever becomes of it
    if any(arm.outcomes for arm in results.arms):
        _draw(results, wish.form, language)
    return 0


def _draw(results: Results, form: Form, language: str) -> None:
    """The chart beside the results; one that cannot be drawn or written is a warning, as the numbers are there."""
    chart = Path(results.folder) / CHART
    try:
        chart.write_text(as_svg(results, language), encoding="utf-8")
    except (OSError, ImportError) as error:
        reason = getattr(error, "strerror", None) or error
        print(say("ablate.no_chart", language, path=chart, reason=reason), file=sys.stderr)
        return
    show_chart(chart, form, language)


def _again(wish: Wish) -> str:
    """The command that goes on."""
    out = [] if wish.out is None else ["--out", wish.out]
    return command("striate", "ablate", wish.source, *(["--quick"] if wish.quick else []), *out)


class _Teller:
    """A line for each run on stderr; a live bar on a terminal."""

    COLUMNS = ("run", "arm", "seed", "val_top1", "test_top1", "train_loss", "time")

    def __init__(self, language: str) -> None:
        self.language = language
        self.console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self.bar = bar_on(self.console, TextColumn("{task.fields[told]}"))
        self.task: TaskID | None = None
        self.widths: tuple[int, ...] = ()

    def __enter__(self) -> "_Teller":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def tell(self, event: Event) -> None:
        if isinstance(event, Begin):
            self._tell_begin(event)
        elif isinstance(event, Inside):
            self._tell_inside(event)
        elif isinstance(event, Over) and not event.there:
            self._tell_over(event)

    def stopped(self, again: str) -> None:
        self._print(self._say("train.stopped"))
        self._print(f"  {self._say('label.try')}  {again}")

    def _tell_begin(self, event: Begin) -> None:
        there = self._say("ablate.there", there=event.there) if event.there else ""
        self._print(self._say("ablate.begin", folder=event.folder, runs=event.runs) + there)
        self._print("")
        heads = [self._say(f"column.{key}") for key in self.COLUMNS]
        self.widths = tuple(max(width(head), least) for head, least in zip(heads, (7, 24, 4, 9, 9, 10, 7), strict=True))
        if event.there < event.runs:
            self._print(self._row(heads))

    def _tell_inside(self, event: Inside) -> None:
        inner = event.event
        told = ""
        if isinstance(inner, Step):
            told = f"{self._say('train.epoch', epoch=inner.epoch)}  {loss_text(inner.train_loss)}"
        elif isinstance(inner, Reading):
            told = self._say("train.reading", part=inner.part)
        name = f"{event.number}/{event.runs}  {event.arm}, {self._say('column.seed')} {event.seed}"
        if self.task is None:
            self.task = self.bar.add_task(name, total=1.0, told=told)
        if told or event.share:
            self.bar.update(self.task, description=name, completed=event.share, told=told)

    def _tell_over(self, event: Over) -> None:
        outcome = event.outcome
        seconds = "-" if outcome.seconds is None else duration(outcome.seconds, self.language)
        cells = [
            f"{event.number}/{event.runs}", outcome.arm, str(outcome.seed), percent(outcome.val_top1),
            percent(outcome.test_top1), loss_text(outcome.train_loss), seconds,
        ]  # fmt: skip
        self._print(self._row(cells) + (f"  {self._say('ablate.diverged')}" if outcome.diverged else ""))

    def _row(self, cells: list[str]) -> str:
        parts = []
        for at, (wide, cell) in enumerate(zip(self.widths, cells, strict=True)):
            space = " " * (wide - width(cell))
            parts.append(cell + space if at == 1 else space + cell)
        return " ".join(parts)

    def _print(self, text: str) -> None:
        self.console.print(text)
        sys.stderr.flush()

    def _say(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)
