"""Several models asked as one: the mean of their probabilities, and whether that is better than the members alone."""

from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch
from scipy.stats import binomtest, permutation_test
from torch import Tensor

from striate.crops import Crops, Scheme
from striate.data.folder import nfc
from striate.fitting.answering import Progress, Tried, averaged, looking, trying
from striate.fitting.held_out import SPLITS, HeldOut, held_out, recorded
from striate.fitting.scoring import Scores
from striate.model import Model, folder_of
from striate.problem import BadData, Misuse
from striate.verbs.evaluate import intervals
from striate.work import drained, retold

_RESAMPLES = 9999


@dataclass(frozen=True)
class Member:
    """A member's own numbers."""

    model: str
    net: str
    top1: float
    top5: float | None  # None below six classes
    loss: float
    crops: Crops


@dataclass(frozen=True)
class Gain:
    """By how much the ensemble's top-1 is higher, and the p-value of a difference so large if there were none."""

    top1: float
    p: float


@dataclass(frozen=True)
class Ensemble:
    """How the members did, each alone and all together, on pictures that none of them learned from."""

    split: str
    images: int
    members: tuple[Member, ...]  # each once
    mean: dict[str, float | None]  # of the members' top1, top5 and loss
    top1: float
    top5: float | None
    loss: float
    intervals: dict[str, tuple[float, float]]  # Wilson, 95 %
    best: str  # the member with the highest top-1, then the lowest loss
    over_best: Gain  # McNemar's exact test
    over_mean: Gain  # signs of the pictures' differences flipped at random
    skipped: dict[str, str]  # picture: reason
    classes: tuple[str, ...] = field(repr=False)
    pictures: tuple[str, ...] = field(repr=False)
    probabilities: Tensor = field(repr=False, compare=False)  # float64 (pictures, classes), the mean of the members'

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract."""
        return {
            "split": self.split,
            "images": self.images,
            "members": [asdict(each) for each in self.members],
            "mean": self.mean,
            "top1": self.top1,
            "top5": self.top5,
            "loss": self.loss,
            "intervals": {name: list(bounds) for name, bounds in self.intervals.items()},
            "gain": {"best": {"model": self.best, **asdict(self.over_best)}, "mean": asdict(self.over_mean)},
            "skipped": self.skipped,
        }


def ensemble(
    sources: str | Path | Sequence[str | Path], data: str | Path | None = None, *, crops: Crops | Scheme = 1
) -> Ensemble:
    """Averages the probabilities of runs, models or networks, over their crops too, and tries them all.

    The members may differ in network and view, but must know the same classes. They are tried on the pictures of
    ``data``, or of their runs, that none of them learned from. One that is named twice counts once.
    """
    return drained(ensembling(sources, data, crops=crops))


def ensembling(
    sources: str | Path | Sequence[str | Path], data: str | Path | None = None, *, crops: Crops | Scheme = 1
) -> Generator[Progress, None, Ensemble]:
    """As ensemble(), yielding how far it is."""
    members = _each_once([sources] if isinstance(sources, str | Path) else sources)
    where = _set_of(members, data)
    entrants = _entered(members, where, crops)
    common = _common([each.held_out for each in entrants], where)
    tried: list[Tried] = []
    for each in entrants:  # one model at a time is in memory
        work = trying(looking(Model.load(each.source), crops), common.samples)
        tried.append((yield from _counted(work, len(tried), len(entrants))))
    if not tried[0].places:
        raise BadData("data.no_pictures", path=where, loose=0)
    return _compared(entrants, tried, common)


@dataclass(frozen=True)
class _Entrant:
    """A member before it is tried."""

    source: str
    net: str
    classes: tuple[str, ...]
    crops: Crops
    held_out: HeldOut


def _entered(members: Sequence[str], where: str | Path, crops: Crops | Scheme) -> list[_Entrant]:
    """The members, all checked before the first one is tried."""
    entrants: list[_Entrant] = []
    known: tuple[str, ...] = ()
    for source in members:
        model = Model.load(source)
        known = known or model.classes
        _refuse_other_classes(members[0], known, source, model.classes)
        part = held_out(model, recorded(source), where)
        entrants.append(_Entrant(source, model.net, model.classes, looking(model, crops).crops, part))
    return entrants


def _each_once(sources: Sequence[str | Path]) -> list[str]:
    """The members in the order given, those that are one model at its first mention; Misuse for none."""
    if not sources:
        raise Misuse("ensemble.none")
    found: dict[str, str] = {}
    for source in sources:
        folder = folder_of(source)
        found.setdefault(str(folder.resolve() if folder is not None else source), str(source))
    return list(found.values())


def _set_of(members: Sequence[str], data: str | Path | None) -> str | Path:
    """The pictures to try them on: those asked for, or those that their runs remember."""
    if data is not None:
        return data
    runs = [run for run in map(recorded, members) if run is not None]
    known = sorted({run.job().data for run in runs})
    if not known:
        raise Misuse("ensemble.no_data", models=tuple(members))
    if len(known) > 1:
        raise Misuse("ensemble.sets", one=known[0], other=known[1], models=tuple(members))
    return known[0]


def _refuse_other_classes(first: str, known: Sequence[str], other: str, found: Sequence[str]) -> None:
    ours, theirs = ({nfc(name) for name in each} for each in (known, found))
    if ours != theirs:
        lacked, added = (", ".join(sorted(each)[:5]) or "-" for each in (ours - theirs, theirs - ours))
        raise BadData("ensemble.classes", one=first, other=other, ours=lacked, theirs=added)


def _common(parts: Sequence[HeldOut], where: str | Path) -> HeldOut:
    """The pictures that are in every member's part: none of them learned from these."""
    names = [[each.samples.name(at) for at in range(len(each.samples))] for each in parts]
    shared = set(names[0]).intersection(*names[1:])
    if not shared:
        raise BadData("ensemble.learned", path=where)
    samples = parts[0].samples.take([at for at, name in enumerate(names[0]) if name in shared])
    return HeldOut(min((each.split for each in parts), key=SPLITS.index), samples, parts[0].names)


def _counted(work: Generator[Progress, None, Tried], before: int, members: int) -> Generator[Progress, None, Tried]:
    """One member's share of the whole progress."""
    return retold(work, lambda now: Progress(before * now.total + now.done, members * now.total))


def _order(classes: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Where the wanted classes stand among a member's."""
    place = {nfc(name): at for at, name in enumerate(classes)}
    return [place[nfc(name)] for name in wanted]


def _compared(entrants: Sequence[_Entrant], tried: Sequence[Tried], common: HeldOut) -> Ensemble:
    """The members' own numbers, those of all together, and the tests of the difference."""
    classes, places = entrants[0].classes, tried[0].places
    labels = common.labels(classes, places)
    pairs = zip(entrants, tried, strict=True)
    own = [Scores(each.scores[:, _order(entrant.classes, classes)], labels) for entrant, each in pairs]
    together = Scores(averaged(torch.stack([each.logits for each in own])), labels)
    members = tuple(
        Member(
            model=entrant.source, net=entrant.net, top1=each.top1, top5=each.top5, loss=each.loss, crops=entrant.crops
        )
        for entrant, each in zip(entrants, own, strict=True)
    )
    best = max(range(len(own)), key=lambda at: (own[at].top1, -own[at].loss))
    return Ensemble(
        split=common.split,
        images=len(places),
        members=members,
        mean={
            "top1": fmean(each.top1 for each in own),
            "top5": None if together.top5 is None else fmean(each.top5 or 0.0 for each in own),
            "loss": fmean(each.loss for each in own),
        },
        top1=together.top1,
        top5=together.top5,
        loss=together.loss,
        intervals=intervals(together),
        best=members[best].model,
        over_best=_over_one(together.right, own[best].right),
        over_mean=_over_mean(together.right, torch.stack([each.right for each in own])),
        skipped=tried[0].skipped,
        classes=classes,
        pictures=tuple(common.samples.name(at) for at in places),
        probabilities=torch.stack([each.logits.double().softmax(1) for each in own]).mean(0),
    )


def _over_one(together: Tensor, alone: Tensor) -> Gain:
    """Against one member, by McNemar's exact test: of the pictures that only one of the two got right, how many."""
    gained, lost = int((together & ~alone).sum()), int((alone & ~together).sum())
    p = binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
    return Gain((gained - lost) / len(together), float(p))


def _over_mean(together: Tensor, members: Tensor) -> Gain:
    """Against the mean of the members, bool (M, N): each picture's difference could as well have the other sign."""
    difference = together.double() - members.double().mean(0)
    telling = difference[difference != 0].numpy()
    if len(telling) < 2:  # one could as well be the other way round
        return Gain(float(difference.mean()), 1.0)
    test = permutation_test(
        (telling,), np.sum, permutation_type="samples", n_resamples=_RESAMPLES, batch=100, random_state=0
    )
    return Gain(float(difference.mean()), float(test.pvalue))
