"""Hugging Face datasets, of the [scale] extra: whatever it reads, on this machine or from its hub, as hf:NAME."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from striate.data.folder import PARTS, Found, nfc
from striate.data.pictures import Picture, Unreadable, content_of, decode
from striate.data.tree import natural
from striate.problem import BadData
from striate.words import Phrase

PREFIX = "hf:"

_LABELS = ("label", "labels", "fine_label", "class", "category")
_BUILDERS = {".parquet": "parquet", ".arrow": "arrow", ".tar": "webdataset"}  # what reads a single file
_UNLABELLED = -1  # as test parts without truths have it


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a dataset, memory-mapped: a picture is read when it is asked for. Names are the split and the row."""

    split: str
    table: Any = field(repr=False)  # datasets.Dataset with the pictures undecoded
    column: str
    labels: np.ndarray = field(repr=False)  # int64, of every row of the table
    places: np.ndarray = field(repr=False)  # int64 (N,): the rows that these are

    def __len__(self) -> int:
        return len(self.places)

    def label(self, index: int) -> int:
        return int(self.labels[self.places[index]])

    def truth(self) -> np.ndarray:
        labels: np.ndarray = self.labels[self.places]
        return labels

    def encoded(self, index: int) -> bytes | Path:
        """The bytes of the picture's file, or where it is."""
        value = self.table[int(self.places[index])][self.column]
        if value is None or (value["bytes"] is None and not value["path"]):
            raise Unreadable("missing")
        return value["bytes"] if value["bytes"] is not None else Path(value["path"])

    def picture(self, index: int, least: tuple[int, int] | None = None) -> Picture:
        return decode(self.encoded(index), least)

    def image(self, index: int, least: tuple[int, int] | None = None) -> Image.Image:
        return self.picture(index, least).image

    def name(self, index: int) -> str:
        return f"{self.split}/{self.places[index]}"

    def sizes(self) -> np.ndarray:
        sizes: np.ndarray = self._sizes()[self.places]
        return sizes

    def content(self, index: int) -> bytes:
        encoded = self.encoded(index)
        return encoded if isinstance(encoded, bytes) else content_of(encoded)

    def take(self, indices: Sequence[int] | np.ndarray) -> "Rows":
        """Some of them, in the order given."""
        return Rows(self.split, self.table, self.column, self.labels, self.places[np.asarray(indices, dtype=np.int64)])

    def joined(self, others: Sequence[Any]) -> "Rows":
        assert all(each.table is self.table for each in others)  # a part is never taken out of several splits
        places = np.concatenate([self.places, *(each.places for each in others)])
        return Rows(self.split, self.table, self.column, self.labels, places)

    def marks(self, part: str) -> Iterator[bytes]:
        yield part.encode() + self.labels.tobytes() + self.places.tobytes() + self._sizes()[self.places].tobytes()

    def _sizes(self) -> np.ndarray:
        """Of each row's picture: bytes, out of the lengths that the table keeps, without reading the pictures."""
        import pyarrow.compute as compute

        sizes = []
        for chunk in self.table.data.column(self.column).chunks:
            inside = compute.fill_null(compute.binary_length(chunk.field("bytes")), -1).to_pylist()
            paths = chunk.field("path").to_pylist()
            sizes += [_size(path) if size < 0 else size for size, path in zip(inside, paths, strict=True)]
        return np.array(sizes, np.int64)


def is_hub(source: str) -> bool:
    return source.startswith(PREFIX)


def open_hub(source: str) -> Found:
    """The pictures of hf:NAME_OR_PATH or hf:NAME_OR_PATH:CONFIG; code that comes with a dataset is never run.

    BadData without the [scale] extra, for what cannot be loaded, and where there is no column of pictures or labels.
    """
    name, config = _named(source.removeprefix(PREFIX))
    splits = _loaded(source, name, config)
    picture, label = _columns(source, splits)
    names, known = _classes(splits, label)
    parts: dict[str, Rows] = {}
    strange, left = [], 0
    for split, table in splits.items():
        part = PARTS.get(split.lower())
        if part is None or part in parts:
            strange.append(split)
            continue
        labels = _counted(table, label, names, known)
        kept = np.flatnonzero(labels != _UNLABELLED)
        left += len(labels) - len(kept)
        if len(kept):
            parts[part] = Rows(split, _undecoded(table, picture), picture, labels, kept)
    if not parts and left:
        raise BadData("hub.no_labels", source=source, column=label)
    if not parts:
        raise BadData("hub.splits", source=source, splits=", ".join(strange), known=", ".join(PARTS))
    remarks = [Phrase("remark.no_label", {"count": left})] if left else []
    remarks += [Phrase("remark.other_splits", {"names": ", ".join(strange)})] if strange else []
    whole = f"{PREFIX}{Path(name).resolve() if Path(name).exists() else name}{f':{config}' if config else ''}"
    return Found(nfc(Path(name).name), whole, tuple(names), dict(parts), (), remarks=tuple(remarks))


def _named(text: str) -> tuple[str, str | None]:
    """The name or path, and the configuration behind its last colon; a path may have a colon of its own."""
    name, colon, config = text.rpartition(":")
    return (name, config) if colon and config and not Path(text).exists() else (text, None)


def _loaded(source: str, name: str, config: str | None) -> Mapping[str, Any]:
    """The splits by name."""
    try:
        import datasets
    except ImportError as error:
        raise BadData("hub.not_installed", source=source) from error
    datasets.disable_progress_bars()
    path = Path(name)
    try:
        if path.is_file() and path.suffix.lower() in _BUILDERS:
            return dict(datasets.load_dataset(_BUILDERS[path.suffix.lower()], data_files=str(path)))
        return dict(datasets.load_dataset(name, config))
    except Exception as error:  # it raises whatever its many readers raise
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise BadData("hub.unreadable", source=source, reason=reason) from error


def _columns(source: str, splits: Mapping[str, Any]) -> tuple[str, str]:
    """The column of the pictures and that of the labels."""
    import datasets

    features = next(iter(splits.values())).features
    pictures = [name for name, kind in features.items() if isinstance(kind, datasets.Image)]
    classes = [name for name, kind in features.items() if isinstance(kind, datasets.ClassLabel)]
    named = [name for name in (*_LABELS, "cls") if name in features and name not in classes]
    labels = sorted(classes, key=lambda name: _LABELS.index(name) if name in _LABELS else len(_LABELS)) + named
    if not pictures or not labels:
        raise BadData("hub.columns", source=source, columns=", ".join(features), labels=", ".join(_LABELS))
    return pictures[0], labels[0]


def _classes(splits: Mapping[str, Any], label: str) -> tuple[list[str], bool]:
    """The names of the classes, and whether the dataset itself has them; else they are the values that occur."""
    names = getattr(next(iter(splits.values())).features[label], "names", None)
    if names is not None:
        return [nfc(name) for name in names], True
    values = {nfc(str(value)) for table in splits.values() for value in table.unique(label) if value is not None}
    return sorted(values - {""}, key=lambda name: (natural(name), name)), False


def _counted(table: Any, label: str, names: list[str], known: bool) -> np.ndarray:
    """The label of each row: int64 (N,)."""
    values = table[label][:]
    if known:
        return np.array([_UNLABELLED if value is None else value for value in values], np.int64)
    place = {name: at for at, name in enumerate(names)}
    return np.array([place.get(nfc(str(value)), _UNLABELLED) for value in values], np.int64)


def _undecoded(table: Any, picture: str) -> Any:
    import datasets

    return table.cast_column(picture, datasets.Image(decode=False)).select_columns([picture])


def _size(path: str | None) -> int:
    return Path(path).stat().st_size if path and Path(path).is_file() else -1
