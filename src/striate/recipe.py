"""What a training is made of, as frozen declarations: they say what, other modules do it.

Every declaration can be written to JSON and read back; vary one with ``dataclasses.replace``.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

Mode = Literal["crop", "squash", "letterbox", "pad"]


@dataclass(frozen=True)
class View:
    """How a picture becomes a tensor; stored with the weights and used by every verb.

    ``crop`` resizes the shorter side to ``resize`` and takes the centre; ``squash`` resizes both sides; ``letterbox``
    fits the picture in and fills the rest; ``pad`` does the same without ever enlarging. Then
    x = (pixel * scale - mean) / std, a channel at a time.
    """

    mode: Mode
    size: tuple[int, int]  # (height, width) of what the network receives
    channels: int  # 1 for grey, 3 for RGB
    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float = 1 / 255  # of pixels that run from 0 to 255
    resize: int | None = None  # crop only: the shorter side before the crop
    fill: int = 0  # grey level of what letterbox and pad add, 0 to 255
    interpolation: Literal["bilinear", "bicubic"] = "bilinear"


@dataclass(frozen=True)
class Augment:
    """The random part of a view in training."""

    flip: bool = False  # left and right exchanged for half of the pictures
    shift: int = 0  # moved by up to so many pixels each way; crops already roam over their margin
    erase: int = 0  # side of a square set to the mean, at a random place


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent, by PyTorch's rule: v = momentum v + g; w = w - lr v."""

    lr: float
    momentum: float = 0.0
    nesterov: bool = False
    decay: float = 0.0  # L2, added to the gradient


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma, Ba 2014); the decay is decoupled from the gradient (AdamW) where it is not zero."""

    lr: float
    betas: tuple[float, float] = (0.9, 0.999)
    decay: float = 0.0


Optimiser = SGD | Adam


@dataclass(frozen=True)
class Constant:
    """The learning rate as it is."""


@dataclass(frozen=True)
class OneCycle:
    """Up in a line from a tenth over the first part of the training, then down a cosine to ``final``."""

    rising: float = 0.2  # share of the training
    final: float = 0.0  # factor at the end


@dataclass(frozen=True)
class Steps:
    """The learning rate by epoch: ``factors[i]`` from epoch ``starts[i]`` on (counted from 0, or parts of one)."""

    starts: tuple[float, ...]
    factors: tuple[float, ...]


Schedule = Constant | OneCycle | Steps


@dataclass(frozen=True)
class CrossEntropy:
    """-log softmax of the true class, its target softened by ``smoothing``."""

    smoothing: float = 0.0


@dataclass(frozen=True)
class MaximumAPosteriori:
    """The mean of y_true + log(e^-j + sum of e^-y_i) over distances y = -logit (LeCun et al. 1998, eq. 9)."""

    j: float


Loss = CrossEntropy | MaximumAPosteriori


@dataclass(frozen=True)
class Recipe:
    """A whole training, apart from the network, the data and the seed."""

    optimiser: Optimiser
    schedule: Schedule
    loss: Loss
    view: View
    augment: Augment
    epochs: int
    batch: int
    source: str
    assumed: tuple[str, ...] = ()  # what the source does not say
    disputed: tuple[str, ...] = ()  # what the source says and does not work as printed, with what is done instead
    start: str = "random"  # the first weights: random, pretrained, the name of published ones, or a file
    dropout: float | None = None  # rate of every dropout row; None leaves each as the network has it


_KINDS = {
    kind.__name__: kind
    for kind in (View, Augment, SGD, Adam, Constant, OneCycle, Steps, CrossEntropy, MaximumAPosteriori, Recipe)
}


def to_json(value: Any) -> Any:
    """A declaration as plain JSON values, each with its kind."""
    if dataclasses.is_dataclass(value):
        fields = {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"kind": type(value).__name__, **fields}
    return [to_json(item) for item in value] if isinstance(value, tuple) else value


def from_json(value: Any) -> Any:
    """The declaration that to_json() wrote; KeyError for a kind that is not one of ours."""
    if isinstance(value, dict):
        return _KINDS[value["kind"]](**{name: from_json(item) for name, item in value.items() if name != "kind"})
    return tuple(from_json(item) for item in value) if isinstance(value, list) else value
