"""Tar files for the tests, and small pictures to put into them."""

import io
import tarfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from PIL import Image


def tar_of(files: Mapping[str, bytes] | Iterable[tuple[str, bytes]], kind: int = tarfile.GNU_FORMAT) -> bytes:
    """An archive without compression of the files by name, in their order; a name may come twice."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as tar:
        for name, content in files.items() if isinstance(files, Mapping) else files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def jpegs(cutout: Callable[[int], Image.Image], numbers: Iterable[int]) -> dict[int, bytes]:
    found = {}
    for number in numbers:
        buffer = io.BytesIO()
        cutout(number).save(buffer, "JPEG", quality=95)
        found[number] = buffer.getvalue()
    return found


def written(path: Path, content: bytes | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
