"""PCA colour noise and brightness: what Krizhevsky et al. 2012, Sec. 4.1, print, on real photos and grey garments."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as V

from striate.data.augment import coloured, principal_colours
from striate.data.sets import open_set
from striate.data.views import canvas, normalised
from striate.recipe import Augment, View

PLAIN = View("squash", (48, 64), 3, mean=(0.0,) * 3, std=(1.0,) * 3, scale=1.0)  # so that what comes out is grey levels
GREY = View("squash", (28, 28), 1, mean=(0.0,), std=(1.0,), scale=1.0)
NOISY = Augment(colour=0.1)


@pytest.fixture(scope="module")
def pictures(photos: dict[str, Image.Image]) -> Tensor:
    """uint8 (3, 3, 48, 64)"""
    return torch.stack([canvas(photo, PLAIN) for photo in photos.values()])


@pytest.fixture(scope="module")
def garment() -> Tensor:
    """uint8 (20, 1, 28, 28)"""
    samples = open_set("fashion-sample").parts["train"]
    return torch.from_numpy(samples.images[:20].copy())[:, None]


def noise(picture: Tensor, count: int, augment: Augment = NOISY, chance: tuple[int, int] = (0, 0)) -> Tensor:
    """What so many draws add to a picture (C, H, W): float32 (count, C, H, W)."""
    view = PLAIN if len(picture) == 3 else GREY
    many = picture.expand(count, -1, -1, -1)
    colours = principal_colours([picture])
    return coloured(many, np.arange(count), view, augment, chance, colours) - normalised(many, view)


def test_principal_colours_are_numpys_eigenvectors_by_their_eigenvalues(pictures: Tensor) -> None:
    pixels = pictures.permute(1, 0, 2, 3).reshape(3, -1).double().numpy() / 255
    values, vectors = np.linalg.eigh(np.cov(pixels))
    found = principal_colours(pictures).double().numpy() / 255
    lengths = np.linalg.norm(found, axis=0)
    assert lengths == pytest.approx(values, rel=1e-5)
    assert np.abs(np.sum(found / lengths * vectors, axis=0)) == pytest.approx(np.ones(3), rel=1e-5)


def test_principal_colours_do_not_depend_on_how_the_pictures_are_handed_over(pictures: Tensor) -> None:
    one_by_one = principal_colours(picture for picture in pictures)
    assert torch.equal(one_by_one, principal_colours(pictures))
    side_by_side = principal_colours([torch.cat(tuple(pictures), 2)])
    assert torch.allclose(one_by_one.abs(), side_by_side.abs(), rtol=1e-4)  # an eigenvector has no sign


def test_grey_pictures_have_one_principal_colour_their_variance(garment: Tensor) -> None:
    found = principal_colours(garment)
    assert found.shape == (1, 1)
    assert abs(found.item()) / 255 == pytest.approx(np.var(garment.numpy() / 255, ddof=1), rel=1e-5)


def test_grey_pictures_get_noise_of_their_own_variance(garment: Tensor) -> None:
    added = noise(garment[3], 4000)[:, 0, 0, 0]
    variance = abs(principal_colours([garment[3]]).item())
    assert float(added.std()) == pytest.approx(0.1 * variance, rel=0.05)


def test_pictures_of_one_colour_get_no_noise() -> None:
    flat = torch.full((3, 48, 64), 77, dtype=torch.uint8)
    assert float(noise(flat, 50).abs().max()) < 1e-3


def test_the_noise_is_the_same_all_over_a_picture_and_differs_between_pictures(pictures: Tensor) -> None:
    added = noise(pictures[0], 50)
    assert torch.allclose(added, added[:, :, :1, :1].expand_as(added), atol=1e-4)
    assert len({round(each, 3) for each in added[:, 0, 0, 0].tolist()}) > 40


def test_the_noise_has_mean_zero_and_the_papers_covariance(pictures: Tensor) -> None:
    count = 20_000
    added = noise(pictures[0, :, :2, :2], count)[:, :, 0, 0].double().numpy()
    pixels = pictures[0, :, :2, :2].reshape(3, -1).double().numpy() / 255
    values, vectors = np.linalg.eigh(np.cov(pixels))
    expected = 255**2 * vectors @ np.diag((0.1 * values) ** 2) @ vectors.T
    largest = np.abs(expected).max()
    assert np.abs(added.mean(0)).max() < 5 * np.sqrt(largest / count)
    assert np.abs(np.cov(added.T) - expected).max() < 5 * largest * np.sqrt(2 / count)
    along = (added @ vectors)[:, -1] / (255 * 0.1 * values[-1])
    assert np.quantile(along, [0.025, 0.16, 0.5, 0.84, 0.975]) == pytest.approx(
        [-1.96, -0.994, 0, 0.994, 1.96], abs=0.06
    )


def test_white_and_black_are_not_cut_off(pictures: Tensor) -> None:
    extreme = pictures[0].clone()
    extreme[:, :24], extreme[:, 24:] = 0, 255
    seen = coloured(extreme.expand(40, -1, -1, -1), np.arange(40), PLAIN, NOISY, (0, 0), principal_colours([extreme]))
    assert float(seen.min()) < 0
    assert float(seen.max()) > 255


def test_brightness_stays_within_its_range_and_fills_it(pictures: Tensor) -> None:
    pixel = torch.full((1, 1, 1), 100, dtype=torch.uint8)
    view = replace(GREY, size=(1, 1))
    seen = coloured(pixel.expand(3000, -1, -1, -1), np.arange(3000), view, Augment(brightness=0.3), (1, 2), None)
    assert float(seen.min()) == pytest.approx(70, abs=0.2)
    assert float(seen.max()) == pytest.approx(130, abs=0.2)
    assert float(seen.mean()) == pytest.approx(100, abs=1.5)
    assert int(pictures.max()) == 255


def test_brightness_is_torchvisions_by_the_factor_drawn(pictures: Tensor) -> None:
    seen = coloured(pictures, np.arange(3), PLAIN, Augment(brightness=0.5), (0, 4), None)
    for before, after in zip(pictures, seen, strict=True):
        middle = before.float().median()
        factor = float(after[before.float() == middle][0] / middle)
        expected = V.adjust_brightness(before.float() / 255, factor) * 255
        torch.testing.assert_close(after, expected, rtol=0, atol=0.01)


def test_colours_are_a_function_of_seed_epoch_and_picture_whatever_the_batch(pictures: Tensor) -> None:
    augment, colours = Augment(colour=0.1, brightness=0.3), principal_colours(pictures)
    many = pictures.repeat(3, 1, 1, 1)
    ids = np.array([4, 9, 2, 7, 5, 1, 30, 12, 8])
    whole = coloured(many, ids, PLAIN, augment, (3, 5), colours)
    order = np.random.default_rng(0).permutation(9)
    mixed = coloured(many[torch.from_numpy(order)], ids[order], PLAIN, augment, (3, 5), colours)
    assert torch.equal(mixed, whole[torch.from_numpy(order)])
    alone = coloured(many[4:5], ids[4:5], PLAIN, augment, (3, 5), colours)
    assert torch.equal(alone[0], whole[4])
    for other in ((3, 6), (4, 5)):
        assert not torch.equal(coloured(many, ids, PLAIN, augment, other, colours), whole)
