"""What must not be on both sides of a division and is: a number that is too good does not come from learning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from striate.data.folder import Found
from striate.data.twins import Place, Twins


@dataclass(frozen=True)
class Leak:
    """A picture that is learned from, and one that is not and ought to be new."""

    learned: str
    other: str
    part: str  # of the other
    same: bool  # the same bytes; otherwise of one group


@dataclass(frozen=True)
class Kinship:
    """How the pictures of a set are related, as far as was looked."""

    looked: bool  # False where there was too much to read, and nobody had asked
    copies: int  # pictures that are a copy of another
    leaks: tuple[Leak, ...]
    conflicts: tuple[tuple[str, str], ...]  # copies in different classes

    @staticmethod
    def of(record: Mapping[str, Any]) -> "Kinship":
        """What asdict() wrote, or JSON made of it."""
        leaks = tuple(Leak(**each) for each in record["leaks"])
        return Kinship(record["looked"], record["copies"], leaks, tuple(map(tuple, record["conflicts"])))


def kinship_of(found: Found, twins: Twins) -> Kinship:
    """What the parts of a source have in common; a part that is divided later is one here."""
    groups = twins.groups()
    leaks = [leak for group in groups for leak in _leaks(found, group, same=True)]
    conflicts = [pair for group in groups if (pair := _conflict(found, group))]
    leaks += [leak for group in _straddling(found) for leak in _leaks(found, group, same=False)]
    return Kinship(twins.looked, sum(len(group) - 1 for group in groups), tuple(leaks), tuple(conflicts))


def _leaks(found: Found, group: Sequence[Place], *, same: bool) -> list[Leak]:
    """Of each picture outside the training, the first of the group that is learned from."""
    learned = [place for place in group if place[0] in ("train", "all")]
    others = [place for place in group if place[0] not in ("train", "all")]
    if not learned:
        return []
    return [Leak(_name(found, learned[0]), _name(found, other), other[0], same) for other in others]


def _conflict(found: Found, group: Sequence[Place]) -> tuple[str, str] | None:
    """The first of a group and one of another class."""
    first, *others = group
    label = found.parts[first[0]].label(first[1])
    other = next((place for place in others if found.parts[place[0]].label(place[1]) != label), None)
    return None if other is None else (_name(found, first), _name(found, other))


def _straddling(found: Found) -> list[list[Place]]:
    """The source's own groups that it has in several parts, one picture of each part."""
    firsts: dict[int, list[Place]] = {}
    for part, numbers in found.groups.items():
        for number, at in zip(*(each.tolist() for each in np.unique(numbers, return_index=True)), strict=True):
            firsts.setdefault(number, []).append((part, at))
    return [places for places in firsts.values() if len(places) > 1]


def _name(found: Found, place: Place) -> str:
    return found.parts[place[0]].name(place[1])
