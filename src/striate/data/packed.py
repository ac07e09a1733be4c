"""Pictures inside tar files, read where they lie: nothing is ever unpacked, so no name in an archive can do harm."""

import io
import os
import tarfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from striate.data.pictures import Picture, Unreadable, decode
from striate.data.samples import written
from striate.problem import BadData

MOST_PICTURE_BYTES = 1 << 29
"""A longer member is not read as a picture, whatever its header claims."""


@dataclass(frozen=True)
class Member:
    """A regular file in an archive: its name there, and where its bytes begin and how many there are."""

    name: str
    offset: int
    size: int


class Window(io.RawIOBase):
    """A stretch of a file as a file of its own, such as an archive within an archive."""

    def __init__(self, path: Path, offset: int, size: int) -> None:
        self._file = path.open("rb")
        self._offset, self._size, self._at = offset, size, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        left = max(0, self._size - self._at)
        self._file.seek(self._offset + self._at)
        chunk = self._file.read(left if size < 0 else min(size, left))
        self._at += len(chunk)
        return chunk

    def close(self) -> None:
        self._file.close()
        super().close()


def members(path: Path, within: Member | None = None) -> Iterator[Member]:
    """The regular files of an archive, or of one that is a member of it; links, devices and holes are passed over.

    BadData for an archive that is damaged or cut off.
    """
    offset, size = (within.offset, within.size) if within else (0, path.stat().st_size)
    told = f"{path}/{within.name}" if within else path
    try:
        with Window(path, offset, size) as window, tarfile.open(fileobj=window, mode="r:") as archive:
            for member in archive:
                if member.isreg() and not member.issparse():
                    if member.size < 0 or member.offset_data + member.size > size:
                        raise tarfile.ReadError(f"{member.name}: unexpected end of data")
                    yield Member(member.name, offset + member.offset_data, member.size)
                archive.members = []  # type: ignore[attr-defined]  # it remembers each: of a million, gigabytes
    except (tarfile.TarError, OSError, ValueError) as error:
        raise BadData("tar.damaged", path=told, reason=error) from error


def content(path: Path, member: Member) -> bytes:
    """The bytes of a member; of a cut file those that are left."""
    with Window(path, member.offset, member.size) as window:
        return window.read()


@dataclass(frozen=True, eq=False)
class Index:
    """Labelled pictures in archives below one folder, in one piece, for there may be a million."""

    root: Path
    archives: tuple[str, ...]  # paths within the folder
    names: bytes = field(repr=False)  # of the pictures, one after the other
    edges: np.ndarray = field(repr=False)  # int64 (N + 1,): where each name begins, and the last one ends
    places: np.ndarray = field(repr=False)  # int64 (N, 3): archive, offset, size
    labels: np.ndarray = field(repr=False)  # int64 (N,)


class Indexing:
    """An index that is still being written; of two members with one name the later counts, as when unpacking."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._archives: dict[str, int] = {}
        self._rows: dict[str, int] = {}
        self._numbers = array("q")  # four a row: archive, offset, size, label
        self._parts: dict[str, array[int]] = {}

    def add(self, part: str, archive: Path, member: Member, name: str, label: int) -> None:
        """A picture of a part; its name says for good which one it is."""
        inside = archive.relative_to(self.root).as_posix()
        number = self._archives.setdefault(inside, len(self._archives))
        values = array("q", (number, member.offset, member.size, label))
        row = self._rows.setdefault(written(os.fsencode(name)), len(self._rows))
        if 4 * row < len(self._numbers):
            self._numbers[4 * row : 4 * row + 4] = values
        else:
            self._numbers += values
            self._parts.setdefault(part, array("q")).append(row)

    def parts(self) -> dict[str, "Packed"]:
        """The pictures of each part, which share one index."""
        names, edges = bytearray(), array("q", [0])
        for name in self._rows:
            names += name.encode()
            edges.append(len(names))
        table = np.array(self._numbers, np.int64).reshape(-1, 4)
        index = Index(
            self.root, tuple(self._archives), bytes(names), np.array(edges, np.int64), table[:, :3].copy(),
            table[:, 3].copy(),
        )  # fmt: skip
        return {part: Packed(index, np.array(rows, np.int64)) for part, rows in self._parts.items()}


@dataclass(frozen=True, eq=False)
class Packed:
    """Pictures inside archives; names are the archive's path and the member's name."""

    index: Index
    places: np.ndarray = field(repr=False)  # int64 (N,): the pictures of the index that these are

    def __len__(self) -> int:
        return len(self.places)

    def label(self, index: int) -> int:
        return int(self.index.labels[self.places[index]])

    def truth(self) -> np.ndarray:
        labels: np.ndarray = self.index.labels[self.places]
        return labels

    def encoded(self, index: int) -> bytes:
        """The bytes of the picture's file; Unreadable where the archive is gone or cut."""
        archive, offset, size = self.index.places[self.places[index]].tolist()
        if size > MOST_PICTURE_BYTES:
            raise Unreadable("too_large", f"{size} bytes")
        try:
            with (self.index.root / self.index.archives[archive]).open("rb") as file:
                file.seek(offset)
                raw = file.read(size)
        except FileNotFoundError as error:
            raise Unreadable("missing") from error
        except OSError as error:
            raise Unreadable("denied" if isinstance(error, PermissionError) else "damaged", str(error)) from error
        if len(raw) < size:
            raise Unreadable("truncated")
        return raw

    def picture(self, index: int, least: tuple[int, int] | None = None) -> Picture:
        return decode(self.encoded(index), least)

    def image(self, index: int, least: tuple[int, int] | None = None) -> Image.Image:
        return self.picture(index, least).image

    def name(self, index: int) -> str:
        at = self.places[index]
        return self.index.names[self.index.edges[at] : self.index.edges[at + 1]].decode()

    def sizes(self) -> np.ndarray:
        sizes: np.ndarray = self.index.places[self.places, 2]
        return sizes

    def content(self, index: int) -> bytes:
        return self.encoded(index)

    def take(self, indices: Sequence[int] | np.ndarray) -> "Packed":
        """Some of them, in the order given."""
        return Packed(self.index, self.places[np.asarray(indices, dtype=np.int64)])

    def joined(self, others: Sequence[Any]) -> "Packed":
        assert all(each.index is self.index for each in others)  # the parts of a source share one index
        return Packed(self.index, np.concatenate([self.places, *(each.places for each in others)]))

    def marks(self, part: str) -> Iterator[bytes]:
        for at, place in enumerate(self.places.tolist()):
            size = self.index.places[place, 2]
            yield f"{part}\0{self.name(at)}\0{self.label(at)}\0{size}\n".encode()
