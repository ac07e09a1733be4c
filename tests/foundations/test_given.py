"""Numbers as they are given: what can be reckoned with is read, and all else is refused with the reason."""

from typing import Any

import numpy as np
import pytest

from striate.foundations import given
from striate.problem import BadData, Misuse


@pytest.mark.parametrize(
    ("values", "dims", "key"),
    [
        (["1", "2"], (1,), "not_numbers"),
        ([[1, 2], [3]], (1, 2), "not_numbers"),
        ([], (1, 2), "empty"),
        (np.zeros((0, 3)), (2,), "empty"),
        (5.0, (1,), "dims"),
        ([[1.0]], (1,), "dims"),
        ([1, float("nan")], (1,), "not_finite"),
        ([1, float("inf")], (1,), "not_finite"),
        ([1, -1e51], (1,), "not_finite"),
    ],
)
def test_what_cannot_be_reckoned_with_is_refused_with_the_reason(values: Any, dims: tuple[int, ...], key: str) -> None:
    with pytest.raises(BadData) as caught:
        given.array(values, "x", *dims)
    assert caught.value.key == f"problem.foundations.given.{key}"


def test_the_place_of_a_wrong_number_is_told_from_one_on() -> None:
    with pytest.raises(BadData, match="x holds nan at place 2, 1,"):
        given.rows([[1, 2], [float("nan"), 4]], "x")


def test_numbers_are_read_as_a_copy_in_float64() -> None:
    ours = np.array([[1, 2], [3, 4]], dtype=np.int8)
    read = given.array(ours, "x", 2)
    read[0, 0] = 9
    assert read.dtype == np.float64
    assert ours[0, 0] == 1
    assert given.rows([1, 2, 3], "x").shape == (3, 1)
    assert given.numbers([True, False], "x").tolist() == [1.0, 0.0]


def test_what_is_fixed_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        given.fixed(np.zeros(2))[0] = 1.0


def test_labels_name_two_classes_or_number_several() -> None:
    assert given.labels([0, 1, 1], "y").tolist() == [0, 1, 1]
    with pytest.raises(BadData, match="y holds 2, which names neither"):
        given.labels([0, 2], "y")
    assert given.labelled([[1.0], [2.0]], [0, 1])[1].dtype == np.int64
    for wrong in (0.5, -1, 2):
        with pytest.raises(BadData, match="is no label"):
            given.labelled([[1.0], [2.0]], [0, wrong])
    with pytest.raises(BadData, match="inputs has 2 entries and labels has 1"):
        given.labelled([[1.0], [2.0]], [0])


@pytest.mark.parametrize("value", [0, -1, 5, 2.5, 2.0, True, float("nan"), "2"])
def test_a_count_is_a_whole_number_within_its_ends(value: Any) -> None:
    with pytest.raises(Misuse, match="steps must be a whole number from 1 to 4, not"):
        given.count(value, "steps", most=4)


def test_a_count_may_have_no_upper_end_and_may_begin_at_zero() -> None:
    assert given.count(10**12, "seed", least=0) == 10**12
    assert given.count(np.int64(0), "seed", least=0) == 0
    with pytest.raises(Misuse, match="seed must be a whole number of 0 or more, not -1"):
        given.count(-1, "seed", least=0)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e51, -1.0])
def test_no_rate_penalty_or_share_is_taken_that_ends_a_computation(value: float) -> None:
    for check in (given.positive, given.not_negative, given.share):
        with pytest.raises(Misuse, match="rate must be"):
            check(value, "rate")


def test_zero_is_a_penalty_and_a_share_but_no_rate() -> None:
    assert given.not_negative(0, "penalty") == given.share(0, "momentum") == 0.0
    with pytest.raises(Misuse):
        given.positive(0, "rate")
    with pytest.raises(Misuse):
        given.share(1, "momentum")


def test_a_start_has_a_number_for_each_one_sought() -> None:
    assert given.start(None, 2).tolist() == [0, 0]
    with pytest.raises(Misuse, match="the start has 1 numbers, and there are 2 to find"):
        given.start([1.0], 2)


def test_a_procedure_has_escaped_beyond_the_limit_or_where_it_is_no_number() -> None:
    assert not given.escaped(given.LIMIT, np.array([-1.0, 2.0]))
    assert not given.escaped(5 * given.LIMIT, scale=10)
    for far in (2 * given.LIMIT, float("nan"), np.array([0.0, float("-inf")])):
        assert given.escaped(far)
