"""Averages of the weights over the steps of a training, through torch.optim.swa_utils."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from striate.recipe import EMA, Averaging

_Tensors = list[Tensor] | tuple[Tensor, ...]


def make_average(declared: Averaging | None, trained: nn.Module) -> AveragedModel | None:
    """A copy of the network that follows it by the rule declared, the statistics of normalisation included."""
    if declared is None:
        return None
    average = AveragedModel(trained, use_buffers=True)
    average.multi_avg_fn = _Rule(declared, average.n_averaged)
    return average


def is_averaging(declared: Averaging | None, done: float) -> bool:
    """Whether the weights count after so large a share of the training."""
    return isinstance(declared, EMA) or (declared is not None and done >= declared.start)


@dataclass(frozen=True)
class _Rule:
    """How an average follows, told by the count that stays on the host: a GPU would wait while its copy is read."""

    declared: Averaging
    done: Tensor  # steps so far; the average's own, so that a checkpoint puts it back

    @torch.no_grad()
    def __call__(self, averages: _Tensors, now: _Tensors, _: Tensor | int) -> None:
        _moved(averages, now, _share(self.declared, int(self.done)))


def _share(declared: Averaging, done: int) -> float:
    """How far the average goes to the weights of now, after so many steps.

    EMA: a = d a + (1 - d) w, with d = min(decay, (1 + n) / (10 + n)), so that a young average forgets the first weights
    (the rule of TensorFlow's ExponentialMovingAverage). Polyak: the mean, each step counting the same.
    """
    if isinstance(declared, EMA):
        return 1 - min(declared.decay, (1 + done) / (10 + done))
    return 1 / (done + 1)


def _moved(averages: _Tensors, now: _Tensors, share: float) -> None:
    """Moves the averages that share of the way; what is counted, as the batches of a normalisation, is taken over."""
    if averages[0].is_floating_point():
        torch._foreach_lerp_(averages, now, share)
        return
    for average, value in zip(averages, now, strict=True):
        average.copy_(value)
