"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009) in their binary version, in a folder or in the archive as downloaded."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from striate.data.folder import Found, nfc
from striate.data.samples import Arrays, Pictures
from striate.problem import BadData


@dataclass(frozen=True)
class Layout:
    """How one of the sets is laid out: a picture is its labels, then red, green and blue, 32 x 32 bytes each."""

    folder: str
    train: tuple[str, ...]
    test: str
    names: str  # the file with the names of the classes
    labels: int  # bytes in front of each picture; the last of them is the class
    classes: tuple[str, ...]  # where that file is missing
    set_name: str  # by which it can be fetched
    pickled: str  # the folder of the Python version, and files in it
    pickles: tuple[str, ...]


CIFAR10 = Layout(
    "cifar-10-batches-bin", tuple(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin",
    "batches.meta.txt", 1,
    ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    "cifar10", "cifar-10-batches-py", ("data_batch_1", "test_batch"),
)  # fmt: skip
CIFAR100 = Layout(
    "cifar-100-binary", ("train.bin",), "test.bin", "fine_label_names.txt", 2, tuple(map(str, range(100))), "cifar100",
    "cifar-100-python", ("train", "test", "meta"),
)  # fmt: skip
LAYOUTS = (CIFAR10, CIFAR100)

_SIDE = 32
_PIXELS = 3 * _SIDE * _SIDE
_MOST_BYTES = 1 << 30  # out of an archive; the sets have 184 MB
_ARCHIVES = (".tar.gz", ".tgz", ".tar")
_DAMAGED = (OSError, EOFError, tarfile.TarError, zlib.error)


def is_cifar(path: Path) -> bool:
    """Whether it is one of the sets, in either version."""
    return _home(path) is not None or _pickled(path) is not None


def open_cifar(path: Path) -> Found:
    """The pictures of the set that is there; the Python version is refused, for it would have to be unpickled."""
    home = _home(path)
    if home is None:
        layout = _pickled(path)
        assert layout is not None  # it was recognised
        raise BadData("cifar.pickled", path=path, archive=f"{layout.set_name[:5]}-{layout.set_name[5:]}-binary.tar.gz",
                      name=layout.set_name)  # fmt: skip
    layout, folder = home
    wanted = {*layout.train, layout.test, layout.names}
    raw = _out_of_archive(path, wanted) if folder is None else _out_of_folder(folder, wanted)
    return _found(path, layout, raw)


def _home(path: Path) -> tuple[Layout, Path | None] | None:
    """Which set is there in its binary version, and the folder it is in; None for that of an archive."""
    for layout in LAYOUTS:
        for folder in (path, path / layout.folder):
            if (folder / layout.train[0]).is_file() and _is_layout(folder / layout.train[0], layout):
                return layout, folder
    top = _top(path)
    return next(((layout, None) for layout in LAYOUTS if layout.folder == top), None)


def _is_layout(file: Path, layout: Layout) -> bool:
    """Files called train.bin are many; these have whole records, or the names of classes beside them."""
    return file.stat().st_size % (layout.labels + _PIXELS) == 0 or file.with_name(layout.names).is_file()


def _pickled(path: Path) -> Layout | None:
    top = _top(path)
    for layout in LAYOUTS:
        for folder in (path, path / layout.pickled):
            if all((folder / name).is_file() for name in layout.pickles):
                return layout
        if layout.pickled == top:
            return layout
    return None


def _top(path: Path) -> str:
    """The folder that an archive begins with; nothing for anything else."""
    if not path.name.lower().endswith(_ARCHIVES) or not path.is_file():
        return ""
    try:
        with tarfile.open(path) as archive:
            first = archive.next()
    except _DAMAGED:
        return ""
    return first.name.removeprefix("./").split("/")[0] if first else ""


def _out_of_folder(folder: Path, wanted: set[str]) -> dict[str, bytes]:
    try:
        return {name: (folder / name).read_bytes() for name in wanted if (folder / name).is_file()}
    except OSError as error:
        raise BadData("data.unreadable", path=folder, reason=error.strerror) from error


def _out_of_archive(path: Path, wanted: set[str]) -> dict[str, bytes]:
    """The files of these names, read in place: nothing is written anywhere, whatever else the archive holds."""
    found = {}
    try:
        with _unzipped(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            for member in _regular(archive):
                name = member.name.rpartition("/")[2]
                file = archive.extractfile(member) if name in wanted else None
                if file is not None:
                    found[name] = file.read()
            while stream.read(1 << 20):  # to the end, where gzip has the sum that everything is held against
                pass
    except _DAMAGED as error:
        raise BadData("cifar.damaged", path=path, reason=error) from error
    return found


def _regular(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    return (member for member in archive if member.isreg() and not member.issparse() and member.size <= _MOST_BYTES)


def _unzipped(path: Path) -> "_Bounded":
    raw = path.open("rb")
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return _Bounded(gzip.GzipFile(fileobj=raw) if packed else raw, raw.close)


class _Bounded(io.RawIOBase):
    """A stream that ends with an error past as much as these sets can have, as that of a bomb would."""

    def __init__(self, stream: Any, close: Callable[[], None]) -> None:
        self._stream, self._close, self._left = stream, close, _MOST_BYTES

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self._stream.read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise OSError(f"more than {_MOST_BYTES:,} bytes")
        return chunk

    def close(self) -> None:
        self._close()
        super().close()


def _found(path: Path, layout: Layout, raw: dict[str, bytes]) -> Found:
    missing = [name for name in layout.train if name not in raw]
    if missing:
        raise BadData("cifar.incomplete", path=path, names=", ".join(missing))
    names = raw.get(layout.names, b"").decode("utf-8", "replace").split()
    classes = tuple(names) or layout.classes
    parts: dict[str, Pictures] = {
        "train": _arrays(path, layout, "train", [raw[name] for name in layout.train], classes)
    }
    if layout.test in raw:
        parts["test"] = _arrays(path, layout, "test", [raw[layout.test]], classes)
    return Found(nfc(path.name.split(".")[0]), str(path.resolve()), classes, parts, ())


def _arrays(path: Path, layout: Layout, part: str, files: list[bytes], classes: tuple[str, ...]) -> Arrays:
    record = layout.labels + _PIXELS
    if any(len(file) % record for file in files):
        raise BadData("cifar.length", path=path, part=part, size=str(record))
    rows = np.frombuffer(b"".join(files), np.uint8).reshape(-1, record)
    labels = rows[:, layout.labels - 1].astype(np.int64)
    if not len(labels) or labels.max() >= len(classes):
        raise BadData("cifar.labels", path=path, part=part, classes=len(classes))
    images = rows[:, layout.labels :].reshape(-1, 3, _SIDE, _SIDE).transpose(0, 2, 3, 1)
    return Arrays(part, np.ascontiguousarray(images), labels, np.arange(len(labels)))
