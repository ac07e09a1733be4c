"""Several answers as one, held against PyTorch, scipy and scikit-learn."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.stats import binom
from sklearn.metrics import accuracy_score

from striate.foundations.ensembles import averaged, majority, together
from striate.problem import BadData, Misuse

RNG = np.random.default_rng(0)
MEMBERS = RNG.dirichlet([0.6] * 4, (5, 60))
LABELS = RNG.integers(0, 4, 60)


def test_the_loss_of_a_mean_is_never_above_the_mean_of_the_losses() -> None:
    for given in RNG.uniform(0.01, 1, (50, 3)):
        found = averaged(given)
        assert found.loss <= found.mean_loss
        assert found.ambiguity == pytest.approx(np.log(given.mean() / np.exp(np.log(given).mean())))
    assert averaged([0.4, 0.4]).ambiguity == pytest.approx(0)


def test_every_number_of_members_is_what_others_reckon() -> None:
    found = together(MEMBERS, LABELS)
    for each in found:
        mean = MEMBERS[: each.members].mean(0)
        assert each.accuracy == accuracy_score(LABELS, mean.argmax(1))
        assert each.loss == pytest.approx(F.nll_loss(torch.from_numpy(mean).log(), torch.from_numpy(LABELS)).item())
        assert each.loss <= each.member_loss
        votes = torch.from_numpy(MEMBERS[: each.members].argmax(2)).mode(0).values
        assert each.vote_accuracy == accuracy_score(LABELS, votes)
    assert found[0].accuracy == found[0].member_accuracy == found[0].vote_accuracy
    assert [each.members for each in found] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("members", "chance"), [(1, 0.6), (3, 0.6), (7, 0.818), (101, 0.51), (5, 0.0)])
def test_a_majority_is_the_tail_of_the_binomial(members: int, chance: float) -> None:
    assert majority(members, chance) == pytest.approx(binom.sf(members // 2, members, chance), abs=1e-12)


def test_what_is_no_probability_is_refused() -> None:
    for wrong in (lambda: averaged([0.5, 0.0]), lambda: majority(4, 0.5), lambda: majority(3, 1.5)):
        with pytest.raises(Misuse):
            wrong()
    with pytest.raises(BadData):
        together(MEMBERS, LABELS[:-1])
