"""Dividing a set into training, validation and test pictures."""

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    by_class: dict[int, list[int]] = {}
    for at in rank_by_hash([whole.name(at) for at in range(count)], seed):
        by_class.setdefault(whole.label(at), []).append(at)
    held = {at for members in by_class.values() for at in members[: _held_out(len(members), share)]}
    if not held:
        raise BadData("data.too_few", count=count)
    train = whole.take([at for at in range(count) if at not in held])
    return Divided(found, {"train": train, "val": whole.take(sorted(held)), **parts})


def limited(divided: Divided, most: int | None, seed: int) -> Divided:
    """So many training pictures at most, a like share of each class and one at least; the other parts stay whole.

    Which ones depends on each picture's name and the seed alone. ``most`` is no less than there are classes.
    """
    whole = divided.parts["train"]
    if most is None or most >= len(whole):
        return divided
    by_class: dict[int, list[int]] = {}
    for at in rank_by_hash([whole.name(at) for at in range(len(whole))], seed):
        by_class.setdefault(whole.label(at), []).append(at)
    counts = _shares({label: len(members) for label, members in by_class.items()}, most)
    kept = sorted(at for label, members in by_class.items() for at in members[: counts[label]])
    return Divided(divided.found, {**divided.parts, "train": whole.take(kept)})


def _shares(sizes: Mapping[int, int], most: int) -> dict[int, int]:
    """``most`` in proportion to the sizes, each one at least: whole numbers, by the largest remainders."""
    exact = {label: size * most / sum(sizes.values()) for label, size in sizes.items()}
    counts = {label: max(1, int(share)) for label, share in exact.items()}
    while (left := most - sum(counts.values())) != 0:
        step = 1 if left > 0 else -1
        may = [label for label in sorted(counts) if step > 0 or counts[label] > 1]
        if not may:
            break
        counts[max(may, key=lambda label: step * (exact[label] - counts[label]))] += step
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
    everything = {part.name(at): (part, at) for part in found.parts.values() for at in range(len(part))}
    parts: dict[str, Pictures] = {}
    for part, names in recorded.items():
        gone = [name for name in names if name not in everything]
        if gone:
            raise BadData("data.gone", path=found.source, count=len(gone), name=gone[0])
        if names:
            parts[part] = _collect([everything[name] for name in names])
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


def _collect(picked: list[tuple[Pictures, int]]) -> Pictures:
    """Samples of one kind that stand in one or more parts, as one."""
    sources: dict[int, Pictures] = {id(samples): samples for samples, _ in picked}
    first, *others = sources.values()
    if not others:
        return first.take([at for _, at in picked])
    sizes = [0, *(len(samples) for samples in sources.values())]
    starts = dict(zip(sources, itertools.accumulate(sizes), strict=False))
    return first.joined(others).take([starts[id(samples)] + at for samples, at in picked])
