"""Honest numbers of a model on labelled pictures."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.stats import binomtest
from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_auc_score

from striate import compute
from striate.data.canvases import Prepared, drained, prepare
from striate.data.folder import Found, nfc
from striate.data.samples import Files, Pictures
from striate.data.sets import open_set
from striate.data.split import restore
from striate.fitting.scoring import Scores, scores
from striate.model import Model
from striate.problem import BadData, Misuse
from striate.run import Run

_TOP = 5
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
        }


def evaluate(source: Model | str | Path, data: str | Path | None = None) -> Evaluation:
    """Tries a run or a model on the test pictures, or on the validation pictures where there is no test part.

    A run knows its own pictures and their division; another set is named by ``data``, and a folder that is not divided
    is tried whole. Pictures that the run learned from are never among those counted.
    """
    model = source if isinstance(source, Model) else Model.load(source)
    split, samples, names = _pictures(source, data, model)
    pictures = drained(prepare(samples, model.view, compute.for_answers().threads))
    if not len(pictures):
        raise BadData("data.no_pictures", path=data or source, loose=0)
    return _evaluated(
        split, scores(model, _relabelled(pictures, names, model.classes)), model.classes, pictures.skipped
    )


def _pictures(source: Model | str | Path, data: str | Path | None, model: Model) -> tuple[str, Pictures, Sequence[str]]:
    """The part to try, its pictures, and the class names that their labels count in."""
    recorded = _recorded(source)
    if data is None and recorded is None:
        raise Misuse("evaluate.no_data", model=model.net if source is model else source)
    found = open_set(data if data is not None else recorded.job().data)  # type: ignore[union-attr]
    parts = dict(found.parts)
    if recorded is not None and found.source == recorded.job().data:
        parts = dict(restore(found, recorded.read("data.json")["parts"]).parts)
    part = next(name for name in ("test", "val", "all", "train") if len(parts.get(name, ())))
    if recorded is not None:
        _refuse_learned(parts[part], recorded)
    return part, parts[part], _known(found, model)


def _refuse_learned(samples: Pictures, run: Run) -> None:
    """Pictures that the run learned from are no test of it."""
    if not isinstance(samples, Files):
        return
    root = Path(run.job().data)
    learned = set(run.read("data.json")["parts"]["train"])
    inside = [nfc(path.resolve().relative_to(root).as_posix()) for path in samples.paths if _below(path, root)]
    count = sum(name in learned for name in inside)
    if count:
        raise BadData("evaluate.learned", path=samples.root, count=count, total=len(samples), run=run.path)


def _below(path: Path, root: Path) -> bool:
    return path.resolve().is_relative_to(root)


def _recorded(source: Model | str | Path) -> Run | None:
    """The run that a source is, where it is one."""
    if isinstance(source, Model):
        return None
    return Run(Path(source)) if (Path(source) / "data.json").is_file() else None


def _known(found: Found, model: Model) -> tuple[str, ...]:
    """The found classes, once all of them are among the model's."""
    known = {nfc(name) for name in model.classes}
    unknown = [name for name in found.classes if nfc(name) not in known]
    if unknown:
        shown = ", ".join(model.classes[:8])
        raise BadData("evaluate.classes", path=found.source, unknown=", ".join(unknown[:5]), known=shown)
    return found.classes


def _relabelled(pictures: Prepared, names: Sequence[str], classes: Sequence[str]) -> Prepared:
    """Labels that count in the set's classes, counting in the model's instead."""
    place = {nfc(name): at for at, name in enumerate(classes)}
    table = torch.tensor([place[nfc(name)] for name in names])
    return Prepared(pictures.samples, pictures.canvases, table[pictures.labels], pictures.skipped, pictures.notes)


def _evaluated(split: str, answers: Scores, names: Sequence[str], skipped: dict[str, str]) -> Evaluation:
    truth, count = answers.labels.numpy(), len(answers.labels)
    called = answers.logits.argmax(1).numpy()
    every = np.arange(len(names))
    confusion = confusion_matrix(truth, called, labels=every)
    intervals = {"top1": _wilson(int((truth == called).sum()), count)}
    top5 = None
    if len(names) > _TOP:
        among = (answers.logits.topk(_TOP).indices == answers.labels[:, None]).any(1)
        top5, intervals["top5"] = float(among.double().mean()), _wilson(int(among.sum()), count)
    classes = _class_scores(answers, confusion, called, names)
    macro = {metric: _mean([getattr(each, metric) for each in classes]) for metric in _METRICS}
    return Evaluation(
        split, count, answers.top1, top5, answers.loss, intervals, confusion.tolist(), classes,
        {**macro, "support": float(count)}, skipped,
    )  # fmt: skip


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
