"""What is amiss in a set of pictures, before anything is learned from it."""

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from striate.compute import for_answers
from striate.data.copies import THUMB, near_pairs
from striate.data.doubles import Doubled, doubles, firsts
from striate.data.findings import Finding, of_pictures, ranked
from striate.data.folder import Found
from striate.data.inspecting import Inspected, inspecting
from striate.data.samples import Arrays
from striate.data.sets import DEFAULT_SET, open_set
from striate.data.surroundings import Surroundings, surroundings
from striate.fitting.answering import Progress
from striate.work import drained, retold

_ORDER = ("all", "train", "val", "test")

Size = tuple[int, int]  # width, height


@dataclass(frozen=True)
class Sizes:
    """Of the readable pictures: the smallest and the largest by area, and the middle of widths and heights."""

    smallest: Size
    median: Size
    largest: Size


@dataclass(frozen=True)
class Checkup:
    """What a set holds, and what is amiss in it, the worst first."""

    found: Found = field(repr=False)
    counts: dict[str, dict[str, int]]  # part: class: pictures, unreadable ones among them
    readable: int
    sizes: Sizes | None  # None where nothing could be read
    near: bool  # whether near copies were looked for
    findings: tuple[Finding, ...]

    @property
    def pictures(self) -> int:
        return sum(sum(classes.values()) for classes in self.counts.values())

    @property
    def learned(self) -> dict[str, int]:
        """The counts of the part that is learned from."""
        return self.counts.get("train") or self.counts.get("all") or {}

    @property
    def imbalance(self) -> float | None:
        """How many times the smallest class goes into the largest, of what is learned from; None where one is empty."""
        least = min(self.learned.values(), default=0)
        return max(self.learned.values()) / least if least else None

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract."""
        sizes = None if self.sizes is None else {name: list(size) for name, size in vars(self.sizes).items()}
        return {
            "data": self.found.name,
            "pictures": self.pictures,
            "readable": self.readable,
            "counts": self.counts,
            "imbalance": self.imbalance,
            "sizes": sizes,
            "near": self.near,
            "findings": [each.as_json() for each in self.findings],
        }


def check(data: str | Path = DEFAULT_SET, *, near: bool | None = None) -> Checkup:
    """Reads every picture of a set once and says what is amiss; nothing is written or changed.

    near: whether near copies are looked for, too: the same photograph resized, recompressed or cropped a little. By
    default they are in a folder of files, and not in sets of arrays. BadData where there are no pictures.
    """
    return drained(checking(data, near=near))


def checking(data: str | Path = DEFAULT_SET, *, near: bool | None = None) -> Generator[Progress, None, Checkup]:
    """As check(), yielding how far it is."""
    found = _in_order(open_set(data))
    files = not any(isinstance(samples, Arrays) for samples in found.parts.values())
    look_near = files if near is None else near
    total = sum(map(len, found.parts.values()))
    thumbnails = np.zeros((total, THUMB, THUMB), np.uint8) if look_near else None
    pictures = yield from _read(found, thumbnails)
    parts = [part for part, samples in found.parts.items() for _ in range(len(samples))]
    labels = [samples.label(at) for samples in found.parts.values() for at in range(len(samples))]
    names = [samples.name(at) for samples in found.parts.values() for at in range(len(samples))]
    findings = of_pictures(names, pictures, files=files)
    for double in _doubled(pictures, parts, labels, thumbnails):
        findings.append(_told(double, names, parts, [found.classes[label] for label in labels]))
    findings += _around(found)
    sizes = [each.size for each in pictures if not each.reason]
    return Checkup(found, _counts(found), len(sizes), _sizes(sizes), look_near, ranked(findings))


def _in_order(found: Found) -> Found:
    """The same with what is learned from first."""
    return replace(found, parts={part: found.parts[part] for part in _ORDER if part in found.parts})


def _read(found: Found, thumbnails: np.ndarray | None) -> Generator[Progress, None, list[Inspected]]:
    """All parts, one after the other."""
    total, threads = sum(map(len, found.parts.values())), for_answers().threads
    pictures: list[Inspected] = []
    for samples in found.parts.values():
        before = len(pictures)
        own = None if thumbnails is None else thumbnails[before : before + len(samples)]
        work = inspecting(samples, threads, own)
        pictures += yield from retold(work, partial(_progress, before, total))
    return pictures


def _progress(before: int, total: int, done: int) -> Progress:
    return Progress(before + done, total)


def _doubled(
    pictures: list[Inspected], parts: list[str], labels: list[int], thumbnails: np.ndarray | None
) -> list[Doubled]:
    """Near copies are looked for among the first of each content that shows something."""
    digests = [each.digest for each in pictures]
    pairs: list[tuple[int, int]] = []
    if thumbnails is not None:
        first = firsts(digests)
        usable = [not each.reason and not each.plain and first.get(at, at) == at for at, each in enumerate(pictures)]
        pairs = near_pairs(thumbnails, np.array(usable, bool))
    return doubles(digests, pairs, parts, labels)


def _told(double: Doubled, names: list[str], parts: list[str], classes: list[str]) -> Finding:
    places = double.places
    detail = {"same_bytes": not double.near, "parts": [parts[at] for at in places]}
    return Finding(
        double.kind, tuple(names[at] for at in places), {**detail, "classes": [classes[at] for at in places]}
    )


def _around(found: Found) -> list[Finding]:
    """What lies beside the pictures."""
    around = surroundings(Path(found.source)) if Path(found.source).is_dir() else Surroundings((), {})
    findings = [Finding("links", (name,), {"target": target}) for name, target in around.outward.items()]
    findings += [Finding("stray", (name,)) for name in found.stray if name not in around.outward]
    return findings + [Finding("hidden", (name,)) for name in around.hidden]


def _counts(found: Found) -> dict[str, dict[str, int]]:
    counted = {part: Counter(samples.label(at) for at in range(len(samples))) for part, samples in found.parts.items()}
    return {part: {name: each[label] for label, name in enumerate(found.classes)} for part, each in counted.items()}


def _sizes(sizes: list[Size]) -> Sizes | None:
    if not sizes:
        return None
    ordered = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    middle = round(median([width for width, _ in sizes])), round(median([height for _, height in sizes]))
    return Sizes(ordered[0], middle, ordered[-1])
