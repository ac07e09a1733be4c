"""Order and chance: pure functions of seed, epoch and picture, spread evenly, and the same for ever."""

import tracemalloc

import numpy as np
import pytest
from scipy.stats import chisquare, kstest, poisson

from striate.data.order import (
    MOST_IN_TABLE,
    balanced,
    batch,
    batch_count,
    batches,
    draws,
    enciphered,
    order,
    permutation,
    rank_by_hash,
    step_seed,
)

MANY = 100_000
THOUSAND_MILLIONS = 1_000_000_000
FOUR_DEVIATIONS = 4 / np.sqrt(MANY)  # of a correlation of so many independent pairs

# If one of these changes, a run that was started before can no longer go on as it would have.
GOLDEN_PERMUTATION = [9, 7, 5, 8, 6]
GOLDEN_ORDER = [885655941, 333129961, 579555474, 273837000, 265156717]
GOLDEN_DRAWS = [0.20516212455995342, 0.8806057933504527, 0.8842346586992688]
GOLDEN_STEP_SEED = 4187965770315892454
GOLDEN_RANK = [0, 1, 4, 3, 2]


class TestPermutation:
    @pytest.mark.parametrize("count", [0, 1, 2, 10, 1_000])
    def test_each_index_occurs_once(self, count):
        order = permutation(count, seed=0, epoch=0)
        assert order.dtype == np.int64
        assert sorted(order.tolist()) == list(range(count))

    def test_it_differs_by_epoch_and_by_seed_and_is_the_same_when_asked_again(self):
        orders = {permutation(50, seed, epoch).tobytes() for seed in range(5) for epoch in range(5)}
        assert len(orders) == 25
        assert np.array_equal(permutation(50, 3, 4), permutation(50, 3, 4))

    def test_seed_and_epoch_are_not_exchanged(self):
        assert not np.array_equal(permutation(50, 1, 2), permutation(50, 2, 1))
        assert not np.array_equal(permutation(50, 1, 12), permutation(50, 11, 2))

    def test_the_order_of_today_is_the_order_for_ever(self):
        assert permutation(10, seed=0, epoch=0)[:5].tolist() == GOLDEN_PERMUTATION

    def test_every_index_comes_to_every_place(self):
        places = np.zeros((6, 6))
        for epoch in range(1_200):
            places[np.arange(6), permutation(6, seed=0, epoch=epoch)] += 1
        assert ((places - 200) ** 2 / 200).sum() < 57  # chi-squared, 25 degrees of freedom

    def test_it_leaves_numpys_random_state_alone(self):
        before = np.random.get_state()[1].copy()
        permutation(100, 0, 0)
        assert np.array_equal(np.random.get_state()[1], before)


def keys_of(number: int) -> tuple[int, ...]:
    """Those of an order that is enciphered, for numbers of any count."""
    return order(THOUSAND_MILLIONS, seed=number, epoch=0).keys


class TestOrder:
    @pytest.mark.parametrize("count", [0, 1, 10, 1_000, MOST_IN_TABLE])
    def test_up_to_four_million_samples_it_is_the_permutation(self, count):
        some = order(count, seed=3, epoch=5)
        assert len(some) == count
        assert np.array_equal(some[0:count], permutation(count, 3, 5))

    def test_above_it_each_index_occurs_once(self):
        count = MOST_IN_TABLE + 1
        some = order(count, seed=0, epoch=0)
        assert some.table is None
        assert len(some) == count
        pieces = [some[start : start + 1_000_003] for start in range(0, count, 1_000_003)]
        assert {piece.dtype for piece in pieces} == {np.dtype(np.int64)}
        assert np.array_equal(np.sort(np.concatenate(pieces)), np.arange(count))

    def test_a_slice_is_that_part_of_the_order_however_it_is_asked_for(self):
        some = order(THOUSAND_MILLIONS, seed=1, epoch=1)
        whole = some[999_000_000:]
        assert len(whole) == 1_000_000
        assert np.array_equal(some[999_500_000:999_500_064], whole[500_000:500_064])
        assert np.array_equal(some[-10:], whole[-10:])
        assert some[999_999_999:2_000_000_000].tolist() == [whole[-1]]
        assert some[5:5].shape == (0,)

    def test_it_is_the_same_when_asked_again_and_differs_by_seed_and_epoch(self):
        def first(seed: int, epoch: int) -> bytes:
            return order(THOUSAND_MILLIONS, seed, epoch)[:50].tobytes()

        assert first(3, 4) == first(3, 4)
        assert len({first(seed, epoch) for seed in range(5) for epoch in range(5)}) == 25
        assert first(1, 12) != first(11, 2)

    def test_the_order_of_today_is_the_order_for_ever(self):
        assert order(THOUSAND_MILLIONS, seed=0, epoch=0)[:5].tolist() == GOLDEN_ORDER

    def test_a_thousand_million_samples_take_no_more_memory_than_their_batches(self):
        tracemalloc.start()
        try:
            some = order(THOUSAND_MILLIONS, seed=0, epoch=0)
            for number in range(0, batch_count(len(some), 256), batch_count(len(some), 256) // 1_000):
                assert len(some[slice(*batch(len(some), 256, number))]) in (255, 256)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 200_000  # bytes


class TestCipher:
    @pytest.mark.parametrize(
        "count",
        [*range(1, 40), 97, 127, 128, 129, 1_009, 4_095, 4_096, 4_097, 65_535, 65_536, 65_537, 99_991, 1_000_000],
    )
    def test_no_two_numbers_become_the_same(self, count):
        found = enciphered(np.arange(count), count, keys_of(count))
        assert found.dtype == np.int64
        assert np.array_equal(np.sort(found), np.arange(count))

    def test_a_number_becomes_the_same_in_any_company(self):
        numbers = np.random.default_rng(0).integers(0, 99_991, 500)
        whole = enciphered(np.arange(99_991), 99_991, keys_of(0))
        assert np.array_equal(enciphered(numbers, 99_991, keys_of(0)), whole[numbers])

    def test_every_number_comes_to_every_place_equally_often(self):
        count, cells = 1_009, 10
        found = np.stack([enciphered(np.arange(count), count, keys_of(number)) for number in range(500)])
        for at in (0, 1, 31, 32, 33, 500, 1_008):
            counted = np.bincount(found[:, at] * cells // count, minlength=cells)
            share = np.bincount(np.arange(count) * cells // count) / count
            assert chisquare(counted, share * len(found)).pvalue > 1e-4, at

    def test_as_many_numbers_stay_in_place_as_by_chance(self):
        stayed = [
            int((enciphered(np.arange(1_009), 1_009, keys_of(at)) == np.arange(1_009)).sum()) for at in range(800)
        ]
        counted = np.bincount(np.minimum(stayed, 4), minlength=5)
        share = [*poisson.pmf(range(4), 1), poisson.sf(3, 1)]
        assert chisquare(counted, np.array(share) * len(stayed)).pvalue > 1e-4

    @pytest.mark.parametrize("start", [0, 123_456_789, 999_900_000])
    def test_a_stretch_of_the_order_is_spread_evenly_over_all_samples(self, start):
        some = order(THOUSAND_MILLIONS, seed=0, epoch=0)[start : start + 100_000]
        assert kstest(some / THOUSAND_MILLIONS, "uniform").pvalue > 1e-4
        last = np.bincount(some % 100, minlength=100)
        assert chisquare(last).pvalue > 1e-4

    @pytest.mark.parametrize("apart", [1, 2, 64, 31_623, 63_246])
    def test_what_follows_a_sample_is_independent_of_it(self, apart):
        walk = order(THOUSAND_MILLIONS, seed=2, epoch=7)
        first, second = walk[0:100_000], walk[apart : apart + 100_000]
        for cell in (lambda at: at * 10 // THOUSAND_MILLIONS, lambda at: at % 31_623 * 10 // 31_623):
            assert chisquare(np.bincount(cell(first) * 10 + cell(second), minlength=100)).pvalue > 1e-4

    def test_epochs_are_independent_of_each_other(self):
        orders = [order(THOUSAND_MILLIONS, 0, epoch)[0:20_000] for epoch in range(20)]
        correlations = np.corrcoef(orders)[np.triu_indices(len(orders), 1)]
        assert abs(correlations).max() < 5 / np.sqrt(20_000)


class TestBatches:
    @pytest.mark.parametrize("size", [1, 2, 7, 64, 128, 1_000])
    def test_they_cover_everything_once_in_order_and_are_all_but_equal(self, size):
        for count in (1, 2, 3, 63, 64, 65, 127, 129, 500, 999, 1_000, 1_001):
            cut = batches(count, size)
            assert [at for start, end in cut for at in range(start, end)] == list(range(count)), count
            lengths = [end - start for start, end in cut]
            assert max(lengths) <= size, count
            assert max(lengths) - min(lengths) <= 1, count
            assert len(cut) == -(-count // size), count  # as few as the size allows

    def test_none_is_a_leftover(self):
        assert batches(129, 128) == [(0, 64), (64, 129)]
        assert batches(10, 4) == [(0, 3), (3, 6), (6, 10)]


class TestDraws:
    @pytest.fixture(scope="class")
    @classmethod
    def drawn(cls):
        return draws(np.arange(MANY), seed=0, epoch=0, purpose=0)

    def test_they_lie_from_zero_up_to_one(self, drawn):
        assert drawn.dtype == np.float64
        assert drawn.min() >= 0
        assert drawn.max() < 1

    def test_they_are_spread_evenly(self, drawn):
        assert abs(drawn.mean() - 0.5) < 4 * np.sqrt(1 / 12 / MANY)
        assert abs(drawn.var() - 1 / 12) < 4 * np.sqrt(1 / 180 / MANY)
        counted = np.bincount((drawn * 100).astype(int), minlength=100)
        assert ((counted - MANY / 100) ** 2 / (MANY / 100)).sum() < 160  # chi-squared, 99 degrees of freedom

    def test_no_two_pictures_share_a_value(self, drawn):
        assert len(np.unique(drawn)) == MANY

    def test_neighbours_are_independent(self, drawn):
        for apart in (1, 2, 3, 64, 256, 28 * 28):
            assert abs(np.corrcoef(drawn[:-apart], drawn[apart:])[0, 1]) < FOUR_DEVIATIONS, apart

    def test_purposes_epochs_and_seeds_are_independent_of_each_other(self):
        ids = np.arange(MANY)
        several = [
            draws(ids, seed, epoch, purpose) for seed in (0, 1) for epoch in (0, 1, 2) for purpose in range(5)
        ]  # fmt: skip
        correlations = np.corrcoef(several)[np.triu_indices(len(several), 1)]
        assert abs(correlations).max() < 5 / np.sqrt(MANY)  # the largest of 435
        assert abs(correlations.mean()) < FOUR_DEVIATIONS / np.sqrt(len(correlations)) * 2

    def test_two_purposes_fill_the_square_evenly(self):
        ids = np.arange(MANY)
        cells = [(draws(ids, 0, 0, purpose) * 10).astype(int) for purpose in (1, 2)]
        counted = np.bincount(cells[0] * 10 + cells[1], minlength=100)
        assert ((counted - MANY / 100) ** 2 / (MANY / 100)).sum() < 160

    def test_a_picture_draws_the_same_in_any_array(self, drawn):
        chosen = np.random.default_rng(0).permutation(MANY)[:500]
        assert np.array_equal(draws(chosen, 0, 0, 0), drawn[chosen])
        for at in chosen[:20]:
            assert draws(np.array([at]), 0, 0, 0)[0] == drawn[at]
        assert np.array_equal(draws(chosen.astype(np.int32), 0, 0, 0), drawn[chosen])
        assert np.array_equal(draws(np.repeat(chosen, 2), 0, 0, 0), np.repeat(drawn[chosen], 2))

    def test_no_pictures_draw_nothing(self):
        assert draws(np.arange(0), 0, 0, 0).shape == (0,)

    def test_the_draws_of_today_are_the_draws_for_ever(self):
        assert draws(np.array([0, 1, 59_999]), seed=0, epoch=0, purpose=0).tolist() == GOLDEN_DRAWS

    def test_large_ids_and_seeds_are_drawn_without_a_warning(self):
        ids = np.array([2**31 - 1, 2**40, 2**62])
        found = [draws(ids, seed, 10**6, 4) for seed in (0, 2**31, 2**63, 10**30)]
        assert len(np.unique(found)) == 12


class TestStepSeed:
    def test_every_step_of_every_epoch_and_seed_has_its_own(self):
        seeds = {step_seed(seed, epoch, step) for seed in range(5) for epoch in range(20) for step in range(50)}
        assert len(seeds) == 5_000
        assert all(0 <= each < 2**63 for each in seeds)  # what torch takes

    def test_the_seed_of_today_is_the_seed_for_ever(self):
        assert step_seed(0, 0, 0) == GOLDEN_STEP_SEED


class TestRank:
    def test_it_is_an_order_of_all_names(self):
        names = [f"{at}.jpg" for at in range(500)]
        assert sorted(rank_by_hash(names, seed=0)) == list(range(500))
        assert rank_by_hash([], seed=0) == []

    def test_it_differs_by_seed(self):
        names = [f"{at}.jpg" for at in range(20)]
        assert len({tuple(rank_by_hash(names, seed)) for seed in range(20)}) == 20

    def test_the_rank_of_today_is_the_rank_for_ever(self):
        names = ["cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "고양이/1.jpg", "train/0"]
        assert rank_by_hash(names, seed=0) == GOLDEN_RANK


class TestBalanced:
    LABELS = np.repeat([0, 1, 2], [90, 24, 6])

    def test_every_class_comes_as_often(self):
        for epoch in range(5):
            order = balanced(self.LABELS, 3, epoch)[:]
            assert len(order) == 120
            assert np.bincount(self.LABELS[order % 120]).tolist() == [40, 40, 40]

    def test_no_picture_comes_again_before_all_of_its_class_have_come(self):
        order = balanced(self.LABELS, 3, 0)[:]
        times = np.bincount(order % 120, minlength=120)
        for label in range(3):
            assert np.ptp(times[label == self.LABELS]) <= 1
        assert times[self.LABELS == 2].min() == 6

    def test_an_entry_says_how_often_its_picture_has_come_before(self):
        order = balanced(self.LABELS, 3, 0)[:]
        assert len(set(order.tolist())) == 120
        again = sorted((order[order % 120 == 119] // 120).tolist())
        assert again == list(range(len(again)))
        assert len(again) >= 6

    def test_another_epoch_takes_other_pictures_of_frequent_classes(self):
        seen = [set((balanced(self.LABELS, 3, epoch)[:] % 120).tolist()) for epoch in range(30)]
        assert set.union(*seen) == set(range(120))
        assert len({frozenset(each) for each in seen}) == 30

    def test_it_is_a_function_of_seed_and_epoch(self):
        assert np.array_equal(balanced(self.LABELS, 1, 2)[:], balanced(self.LABELS, 1, 2)[:])
        assert not np.array_equal(balanced(self.LABELS, 1, 2)[:], balanced(self.LABELS, 2, 1)[:])

    def test_classes_as_large_as_each_other_come_whole(self):
        labels = np.arange(40) % 4
        assert sorted(balanced(labels, 0, 0)[:].tolist()) == list(range(40))

    def test_a_class_without_pictures_has_no_part(self):
        labels = np.array([0, 0, 0, 2])
        assert np.bincount(labels[balanced(labels, 0, 0)[:] % 4], minlength=3).tolist() == [2, 0, 2]
