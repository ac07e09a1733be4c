"""Labelled pictures, wherever they are."""

import os
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from PIL import Image

from striate.data.pictures import Picture, content_of, decode


class Samples(Protocol):
    """Pictures with labels: folders, arrays, archives and other sources all look like this."""

    def __len__(self) -> int: ...

    def label(self, index: int) -> int:
        """The index of the class."""

    def truth(self) -> np.ndarray:
        """The label of each: int64 (N,)."""

    def picture(self, index: int, least: tuple[int, int] | None = None) -> Picture:
        """The decoded picture and what was done to it on the way; Unreadable where it cannot be decoded.

        ``least`` is the (height, width) to which it may be reduced on the way, or the nearest above.
        """

    def image(self, index: int, least: tuple[int, int] | None = None) -> Image.Image:
        """The decoded picture alone, mode L or RGB."""

    def name(self, index: int) -> str:
        """What identifies the picture for good: a path within its folder, or a number within its file."""

    def sizes(self) -> np.ndarray:
        """Bytes of each one's file, or of its pixels, -1 where it is gone: int64 (N,)."""

    def content(self, index: int) -> bytes:
        """The bytes of its file, or its pixels; Unreadable where they cannot be had."""

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


@dataclass(frozen=True, eq=False)
class Listing:
    """Labelled files below one folder, in one piece: as a Path and a name each, a million would fill 300 MB."""

    text: bytes = field(repr=False)  # the paths within the folder as they are on disk, one after the other
    edges: np.ndarray = field(repr=False)  # int64 (N + 1,): where each path begins, and the last one ends
    labels: np.ndarray = field(repr=False)  # int32 (N,)
    apart: frozenset[int] = frozenset()  # files that have the name of another but for the form of its letters

    def raw(self, place: int) -> bytes:
        """The path within the folder, as it is on disk."""
        return self.text[self.edges[place] : self.edges[place + 1]]

    def name(self, place: int) -> str:
        name = written(self.raw(place))
        return unicodedata.normalize("NFD", name) if place in self.apart else name


class Gathering:
    """A listing that is still being written."""

    def __init__(self) -> None:
        self.text, self.edges, self.labels = bytearray(), array("q", [0]), array("i")
        self.apart: set[int] = set()

    def __len__(self) -> int:
        return len(self.labels)

    def add(self, path: str, label: int, *, apart: bool = False) -> None:
        """A path within the folder, with forward slashes, as Python has it from the disk."""
        if apart:
            self.apart.add(len(self))
        self.text += os.fsencode(path)
        self.edges.append(len(self.text))
        self.labels.append(label)

    def listing(self) -> Listing:
        edges, labels = np.array(self.edges, np.int64), np.array(self.labels, np.int32)
        return Listing(bytes(self.text), edges, labels, frozenset(self.apart))


@dataclass(frozen=True, eq=False)
class Files:
    """Picture files below one folder; names are their paths within it, in NFC, with forward slashes."""

    root: Path
    listing: Listing
    places: np.ndarray = field(repr=False)  # int64 (N,): the files of the listing that these are

    @staticmethod
    def of(root: Path, paths: Iterable[str], labels: Iterable[int]) -> "Files":
        """Files with a listing to themselves, of their paths within the folder.

        One that leads out of the folder, or is absolute, is its own name.
        """
        gathering = Gathering()
        for path, label in zip(paths, labels, strict=True):
            gathering.add(path, label)
        return Files(root, gathering.listing(), np.arange(len(gathering)))

    def __len__(self) -> int:
        return len(self.places)

    def __eq__(self, other: object) -> bool:
        """The same files in the same order, with the same names and labels."""
        if not isinstance(other, Files):
            return NotImplemented
        return (
            self.root == other.root
            and np.array_equal(self.labels, other.labels)
            and all(self._key(at) == other._key(at) for at in range(len(self)))
        )

    __hash__ = None  # type: ignore[assignment]

    def _key(self, index: int) -> tuple[bytes, str]:
        return self.listing.raw(self.places[index]), self.name(index)

    @property
    def labels(self) -> np.ndarray:
        """The index of each one's class: int32 (N,)."""
        labels: np.ndarray = self.listing.labels[self.places]
        return labels

    def label(self, index: int) -> int:
        return int(self.listing.labels[self.places[index]])

    def truth(self) -> np.ndarray:
        return self.labels.astype(np.int64)

    def picture(self, index: int, least: tuple[int, int] | None = None) -> Picture:
        return decode(self.path(index), least)

    def image(self, index: int, least: tuple[int, int] | None = None) -> Image.Image:
        return self.picture(index, least).image

    def name(self, index: int) -> str:
        return self.listing.name(int(self.places[index]))

    def path(self, index: int) -> Path:
        """Where the file is."""
        return self.root / os.fsdecode(self.listing.raw(self.places[index]))

    def size(self, index: int) -> int:
        """Bytes of the file; OSError where it is gone."""
        return os.stat(f"{self.root}/{os.fsdecode(self.listing.raw(self.places[index]))}").st_size  # noqa: PTH116

    def take(self, indices: Sequence[int] | np.ndarray) -> "Files":
        """Some of them, in the order given."""
        return Files(self.root, self.listing, self.places[np.asarray(indices, dtype=np.int64)])

    def sizes(self) -> np.ndarray:
        return np.array([self._size(at) for at in range(len(self))], np.int64)

    def _size(self, index: int) -> int:
        try:
            return self.size(index)
        except OSError:
            return -1

    def content(self, index: int) -> bytes:
        return content_of(self.path(index))

    def joined(self, others: Sequence[Any]) -> "Files":
        every = (self, *others)
        if all(each.listing is self.listing for each in others):
            return Files(self.root, self.listing, np.concatenate([each.places for each in every]))
        gathering = Gathering()
        for each in every:
            for place in each.places.tolist():
                path, label = os.fsdecode(each.listing.raw(place)), int(each.listing.labels[place])
                gathering.add(path, label, apart=place in each.listing.apart)
        return Files(self.root, gathering.listing(), np.arange(len(gathering)))

    def marks(self, part: str) -> Iterator[bytes]:
        for at in range(len(self)):
            yield f"{part}\0{self.name(at)}\0{self.label(at)}\0{self.size(at)}\n".encode()


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

    def picture(self, index: int, least: tuple[int, int] | None = None) -> Picture:  # noqa: ARG002
        return Picture(self.image(index), ())

    def image(self, index: int, least: tuple[int, int] | None = None) -> Image.Image:  # noqa: ARG002
        return Image.fromarray(self.images[self.places[index]])

    def name(self, index: int) -> str:
        return f"{self.part}/{self.places[index]}"

    def take(self, indices: Sequence[int] | np.ndarray) -> "Arrays":
        """Some of them, in the order given."""
        return Arrays(self.part, self.images, self.labels, self.places[np.asarray(indices, dtype=np.int64)])

    def sizes(self) -> np.ndarray:
        return np.full(len(self), self.images[:1].nbytes, np.int64)

    def content(self, index: int) -> bytes:
        content: bytes = self.images[self.places[index]].tobytes()
        return content

    def joined(self, others: Sequence[Any]) -> "Arrays":
        assert all(each.images is self.images for each in others)  # a part is never taken out of several arrays
        return Arrays(
            self.part, self.images, self.labels, np.concatenate([self.places, *(each.places for each in others)])
        )

    def marks(self, part: str) -> Iterator[bytes]:
        yield part.encode() + self.images.tobytes() + self.labels.tobytes() + self.places.tobytes()


Pictures = Samples
"""What a source is found to hold."""
