"""Generators that tell how far they are."""

from collections.abc import Generator

from striate.work import drained, retold


def counting() -> Generator[int, None, str]:
    yield 1
    yield 2
    return "three"


def test_work_is_heard_out_for_what_it_returns() -> None:
    told: list[int] = []
    assert drained(counting()) == drained(counting(), told.append) == "three"
    assert told == [1, 2]


def test_work_told_in_other_words_returns_the_same() -> None:
    told: list[str] = []
    assert drained(retold(counting(), str), told.append) == "three"
    assert told == ["1", "2"]
