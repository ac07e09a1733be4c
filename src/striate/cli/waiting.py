"""Bars on stderr for work that takes a while; only a terminal shows them."""

from collections.abc import Generator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

from striate.fitting.answering import Progress as Done
from striate.words import say
from striate.work import drained

T = TypeVar("T")


def bar_on(console: Console, *told: ProgressColumn) -> Progress:
    """A bar behind what the work is called, which is gone when the work is over; ``told`` stands behind the bar."""
    columns = (TextColumn("{task.description}"), BarColumn(24), *told, TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def waited_for(work: Generator[Done, None, T], language: str) -> T:
    """What the work returns, told on the way how far it is."""
    with bar_on(Console(stderr=True), MofNCompleteColumn()) as bar:
        task = bar.add_task(say("evaluate.looking", language), total=None)
        return drained(work, lambda now: bar.update(task, completed=now.done, total=now.total))
