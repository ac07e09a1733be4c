"""Dividing a set into training, validation and test pictures."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np

from striate.data.folder import Found
from striate.data.order import rank_by_hash
from striate.data.samples import Pictures
from striate.problem import BadData

MOST_HELD_OUT = 1000
"""Of a set without a validation part a fifth is held out, up to so many pictures, and never less than a tenth."""


@dataclass(frozen=True)
class Divided:
    """A set ready to learn from: train and val, and test where the source has one."""

    found: Found
    parts: Mapping[str, Pictures]

    @property
    def names(self) -> dict[str, list[str]]:
        """The names of each part's pictures, for the record."""
        return {part: [samples.name(at) for at in range(len(samples))] for part, samples in self.parts.items()}


def divide(found: Found, seed: int) -> Divided:
    """Holds out a validation part, a like share of each class, where the source has none.

    Which pictures it takes depends on each picture's name and the seed alone. BadData where there is nothing to learn
    from: no training part, one class only, a class without pictures.
    """
    _refuse_unlearnable(found)
    parts: dict[str, Pictures] = dict(found.parts)
    whole = parts.pop("all", None) or parts.pop("train")
    if "val" in parts:
        return Divided(found, {"train": whole, **parts})
    count = len(whole)
    share = max(min(count / 5, MOST_HELD_OUT), count / 10) / count
    held = np.zeros(count, bool)
    for members in _ranked(whole, seed).values():
        held[members[: _held_out(len(members), share)]] = True
    if not held.any():
        raise BadData("data.too_few", count=count)
    train, val = whole.take(np.flatnonzero(~held)), whole.take(np.flatnonzero(held))
    return Divided(found, {"train": train, "val": val, **parts})


def limited(divided: Divided, most: int | None, seed: int) -> Divided:
    """So many training pictures at most, a like share of each class and one at least; the other parts stay whole.

    Which ones depends on each picture's name and the seed alone. ``most`` is no less than there are classes.
    """
    whole = divided.parts["train"]
    if most is None or most >= len(whole):
        return divided
    by_class = _ranked(whole, seed)
    counts = _shares({label: len(members) for label, members in by_class.items()}, most)
    kept = np.sort(np.concatenate([members[: counts[label]] for label, members in by_class.items()]))
    return Divided(divided.found, {**divided.parts, "train": whole.take(kept)})


def _ranked(samples: Pictures, seed: int) -> dict[int, np.ndarray]:
    """The places of each class's pictures, in the order of their names' hashes."""
    ranked = np.array(rank_by_hash((samples.name(at) for at in range(len(samples))), seed), np.int64)
    labels = samples.truth()[ranked]
    by_class = ranked[np.argsort(labels, kind="stable")]
    there, starts = np.unique(np.sort(labels), return_index=True)
    return dict(zip(there.tolist(), np.split(by_class, starts[1:]), strict=True))


def _shares(sizes: Mapping[int, int], most: int) -> dict[int, int]:
    """``most`` in proportion to the sizes, each one at least: whole numbers, by the largest remainders."""
    total = sum(sizes.values())
    exact = {label: size * most / total for label, size in sizes.items()}
    counts = {label: max(1, int(share)) for label, share in exact.items()}
    left = most - sum(counts.values())
    step = 1 if left > 0 else -1
    waiting = [(step * (counts[label] - exact[label]), label) for label in counts if step > 0 or counts[label] > 1]
    heapify(waiting)
    while left != 0 and waiting:
        _, label = heappop(waiting)
        counts[label] += step
        left -= step
        if step > 0 or counts[label] > 1:
            heappush(waiting, (step * (counts[label] - exact[label]), label))
    return counts


def _refuse_unlearnable(found: Found) -> None:
    learned = found.parts.get("train") or found.parts.get("all")
    if learned is None:
        raise BadData("data.no_train", path=found.source, parts=", ".join(sorted(found.parts)))
    there = set(learned.truth().tolist())
    for label, name in enumerate(found.classes):
        if label not in there:
            raise BadData("data.empty_class", path=found.source, name=name)
    if len(found.classes) < 2:
        raise BadData("data.one_class", path=found.source, name=found.classes[0])


def restore(found: Found, recorded: Mapping[str, Sequence[str]]) -> Divided:
    """The division that a run recorded; BadData where a picture of it is gone."""
    whole = list(found.parts.values())
    starts = np.cumsum([0, *map(len, whole)])
    names = (part.name(at) for part in whole for at in range(len(part)))
    everything = {name: at for at, name in enumerate(names)}  # one number each: there may be a million
    parts: dict[str, Pictures] = {}
    for part, wanted in recorded.items():
        gone = [name for name in wanted if name not in everything]
        if gone:
            raise BadData("data.gone", path=found.source, count=len(gone), name=gone[0])
        if wanted:
            at = np.array([everything[name] for name in wanted])
            within = np.searchsorted(starts, at, side="right") - 1
            parts[part] = _collect(whole, within, at - starts[within])
    return Divided(found, parts)


def fingerprint(divided: Divided) -> str:
    """A hash that changes when a picture is added, removed, renamed, relabelled or resized on disk."""
    digest = hashlib.sha256()
    for part, samples in sorted(divided.parts.items()):
        for mark in samples.marks(part):
            digest.update(mark)
    return digest.hexdigest()


def _held_out(count: int, share: float) -> int:
    return min(max(1, round(count * share)), count - 1)


def _collect(whole: list[Pictures], parts: np.ndarray, places: np.ndarray) -> Pictures:
    """Samples of one kind that stand in one or more parts, as one: the part and the place in it of each."""
    used = np.unique(parts)
    first, *others = (whole[at] for at in used.tolist())
    if not others:
        return first.take(places)
    starts = np.cumsum([0, *(len(whole[at]) for at in used.tolist())])
    return first.joined(others).take(starts[np.searchsorted(used, parts)] + places)
