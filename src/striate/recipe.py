"""What a training is made of, as frozen declarations: they say what, other modules do it.

Every declaration can be written to JSON and read back; vary one with ``dataclasses.replace``.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

from striate.crops import PLAIN, Crops

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
    """The random part of a view in training; every picture has draws of its own in every epoch."""

    flip: bool = False  # left and right exchanged for half of the pictures
    shift: int = 0  # moved by up to so many pixels each way; crops already roam over their margin
    erase: int = 0  # side of a square set to the mean, at a random place
    area: tuple[float, float] | None = None  # share of the picture that a crop takes, resized to the input's size
    aspect: tuple[float, float] = (3 / 4, 4 / 3)  # width to height of such a crop
    shorter: tuple[int, int] | None = None  # the shorter side is drawn from these before the crop
    zoom: tuple[float, float] | None = None  # enlarged by a factor drawn from these; below 1 it shrinks
    brightness: float = 0.0  # pixels times a factor within 1 - this and 1 + this
    colour: float = 0.0  # deviation of the noise along the principal colours of the set (Krizhevsky et al. 2012)
    randaugment: tuple[int, int] | None = None  # so many operations of a magnitude from 0 to 30 (Cubuk et al. 2020)
    mixup: float = 0.0  # alpha of Beta(alpha, alpha): two pictures blended (Zhang et al. 2018)
    cutmix: float = 0.0  # alpha of Beta(alpha, alpha): a piece of another picture pasted in (Yun et al. 2019)


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent, by PyTorch's rule: v = momentum v + g; w = w - lr v.

    ``lr_inside``: the rule of AlexNet and Caffe, v = momentum v - lr g; w = w + v. The two differ where lr changes.
    """

    lr: float
    momentum: float = 0.0
    nesterov: bool = False
    decay: float = 0.0  # L2, added to the gradient
    lr_inside: bool = False


@dataclass(frozen=True)
class Adagrad:
    """Adagrad (Duchi et al. 2011): G = G + g^2; w = w - lr g / (sqrt G + 1e-10)."""

    lr: float
    decay: float = 0.0


@dataclass(frozen=True)
class RMSProp:
    """RMSProp (Tieleman, Hinton 2012): E = smoothing E + (1 - smoothing) g^2; w = w - lr g / (sqrt E + eps)."""

    lr: float
    smoothing: float = 0.9
    momentum: float = 0.0
    decay: float = 0.0
    eps: float = 1e-8


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma, Ba 2014); the decay is decoupled from the gradient (AdamW) where it is not zero."""

    lr: float
    betas: tuple[float, float] = (0.9, 0.999)
    decay: float = 0.0


Optimiser = SGD | Adagrad | RMSProp | Adam


@dataclass(frozen=True)
class Constant:
    """The learning rate as it is."""


@dataclass(frozen=True)
class OneCycle:
    """Up in a line from ``start`` over the first part of the training, then down to ``final``."""

    rising: float = 0.2  # share of the training
    final: float = 0.0  # factor at the end
    start: float = 0.1  # factor at the beginning
    straight: bool = False  # down in a line, and not a cosine


@dataclass(frozen=True)
class Cosine:
    """Down half a cosine over the whole training (Loshchilov, Hutter 2017, without restarts)."""

    final: float = 0.0  # factor at the end


@dataclass(frozen=True)
class Steps:
    """The learning rate by epoch: ``factors[i]`` from epoch ``starts[i]`` on (counted from 0, or parts of one)."""

    starts: tuple[float, ...]
    factors: tuple[float, ...]


@dataclass(frozen=True)
class Milestones:
    """Times ``factor`` at each of these shares of the training."""

    shares: tuple[float, ...] = (0.5, 0.75)
    factor: float = 0.1


@dataclass(frozen=True)
class Exponential:
    """Times ``factor`` after every ``every`` epochs."""

    factor: float
    every: float = 1.0


@dataclass(frozen=True)
class Plateau:
    """Times ``factor`` whenever the validation has not got better for ``patience`` epochs, at most ``most`` times."""

    factor: float = 0.1
    patience: int = 5
    most: int = 3


@dataclass(frozen=True)
class Warmup:
    """A smaller rate over the first epochs, then another schedule from its own beginning.

    One cycle rises from a start of its own: then it does so in these epochs, and falls in the rest.
    """

    then: "Constant | OneCycle | Cosine | Steps | Milestones | Exponential | Plateau"
    epochs: float
    start: float = 0.1  # factor at the beginning
    rising: bool = True  # in a line up to the whole rate; otherwise it stays at the start


Schedule = Constant | OneCycle | Cosine | Steps | Milestones | Exponential | Plateau | Warmup


@dataclass(frozen=True)
class CrossEntropy:
    """-log softmax of the true class, its target softened by ``smoothing``.

    ``balanced``: each picture weighs as much as its class is rare, N / (classes * pictures of the class).
    """

    smoothing: float = 0.0
    balanced: bool = False


@dataclass(frozen=True)
class MaximumAPosteriori:
    """The mean of y_true + log(e^-j + sum of e^-y_i) over distances y = -logit (LeCun et al. 1998, eq. 9)."""

    j: float


Loss = CrossEntropy | MaximumAPosteriori


@dataclass(frozen=True)
class EMA:
    """An exponential moving average of the weights is validated and kept; young averages forget faster."""

    decay: float = 0.999  # a step


@dataclass(frozen=True)
class Polyak:
    """The plain mean of the weights over the steps from a share of the training on (Polyak, Juditsky 1992)."""

    start: float = 0.0


Averaging = EMA | Polyak

Sampling = Literal["each", "balanced"]
"""Of an epoch: every picture once, or as many pictures of every class, those of rare ones several times."""

Spared = Literal["bias", "norm", "depthwise"]
"""Weights that no decay pulls at."""


@dataclass(frozen=True)
class FineTuning:
    """How weights that were trained before go on learning."""

    first_row: float = 1.0  # its rate beside the classifier's, the rows between in even ratios; 0 freezes all but that
    frozen: int = 0  # epochs at the beginning in which the classifier alone learns
    copied: tuple[str, ...] = ()  # the rows that are taken from the first weights; all that fit where none is named


@dataclass(frozen=True)
class Change:
    """What a stated rule changed in a recipe to fit the pictures at hand."""

    part: str
    before: str
    after: str
    rule: str  # the key of a sentence in the message catalogue


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
    sources: tuple[tuple[str, str], ...] = ()  # part: where the source says it; a part that is not here is assumed
    assumed: tuple[str, ...] = ()  # what the source does not say
    disputed: tuple[str, ...] = ()  # what the source says and does not work as printed, with what is done instead
    changed: tuple[Change, ...] = ()  # what the pictures at hand made necessary
    start: str = "random"  # the first weights: random, random:SEED, pretrained, the name of published ones, or a file
    dropout: float | None = None  # rate of every dropout row; None leaves each as the network has it
    averaging: Averaging | None = None
    spared: tuple[Spared, ...] = ()
    clip: float | None = None  # largest norm of the whole gradient
    filter_rms: float | None = None  # largest root mean square of a convolution's filter (Zeiler, Fergus 2014)
    patience: int | None = None  # epochs without a better validation after which the training ends
    auxiliaries: bool = True  # whether the network's auxiliary classifiers help
    tuning: FineTuning = FineTuning()
    sampling: Sampling = "each"
    crops: Crops = PLAIN  # how the source tests; ``striate evaluate --crops`` and ``--scales`` do it


def lent(
    recipe: Recipe,
    assumed: tuple[str, ...],
    *,
    view: View | None = None,
    augment: Augment | None = None,
    batch: int | None = None,
) -> Recipe:
    """A recipe for a network that its source does not know; what is put in its place has no source any more."""
    put = {"view": view, "augment": augment, "batch": batch}
    ours = {"start", *(part for part, value in put.items() if value is not None)}
    return dataclasses.replace(
        recipe,
        view=view or recipe.view,
        augment=augment or recipe.augment,
        batch=batch or recipe.batch,
        crops=recipe.crops if view is None else PLAIN,
        sources=tuple((part, place) for part, place in recipe.sources if part not in ours),
        assumed=assumed,
        disputed=(),
    )


def cited(**parts: str) -> tuple[tuple[str, str], ...]:
    """Where a recipe's source says what, part by part."""
    return tuple(parts.items())


_KINDS = {
    kind.__name__: kind
    for kind in (
        View, Augment, Crops, SGD, Adagrad, RMSProp, Adam, Constant, OneCycle, Cosine, Steps, Milestones, Exponential,
        Plateau, Warmup, CrossEntropy, MaximumAPosteriori, EMA, Polyak, FineTuning, Change, Recipe,
    )
}  # fmt: skip


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
