"""Averages of the weights over the steps of a training, through torch.optim.swa_utils."""

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from striate.recipe import EMA, Averaging

_Tensors = list[Tensor] | tuple[Tensor, ...]


def make_average(declared: Averaging | None, trained: nn.Module) -> AveragedModel | None:
    """A copy of the network that follows it by the rule declared, the statistics of normalisation included."""
    if declared is None:
        return None
    rule = _Following(declared.decay) if isinstance(declared, EMA) else _mean
    return AveragedModel(trained, multi_avg_fn=rule, use_buffers=True)


def is_averaging(declared: Averaging | None, done: float) -> bool:
    """Whether the weights count after so large a share of the training."""
    return isinstance(declared, EMA) or (declared is not None and done >= declared.start)


class _Following:
    """a = d a + (1 - d) w, with d = min(decay, (1 + n) / (10 + n)) after n steps, so that a young average forgets the
    first weights (the rule of TensorFlow's ExponentialMovingAverage)."""

    def __init__(self, decay: float) -> None:
        self.decay = decay

    @torch.no_grad()
    def __call__(self, averages: _Tensors, now: _Tensors, count: Tensor | int) -> None:
        done = int(count)
        _moved(averages, now, 1 - min(self.decay, (1 + done) / (10 + done)))


@torch.no_grad()
def _mean(averages: _Tensors, now: _Tensors, count: Tensor | int) -> None:
    """The mean of all weights so far, each step counting the same."""
    _moved(averages, now, 1 / (int(count) + 1))


def _moved(averages: _Tensors, now: _Tensors, share: float) -> None:
    """Moves the averages that share of the way; what is counted, as the batches of a normalisation, is taken over."""
    if averages[0].is_floating_point():
        torch._foreach_lerp_(averages, now, share)
        return
    for average, value in zip(averages, now, strict=True):
        average.copy_(value)
