"""Learning from rewards alone: arms of unknown chances, tried and remembered.

R. Sutton, A. Barto: Reinforcement Learning, 2nd ed. 2018, Ch. 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from striate.foundations.given import count
from striate.problem import Misuse


@dataclass(frozen=True)
class Pull:
    """One try: Q = Q + (reward - Q) / n for the arm that was pulled, the mean of what it gave so far."""

    time: int  # from 1
    explored: bool  # whether the arm was drawn rather than the best one so far
    arm: int
    reward: int  # 1 or 0
    estimates: tuple[float, ...]  # Q of every arm, after it


@dataclass(frozen=True)
class Played:
    """All tries, what they gave, and how often each arm was pulled."""

    trace: tuple[Pull, ...]
    reward: int
    pulls: tuple[int, ...]
    best: int  # the arm with the largest chance


def play(chances: Sequence[float], *, explore: float = 0.1, steps: int = 200, seed: int = 0) -> Played:
    """Pulls arms that reward with the chances given, which the agent does not know; a share of tries is at random.

    Misuse for no two arms, or for what is no chance.
    """
    if len(chances) < 2:
        raise Misuse("foundations.bandit.arms", count=len(chances))
    for chance in (*chances, explore):
        if not 0 <= chance <= 1:
            raise Misuse("foundations.bandit.chance", value=f"{chance:g}")
    rng = np.random.default_rng(count(seed, "seed", least=0))
    draws = rng.random((count(steps, "steps"), 3))
    means, pulls, trace, total = np.zeros(len(chances)), np.zeros(len(chances), dtype=np.int64), [], 0
    for time, (try_it, which, luck) in enumerate(draws, 1):
        explored = bool(try_it < explore)
        arm = int(which * len(chances)) if explored else int(means.argmax())
        reward = int(luck < chances[arm])
        pulls[arm] += 1
        means[arm] += (reward - means[arm]) / pulls[arm]
        total += reward
        trace.append(Pull(time, explored, arm, reward, tuple(means.tolist())))
    return Played(tuple(trace), total, tuple(pulls.tolist()), int(np.argmax(chances)))
