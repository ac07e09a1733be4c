"""Formulas in one language: the names in them are words, too."""

import re
from collections.abc import Sequence
from itertools import groupby

from striate.words import DEFAULT_LANGUAGE, say, width

_NAMES = (
    "height", "width", "multiply_accumulates", "parameters", "global_average", "flatten",
    "bias", "variance", "degree", "kernel", "stride", "pad",
    "window", "in", "out", "same", "field", "stack",
    "single", "full", "convolution", "weights", "connections", "values",
    "accuracy", "precision", "recall", "fall_out", "specificity", "score",
    "tie", "activations", "batch",
)  # fmt: skip
_EQUALS = " = "


def written_in(lines: Sequence[str], language: str) -> list[str]:
    """The lines with their names in the language; equals signs that stood below each other still do."""
    if language == DEFAULT_LANGUAGE:
        return list(lines)
    names = {say(f"formula.{name}"): say(f"formula.{name}", language) for name in _NAMES}
    found = re.compile(rf"(?<![A-Za-z_-])({'|'.join(map(re.escape, names))})(?![A-Za-z_-])")
    told = [(line.find(_EQUALS), found.sub(lambda name: names[name[0]], line)) for line in lines]
    return [
        line for place, group in groupby(told, lambda each: each[0]) for line in _aligned([x for _, x in group], place)
    ]


def _aligned(lines: Sequence[str], place: int) -> list[str]:
    """Lines whose first equals sign stood in the same place, where it is again in one."""
    if place < 0 or len(lines) == 1:
        return list(lines)
    sides = [line.partition(_EQUALS) for line in lines]
    room = max(width(left.rstrip()) for left, _, _ in sides)
    return [f"{left.rstrip()}{' ' * (room - width(left.rstrip()))}{sign}{right}" for left, sign, right in sides]
