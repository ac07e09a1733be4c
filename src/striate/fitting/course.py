"""The course of a training as the watch saw it: what stays the same, and the looks in their order."""

import math
from dataclasses import dataclass, field
from statistics import fmean
from typing import Literal

from striate.fitting.signs import Look

WHILE = 10
"""Looks over which the loss is averaged."""

STANDS = 0.97
"""Of the loss of guessing: above this, nothing has been learned."""

_SAME = 0.1  # largest deviation of a probability, relative to 1 / classes
_FADED = 0.002  # differences between pictures, relative to a row's output
_KEPT = 4  # looks at everything, beside the first


Cause = Literal[
    "inputs_constant", "inputs_not_finite", "labels_constant", "labels_unrelated", "frozen", "unused", "forgotten",
    "pixel_scale", "initialisation", "softmax_twice", "lr_high", "lr_low", "weights_not_finite", "gradient_not_finite",
    "row_not_finite", "found_late",
]  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """What stays the same through a training."""

    counts: tuple[int, ...]  # training pictures of each class
    steps: int  # of the whole training
    chance: float  # loss of the same answer for all classes; 0 where the loss is another than cross-entropy
    highest: float  # learning rate
    fresh: bool  # whether the first weights are drawn rather than trained
    gain: float  # by how much pixels are spread, relative to what the network's own view does

    @property
    def classes(self) -> int:
        return len(self.counts)

    @property
    def by_count(self) -> float:
        """Loss of guessing by how often each class comes."""
        total = sum(self.counts)
        return -sum(count / total * math.log(count / total) for count in self.counts if count)


@dataclass
class Course:
    """What was seen so far."""

    setting: Setting
    looks: list[Look] = field(default_factory=list)
    deep: list[Look] = field(default_factory=list)  # those at everything: the first, and the latest few
    pace: float = 0.0  # steps so far, each counted by its share of the highest learning rate
    cause: Cause | None = None  # the first one found of those that others follow from

    def add(self, look: Look) -> None:
        if self.looks:
            self.pace += (look.step - self.looks[-1].step) * look.lr / self.setting.highest
        self.looks.append(look)
        if look.rows is not None:
            self.deep = [*self.deep[:1], *self.deep[1:][-_KEPT:], look]

    @property
    def last(self) -> Look:
        return self.looks[-1]

    @property
    def first_loss(self) -> float:
        return self.looks[0].loss

    @property
    def from_the_start(self) -> bool:
        """Whether the first step of the training was seen, not only that of a resumed sitting."""
        return self.looks[0].step == 0

    def recent(self, count: int) -> list[float]:
        return [look.loss for look in self.looks[-count:]]

    def standing(self) -> bool:
        """Whether the loss is that of guessing, by the classes or by how often each comes, and has been a while."""
        return self.fruitless() and fmean(self.recent(WHILE)) <= self.setting.chance * (2 - STANDS)

    def fruitless(self) -> bool:
        """Whether the loss has not come below that of guessing, nor below what it was at first."""
        setting, mean = self.setting, fmean(self.recent(WHILE))
        return bool(setting.chance) and mean >= STANDS * max(setting.by_count, min(self.first_loss, setting.chance))

    def same_answers(self, looks: list[Look]) -> bool:
        """Whether every picture got the same answer in all of the looks."""
        return max(look.answers.spread for look in looks) * self.setting.classes < _SAME

    def faded(self, look: Look) -> str | None:
        """The first row that gives all but the same for every picture; dropout after it may make the answers differ."""
        ran = ((name, row.values) for name, row in (look.rows or {}).items() if row.values is not None)
        return next((name for name, values in ran if values.contrast < _FADED * values.rms), None)

    def relation(self) -> float:
        """Of recent answers with the truth, in standard deviations of chance."""
        some = [look.answers for look in self.looks[-2 * WHILE :]]
        return sum(each.related for each in some) / math.sqrt(sum(each.chance for each in some) + 1e-12)
