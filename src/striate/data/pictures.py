"""The one place where a picture is decoded: train, evaluate and predict all see what this gives."""

import io
import logging
import stat
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import PHOTOMETRIC_INTERPRETATION, TiffImageFile

from striate.data.profiles import is_srgb

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""What Pillow is asked to read; HEIC comes beside it, by a package of its own."""

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".hif"}
)  # fmt: skip
MOST_PIXELS = 100_000_000  # 300 MB of RGB; a file that claims more is refused before it is unpacked

_EXIF_ORIENTATION = 0x0112
_TURNS: dict[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = (5, 6, 7, 8)
_SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I;16N")
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}
_TIFF_LOG = logging.getLogger("PIL.TiffImagePlugin")  # the one reader that logs errors, which it raises as well
_HEAD = 512  # bytes that tell what a file is
_TOO_LARGE = r"Image size \((?!100000000 )\d{9,} pixels"  # Pillow's warning of more than MOST_PIXELS, which is no error


class Unreadable(Exception):
    """A file that cannot be decoded as a picture; the text says why, as a key of the message catalogue."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Picture:
    """A decoded picture in mode L or RGB, upright, and the keys of what was done to it on the way."""

    image: Image.Image
    notes: tuple[str, ...]


class _Quiet:
    """Within it what Pillow tells of metadata that is not used here is not shown; warnings of bombs are errors.

    Python has one list of warning filters for all threads: the first thread in changes it, the last one out puts it
    back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()
        self._silent = False

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.simplefilter("ignore")
                warnings.filterwarnings("error", _TOO_LARGE, Image.DecompressionBombWarning)
                self._silent, _TIFF_LOG.disabled = _TIFF_LOG.disabled, True
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._filters.__exit__(None, None, None)
                _TIFF_LOG.disabled = self._silent


_QUIET = _Quiet()


def decode(source: Path | bytes, least: tuple[int, int] | None = None) -> Picture:
    """Decodes a file or its bytes; raises Unreadable for what is no whole picture of an allowed format.

    A JPEG may come at a half, a quarter or an eighth of its size, which is several times quicker, but upright with
    neither side below ``least``, (height, width). Without it every picture comes in its own size.
    """
    try:
        with _QUIET, _stream(source) as stream, _opened(stream) as opened:
            return _settled(opened, least)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Unreadable("too_large", str(error)) from error
    except Unreadable:
        raise
    except PermissionError as error:
        raise Unreadable("denied") from error
    except Exception as error:  # a decoder may stumble over damaged bytes in any way
        reason = "truncated" if "truncated" in str(error) else "damaged"
        raise Unreadable(reason, str(error)) from error


def content_of(path: Path) -> bytes:
    """The bytes of a file, decoded or not; Unreadable for what is none, or cannot be read."""
    try:
        with _stream(path) as stream:
            return stream.read()
    except OSError as error:
        raise Unreadable("denied" if isinstance(error, PermissionError) else "damaged", str(error)) from error


def _stream(source: Path | bytes) -> BinaryIO:
    """The bytes of a source; a pipe or a device, which could keep one waiting forever, is not even opened."""
    if isinstance(source, bytes):
        return io.BytesIO(source)
    try:
        mode = source.stat().st_mode
    except PermissionError:
        raise
    except (OSError, ValueError) as error:
        raise Unreadable("missing", str(error)) from error
    if not stat.S_ISREG(mode):
        raise Unreadable("no_file")
    return source.open("rb")


def _opened(stream: BinaryIO) -> ImageFile:
    """A picture that says what it is, not yet unpacked."""
    head = stream.read(_HEAD)
    stream.seek(0)
    if not head:
        raise Unreadable("empty")
    if _is_heic(head):
        return _heic(stream)
    try:
        return Image.open(stream, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise Unreadable("web_page" if _is_web_page(head) else "no_picture") from error


def _is_heic(head: bytes) -> bool:
    """By the brands that ISO/IEC 23008-12 names; AVIF has the same box around it."""
    brands = [head[at : at + 4] for at in range(8, min(int.from_bytes(head[:4]), len(head)), 4)]
    return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS and b"avif" not in brands


def _is_web_page(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _heic(stream: BinaryIO) -> ImageFile:
    """Opened by the package of the ``heic`` extra, of which Pillow is not told: others may share this process."""
    try:
        from pillow_heif import HeifImageFile
    except ImportError as error:
        raise Unreadable("heic") from error
    return HeifImageFile(stream)  # type: ignore[no-untyped-call]


def _settled(opened: ImageFile, least: tuple[int, int] | None) -> Picture:
    """One upright frame in mode L or RGB, with a note for each thing that had to be done."""
    if opened.width * opened.height > MOST_PIXELS:
        raise Unreadable("too_large", f"{opened.width}x{opened.height}")
    layout = " ".join(str(tile.args) for tile in opened.tile)  # of the pixels in the file; what follows may forget it
    orientation = opened.getexif().get(_EXIF_ORIENTATION)  # before load(): TIFFs are turned by it
    if least is not None and opened.format in ("JPEG", "MPO"):  # a HEIC would give its thumbnail, another picture
        opened.draft(None, least if orientation in _ON_ITS_SIDE else least[::-1])
    opened.load()
    notes = ["first_frame"] if getattr(opened, "is_animated", False) else []
    image: Image.Image = opened
    if (
        orientation in _TURNS or opened.info.get("original_orientation") in _TURNS
    ):  # the second of a HEIC, turned by now
        notes.append("rotated")
    if orientation in _TURNS and opened.getexif().get(_EXIF_ORIENTATION) == orientation:
        image = opened.transpose(_TURNS[orientation])
    if image.mode in _SIXTEEN_BIT or image.mode == "I":
        notes.append("sixteen_bit")
        image = _to_eight_bits(image, 4095 if ";12" in layout else 65535, inverted=_white_is_zero(opened))
    elif ";16" in layout:  # Pillow hands out the upper eight bits of deep colours
        notes.append("sixteen_bit")
    if image.mode == "F":
        raise Unreadable("float_pixels")
    if image.has_transparency_data:
        notes.append("transparent")
        image = _on_white(image)
    if image.mode not in ("L", "RGB"):
        notes.append("converted")
        image = image.convert("L" if image.mode in ("1", "LA") else "RGB")
    profile = opened.info.get("icc_profile")
    if profile and not is_srgb(bytes(profile)):
        notes.append("icc")
    return Picture(image.copy() if image is opened else image, tuple(notes))


def _white_is_zero(opened: Image.Image) -> bool:
    """Whether a TIFF counts from white; Pillow turns that round for 8 bits, and not for 16."""
    return isinstance(opened, TiffImageFile) and opened.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == 0


def _to_eight_bits(image: Image.Image, most: int, *, inverted: bool) -> Image.Image:
    """0..most scaled to 0..255; Pillow's own conversion would clip nearly every pixel to white."""
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > most:
        raise Unreadable("wide_pixels")
    values = most - values if inverted else values
    return Image.fromarray(((values * 255 + most // 2) // most).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    with_alpha = image.convert("RGBA")
    ground = Image.new("RGBA", with_alpha.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, with_alpha).convert("L" if image.mode == "LA" else "RGB")


def size_of(source: Path | bytes) -> tuple[int, int]:
    """(height, width) of a file's picture, or its bytes', once it is upright; most say so before they are decoded."""
    try:
        with _QUIET, _stream(source) as stream, _opened(stream) as opened:
            width, height = opened.size
            if width * height > MOST_PIXELS:
                raise Unreadable("too_large", f"{width}x{height}")
            on_its_side = opened.getexif().get(_EXIF_ORIENTATION) in (5, 6, 7, 8)
            turned = on_its_side and not isinstance(opened, TiffImageFile)  # whose size is the upright one
            return (width, height) if turned else (height, width)
    except Unreadable:
        raise
    except Exception:  # decoding tells what is wrong with it, or reads it in a way of its own
        image = decode(source).image
        return image.height, image.width
