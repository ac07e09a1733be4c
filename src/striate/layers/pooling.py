"""Layers without filters: pooling, subsampling, local response normalisation, dropout, flattening."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.layers.compose import Layer, Shape


def max_pool(kernel: int, *, stride: int | None = None, pad: int = 0, ceil: bool = False) -> Layer:
    """The maximum of each window; windows do not overlap where no stride is given. ``ceil`` rounds as Caffe does."""
    return lambda shape: nn.MaxPool2d(kernel, stride, pad, ceil_mode=ceil)


def avg_pool(kernel: int, *, stride: int | None = None, pad: int = 0, ceil: bool = False) -> Layer:
    """The mean of each window, padding counted as zeros."""
    return lambda shape: nn.AvgPool2d(kernel, stride, pad, ceil_mode=ceil)


def global_avg_pool() -> Layer:
    """The mean of each map: (C, H, W) -> (C, 1, 1)."""
    return lambda shape: nn.AdaptiveAvgPool2d(1)


def global_max_pool() -> Layer:
    """The maximum of each map: (C, H, W) -> (C, 1, 1)."""
    return lambda shape: nn.AdaptiveMaxPool2d(1)


def adaptive_avg_pool(size: int) -> Layer:
    """The means of size x size windows that cover the map evenly: (C, H, W) -> (C, size, size)."""
    return lambda shape: nn.AdaptiveAvgPool2d(size)


def flatten() -> Layer:
    """(C, H, W) -> (C * H * W,)."""
    return lambda shape: nn.Flatten()


def dropout(rate: float = 0.5) -> Layer:
    """Zeroes each value with a probability while training, scaling the rest by 1 / (1 - rate)."""
    return lambda shape: nn.Dropout(rate)


class LocalResponseNorm(nn.Module):
    """b = a / (k + alpha * sum of a^2 over `size` neighbouring channels) ^ beta (AlexNet, Sec. 3.3).

    PyTorch's module divides alpha by the size, which the formula does not, and takes three to five times as long.
    """

    def __init__(self, size: int, alpha: float, beta: float, k: float) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()  # squares need more digits than bfloat16 has
        squares = F.pad(wide.square(), (0, 0, 0, 0, self.size // 2, (self.size - 1) // 2))
        channels = x.shape[1]
        total = squares[:, :channels]
        for at in range(1, self.size):
            total = total + squares[:, at : at + channels]
        return (wide * (self.k + self.alpha * total).pow(-self.beta)).to(x.dtype)

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def lrn(size: int = 5, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 2.0) -> Layer:
    """Local response normalisation across channels, with the constants of AlexNet where none are given."""
    return lambda shape: LocalResponseNorm(size, alpha, beta, k)


class Subsampling(nn.Module):
    """The sum of each 2x2 window, times a trainable coefficient a map, plus a bias (LeCun et al. 1998, Sec. II-B)."""

    WINDOW = 2
    fan_in = WINDOW**2  # inputs of a unit

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))

    def forward(self, x: Tensor) -> Tensor:
        total = F.avg_pool2d(x, self.WINDOW) * self.WINDOW**2
        return total * self.weight[:, None, None] + self.bias[:, None, None]


def subsampling() -> Layer:
    """LeNet-5's S layers before their squashing function: (C, H, W) -> (C, H // 2, W // 2)."""

    def layer(shape: Shape) -> nn.Module:
        return Subsampling(shape[0])

    return layer
