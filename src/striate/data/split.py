"""Dividing a set into training, validation and test pictures."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush

import numpy as np

from striate.data.folder import Found
from striate.data.holding import held_out, kinship
from striate.data.leaks import Kinship
from striate.data.order import rank_by_hash
from striate.data.samples import Pictures
from striate.data.twins import Twins
from striate.problem import BadData

MOST_HELD_OUT = 1000
"""Of a set without a validation part a fifth is held out, up to so many pictures, and never less than a tenth."""


@dataclass(frozen=True)
class Divided:
    """A set ready to learn from: train and val, and test where the source has one."""

    found: Found
    parts: Mapping[str, Pictures]
    kinship: Kinship | None = None  # where it was looked at
    digests: Mapping[str, str] = field(default_factory=dict)  # of the files' bytes, by name, as far as they were read

    @property
    def names(self) -> dict[str, list[str]]:
        """The names of each part's pictures, for the record."""
        return {part: [samples.name(at) for at in range(len(samples))] for part, samples in self.parts.items()}


def divide(found: Found, seed: int, twins: Twins | None = None) -> Divided:
    """Holds out a validation part, a like share of each class, where the source has none.

    Which pictures it takes depends on each picture's name and the seed, and on who is kin to it: the groups of the
    source, and twins, stay together. BadData where there is nothing to learn from: no training part, one class only, a
    class without pictures, and where every class is one group.
    """
    refuse_unlearnable(found)
    if "val" in found.parts:
        return Divided(found, {"train": found.parts[learned(found)], **_others(found)})
    whole = found.parts[learned(found)]
    count = len(whole)
    share = max(min(count / 5, MOST_HELD_OUT), count / 10) / count
    ranked = _ranked(whole, seed)
    wanted = {label: _held_out(len(members), share) for label, members in ranked.items()}
    related = kin(found, twins)
    if related is None:
        held = np.concatenate([members[: wanted[label]] for label, members in ranked.items()])
    else:
        order = rank_by_hash((whole.name(at) for at in range(count)), seed)
        held = np.array(held_out(order, whole.truth(), related, wanted), np.int64)
    if not len(held) and related is not None:
        raise BadData("data.one_group", count=count)
    if not len(held):
        raise BadData("data.too_few", count=count)
    return parted(found, held)


def parted(found: Found, held: np.ndarray) -> Divided:
    """The pictures to learn from in two: those at some places are for validation."""
    whole = found.parts[learned(found)]
    apart = np.zeros(len(whole), bool)
    apart[held] = True
    train, val = whole.take(np.flatnonzero(~apart)), whole.take(np.flatnonzero(apart))
    return Divided(found, {"train": train, "val": val, **_others(found)})


def learned(found: Found) -> str:
    """The part that is learned from, and divided where there is none for validation."""
    return "all" if "all" in found.parts else "train"


def kin(found: Found, twins: Twins | None) -> np.ndarray | None:
    """Which of the pictures to learn from must not be parted, by number: int64 (N,); None where each is alone."""
    part = learned(found)
    numbers = None if twins is None else twins.numbers(part)
    return kinship(found.groups.get(part), numbers, count=len(found.parts[part]))


def _others(found: Found) -> dict[str, Pictures]:
    return {part: samples for part, samples in found.parts.items() if part != learned(found)}


def without(found: Found, names: Collection[str]) -> Found:
    """The set without some of its pictures; BadData where a part of it has none left."""
    kept = {
        part: np.flatnonzero([samples.name(at) not in names for at in range(len(samples))])
        for part, samples in found.parts.items()
    }
    for part, places in kept.items():
        if not len(places):
            raise BadData("data.all_excluded", path=found.source, part=part)
    parts = {part: found.parts[part].take(places) for part, places in kept.items()}
    groups = {part: numbers[kept[part]] for part, numbers in found.groups.items()}
    return replace(found, parts=parts, groups=groups)


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


def refuse_unlearnable(found: Found) -> None:
    """BadData for a set that nothing can be learned from."""
    if learned(found) not in found.parts:
        raise BadData("data.no_train", path=found.source, parts=", ".join(sorted(found.parts)))
    there = set(found.parts[learned(found)].truth().tolist())
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
