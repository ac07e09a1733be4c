"""A bar on stderr for work that takes a while; only a terminal shows it."""

from collections.abc import Generator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from striate.fitting.answering import Progress as Done
from striate.words import say

T = TypeVar("T")


def waited_for(work: Generator[Done, None, T], language: str) -> T:
    """What the work returns, told on the way how far it is."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(say("evaluate.looking", language), total=None)
        while True:
            try:
                now = next(work)
            except StopIteration as end:
                return end.value
            bar.update(task, completed=now.done, total=now.total)
