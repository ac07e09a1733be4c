"""VGG.

K. Simonyan, A. Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition. ICLR 2015,
arXiv:1409.1556. The networks with batch normalisation are torchvision's.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from striate.architecture import Architecture, Fact, Paper, Published, Weights
from striate.crops import Crops
from striate.initialise import glorot_uniform, he_normal
from striate.layers import (
    Layer,
    chain,
    conv,
    conv_norm_relu,
    conv_relu,
    lrn,
    max_pool,
    norm,
    relu,
)
from striate.nets.classifiers import fully_connected
from striate.nets.views import CIFAR, IMAGENET, mean_subtracted
from striate.published.names import vgg as torchvision_names
from striate.published.releases import torchvision
from striate.published.timm_names import timm_vgg as timm_names
from striate.recipe import SGD, Augment, CrossEntropy, FineTuning, Plateau, Recipe, cited, lent

Row = Callable[[int, int], Layer]
"""A convolutional row of so many channels and such a kernel."""

# Table 1: the kernels of each stage's convolutions.
A = ((3,), (3,), (3, 3), (3, 3), (3, 3))
B = ((3, 3),) * 5
C = ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1))
D = ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3))
E = ((3, 3), (3, 3), (3,) * 4, (3,) * 4, (3,) * 4)
CHANNELS = (64, 128, 256, 512, 512)


def plain(channels: int, kernel: int) -> Layer:
    """A convolution that keeps the size, and ReLU."""
    return conv_relu(channels, kernel, pad=kernel // 2)


def normalised(channels: int, kernel: int) -> Layer:
    """The same with batch normalisation between; the bias stays, as torchvision has it."""
    return chain(conv=conv(channels, kernel, pad=kernel // 2), norm=norm(), relu=relu())


def stages(kernels: tuple[tuple[int, ...], ...], row: Row, pool: Layer) -> dict[str, Layer]:
    """conv1_1 to pool5: the upper part of Table 1."""
    rows: dict[str, Layer] = {}
    for stage, (inner, channels) in enumerate(zip(kernels, CHANNELS, strict=True), 1):
        for at, kernel in enumerate(inner, 1):
            rows[f"conv{stage}_{at}"] = row(channels, kernel)
        rows[f"pool{stage}"] = pool
    return rows


def vgg(classes: int, kernels: tuple[tuple[int, ...], ...], row: Row = plain) -> Layer:
    """Table 1: five stages, then three fully connected layers."""
    return chain(
        **stages(kernels, row, max_pool(2)),
        **fully_connected(classes),
    )


def vgg11_lrn(classes: int) -> Layer:
    """Column A-LRN: response normalisation after the first convolution, with AlexNet's constants."""
    rows = stages(A, plain, max_pool(2))
    first = {"conv1_1": rows.pop("conv1_1"), "lrn1": lrn()}
    return chain(
        **first,
        **rows,
        **fully_connected(classes),
    )


def vgg16_small(classes: int) -> Layer:
    """For pictures of 28 to 64 pixels: D with batch normalisation, pools that round up, 512 units in fc6 and fc7."""
    return chain(
        **stages(D, lambda channels, kernel: conv_norm_relu(channels, kernel, pad=kernel // 2), max_pool(2, ceil=True)),
        **fully_connected(classes, units=512),
    )


PAPER = Paper(
    authors="K. Simonyan, A. Zisserman",
    title="Very Deep Convolutional Networks for Large-Scale Image Recognition",
    venue="ICLR, arXiv:1409.1556",
    year=2014,
)

RECIPE = Recipe(
    optimiser=SGD(lr=0.01, momentum=0.9, decay=5e-4),
    schedule=Plateau(factor=0.1, most=3),
    loss=CrossEntropy(),
    view=mean_subtracted(224),
    augment=Augment(flip=True, shorter=(256, 512), colour=0.1),
    epochs=74,
    batch=256,
    crops=Crops("dense", scales=(256, 384, 512)),
    source="Simonyan, Zisserman 2015",
    sources=cited(
        optimiser="Sec. 3.1",
        rate="Sec. 3.1",
        momentum="Sec. 3.1",
        decay="Sec. 3.1",
        schedule="Sec. 3.1",
        loss="Sec. 3.1",
        batch="Sec. 3.1",
        epochs="Sec. 3.1",
        view="Sec. 3.1",
        augment="Sec. 3.1",
        dropout="Sec. 3.1",
        crops="Sec. 3.2",
        start="Sec. 3.1: Glorot's, which the paper found to do without a smaller network's weights",
        tuning="Sec. 3.1",
    ),
    assumed=(
        "the rate falls after 5 epochs without a better validation",
        "validated at a shorter side of 256; the paper tests this training at 384, and at 256, 384 and 512 together",
        "crops lie in the middle square of a picture",
    ),
    disputed=(
        "first weights with a variance of 0.01: the sums grow from row to row, and the first cross-entropy is in the "
        "millions; Glorot's first weights are used instead",
    ),
)
DEEPER = replace(RECIPE, tuning=FineTuning(copied=("conv1_1", "conv2_1", "conv3_1", "conv3_2", "fc6", "fc7", "fc8")))
"""With a file of column A's weights the deeper columns begin with its first four convolutions and its classifier."""

TABLE_3 = "Table 3"
SINGLE_SCALE = "one scale, dense, validation"


def weights(name: str, kernels: tuple[tuple[int, ...], ...], modules: int) -> tuple[Weights, ...]:
    """torchvision's weights of a network whose convolutional rows have so many modules."""
    counts = tuple(len(inner) for inner in kernels)
    namings = (partial(each, counts, modules) for each in (torchvision_names, timm_names))
    return (torchvision(f"{name.upper()}_Weights.IMAGENET1K_V1", *namings),)


def column(
    name: str, kernels: tuple[tuple[int, ...], ...], parameters: str, errors: tuple[str, str] | None
) -> Architecture:
    """A column of Table 1, with its row of Table 2 and the best one of Table 3."""
    return Architecture(
        name, PAPER, (3, 224, 224), 1000, lambda classes: vgg(classes, kernels), glorot_uniform, DEEPER, "flatten",
        (Fact("", "parameters", parameters, "Table 2"),),
        weights=weights(name, kernels, 2),
        published=() if errors is None else (Published(*errors, SINGLE_SCALE, TABLE_3),),
    )  # fmt: skip


def with_norm(name: str, kernels: tuple[tuple[int, ...], ...]) -> Architecture:
    """The same with batch normalisation after every convolution."""
    return Architecture(
        name, PAPER, (3, 224, 224), 1000, lambda classes: vgg(classes, kernels, normalised), he_normal,
        lent(RECIPE, ("the recipe of the network without normalisation", "He's first weights"), view=IMAGENET),
        "flatten",
        weights=weights(name, kernels, 3),
        variant="Batch normalisation between each convolution and its ReLU, as torchvision has it.",
    )  # fmt: skip


VGG11 = replace(column("vgg11", A, "133M", ("29.6", "10.4")), recipe=RECIPE)
VGG11_LRN = replace(
    VGG11,
    name="vgg11_lrn",
    build=vgg11_lrn,
    weights=(),
    published=(Published("29.7", "10.5", SINGLE_SCALE, TABLE_3),),
)
VGG13 = column("vgg13", B, "133M", ("28.7", "9.9"))
VGG16_C = replace(column("vgg16_c", C, "134M", ("27.3", "8.8")), weights=())
VGG16 = column("vgg16", D, "138M", ("25.6", "8.1"))
VGG19 = column("vgg19", E, "144M", ("25.5", "8.0"))
SMALL = Architecture(
    "vgg16_small", PAPER, (3, 32, 32), 10, vgg16_small, he_normal,
    lent(
        RECIPE,
        ("the recipe of the large network, batch 128", "shifts stand for crops", "He's first weights"),
        view=CIFAR,
        augment=Augment(flip=True, shift=4),
        batch=128,
    ),
    "flatten",
    variant=(
        "For 28 to 64 pixels: batch normalisation, pools that round up, 512 units in fc6 and fc7, He's first weights."
    ),
)  # fmt: skip
ARCHITECTURES = (
    VGG11, VGG11_LRN, VGG13, VGG16_C, VGG16, VGG19,
    with_norm("vgg11_bn", A), with_norm("vgg13_bn", B), with_norm("vgg16_bn", D), with_norm("vgg19_bn", E), SMALL,
)  # fmt: skip
