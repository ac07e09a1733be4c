"""Signals: a first one asks for an end, a second one ends at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from striate.cli import INTERRUPTED, TERMINATED


class Stop:
    """Whether somebody asked for an end, and how."""

    signal: int | None = None

    @property
    def code(self) -> int:
        """What the command then exits with."""
        return TERMINATED if self.signal == signal.SIGTERM else INTERRUPTED


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Within it the first interrupt is noted, and the second one interrupts."""
    stop = Stop()

    def note(number: int, _: FrameType | None) -> None:
        stop.signal = number
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
