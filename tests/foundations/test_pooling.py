"""Pooling by hand: the notes' example, and PyTorch's answers."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from striate.foundations.pooling import global_average, pool
from striate.problem import BadData, Misuse

RNG = np.random.default_rng(8)
NOTES = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]


def test_the_notes_example() -> None:
    found = pool(NOTES, 2)
    assert found.output.tolist() == [[[6, 8], [3, 4]]]
    assert found.trace[0].patch.tolist() == [[1, 1], [5, 6]]
    assert [window.taken for window in found.trace] == [(1, 1), (1, 3), (2, 0), (3, 3)]
    assert found.height.text == "1 + (4 - 2) / 2 = 2"
    assert not found.overlapping
    assert pool(NOTES, 2, kind="mean").output.tolist() == [[[3.25, 5.25], [2, 2]]]


@pytest.mark.parametrize(("kernel", "stride", "pad"), [(2, None, 0), (3, 2, 0), (3, 2, 1), (3, 1, 1), (2, 3, 1)])
def test_windows_of_all_sorts_are_pytorchs(kernel: int, stride: int | None, pad: int) -> None:
    picture = RNG.normal(size=(3, 9, 8))
    given = torch.from_numpy(picture)
    theirs, places = F.max_pool2d(given, kernel, stride, pad, return_indices=True)
    found = pool(picture, kernel, stride=stride, pad=pad)
    np.testing.assert_array_equal(found.output, theirs)
    assert [row * 8 + column for row, column in (window.taken for window in found.trace)] == places.flatten().tolist()
    assert (found.height.value, found.width.value) == theirs.shape[1:]
    np.testing.assert_allclose(
        pool(picture, kernel, kind="mean", stride=stride, pad=pad).output, F.avg_pool2d(given, kernel, stride, pad)
    )


def test_windows_overlap_where_the_stride_is_smaller() -> None:
    found = pool(np.arange(25.0).reshape(5, 5), 3, stride=2)
    assert found.overlapping
    assert [window.left for window in found.trace[:2]] == [0, 2]
    assert pool(np.ones((6, 6)), 3).overlapping is False


def test_a_negative_map_keeps_its_maximum_beside_padding() -> None:
    assert pool(-np.ones((4, 4)), 2, pad=1).output.max() == -1


def test_a_global_average_is_the_mean_of_each_map() -> None:
    maps = RNG.normal(size=(128, 7, 7))
    found = global_average(maps)
    assert found.count == 49
    np.testing.assert_allclose(found.output, F.adaptive_avg_pool2d(torch.from_numpy(maps), 1)[:, 0, 0], atol=1e-12)
    np.testing.assert_allclose(np.array(found.sums) / 49, found.output)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(Misuse, match="no pooling called maxx") as unknown:
        pool(NOTES, 2, kind="maxx")  # type: ignore[arg-type]
    assert "try       max" in str(unknown.value)
    with pytest.raises(Misuse, match="a padding of 2 is more than half of a window of 3"):
        pool(NOTES, 3, pad=2)
    with pytest.raises(Misuse, match="does not fit into 4"):
        pool(NOTES, 5)
    with pytest.raises(BadData, match="picture holds no numbers"):
        pool([[]], 2)
    with pytest.raises(BadData, match="2 dimensions, and 3 are needed"):
        global_average(NOTES)
