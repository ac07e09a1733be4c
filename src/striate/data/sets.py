"""The sets that have a name, the folders of IDX files, and the door that opens any of them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from striate.data.bundles import is_bundle, open_bundle
from striate.data.cifar import is_cifar, open_cifar
from striate.data.folder import Found, scan
from striate.data.idx import read_idx
from striate.data.samples import Arrays
from striate.data.tables import is_table, open_table
from striate.problem import BadData
from striate.words import nearest

DEFAULT_SET = "fashion-sample"
SETS = (DEFAULT_SET, "fashion-mnist")

_DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
_FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
_FASHION_LABELS = {  # sha256 of the training labels: of the whole set, and of the part in this package
    "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
    "2c02745d4ad8b4511333d0eca662ac5664a371860abaa4588b1670e7be59fbdf",
}


@dataclass(frozen=True)
class Format:
    """A kind of file or folder: how it is recognised, and what opens it."""

    recognises: Callable[[Path], bool]
    opens: Callable[[Path], Found]


def open_set(source: str | Path) -> Found:
    """The pictures of a built-in name, a folder of IDX files, or a folder of class folders.

    BadData where there is no such thing, or nothing in it to learn from.
    """
    name = str(source)
    if name == DEFAULT_SET:
        with as_file(files("striate.data") / "fashion_sample") as folder:
            return _idx_set(folder, name, name)
    if name == "fashion-mnist" and not Path(name).exists():
        if not _DEBIAN_FOLDER.is_dir():
            raise BadData("data.fashion_missing", path=_DEBIAN_FOLDER)
        return _idx_set(_DEBIAN_FOLDER, name, name)
    path = Path(source)
    if not path.exists():
        raise BadData("data.missing", path=path, nearest=_suggestion(path))
    return next(each.opens for each in FORMATS if each.recognises(path))(path)


def _is_idx(path: Path) -> bool:
    return path.is_dir() and _idx_file(path, "train-images-idx3-ubyte") is not None


def _open_idx(path: Path) -> Found:
    return _idx_set(path, path.name, str(path.resolve()))


def _idx_set(folder: Path, name: str, source: str) -> Found:
    parts: dict[str, Arrays] = {}
    for part, prefix in (("train", "train"), ("test", "t10k")):
        pictures, labels = (
            _idx_file(folder, f"{prefix}-{what}") for what in ("images-idx3-ubyte", "labels-idx1-ubyte")
        )
        if pictures is None or labels is None:
            continue
        images, truth = read_idx(pictures), read_idx(labels)
        if images.ndim != 3 or truth.ndim != 1 or len(images) != len(truth):
            raise BadData("idx.mismatch", path=pictures, pictures=images.shape, labels=truth.shape)
        parts[part] = Arrays(prefix, images, truth, np.arange(len(truth)))
    if "train" not in parts or not len(parts["train"]):
        raise BadData("idx.incomplete", path=folder)
    used = np.unique(parts["train"].labels)
    classes = _FASHION_CLASSES if _is_fashion(parts["train"].labels) else tuple(map(str, used.tolist()))
    if any(not np.isin(part.labels, used).all() for part in parts.values()):
        raise BadData("idx.labels", path=folder)
    counted = {part: replace(each, labels=np.searchsorted(used, each.labels)) for part, each in parts.items()}
    return Found(name, source, classes, dict(counted), ())


def _is_fashion(labels: np.ndarray) -> bool:
    return hashlib.sha256(labels.tobytes()).hexdigest() in _FASHION_LABELS


def _idx_file(folder: Path, name: str) -> Path | None:
    """The file of a name, plain or gzipped, where it is there."""
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


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
    Format(_is_idx, _open_idx),
    Format(Path.exists, scan),
)
"""What a path may lead to; the first that recognises it opens it."""
