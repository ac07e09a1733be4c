"""What pooling forgives, on a real photograph and on real garments."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_sample_image
from torch import nn

from striate.data.sets import open_set
from striate.foundations.pooling_shift import equivariance, invariance
from striate.problem import BadData, Misuse

PALACE = load_sample_image("china.jpg").mean(-1)
KERNEL = np.random.default_rng(0).normal(size=(5, 5))


def garments(count: int) -> np.ndarray:
    train = open_set("fashion-sample").parts["train"]
    return np.stack([np.asarray(train.image(at)) for at in range(count)])


@pytest.mark.parametrize("kernel", [2, 4, 8])
def test_after_one_pixel_pooled_photographs_change_less_than_their_pixels(kernel: int) -> None:
    none, one = invariance(PALACE, kernel=kernel, shifts=(0, 1)).trace
    assert (none.pixels, none.kept, none.mean, none.maximum, none.whole_mean) == (0, 0, 0, 0, 0)
    assert one.whole_mean < one.mean < one.maximum < one.pixels
    assert one.kept == pytest.approx(one.pixels, rel=0.05)  # a stride alone forgives nothing


def test_the_larger_the_window_the_more_it_forgives() -> None:
    changes = [invariance(PALACE, kernel=kernel, shifts=(1,)).trace[0] for kernel in (2, 4, 8)]
    for name in ("mean", "maximum"):
        found = [getattr(change, name) for change in changes]
        assert found == sorted(found, reverse=True)


def test_after_a_whole_window_the_maximum_forgives_next_to_nothing() -> None:
    for change in invariance(PALACE, kernel=2, shifts=(4, 8)).trace:
        assert change.maximum > 0.97 * change.pixels


def test_on_garments_too() -> None:
    (one,) = invariance(garments(60), kernel=2, shifts=(1,)).trace
    assert one.mean < one.maximum < one.pixels


def test_the_change_is_what_pytorchs_pooling_gives() -> None:
    (found,) = invariance(PALACE, kernel=3, shifts=(2,)).trace
    width = (PALACE.shape[1] - 2) // 3 * 3
    height = PALACE.shape[0] // 3 * 3
    before, after = (nn.MaxPool2d(3)(torch.from_numpy(PALACE[None, :height, at : at + width])).numpy() for at in (0, 2))
    assert found.maximum == pytest.approx(np.sqrt(((after - before) ** 2).mean()) / before.std(), rel=1e-10)


@pytest.mark.parametrize(("shift", "stride"), [(0, 1), (1, 1), (7, 1), (4, 2), (6, 3)])
def test_a_moved_picture_gives_a_moved_convolution_but_at_the_border(shift: int, stride: int) -> None:
    found = equivariance(PALACE, KERNEL, shift=shift, stride=stride)
    assert found.whole
    assert found.steps * stride == shift
    assert found.interior < 1e-9
    assert found.border > 1 or shift == 0


@pytest.mark.parametrize(("shift", "stride"), [(1, 2), (4, 3)])
def test_a_shift_that_is_no_multiple_of_the_stride_does_not(shift: int, stride: int) -> None:
    found = equivariance(PALACE, KERNEL, shift=shift, stride=stride)
    assert not found.whole
    assert found.interior > 1


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(Misuse, match="has no room for a shift of 640"):
        invariance(PALACE, kernel=2, shifts=(640,))
    with pytest.raises(Misuse, match="shift must be a whole number of 0 or more, not -1"):
        invariance(PALACE, kernel=2, shifts=(-1,))
    with pytest.raises(BadData, match="all pixels have the same value"):
        invariance(np.ones((8, 8)), kernel=2, shifts=(1,))
    for shape in ((2, 2), (3, 5)):
        with pytest.raises(Misuse, match="has no middle pixel"):
            equivariance(PALACE, np.ones(shape), shift=1)
    with pytest.raises(Misuse, match="no room for a shift of 6"):
        equivariance(PALACE[:8, :8], KERNEL, shift=6)
