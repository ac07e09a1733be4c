"""Pictures that are there more than once. A stand-in: it knows the same bytes, and no near copies yet."""

import hashlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

THUMB = 48
"""Side of a thumbnail: what two pictures are compared by."""


def digest(content: bytes) -> bytes:
    """What only the same bytes have: their sha256."""
    return hashlib.sha256(content).digest()


def same(digests: Sequence[bytes | None]) -> list[list[int]]:
    """The groups of places with the same digest, two or more each, in the order of their first; None is no digest."""
    groups: dict[bytes, list[int]] = {}
    for at, each in enumerate(digests):
        if each is not None:
            groups.setdefault(each, []).append(at)
    return [group for group in groups.values() if len(group) > 1]


def thumbnail(image: Image.Image) -> np.ndarray:
    """A decoded picture as it is compared: uint8 (THUMB, THUMB), grey, its sides squashed."""
    return np.asarray(image.convert("L").resize((THUMB, THUMB), Image.Resampling.BILINEAR))


def near_pairs(thumbnails: np.ndarray, usable: np.ndarray) -> list[tuple[int, int]]:  # noqa: ARG001
    """The pairs (i < j) of near copies among the usable thumbnails; here none."""
    return []
