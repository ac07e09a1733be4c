"""How well two classes are told apart: the table of four counts, the ratios made of it, the ROC curve, its area."""

import math
from dataclasses import dataclass

import numpy as np

from striate.foundations import given
from striate.foundations.given import Array, Numbers
from striate.problem import BadData, Misuse


@dataclass(frozen=True)
class Table:
    """How many of two classes were called what (a confusion matrix); 1 is the positive class."""

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    def __post_init__(self) -> None:
        counts = (self.true_positives, self.false_positives, self.false_negatives, self.true_negatives)
        for name, value in zip(("TP", "FP", "FN", "TN"), counts, strict=True):
            if not math.isfinite(value) or value != int(value) or value < 0:
                raise Misuse("foundations.metrics.count", name=name, value=f"{value:g}")
        if not sum(counts):
            raise BadData("foundations.metrics.nothing")


@dataclass(frozen=True)
class Scores:
    """The ratios of a table; None where one is 0/0.

    accuracy = (TP + TN) / n; precision = TP / (TP + FP); recall = TP / (TP + FN), also TPR; fall_out = FP / (FP + TN),
    also FPR; specificity = TN / (FP + TN) = 1 - fall_out; f1 = 2 TP / (2 TP + FP + FN), the harmonic mean of precision
    and recall wherever that mean is defined, and 0 where both are 0.
    """

    accuracy: float
    precision: float | None
    recall: float | None
    fall_out: float | None
    specificity: float | None
    f1: float | None


@dataclass(frozen=True)
class Cut:
    """What a threshold makes of scores; the threshold None lies above every score and calls nobody positive."""

    threshold: float | None
    table: Table
    scores: Scores


@dataclass(frozen=True)
class RocPoint:
    """A cut as a point: x = fall-out, y = recall; ``strip`` is the trapezoid between it and the point before."""

    threshold: float | None
    fall_out: float
    recall: float
    strip: float


@dataclass(frozen=True)
class Pairs:
    """Each positive beside each negative: how often the positive has the higher, an equal, or the lower score.

    area = (higher + equal / 2) / all: the chance that a positive outranks a negative (Hanley & McNeil 1982).
    """

    higher: int
    equal: int
    lower: int
    area: float


@dataclass(frozen=True)
class Roc:
    """The ROC curve from (0, 0) to (1, 1), equal scores together; its area by the trapezoids, and by pairs."""

    points: tuple[RocPoint, ...]
    area: float
    pairs: Pairs


def told(targets: Numbers, scores: Numbers, *, threshold: float = 0.5) -> Table:
    """The table of targets (n,), each 0 or 1, and scores (n,): whoever has the threshold or more is called positive."""
    truth, values = _told_apart(targets, scores)
    if math.isnan(threshold):
        raise Misuse("foundations.metrics.threshold")
    called = values >= threshold
    return Table(
        int((called & (truth == 1)).sum()),
        int((called & (truth == 0)).sum()),
        int((~called & (truth == 1)).sum()),
        int((~called & (truth == 0)).sum()),
    )


def scored(table: Table) -> Scores:
    """The ratios of a table."""
    tp, fp, fn, tn = table.true_positives, table.false_positives, table.false_negatives, table.true_negatives
    return Scores(
        accuracy=(tp + tn) / (tp + fp + fn + tn),
        precision=_ratio(tp, tp + fp),
        recall=_ratio(tp, tp + fn),
        fall_out=_ratio(fp, fp + tn),
        specificity=_ratio(tn, fp + tn),
        f1=_ratio(2 * tp, 2 * tp + fp + fn),
    )


def sweep(targets: Numbers, scores: Numbers) -> tuple[Cut, ...]:
    """A cut above all scores and one at each different score, falling."""
    truth, values = _told_apart(targets, scores)
    thresholds = np.unique(values)[::-1]
    sides = (np.sort(values[truth == kind]) for kind in (1, 0))
    positive, negative = (len(side) - np.searchsorted(side, thresholds) for side in sides)  # who has it or more
    cuts = []
    for at, threshold in enumerate((None, *thresholds.tolist())):
        tp, fp = (int(counts[at - 1]) if at else 0 for counts in (positive, negative))
        table = Table(tp, fp, int(positive[-1]) - tp, int(negative[-1]) - fp)
        cuts.append(Cut(threshold, table, scored(table)))
    return tuple(cuts)


def roc(targets: Numbers, scores: Numbers) -> Roc:
    """The curve of a sweep; both classes must occur (Fawcett 2006)."""
    truth, values = _told_apart(targets, scores)
    if len(kinds := set(truth.tolist())) == 1:
        raise BadData("foundations.metrics.one_class", value=f"{kinds.pop():g}")
    points, x, y = [], 0.0, 0.0
    for cut in sweep(targets, scores):
        fall_out, recall = cut.scores.fall_out, cut.scores.recall
        assert fall_out is not None
        assert recall is not None
        points.append(RocPoint(cut.threshold, fall_out, recall, (fall_out - x) * (recall + y) / 2))
        x, y = fall_out, recall
    pairs = _pairs(values[truth == 1], values[truth == 0])
    return Roc(tuple(points), math.fsum(point.strip for point in points), pairs)


def _pairs(positive: Array, negative: Array) -> Pairs:
    below, up_to = (np.searchsorted(np.sort(negative), positive, side) for side in ("left", "right"))
    higher, equal = int(below.sum()), int((up_to - below).sum())
    total = len(positive) * len(negative)
    return Pairs(higher, equal, total - higher - equal, (higher + equal / 2) / total)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _told_apart(targets: Numbers, scores: Numbers) -> tuple[Array, Array]:
    truth, values = given.labels(targets, "targets"), given.numbers(scores, "scores")
    given.paired(truth, values, ("targets", "scores"))
    return truth, values
