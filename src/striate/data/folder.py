"""Finding labelled pictures below a folder: class folders, with or without train, val and test around them."""

import os
import time
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from heapq import merge
from pathlib import Path

import numpy as np

from striate.data import index
from striate.data.index import Contents
from striate.data.pictures import SUFFIXES
from striate.data.samples import Files, Gathering, Listing, Pictures, written
from striate.data.tree import Tree, ends_as_picture, natural, place
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

_RULES = f"{sorted(SUFFIXES)} {sorted(PARTS.items())} Unicode {unicodedata.unidata_version}"  # what a scan depends on


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


def nfc(text: str) -> str:
    """A name as it is compared and stored."""
    return written(os.fsencode(text))


def scan(root: Path) -> Found:
    """The pictures below a folder, in the natural order of their names; BadData where there are none."""
    if root.is_file():
        beside = root.with_suffix("")
        raise BadData("data.file", path=root, suggestion=beside if beside.is_dir() else root.parent)
    source = root.resolve()
    contents = index.load(source, _RULES)
    if contents is None:
        began, tree = time.time_ns(), Tree(source)
        contents = _contents(root, tree)
        index.keep(contents, tree, began, _RULES)
    parts: dict[str, Pictures] = {
        part: Files(root, contents.listing, np.arange(start, end)) for part, (start, end) in contents.parts.items()
    }
    return Found(nfc(source.name), str(source), contents.classes, parts, contents.stray)


def pictures_below(folder: Path) -> list[Path]:
    """Every picture file below a folder, hidden ones left out, in natural order; links to folders are not followed."""
    pictures, _ = Tree(folder).below("")
    return [folder / path for path in pictures]


def _contents(root: Path, tree: Tree) -> Contents:
    """What a folder holds; BadData where there are no pictures in it."""
    try:
        folders, loose = tree.children("")
    except OSError as error:
        raise BadData("data.unreadable", path=root, reason=error.strerror) from error
    divided = {folder: PARTS[folder.lower()] for folder in folders if folder.lower() in PARTS}
    outside = [folder for folder in folders if folder not in divided]
    if not divided or (outside and "train" not in divided.values()):
        divided, outside = {"": "all"}, []
    heads = {folder: tree.children(folder) if folder else (folders, []) for folder in divided}
    names = sorted(
        {_class(each) for homes, _ in heads.values() for each in homes}, key=lambda name: (natural(name), name)
    )
    homes: dict[str, dict[str, list[str]]] = {}
    for folder, part in divided.items():
        for each in heads[folder][0]:
            homes.setdefault(part, {}).setdefault(_class(each), []).append(each)
    listing, parts, others = _gathered(tree, names, homes)
    stray = list(loose)
    for classes, more in heads.values():
        stray += [*more, *(path for each in classes for path in others[each])]
    stray += outside
    if not parts:
        count = sum(map(ends_as_picture, stray))
        raise BadData("data.loose" if count else "data.no_pictures", path=root, loose=count)
    return Contents(tuple(names), parts, listing, tuple(map(nfc, stray)))


def _gathered(
    tree: Tree, names: list[str], homes: dict[str, dict[str, list[str]]]
) -> tuple[Listing, dict[str, tuple[int, int]], dict[str, list[str]]]:
    """The pictures of every part, class by class; where each part begins and ends; each class folder's other files."""
    gathering, others = Gathering(), {}
    parts: dict[str, tuple[int, int]] = {}
    for part, classes in homes.items():
        start = len(gathering)
        for label, name in enumerate(names):
            found = []
            for folder in classes.get(name, ()):
                pictures, others[folder] = tree.below(folder)
                found.append(pictures)
            for path, apart in _told_apart(found[0] if len(found) == 1 else list(merge(*found, key=place))):
                gathering.add(path, label, apart=apart)
        if len(gathering) > start:
            parts[part] = start, len(gathering)
    return gathering.listing(), parts, others


def _told_apart(paths: list[str]) -> Iterable[tuple[str, bool]]:
    """The paths of a class, and of each whether its name is taken apart: beside the same name in another form."""
    if all(map(str.isascii, paths)) or all(nfc(path) == path for path in paths):
        return ((path, False) for path in paths)
    listed: dict[str, str] = {}
    for path in paths:
        name = nfc(path)
        listed[unicodedata.normalize("NFD", name) if name in listed else name] = path
    return ((path, name != nfc(path)) for name, path in listed.items())


def _class(folder: str) -> str:
    return nfc(folder.rpartition("/")[2])
