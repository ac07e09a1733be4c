"""What lies in a folder of pictures and is easily overlooked: hidden files, and links to places outside."""

import os
from dataclasses import dataclass
from pathlib import Path

from striate.data.folder import nfc


@dataclass(frozen=True)
class Surroundings:
    """Paths within the folder, in the order of their names."""

    hidden: tuple[str, ...]  # of a hidden folder itself, not what is in it
    outward: dict[str, str]  # link: where it leads


def surroundings(root: Path) -> Surroundings:
    """Walks through a folder once; links are not followed."""
    home = root.resolve()
    hidden: list[str] = []
    outward: dict[str, str] = {}
    folders = [home]
    while folders:
        for entry in _entries(folders.pop()):
            path = Path(entry.path)
            name = nfc(path.relative_to(home).as_posix())
            if _is_hidden(entry.name):
                hidden.append(name)
            elif entry.is_symlink():
                target = _target(path)
                if not target.is_relative_to(home):
                    outward[name] = str(target)
            elif entry.is_dir():
                folders.append(path)
    return Surroundings(tuple(sorted(hidden)), dict(sorted(outward.items())))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """None of a folder that may not be read."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _target(link: Path) -> Path:
    """Where a link leads; one that leads to itself stays where it is."""
    try:
        return link.resolve()
    except (OSError, RuntimeError):
        return link


def _is_hidden(name: str) -> bool:
    """As a scan leaves them out."""
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")
