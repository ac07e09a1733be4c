"""The one place where a picture is decoded: train, evaluate and predict all see what this gives."""

import io
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.TiffImagePlugin import PHOTOMETRIC_INTERPRETATION, TiffImageFile

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
MOST_PIXELS = 100_000_000  # past any camera; a file that claims more is refused before it is unpacked

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
_SIXTEEN_BIT = ("I;16", "I;16B", "I;16L", "I;16N")


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
    """Within it Pillow's warnings, about metadata that is not used here, are not shown.

    Python has one list of warning filters for all threads: the first thread in changes it, the last one out puts it
    back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = warnings.catch_warnings()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._filters = warnings.catch_warnings()
                self._filters.__enter__()
                warnings.simplefilter("ignore")
            self._inside += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._filters.__exit__(None, None, None)


_QUIET = _Quiet()


def decode(source: Path | bytes) -> Picture:
    """Decodes a file or its bytes; raises Unreadable for what is no whole picture of an allowed format."""
    try:
        with _QUIET, Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Unreadable("too_large", f"{opened.width}x{opened.height}")
            orientation = opened.getexif().get(_EXIF_ORIENTATION)  # before load(): TIFFs are turned by it
            opened.load()
            return _settled(opened, orientation)
    except Image.DecompressionBombError as error:
        raise Unreadable("too_large", str(error)) from error
    except UnidentifiedImageError as error:
        raise Unreadable("no_picture") from error
    except Unreadable:
        raise
    except PermissionError as error:
        raise Unreadable("denied") from error
    except Exception as error:  # a decoder may stumble over damaged bytes in any way
        reason = "truncated" if "truncated" in str(error) else "damaged"
        raise Unreadable(reason, str(error)) from error


def _settled(opened: Image.Image, orientation: object) -> Picture:
    """One upright frame in mode L or RGB, with a note for each thing that had to be done."""
    notes = []
    image: Image.Image = opened
    if getattr(opened, "n_frames", 1) > 1:
        notes.append("first_frame")
    if orientation in _TURNS:
        notes.append("rotated")
        if opened.getexif().get(_EXIF_ORIENTATION) == orientation:
            image = opened.transpose(_TURNS[orientation])
    if image.mode in _SIXTEEN_BIT or image.mode == "I":
        notes.append("sixteen_bit")
        image = _from_sixteen_bit(image, inverted=_white_is_zero(opened))
    if image.mode == "F":
        raise Unreadable("float_pixels")
    if image.has_transparency_data:
        notes.append("transparent")
        image = _on_white(image)
    if image.mode not in ("L", "RGB"):
        notes.append("converted")
        image = image.convert("L" if image.mode in ("1", "LA") else "RGB")
    return Picture(image.copy() if image is opened else image, tuple(notes))


def _white_is_zero(opened: Image.Image) -> bool:
    """Whether a TIFF counts from white; Pillow turns that round for 8 bits, and not for 16."""
    return isinstance(opened, TiffImageFile) and opened.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == 0


def _from_sixteen_bit(image: Image.Image, *, inverted: bool) -> Image.Image:
    """0..65535 scaled to 0..255; Pillow's own conversion would clip nearly every pixel to white."""
    values = np.asarray(image).astype(np.int64).clip(0, 65535)
    values = 65535 - values if inverted else values
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    with_alpha = image.convert("RGBA")
    ground = Image.new("RGBA", with_alpha.size, (255, 255, 255, 255))
    return Image.alpha_composite(ground, with_alpha).convert("L" if image.mode == "LA" else "RGB")


def size_of(path: Path) -> tuple[int, int]:
    """(height, width) of a file's picture once it is upright; most say so before they are decoded."""
    if not path.is_file():
        raise Unreadable("missing")
    try:
        with _QUIET, Image.open(path, formats=FORMATS) as opened:
            width, height = opened.size
            if width * height > MOST_PIXELS:
                raise Unreadable("too_large", f"{width}x{height}")
            on_its_side = opened.getexif().get(_EXIF_ORIENTATION) in (5, 6, 7, 8)
            turned = on_its_side and not isinstance(opened, TiffImageFile)  # whose size is the upright one
            return (width, height) if turned else (height, width)
    except Unreadable:
        raise
    except Exception:  # decoding tells what is wrong with it, or reads it in a way of its own
        image = decode(path).image
        return image.height, image.width
