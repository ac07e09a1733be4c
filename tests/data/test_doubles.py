"""What it means that pictures are there more than once: by class and part, for the same bytes and near copies."""

from striate.data.doubles import Doubled, doubles

A, B, C, D, E = (bytes([number]) for number in range(5))


def test_copies_in_a_class_of_a_part_are_copies_alone() -> None:
    assert doubles([A, B, A, A], [], ["train"] * 4, [0] * 4) == [Doubled("copies", (0, 2, 3), near=False)]


def test_near_copies_name_the_first_of_each_file() -> None:
    found = doubles([A, B, A], [(0, 1)], ["train"] * 3, [0] * 3)
    assert sorted(found, key=lambda each: each.kind) == [
        Doubled("copies", (0, 2), near=False), Doubled("near_copies", (0, 1), near=True),
    ]  # fmt: skip


def test_copies_across_parts_are_leaks_and_in_different_classes_conflicts_and_both_may_be() -> None:
    assert doubles([A, A], [], ["train", "test"], [0, 0]) == [Doubled("leaks", (0, 1), near=False)]
    assert doubles([A, A], [], ["train", "train"], [0, 1]) == [Doubled("conflicts", (0, 1), near=False)]
    assert {each.kind for each in doubles([A, A], [], ["train", "test"], [0, 1])} == {"leaks", "conflicts"}


def test_a_near_copy_leaks_as_well_and_says_that_it_is_near() -> None:
    assert doubles([A, B], [(0, 1)], ["train", "test"], [0, 0]) == [Doubled("leaks", (0, 1), near=True)]


def test_every_copy_of_a_file_that_leaks_is_in_the_leak() -> None:
    found = {each.kind: each.places for each in doubles([A, A, A], [], ["train", "train", "test"], [0, 0, 0])}
    assert found == {"leaks": (0, 1, 2), "copies": (0, 1)}


def test_what_is_alike_within_a_part_does_not_join_the_leak_of_another() -> None:
    found = doubles([A, B, C], [(0, 1), (1, 2)], ["train", "train", "test"], [0, 0, 0])
    assert {each.kind: each.places for each in found} == {"near_copies": (0, 1), "leaks": (1, 2)}


def test_a_chain_of_near_copies_is_one_finding_and_two_chains_are_two() -> None:
    found = doubles([A, B, C, D, E], [(0, 1), (1, 2), (3, 4)], ["train"] * 5, [0] * 5)
    assert [each.places for each in found] == [(0, 1, 2), (3, 4)]


def test_what_could_not_be_read_is_a_copy_of_nothing() -> None:
    assert doubles([None, None], [], ["train", "test"], [0, 1]) == []
