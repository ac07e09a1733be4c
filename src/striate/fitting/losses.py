"""Losses of a recipe, over logits (N, classes) and targets; each is the mean over the batch."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from striate.recipe import CrossEntropy, Loss, Recipe


@dataclass(frozen=True)
class Targets:
    """The classes of a batch, int64 (N,); of blended pictures those of both, and the share of the first."""

    labels: Tensor
    others: Tensor | None = None
    share: float = 1.0

    def shares(self, classes: int) -> Tensor:
        """The classes, int64 (N,); of blended pictures the share of each class, float32 (N, classes)."""
        if self.others is None:
            return self.labels
        one, other = (F.one_hot(each, classes).float() for each in (self.labels, self.others))
        return self.share * one + (1 - self.share) * other


def loss_of(declared: Loss, logits: Tensor, targets: Targets, weights: Tensor | None = None) -> Tensor:
    """The mean loss; ``weights`` (classes,) are those of balanced classes."""
    loss = _loss(declared, logits, targets.labels, weights)
    if targets.others is None:
        return loss
    return targets.share * loss + (1 - targets.share) * _loss(declared, logits, targets.others, weights)


def _loss(declared: Loss, logits: Tensor, labels: Tensor, weights: Tensor | None) -> Tensor:
    if isinstance(declared, CrossEntropy):
        return F.cross_entropy(logits, labels, weights, label_smoothing=declared.smoothing)
    right = logits.gather(1, labels[:, None])[:, 0]
    rubbish = logits.new_full((len(logits), 1), -declared.j)  # the class of what is no character at all
    return (torch.cat((logits, rubbish), 1).logsumexp(1) - right).mean()


def class_weights(declared: Loss, labels: Tensor, classes: int) -> Tensor | None:
    """N / (classes * pictures of the class) for each class, float32 (classes,), where the loss wants balance."""
    if not isinstance(declared, CrossEntropy) or not declared.balanced:
        return None
    return torch.tensor(emphasis(torch.bincount(labels, minlength=classes)))


def is_balanced(recipe: Recipe) -> bool:
    """Whether classes weigh alike in it, by the loss or by how often their pictures come."""
    return getattr(recipe.loss, "balanced", False) or recipe.sampling == "balanced"


def emphasis(counts: Tensor) -> list[float]:
    """By how much a picture of each class counts for more where classes weigh alike, given the pictures of each."""
    return (counts.sum() / (len(counts) * counts.clamp_min(1).float())).tolist()
