"""Ways to get a second name for a list of lists, and what a change by that name does to the first one."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from striate.problem import BadData, Misuse
from striate.words import nearest

Rows = list[Any]

WAYS: dict[str, Callable[[Rows], Rows]] = {
    "assignment": lambda original: original,
    "slice": lambda original: original[:],
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}
CHANGES: dict[str, Callable[[Rows], None]] = {
    "inside": lambda other: other[0].append(9),
    "append": lambda other: other.append(9),
    "replace": lambda other: other.__setitem__(0, 9),
}
SOURCES = {"inside": "other[0].append(9)", "append": "other.append(9)", "replace": "other[0] = 9"}
"""Each change as it is written in a program."""

MOST = 8
"""Rows that a picture has room for."""


@dataclass(frozen=True)
class Thing:
    """An object that is there after the change: one of the outer lists, or what stands in one."""

    text: str
    outer: bool
    of_original: bool  # whether it is reached from the first name
    of_other: bool
    holds: tuple[int, ...]  # the places of what it points to


@dataclass(frozen=True)
class Outcome:
    """What was there before, what both names show after the change, and every object behind them."""

    way: str
    change: str
    before: str
    original: str
    other: str
    things: tuple[Thing, ...]  # the original's outer list is the first
    other_at: int  # the place of the other's outer list

    @property
    def reached(self) -> bool:
        """Whether the original changed, too."""
        return self.original != self.before


def changed(way: str, change: str, values: Sequence[float] = (1, 2, 3)) -> Outcome:
    """Copies [[1], [2], [3]] in one of ``WAYS``, makes one of ``CHANGES`` by the new name, and looks at both.

    Misuse for another name; BadData for no values, or more than a picture has room for.
    """
    for name, known in ((way, WAYS), (change, CHANGES)):
        if name not in known:
            raise Misuse("foundations.copies.unknown", name=name, nearest=nearest(name, known))
    if not 1 <= len(values) <= MOST:
        raise BadData("foundations.copies.count", count=len(values), most=MOST)
    original: Rows = [[int(value) if value == int(value) else value] for value in values]
    before = repr(original)
    other = WAYS[way](original)
    CHANGES[change](other)
    things, other_at = _things(original, other)
    return Outcome(way, change, before, repr(original), repr(other), things, other_at)


def _things(original: Rows, other: Rows) -> tuple[tuple[Thing, ...], int]:
    """The outer lists and what they hold, each object once."""
    lists = [original] if other is original else [original, other]
    held = [(each, place) for each in lists for place in each]
    objects: list[Any] = list(lists)
    for _, each in held:
        if not any(each is known for known in objects):
            objects.append(each)
    place = {id(each): at for at, each in enumerate(objects)}

    def thing(each: Any) -> Thing:
        outer = any(each is known for known in lists)
        return Thing(
            "list" if outer else repr(each),
            outer,
            of_original=each is original or any(each is item for item in original),
            of_other=each is other or any(each is item for item in other),
            holds=tuple(place[id(item)] for item in each) if outer else (),
        )

    return tuple(map(thing, objects)), place[id(other)]
