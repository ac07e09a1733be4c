"""Finding labelled pictures below a folder: class folders, with or without train, val and test around them."""

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from striate.data.pictures import SUFFIXES
from striate.data.samples import Files, Pictures
from striate.problem import BadData
from striate.words import Phrase

PARTS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
"""Folder names that are parts of a set, and the part each means."""


@dataclass(frozen=True)
class Found:
    """What a source holds: pictures by part ("all" where it is not divided), classes, and other files."""

    name: str
    source: str  # opens it again: a built-in name or an absolute path
    classes: tuple[str, ...]
    parts: dict[str, Pictures]
    stray: tuple[str, ...]
    groups: Mapping[str, np.ndarray] = field(
        default_factory=dict
    )  # by part, int64 (N,): which pictures belong together
    absent: tuple[str, ...] = ()  # pictures that are named and are not there
    remarks: tuple[Phrase, ...] = ()  # what else a person should know


def natural(text: str) -> list[tuple[int, int, str]]:
    """Sorts "class10" after "class9"."""
    return [
        (0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in re.split(r"([0-9]+)", text) if part
    ]


def nfc(text: str) -> str:
    """A name as it is compared and stored: macOS hands Hangul out in pieces, others whole.

    Bytes that are not UTF-8, as a name on Linux may have, are written out as \\xff.
    """
    return unicodedata.normalize("NFC", os.fsencode(text).decode("utf-8", "backslashreplace"))


def scan(root: Path) -> Found:
    """The pictures below a folder, in the natural order of their names; BadData where there are none."""
    if root.is_file():
        beside = root.with_suffix("")
        raise BadData("data.file", path=root, suggestion=beside if beside.is_dir() else root.parent)
    try:
        folders, stray = _children(root)
    except OSError as error:
        raise BadData("data.unreadable", path=root, reason=error.strerror) from error
    divided = {folder: PARTS[folder.name.lower()] for folder in folders if folder.name.lower() in PARTS}
    outside = [folder for folder in folders if folder not in divided]
    if not divided or (outside and "train" not in divided.values()):
        divided, outside = {root: "all"}, []
    per_part: dict[str, dict[str, list[Path]]] = {}
    for folder, part in divided.items():
        classes, more = _classes(folder)
        stray += more if folder != root else [path for path in more if path.parent != root]
        for name, paths in classes.items():
            per_part.setdefault(part, {}).setdefault(name, []).extend(paths)
    stray += outside
    names = sorted({name for part in per_part.values() for name in part}, key=lambda name: (natural(name), name))
    if not any(paths for part in per_part.values() for paths in part.values()):
        loose = sum(path.suffix.lower() in SUFFIXES for path in stray)
        raise BadData("data.loose" if loose else "data.no_pictures", path=root, loose=loose)
    parts: dict[str, Pictures] = {
        part: _files(root, names, classes) for part, classes in per_part.items() if any(classes.values())
    }
    return Found(
        nfc(root.resolve().name), str(root.resolve()), tuple(names), parts, tuple(_within(root, path) for path in stray)
    )


def pictures_below(folder: Path) -> list[Path]:
    """Every picture file below a folder, hidden ones left out, in natural order; links to folders are not followed."""
    return [path for path in _files_below(folder) if _is_picture(path)]


def _files_below(folder: Path) -> list[Path]:
    found = []
    for at, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not _hidden(name)]
        found += [Path(at, name) for name in files if not _hidden(name)]
    return sorted(found, key=_place)


def _place(path: Path) -> tuple[list[tuple[int, int, str]], Path]:
    """Where a path stands among others."""
    return natural(nfc(path.as_posix())), path


def _is_picture(path: Path) -> bool:
    """By its ending; a link to nothing is none."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def _children(folder: Path) -> tuple[list[Path], list[Path]]:
    """The folders and the files in a folder, hidden ones left out."""
    entries = [entry for entry in folder.iterdir() if not _hidden(entry.name)]
    entries.sort(key=lambda entry: natural(nfc(entry.name)))
    return [entry for entry in entries if entry.is_dir()], [entry for entry in entries if not entry.is_dir()]


def _classes(folder: Path) -> tuple[dict[str, list[Path]], list[Path]]:
    """The pictures of each class folder, and every file that is no picture or lies in no class."""
    folders, stray = _children(folder)
    classes: dict[str, list[Path]] = {}
    for each in folders:
        below = _files_below(each)
        classes.setdefault(nfc(each.name), []).extend(path for path in below if _is_picture(path))
        stray += [path for path in below if not _is_picture(path)]
    return classes, stray


def _files(root: Path, names: list[str], classes: dict[str, list[Path]]) -> Files:
    listed: dict[str, tuple[int, Path]] = {}
    for label, each in enumerate(names):
        for path in sorted(classes.get(each, []), key=_place):
            name = _within(root, path)
            if name in listed:  # beside the same name in the other form
                name = unicodedata.normalize("NFD", name)
            listed[name] = label, path
    labels, paths = zip(*listed.values(), strict=True)
    return Files(root, tuple(listed), labels, paths)


def _within(root: Path, path: Path) -> str:
    return nfc(path.relative_to(root).as_posix())


def _hidden(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")
