"""Two classes told apart: the notes' example, scikit-learn's curves, and what is undefined."""

import numpy as np
import pytest
from sklearn import metrics as reference

from striate.foundations.metrics import Table, roc, scored, sweep, told
from striate.problem import BadData, Misuse

NOTES = Table(true_positives=6, false_positives=2, false_negatives=1, true_negatives=1)


def drawn(seed: int, n: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Targets and scores with many ties."""
    chance = np.random.default_rng(seed)
    targets = chance.integers(0, 2, n)
    return targets, np.round(chance.normal(targets * 0.8, 1.0), 1)


def test_the_notes_ten_people() -> None:
    found = scored(NOTES)
    assert (found.accuracy, found.precision, found.f1) == (0.7, 0.75, 0.8)
    assert found.recall == pytest.approx(0.857143, abs=5e-7)
    assert found.fall_out == pytest.approx(0.666667, abs=5e-7)
    assert found.specificity == pytest.approx(1 / 3)
    assert found.precision is not None
    assert found.recall is not None
    assert found.f1 == pytest.approx(2 * found.precision * found.recall / (found.precision + found.recall))


def test_the_notes_people_as_scores_give_the_same_table_and_one_bend_of_the_curve() -> None:
    targets = [1] * 7 + [0] * 3
    called = [1] * 6 + [0, 1, 1, 0]
    assert told(targets, called) == NOTES
    points = [(point.fall_out, point.recall) for point in roc(targets, called).points]
    assert points == [(0, 0), (pytest.approx(0.6667, abs=5e-5), pytest.approx(0.8571, abs=5e-5)), (1, 1)]


@pytest.mark.parametrize("seed", range(4))
def test_ratios_are_scikit_learns_at_any_threshold(seed: int) -> None:
    targets, scores = drawn(seed)
    for threshold in (-0.5, 0.3, 1.0):
        found, called = scored(told(targets, scores, threshold=threshold)), scores >= threshold
        assert found.accuracy == pytest.approx(reference.accuracy_score(targets, called), abs=1e-12)
        assert found.precision == pytest.approx(reference.precision_score(targets, called), abs=1e-12)
        assert found.recall == pytest.approx(reference.recall_score(targets, called), abs=1e-12)
        assert found.specificity == pytest.approx(reference.recall_score(1 - targets, ~called), abs=1e-12)
        assert found.f1 == pytest.approx(reference.f1_score(targets, called), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_curve_is_scikit_learns_and_its_two_areas_are_equal(seed: int) -> None:
    targets, scores = drawn(seed)
    found = roc(targets, scores)
    x, y, thresholds = reference.roc_curve(targets, scores, drop_intermediate=False)
    assert [point.fall_out for point in found.points] == pytest.approx(x, abs=1e-12)
    assert [point.recall for point in found.points] == pytest.approx(y, abs=1e-12)
    assert [point.threshold for point in found.points[1:]] == pytest.approx(thresholds[1:])
    assert found.area == pytest.approx(reference.roc_auc_score(targets, scores), abs=1e-12)
    assert found.area == pytest.approx(found.pairs.area, abs=1e-12)


def test_pairs_are_counted_as_by_hand() -> None:
    found = roc([1, 1, 0, 0, 0], [0.9, 0.4, 0.5, 0.4, 0.1]).pairs
    assert (found.higher, found.equal, found.lower) == (4, 1, 1)
    assert found.area == 0.75


def test_scores_that_say_nothing_lie_on_the_diagonal() -> None:
    found = roc([1, 0, 1, 0], [0.3, 0.3, 0.3, 0.3])
    assert [(point.fall_out, point.recall) for point in found.points] == [(0, 0), (1, 1)]
    assert found.area == found.pairs.area == 0.5


def test_a_sweep_holds_the_table_of_every_threshold() -> None:
    targets, scores = drawn(7)
    cuts = sweep(targets, scores)
    assert [cut.threshold for cut in cuts] == [None, *sorted(set(scores.tolist()), reverse=True)]
    assert (cuts[0].table.true_positives, cuts[0].table.false_positives) == (0, 0)
    for cut in cuts[1:]:
        assert cut.threshold is not None
        assert cut.table == told(targets, scores, threshold=cut.threshold)


def test_what_is_nought_by_nought_is_none() -> None:
    nobody_called = scored(Table(0, 0, 3, 2))
    assert (nobody_called.precision, nobody_called.recall, nobody_called.f1) == (None, 0.0, 0.0)
    no_positives = scored(Table(0, 1, 0, 2))
    assert (no_positives.recall, no_positives.precision, no_positives.f1) == (None, 0.0, 0.0)
    only_negatives = scored(Table(0, 0, 0, 5))
    assert (only_negatives.precision, only_negatives.recall, only_negatives.f1) == (None, None, None)
    only_positives = scored(Table(5, 0, 0, 0))
    assert (only_positives.fall_out, only_positives.specificity, only_positives.f1) == (None, None, 1.0)


@pytest.mark.parametrize(
    ("targets", "scores", "key"),
    [
        ([], [], "given.empty"),
        ([0, 1], [0.1], "given.lengths"),
        ([0, 2], [0.1, 0.2], "given.labels"),
        ([0, 1], [0.1, float("nan")], "given.not_finite"),
        ([0, 1], [0.1, float("inf")], "given.not_finite"),
        ([0, 1], ["high", "low"], "given.not_numbers"),
        ([0, 1], [[0.1, 0.2], [0.3]], "given.not_numbers"),
        ([0, 1], [[0.1], [0.2]], "given.dims"),
        ([1, 1], [0.1, 0.2], "metrics.one_class"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_the_reason(targets: list, scores: list, key: str) -> None:
    with pytest.raises(BadData) as caught:
        roc(targets, scores)
    assert caught.value.key == f"problem.foundations.{key}"
    assert caught.value.text("ko") != caught.value.text("en")


def test_a_message_names_the_place_of_the_bad_number() -> None:
    with pytest.raises(BadData, match="scores holds nan at place 2"):
        roc([0, 1], [0.1, float("nan")])


@pytest.mark.parametrize("counts", [(-1, 2, 3, 4), (1.5, 2, 3, 4), (1, 2, float("nan"), 4)])
def test_counts_are_whole_and_not_negative(counts: tuple) -> None:
    with pytest.raises(Misuse, match="is a count"):
        Table(*counts)


def test_four_noughts_and_no_threshold_are_refused() -> None:
    with pytest.raises(BadData, match="all four counts are 0"):
        Table(0, 0, 0, 0)
    with pytest.raises(Misuse, match="not a number"):
        told([0, 1], [0, 1], threshold=float("nan"))
