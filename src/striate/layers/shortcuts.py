"""Ways around a block: what a residual network adds to the block's output."""

import torch.nn.functional as F
from torch import Tensor, nn

from striate.layers.compose import Layer, Shape


class PaddedIdentity(nn.Module):
    """Every stride-th pixel, and zeros for the new channels; no parameters (ResNet, Sec. 4.1, option A)."""

    def __init__(self, added: int, stride: int) -> None:
        super().__init__()
        self.added = added
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.added))


def padded_identity(channels: int, stride: int) -> Layer:
    """(C, H, W) -> (channels, ceil(H / stride), ceil(W / stride)); a plain identity where nothing changes."""

    def layer(shape: Shape) -> nn.Module:
        if channels < shape[0]:
            raise ValueError(f"a padded identity cannot make {channels} channels of {shape[0]}")
        return nn.Identity() if (channels, stride) == (shape[0], 1) else PaddedIdentity(channels - shape[0], stride)

    return layer


class StochasticDepth(nn.Module):
    """While training, zeroes a picture's whole block with a probability, scaling the rest by 1 / (1 - rate).

    Huang et al. 2016, arXiv:1603.09382, with the scaling in training that EfficientNet's code has.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0.0:
            return x
        kept = x.new_empty(len(x), 1, 1, 1).bernoulli_(1 - self.rate)
        return x * kept / (1 - self.rate)


def stochastic_depth(rate: float) -> Layer:
    """The end of a residual body that is left out at random in training."""
    return lambda shape: StochasticDepth(rate)
