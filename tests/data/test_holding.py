"""Holding out whole groups, a like share of each class."""

from collections import Counter

import numpy as np
import pytest

from striate.data.holding import held_out, kinship


def plan(chance: np.random.Generator, count: int, classes: int) -> tuple[list[int], np.ndarray, dict[int, int]]:
    labels = chance.integers(0, classes, count)
    wanted = {label: min(max(1, round(n / 5)), n - 1) for label, n in sorted(Counter(labels.tolist()).items())}
    return chance.permutation(count).tolist(), labels, wanted


@pytest.mark.parametrize("seed", range(5))
def test_without_groups_each_class_gives_its_first_ones(seed):
    order, labels, wanted = plan(np.random.default_rng(seed), 300, 4)
    held = held_out(order, labels, None, wanted)
    for label, count in wanted.items():
        assert [at for at in order if labels[at] == label][:count] == [
            at for at in order if at in held and labels[at] == label
        ]
    assert held == held_out(order, labels, np.arange(300), wanted)


@pytest.mark.parametrize("seed", range(20))
def test_no_group_is_parted_and_every_class_has_its_share(seed):
    chance = np.random.default_rng(seed)
    order, labels, wanted = plan(chance, 600, 3)
    kin = chance.integers(0, 150, 600)  # about four pictures a group
    held = held_out(order, labels, kin, wanted)
    assert set(kin[held]).isdisjoint(np.delete(kin, held))
    counts = Counter(labels[held].tolist())
    for label, count in wanted.items():
        assert 0.8 * count <= counts[label] <= count


def test_a_class_of_large_groups_gets_the_smallest_that_leaves_it_something():
    labels = np.array([0] * 10 + [1] * 10)
    kin = np.array([0] * 6 + [1] * 4 + list(range(2, 12)))
    held = held_out(list(range(20)), labels, kin, {0: 2, 1: 2})
    assert held == [6, 7, 8, 9, 10, 11]


def test_a_class_of_one_group_is_not_taken_away_whole():
    labels, kin = np.array([0] * 5 + [1] * 5), np.array([0] * 5 + [1, 2, 3, 4, 5])
    assert held_out(list(range(10)), labels, kin, {0: 1, 1: 1}) == [5]


def test_a_group_across_classes_counts_for_each():
    labels, kin = np.array([0, 1, 0, 1, 0, 1]), np.array([0, 0, 1, 1, 2, 2])
    assert held_out([2, 3, 0, 1, 4, 5], labels, kin, {0: 1, 1: 1}) == [2, 3]


class TestKinship:
    def test_of_nothing_and_of_singles_there_is_none(self):
        assert kinship(None, None, count=4) is None
        assert kinship(np.array([4, 9, 2, 0]), count=4) is None

    def test_one_numbering_joins_what_has_the_same_number(self):
        assert parted(kinship(np.array([7, 8, 7, 9]), None, count=4)) == [{0, 2}, {1}, {3}]

    def test_two_numberings_join_across_each_other(self):
        patients, copies = np.array([0, 0, 1, 1, 2, 3]), np.array([0, 1, 1, 2, 2, 5])
        assert parted(kinship(patients, copies, count=6)) == [{0, 1, 2, 3, 4}, {5}]

    @pytest.mark.parametrize("seed", range(20))
    def test_whoever_can_be_reached_is_kin(self, seed):
        chance = np.random.default_rng(seed)
        one, two = chance.integers(0, 60, 60), chance.integers(0, 60, 60)
        reached = {at: {at} for at in range(60)}
        for _ in range(60):
            for at, others in reached.items():
                ones, twos = set(one[list(others)]), set(two[list(others)])
                reached[at] = {each for each in range(60) if one[each] in ones or two[each] in twos}
        assert parted(kinship(one, two, count=60)) == sorted({frozenset(each) for each in reached.values()}, key=min)


def parted(kin: np.ndarray | None) -> list[set[int]]:
    assert kin is not None
    groups: dict[int, set[int]] = {}
    for at, number in enumerate(kin.tolist()):
        groups.setdefault(number, set()).add(at)
    return list(groups.values())
