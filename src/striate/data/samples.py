"""Labelled pictures, wherever they are."""

import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from striate.data.pictures import Picture, decode


class Samples(Protocol):
    """Pictures with labels: folders, arrays, archives and other sources all look like this."""

    def __len__(self) -> int: ...

    def label(self, index: int) -> int:
        """The index of the class."""

    def truth(self) -> np.ndarray:
        """The label of each: int64 (N,)."""

    def picture(self, index: int) -> Picture:
        """The decoded picture and what was done to it on the way; Unreadable where it cannot be decoded."""

    def image(self, index: int) -> Image.Image:
        """The decoded picture, mode L or RGB; Unreadable where it cannot be decoded."""

    def name(self, index: int) -> str:
        """What identifies the picture for good: a path within its folder, or a number within its file."""

    def take(self, indices: Sequence[int] | np.ndarray) -> "Samples":
        """Some of them, in the order given."""

    def joined(self, others: "Sequence[Samples]") -> "Samples":
        """These and others of the same kind, one after the other."""

    def marks(self, part: str) -> Iterator[bytes]:
        """What changes when a picture of a part is added, removed, renamed, relabelled or resized on disk."""


def written(raw: bytes) -> str:
    """The path of a file as it is compared and stored: macOS hands Hangul out in pieces, others whole.

    Bytes that are not UTF-8, as a name on Linux may have, are written out as \\xff.
    """
    text = raw.decode("utf-8", "backslashreplace")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@dataclass(frozen=True)
class Files:
    """Picture files below one folder; names are their paths within it, in NFC, with forward slashes."""

    root: Path
    names: tuple[str, ...]
    labels: tuple[int, ...]
    paths: tuple[Path, ...] = field(repr=False)

    @staticmethod
    def of(root: Path, paths: Iterable[str], labels: Iterable[int]) -> "Files":
        """Files by their paths within the folder; one that leads out of it, or is absolute, is its own name."""
        listed = list(paths)
        names = tuple(written(os.fsencode(path)) for path in listed)
        return Files(root, names, tuple(labels), tuple(root / path for path in listed))

    def __len__(self) -> int:
        return len(self.names)

    def label(self, index: int) -> int:
        return self.labels[index]

    def truth(self) -> np.ndarray:
        return np.array(self.labels, np.int64)

    def picture(self, index: int) -> Picture:
        return decode(self.paths[index])

    def image(self, index: int) -> Image.Image:
        return self.picture(index).image

    def name(self, index: int) -> str:
        return self.names[index]

    def take(self, indices: Sequence[int] | np.ndarray) -> "Files":
        """Some of them, in the order given."""
        pick = [(self.names[at], self.labels[at], self.paths[at]) for at in indices]
        names, labels, paths = zip(*pick, strict=True) if pick else ((), (), ())
        return Files(self.root, names, labels, paths)

    def joined(self, others: Sequence[Any]) -> "Files":
        every = (self, *others)
        names, labels, paths = (
            tuple(value for each in every for value in getattr(each, field)) for field in ("names", "labels", "paths")
        )
        return Files(self.root, names, labels, paths)

    def marks(self, part: str) -> Iterator[bytes]:
        for at, path in enumerate(self.paths):
            yield f"{part}\0{self.name(at)}\0{self.label(at)}\0{path.stat().st_size}\n".encode()


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

    def truth(self) -> np.ndarray:
        return self.labels[self.places].astype(np.int64)

    def picture(self, index: int) -> Picture:
        return Picture(self.image(index), ())

    def image(self, index: int) -> Image.Image:
        return Image.fromarray(self.images[self.places[index]])

    def name(self, index: int) -> str:
        return f"{self.part}/{self.places[index]}"

    def take(self, indices: Sequence[int] | np.ndarray) -> "Arrays":
        """Some of them, in the order given."""
        return Arrays(self.part, self.images, self.labels, self.places[np.asarray(indices, dtype=np.int64)])

    def joined(self, others: Sequence[Any]) -> "Arrays":
        assert all(each.images is self.images for each in others)  # a part is never taken out of several arrays
        return Arrays(
            self.part, self.images, self.labels, np.concatenate([self.places, *(each.places for each in others)])
        )

    def marks(self, part: str) -> Iterator[bytes]:
        yield part.encode() + self.images.tobytes() + self.labels.tobytes() + self.places.tobytes()


Pictures = Samples
"""What a source is found to hold."""
