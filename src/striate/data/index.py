"""What a large folder holds, kept in the user's cache folder: opening it again takes a look at its folders alone.

An index never changes what is found. It counts only while every folder that was read has its times, its number and
exactly its names. One that is damaged, of another version or cannot be written is done without, and nothing is said.
"""

import hashlib
import json
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from striate import files
from striate.data.samples import Listing
from striate.data.tree import State, Tree, state_now

FORMAT = 1
"""Another one for every change of what is kept, or of how a folder is read."""

INDEXED_FROM = 20_000
"""Files. Fewer are read in a fraction of a second, for which nothing need be left in anybody's cache folder."""

SETTLING = 2_000_000_000
"""Nanoseconds: within the two seconds in which FAT counts, a folder can change again and keep its time."""

FORGOTTEN = 90 * 24 * 3600
"""Seconds: an index that was of no use for so long goes, as that of a folder that has moved."""


@dataclass(frozen=True)
class Contents:
    """What there is below a folder."""

    classes: tuple[str, ...]
    parts: dict[str, tuple[int, int]]  # where the files of each begin in the listing, and end
    listing: Listing
    stray: tuple[str, ...]


def load(root: Path, rules: str) -> Contents | None:
    """What was kept of a folder, where it still holds and was made by the same rules."""
    try:
        with _place(root).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            about = json.loads(kept["about"].tobytes())
            if about["made"] != _made(root, rules) or not _holds(root, about["folders"], kept["states"]):
                return None
            found = _contents(about, kept)
    except Exception:  # there is none, or what a damaged file may lead to: anything
        return None
    with suppress(OSError):
        os.utime(_place(root))
    return found


def keep(contents: Contents, tree: Tree, began: int, rules: str) -> None:
    """Keeps what was read of a tree from a time on, in nanoseconds; only where it can be relied on.

    A folder that changed just before may change once more without showing it. The end of a link can change and never
    shows it.
    """
    newest = max(max(state.changed, state.touched) for state in tree.states.values())
    if tree.entries < INDEXED_FROM or not tree.plain or newest > began - SETTLING:
        return
    about = {
        "made": _made(tree.root, rules), "folders": list(tree.states), "classes": contents.classes,
        "parts": contents.parts, "stray": contents.stray, "apart": sorted(contents.listing.apart),
    }  # fmt: skip
    arrays: dict[str, np.ndarray] = {
        "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
        "states": np.array(list(tree.states.values()), np.int64),
        "text": np.frombuffer(contents.listing.text, np.uint8),
        "edges": contents.listing.edges,
        "labels": contents.listing.labels,
    }
    with suppress(OSError):
        _write(_place(tree.root), arrays)
        _tidy(_place(tree.root).parent)


def _write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")  # nobody else's: two may read the same folder
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _tidy(cache: Path) -> None:
    """Takes away what nobody has used for long, and what a process that was killed has left half written."""
    for path in cache.iterdir():
        if path.stat().st_mtime < time.time() - FORGOTTEN:
            path.unlink(missing_ok=True)


def _holds(root: Path, folders: list[str], states: np.ndarray) -> bool:
    """Whether every folder is as it was."""
    known = (State(*state) for state in states.tolist())
    return all(state_now(os.path.join(root, at)) == state for at, state in zip(folders, known, strict=True))  # noqa: PTH118


def _contents(about: dict[str, Any], kept: Any) -> Contents:
    listing = Listing(kept["text"].tobytes(), kept["edges"], kept["labels"], frozenset(about["apart"]))
    parts = {part: (start, end) for part, (start, end) in about["parts"].items()}
    return Contents(tuple(about["classes"]), parts, listing, tuple(about["stray"]))


def _made(root: Path, rules: str) -> list[object]:
    """What an index has to say of itself to be the one that is looked for."""
    return [FORMAT, rules, str(root)]


def _place(root: Path) -> Path:
    return files.cache_folder("listings") / f"{hashlib.blake2b(os.fsencode(root), digest_size=16).hexdigest()}.npz"
