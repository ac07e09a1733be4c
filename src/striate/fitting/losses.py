"""Losses of a recipe, over logits (N, classes) and labels (N,); each is the mean over the batch."""

import torch
import torch.nn.functional as F
from torch import Tensor

from striate.recipe import CrossEntropy, Loss


def loss_of(declared: Loss, logits: Tensor, labels: Tensor) -> Tensor:
    if isinstance(declared, CrossEntropy):
        return F.cross_entropy(logits, labels, label_smoothing=declared.smoothing)
    right = logits.gather(1, labels[:, None])[:, 0]
    rubbish = logits.new_full((len(logits), 1), -declared.j)  # the class of what is no character at all
    return (torch.cat((logits, rubbish), 1).logsumexp(1) - right).mean()
