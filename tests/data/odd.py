"""Pictures as people have them and no test set has: every odd kind of file, made of real photographs."""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from PIL import Image

from tests.data.by_hand import (
    LONG,
    SHORT,
    bmp_that_claims,
    deep_png,
    deep_tiff,
    gif_that_claims,
    png_of,
    png_that_claims,
    tiff_directory,
)

Photo = Callable[[str], Image.Image]
Encode = Callable[..., bytes]
SIZE = (96, 64)


def odd_pictures(photo: Photo, encoded: Encode, profiles: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files by their names."""
    scene, other = photo("china").resize(SIZE), photo("flower").resize(SIZE)
    found = dict(_turned(scene, encoded))
    found |= dict(_deep(scene, encoded))
    found |= dict(_coloured(scene, other, encoded, profiles))
    found |= dict(_of_several(scene, other, encoded))
    found |= dict(_long(photo, encoded))
    found |= dict(_heic(scene, encoded))
    found |= dict(_refused(photo, encoded))
    return found


def _exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def _turned(scene: Image.Image, encoded: Encode) -> Iterator[tuple[str, bytes]]:
    for orientation in range(1, 9):
        yield f"exif {orientation}.jpg", encoded(scene, "JPEG", quality=90, exif=_exif(orientation))
    yield "exif 6.png", encoded(scene, "PNG", exif=_exif(6))
    yield "exif 8.tif", encoded(scene, "TIFF", exif=_exif(8))


def _deep(scene: Image.Image, encoded: Encode) -> Iterator[tuple[str, bytes]]:
    grey = np.asarray(scene.convert("L")).astype(np.uint16) * 257
    yield "16 bits grey.png", encoded(Image.fromarray(grey), "PNG")
    yield "16 bits grey.tif", encoded(Image.fromarray(grey), "TIFF")
    yield "16 bits grey, white is zero.tif", encoded(Image.fromarray(65535 - grey), "TIFF", tiffinfo={262: 0})
    yield "16 bits colour.png", deep_png(np.asarray(scene).astype(">u2") * 257)
    yield "16 bits colour.tif", deep_tiff(np.asarray(scene).astype("<u2") * 257, 16)
    half = (grey >> 4).astype(np.int64)
    first, second = half[:, ::2], half[:, 1::2]
    packed = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], -1).astype(np.uint8)
    yield "12 bits grey.tif", deep_tiff(packed.reshape(SIZE[1], -1), 12, width=SIZE[0])
    yield "32 bits within 16.tif", encoded(Image.fromarray(grey.astype(np.int32)), "TIFF")
    yield "32 bits.tif", encoded(Image.fromarray(grey.astype(np.int32) * 1000), "TIFF")
    yield "fractions.tif", encoded(Image.fromarray(grey.astype(np.float32) / 65535), "TIFF")


def _coloured(
    scene: Image.Image, other: Image.Image, encoded: Encode, profiles: Mapping[str, bytes]
) -> Iterator[tuple[str, bytes]]:
    cmyk = encoded(scene.convert("CMYK"), "JPEG", quality=90)
    marker = cmyk.index(b"\xff\xee")
    after = marker + 2 + struct.unpack_from(">H", cmyk, marker + 2)[0]
    yield "cmyk.jpg", cmyk
    yield "cmyk without Adobe's marker.jpg", cmyk[:marker] + cmyk[after:]
    yield "cmyk.tif", encoded(scene.convert("CMYK"), "TIFF")
    ramp = Image.fromarray(np.linspace(0, 255, SIZE[0]).round().astype(np.uint8)[None].repeat(SIZE[1], 0))
    palette = scene.quantize(64)
    yield "palette.png", encoded(palette, "PNG")
    yield "palette and alpha.png", encoded(palette, "PNG", transparency=bytes(range(0, 256, 4)))
    yield "palette and one clear colour.gif", encoded(palette, "GIF", transparency=int(np.asarray(palette)[0, 0]))
    yield "palette beside alpha.tif", encoded(Image.merge("LA", (palette.convert("L"), ramp)).convert("PA"), "TIFF")
    grey = scene.convert("LA")
    grey.putalpha(ramp)
    yield "grey and alpha.png", encoded(grey, "PNG")
    clear = scene.copy()
    clear.putalpha(ramp)
    for name, kind in (("png", "PNG"), ("webp", "WEBP"), ("tif", "TIFF")):
        yield f"colour and alpha.{name}", encoded(clear, kind)
    yield "1 bit.png", encoded(scene.convert("1"), "PNG")
    yield "1 bit.tif", encoded(scene.convert("1"), "TIFF", compression="group4")
    yield "1 bit.bmp", encoded(scene.convert("1"), "BMP")
    yield "white is zero.tif", encoded(scene.convert("L"), "TIFF", tiffinfo={262: 0})
    yield "lab.tif", encoded(scene.convert("LAB"), "TIFF")
    yield "ycbcr.tif", encoded(scene.convert("YCbCr"), "TIFF")
    yield "srgb profile.jpg", encoded(other, "JPEG", quality=90, icc_profile=profiles["srgb"])
    yield "wide profile.jpg", encoded(other, "JPEG", quality=90, icc_profile=profiles["wide"])
    yield "broken profile.png", encoded(other, "PNG", icc_profile=b"profile")


def _of_several(scene: Image.Image, other: Image.Image, encoded: Encode) -> Iterator[tuple[str, bytes]]:
    yield "animated.gif", encoded(scene.quantize(64), "GIF", append_images=[other.quantize(64)])
    yield "animated.webp", encoded(scene, "WEBP", append_images=[other])
    yield "animated.png", encoded(scene, "PNG", append_images=[other])
    yield "two pages.tif", encoded(scene, "TIFF", append_images=[other])
    yield "two pages packed.tif", encoded(scene, "TIFF", append_images=[other], compression="tiff_lzw")
    yield "camera with preview.jpg", encoded(scene, "MPO", quality=90, append_images=[other])
    yield "camera on its side.jpg", encoded(scene, "MPO", quality=90, append_images=[other], exif=_exif(6))


def _long(photo: Photo, encoded: Encode) -> Iterator[tuple[str, bytes]]:
    row = photo("china").crop((0, 200, 640, 201))
    yield "1x1.png", encoded(row.crop((300, 0, 301, 1)), "PNG")
    yield "20000x1.jpg", encoded(row.resize((20_000, 1)), "JPEG", quality=90)
    yield "65535x1.png", encoded(row.resize((65_535, 1)), "PNG")
    yield "1x65535.tif", encoded(row.resize((65_535, 1)).transpose(Image.Transpose.ROTATE_90), "TIFF")
    yield "large.jpg", encoded(photo("china").resize((1200, 800)), "JPEG", quality=80, progressive=True)


def _heic(scene: Image.Image, encoded: Encode) -> Iterator[tuple[str, bytes]]:
    yield "telephone.heic", encoded(scene, "HEIC", quality=90)
    yield "telephone on its side.heic", encoded(scene, "HEIC", quality=90, exif=_exif(6).tobytes())
    yield "telephone cut short.heic", encoded(scene, "HEIC", quality=90)[:1000]
    yield "not a jpeg.jpg", encoded(scene, "HEIC", quality=90)
    yield "no heic.heic", encoded(scene, "AVIF")


def _refused(photo: Photo, encoded: Encode) -> Iterator[tuple[str, bytes]]:
    whole = encoded(photo("chelsea").resize((300, 200)), "JPEG", quality=90)
    for share in range(5, 100, 10):
        yield f"cut at {share} of 100.jpg", whole[: len(whole) * share // 100]
    for name, kind in (("png", "PNG"), ("gif", "GIF"), ("webp", "WEBP"), ("bmp", "BMP"), ("tif", "TIFF")):
        image = encoded(photo("chelsea").resize(SIZE), kind)
        yield f"cut in the middle.{name}", image[: len(image) // 2]
    yield "empty.jpg", b""
    yield "page.jpg", b"<!DOCTYPE html>\n<html><title>Not found</title></html>\n"
    yield "text.png", b"notes about the pictures\n"
    yield "bomb.png", png_that_claims(30_000, 30_000)
    yield "bomb.gif", gif_that_claims(65_535, 65_535)
    yield "bomb.bmp", bmp_that_claims(40_000, 40_000)
    size = [(256, LONG, 1, 100_000), (257, LONG, 1, 100_000), (258, SHORT, 1, 1), (262, SHORT, 1, 1), (273, LONG, 1, 8)]
    yield "bomb.tif", b"II*\0" + struct.pack("<I", 8) + tiff_directory(*size)
    yield "no rows.png", png_of(struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0), zlib.compress(b""))
    yield "no width.png", png_of(struct.pack(">IIBBBBB", 0, 8, 8, 2, 0, 0, 0), zlib.compress(b""))
