"""Dividing a set as an earlier run had it divided, though pictures were added, renamed or taken away since."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from striate.data.folder import Found
from striate.data.samples import Arrays
from striate.data.split import Divided, kin, learned, parted, refuse_unlearnable
from striate.data.twins import Twins
from striate.problem import BadData, Misuse

DIGITS = 16
"""Of a recorded digest, in hexadecimal."""


def to_record(found: Found, twins: Twins) -> dict[str, str]:
    """The digests of a set's files by name, by which they are found again under another; arrays have no names."""
    return {
        samples.name(at): each.hex()[:DIGITS]
        for part, samples in found.parts.items()
        if not isinstance(samples, Arrays)
        for at, each in enumerate(twins.digests[part])
        if each is not None
    }


def kept(
    found: Found, recorded: Mapping[str, Sequence[str]], digests: Mapping[str, str], twins: Twins, seed: int
) -> Divided:
    """Each picture on the side on which it was: known by its name, or by its bytes where it was renamed.

    New ones join their kin, if any is known; others fall to a side by their names and the seed, in the proportion that
    the sides had. Misuse where the source has a part for validation; BadData where no picture is known.
    """
    if "val" in found.parts:
        raise Misuse("split.own", path=found.source)
    refuse_unlearnable(found)
    whole, part = found.parts[learned(found)], learned(found)
    side = {name: part for part in ("train", "val") for name in recorded.get(part, ())}
    again = {digests[name]: each for name, each in side.items() if name in digests}
    held = np.full(len(whole), -1)  # unknown
    for at, each in enumerate(twins.digests[part]):
        was = side.get(whole.name(at)) or (again.get(each.hex()[:DIGITS]) if each is not None else None)
        held[at] = -1 if was is None else was == "val"
    if (held < 0).all():
        raise BadData("split.unknown", path=found.source)
    related = kin(found, twins)
    numbers = np.arange(len(whole)) if related is None else related
    known = {number: held[at] for at, number in enumerate(numbers.tolist()) if held[at] >= 0}
    share = len(recorded["val"]) / max(1, len(side))
    for at in np.flatnonzero(held < 0).tolist():
        number = int(numbers[at])
        known.setdefault(number, np.int64(_drawn(whole.name(at), seed) < share))
        held[at] = known[number]
    return parted(found, np.flatnonzero(held == 1))


def _drawn(name: str, seed: int) -> float:
    """A number in [0, 1) that depends on a name and the seed alone."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{name}".encode()).digest()[:8], "big") / 2**64
