"""``striate train``: a training, told as it goes on."""

import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import TaskID, TextColumn

from striate.cli import balancing, fetching, kin
from striate.cli.forms import Form, print_json
from striate.cli.planning import show_plan
from striate.cli.stopping import stoppable
from striate.cli.text import counted, duration, loss_text, percent, recipe_source, sample, times
from striate.cli.waiting import bar_on
from striate.data.sets import DEFAULT_SET
from striate.fitting.changes import Changes
from striate.fitting.events import End, Epoch, Event, Fetching, Reading, Start, Step, Trouble, as_json
from striate.fitting.planning import planned
from striate.fitting.sheet import freezes_drawn, optimiser_name, schedule_text
from striate.nets import CATALOGUE
from striate.problem import Misuse
from striate.recipe import from_json
from striate.run import Selection
from striate.verbs.train import resuming, training
from striate.words import say, width
from striate.words.shell import command, quoted


@dataclass(frozen=True)
class Wish:
    """The options of the command as they were given."""

    data: str | None = None
    net: str | None = None
    changes: Changes = Changes()  # noqa: RUF009  frozen
    epochs: int | None = None
    seed: int = 0
    limit: int | None = None
    out: Path | None = None
    workers: int | None = None
    selection: Selection = Selection()  # noqa: RUF009  frozen
    strict: bool = False
    resume: Path | None = None
    dry_run: bool = False
    download: bool = False


def run_training(wish: Wish, form: Form, language: str) -> int:
    """Trains and tells; a first Ctrl-C ends after the batch with everything saved, a second one at once."""
    if wish.download and wish.resume is None:
        fetching.fetch_set(wish.data or DEFAULT_SET, language)
    if wish.dry_run and wish.resume is None:
        data = wish.data or DEFAULT_SET
        plan = planned(
            data, net=wish.net, recipe=wish.changes, epochs=wish.epochs, seed=wish.seed, limit=wish.limit,
            selection=wish.selection,
        )  # fmt: skip
        return show_plan(plan, form, language)
    teller = _JsonTeller() if form == "json" else _Teller(language, wish)
    finished = False
    with stoppable() as stop, teller, closing(_events(wish)) as events:
        for event in events:
            teller.tell(event)
            finished = isinstance(event, End)
            if stop.signal is not None:
                break
    if stop.signal is None or finished:
        return 0
    teller.stopped()
    return stop.code


def _events(wish: Wish) -> Generator[Event, None, None]:
    if wish.resume is not None:
        if wish != Wish(resume=wish.resume, workers=wish.workers):
            raise Misuse("train.resume_alone", run=wish.resume)
        return resuming(wish.resume, workers=wish.workers)
    data = wish.data or DEFAULT_SET
    return training(
        data, net=wish.net, recipe=wish.changes, epochs=wish.epochs, seed=wish.seed, limit=wish.limit, out=wish.out,
        workers=wish.workers, selection=wish.selection, strict=wish.strict,
    )  # fmt: skip


class _JsonTeller:
    """A JSON line for each start, trouble, epoch and end."""

    def __enter__(self) -> "_JsonTeller":
        return self

    def __exit__(self, *_: object) -> None: ...

    def tell(self, event: Event) -> None:
        if isinstance(event, Start | Trouble | Epoch | End):
            print_json(as_json(event))

    def stopped(self) -> None: ...


class _Teller:
    """Lines for people: what was decided, a row an epoch, the result; a live bar on a terminal."""

    COLUMNS = ("epoch", "train_loss", "val_loss", "val_top1", "lr", "speed", "left")
    WIDTHS = (9, 10, 9, 9, 9, 9, 9)

    def __init__(self, language: str, wish: Wish) -> None:
        self.language = language
        self.wish = wish
        self.console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        self.bar = bar_on(self.console, TextColumn("{task.fields[told]}"))
        self.task: TaskID | None = None
        self.start: Start | None = None

    def __enter__(self) -> "_Teller":
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def tell(self, event: Event) -> None:
        if isinstance(event, Fetching):
            self._tell_fetching(event)
        elif isinstance(event, Reading):
            self._show(self._say("train.reading", part=event.part), event.done, event.total, f"{event.done:,}")
        elif isinstance(event, Step):
            told = f"{loss_text(event.train_loss)}  {event.images_per_second:,.0f} {self._say('train.per_second')}"
            self._show(self._say("train.epoch", epoch=event.epoch), event.done, event.total, told)
        elif isinstance(event, Start):
            self._clear()
            self.start = event
            self._tell_start(event)
        elif isinstance(event, Trouble):
            self._clear()
            if event.kind != "not_finite":  # ends the training, and the error says it all
                self._print(event.text(self.language))
        elif isinstance(event, Epoch):
            self._clear()
            self._tell_epoch(event)
        else:
            self._clear()
            self._tell_end(event)

    def stopped(self) -> None:
        self._print(self._say("train.stopped"))
        if self.start is not None:
            again = command("striate", "train", "--resume", self.start.run)
            self._print(f"  {self._say('label.try')}  {again}")

    def _tell_fetching(self, event: Fetching) -> None:
        if event.done == 0:
            self._print(fetching.told(event, self.language))
        total = event.total or event.done
        self._show(self._say("fetch.bar"), event.done, total, f"{event.done / 1e6:,.0f} MB")
        if event.done == event.total:
            self._clear()

    def _tell_start(self, event: Start) -> None:
        images = counted(event.images, self.language)
        recipe = event.recipe
        optimiser = from_json(recipe["optimiser"])
        self._print(
            "\n".join(
                [
                    self._say("train.data", name=event.data, classes=len(event.classes), images=images),
                    *self._notes(event),
                    *kin.told(event.kinship, self.language),
                    self._say("train.net", net=event.net, parameters=event.parameters, macs=f"{event.macs / 1e6:,.1f}"),
                    self._say(
                        "train.recipe", source=recipe_source(recipe["source"], self.language), epochs=event.epochs,
                        batch=recipe["batch"], optimiser=optimiser_name(optimiser), lr=f"{optimiser.lr:g}",
                        schedule=schedule_text(from_json(recipe["schedule"])),
                        weights=recipe["start"],
                    ),
                    *self._offer(event),
                    self._say("train.view", mode=recipe["view"]["mode"], size=times(recipe["view"]["size"])),
                    self._say("train.compute", compute=event.compute, seed=event.seed),
                    *([] if event.workers is None else [self._say("train.loading", workers=event.workers)]),
                    *(
                        self._say(
                            "plan.changed", part=self._say(f"part.{each['part']}"), before=each["before"],
                            after=each["after"], rule=self._say(each["rule"]),
                        )
                        for each in recipe["changed"]
                    ),
                    *self._frozen(event),
                    *balancing.told(event, self.language),
                    *(self._say("train.disputed", text=text) for text in recipe["disputed"]),
                    *(self._say("train.assumed", text=text) for text in recipe["assumed"]),
                    self._say("train.estimate", time=duration(event.estimated_seconds, self.language)),
                    self._say("train.run", run=event.run),
                ]
            )
        )  # fmt: skip
        if event.resumed_epoch is not None:
            self._print(self._say("train.resumed", epoch=event.resumed_epoch))
        self._print("")
        self._print(self._row([self._say(f"column.{key}") for key in self.COLUMNS]))

    def _offer(self, event: Start) -> list[str]:
        """That there are published weights, where none were asked for and none are at hand."""
        there = event.net in CATALOGUE and CATALOGUE[event.net].published and event.recipe["start"] == "random"
        asked = self.wish.changes.start or self.wish.changes.base != "modern" or self.wish.resume
        return [self._say("train.to_fetch")] if there and not asked else []

    def _frozen(self, event: Start) -> list[str]:
        return [self._say("train.frozen_random")] if freezes_drawn(from_json(event.recipe)) else []

    def _notes(self, event: Start) -> list[str]:
        """What was done with the pictures and files that were not plain."""
        lines = []
        for name, reason in list(event.skipped.items())[:5]:
            lines.append("  " + self._say("train.skipped", name=name, reason=self._say(f"unreadable.{reason}")))
        if len(event.skipped) > 5:
            lines.append("  " + self._say("train.skipped_more", count=len(event.skipped) - 5))
        by_note: dict[str, list[str]] = {}
        for name, notes in event.notes.items():
            for note in notes:
                by_note.setdefault(note, []).append(name)
        for note, names in by_note.items():
            lines.append("  " + self._say(f"note.{note}", count=len(names), names=sample(names, 3)))
        lines += ["  " + remark.text(self.language) for remark in event.remarks]
        if event.stray:
            lines.append("  " + self._say("train.stray", count=len(event.stray), names=sample(event.stray, 3)))
        return lines

    def _tell_epoch(self, event: Epoch) -> None:
        assert self.start is not None
        left = event.seconds / event.epoch * (self.start.epochs - event.epoch)
        mark = f"  {self._say('train.best')}" if event.best else ""
        cells = [
            f"{event.epoch}/{self.start.epochs}", loss_text(event.train_loss), loss_text(event.val_loss),
            percent(event.val_top1), f"{event.lr:.1e}", f"{event.images_per_second:,.0f}",
            duration(left, self.language) if event.epoch < self.start.epochs else "-",
        ]  # fmt: skip
        self._print(self._row(cells) + mark)

    def _tell_end(self, event: End) -> None:
        print()
        if self.start is not None and event.epochs < self.start.epochs:
            print(self._say("train.gave_up", epochs=event.epochs, whole=self.start.epochs))
        print(
            self._say(
                "train.done", val=percent(event.best_top1), epoch=event.best_epoch, count=event.images["val"],
                time=duration(event.seconds, self.language),
            )
        )  # fmt: skip
        if event.test_top1 is not None:
            print(self._say("train.tested", test=percent(event.test_top1), count=event.images["test"]))
        for line in balancing.recall(self.start, event, self.language) if self.start else ():
            print(line)
        print(self._say("train.next", run=quoted(event.run)))

    def _row(self, cells: list[str]) -> str:
        return " ".join(" " * (wide - width(cell)) + cell for wide, cell in zip(self.WIDTHS, cells, strict=True))

    def _show(self, description: str, done: int, total: int, told: str) -> None:
        if self.task is None:
            self.task = self.bar.add_task(description, total=total, told=told)
        self.bar.update(self.task, description=description, completed=done, total=total, told=told)

    def _clear(self) -> None:
        if self.task is not None:
            self.bar.remove_task(self.task)
            self.task = None

    def _print(self, text: str) -> None:
        self.console.print(text)
        sys.stderr.flush()

    def _say(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)
