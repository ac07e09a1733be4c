"""What a change through a copy reaches, held against what Python says of identity and equality."""

import copy

import pytest

from striate.foundations.copies import CHANGES, SOURCES, WAYS, changed
from striate.problem import BadData, Misuse


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("way", WAYS)
def test_a_change_is_what_its_source_says_and_reaches_what_python_lets_it_reach(way: str, change: str) -> None:
    original = [[1], [2], [3]]
    other = {"assignment": original, "slice": original[:], "copy": copy.copy(original)}.get(way)
    names = {"other": copy.deepcopy(original) if other is None else other}
    exec(SOURCES[change], names)
    found = changed(way, change)
    assert (found.original, found.other) == (repr(original), repr(names["other"]))
    assert found.reached == (original != [[1], [2], [3]])


def test_the_original_changes_with_an_alias_and_with_a_shallow_copy_only_inside() -> None:
    reached = {(way, change) for way in WAYS for change in CHANGES if changed(way, change).reached}
    assert reached == {*(("assignment", change) for change in CHANGES), ("slice", "inside"), ("copy", "inside")}


def test_an_object_is_drawn_once_and_knows_who_reaches_it() -> None:
    alias, shallow, deep = (changed(way, "inside", (1, 2)).things for way in ("assignment", "copy", "deepcopy"))
    assert [(each.of_original, each.of_other) for each in alias] == [(True, True)] * 3
    assert [each.outer for each in shallow] == [True, True, False, False]
    assert all(each.of_original and each.of_other for each in shallow[2:])
    assert [each.text for each in deep[2:]] == ["[1]", "[2]", "[1, 9]", "[2]"]
    assert not any(each.of_original and each.of_other for each in deep)
    assert changed("copy", "inside", (1, 2)).other_at == 1
    assert shallow[0].holds == shallow[1].holds == (2, 3)


def test_what_cannot_be_copied_is_refused() -> None:
    with pytest.raises(Misuse, match="shalow"):
        changed("shalow", "append")
    with pytest.raises(BadData, match="0"):
        changed("copy", "append", ())
    with pytest.raises(BadData, match="9"):
        changed("copy", "append", range(9))
