"""Statistics of an experiment: scipy's own, and Holm's by hand."""

import numpy as np
import pytest
from scipy import stats

from striate.ablation.folder import Outcome
from striate.ablation.numbers import holm, paired, spread
from striate.ablation.results import ArmResult, compared

OURS = [0.912, 0.905, 0.917, 0.921, 0.899]
THEIRS = [0.901, 0.903, 0.908, 0.915, 0.901]


def test_the_paired_test_and_its_interval_are_scipys() -> None:
    found, reference = paired(OURS, THEIRS), stats.ttest_rel(OURS, THEIRS)
    interval = reference.confidence_interval(0.95)
    assert found is not None
    assert found.p == reference.pvalue
    assert found.interval == (interval.low, interval.high)
    assert found.difference == pytest.approx(np.mean(OURS) - np.mean(THEIRS))
    assert found.interval[0] < found.difference < found.interval[1]
    assert found.n == 5


def test_a_spread_is_that_of_a_sample_and_its_interval_is_scipys() -> None:
    found = spread(OURS)
    assert found is not None
    assert (found.n, found.mean) == (5, np.mean(OURS))
    assert found.std == stats.tstd(OURS)
    reference = stats.t.interval(0.95, 4, np.mean(OURS), stats.sem(OURS))
    assert found.interval == pytest.approx(reference)


def test_one_seed_has_no_deviation_and_is_not_tested() -> None:
    single = spread([0.9])
    assert single is not None
    assert (single.std, single.interval) == (None, None)
    pair = paired([0.9], [0.8])
    assert pair is not None
    assert (pair.p, pair.interval) == (None, None)
    assert pair.difference == pytest.approx(0.1)
    assert spread([]) is None
    assert paired([], []) is None


@pytest.mark.parametrize("by", [0.0, 0.1])
def test_differences_that_do_not_vary_are_not_tested(by: float) -> None:
    found = paired([value + by for value in THEIRS], THEIRS)
    assert found is not None
    assert found.p is None
    assert found.difference == pytest.approx(by)


def test_holm_steps_down_and_never_falls() -> None:
    """The example of Holm's procedure with p = 0.01, 0.04, 0.03, 0.005."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([0.02]) == [0.02]
    assert holm([]) == []


def arm(name: str, values: dict[int, float | None]) -> ArmResult:
    """An arm with a test top-1 a seed; None for a run that diverged."""
    return ArmResult(
        name, name,
        tuple(Outcome(name, seed, top1, top1, 1.0, 1.0, 10, 20, (), {}, top1 is None) for seed, top1 in values.items()),
    )  # fmt: skip


def test_arms_are_paired_by_seed_and_adjusted_together() -> None:
    base = dict(enumerate(THEIRS))
    better = {4: 0.95, 2: 0.94, 0: 0.93}  # fewer seeds, in another order
    same, other = dict(enumerate(OURS)), dict(enumerate(reversed(OURS)))
    arms = [arm("base", base), arm("better", better), arm("same", same), arm("other", other)]
    found = {each.name: each.against for each in compared(arms, "base", "test_top1")}
    assert found["base"] is None
    reference = stats.ttest_rel([0.93, 0.94, 0.95], [base[0], base[2], base[4]])
    assert found["better"] is not None
    assert found["better"].p == pytest.approx(reference.pvalue)
    tested = [found[name] for name in ("better", "same", "other")]
    assert [each.adjusted for each in tested if each] == holm([each.p for each in tested if each and each.p])


def test_a_diverged_run_is_counted_and_averaged_nowhere() -> None:
    broken = arm("broken", {0: 0.5, 1: None, 2: 0.7})
    assert broken.diverged == 1
    found = broken.spread("test_top1")
    assert found is not None
    assert (found.n, found.mean) == (2, pytest.approx(0.6))
    (_, against) = compared([arm("base", {0: 0.4, 1: 0.4, 2: 0.5}), broken], "base", "test_top1")
    assert against.against is not None
    assert against.against.n == 2
