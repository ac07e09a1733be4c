"""Folders of IDX files, laid out as MNIST and Fashion-MNIST are."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from striate.data.folder import Found
from striate.data.idx import read_idx
from striate.data.samples import Arrays
from striate.problem import BadData

_FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
_FASHION_LABELS = {  # sha256 of the training labels: of the whole set, and of the part in this package
    "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
    "2c02745d4ad8b4511333d0eca662ac5664a371860abaa4588b1670e7be59fbdf",
}


def is_idx(path: Path) -> bool:
    return path.is_dir() and _idx_file(path, "train-images-idx3-ubyte") is not None


def open_idx(path: Path) -> Found:
    return idx_set(path, path.name, str(path.resolve()))


def idx_set(folder: Path, name: str, source: str) -> Found:
    """The pictures of a folder with the files of MNIST, under a name of its own."""
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
