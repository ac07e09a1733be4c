"""Real photographs of scikit-learn and scikit-image, and files of them in every format."""

import io
import struct
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

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
def photo(name: str) -> Image.Image:
    where = files("sklearn.datasets.images") / _SKLEARN[name] if name in _SKLEARN else None
    source = where or files("skimage") / "data" / _SKIMAGE[name]
    return Image.open(io.BytesIO(source.read_bytes())).copy()


@cache
def cutout(number: int) -> Image.Image:
    """28 wide and 20 high, another piece of a colour photo for every number."""
    whole = photo(("china", "flower", "chelsea", "coffee", "astronaut")[number % 5])
    left, top = (number * 37) % (whole.width - 56), (number * 53) % (whole.height - 40)
    return whole.crop((left, top, left + 56, top + 40)).resize((28, 20))


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    later = [frame.copy() for frame in options.pop("append_images", [])]
    if later:
        options = {"save_all": True, "append_images": later, **options}
    if kind == "HEIC":
        pillow_heif.from_pillow(image.copy()).save(buffer, **options)
        return buffer.getvalue()
    image.copy().save(buffer, kind, **options)  # copies: Pillow keeps a JPEG's settings on the pictures it saved
    return buffer.getvalue()


KINDS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".gif": "GIF",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".heic": "HEIC",
    ".heif": "HEIC",
    ".hif": "HEIC",
}

_DISPLAY_P3 = {  # CIE XYZ adapted to D50, as telephones store it
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}


def profiles() -> dict[str, bytes]:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    wide = bytearray(srgb)
    for at in range(132, 132 + 12 * struct.unpack_from(">I", srgb, 128)[0], 12):
        name, where = struct.unpack_from(">4sI", srgb, at)
        if name in _DISPLAY_P3:
            struct.pack_into(">3i", wide, where + 8, *(round(part * 65536) for part in _DISPLAY_P3[name]))
    return {"srgb": srgb, "wide": bytes(wide)}


@cache
def real_files() -> Mapping[str, bytes]:
    """Small valid files of all six formats, in the kinds that people have."""
    picture, other = cutout(1), cutout(2)
    grey, palette = picture.convert("L"), picture.quantize(16)
    clear = picture.convert("RGBA")
    clear.putalpha(cutout(3).convert("L"))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a roof"
    exif.get_ifd(0x8769)[0x9003] = "2020:02:20 20:20:20"
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    return {
        "plain.jpg": encoded(picture, "JPEG"),
        "grey.jpg": encoded(grey, "JPEG"),
        "progressive.jpg": encoded(picture, "JPEG", progressive=True),
        "cmyk.jpg": encoded(picture.convert("CMYK"), "JPEG"),
        "wide.jpg": encoded(picture, "JPEG", icc_profile=profiles()["wide"]),
        "turned.jpg": encoded(picture, "JPEG", exif=exif),
        "two pictures.jpg": encoded(picture, "MPO", append_images=[other]),
        "plain.png": encoded(picture, "PNG"),
        "palette.png": encoded(palette, "PNG"),
        "clear.png": encoded(clear, "PNG"),
        "deep.png": encoded(deep, "PNG"),
        "turned.png": encoded(picture, "PNG", exif=exif),
        "animated.png": encoded(picture, "PNG", append_images=[other]),
        "plain.webp": encoded(picture, "WEBP"),
        "lossless.webp": encoded(clear, "WEBP", lossless=True),
        "turned.webp": encoded(picture, "WEBP", exif=exif),
        "animated.webp": encoded(picture, "WEBP", append_images=[other]),
        "plain.gif": encoded(palette, "GIF"),
        "animated.gif": encoded(palette, "GIF", append_images=[other.quantize(16)]),
        "plain.bmp": encoded(picture, "BMP"),
        "palette.bmp": encoded(palette, "BMP"),
        "plain.tif": encoded(picture, "TIFF"),
        "packed.tif": encoded(picture, "TIFF", compression="tiff_lzw"),
        "deflated.tif": encoded(picture, "TIFF", compression="tiff_adobe_deflate"),
        "photo inside.tif": encoded(picture, "TIFF", compression="jpeg"),
        "deep.tif": encoded(deep, "TIFF"),
        "turned.tif": encoded(picture, "TIFF", exif=exif),
        "two pages.tif": encoded(picture, "TIFF", append_images=[other]),
    }


@cache
def file_content(number: int, suffix: str) -> bytes:
    return encoded(cutout(number), KINDS[suffix])
