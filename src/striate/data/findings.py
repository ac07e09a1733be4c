"""What is amiss in a set of pictures, each with the pictures that it is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from striate.data.inspecting import Inspected

KINDS = (
    "leaks", "conflicts", "unreadable", "copies", "near_copies", "blank", "tiny", "wrong_extension", "turned",
    "colours", "long", "decoded", "links", "stray", "hidden",
)  # fmt: skip
"""What may be found, the worst first."""

GROUPS = frozenset({"leaks", "conflicts", "copies", "near_copies"})
"""Kinds of which a finding is several pictures that show the same."""

_SMALL = 32  # pixels of a side
_LONG = 5  # times as long as wide
_TURNED = "rotated"  # the decoder's note


@dataclass(frozen=True)
class Finding:
    """One thing that is amiss: its kind, the names of what it is about, and what there is to know, in raw values."""

    kind: str
    names: tuple[str, ...]
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract."""
        return {"kind": self.kind, "names": list(self.names), "detail": dict(self.detail)}


def of_pictures(names: Sequence[str], pictures: Sequence[Inspected], *, files: bool) -> list[Finding]:
    """What is amiss with single pictures, and what mixes in the set as a whole; sizes are looked at in files only."""
    readable = [(name, each) for name, each in zip(names, pictures, strict=True) if not each.reason]
    found = [
        Finding("unreadable", (name,), {"reason": each.reason})
        for name, each in zip(names, pictures, strict=True)
        if each.reason
    ]
    found += [Finding("blank", (name,)) for name, each in readable if each.plain]
    found += [
        Finding("wrong_extension", (name,), {"format": each.misnamed}) for name, each in readable if each.misnamed
    ]
    return found + (_of_sizes(readable) if files else []) + _mixed(readable) + _decoded(readable)


def ranked(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The worst kind first, in their order within a kind."""
    return tuple(sorted(findings, key=lambda each: KINDS.index(each.kind)))


def _of_sizes(readable: Sequence[tuple[str, Inspected]]) -> list[Finding]:
    """Pictures that are small among larger ones, and such as are very long."""
    usual = median([min(each.size) for _, each in readable]) if readable else 0
    found = []
    for name, each in readable:
        short, long = sorted(each.size)
        detail = dict(zip(("width", "height"), each.size, strict=True))
        if short < _SMALL <= usual:
            found.append(Finding("tiny", (name,), detail))
        if long > _LONG * short:
            found.append(Finding("long", (name,), detail))
    return found


def _mixed(readable: Sequence[tuple[str, Inspected]]) -> list[Finding]:
    """What some pictures are and others are not, as one finding about the fewer."""
    turned = [name for name, each in readable if _TURNED in each.notes]
    found = []
    if 0 < len(turned) < len(readable):
        detail = {"turned": len(turned), "upright": len(readable) - len(turned)}
        found.append(Finding("turned", tuple(turned), detail))
    grey, colour = ([name for name, each in readable if not each.plain and each.grey is so] for so in (True, False))
    if grey and colour:
        detail = {"grey": len(grey), "colour": len(colour)}
        found.append(Finding("colours", tuple(grey if len(grey) < len(colour) else colour), detail))
    return found


def _decoded(readable: Sequence[tuple[str, Inspected]]) -> list[Finding]:
    """What the decoder had to do to pictures, each thing as one finding."""
    by_note: dict[str, list[str]] = {}
    for name, each in readable:
        for note in each.notes:
            if note != _TURNED:
                by_note.setdefault(note, []).append(name)
    return [Finding("decoded", tuple(some), {"note": note}) for note, some in sorted(by_note.items())]
