"""Gates: modules that look at a whole map and answer one factor a channel."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.layers.compose import Layer, Shape


class SqueezeExcite(nn.Module):
    """s = sigmoid(W2 relu(W1 z)) with z the mean of each map: (N, C, H, W) -> (N, C, 1, 1) (SENet, Sec. 3.1, 3.2)."""

    def __init__(self, channels: int, squeezed: int) -> None:
        super().__init__()
        self.reduce = nn.Linear(channels, squeezed)
        self.expand = nn.Linear(squeezed, channels)

    def forward(self, x: Tensor) -> Tensor:
        z = x.mean((2, 3))
        return torch.sigmoid(self.expand(F.relu(self.reduce(z))))[:, :, None, None]


def squeeze_excite(ratio: int = 16) -> Layer:
    """The SE gate with its reduction ratio r; both layers have biases, as in the authors' released models."""

    def layer(shape: Shape) -> nn.Module:
        return SqueezeExcite(shape[0], shape[0] // ratio)

    return layer
