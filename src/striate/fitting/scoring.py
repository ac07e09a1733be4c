"""Trying a model on prepared pictures, in batches."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from striate.compute import Compute, for_answers
from striate.data.canvases import Prepared
from striate.model import Model

BATCH = 100
_TOP = 5


@dataclass(frozen=True)
class Scores:
    """A model's answers to some pictures and the truth."""

    logits: Tensor  # float32 (N, classes)
    labels: Tensor  # int64 (N,)

    @property
    def right(self) -> Tensor:
        """Of each picture, whether its true class got the highest score: bool (N,)."""
        return self.logits.argmax(1) == self.labels

    @property
    def among_five(self) -> Tensor | None:
        """Of each picture, whether its true class is among the five highest: bool (N,); None below six classes."""
        if self.logits.shape[1] <= _TOP:
            return None
        return (self.logits.topk(_TOP).indices == self.labels[:, None]).any(1)

    @property
    def top1(self) -> float:
        """Share of pictures whose true class got the highest score."""
        return float(self.right.double().mean())

    @property
    def top5(self) -> float | None:
        """Share of pictures whose true class is among the five highest; None below six classes."""
        return None if self.among_five is None else float(self.among_five.double().mean())

    def recall(self, classes: int) -> list[float | None]:
        """Of each class, the share of its pictures that were called so; None where it has none."""
        counts = torch.bincount(self.labels, minlength=classes).tolist()
        right = torch.bincount(self.labels[self.right], minlength=classes).tolist()
        return [found / count if count else None for found, count in zip(right, counts, strict=True)]

    @property
    def loss(self) -> float:
        """Mean of -log softmax of the true class."""
        return float(F.cross_entropy(self.logits.double(), self.labels))


def scores(model: Model, pictures: Prepared, compute: Compute | None = None) -> Scores:
    """The model's scores on every picture, in evaluation mode; the network's mode is put back afterwards."""
    was_training = model.network.training
    model.network.eval()
    where = compute or for_answers()
    with closing(pictures.canvases.walk(_batches(len(pictures)))) as walk:
        logits = [model.logits(canvases.to(where.device), where) for canvases in walk]
    model.network.train(was_training)
    return Scores(torch.cat(logits), pictures.labels)


def _batches(count: int) -> Iterator[np.ndarray]:
    for start in range(0, count, BATCH):
        yield np.arange(start, min(start + BATCH, count))
