"""Mixup and CutMix: what a blended batch holds, and what its loss is."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from striate.data.sets import open_set
from striate.fitting.losses import Targets, loss_of
from striate.fitting.mixing import mixed
from striate.recipe import Augment, CrossEntropy, MaximumAPosteriori

MIXUP, CUTMIX = Augment(mixup=0.4), Augment(cutmix=1.0)


@pytest.fixture(scope="module")
def batch() -> tuple[torch.Tensor, torch.Tensor]:
    """Eight real garments, float32 (8, 1, 28, 28), and their classes."""
    samples = open_set("fashion-sample").parts["train"]
    pixels = torch.from_numpy(samples.images[:8].copy())[:, None].float() / 500  # apart by 1, so that no two are alike
    return pixels + torch.arange(8)[:, None, None, None], torch.tensor([samples.label(at) for at in range(8)])


Batch = tuple[torch.Tensor, torch.Tensor]


def chances(count: int) -> list[tuple[int, int, int]]:
    return [(0, epoch, step) for epoch in range(count // 10) for step in range(10)]


def test_a_mixed_picture_is_its_own_share_and_the_rest_of_its_partner(batch: Batch) -> None:
    x, y = batch
    for chance in chances(50):
        seen, targets = mixed(x, y, MIXUP, chance)
        assert targets.others is not None
        for at in range(8):
            expected = targets.share * x[at] + (1 - targets.share) * x[at - 1]
            torch.testing.assert_close(seen[at], expected)
            assert (targets.labels[at], targets.others[at]) == (y[at], y[at - 1])


def test_shares_are_those_of_the_beta_distribution(batch: Batch) -> None:
    shares = np.array([mixed(*batch, Augment(mixup=0.4), chance)[1].share for chance in chances(3000)])
    assert shares.mean() == pytest.approx(0.5, abs=0.03)
    assert shares.var() == pytest.approx(1 / (4 * (2 * 0.4 + 1)), rel=0.05)


def test_the_area_pasted_in_is_what_the_partners_label_counts(batch: Batch) -> None:
    x, y = batch
    kept = []
    for chance in chances(300):
        seen, targets = mixed(x, y, CUTMIX, chance)
        assert targets.others is not None
        kept.append(targets.share)
        for at in range(8):
            own, other = seen[at] == x[at], seen[at] == x[at - 1]  # no pixel is alike, the pictures are apart
            assert bool((own ^ other).all())
            assert float(own.double().mean()) == pytest.approx(targets.share, abs=1e-12)
            assert (targets.labels[at], targets.others[at]) == (y[at], y[at - 1])
    assert min(kept) < 0.2
    assert max(kept) > 0.9


def test_the_piece_is_one_rectangle_at_the_same_place_in_all_pictures(batch: Batch) -> None:
    x, y = batch
    for chance in chances(50):
        pasted = (mixed(x, y, CUTMIX, chance)[0] != x)[:, 0]
        assert bool((pasted == pasted[0]).all())
        rows, columns = pasted[0].any(1), pasted[0].any(0)
        assert torch.equal(pasted[0], rows[:, None] & columns[None, :])


def test_pictures_are_never_blended_with_themselves_nor_the_batch_changed(batch: Batch) -> None:
    x, y = batch
    before = x.clone()
    for augment in (MIXUP, CUTMIX):
        seen, _ = mixed(x, y, augment, (0, 0, 1))
        assert not torch.equal(seen, x)
    assert torch.equal(x, before)


@pytest.mark.parametrize("declared", [CrossEntropy(), CrossEntropy(smoothing=0.1), MaximumAPosteriori(1.0)])
def test_the_loss_is_the_mean_of_both_by_their_shares(declared: CrossEntropy | MaximumAPosteriori) -> None:
    logits = torch.randn(8, 10, generator=torch.Generator().manual_seed(0))
    labels, others = torch.arange(8), torch.arange(8).roll(1)
    loss = loss_of(declared, logits, Targets(labels, others, 0.3))
    parts = [loss_of(declared, logits, Targets(each)) for each in (labels, others)]
    torch.testing.assert_close(loss, 0.3 * parts[0] + 0.7 * parts[1])


def test_the_mixed_cross_entropy_is_that_of_the_mixed_target() -> None:
    logits = torch.randn(8, 10, generator=torch.Generator().manual_seed(0))
    labels, others = torch.arange(8), torch.arange(8).roll(1)
    target = 0.3 * F.one_hot(labels, 10) + 0.7 * F.one_hot(others, 10)
    loss = loss_of(CrossEntropy(), logits, Targets(labels, others, 0.3))
    torch.testing.assert_close(loss, F.cross_entropy(logits, target.float()))


def test_a_blend_is_a_function_of_seed_epoch_and_step(batch: Batch) -> None:
    for augment in (MIXUP, CUTMIX):
        one, same = (mixed(*batch, augment, (1, 2, 3))[0] for _ in range(2))
        assert torch.equal(one, same)
        for other in ((0, 2, 3), (1, 1, 3), (1, 2, 4)):
            assert not torch.equal(mixed(*batch, augment, other)[0], one)


def test_with_both_asked_for_each_comes_about_as_often(batch: Batch) -> None:
    x, y = batch
    both = Augment(mixup=1.0, cutmix=1.0)
    cut = [bool(((seen := mixed(x, y, both, chance)[0]) == x).any() or (seen == x.roll(1, 0)).any())
           for chance in chances(600)]  # fmt: skip
    assert np.mean(cut) == pytest.approx(0.5, abs=0.06)


def test_a_batch_of_one_and_a_recipe_without_blending_stay_as_they_are(batch: Batch) -> None:
    x, y = batch
    for seen, targets in (mixed(x[:1], y[:1], MIXUP, (0, 0, 0)), mixed(x[:1], y[:1], Augment(), (0, 0, 0))):
        assert torch.equal(seen, x[:1])
        assert targets.others is None
