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
    found = re.compile(rf"(?<![A-Za-z_-])({'|'.join(map(re.escape, names))})(?![A-Za-z_-])( {{2,}})?")
    told = [(line.find(_EQUALS), found.sub(lambda name: _as_wide(names[name[1]], name), line)) for line in lines]
    return [
        line for place, group in groupby(told, lambda each: each[0]) for line in _aligned([x for _, x in group], place)
    ]


def _as_wide(told: str, found: re.Match[str]) -> str:
    """A name as wide as before with the spaces behind it, where they make a column."""
    return f"{told}{' ' * max(1, len(found[0]) - width(told))}" if found[2] else told


def _aligned(lines: Sequence[str], place: int) -> list[str]:
    """Lines whose first equals sign stood in the same place, where it is again in one."""
    if place < 0 or len(lines) == 1:
        return list(lines)
    sides = [line.partition(_EQUALS) for line in lines]
    room = max(width(left.rstrip()) for left, _, _ in sides)
    return [f"{left.rstrip()}{' ' * (room - width(left.rstrip()))}{sign}{right}" for left, sign, right in sides]
