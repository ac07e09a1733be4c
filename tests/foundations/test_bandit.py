"""An agent that learns which arm pays, held against plain counting."""

import numpy as np
import pytest

from striate.foundations.bandit import play
from striate.problem import Misuse

CHANCES = (0.2, 0.5, 0.8)


def test_an_estimate_is_the_mean_of_what_its_arm_gave() -> None:
    played = play(CHANCES, explore=0.3, steps=300)
    for arm in range(3):
        rewards = [pull.reward for pull in played.trace if pull.arm == arm]
        assert played.pulls[arm] == len(rewards)
        assert played.trace[-1].estimates[arm] == pytest.approx(np.mean(rewards))
    assert played.reward == sum(pull.reward for pull in played.trace)


def test_without_exploring_the_first_arm_is_never_left() -> None:
    assert play((0.9, 1.0), explore=0.0, steps=100).pulls == (100, 0)


def test_exploring_finds_the_best_arm_and_exploring_always_does_not_use_it() -> None:
    some, always = (np.mean([play(CHANCES, explore=e, steps=400, seed=s).reward for s in range(10)]) for e in (0.1, 1))
    assert some > 400 * 0.68
    assert always == pytest.approx(400 * 0.5, rel=0.1)
    assert play(CHANCES, explore=0.1).best == 2


def test_an_arm_is_pulled_at_random_only_where_it_was_explored() -> None:
    before = (0.0, 0.0, 0.0)
    for pull in play(CHANCES, explore=0.2, steps=200, seed=3).trace:
        assert pull.explored or pull.arm == int(np.argmax(before))
        before = pull.estimates


@pytest.mark.parametrize(("chances", "explore"), [((0.5,), 0.1), ((0.5, 1.5), 0.1), ((0.5, 0.5), -0.1)])
def test_what_is_no_chance_is_refused(chances: tuple[float, ...], explore: float) -> None:
    with pytest.raises(Misuse):
        play(chances, explore=explore)
