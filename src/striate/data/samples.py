"""Labelled pictures, wherever they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from striate.data.pictures import decode


class Samples(Protocol):
    """Pictures with labels: folders, arrays and other sources all look like this."""

    def __len__(self) -> int: ...

    def label(self, index: int) -> int:
        """The index of the class."""

    def image(self, index: int, least: tuple[int, int] | None = None) -> Image.Image:
        """The decoded picture, mode L or RGB; Unreadable where it cannot be decoded.

        ``least`` is the (height, width) to which it may be reduced on the way, or the nearest above.
        """

    def name(self, index: int) -> str:
        """What identifies the picture for good: a path within its folder, or a number within its file."""


@dataclass(frozen=True)
class Files:
    """Picture files below one folder; names are their paths within it, in NFC, with forward slashes."""

    root: Path
    names: tuple[str, ...]
    labels: tuple[int, ...]
    paths: tuple[Path, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.names)

    def label(self, index: int) -> int:
        return self.labels[index]

    def image(self, index: int, least: tuple[int, int] | None = None) -> Image.Image:
        return decode(self.paths[index], least).image

    def name(self, index: int) -> str:
        return self.names[index]

    def take(self, indices: Sequence[int]) -> "Files":
        """Some of them, in the order given."""
        pick = [(self.names[at], self.labels[at], self.paths[at]) for at in indices]
        names, labels, paths = zip(*pick, strict=True) if pick else ((), (), ())
        return Files(self.root, names, labels, paths)


@dataclass(frozen=True)
class Arrays:
    """Pictures in one array, (N, H, W) grey or (N, H, W, 3), uint8; names are a word and the place in the file."""

    part: str
    images: np.ndarray
    labels: np.ndarray
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.places)

    def label(self, index: int) -> int:
        return int(self.labels[self.places[index]])

    def image(self, index: int, least: tuple[int, int] | None = None) -> Image.Image:  # noqa: ARG002
        return Image.fromarray(self.images[self.places[index]])

    def name(self, index: int) -> str:
        return f"{self.part}/{self.places[index]}"

    def take(self, indices: Sequence[int]) -> "Arrays":
        """Some of them, in the order given."""
        return Arrays(self.part, self.images, self.labels, self.places[np.asarray(indices, dtype=np.int64)])


Pictures = Files | Arrays
"""What a source is found to hold."""
