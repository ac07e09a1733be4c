"""One file of arrays: NumPy's npz, with the pictures and the labels of each part under names of their own."""

import math
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from striate.data.folder import Found, nfc
from striate.data.samples import Arrays, Pictures
from striate.data.tree import natural
from striate.problem import BadData

KEYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "train": (("x_train", "y_train"), ("train_images", "train_labels")),
    "val": (("x_val", "y_val"), ("x_valid", "y_valid"), ("val_images", "val_labels")),
    "test": (("x_test", "y_test"), ("test_images", "test_labels")),
    "all": (("images", "labels"), ("x", "y"), ("arr_0", "arr_1")),
}
"""Under which names the pictures and the labels of each part are looked for, small letters or capitals."""

MOST_BYTES = 4 << 30
"""What all arrays together may take; they are held in memory."""

_CLASSES = "classes"
_DAMAGED = (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)


@dataclass(frozen=True)
class _Labels:
    """The classes of a file, and the label of each picture by part, counting in them."""

    classes: tuple[str, ...]
    parts: Mapping[str, np.ndarray]


def is_bundle(path: Path) -> bool:
    return path.suffix.lower() == ".npz" and path.is_file()


def open_bundle(path: Path) -> Found:
    """The pictures in an npz file; nothing in it is unpickled. BadData where it holds something else."""
    arrays = _arrays(path)
    pairs = _pairs(path, arrays)
    if not pairs:
        known = ", ".join(f"{pictures}/{labels}" for each in KEYS.values() for pictures, labels in each)
        raise BadData("bundle.keys", path=path, keys=", ".join(arrays) or "-", known=known)
    images = {part: _pictures(path, key, arrays[key]) for part, (key, _) in pairs.items()}
    truth = {part: _flat(path, key, arrays[key]) for part, (_, key) in pairs.items()}
    for part, (pictures, labels) in pairs.items():
        if len(images[part]) != len(truth[part]):
            raise BadData("bundle.mismatch", path=path, pictures=pictures, labels=labels, found=len(images[part]),
                          other=len(truth[part]))  # fmt: skip
    counted = counted_in(path, truth, arrays.get(_CLASSES))
    parts: dict[str, Pictures] = {
        part: Arrays(part, images[part], counted.parts[part], np.arange(len(images[part])))
        for part in pairs
        if len(images[part])
    }
    if not parts:
        raise BadData("data.no_pictures", path=path)
    return Found(nfc(path.stem), str(path.resolve()), counted.classes, parts, ())


def counted_in(path: Path, truth: Mapping[str, np.ndarray], classes: np.ndarray | None) -> _Labels:
    """Labels as places in a list of classes: the one given, for numbers, or else the names and numbers that occur."""
    every = np.concatenate(list(truth.values()))
    if classes is None:
        names = sorted({str(value) for value in np.unique(every)}, key=lambda name: (natural(name), name))
        place = {name: at for at, name in enumerate(names)}
        used = {part: np.array([place[str(each)] for each in labels.tolist()], np.int64)
                for part, labels in truth.items()}  # fmt: skip
        return _Labels(tuple(names), used)
    if classes.ndim != 1 or classes.dtype.kind not in "US" or len(set(classes.tolist())) != len(classes):
        raise BadData("bundle.classes", path=path)
    names = [nfc(each.decode("utf-8", "replace") if isinstance(each, bytes) else each) for each in classes.tolist()]
    if every.dtype.kind not in "iu" or (len(every) and not 0 <= every.min() <= every.max() < len(names)):
        raise BadData("bundle.past_classes", path=path, count=len(names))
    return _Labels(tuple(names), {part: labels.astype(np.int64) for part, labels in truth.items()})


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays by name; BadData for a damaged file, for objects, and for more than memory should be asked for."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if each.filename.endswith(".npy")]
            claimed = sum(each.file_size for each in members)
            if claimed > MOST_BYTES:
                raise BadData(
                    "bundle.too_large", path=path, size=f"{claimed / 1e9:,.1f}", most=f"{MOST_BYTES / 1e9:.1f}"
                )
            return {each.filename.removesuffix(".npy").lower(): _array(path, archive, each) for each in members}
    except _DAMAGED as error:
        raise BadData("bundle.damaged", path=path, reason=error) from error


def _array(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """One array, once its header is seen to ask for no more than there is."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, column_first, dtype = read(file)
        if dtype.hasobject:
            raise BadData("bundle.objects", path=path, name=member.filename)
        size = math.prod(shape) * dtype.itemsize
        if size != member.file_size - file.tell():
            raise ValueError(f"{member.filename}: {member.file_size - file.tell()} bytes, {size} expected")
        values = np.frombuffer(file.read(), dtype)
    return values.reshape(shape, order="F" if column_first else "C")


def _pairs(path: Path, arrays: Mapping[str, np.ndarray]) -> dict[str, tuple[str, str]]:
    """The names of the pictures and labels of each part that the file has."""
    found: dict[str, tuple[str, str]] = {}
    for part, names in KEYS.items():
        for pictures, labels in names:
            if (pictures in arrays) != (labels in arrays):
                here, missing = (pictures, labels) if pictures in arrays else (labels, pictures)
                raise BadData("bundle.half", path=path, here=here, missing=missing)
            if pictures in arrays and not (pictures == "arr_0" and "arr_2" in arrays):
                found.setdefault(part, (pictures, labels))
    return {part: each for part, each in found.items() if part != "all"} or found


def _pictures(path: Path, key: str, values: np.ndarray) -> np.ndarray:
    """(N, H, W) or (N, H, W, 3), uint8; fractions from 0 to 1 are scaled."""
    shape = values.shape
    if values.ndim == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3):  # channels first
        values = np.moveaxis(values, 1, -1)
    if values.ndim == 4 and values.shape[3] == 1:
        values = values[..., 0]
    if values.ndim not in (3, 4) or (values.ndim == 4 and values.shape[3] != 3) or not all(values.shape[1:3]):
        raise BadData("bundle.shape", path=path, name=key, shape=" x ".join(map(str, shape)))
    if values.dtype.kind == "f" and len(values) and 0 <= values.min() <= values.max() <= 1:
        values = np.rint(values * 255).astype(np.uint8)
    if values.dtype != np.uint8 and len(values):
        raise BadData("bundle.values", path=path, name=key, dtype=values.dtype, lowest=f"{values.min():g}",
                      highest=f"{values.max():g}")  # fmt: skip
    return np.ascontiguousarray(values, np.uint8)


def _flat(path: Path, key: str, values: np.ndarray) -> np.ndarray:
    """(N,) whole numbers or names, out of (N,) or (N, 1)."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or values.dtype.kind not in "iuUS":
        raise BadData(
            "bundle.labels", path=path, name=key, shape=" x ".join(map(str, values.shape)), dtype=values.dtype
        )
    return np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values
