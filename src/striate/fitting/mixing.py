"""Blended pictures: mixup and CutMix. The partner of a picture is the one before it in its batch."""

import numpy as np
from torch import Tensor

from striate.data.order import generator
from striate.fitting.losses import Targets
from striate.recipe import Augment


def mixed(x: Tensor, labels: Tensor, augment: Augment, chance: tuple[int, int, int]) -> tuple[Tensor, Targets]:
    """The batch blended as the recipe says, by draws of (seed, epoch, step): one share for all its pictures.

    Where both ways are asked for, a batch gets one of them, each as often.
    """
    if not (augment.mixup or augment.cutmix) or len(x) < 2:
        return x, Targets(labels)
    chooser = generator(*chance)
    cut = bool(augment.cutmix) and (not augment.mixup or chooser.random() < 0.5)
    alpha = augment.cutmix if cut else augment.mixup
    share = float(chooser.beta(alpha, alpha))
    others, partner = labels.roll(1), x.roll(1, 0)
    if not cut:
        return x * share + partner * (1 - share), Targets(labels, others, share)
    top, bottom, left, right = _box(chooser, share, (x.shape[2], x.shape[3]))
    pasted = x.clone()
    pasted[:, :, top:bottom, left:right] = partner[:, :, top:bottom, left:right]
    kept = 1 - (bottom - top) * (right - left) / (x.shape[2] * x.shape[3])
    return pasted, Targets(labels, others, kept)


def _box(chooser: np.random.Generator, share: float, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of a box of 1 - share of the area about a random point, cut at the border."""
    half = [round(side * (1 - share) ** 0.5) / 2 for side in size]
    middle = [int(chooser.integers(side)) for side in size]
    top, left = (max(0, int(at - by)) for at, by in zip(middle, half, strict=True))
    bottom, right = (min(side, int(at + by)) for at, by, side in zip(middle, half, size, strict=True))
    return top, bottom, left, right
