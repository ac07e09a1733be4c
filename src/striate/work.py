"""Long work: a generator that yields how far it is, and returns what came of it."""

from collections.abc import Callable, Generator
from typing import TypeVar

Step = TypeVar("Step")
Told = TypeVar("Told")
T = TypeVar("T")


def drained(work: Generator[Step, None, T], tell: Callable[[Step], object] | None = None) -> T:
    """What the work returns; what it yields on the way is told, or unheard."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            return end.value
        if tell is not None:
            tell(step)


def retold(work: Generator[Step, None, T], words: Callable[[Step], Told]) -> Generator[Told, None, T]:
    """The same work, telling how far it is in other words."""
    while True:
        try:
            step = next(work)
        except StopIteration as end:
            return end.value
        yield words(step)
