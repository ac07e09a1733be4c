"""RandAugment's operations are torchvision's, pixel for pixel, and are drawn for each picture by itself."""

from collections import Counter

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import InterpolationMode, RandAugment
from torchvision.transforms.autoaugment import _apply_op

from striate.data.augment import augmented
from striate.data.randaugment import MOST, OPERATIONS, randaugmented
from striate.data.views import canvas
from striate.recipe import Augment, View

COLOUR = View("squash", (56, 72), 3, mean=(0.5,) * 3, std=(0.25,) * 3, fill=90)
GREY = View("squash", (28, 28), 1, mean=(0.5,), std=(0.25,))
THEIRS = RandAugment(num_magnitude_bins=MOST + 1)


def pictures(photos: dict[str, Image.Image], view: View) -> Tensor:
    return torch.stack([canvas(photo, view) for photo in photos.values()])


def strengths(name: str, view: View) -> list[float]:
    """At every magnitude, both ways where there are two."""
    operation = OPERATIONS[name]
    found = [operation.strength(magnitude / MOST, view.size) for magnitude in range(MOST + 1)]
    return [*found, *(-each for each in found)] if operation.signed else found


def test_there_are_the_fourteen_operations_with_torchvisions_strengths_and_signs() -> None:
    theirs = THEIRS._augmentation_space(MOST + 1, COLOUR.size)
    assert list(OPERATIONS) == list(theirs)
    for name, (magnitudes, signed) in theirs.items():
        assert OPERATIONS[name].signed == signed
        expected = magnitudes.expand(MOST + 1).tolist()
        assert strengths(name, COLOUR)[: MOST + 1] == pytest.approx(expected, abs=1e-4), name


@pytest.mark.parametrize("view", [COLOUR, GREY], ids=["colour", "grey"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_torchvisions_pixel_for_pixel(name: str, view: View, photos: dict[str, Image.Image]) -> None:
    fill = [float(view.fill)] * view.channels
    for picture in pictures(photos, view):
        for strength in strengths(name, view):
            expected = _apply_op(picture, name, strength, InterpolationMode.NEAREST, fill)
            found = OPERATIONS[name].done(picture, strength, view.fill)
            assert torch.equal(found, expected), (name, strength)


def test_operations_and_ways_come_equally_often(photos: dict[str, Image.Image]) -> None:
    """Of 7,000 draws of one operation each, told apart by what they make of a picture."""
    picture = pictures(photos, COLOUR)[:1, :, :28, :28]
    ids = np.arange(7000)
    made = randaugmented(picture.expand(len(ids), -1, -1, -1), ids, (1, 20), 0, (0, 0), None)
    counts = Counter(each.numpy().tobytes() for each in made)
    shares = sorted(count / 7000 for count in counts.values())
    one_way, two_ways = shares[-5:], shares[:-5]
    assert len(two_ways) == 18  # nine operations, each in two ways
    assert one_way == pytest.approx([1 / 14] * 5, abs=0.015)
    assert two_ways == pytest.approx([1 / 28] * 18, abs=0.012)


def test_the_operations_of_a_picture_come_one_after_the_other(photos: dict[str, Image.Image]) -> None:
    """Two at once are one and then another, for most of which the order makes a difference."""
    some = pictures(photos, COLOUR)
    ids = np.arange(3)
    both = randaugmented(some, ids, (2, 20), 0, (3, 1), None)
    first = randaugmented(some, ids, (1, 20), 0, (3, 1), None)
    for at in range(3):
        seconds = [
            operation.done(first[at], way * operation.strength(20 / MOST, COLOUR.size), 0)
            for operation in OPERATIONS.values()
            for way in ((1, -1) if operation.signed else (1,))
        ]
        assert any(torch.equal(both[at], each) for each in seconds)


def test_it_is_done_to_what_was_cut_out_and_before_a_square_is_erased(photos: dict[str, Image.Image]) -> None:
    some, ids = pictures(photos, COLOUR), np.arange(3)
    plain = Augment(flip=True, shift=4)
    cut = augmented(some, ids, COLOUR, plain, (0, 1))
    changed = augmented(some, ids, COLOUR, Augment(flip=True, shift=4, randaugment=(2, 9)), (0, 1))
    assert torch.equal(changed, randaugmented(cut, ids, (2, 9), COLOUR.fill, (0, 1), None))
    erased = augmented(some, ids, COLOUR, Augment(flip=True, shift=4, randaugment=(2, 9), erase=20), (0, 1))
    same = (erased == changed).all(1)
    assert not same.all()
    assert (erased.permute(0, 2, 3, 1)[~same] == 128).all()
