"""The door that opens any data: a name, a file or a folder, of whichever format it is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from striate.data.bundles import is_bundle, open_bundle
from striate.data.cifar import is_cifar, open_cifar
from striate.data.folder import Found, scan
from striate.data.hub import is_hub, open_hub
from striate.data.idx_sets import is_idx, open_idx
from striate.data.imagenet import is_imagenet, open_imagenet
from striate.data.named import DEFAULT_SET, SETS, download, open_named
from striate.data.tables import is_table, open_table
from striate.data.tars import is_tar, open_tar
from striate.problem import BadData
from striate.words import nearest

__all__ = ["DEFAULT_SET", "FORMATS", "SETS", "download", "open_set"]


_NOTHING_FOUND = ("problem.data.loose", "problem.data.no_pictures")


@dataclass(frozen=True)
class Format:
    """A kind of file or folder: how it is recognised, and what opens it."""

    recognises: Callable[[Path], bool]
    opens: Callable[[Path], Found]


def open_set(source: str | Path) -> Found:
    """The pictures of a name, of hf:NAME, or of a file or folder in one of the FORMATS.

    A path of that name goes before a name. BadData where there is no such thing, or nothing in it to learn from.
    """
    if is_hub(str(source)):
        return open_hub(str(source))
    path = Path(source)
    try:
        there = path.exists()
        opens = next((each.opens for each in FORMATS if there and each.recognises(path)), None)
    except OSError as error:
        raise BadData("data.unreadable", path=path, reason=error.strerror) from error
    if str(source) == DEFAULT_SET or (str(source) in SETS and not there):
        return open_named(str(source))
    if opens is None:
        raise BadData("data.missing", path=path, nearest=_suggestion(path))
    try:
        return opens(path)
    except BadData as problem:
        table = next((each for each in sorted(path.glob("*")) if is_table(each)), None) if path.is_dir() else None
        if table is None or problem.key not in _NOTHING_FOUND:
            raise
        raise BadData("data.beside", path=path, table=table) from problem


def _suggestion(path: Path) -> str:
    """What was perhaps meant: a set by name, or a folder beside it."""
    try:
        beside = [entry.name for entry in path.parent.iterdir() if entry.is_dir()]
    except OSError:
        beside = []
    return nearest(path.name, [*SETS, *beside])


FORMATS = (
    Format(is_table, open_table),
    Format(is_bundle, open_bundle),
    Format(is_cifar, open_cifar),
    Format(is_idx, open_idx),
    Format(is_imagenet, open_imagenet),
    Format(is_tar, open_tar),
    Format(Path.exists, scan),
)
"""What a path may lead to; the first that recognises it opens it."""
