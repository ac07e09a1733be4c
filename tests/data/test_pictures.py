"""Decoding: whatever a file holds, out comes one upright picture in mode L or RGB, or an Unreadable with a reason."""

import gc
import io
import os
import random
import struct
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from striate.data.pictures import SUFFIXES, Picture, Unreadable, decode
from striate.words import LANGUAGES, say
from tests.data.by_hand import (
    ASCII,
    FLOAT,
    LONG,
    SHORT,
    bmp_that_claims,
    deep_png,
    deep_tiff,
    gif_that_claims,
    png_that_claims,
    tiff_directory,
)

_ORIENTATION = 0x0112


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(np.int64)


def as_a_camera_stores_it(upright: np.ndarray, orientation: int) -> np.ndarray:
    """What lies in the file: EXIF 2.32 says at which side of the scene the file's first row and first column lie."""
    return {
        1: upright,  # top, left
        2: upright[:, ::-1],  # top, right
        3: upright[::-1, ::-1],  # bottom, right
        4: upright[::-1],  # bottom, left
        5: upright.swapaxes(0, 1),  # left, top
        6: upright[:, ::-1].swapaxes(0, 1),  # right, top
        7: upright[::-1, ::-1].swapaxes(0, 1),  # right, bottom
        8: upright[::-1].swapaxes(0, 1),  # left, bottom
    }[orientation]


def with_orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[_ORIENTATION] = value
    return exif


def on_white(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """alpha * colour + (1 - alpha) * white."""
    return (colour * alpha + 255 * (255 - alpha)) / 255


def outcome(source: Path | bytes) -> str:
    """What decoding ends with: "picture", the reason of an Unreadable, or the exception or warning that got out."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            result = decode(source).image.mode
        except Unreadable as error:
            result = error.reason
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:70]
    if heard:
        return f"{heard[0].category.__name__}: {heard[0].message}"[:70]
    return "picture" if result in ("L", "RGB") else result


ALLOWED = {"picture", "empty", "no_picture", "truncated", "damaged", "too_large", "float_pixels"}
ELSEWHERE = {"denied", "missing", "no_file", "web_page", "heic", "wide_pixels"}


@pytest.fixture(scope="module")
def scene(cutout):
    """28 x 20, not alike under any turn or mirroring."""
    return np.asarray(cutout(11))


@pytest.fixture(scope="module")
def every_value():
    return np.arange(65536, dtype=np.uint16).reshape(256, 256)


class TestUpright:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})])
    def test_every_orientation_of_a_lossless_file_comes_out_upright_to_the_pixel(
        self, scene, encoded, kind, options, orientation
    ):
        stored = Image.fromarray(as_a_camera_stores_it(scene, orientation))
        content = encoded(stored, kind, exif=with_orientation(orientation), **options)
        assert np.array_equal(pixels(decode(content).image), scene)

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_every_orientation_of_a_jpeg_comes_out_upright(self, photo, encoded, orientation):
        scene = np.asarray(photo("chelsea").resize((150, 100)))
        stored = Image.fromarray(as_a_camera_stores_it(scene, orientation))
        found = decode(encoded(stored, "JPEG", quality=95, exif=with_orientation(orientation)))
        assert found.image.size == (150, 100)
        assert np.abs(pixels(found.image) - scene).mean() < 3
        assert found.notes == (() if orientation == 1 else ("rotated",))

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
    def test_a_picture_that_was_turned_is_noted(self, scene, encoded, kind):
        content = encoded(Image.fromarray(scene), kind, exif=with_orientation(6))
        assert decode(content).notes == ("rotated",)

    @pytest.mark.parametrize("value", [0, 9, 65535])
    def test_an_orientation_that_exif_does_not_know_turns_nothing_and_is_not_noted(self, scene, encoded, value):
        found = decode(encoded(Image.fromarray(scene), "PNG", exif=with_orientation(value)))
        assert np.array_equal(pixels(found.image), scene)
        assert found.notes == ()

    def test_a_grey_picture_is_turned_too(self, scene, encoded):
        grey = np.ascontiguousarray(scene[..., 1])
        content = encoded(Image.fromarray(as_a_camera_stores_it(grey, 8)), "PNG", exif=with_orientation(8))
        assert np.array_equal(pixels(decode(content).image), grey)


class TestDepth:
    def test_sixteen_bit_grey_png_is_scaled_and_not_clipped(self, every_value, encoded):
        found = decode(encoded(Image.fromarray(every_value), "PNG"))
        assert found.image.mode == "L"
        assert np.array_equal(pixels(found.image), np.round(every_value / 257))
        assert found.notes == ("sixteen_bit",)

    @pytest.mark.parametrize("order", ["<u2", ">u2"])
    def test_sixteen_bit_tiff_of_either_byte_order_is_scaled(self, every_value, encoded, order):
        found = decode(encoded(Image.fromarray(every_value.astype(order)), "TIFF"))
        assert found.image.mode == "L"
        assert np.array_equal(pixels(found.image), np.round(every_value / 257))
        assert found.notes == ("sixteen_bit",)

    def test_a_tiff_whose_zero_is_white_is_no_negative_at_either_depth(self, photo, encoded):
        camera = np.asarray(photo("camera").resize((96, 64)))
        white_is_zero = {262: 0}  # TIFF 6.0, PhotometricInterpretation
        shallow = encoded(Image.fromarray(camera), "TIFF", tiffinfo=white_is_zero)
        assert np.array_equal(pixels(decode(shallow).image), camera)
        stored = 65535 - camera.astype(np.uint16) * 257  # Pillow inverts 8 bits as it writes, and not 16
        deep = encoded(Image.fromarray(stored), "TIFF", tiffinfo=white_is_zero)
        assert np.array_equal(pixels(decode(deep).image), camera)

    def test_a_photo_stored_in_sixteen_bits_is_the_same_photo(self, photo, encoded):
        camera = photo("camera").resize((128, 128))
        deep = Image.fromarray(np.asarray(camera).astype(np.uint16) * 257)
        assert np.array_equal(pixels(decode(encoded(deep, "PNG")).image), pixels(camera))

    def test_a_sixteen_bit_picture_is_turned_upright_as_well(self, every_value, encoded):
        wide = every_value[:100]
        stored = Image.fromarray(np.ascontiguousarray(as_a_camera_stores_it(wide, 6)))
        found = decode(encoded(stored, "PNG", exif=with_orientation(6)))
        assert np.array_equal(pixels(found.image), np.round(wide / 257))
        assert found.notes == ("rotated", "sixteen_bit")

    @pytest.mark.parametrize(("kind", "byte_order"), [("PNG", ">"), ("TIFF", "<")])
    def test_colours_of_sixteen_bits_keep_their_upper_eight_and_are_noted(self, photo, kind, byte_order):
        scene = np.asarray(photo("coffee").resize((60, 40)))
        deep = scene.astype(f"{byte_order}u2") * 257
        content = deep_png(deep) if kind == "PNG" else deep_tiff(deep, 16)
        found = decode(content)
        assert np.array_equal(pixels(found.image), scene)
        assert found.notes == ("sixteen_bit",)

    def test_twelve_bits_are_scaled_by_their_own_range(self):
        ramp = np.linspace(0, 4095, 64).round().astype(np.int64)[None].repeat(4, 0)
        first, second = ramp[:, ::2], ramp[:, 1::2]  # two pixels in three bytes (TIFF 6.0, section 8)
        packed = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], -1).astype(np.uint8)
        found = decode(deep_tiff(packed.reshape(4, 96), 12, width=64))
        assert np.array_equal(pixels(found.image), np.round(ramp * 255 / 4095))
        assert found.notes == ("sixteen_bit",)

    @pytest.mark.parametrize("value", [-1, 65_536, 2**31 - 1])
    def test_numbers_past_sixteen_bits_are_refused_and_not_clipped(self, encoded, value):
        wide = np.full((8, 8), 1000, np.int32)
        assert outcome(encoded(Image.fromarray(wide), "TIFF")) == "picture"
        wide[3, 3] = value
        assert outcome(encoded(Image.fromarray(wide), "TIFF")) == "wide_pixels"

    def test_one_bit_is_black_and_white(self, photo, encoded):
        drawn = photo("camera").resize((96, 64)).convert("1")
        expected = np.where(np.asarray(drawn), 255, 0)
        for kind in ("PNG", "TIFF", "BMP"):
            found = decode(encoded(drawn, kind))
            assert found.image.mode == "L", kind
            assert np.array_equal(pixels(found.image), expected), kind

    def test_fractions_without_a_scale_are_refused(self, photo, encoded):
        content = encoded(Image.fromarray(np.asarray(photo("camera").resize((32, 32)), np.float32) / 255), "TIFF")
        with pytest.raises(Unreadable) as caught:
            decode(content)
        assert caught.value.reason == "float_pixels"


class TestColour:
    def test_plain_pictures_are_left_as_they_are_and_nothing_is_noted(self, photo, encoded):
        for name, mode in (("chelsea", "RGB"), ("coins", "L")):
            found = decode(encoded(photo(name), "PNG"))
            assert found.image.mode == mode
            assert np.array_equal(pixels(found.image), pixels(photo(name)))
            assert found.notes == ()

    def test_a_cmyk_jpeg_shows_the_same_colours(self, photo, encoded):
        flower = photo("flower").resize((160, 107))
        found = decode(encoded(flower.convert("CMYK"), "JPEG", quality=95))
        assert found.image.mode == "RGB"
        assert np.abs(pixels(found.image) - pixels(flower)).mean() < 4
        assert found.notes == ("converted",)

    def test_a_palette_png_has_the_colours_of_its_palette(self, photo, encoded):
        palette = photo("coffee").resize((120, 80)).quantize(64)
        colours = np.array(palette.getpalette()).reshape(-1, 3)
        found = decode(encoded(palette, "PNG"))
        assert np.array_equal(pixels(found.image), colours[np.asarray(palette)])

    def test_a_palette_png_with_alpha_is_laid_on_white(self, photo, encoded):
        palette = photo("coffee").resize((120, 80)).quantize(64)
        alpha = np.linspace(0, 255, 64).round().astype(np.int64)
        colours = np.array(palette.getpalette()).reshape(-1, 3)[:64]
        at = np.asarray(palette)
        found = decode(encoded(palette, "PNG", transparency=bytes(alpha.tolist())))
        assert found.image.mode == "RGB"
        assert np.abs(pixels(found.image) - on_white(colours[at], alpha[at][..., None])).max() <= 1
        assert found.notes == ("transparent",)

    def test_rgba_is_laid_on_white(self, photo, encoded):
        chelsea = photo("chelsea").resize((150, 100))
        alpha = np.linspace(0, 255, 150).round().astype(np.uint8)[None].repeat(100, 0)
        clear = chelsea.copy()
        clear.putalpha(Image.fromarray(alpha))
        for kind in ("PNG", "TIFF"):
            found = decode(encoded(clear, kind))
            assert found.image.mode == "RGB", kind
            expected = on_white(pixels(chelsea), alpha.astype(np.int64)[..., None])
            assert np.abs(pixels(found.image) - expected).max() <= 1, kind
            assert np.array_equal(pixels(found.image)[:, -1], pixels(chelsea)[:, -1]), kind
            assert (pixels(found.image)[:, 0] == 255).all(), kind
            assert found.notes == ("transparent",), kind

    def test_a_cut_out_shape_stands_on_white_and_not_on_what_is_hidden_under_it(self, photo, encoded):
        flower = photo("flower").resize((160, 107))
        shape = np.asarray(flower)[..., 0] > 150  # the petals
        clear = flower.copy()
        clear.putalpha(Image.fromarray(shape.astype(np.uint8) * 255))
        for kind, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True}), ("TIFF", {})):
            found = pixels(decode(encoded(clear, kind, **options)).image)
            assert np.array_equal(found, np.where(shape[..., None], pixels(flower), 255)), kind

    def test_grey_with_alpha_stays_grey_and_is_laid_on_white(self, photo, encoded):
        camera = photo("camera").resize((128, 96))
        alpha = np.linspace(0, 255, 128).round().astype(np.uint8)[None].repeat(96, 0)
        clear = camera.convert("LA")
        clear.putalpha(Image.fromarray(alpha))
        found = decode(encoded(clear, "PNG"))
        assert found.image.mode == "L"
        assert np.abs(pixels(found.image) - on_white(pixels(camera), alpha.astype(np.int64))).max() <= 1
        assert found.notes == ("transparent",)

    def test_a_single_transparent_grey_turns_white(self, photo, encoded):
        coins = photo("coins")
        key = int(np.asarray(coins)[100, 100])
        found = pixels(decode(encoded(coins, "PNG", transparency=key)).image)
        expected = np.where(pixels(coins) == key, 255, pixels(coins))
        assert np.array_equal(found if found.ndim == 2 else found[..., 1], expected)


class TestProfile:
    @pytest.mark.parametrize(
        ("kind", "options"), [("JPEG", {}), ("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})]
    )
    def test_a_profile_is_not_applied_and_noted_where_it_is_another_than_srgb(
        self, cutout, encoded, profiles, kind, options
    ):
        plain = decode(encoded(cutout(3), kind, **options))
        assert plain.notes == ()
        for name, notes in (("srgb", ()), ("wide", ("icc",))):
            found = decode(encoded(cutout(3), kind, icc_profile=profiles[name], **options))
            assert np.array_equal(pixels(found.image), pixels(plain.image)), name
            assert found.notes == notes, name

    @pytest.mark.parametrize("profile", [b"x", bytes(200), b"\xff" * 400], ids=["short", "zeros", "no end"])
    def test_a_broken_profile_is_another_than_srgb(self, cutout, encoded, profile):
        assert decode(encoded(cutout(3), "PNG", icc_profile=profile)).notes == ("icc",)


class TestHeic:
    """High Efficiency Image Files, as telephones write them."""

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_every_orientation_comes_out_upright(self, photo, encoded, orientation):
        scene = np.asarray(photo("chelsea").resize((152, 104)))
        stored = Image.fromarray(np.ascontiguousarray(as_a_camera_stores_it(scene, orientation)))
        found = decode(encoded(stored, "HEIC", quality=90, exif=with_orientation(orientation).tobytes()))
        assert found.image.size == (152, 104)
        assert np.abs(pixels(found.image) - scene).mean() < 4
        assert found.notes == (() if orientation == 1 else ("rotated",))

    def test_a_clear_one_is_laid_on_white(self, photo, encoded):
        clear = photo("flower").resize((160, 106))
        clear.putalpha(Image.new("L", clear.size, 0))
        found = decode(encoded(clear, "HEIC", quality=-1))
        assert (pixels(found.image) == 255).all()
        assert found.notes == ("transparent",)

    def test_a_thumbnail_inside_is_never_taken_for_the_picture(self, photo):
        large = photo("china")
        content = io.BytesIO()
        with_thumbnail = pillow_heif.from_pillow(large)
        with_thumbnail.info["thumbnails"] = [320]
        with_thumbnail.save(content, quality=60)
        assert decode(content.getvalue(), (64, 64)).image.size == large.size

    def test_without_its_package_it_is_refused_with_what_to_install(self, cutout, encoded, tmp_path, monkeypatch):
        path = tmp_path / "photo.jpg"  # whatever its name
        path.write_bytes(encoded(cutout(1), "HEIC"))
        assert outcome(path) == "picture"
        monkeypatch.setitem(sys.modules, "pillow_heif", None)
        assert outcome(path) == "heic"
        for language in LANGUAGES:
            assert "pip install 'striate[heic]'" in say("unreadable.heic", language)

    def test_pillow_is_not_told_of_it(self):
        code = (
            "import io, sys, pillow_heif; from PIL import Image; from striate.data.pictures import decode;"
            "file = io.BytesIO(); pillow_heif.from_pillow(Image.new('RGB', (64, 64))).save(file);"
            "Image.init(); before = sorted(Image.OPEN), sorted(Image.SAVE), sorted(Image.EXTENSION);"
            "decode(file.getvalue());"
            "sys.exit((sorted(Image.OPEN), sorted(Image.SAVE), sorted(Image.EXTENSION)) != before)"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

    def test_one_cut_short_anywhere_is_a_picture_or_a_reason(self, cutout, encoded):
        whole = encoded(cutout(1), "HEIC")
        ends = {outcome(whole[:at]) for at in range(0, len(whole), 11)}
        assert ends <= ALLOWED
        assert outcome(whole[: len(whole) // 2]) in ("damaged", "truncated")

    def test_an_avif_is_no_heic(self, cutout, encoded):
        whole = encoded(cutout(1), "AVIF")
        assert outcome(whole) == "no_picture"
        assert outcome(whole.replace(b"ftypavif", b"ftypmif1", 1)) == "no_picture"


class TestFirstFrame:
    @pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})])
    def test_of_several_frames_the_first_is_taken(self, cutout, encoded, kind, options):
        content = encoded(cutout(5), kind, append_images=[cutout(6), cutout(7)], **options)
        found = decode(content)
        assert np.array_equal(pixels(found.image), pixels(cutout(5)))
        assert "first_frame" in found.notes

    def test_of_an_animated_gif_the_first_frame_is_taken(self, cutout, encoded):
        first = cutout(5).quantize(64)
        found = decode(encoded(first, "GIF", append_images=[cutout(6).quantize(64)]))
        assert np.array_equal(pixels(found.image), pixels(first.convert("RGB")))
        assert "first_frame" in found.notes

    def test_of_a_camera_file_with_a_preview_the_picture_is_taken(self, cutout, encoded):
        found = decode(encoded(cutout(5), "MPO", append_images=[cutout(6)]))
        plain = decode(encoded(cutout(5), "JPEG"))
        assert np.array_equal(pixels(found.image), pixels(plain.image))
        assert found.notes == ("first_frame",)

    def test_files_found_in_the_wild_give_their_first_frame(self):
        for name, frames in (("no_time_for_that_tiny.gif", 24), ("multipage.tif", 2)):
            path = Path(str(files("skimage") / "data" / name))
            with Image.open(path) as opened:
                assert opened.n_frames == frames
                expected = pixels(opened.convert("RGB"))
            found = decode(path)
            assert "first_frame" in found.notes
            assert np.array_equal(pixels(found.image.convert("RGB")), expected)


class TestRefused:
    @pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
    @pytest.mark.parametrize(("kind", "options"), [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {})])
    def test_a_photo_cut_short_is_truncated_or_damaged(self, photo, encoded, tmp_path, kind, options, share):
        whole = encoded(photo("chelsea").resize((150, 100)), kind, **options)
        path = tmp_path / "cut"
        path.write_bytes(whole[: int(len(whole) * share)])
        for source in (path, path.read_bytes()):
            with pytest.raises(Unreadable) as caught:
                decode(source)
            assert caught.value.reason in ("truncated", "damaged")

    def test_a_jpeg_cut_short_is_called_truncated(self, photo, encoded):
        whole = encoded(photo("chelsea").resize((150, 100)), "JPEG")
        with pytest.raises(Unreadable) as caught:
            decode(whole[: len(whole) // 2])
        assert caught.value.reason == "truncated"

    def test_no_file_cut_short_anywhere_ends_in_anything_but_a_picture_or_a_reason(self, real_files):
        ends = {(name, outcome(whole[:at])) for name, whole in real_files.items() for at in range(0, len(whole), 7)}
        assert {end for end in ends if end[1] not in ALLOWED} == set()

    def test_an_animated_gif_cut_short_at_any_byte_is_a_picture_or_unreadable(self, real_files):
        whole = real_files["animated.gif"]
        assert {outcome(whole[:at]) for at in range(len(whole))} <= ALLOWED

    @pytest.mark.parametrize(
        "content",
        [b"\xff", b"these are notes about the pictures\n" * 40, bytes(5000)],
        ids=["one byte", "text", "zeros"],
    )
    def test_what_is_no_picture_is_refused_whatever_its_name(self, tmp_path, content):
        path = tmp_path / "holiday.jpg"
        path.write_bytes(content)
        for source in (path, content):
            with pytest.raises(Unreadable) as caught:
                decode(source)
            assert caught.value.reason == "no_picture"

    @pytest.mark.parametrize("kind", ["EPS", "PPM", "ICO", "TGA", "JPEG2000", "AVIF", "PCX", "SGI", "DDS", "PDF"])
    def test_formats_that_are_not_allowed_are_refused_under_an_allowed_name(self, photo, encoded, tmp_path, kind):
        path = tmp_path / "photo.png"
        path.write_bytes(encoded(photo("chelsea").resize((64, 64)), kind))
        with pytest.raises(Unreadable) as caught:
            decode(path)
        assert caught.value.reason == "no_picture"

    def test_a_photoshop_file_is_refused(self, photo, tmp_path):
        red = np.asarray(photo("chelsea").resize((16, 16)))[..., 0].tobytes()
        header = b"8BPS" + struct.pack(">H6xHIIHH", 1, 1, 16, 16, 8, 1)
        path = tmp_path / "photo.jpg"
        path.write_bytes(header + struct.pack(">IIIH", 0, 0, 0, 0) + red)
        with Image.open(path) as opened:
            assert opened.format == "PSD"  # so Pillow would read it
        with pytest.raises(Unreadable) as caught:
            decode(path)
        assert caught.value.reason == "no_picture"

    def test_a_file_that_may_not_be_read_is_told_apart_from_a_damaged_one(self, real_files, tmp_path):
        path = tmp_path / "locked.jpg"
        path.write_bytes(real_files["plain.jpg"])
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("this user may read everything")
        with pytest.raises(Unreadable) as caught:
            decode(path)
        assert caught.value.reason == "denied"

    def test_a_file_without_a_byte_is_called_empty(self, tmp_path):
        path = tmp_path / "empty.jpg"
        path.write_bytes(b"")
        assert {outcome(path), outcome(b"")} == {"empty"}

    @pytest.mark.parametrize(
        "content",
        [b"<!DOCTYPE html><title>404</title>", b"\xef\xbb\xbf\n <html lang=ko>", b"<HTML><body>Sign in</body></HTML>"],
        ids=["with its type", "after a mark and a space", "in capitals"],
    )
    def test_a_page_that_was_stored_under_the_name_of_a_picture_is_called_a_web_page(self, tmp_path, content):
        path = tmp_path / "photo.jpg"
        path.write_bytes(content)
        assert {outcome(path), outcome(content)} == {"web_page"}

    def test_what_is_not_there_is_called_missing(self, tmp_path):
        (tmp_path / "file").write_bytes(b"notes")
        loop = tmp_path / "loop.jpg"
        loop.symlink_to(loop)
        odd = (tmp_path / "gone.jpg", tmp_path / "file" / "1.jpg", tmp_path / ("a" * 300), loop, Path("a\0b.jpg"))
        assert {outcome(path) for path in odd} == {"missing"}

    def test_a_folder_a_pipe_and_a_device_are_no_files_and_keep_nobody_waiting(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.jpg")
        (tmp_path / "zeros.jpg").symlink_to("/dev/zero")
        odd = (tmp_path, tmp_path / "pipe.jpg", tmp_path / "zeros.jpg", Path("/dev/null"))
        assert {outcome(path) for path in odd} == {"no_file"}

    @pytest.mark.parametrize("reason", sorted(ALLOWED - {"picture"} | ELSEWHERE))
    def test_every_reason_has_its_words_in_every_language(self, reason):
        assert all(say(f"unreadable.{reason}", language) for language in LANGUAGES)

    def test_every_note_has_its_words_in_every_language(self, real_files):
        notes = {note for content in real_files.values() for note in decode(content).notes}
        assert notes == {"first_frame", "rotated", "sixteen_bit", "transparent", "converted", "icc"}
        for note in notes:
            assert all(say(f"note.{note}", language, count=2, names="a, b") for language in LANGUAGES)


class TestSize:
    @pytest.mark.parametrize(
        "content",
        [
            png_that_claims(10_001, 10_000),
            png_that_claims(20_000, 20_000),
            png_that_claims(2**31 - 1, 2**31 - 1),
            gif_that_claims(65_535, 65_535),
            bmp_that_claims(40_000, 40_000),
        ],
        ids=["just above", "four times", "beyond all memory", "GIF", "BMP"],
    )
    def test_a_header_that_claims_more_than_a_hundred_million_pixels_is_refused(self, tmp_path, content):
        path = tmp_path / "bomb"
        path.write_bytes(content)
        for source in (path, content):
            with pytest.raises(Unreadable) as caught:
                decode(source)
            assert caught.value.reason == "too_large"

    def test_a_header_that_claims_no_more_than_that_is_not_refused_for_its_size(self):
        for width, height in ((9_400, 9_500), (9_500, 10_000), (10_000, 10_000)):
            with pytest.raises(Unreadable) as caught:
                decode(png_that_claims(width, height))
            assert caught.value.reason == "truncated", f"{width}x{height}"

    def test_pillows_warning_of_a_size_is_no_error_up_to_a_hundred_million_pixels_and_one_beyond(self):
        with pytest.raises(Unreadable) as caught:
            decode(png_that_claims(12_000, 12_000))
        assert "decompression bomb" in caught.value.detail


class TestSources:
    def test_a_path_and_its_bytes_give_the_same_pixels_and_notes(self, real_files, tmp_path):
        for name, content in real_files.items():
            path = tmp_path / name
            path.write_bytes(content)
            from_path, from_bytes = decode(path), decode(content)
            assert from_path.image.mode == from_bytes.image.mode, name
            assert np.array_equal(pixels(from_path.image), pixels(from_bytes.image)), name
            assert from_path.notes == from_bytes.notes, name

    def test_the_large_photos_give_the_same_pixels_as_a_path_and_as_bytes(self, photo, encoded, tmp_path):
        for suffix, kind in ((".jpg", "JPEG"), (".tif", "TIFF"), (".webp", "WEBP")):
            path = tmp_path / f"china{suffix}"
            path.write_bytes(encoded(photo("china"), kind))
            assert np.array_equal(pixels(decode(path).image), pixels(decode(path.read_bytes()).image)), kind

    def test_every_format_decodes_whatever_its_name(self, real_files, tmp_path):
        for name, content in real_files.items():
            path = tmp_path / "misnamed.jpg"
            path.write_bytes(content)
            assert decode(path).image.mode in ("L", "RGB"), name

    def test_every_suffix_that_counts_as_a_picture_is_one_that_decodes(self, plant):
        root = plant(f"photo{suffix}" for suffix in SUFFIXES)
        for suffix in SUFFIXES:
            assert decode(root / f"photo{suffix}").image.size == (28, 20), suffix

    def test_a_picture_outlives_its_file(self, real_files, tmp_path):
        for name, content in real_files.items():
            path = tmp_path / name
            path.write_bytes(content)
            image = decode(path).image
            path.unlink()
            assert type(image) is Image.Image, name  # not one of Pillow's that reads its file later
            assert np.array_equal(pixels(image), pixels(decode(content).image)), name

    def test_no_file_is_left_open(self, real_files, tmp_path):
        ends = set()
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            for name, content in real_files.items():
                for at in (len(content) // 3, len(content) // 2, len(content)):
                    (tmp_path / name).write_bytes(content[:at])
                    ends.add(outcome(tmp_path / name))
            gc.collect()
        ends |= {str(each.message) for each in heard}
        assert [end for end in ends if "unclosed" in end] == []


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A few bytes replaced, taken out, put in, or everything after one cut off; half of the time near the head."""
    changed = bytearray(content)
    near_the_head = chance.random() < 0.5
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(min(len(changed), 400) if near_the_head else len(changed))
        what = chance.random()
        if what < 0.6:
            changed[at] = chance.randrange(256)
        elif what < 0.75:
            del changed[at : at + min(chance.randrange(1, 9), max(0, len(changed) - 20))]
        elif what < 0.9:
            changed[at:at] = chance.randbytes(chance.randrange(1, 9))
        elif at > 8:
            del changed[at:]
    return bytes(changed)


def exif_block(*entries: tuple[int, int, int, int]) -> bytes:
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + tiff_directory(*entries)


_TURNED = (_ORIENTATION, SHORT, 1, 6)


class TestDamage:
    @pytest.mark.parametrize("seed", range(4))
    def test_random_damage_gives_a_picture_or_unreadable_and_never_another_exception_or_warning(self, real_files, seed):
        chance = random.Random(seed)
        ends = {
            (name, outcome(mutated(content, chance))) for name, content in sorted(real_files.items()) for _ in range(60)
        }
        assert {end for end in ends if end[1] not in ALLOWED} == set()
        assert {end for _, end in ends} >= {"picture", "no_picture", "truncated", "damaged"}  # so the damage is varied

    def test_random_damage_in_files_by_path_as_well(self, real_files, tmp_path):
        chance = random.Random(9)
        ends = set()
        for name, content in sorted(real_files.items()):
            for _ in range(10):
                (tmp_path / name).write_bytes(mutated(content, chance))
                ends.add((name, outcome(tmp_path / name)))
        assert {end for end in ends if end[1] not in ALLOWED} == set()

    @pytest.mark.parametrize(
        "entries",
        [
            [(0x010E, ASCII, 900_000, 26)],
            [_TURNED, (0x010E, ASCII, 900_000, 26)],
            [(0x8769, LONG, 1, 60_000)],
            [(0x011A, 5, 1, 9_000)],
        ],
        ids=["too long a text", "turned, too long a text", "a directory beyond the end", "a resolution beyond the end"],
    )
    def test_broken_metadata_of_a_whole_photo_is_passed_over_without_a_warning(self, cutout, encoded, entries):
        content = encoded(cutout(1), "JPEG", exif=exif_block(*entries))
        assert outcome(content) == "picture"

    @pytest.mark.parametrize(
        "entry",
        [(0x0110, FLOAT, 1, 0), (0x0100, ASCII, 2, 0x41), (0x0100, FLOAT, 1, 0), (0x011A, ASCII, 2, 0x41)],
        ids=["camera model a number", "width a text", "width a fraction", "resolution a text"],
    )
    def test_metadata_of_the_wrong_type_in_a_turned_photo_is_passed_over(self, scene, cutout, encoded, entry):
        content = encoded(cutout(11), "JPEG", quality=95, exif=exif_block(_TURNED, entry))
        assert outcome(content) == "picture"
        turned = np.rot90(scene, -1)
        assert np.abs(pixels(decode(content).image) - turned).mean() < 8

    def test_a_camera_file_that_lost_its_preview_is_read_without_a_warning(self, cutout, encoded):
        content = encoded(cutout(1), "MPO", append_images=[cutout(2)])
        at = content.index(b"MPF\0") + 4
        broken = content[:at] + b"XX" + content[at + 2 :]
        assert outcome(broken) in ALLOWED
        whole = encoded(cutout(1), "MPO", append_images=[cutout(2)])
        start = whole.index(b"\xff\xd8\xff", 4)
        assert outcome(whole[:start]) in ALLOWED

    def test_a_tiff_whose_second_page_is_broken_is_a_picture_or_unreadable(self, real_files):
        content = real_files["plain.tif"]
        directory = struct.unpack_from("<I", content, 4)[0]
        next_page = directory + 2 + 12 * struct.unpack_from("<H", content, directory)[0]
        broken = content[:next_page] + struct.pack("<I", len(content)) + content[next_page + 4 :]
        assert outcome(broken + tiff_directory((0x010E, ASCII, 1, 0x41))) in ALLOWED


class TestThreads:
    def test_decoding_in_several_threads_gives_what_decoding_one_by_one_gives(self, real_files):
        several = sorted(real_files.values()) * 6
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(lambda content: decode(content).image.tobytes(), several))
        assert together == [decode(content).image.tobytes() for content in several]

    def test_decoding_in_several_threads_leaves_the_warning_filters_as_they_were(self, photo, encoded):
        content = encoded(photo("chelsea"), "JPEG")
        before = list(warnings.filters)
        for _ in range(8):
            with ThreadPoolExecutor(4) as pool:
                assert all(isinstance(each, Picture) for each in pool.map(decode, [content] * 60))
            assert list(warnings.filters) == before
