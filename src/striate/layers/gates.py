"""Gates: modules that look at a whole map and answer one factor a channel."""

from torch import Tensor, nn

from striate.layers.compose import Layer, Shape


class SqueezeExcite(nn.Module):
    """s = sigmoid(W2 act(W1 z)) with z the mean of each map: (N, C, H, W) -> (N, C, 1, 1) (SENet, Sec. 3.1, 3.2)."""

    def __init__(self, channels: int, squeezed: int, act: nn.Module) -> None:
        super().__init__()
        self.squeeze = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.reduce = nn.Linear(channels, squeezed)
        self.act = act
        self.expand = nn.Linear(squeezed, channels)
        self.squash = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        z = self.flatten(self.squeeze(x))
        return self.squash(self.expand(self.act(self.reduce(z))))[:, :, None, None]


def squeeze_excite(ratio: int = 16) -> Layer:
    """The SE gate with its reduction ratio r; both layers have biases, as in the authors' released models."""

    def layer(shape: Shape) -> nn.Module:
        if shape[0] < ratio:
            raise ValueError(f"{shape[0]} channels cannot be squeezed to a {ratio}th")
        return SqueezeExcite(shape[0], shape[0] // ratio, nn.ReLU(inplace=True))

    return layer
