"""JPEGs that are larger than needed come at a reduced scale: enough for the view, and the same for everyone."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from PIL import Image

from striate.crops import Crops
from striate.data import canvases
from striate.data.crops import cut, least_for, settled
from striate.data.folder import scan
from striate.data.pictures import Unreadable, decode
from striate.data.views import THINNEST, canvas, canvas_shape, least_of
from striate.recipe import View
from tests.data.seeing import assert_same, in_every_way, in_training, plain

ORIENTATIONS = range(1, 9)
WIDE, HIGH = (900, 600), (600, 900)


def stored(upright: Image.Image, orientation: int) -> tuple[Image.Image, Image.Exif]:
    """As a camera that was held so stores it."""
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    return upright.transpose(back[orientation]) if orientation in back else upright, exif


@pytest.fixture(scope="module")
def taken(photo, encoded):
    """A JPEG of a photo: taken(size, orientation, kind="JPEG")."""

    def made(size: tuple[int, int], orientation: int, kind: str = "JPEG", **options) -> bytes:
        image, exif = stored(photo("china").resize(size), orientation)
        return encoded(image, kind, exif=exif, **options)

    return made


class TestScale:
    @pytest.mark.parametrize("orientation", ORIENTATIONS)
    @pytest.mark.parametrize("size", [WIDE, HIGH], ids=["wide", "high"])
    def test_it_is_the_smallest_that_leaves_both_sides_as_asked_of_the_upright_picture(self, taken, size, orientation):
        content = taken(size, orientation)
        for least in product((1, 75, 76, 150, 224, 300, 301, 600), (1, 112, 113, 225, 450, 451, 900)):
            height, width = size[1], size[0]
            scale = max((s for s in (1, 2, 4, 8) if height // s >= least[0] and width // s >= least[1]), default=1)
            found = decode(content, least).image
            assert found.size == (-(-width // scale), -(-height // scale)), least

    @pytest.mark.parametrize("orientation", ORIENTATIONS)
    def test_it_is_the_same_picture_upright_and_the_same_notes(self, taken, orientation):
        content = taken(WIDE, orientation)
        whole, reduced = decode(content), decode(content, (150, 225))
        assert reduced.image.size == (225, 150)
        shrunk = np.asarray(whole.image.reduce(4)).astype(int)
        assert np.abs(np.asarray(reduced.image).astype(int) - shrunk).mean() < 3
        assert reduced.notes == whole.notes

    @pytest.mark.parametrize(
        ("kind", "options"), [("JPEG", {"progressive": True}), ("JPEG", {"subsampling": 0}), ("MPO", {})]
    )
    def test_every_kind_of_jpeg_is_reduced(self, taken, photo, kind, options):
        more = {"append_images": [photo("flower")]} if kind == "MPO" else {}
        assert decode(taken(WIDE, 1, kind, **options, **more), (75, 112)).image.size == (113, 75)

    @pytest.mark.parametrize("mode", ["L", "CMYK"])
    def test_grey_and_cmyk_are_reduced_and_keep_their_mode(self, photo, encoded, mode):
        content = encoded(photo("china").resize(WIDE).convert(mode), "JPEG")
        whole, reduced = decode(content), decode(content, (300, 450))
        assert reduced.image.size == (450, 300)
        assert (reduced.image.mode, reduced.notes) == (whole.image.mode, whole.notes)

    @pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "BMP", "GIF", "HEIC"])
    def test_other_formats_come_in_their_own_size(self, photo, encoded, kind):
        content = encoded(photo("china").resize((320, 240)), kind)
        assert decode(content, (16, 16)).image.size == (320, 240)

    def test_without_a_least_size_a_jpeg_comes_in_its_own(self, taken):
        assert decode(taken(WIDE, 6)).image.size == WIDE

    def test_a_jpeg_cut_short_is_refused_at_any_scale(self, taken):
        whole = taken(WIDE, 1)
        for least in (None, (1, 1), (300, 450)):
            with pytest.raises(Unreadable) as caught:
                decode(whole[: len(whole) // 2], least)
            assert caught.value.reason == "truncated"


@pytest.fixture(scope="module")
def root(taken, tmp_path_factory):
    """Large JPEGs of every orientation, lying and standing."""
    root = tmp_path_factory.mktemp("photos")
    for name, size in (("wide", WIDE), ("high", HIGH)):
        (root / name).mkdir()
        for orientation in ORIENTATIONS:
            (root / name / f"{orientation}.jpg").write_bytes(taken(size, orientation, quality=80))
    return root


VIEWS = [
    plain("crop", (56, 56), resize=64), plain("crop", (40, 64)), plain("squash", (64, 48)), plain("pad", (75, 120)),
    plain("letterbox", (100, 40)), plain("squash", (48, 48), channels=1), plain("crop", (4, 400)),
]  # fmt: skip


def name_of(view: View) -> str:
    return f"{view.mode} {view.size[0]}x{view.size[1]}x{view.channels}"


class TestEnough:
    @pytest.mark.parametrize("view", VIEWS, ids=name_of)
    def test_what_a_view_needs_is_never_enlarged_where_the_whole_picture_is_shrunk(self, view, monkeypatch):
        """Of every size of picture up to far beyond the canvas, reduced as far as may be."""
        asked: list[tuple[tuple[int, int], tuple[int, int]]] = []

        def noted(pixels: torch.Tensor, size: tuple[int, int], _: View) -> torch.Tensor:
            asked.append((tuple(pixels.shape[-2:]), size))
            return pixels.new_zeros(*pixels.shape[:-2], *size)

        monkeypatch.setattr("striate.data.views.resized", noted)
        least = least_of(view)
        for height, width in product((1, 9, 60, 200, 333, 801, 2400), (1, 30, 97, 224, 640, 1601, 6400)):
            scale = max((s for s in (1, 2, 4, 8) if height // s >= least[0] and width // s >= least[1]), default=1)
            if scale == 1:
                continue
            asked.clear()
            canvas(Image.new("L", (-(-width // scale), -(-height // scale))), view)
            for found, wanted in asked:
                assert wanted[0] <= found[0], (height, width, scale)
                assert wanted[1] <= found[1], (height, width, scale)

    def test_of_a_canvas_longer_than_what_is_cut_out_of_a_thin_picture_more_is_needed(self):
        view = plain("crop", (4, 400))
        assert least_of(view) == (13, 400)
        assert 13 * THINNEST >= 400 > 12 * THINNEST

    @pytest.mark.parametrize("view", VIEWS[:6], ids=name_of)
    @pytest.mark.parametrize("orientation", [1, 6])
    def test_the_canvas_is_all_but_the_one_of_the_whole_picture(self, taken, view, orientation):
        content = taken(WIDE, orientation)
        whole, reduced = (canvas(decode(content, least).image, view).float() for least in (None, least_of(view)))
        assert (whole - reduced).abs().mean() < 3
        assert tuple(reduced.shape) == canvas_shape(view)

    @pytest.mark.parametrize(
        "crops", [Crops(1), Crops(2), Crops(10), Crops(144), Crops("dense", (64, 128)), Crops(10, (80,))]
    )
    @pytest.mark.parametrize("view", [VIEWS[0], replace(VIEWS[2], size=(48, 48))], ids=name_of)
    def test_several_crops_get_what_the_largest_of_them_needs(self, taken, crops, view):
        ready = settled(crops, view, ("cat", "dog"))
        least = least_for(ready, view)
        assert min(least) >= max(ready.scales)
        content = taken((1800, 1200), 8)
        assert min(decode(content, least).image.size) < 1200
        for whole, reduced in zip(
            *(cut(decode(content, each).image, view, ready) for each in (None, least)), strict=True
        ):
            assert whole.shape[0] == reduced.shape[0]
            if crops.scheme != "dense":  # whose maps follow the picture's own proportions, to a pixel
                assert (whole.float() - reduced.float()).abs().mean() < 4

    def test_one_crop_needs_what_the_view_needs(self):
        for view in VIEWS:
            assert least_for(settled(Crops(1), view, ("cat", "dog")), view) == least_of(view), view


class TestTheSameForEveryone:
    @pytest.mark.parametrize("view", VIEWS, ids=name_of)
    def test_training_evaluation_and_prediction_give_the_network_the_same_bytes(self, root, view):
        seen = assert_same(in_every_way(root, view))
        assert len(seen) == 16

    def test_what_is_streamed_is_what_is_held(self, root, monkeypatch):
        samples = scan(root).parts["all"]
        held = in_training(samples, VIEWS[0])
        monkeypatch.setattr(canvases, "MOST_HELD_BYTES", 0)
        assert_same([held, in_training(samples, VIEWS[0])])

    def test_the_reduced_scale_is_what_they_see(self, root):
        """Else the others would hold without any reduction."""
        seen = in_every_way(root, VIEWS[0])[0]
        content = (root / "wide/6.jpg").read_bytes()
        whole, reduced = (canvas(decode(content, least).image, VIEWS[0]) for least in (None, least_of(VIEWS[0])))
        assert torch.equal(seen["wide/6.jpg"], reduced[:, 4:60, 4:60])
        assert not torch.equal(whole, reduced)
