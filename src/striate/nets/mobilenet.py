"""MobileNet: depthwise separable convolutions.

A. G. Howard, M. Zhu, B. Chen, D. Kalenichenko, W. Wang, T. Weyand, M. Andreetto, H. Adam: MobileNets: Efficient
Convolutional Neural Networks for Mobile Vision Applications. arXiv:1704.04861, 2017.
"""

from collections.abc import Callable
from dataclasses import replace

from striate.architecture import Architecture, Fact, Paper, Published
from striate.initialise import he_normal
from striate.layers import (
    Layer,
    chain,
    conv,
    conv_norm_relu,
    depthwise,
    flatten,
    global_avg_pool,
    linear,
    norm,
    relu,
    relu6,
)
from striate.nets.views import IMAGENET, for_small
from striate.published.releases import timm
from striate.published.timm_names import timm_mobilenet_v1
from striate.recipe import Augment, CrossEntropy, Exponential, Recipe, RMSProp, cited

Unit = Callable[[int, int], Layer]
"""A unit of the body by its channels and its stride."""

# Table 1 from the second row on: channels and stride. The last is printed "s2", but keeps 7x7.
BODY = (
    (64, 1),
    (128, 2), (128, 1),
    (256, 2), (256, 1),
    (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1),
    (1024, 2), (1024, 1),
)  # fmt: skip


def separable(channels: int, stride: int, act: Layer | None = None) -> Layer:
    """Fig. 3, right: one 3x3 filter a channel, then 1x1 filters that mix them, each normalised."""
    act = act or relu()
    return chain(
        depthwise=chain(conv=depthwise(3, stride=stride, pad=1), norm=norm(), act=act),
        pointwise=chain(conv=conv(channels, 1, bias=False), norm=norm(), act=act),
    )


def separable_relu6(channels: int, stride: int) -> Layer:
    return separable(channels, stride, relu6())


def full(channels: int, stride: int) -> Layer:
    """Fig. 3, left: a full 3x3 convolution."""
    return conv_norm_relu(channels, 3, stride=stride, pad=1)


def mobilenet_v1(classes: int, *, width: float = 1.0, unit: Unit = separable, stem: Layer | None = None) -> Layer:
    """Table 1; ``width`` is the multiplier alpha of Sec. 3.3, the input's size that of Sec. 3.4."""
    rows = {f"sep{at}": unit(int(width * channels), stride) for at, (channels, stride) in enumerate(BODY, 1)}
    return chain(
        conv1=stem or conv_norm_relu(int(width * 32), 3, stride=2, pad=1),
        **rows,
        pool=global_avg_pool(),
        flatten=flatten(),
        fc=linear(classes),
    )


def mobilenet_v1_full(classes: int) -> Layer:
    """Table 4, first row: the same body of full convolutions."""
    rows = {f"conv{at}": full(channels, stride) for at, (channels, stride) in enumerate(BODY, 2)}
    return chain(
        conv1=conv_norm_relu(32, 3, stride=2, pad=1),
        **rows,
        pool=global_avg_pool(),
        flatten=flatten(),
        fc=linear(classes),
    )


def mobilenet_v1_relu6(classes: int) -> Layer:
    """With ReLU6 throughout, as timm's has it."""
    stem = chain(conv=conv(32, 3, stride=2, pad=1, bias=False), norm=norm(), act=relu6())
    return mobilenet_v1(classes, unit=separable_relu6, stem=stem)


def mobilenet_v1_small(classes: int) -> Layer:
    """For pictures of 28 to 64 pixels: conv1 and sep2 have stride 1."""
    rows = {f"sep{at}": separable(channels, 1 if at == 2 else stride) for at, (channels, stride) in enumerate(BODY, 1)}
    return chain(
        conv1=conv_norm_relu(32, 3, pad=1),
        **rows,
        pool=global_avg_pool(),
        flatten=flatten(),
        fc=linear(classes),
    )


PAPER = Paper(
    authors="A. G. Howard, M. Zhu, B. Chen, D. Kalenichenko, W. Wang, T. Weyand, M. Andreetto, H. Adam",
    title="MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
    venue="arXiv:1704.04861",
    year=2017,
)

RECIPE = Recipe(
    optimiser=RMSProp(lr=0.045, smoothing=0.9, decay=4e-5, eps=1.0),
    schedule=Exponential(0.94, every=2),
    loss=CrossEntropy(),
    view=IMAGENET,
    augment=Augment(flip=True),
    epochs=100,
    batch=128,
    spared=("bias", "norm", "depthwise"),
    clip=2.0,
    source="Howard et al. 2017",
    sources=cited(
        optimiser="Sec. 3.2: RMSprop as for Inception V3",
        loss="Sec. 3.2: no label smoothing",
        augment="Sec. 3.2: less than for large networks",
    ),
    assumed=(
        "rate, smoothing, eps, schedule, clipping and epochs are those of Inception V3 (Szegedy et al. 2016, Sec. 8)",
        "weight decay 4e-5, none on depthwise filters, of which the paper says little or none",
        "one machine for the paper's asynchronous ones, batch 128; He's first weights",
    ),
    disputed=(
        "as it stands it does not learn a small set: on 800 pictures of 64 pixels the loss stays that of guessing for "
        "200 steps; --clip 100 cures it, and so does --optimiser momentum --lr 0.05",
    ),
)

FACTS = (
    Fact("", "macs", "569M", "Table 4"),
    Fact("", "parameters", "4.2M", "Table 4"),
    Fact("conv1", "output", "32x112x112", "Table 1"),
    Fact("sep1", "output", "64x112x112", "Table 1"),
    Fact("sep2", "output", "128x56x56", "Table 1"),
    Fact("sep4", "output", "256x28x28", "Table 1"),
    Fact("sep6", "output", "512x14x14", "Table 1"),
    Fact("sep12", "output", "1024x7x7", "Table 1"),
    Fact("sep13", "output", "1024x7x7", "Table 1"),
    Fact("fc", "weight share", "24.33%", "Table 2"),
    Fact("fc", "mac share", "0.18%", "Table 2"),
    Fact("conv1", "weight share", "0.02%", "Table 2"),
    Fact(
        "conv1", "mac share", "1.19%", "Table 2",
        disputed="10,838,016 of 568,740,352; the printed column adds up to 99.29 %, and with this to 100 %",
    ),
)  # fmt: skip

MOBILENET = Architecture(
    "mobilenet_v1", PAPER, (3, 224, 224), 1000, mobilenet_v1, he_normal, RECIPE, "pool", FACTS,
    published=(Published("29.4", None, "ImageNet", "Table 4"),),
)  # fmt: skip


def thinner(name: str, width: float, printed: tuple[str, str, str]) -> Architecture:
    """A row of Table 6: its error, mult-adds and parameters."""
    error, macs, parameters = printed
    return replace(
        MOBILENET,
        name=name,
        build=lambda classes: mobilenet_v1(classes, width=width),
        facts=(Fact("", "macs", macs, "Table 6"), Fact("", "parameters", parameters, "Table 6")),
        published=(Published(error, None, "ImageNet", "Table 6"),),
        variant=f"Width multiplier {width}: every row has that share of the channels (Sec. 3.3).",
    )


FULL = replace(
    MOBILENET,
    name="mobilenet_v1_full",
    build=mobilenet_v1_full,
    facts=(
        Fact(
            "",
            "macs",
            "4866M",
            "Table 4",
            disputed="without the linear layer it is 4,866.3 M, but the 569 M beside it has that layer",
        ),
        Fact("", "parameters", "29.3M", "Table 4"),
    ),
    published=(Published("28.3", None, "ImageNet", "Table 4"),),
    variant="The twin that the paper compares with: full 3x3 convolutions in the place of the separable ones.",
)
RELU6 = replace(
    MOBILENET,
    name="mobilenet_v1_relu6",
    build=mobilenet_v1_relu6,
    facts=(),
    published=(),
    weights=(
        timm(
            "https://huggingface.co/timm/mobilenetv1_100.ra4_e3600_r224_in1k/resolve/main/model.safetensors",
            timm_mobilenet_v1,
            view=replace(IMAGENET, mean=(0.5,) * 3, std=(0.5,) * 3, interpolation="bicubic"),
            file="mobilenetv1_100.ra4_e3600_r224_in1k.safetensors",
        ),
    ),
    variant="ReLU6 for ReLU, as timm has it; the network that timm's weights are for.",
)
SMALL = replace(
    MOBILENET,
    name="mobilenet_v1_small",
    input=(3, 32, 32),
    classes=10,
    build=mobilenet_v1_small,
    recipe=for_small(RECIPE, "the recipe of the large network", *RECIPE.assumed),
    facts=(),
    published=(),
    variant="For 28 to 64 pixels: conv1 and sep2 have stride 1.",
)
ARCHITECTURES = (
    MOBILENET,
    thinner("mobilenet_v1_075", 0.75, ("31.6", "325M", "2.6M")),
    thinner("mobilenet_v1_050", 0.5, ("36.3", "149M", "1.3M")),
    thinner("mobilenet_v1_025", 0.25, ("49.4", "41M", "0.5M")),
    FULL,
    RELU6,
    SMALL,
)
