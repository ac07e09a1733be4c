"""Pictures that are in a set more than once, byte for byte: they must not be on both sides of a division."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from striate.data.copies import digest, same
from striate.data.pictures import Unreadable
from striate.data.samples import Samples

MOST_BYTES = 1 << 30
"""So much is read for it unasked: seconds, as a training reads it anyway."""

MOST_PICTURES = 200_000
"""Of so many it is looked for unasked."""

Place = tuple[str, int]
"""A part, and a place in it."""


@dataclass(frozen=True)
class Twins:
    """Of each picture the digest of its bytes; None where it was not read, being the only one of its size."""

    digests: Mapping[str, list[bytes | None]]  # by part
    looked: bool  # False where there was too much to read, and nobody had asked

    def numbers(self, part: str) -> np.ndarray | None:
        """The same number for pictures of a part with the same bytes, int64 (N,); None where no two have."""
        groups = same(self.digests.get(part, ()))
        if not groups:
            return None
        numbers = np.arange(len(self.digests[part]))
        for group in groups:
            numbers[group] = group[0]
        return numbers

    def groups(self) -> list[list[Place]]:
        """All that have the same bytes, in whatever parts they are: two or more each."""
        places = [(part, at) for part, each in self.digests.items() for at in range(len(each))]
        return [[places[at] for at in group] for group in same([self.digests[part][at] for part, at in places])]


def twins_of(parts: Mapping[str, Samples], asked: bool | None = None) -> Twins:
    """Looks for them, unless there is too much to read and nobody has asked, or asked not to.

    Only what has the size of another picture is read, where reading everything would take long.
    """
    nothing = Twins({part: [None] * len(samples) for part, samples in parts.items()}, False)
    if asked is False or (asked is None and sum(map(len, parts.values())) > MOST_PICTURES):
        return nothing
    sizes = {part: samples.sizes() for part, samples in parts.items()}
    every = np.concatenate(list(sizes.values()))
    wanted = every >= 0
    if every[wanted].sum() > MOST_BYTES:
        found, counts = np.unique(every, return_counts=True)
        wanted &= np.isin(every, found[counts > 1])
        if asked is None and every[wanted].sum() > MOST_BYTES:
            return nothing
    marks = dict(zip(sizes, np.split(wanted, np.cumsum([len(each) for each in sizes.values()])[:-1]), strict=True))
    return Twins({part: _digests(samples, marks[part]) for part, samples in parts.items()}, True)


def _digests(samples: Samples, wanted: np.ndarray) -> list[bytes | None]:
    return [_digest(samples, at) if read else None for at, read in enumerate(wanted.tolist())]


def _digest(samples: Samples, at: int) -> bytes | None:
    """None for what cannot be read; that is told where it is decoded."""
    try:
        return digest(samples.content(at))
    except Unreadable:
        return None
