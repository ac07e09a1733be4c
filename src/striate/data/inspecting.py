"""What is gathered of each picture of a set in one reading: size, colours, notes, and what it is compared by."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, ImageStat

from striate.data.copies import LEAST, digest, thumbnail
from striate.data.pictures import Picture, Unreadable, decode, size_of
from striate.data.samples import Arrays, Pictures

_AT_ONCE = 256  # pictures between two reports of progress
_PLAIN = 2.0  # grey levels: what deviates less from its mean in every channel shows nothing
_COLOURED = 2  # grey levels between two channels of a pixel, past those that JPEG makes of a grey one
_PROBE = (32, 32)  # pixels looked at for colours

_BEGINNINGS = (
    (b"\xff\xd8\xff", "JPEG"), (b"\x89PNG\r\n\x1a\n", "PNG"), (b"GIF8", "GIF"), (b"BM", "BMP"),
    (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"II+\0", "TIFF"), (b"MM\0+", "TIFF"),
)  # fmt: skip
_ENDINGS = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".gif": "GIF", ".bmp": "BMP", ".tif": "TIFF",
    ".tiff": "TIFF",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inspected:
    """One picture, or why it is none."""

    reason: str = ""  # of one that cannot be read; nothing else is known of it then
    size: tuple[int, int] = (0, 0)  # width, height, upright
    notes: tuple[str, ...] = ()
    misnamed: str = ""  # the format of a file that is called by another's ending
    grey: bool = False
    plain: bool = False
    digest: bytes | None = None


def inspecting(samples: Pictures, threads: int, thumbnails: np.ndarray | None) -> Generator[int, None, list[Inspected]]:
    """Reads every picture once, yielding how many are read.

    thumbnails: uint8 (N, THUMB, THUMB), to be filled where near copies are to be looked for.
    """
    pictures: list[Inspected] = []

    def one(at: int) -> Inspected:
        try:
            content = samples.content(at)
            picture = samples.picture(at) if isinstance(samples, Arrays) else decode(content, LEAST)
            height, width = picture.image.size[::-1] if isinstance(samples, Arrays) else size_of(content)
        except Unreadable as error:
            return Inspected(error.reason)
        if thumbnails is not None:
            thumbnails[at] = thumbnail(picture.image)
        misnamed = "" if isinstance(samples, Arrays) else _misnamed(samples.name(at), content)
        return _inspected(picture, (width, height), digest(content), misnamed)

    with ThreadPoolExecutor(threads, thread_name_prefix="striate-decode") as pool:
        for start in range(0, len(samples), _AT_ONCE):
            pictures += pool.map(one, range(start, min(start + _AT_ONCE, len(samples))))
            yield len(pictures)
    return pictures


def _inspected(picture: Picture, size: tuple[int, int], content: bytes, misnamed: str) -> Inspected:
    plain = max(ImageStat.Stat(picture.image).stddev) < _PLAIN
    return Inspected("", size, picture.notes, misnamed, _is_grey(picture.image), plain, content)


def _misnamed(name: str, content: bytes) -> str:
    """The format by a file's first bytes, where its ending speaks of another."""
    kind = "WEBP" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""
    kind = kind or next((name for beginning, name in _BEGINNINGS if content.startswith(beginning)), "")
    return kind if kind != _ENDINGS.get(PurePosixPath(name).suffix.lower(), kind) else ""


def _is_grey(image: Image.Image) -> bool:
    """Whether there is no colour in it, whatever its mode."""
    if image.mode == "L":
        return True
    pixels = np.asarray(image.resize(_PROBE, Image.Resampling.NEAREST)).astype(np.int16)
    return bool((pixels.max(2) - pixels.min(2)).max() <= _COLOURED)
