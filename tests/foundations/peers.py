"""What others have that ours is held against."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from striate.layers.activations import ScaledTanh

TORCH: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "scaled_tanh": ScaledTanh().forward,
    "relu": torch.relu,
    "elu": F.elu,
    "selu": F.selu,
    "swish": F.silu,
    "mish": F.mish,
    "softplus": F.softplus,
}
