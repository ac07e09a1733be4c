"""Several answers made into one: the mean of probabilities, a vote, and why the mean cannot lose in cross-entropy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from striate.foundations.given import array, count, floats, paired
from striate.problem import Misuse


@dataclass(frozen=True)
class Mean:
    """Of one case: what each member gives the true class, and what their mean gives it.

    ``ambiguity`` is the difference of the losses, the logarithm of the arithmetic mean over the geometric one; it is
    never below 0 (Jensen).
    """

    given: tuple[float, ...]
    losses: tuple[float, ...]  # -ln p
    mean: float
    loss: float  # -ln of the mean
    mean_loss: float  # the mean of the losses
    ambiguity: float


@dataclass(frozen=True)
class Together:
    """The first so many members as one, over all cases."""

    members: int
    accuracy: float
    loss: float  # cross-entropy of the mean of the probabilities
    member_accuracy: float  # the mean over these members
    member_loss: float
    vote_accuracy: float  # of the class that most of them name, the lower number where two are as frequent


def averaged(given: Sequence[float]) -> Mean:
    """Probabilities of the true class, one a member. Misuse for what is no probability above 0."""
    values = array(given, "probabilities", 1)
    for value in values:
        if value == 0:
            raise Misuse("foundations.ensembles.zero")
        if not 0 < value <= 1:
            raise Misuse("foundations.ensembles.probability", value=f"{value:g}")
    losses, mean = -np.log(values), float(values.mean())
    loss, mean_loss = -math.log(mean), float(losses.mean())
    return Mean(floats(values), floats(losses), mean, loss, mean_loss, mean_loss - loss)


def together(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Together, ...]:
    """(members, cases, classes) and (cases,): the first member alone, the first two, and so on.

    BadData where the shapes do not go together.
    """
    p, y = array(probabilities, "probabilities", 3), array(labels, "labels", 1).astype(np.int64)
    paired(p[0], y, ("probabilities", "labels"))
    cases, answers = np.arange(len(y)), p.argmax(2)
    right, losses = (answers == y).mean(1), -np.log(p[:, cases, y]).mean(1)
    found = []
    for members in range(1, len(p) + 1):
        mean = p[:members].mean(0)
        votes = np.stack([(answers[:members] == name).sum(0) for name in range(p.shape[2])], 1)
        found.append(
            Together(
                members,
                accuracy=float((mean.argmax(1) == y).mean()),
                loss=float(-np.log(mean[cases, y]).mean()),
                member_accuracy=float(right[:members].mean()),
                member_loss=float(losses[:members].mean()),
                vote_accuracy=float((votes.argmax(1) == y).mean()),
            )
        )
    return tuple(found)


def majority(members: int, chance: float) -> float:
    """How often more than half of so many are right, if each is right with a chance of its own luck (Condorcet 1785).

    Misuse for an even number, which can be divided, or for no chance.
    """
    if count(members, "members") % 2 == 0:
        raise Misuse("foundations.ensembles.even", members=members)
    if not 0 <= chance <= 1:
        raise Misuse("foundations.ensembles.probability", value=f"{chance:g}")
    least = members // 2 + 1
    return sum(
        math.comb(members, right) * chance**right * (1 - chance) ** (members - right)
        for right in range(least, members + 1)
    )
