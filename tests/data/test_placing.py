"""Where a picture lies on its canvas, and what a window shows of it, held against the pixels themselves."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from striate.data.augment import augmented, boxes_of, training_view
from striate.data.measuring import decodable, measured
from striate.data.pictures import decode, size_of
from striate.data.placing import Box, Cut, centre_window, seen_through
from striate.data.samples import Files
from striate.data.views import canvas, canvas_shape, centre, denormalised, normalised
from striate.recipe import Augment, Mode, View
from striate.work import drained

SIZES = [(480, 640), (640, 480), (224, 224), (256, 256), (90, 300), (33, 21), (40, 3000), (3001, 40)]


def view_of(mode: Mode, resize: int | None = None, size: tuple[int, int] = (56, 56)) -> View:
    return View(mode, size, 3, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), resize=resize, fill=7)


VIEWS = [
    view_of("crop", 64), view_of("crop"), view_of("crop", 80, (56, 40)), view_of("squash"), view_of("letterbox"),
    view_of("pad"), view_of("pad", size=(700, 700)),
]  # fmt: skip


def ramps(size: tuple[int, int]) -> Image.Image:
    """A picture whose red says how far down a pixel is, whose green how far to the right, and which has no blue."""
    down, right = np.meshgrid(*(255 * (np.arange(side) + 0.5) / side for side in size), indexing="ij")
    return Image.fromarray(np.stack([down, right, np.full(size, 200.0)], 2).round().astype(np.uint8))


def told_by(pixels: torch.Tensor, size: tuple[int, int], cut: Cut, tolerance: float) -> None:
    """The first and the last row and column that show the picture are those at the borders of the box."""
    inside = pixels[2] > 195  # and no mixture with what is filled in
    rows, columns = inside.any(1).nonzero().flatten(), inside.any(0).nonzero().flatten()
    assert 1 - len(rows) * len(columns) / inside.numel() == pytest.approx(cut.filled, abs=0.08)
    for values, first, length, side in (
        (pixels[0, rows][:, columns].double().mean(1), cut.box.top, cut.box.height, size[0]),
        (pixels[1, rows][:, columns].double().mean(0), cut.box.left, cut.box.width, size[1]),
    ):
        step = length / len(values) / side * 255
        ends = first / side * 255 + step / 2, (first + length) / side * 255 - step / 2
        assert values[0].item() == pytest.approx(ends[0], abs=tolerance + step)
        assert values[-1].item() == pytest.approx(ends[1], abs=tolerance + step)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.mode}{view.resize or ''}-{view.size[1]}")
def test_what_the_evaluation_view_keeps_is_what_its_pixels_show(view: View, size: tuple[int, int]) -> None:
    cut = seen_through(centre_window(view), size, view)
    pixels = centre(canvas(ramps(size), view)[None], view)[0]
    told_by(pixels, size, cut, tolerance=2.5)
    assert cut.share == pytest.approx(cut.box.area / (size[0] * size[1]))


@pytest.mark.parametrize(
    "augment",
    [
        Augment(shift=6),
        Augment(),
        Augment(area=(0.3, 1.0)),
        Augment(shorter=(64, 90)),
        Augment(zoom=(0.7, 1.4), shift=3),
    ],
    ids=["shift", "roaming", "area", "shorter", "zoom"],
)
@pytest.mark.parametrize("view", [VIEWS[0], VIEWS[4]], ids=lambda view: view.mode)
def test_what_a_training_crop_shows_is_what_its_pixels_show(view: View, augment: Augment) -> None:
    size, ids, chance = (480, 640), np.arange(12), (5, 2)
    wide = training_view(view, augment)
    _, *area = canvas_shape(wide)
    canvases = canvas(ramps(size), wide)[None].repeat(len(ids), 1, 1, 1)
    found = boxes_of((area[0], area[1]), ids, view, augment, chance)
    shown = augmented(canvases, ids, view, augment, chance)
    for at in range(len(ids)):
        cut = seen_through(Box(*(float(each[at]) for each in found)), size, wide)
        told_by(shown[at], size, cut, tolerance=5.0)


def test_a_square_crop_of_a_wide_picture_keeps_the_middle_and_the_numbers_are_those_of_a_hand() -> None:
    view = view_of("crop", 256, (224, 224))
    cut = seen_through(centre_window(view), (256, 512), view)
    assert cut.box == Box(16, 144, 224, 224)
    assert cut.share == pytest.approx(224 * 224 / (256 * 512))
    assert (cut.scale, cut.filled) == ((1.0, 1.0), 0.0)
    boxed = seen_through(centre_window(view_of("letterbox")), (28, 56), view_of("letterbox"))
    assert (boxed.share, boxed.filled, boxed.enlarged) == (1.0, 0.5, 1.0)
    assert seen_through(centre_window(view_of("squash")), (28, 14), view_of("squash")).scale == (2.0, 4.0)


def test_every_kind_of_file_has_the_size_that_decoding_gives_it(
    real_files: Mapping[str, bytes], tmp_path: Path
) -> None:
    assert len(real_files) > 20
    for name, content in real_files.items():
        path = tmp_path / name
        path.write_bytes(content)
        image = decode(path).image
        assert size_of(path) == (image.height, image.width), name


def test_measuring_names_what_cannot_be_opened_and_decoding_what_cannot_be_decoded(
    plant: Callable[..., Path],
) -> None:
    root = plant(["a/1.jpg", "a/2.png", "a/3.jpg", "a/4.jpg"])
    whole = (root / "a/1.jpg").read_bytes()
    (root / "a/3.jpg").write_bytes(b"nothing of the kind")
    (root / "a/4.jpg").write_bytes(whole[:-40])
    names = tuple(f"a/{at}.{kind}" for at, kind in ((1, "jpg"), (2, "png"), (3, "jpg"), (4, "jpg")))
    samples = Files.of(root, names, [0] * 4)
    opened = drained(measured(samples, range(4), 1))
    assert opened.sizes == dict.fromkeys((0, 1, 3), (20, 28))
    assert opened.skipped == {2: "no_picture"}
    read = drained(decodable(samples, opened, 1))
    assert list(read.sizes) == [0, 1]
    assert read.skipped == {2: "no_picture", 3: "truncated"}


@pytest.mark.parametrize("scale", [1 / 255, 1.0])
def test_every_grey_level_comes_back_from_normalising(scale: float) -> None:
    mean, std = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)) if scale < 1 else ((123.68, 116.8, 103.9), (1.0,) * 3)
    view = View("squash", (16, 16), 3, mean, std, scale=scale)
    every = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(1, 3, 16, 16)
    assert torch.equal(denormalised(normalised(every, view), view), every)
