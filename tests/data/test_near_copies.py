"""Pictures that are there twice: found when they are, and not found when they only look alike."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from bench.photos import KINDS, alike
from striate.data.copies import LEAST, THUMB, digest, is_plain, near_pairs, same, thumbnail
from striate.data.pictures import decode

Photo = Callable[[str], Image.Image]


def pairs_of(images: list[Image.Image]) -> list[tuple[int, int]]:
    return near_pairs(np.stack([thumbnail(image) for image in images]), np.ones(len(images), bool))


@pytest.fixture
def pictures(photo: Photo) -> list[Image.Image]:
    return [photo(name) for name in ("china", "flower", "chelsea", "coffee", "astronaut", "camera", "coins")]


CHANGES = {
    "smaller": lambda image: image.resize((image.width // 3, image.height // 3)),
    "squashed": lambda image: image.resize((200, 200)),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.6),
    "paler": lambda image: ImageEnhance.Contrast(image).enhance(0.6),
    "grey": lambda image: image.convert("L"),
    "cut": lambda image: image.crop((image.width // 40, 0, image.width, image.height - image.height // 40)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_found_and_nothing_else(pictures: list[Image.Image], change: str) -> None:
    for at, image in enumerate(pictures):
        assert pairs_of([*pictures, CHANGES[change](image)]) == [(at, len(pictures))]


@pytest.mark.parametrize(
    "other",
    [
        lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        lambda image: image.transpose(Image.Transpose.ROTATE_180),
        lambda image: image.crop((0, 0, image.width // 2, image.height // 2)),
    ],
)
def test_another_picture_of_the_same_thing_is_none(pictures: list[Image.Image], other) -> None:
    for image in pictures[:5]:
        assert pairs_of([image, other(image)]) == []


def test_a_picture_with_something_pasted_over_it_is_none(pictures: list[Image.Image]) -> None:
    for image, other in pairwise(pictures):
        changed = image.copy().convert("RGB")
        changed.paste(other.convert("RGB").resize((image.width // 2, image.height // 2)), (image.width // 4, 0))
        assert pairs_of([image, changed]) == []


def test_what_shows_nothing_is_a_copy_of_nothing(pictures: list[Image.Image]) -> None:
    blank = [Image.new("L", (60, 40), grey) for grey in (0, 128, 255, 255)]
    assert pairs_of([*blank, pictures[0]]) == []
    assert is_plain(np.stack([thumbnail(image) for image in [*blank, pictures[0]]])).tolist() == [True] * 4 + [False]


def test_only_usable_ones_are_compared(pictures: list[Image.Image]) -> None:
    thumbs = np.stack([thumbnail(image) for image in (pictures[0], pictures[0], pictures[0])])
    assert near_pairs(thumbs, np.array([True, False, True])) == [(0, 2)]
    assert near_pairs(thumbs[:0], np.ones(0, bool)) == []
    assert near_pairs(thumbs[:1], np.ones(1, bool)) == []


def test_very_many_that_are_alike_do_not_make_very_many_pairs() -> None:
    chance = np.random.default_rng(0)
    frames = np.repeat(chance.integers(0, 256, (1, THUMB, THUMB)), 3000, 0)
    frames = (frames + chance.integers(-3, 4, frames.shape)).clip(0, 255).astype(np.uint8)
    pairs = near_pairs(frames, np.ones(3000, bool))
    assert 3000 <= len(pairs) <= 32 * 3000
    assert {at for pair in pairs for at in pair} == set(range(3000))  # each is known to have company


def test_figures_that_differ_in_one_place_are_two(photo: Photo) -> None:
    sheet = Image.new("L", (300, 300), 240)
    for row in range(10):
        ImageDraw.Draw(sheet).line((20, 20 + 28 * row, 280, 20 + 28 * row), fill=30, width=3)
    other = sheet.copy()
    other.paste(photo("camera").convert("L").resize((70, 70)), (200, 200))
    assert pairs_of([sheet, other]) == []


def test_groups_have_the_same_bytes() -> None:
    contents = [b"a", b"b", b"a", None, b"c", b"b", b"a", None]
    assert same([None if each is None else digest(each) for each in contents]) == [[0, 2, 6], [1, 5]]
    assert same([]) == []


def test_of_made_photographs_nearly_all_copies_are_found_and_hardly_another(tmp_path: Path) -> None:
    made = alike(tmp_path / "set", 600)
    paths = sorted((tmp_path / "set").rglob("*.jpg"))
    names = [path.relative_to(tmp_path / "set").as_posix() for path in paths]
    thumbs = np.stack([thumbnail(decode(path, LEAST).image) for path in paths])
    found = {frozenset((names[i], names[j])) for i, j in near_pairs(thumbs, np.ones(len(paths), bool))}
    planted = {kind: {frozenset(pair) for pair in made.pairs[kind]} for kind in KINDS}
    for kind in KINDS:
        assert len(planted[kind]) == 30
        assert len(planted[kind] & found) >= 0.95 * 30, kind
    assert len(found & set().union(*planted.values())) >= 0.99 * len(found)
