"""ResNet, and the plain networks it is compared with.

K. He, X. Zhang, S. Ren, J. Sun: Deep Residual Learning for Image Recognition. CVPR 2016, arXiv:1512.03385.
The v1.5 networks stride in the 3x3 convolution, as torchvision's do.
"""

from collections.abc import Callable
from dataclasses import replace

from torch import nn

from striate.architecture import Architecture, Fact, Paper, Published, Weights
from striate.crops import Crops
from striate.initialise import he_normal
from striate.layers import (
    Layer,
    Shape,
    chain,
    conv_norm,
    conv_norm_relu,
    flatten,
    global_avg_pool,
    identity,
    linear,
    max_pool,
    padded_identity,
    relu,
    residual,
)
from striate.nets.views import CIFAR, IMAGENET
from striate.published import names
from striate.published.releases import torchvision, torchvision_both
from striate.recipe import SGD, Augment, CrossEntropy, Plateau, Recipe, Steps, Warmup, cited

Block = Callable[[int, int], Layer]
"""A block by its channels (Table 1) and its stride."""

Shortcut = Callable[[int, int], Layer]
"""What goes around a block that gives so many channels at such a stride."""

option_a: Shortcut = padded_identity
"""Sec. 3.3 and 4.1, option A: new channels are zeros; no parameters."""


def option_b(channels: int, stride: int) -> Layer:
    """Option B: a projection where the shape changes, the identity elsewhere."""

    def layer(shape: Shape) -> nn.Module:
        same = (channels, stride) == (shape[0], 1)
        return (identity() if same else conv_norm(channels, 1, stride=stride))(shape)

    return layer


def option_c(channels: int, stride: int) -> Layer:
    """Option C: a projection everywhere."""
    return conv_norm(channels, 1, stride=stride)


def basic(shortcut: Shortcut, gate: Layer | None = None) -> Block:
    """Fig. 5, left: two 3x3 convolutions."""
    return lambda channels, stride: residual(
        chain(conv_norm_relu(channels, 3, stride=stride, pad=1), conv_norm(channels, 3, pad=1)),
        shortcut(channels, stride),
        gate=gate,
        then=relu(),
    )


def bottleneck(shortcut: Shortcut, gate: Layer | None = None) -> Block:
    """Fig. 5, right: 1x1, 3x3, and 1x1 to four times the channels; the first one strides, as printed."""
    return lambda channels, stride: residual(
        chain(
            conv_norm_relu(channels, 1, stride=stride),
            conv_norm_relu(channels, 3, pad=1),
            conv_norm(4 * channels, 1),
        ),
        shortcut(4 * channels, stride),
        gate=gate,
        then=relu(),
    )


def bottleneck_v1_5(shortcut: Shortcut) -> Block:
    """The same with the stride in the 3x3 convolution."""
    return lambda channels, stride: residual(
        chain(
            conv_norm_relu(channels, 1),
            conv_norm_relu(channels, 3, stride=stride, pad=1),
            conv_norm(4 * channels, 1),
        ),
        shortcut(4 * channels, stride),
        then=relu(),
    )


def plain(channels: int, stride: int) -> Layer:
    """Fig. 3, middle: two 3x3 convolutions with nothing around them."""
    return chain(conv_norm_relu(channels, 3, stride=stride, pad=1), conv_norm_relu(channels, 3, pad=1))


def stages(block: Block, repeats: tuple[int, ...], channels: int) -> dict[str, Layer]:
    """conv2_1 and on: each stage doubles the channels, and each but the first halves the maps in its first block."""
    return {
        f"conv{stage + 2}_{at + 1}": block(channels * 2**stage, 2 if stage and not at else 1)
        for stage, count in enumerate(repeats)
        for at in range(count)
    }


def resnet(classes: int, block: Block, repeats: tuple[int, ...], *, pool: Layer | None = None) -> Layer:
    """Table 1: a column is the block and its repeats in conv2_x to conv5_x."""
    return chain(
        conv1=conv_norm_relu(64, 7, stride=2, pad=3),
        pool1=pool or max_pool(3, stride=2, pad=1),  # paper: the padding is unstated; 1 gives the printed 56
        **stages(block, repeats, 64),
        pool5=global_avg_pool(),
        flatten=flatten(),
        fc=linear(classes),
    )


def resnet_small(classes: int, block: Block, repeats: tuple[int, ...]) -> Layer:
    """For pictures of 28 to 64 pixels: conv1 is 3x3 at stride 1, with no pool behind it."""
    return chain(
        conv1=conv_norm_relu(64, 3, pad=1),
        **stages(block, repeats, 64),
        pool5=global_avg_pool(),
        flatten=flatten(),
        fc=linear(classes),
    )


def resnet_cifar(classes: int, block: Block, n: int) -> Layer:
    """Sec. 4.2: 6n + 2 layers, maps of 32, 16 and 8 with 16, 32 and 64 channels."""
    return chain(
        conv1=conv_norm_relu(16, 3, pad=1),
        **stages(block, (n, n, n), 16),
        pool4=global_avg_pool(),
        flatten=flatten(),
        fc=linear(classes),
    )


PAPER = Paper(
    authors="K. He, X. Zhang, S. Ren, J. Sun",
    title="Deep Residual Learning for Image Recognition",
    venue="CVPR 2016, arXiv:1512.03385",
    year=2015,
)

RECIPE = Recipe(
    optimiser=SGD(lr=0.1, momentum=0.9, decay=1e-4),
    schedule=Plateau(factor=0.1, most=3),
    loss=CrossEntropy(),
    view=IMAGENET,
    augment=Augment(flip=True, shorter=(256, 480), colour=0.1),
    epochs=120,
    batch=256,
    crops=Crops(10),
    source="He, Zhang, Ren, Sun 2016",
    sources=cited(
        optimiser="Sec. 3.4",
        rate="Sec. 3.4",
        momentum="Sec. 3.4",
        decay="Sec. 3.4",
        schedule="Sec. 3.4",
        batch="Sec. 3.4",
        epochs="Sec. 3.4: 60e4 iterations",
        view="Sec. 3.4",
        augment="Sec. 3.4",
        crops="Sec. 3.4",
        start="Sec. 3.4: He's",
        loss="Table 1: softmax",
    ),
    assumed=(
        "the rate falls three times at most, after 5 epochs without a better validation",
        "crops lie in the middle square of a picture",
        "channel means and deviations stand for the mean picture",
        "pool1 pads 1; projections have batch normalisation, as in the released models",
    ),
)

CIFAR_STEPS = Steps(starts=(0, 91, 136), factors=(1.0, 0.1, 0.01))
CIFAR_RECIPE = Recipe(
    optimiser=SGD(lr=0.1, momentum=0.9, decay=1e-4),
    schedule=CIFAR_STEPS,
    loss=CrossEntropy(),
    view=CIFAR,
    augment=Augment(flip=True, shift=4),
    epochs=182,
    batch=128,
    source="He, Zhang, Ren, Sun 2016",
    sources=cited(
        optimiser="Sec. 4.2",
        rate="Sec. 4.2",
        momentum="Sec. 4.2",
        decay="Sec. 4.2",
        loss="Sec. 4.2: softmax",
        schedule="Sec. 4.2: at 32,000 and 48,000 iterations",
        batch="Sec. 4.2",
        epochs="Sec. 4.2: 64,000 iterations",
        augment="Sec. 4.2",
        start="Sec. 4.2: He's",
    ),
    assumed=(
        "epochs of 45,000 pictures for the printed iterations",
        "channel means and deviations for the mean picture",
    ),
)
WARMED = replace(
    CIFAR_RECIPE,
    schedule=Warmup(CIFAR_STEPS, epochs=400 / 352, start=0.1, rising=False),
    assumed=(*CIFAR_RECIPE.assumed, "the lower rate lasts the 400 iterations that the paper needed, on any data"),
)
"""Of the networks with 110 layers, which start at 0.01 until the training error is below 80 % (Sec. 4.2)."""


def table_1(repeats: tuple[int, ...], expansion: int, flops: str) -> tuple[Fact, ...]:
    """A column of Table 1; its FLOPs are multiply-adds. A bottleneck's expansion is 4."""
    ends = [
        Fact(f"conv{at}_{count}", "output", f"{expansion * channels}x{size}x{size}", "Table 1")
        for at, (count, channels, size) in enumerate(zip(repeats, (64, 128, 256, 512), (56, 28, 14, 7), strict=True), 2)
    ]
    return (Fact("conv1", "output", "64x112x112", "Table 1"), *ends, Fact("", "macs", flops, "Table 1"))


def imagenet(name: str, block: Block, repeats: tuple[int, ...], facts: tuple[Fact, ...]) -> Architecture:
    return Architecture(
        name, PAPER, (3, 224, 224), 1000, lambda classes: resnet(classes, block, repeats), he_normal, RECIPE, "pool5",
        facts,
    )  # fmt: skip


def ten_crops(architecture: Architecture, top1: str, top5: str | None, source: str = "Table 3") -> Architecture:
    """With its errors of Tables 2 and 3."""
    return replace(architecture, published=(Published(top1, top5, "ten crops, validation", source),))


def v1_5(name: str, repeats: tuple[int, ...], weights: tuple[Weights, ...]) -> Architecture:
    return replace(
        imagenet(name, bottleneck_v1_5(option_b), repeats, ()),
        weights=weights,
        variant="v1.5: the 3x3 convolution of a block strides instead of the first 1x1, as torchvision has it.",
    )


def cifar(name: str, block: Block, n: int, parameters: str, error: str | None = None) -> Architecture:
    """A row of Table 6; the plain networks have as many parameters, and their errors are only plotted."""
    return Architecture(
        name, PAPER, (3, 32, 32), 10, lambda classes: resnet_cifar(classes, block, n), he_normal,
        WARMED if n >= 18 else CIFAR_RECIPE, "pool4",
        (
            Fact(f"conv2_{n}", "output", "16x32x32", "Sec. 4.2"),
            Fact(f"conv3_{n}", "output", "32x16x16", "Sec. 4.2"),
            Fact(f"conv4_{n}", "output", "64x8x8", "Sec. 4.2"),
            Fact("", "parameters", parameters, "Table 6"),
        ),
        published=() if error is None else (Published(error, None, "CIFAR-10, test", "Table 6"),),
    )  # fmt: skip


R18, R34, R101, R152 = (2, 2, 2, 2), (3, 4, 6, 3), (3, 4, 23, 3), (3, 8, 36, 3)  # the repeats of Table 1
R50 = R34
A, B, C = basic(option_a), basic(option_b), basic(option_c)
BOTTLENECK = bottleneck(option_b)

RESNET18 = replace(
    imagenet("resnet18", B, R18, table_1(R18, 1, "1.8G")),
    weights=(torchvision("ResNet18_Weights.IMAGENET1K_V1", names.resnet),),
)
RESNET34 = replace(
    ten_crops(imagenet("resnet34", B, R34, table_1(R34, 1, "3.6G")), "24.52", "7.46"),
    weights=(torchvision("ResNet34_Weights.IMAGENET1K_V1", names.resnet),),
)
ARCHITECTURES = (
    ten_crops(imagenet("plain18", plain, R18, table_1(R18, 1, "1.8G")), "27.94", None, "Table 2"),
    ten_crops(imagenet("plain34", plain, R34, table_1(R34, 1, "3.6G")), "28.54", "10.02"),
    RESNET18,
    ten_crops(imagenet("resnet18_a", A, R18, table_1(R18, 1, "1.8G")), "27.88", None, "Table 2"),
    RESNET34,
    ten_crops(imagenet("resnet34_a", A, R34, table_1(R34, 1, "3.6G")), "25.03", "7.76"),
    ten_crops(imagenet("resnet34_c", C, R34, ()), "24.19", "7.40"),
    ten_crops(imagenet("resnet50", BOTTLENECK, R50, table_1(R50, 4, "3.8G")), "22.85", "6.71"),
    ten_crops(imagenet("resnet101", BOTTLENECK, R101, table_1(R101, 4, "7.6G")), "21.75", "6.05"),
    ten_crops(imagenet("resnet152", BOTTLENECK, R152, table_1(R152, 4, "11.3G")), "21.43", "5.71"),
    v1_5("resnet50_v1_5", R50, torchvision_both("ResNet50_Weights", names.resnet)),
    v1_5("resnet101_v1_5", R101, torchvision_both("ResNet101_Weights", names.resnet)),
    v1_5("resnet152_v1_5", R152, torchvision_both("ResNet152_Weights", names.resnet)),
    cifar("resnet20_cifar", A, 3, "0.27M"),
    cifar("resnet32_cifar", A, 5, "0.46M"),
    cifar("resnet44_cifar", A, 7, "0.66M"),
    cifar("resnet56_cifar", A, 9, "0.85M"),
    cifar("resnet110_cifar", A, 18, "1.7M", "6.43"),
    cifar("resnet1202_cifar", A, 200, "19.4M", "7.93"),
    cifar("plain20_cifar", plain, 3, "0.27M"),
    cifar("plain32_cifar", plain, 5, "0.46M"),
    cifar("plain44_cifar", plain, 7, "0.66M"),
    cifar("plain56_cifar", plain, 9, "0.85M"),
    cifar("plain110_cifar", plain, 18, "1.7M"),
    Architecture(
        "resnet18_small", PAPER, (3, 32, 32), 10, lambda classes: resnet_small(classes, B, R18), he_normal,
        CIFAR_RECIPE, "pool5",
        variant="For 28 to 64 pixels: conv1 is 3x3 at stride 1, with no pool behind it.",
    ),
)  # fmt: skip
