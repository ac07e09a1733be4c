"""Where training cuts: areas, shorter sides, zooms, shifts and flips, on real photos."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as V

from striate.data.augment import augmented, boxes_of, training_view
from striate.data.views import canvas, canvas_shape, interpolation
from striate.recipe import Augment, View

VIEW = View("crop", (56, 56), 3, mean=(0.5,) * 3, std=(0.25,) * 3, resize=64)
AREA = Augment(area=(0.08, 1.0))
JITTER = Augment(shorter=(64, 128))
MANY = np.arange(5000)
CHANCE = (0, 0)

KINDS = {
    "area": Augment(flip=True, area=(0.08, 1.0)),
    "shorter": Augment(flip=True, shorter=(64, 128)),
    "zoom": Augment(flip=True, zoom=(0.7, 1.4), shift=3),
    "shift": Augment(flip=True, shift=5),
    "erase": Augment(shift=2, erase=14),
    "rand": Augment(randaugment=(2, 15)),
}


@pytest.fixture(scope="module")
def canvases(photos: dict[str, Image.Image]) -> Tensor:
    """uint8 (6, 3, 64, 64)"""
    pieces = [photo.crop((at, at, at + 200, at + 200)) for photo in photos.values() for at in (0, 90)]
    return torch.stack([canvas(piece, VIEW) for piece in pieces])


@pytest.mark.parametrize("shape", [(64, 64), (48, 90), (90, 48)])
@pytest.mark.parametrize("area", [(0.08, 1.0), (0.6, 0.9), (0.25, 0.25)])
def test_crops_by_area_lie_within_the_picture_and_within_their_bounds(
    shape: tuple[int, int], area: tuple[float, float]
) -> None:
    canvas = torch.empty((1, 3, *(10 * side for side in shape)), dtype=torch.uint8)  # large, so that rounding is small
    boxes = boxes_of(canvas.shape[2:], MANY, VIEW, Augment(area=area), CHANCE)
    high, wide = canvas.shape[2:]
    assert boxes.top.min() >= 0
    assert boxes.left.min() >= 0
    assert (boxes.top + boxes.height).max() <= high
    assert (boxes.left + boxes.width).max() <= wide
    shares = boxes.height * boxes.width / (high * wide)
    assert shares.min() >= area[0] - 0.005
    assert shares.max() <= area[1] + 0.005
    ratios = boxes.width / boxes.height
    widest = max(4 / 3, wide / high) if area[1] > 0.5 else 4 / 3  # nearly all of a picture has the picture's form
    narrowest = min(3 / 4, wide / high) if area[1] > 0.5 else 3 / 4
    assert narrowest - 0.02 <= ratios.min()
    assert ratios.max() <= widest + 0.02


def test_crops_of_any_area_come_as_often_and_wide_ones_as_often_as_high_ones() -> None:
    canvas = torch.empty((1, 3, 640, 640), dtype=torch.uint8)
    boxes = boxes_of(canvas.shape[2:], MANY, VIEW, AREA, CHANCE)
    shares = boxes.height * boxes.width / 640**2
    assert np.quantile(shares, [0.25, 0.5, 0.75]) == pytest.approx([0.31, 0.54, 0.77], abs=0.02)
    assert np.mean(boxes.width > boxes.height) == pytest.approx(0.5, abs=0.03)


def test_crops_reach_every_border_of_the_picture() -> None:
    canvas = torch.empty((1, 3, 64, 64), dtype=torch.uint8)
    boxes = boxes_of(canvas.shape[2:], MANY, VIEW, AREA, CHANCE)
    assert (boxes.top.min(), boxes.left.min()) == (0, 0)
    assert ((boxes.top + boxes.height).max(), (boxes.left + boxes.width).max()) == (64, 64)


def test_scale_jitter_reads_pictures_as_large_as_the_largest_scale() -> None:
    assert canvas_shape(training_view(VIEW, JITTER)) == (3, 128, 128)
    assert canvas_shape(training_view(VIEW, AREA)) == (3, 64, 64)
    vgg = View("crop", (224, 224), 3, mean=(0.0,) * 3, std=(1.0,) * 3, resize=256)
    assert canvas_shape(training_view(vgg, Augment(shorter=(256, 512)))) == (3, 512, 512)


def test_a_crop_at_a_shorter_side_of_s_is_the_input_over_s_of_the_picture() -> None:
    canvas = torch.empty((1, 3, 128, 128), dtype=torch.uint8)
    boxes = boxes_of(canvas.shape[2:], MANY, VIEW, JITTER, CHANCE)
    possible = {round(56 * 128 / side) for side in range(64, 129)}
    assert set(boxes.height.tolist()) == possible  # all of them, the smallest and the largest too
    assert np.array_equal(boxes.height, boxes.width)
    assert boxes.top.min() >= 0
    assert (boxes.top + boxes.height).max() <= 128


def test_zooming_in_stays_within_the_picture_and_zooming_out_keeps_it_in_the_middle() -> None:
    canvas = torch.empty((1, 3, 56, 56), dtype=torch.uint8)
    boxes = boxes_of(canvas.shape[2:], MANY, VIEW, Augment(zoom=(0.5, 2.0)), CHANCE)
    assert (boxes.height.min(), boxes.height.max()) == (28, 112)
    near = boxes.height <= 56
    assert boxes.top[near].min() >= 0
    assert (boxes.top + boxes.height)[near].max() <= 56
    margins = -boxes.top[~near], (boxes.top + boxes.height)[~near] - 56
    assert np.abs(margins[0] - margins[1]).max() <= 1
    assert np.mean(boxes.height > 56) == pytest.approx(0.5, abs=0.03)  # as often out as in


@pytest.mark.parametrize("zoom", [(0.7, 1.4), (0.8, 0.8), (0.95, 1.0), (1.0, 1.0)])
def test_shifts_go_as_far_to_one_side_as_to_the_other_at_any_zoom(zoom: tuple[float, float]) -> None:
    canvas = torch.empty((1, 3, 56, 56), dtype=torch.uint8)
    boxes = boxes_of(canvas.shape[2:], MANY, VIEW, Augment(zoom=zoom, shift=4), CHANCE)
    for start, length in ((boxes.top, boxes.height), (boxes.left, boxes.width)):
        off = start + length / 2 - 28  # the middle of the box beside that of the picture
        assert off.mean() == pytest.approx(0, abs=0.5)
        within = 4 + np.maximum(56 - length, 0) / 2 + 0.5
        assert np.all(np.abs(off) <= within)


@pytest.mark.parametrize("kind", ["area", "shorter", "zoom"])
def test_a_crop_is_torchvisions_of_the_same_box(canvases: Tensor, kind: str) -> None:
    augment, ids = KINDS[kind], np.arange(6) + 11
    boxes = boxes_of(canvases.shape[2:], ids, VIEW, augment, CHANCE)
    cut = augmented(canvases, ids, VIEW, augment, CHANCE)
    assert cut.shape == (6, 3, 56, 56)
    assert cut.dtype == torch.uint8
    wide = V.pad(canvases, [40] * 4, fill=VIEW.fill)
    for at in range(6):
        top, left, height, width = (int(each[at]) for each in boxes)
        size, how = list(VIEW.size), interpolation(VIEW)
        expected = V.resized_crop(wide[at], top + 40, left + 40, height, width, size, how, antialias=True)
        assert any(torch.equal(cut[at], each) for each in (expected, V.horizontal_flip(expected)))


def test_a_box_as_large_as_the_input_is_cut_out_as_it_is(canvases: Tensor) -> None:
    plain = augmented(canvases, np.arange(6), VIEW, Augment(zoom=(1.0, 1.0)), CHANCE)
    assert torch.equal(plain, augmented(canvases, np.arange(6), VIEW, Augment(), CHANCE))


def test_zooming_out_fills_with_the_views_grey_level(canvases: Tensor) -> None:
    view = replace(VIEW, resize=56, fill=200)
    small = canvases[:, :, 4:60, 4:60]
    cut = augmented(small, np.arange(6), view, Augment(zoom=(0.5, 0.5)), CHANCE)
    border = torch.cat((cut[:, :, :12].flatten(), cut[:, :, -12:].flatten()))
    assert border.unique().tolist() == [200]


def test_half_of_the_pictures_are_mirrored_and_nothing_else_is_done_to_them(canvases: Tensor) -> None:
    small = canvases[:, :, 4:60, 4:60]
    mirrored = 0
    for epoch in range(200):
        cut = augmented(small, np.arange(6), VIEW, Augment(flip=True), (0, epoch))
        for before, after in zip(small, cut, strict=True):
            assert torch.equal(after, before) or torch.equal(after, before.flip(2))
            mirrored += torch.equal(after, before.flip(2))
    assert mirrored / 1200 == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_cut_alike_in_any_batch_and_order(canvases: Tensor, kind: str) -> None:
    augment, ids = KINDS[kind], np.array([40, 3, 17, 8, 99, 5])
    whole = augmented(canvases, ids, VIEW, augment, (2, 7))
    order = np.array([5, 2, 0, 4, 1, 3])
    assert torch.equal(augmented(canvases[order], ids[order], VIEW, augment, (2, 7)), whole[order])
    for at in range(6):
        alone = augmented(canvases[at : at + 1], ids[at : at + 1], VIEW, augment, (2, 7))
        assert torch.equal(alone[0], whole[at])
    with ThreadPoolExecutor(2) as pool:
        assert torch.equal(augmented(canvases, ids, VIEW, augment, (2, 7), pool), whole)


@pytest.mark.parametrize("kind", KINDS)
def test_another_epoch_seed_or_picture_is_cut_otherwise(canvases: Tensor, kind: str) -> None:
    augment, ids = KINDS[kind], np.arange(6)
    whole = augmented(canvases, ids, VIEW, augment, (2, 7))
    for other in ((ids, (2, 8)), (ids, (3, 7)), (ids + 6, (2, 7))):
        assert not torch.equal(augmented(canvases, other[0], VIEW, augment, other[1]), whole)
