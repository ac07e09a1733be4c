"""The sizes of a set's pictures, of files out of their first bytes, and which of them cannot be read."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import prod

from striate.data.pictures import Unreadable, size_of
from striate.data.placing import Size
from striate.data.samples import Arrays, Files, Pictures

MOST_DECODED = 400_000_000
"""Pixels of a set that is decoded as a whole to learn what is unreadable; of a larger one the first bytes tell."""

_AT_ONCE = 256  # pictures between two reports of progress


@dataclass(frozen=True)
class Measured:
    """Some pictures' sizes, by their place in the set, and why others have none."""

    sizes: dict[int, Size]
    skipped: dict[int, str]  # reason


def measured(samples: Pictures, places: Sequence[int], threads: int) -> Generator[int, None, Measured]:
    """The upright sizes of the pictures at some places, yielding how many are known."""
    if isinstance(samples, Arrays):
        height, width = samples.images.shape[1:3]
        return Measured(dict.fromkeys(places, (height, width)), {})
    found: dict[int, Size] = {}
    skipped: dict[int, str] = {}
    with ThreadPoolExecutor(threads, thread_name_prefix="striate-measure") as pool:
        for start in range(0, len(places), _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            for at, size in zip(some, pool.map(lambda at: _size(samples, at), some), strict=True):
                if isinstance(size, Unreadable):
                    skipped[at] = size.reason
                else:
                    found[at] = size
            yield min(start + _AT_ONCE, len(places))
    return Measured(found, skipped)


def decodable(samples: Pictures, known: Measured, threads: int) -> Generator[int, None, Measured]:
    """The same without what turns out to be unreadable when it is decoded; yields how many have been.

    A set of more than MOST_DECODED pixels stays as it is.
    """
    if isinstance(samples, Arrays) or not is_small(known):
        return known
    skipped = dict(known.skipped)
    places = list(known.sizes)
    with ThreadPoolExecutor(threads, thread_name_prefix="striate-decode") as pool:
        for start in range(0, len(places), _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            reasons = zip(some, pool.map(lambda at: _reason(samples, at), some), strict=True)
            skipped.update((at, reason) for at, reason in reasons if reason)
            yield min(start + _AT_ONCE, len(places))
    return Measured({at: size for at, size in known.sizes.items() if at not in skipped}, skipped)


def is_small(known: Measured) -> bool:
    """Whether decoding all of it is a matter of seconds."""
    return sum(map(prod, known.sizes.values())) <= MOST_DECODED


def _size(samples: Pictures, at: int) -> Size | Unreadable:
    try:
        if isinstance(samples, Files):
            return size_of(samples.path(at))
        image = samples.image(at)
    except Unreadable as error:
        return error
    return image.height, image.width


def _reason(samples: Pictures, at: int) -> str:
    """Why a picture cannot be decoded; nothing where it can."""
    try:
        samples.image(at)
    except Unreadable as error:
        return error.reason
    return ""
