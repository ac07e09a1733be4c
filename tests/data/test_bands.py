"""Likely copies among many pictures: planted ones are met, and thousands alike make few pairs."""

import numpy as np
from PIL import Image, ImageEnhance

from striate.data.bands import likely_pairs


def thumbnail(image: Image.Image) -> np.ndarray:
    return np.asarray(image.convert("L").resize((48, 48), Image.Resampling.BILINEAR))


def pieces(photos: dict[str, Image.Image], count: int) -> list[Image.Image]:
    rng = np.random.default_rng(3)
    images = []
    for at in range(count):
        image = photos[("palace", "cat")[at % 2]]
        left, top = int(rng.integers(0, image.width - 160)), int(rng.integers(0, image.height - 160))
        images.append(image.crop((left, top, left + 160, top + 160)))
    return images


def test_a_copy_that_was_resized_cropped_or_made_brighter_is_met(photos: dict[str, Image.Image]) -> None:
    originals = pieces(photos, 60)
    changed = [image.resize((90, 90)) for image in originals[:20]]
    changed += [image.crop((6, 3, 156, 153)) for image in originals[20:40]]
    changed += [ImageEnhance.Brightness(image).enhance(0.7) for image in originals[40:]]
    met = {tuple(pair) for pair in likely_pairs(np.stack([thumbnail(each) for each in (*originals, *changed)]))}
    assert {(at, at + 60) for at in range(60)} <= met


def test_strangers_are_hardly_met() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2000, 48, 48), dtype=np.uint8)
    assert len(likely_pairs(noise)) < 20


def test_thousands_alike_make_pairs_in_proportion_to_their_number(photos: dict[str, Image.Image]) -> None:
    alike = np.repeat(thumbnail(photos["cat"])[None], 2000, 0)
    pairs = likely_pairs(alike)
    assert len(pairs) <= 64 * 2000
    assert set(range(2000)) == set(pairs.ravel())  # and yet each is met


def test_no_pictures_and_one_have_no_pairs() -> None:
    for count in (0, 1):
        assert likely_pairs(np.zeros((count, 48, 48), np.uint8)).shape == (0, 2)
