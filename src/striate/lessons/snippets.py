"""Programs of ``foundations.python_notes`` as parts of a lesson."""

import textwrap

from striate.foundations.python_notes import Ran
from striate.lessons.parts import Code

_COLUMNS = 84
"""Of an error; PyTorch's are longer than a terminal is wide."""


def as_code(ran: Ran) -> Code:
    """A program with what it printed, or with the error that stopped it."""
    return Code(ran.source, "\n".join((*ran.printed, *textwrap.wrap(ran.error, _COLUMNS))))
