"""A part of the training pictures: how many of each class, and that nothing else changes."""

from collections import Counter

import pytest

from striate.data.sets import open_set
from striate.data.split import Divided, divide, limited


@pytest.fixture(scope="module")
def garments() -> Divided:
    """The built-in set, 900 training pictures of each of ten classes."""
    return divide(open_set("fashion-sample"), 0)


def uneven(whole: Divided, sizes: tuple[int, ...]) -> Divided:
    """So many training pictures of the first classes."""
    train = whole.parts["train"]
    places = [
        at
        for label, size in enumerate(sizes)
        for at in [at for at in range(len(train)) if train.label(at) == label][:size]
    ]
    return Divided(whole.found, {**whole.parts, "train": train.take(places)})


def counts(divided: Divided) -> dict[int, int]:
    train = divided.parts["train"]
    return dict(sorted(Counter(train.label(at) for at in range(len(train))).items()))


@pytest.mark.parametrize("most", [10, 11, 37, 75, 1234, 8999])
def test_there_are_exactly_so_many_and_a_like_share_of_each_class(garments: Divided, most: int) -> None:
    kept = counts(limited(garments, most, 0))
    assert sum(kept.values()) == most
    assert len(kept) == 10
    assert max(kept.values()) - min(kept.values()) <= 1


@pytest.mark.parametrize(
    ("sizes", "most", "expected"),
    [
        ((15, 15, 15), 22, {0: 8, 1: 7, 2: 7}),
        ((98, 1, 1), 3, {0: 1, 1: 1, 2: 1}),
        ((98, 1, 1), 10, {0: 8, 1: 1, 2: 1}),
        ((60, 30, 10), 10, {0: 6, 1: 3, 2: 1}),
        ((60, 30, 10), 50, {0: 30, 1: 15, 2: 5}),
        ((60, 30, 10), 99, {0: 59, 1: 30, 2: 10}),
        ((60, 30, 10), 100, {0: 60, 1: 30, 2: 10}),
        ((60, 30, 10), 5000, {0: 60, 1: 30, 2: 10}),
    ],
)
def test_rare_classes_keep_their_share_and_one_picture_at_least(
    garments: Divided, sizes: tuple[int, ...], most: int, expected: dict[int, int]
) -> None:
    assert counts(limited(uneven(garments, sizes), most, 0)) == expected


def test_validation_and_test_pictures_stay_as_they_are(garments: Divided) -> None:
    less = limited(garments, 100, 0)
    assert {part: len(samples) for part, samples in less.parts.items()} == {"train": 100, "val": 1000, "test": 2000}
    for part in ("val", "test"):
        assert less.names[part] == garments.names[part]


def test_the_same_pictures_are_taken_again_others_for_another_seed_and_more_contain_fewer(garments: Divided) -> None:
    names = [limited(garments, most, seed).names["train"] for most, seed in ((100, 0), (100, 0), (100, 1), (200, 0))]
    assert names[0] == names[1]
    assert set(names[0]) != set(names[2])
    assert set(names[0]) < set(names[3])


def test_without_a_limit_nothing_changes(garments: Divided) -> None:
    assert limited(garments, None, 0) is garments
    assert limited(garments, 9000, 0) is garments
