"""Reading a tree of folders name by name, and the order that names stand in."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from striate.data.pictures import SUFFIXES
from striate.data.samples import written

_NUMBER = re.compile("[0-9]+")
_63_BITS = (1 << 63) - 1


class State(NamedTuple):
    """What tells a folder as it was read from the same folder after a change."""

    changed: int  # nanoseconds; of its names
    touched: int  # nanoseconds; programs that copy set the one before back, and cannot this one; on Windows: made
    number: int  # of the folder on its disk
    names: int  # a hash of all names in it, for which no clock is needed


def state_now(folder: str) -> State:
    """Of a folder as it is; OSError where it cannot be read."""
    seen = os.stat(folder)  # noqa: PTH116
    names = os.listdir(folder)  # noqa: PTH208
    return _state(seen, hashlib.blake2b(os.fsencode("".join(f"{name}\0" for name in names)), digest_size=8))


def _state(seen: os.stat_result, names: "hashlib.blake2b") -> State:
    """Of a folder that was looked at before its names were read."""
    return State(*(each & _63_BITS for each in (seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino, _number(names))))


def _number(digest: "hashlib.blake2b") -> int:
    return int.from_bytes(digest.digest(), "big")


@dataclass
class Tree:
    """A folder and what is below it; paths in it are texts with forward slashes, "" is the folder itself."""

    root: Path
    states: dict[str, State] = field(default_factory=dict)  # of every folder that was read
    plain: bool = True  # no links in it, whose ends can change while their folder does not, and nothing unreadable
    entries: int = 0

    def children(self, within: str) -> tuple[list[str], list[str]]:
        """The folders in a folder, links to some among them, and its other entries, in natural order; no hidden ones.

        OSError where it cannot be read.
        """
        folders: list[str] = []
        others: list[str] = []
        for entry in self._read(within):
            (folders if _is_folder(entry) else others).append(joined(within, entry.name))
        return sorted(folders, key=place), sorted(others, key=place)

    def below(self, within: str) -> tuple[list[str], list[str]]:
        """The pictures anywhere below a folder and the other files, hidden ones left out, in natural order.

        Links to folders are not followed, and what cannot be read has nothing in it. A link to nothing is no picture.
        """
        pictures: list[str] = []
        others: list[str] = []
        waiting = [within]
        while waiting:
            folder = waiting.pop()
            try:
                for entry in self._read(folder):
                    path = joined(folder, entry.name)
                    if _is_folder(entry):
                        waiting += [] if _leads_away(entry) else [path]
                    else:
                        (pictures if _is_picture(entry) else others).append(path)
            except OSError:
                self.plain = False
        return sorted(pictures, key=place), sorted(others, key=place)

    def _read(self, within: str) -> Iterator[os.DirEntry[str]]:
        """The entries of a folder, hidden ones left out."""
        folder = os.path.join(self.root, within)  # noqa: PTH118
        seen, names = os.stat(folder), hashlib.blake2b(digest_size=8)  # noqa: PTH116
        with os.scandir(folder) as entries:
            for entry in entries:
                names.update(os.fsencode(f"{entry.name}\0"))
                if not _hidden(entry.name):
                    self.plain = self.plain and not _leads_away(entry)
                    self.entries += 1
                    yield entry
        self.states[within] = _state(seen, names)


def joined(within: str, name: str) -> str:
    return f"{within}/{name}" if within else name


def ends_as_picture(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name[name.rfind(".") :].lower() in SUFFIXES


def natural(text: str) -> str:
    """Sorts "class10" after "class9": before its digits a number has how many there are, and before that a zero byte.

    No name has a zero byte, so that a number stands before any text.
    """
    return _NUMBER.sub(_counted, text)


def place(path: str) -> str:
    """Where a path stands among others: by its name, and of names that count alike by the path as it is on disk."""
    folders = path.replace("/", "\0")
    return f"{natural(written(os.fsencode(path)))}\0\0{folders}"


def _counted(number: re.Match[str]) -> str:
    digits = number[0].lstrip("0")
    return f"\0{chr(len(digits) + 1)}{digits}"


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _leads_away(entry: os.DirEntry[str]) -> bool:
    """A link, or what Windows calls a junction."""
    junction = getattr(entry, "is_junction", None)  # from Python 3.12 on
    return entry.is_symlink() or (junction is not None and bool(junction()))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_picture(entry: os.DirEntry[str]) -> bool:
    """By its ending; a link to nothing is none."""
    if not ends_as_picture(entry.name):
        return False
    try:
        return entry.is_file()
    except OSError:
        return False
