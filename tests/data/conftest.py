"""Real photographs, in every format, and the folders of them that the tests of the data floor read."""

import io
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from striate.data.samples import Arrays
from striate.data.sets import open_set

Photo = Callable[[str], Image.Image]

_SKLEARN = {"china": "china.jpg", "flower": "flower.jpg"}
_SKIMAGE = {
    "astronaut": "astronaut.png",
    "camera": "camera.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "coins": "coins.png",
}


@cache
def _photo(name: str) -> Image.Image:
    where = files("sklearn.datasets.images") / _SKLEARN[name] if name in _SKLEARN else None
    source = where or files("skimage") / "data" / _SKIMAGE[name]
    return Image.open(io.BytesIO(source.read_bytes())).copy()


@cache
def _cutout(number: int) -> Image.Image:
    """28 wide and 20 high, another piece of a colour photo for every number."""
    whole = _photo(("china", "flower", "chelsea", "coffee", "astronaut")[number % 5])
    left, top = (number * 37) % (whole.width - 56), (number * 53) % (whole.height - 40)
    return whole.crop((left, top, left + 56, top + 40)).resize((28, 20))


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    later = [frame.copy() for frame in options.pop("append_images", [])]
    if later:
        options = {"save_all": True, "append_images": later, **options}
    image.copy().save(buffer, kind, **options)  # copies: Pillow keeps a JPEG's settings on the pictures it saved
    return buffer.getvalue()


_KINDS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".gif": "GIF",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}


@pytest.fixture(scope="session")
def photo() -> Photo:
    """A photograph of scikit-learn or scikit-image by its name."""
    return lambda name: _photo(name).copy()


@pytest.fixture(scope="session")
def cutout() -> Callable[[int], Image.Image]:
    """A small colour picture, another one for every number."""
    return lambda number: _cutout(number).copy()


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    """The bytes of a picture file: encoded(image, "PNG", **options of Pillow); append_images gives it more frames."""
    return _encoded


@pytest.fixture(scope="session")
def real_files() -> Mapping[str, bytes]:
    """Small valid files of all six formats, in the kinds that people have."""
    picture, other = _cutout(1), _cutout(2)
    grey, palette = picture.convert("L"), picture.quantize(16)
    clear = picture.convert("RGBA")
    clear.putalpha(_cutout(3).convert("L"))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a roof"
    exif.get_ifd(0x8769)[0x9003] = "2020:02:20 20:20:20"
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    return {
        "plain.jpg": _encoded(picture, "JPEG"),
        "grey.jpg": _encoded(grey, "JPEG"),
        "progressive.jpg": _encoded(picture, "JPEG", progressive=True),
        "cmyk.jpg": _encoded(picture.convert("CMYK"), "JPEG"),
        "turned.jpg": _encoded(picture, "JPEG", exif=exif),
        "two pictures.jpg": _encoded(picture, "MPO", append_images=[other]),
        "plain.png": _encoded(picture, "PNG"),
        "palette.png": _encoded(palette, "PNG"),
        "clear.png": _encoded(clear, "PNG"),
        "deep.png": _encoded(deep, "PNG"),
        "turned.png": _encoded(picture, "PNG", exif=exif),
        "animated.png": _encoded(picture, "PNG", append_images=[other]),
        "plain.webp": _encoded(picture, "WEBP"),
        "lossless.webp": _encoded(clear, "WEBP", lossless=True),
        "turned.webp": _encoded(picture, "WEBP", exif=exif),
        "animated.webp": _encoded(picture, "WEBP", append_images=[other]),
        "plain.gif": _encoded(palette, "GIF"),
        "animated.gif": _encoded(palette, "GIF", append_images=[other.quantize(16)]),
        "plain.bmp": _encoded(picture, "BMP"),
        "palette.bmp": _encoded(palette, "BMP"),
        "plain.tif": _encoded(picture, "TIFF"),
        "packed.tif": _encoded(picture, "TIFF", compression="tiff_lzw"),
        "deflated.tif": _encoded(picture, "TIFF", compression="tiff_adobe_deflate"),
        "photo inside.tif": _encoded(picture, "TIFF", compression="jpeg"),
        "deep.tif": _encoded(deep, "TIFF"),
        "turned.tif": _encoded(picture, "TIFF", exif=exif),
        "two pages.tif": _encoded(picture, "TIFF", append_images=[other]),
    }


@cache
def _file_content(number: int, suffix: str) -> bytes:
    return _encoded(_cutout(number), _KINDS[suffix])


@pytest.fixture
def plant(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of the files named: pictures by their suffix, other names as text, "a/" as a folder.

    ``plant(["cat/1.jpg", "dog/1.png"])`` gives its path; called again with the same root, it adds to it.
    """

    def planted(names: Iterable[str], root: str = "photos") -> Path:
        top = tmp_path / root
        top.mkdir(parents=True, exist_ok=True)
        for name in names:
            path = top / name
            if name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            suffix = path.suffix.lower()
            number = zlib.crc32(name.encode()) % 97
            path.write_bytes(_file_content(number, suffix) if suffix in _KINDS else b"notes about the pictures\n")
        return top

    return planted


@pytest.fixture(scope="session")
def built_in() -> dict[str, Arrays]:
    """The parts of the built-in set: real pictures, 28 x 28, grey."""
    return dict(open_set("fashion-sample").parts)
