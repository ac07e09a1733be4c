"""Honest numbers of a model on labelled pictures."""

import math
import warnings
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_auc_score

from striate.crops import PLAIN, Crops, Scheme
from striate.fitting.answering import Progress, looking, trying
from striate.fitting.held_out import held_out, recorded
from striate.fitting.scoring import Scores
from striate.model import Model
from striate.problem import BadData, Misuse
from striate.work import drained

_METRICS = ("precision", "recall", "fall_out", "f1", "auc")


@dataclass(frozen=True)
class ClassScore:
    """One class against all others; None where a number is undefined, as is the recall of a class without pictures."""

    name: str
    precision: float | None
    recall: float | None
    fall_out: float | None
    f1: float | None
    support: int
    auc: float | None


@dataclass(frozen=True)
class Evaluation:
    """How a model did. ``confusion[i][j]`` counts pictures of class i that were called j."""

    split: str
    images: int
    top1: float
    top5: float | None  # None below six classes
    loss: float  # mean of -log probability of the true class
    intervals: dict[str, tuple[float, float]]  # Wilson, 95 %
    confusion: list[list[int]]
    classes: list[ClassScore]
    macro: dict[str, float | None]  # unweighted means over the classes where the number is defined
    skipped: dict[str, str]  # picture: reason
    crops: Crops = PLAIN  # what each answer is made of, with nothing left open

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract."""
        return {
            "split": self.split,
            "images": self.images,
            "top1": self.top1,
            "top5": self.top5,
            "loss": self.loss,
            "intervals": {name: list(bounds) for name, bounds in self.intervals.items()},
            "confusion": self.confusion,
            "classes": [vars(each) for each in self.classes],
            "macro": self.macro,
            "skipped": self.skipped,
            "crops": asdict(self.crops),
        }


def evaluate(source: Model | str | Path, data: str | Path | None = None, *, crops: Crops | Scheme = 1) -> Evaluation:
    """Tries a run or a model on the test pictures, or on the validation pictures where there is no test part.

    A run knows its own pictures and their division; another set is named by ``data``, and a folder that is not divided
    is tried whole. Pictures that the run learned from are never among those counted. With several ``crops``, an answer
    is the mean of their probabilities.
    """
    return drained(evaluating(source, data, crops=crops))


def evaluating(
    source: Model | str | Path, data: str | Path | None = None, *, crops: Crops | Scheme = 1
) -> Generator[Progress, None, Evaluation]:
    """As evaluate(), yielding how far it is."""
    model = source if isinstance(source, Model) else Model.load(source)
    run = None if isinstance(source, Model) else recorded(source)
    if data is None and run is None:
        raise Misuse("evaluate.no_data", model=model.net if source is model else source)
    tried_on = held_out(model, run, data if data is not None else run.job().data)  # type: ignore[union-attr]
    look = looking(model, crops)
    tried = yield from trying(look, tried_on.samples)
    if not tried.places:
        raise BadData("data.no_pictures", path=data or source, loose=0)
    answers = Scores(tried.scores, tried_on.labels(model.classes, tried.places))
    return replace(_evaluated(tried_on.split, answers, model.classes, tried.skipped), crops=look.crops)


def intervals(answers: Scores) -> dict[str, tuple[float, float]]:
    """Wilson's intervals of 95 % for top1 and, where there is one, top5."""
    hits = {"top1": answers.right, "top5": answers.among_five}
    return {name: _wilson(int(each.sum()), len(each)) for name, each in hits.items() if each is not None}


def _evaluated(split: str, answers: Scores, names: Sequence[str], skipped: dict[str, str]) -> Evaluation:
    truth, count = answers.labels.numpy(), len(answers.labels)
    called = answers.logits.argmax(1).numpy()
    every = np.arange(len(names))
    confusion = confusion_matrix(truth, called, labels=every)
    classes = _class_scores(answers, confusion, called, names)
    macro = {metric: _mean([getattr(each, metric) for each in classes]) for metric in _METRICS}
    return Evaluation(
        split=split,
        images=count,
        top1=answers.top1,
        top5=answers.top5,
        loss=answers.loss,
        intervals=intervals(answers),
        confusion=confusion.tolist(),
        classes=classes,
        macro={**macro, "support": float(count)},
        skipped=skipped,
    )


def _class_scores(answers: Scores, confusion: np.ndarray, called: np.ndarray, names: Sequence[str]) -> list[ClassScore]:
    truth = answers.labels.numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UndefinedMetricWarning)  # undefined is what the nan says
        precision, recall, f1, support = precision_recall_fscore_support(
            truth, called, labels=np.arange(len(names)), zero_division=np.nan
        )
    probabilities = answers.logits.double().softmax(1).numpy()
    wrongly = confusion.sum(0) - confusion.diagonal()
    others = len(truth) - support
    return [
        ClassScore(
            name=name,
            precision=_defined(precision[at]),
            recall=_defined(recall[at]),
            fall_out=float(wrongly[at] / others[at]) if others[at] else None,
            f1=_defined(f1[at]),
            support=int(support[at]),
            auc=float(roc_auc_score(truth == at, probabilities[:, at])) if support[at] and others[at] else None,
        )
        for at, name in enumerate(names)
    ]


def _wilson(hits: int, count: int) -> tuple[float, float]:
    interval = binomtest(hits, count).proportion_ci(0.95, method="wilson")
    return float(interval.low), float(interval.high)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _mean(values: list[float | None]) -> float | None:
    defined = [value for value in values if value is not None]
    return sum(defined) / len(defined) if defined else None
