"""DenseNet.

G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger: Densely Connected Convolutional Networks. CVPR 2017,
arXiv:1608.06993.
"""

from dataclasses import replace

from torch import nn

from striate.architecture import Architecture, Fact, Paper, Published
from striate.crops import Crops
from striate.initialise import he_normal
from striate.layers import (
    Layer,
    Shape,
    avg_pool,
    chain,
    conv,
    conv_norm_relu,
    dense,
    flatten,
    global_avg_pool,
    linear,
    max_pool,
    norm,
    norm_relu_conv,
    relu,
)
from striate.nets.views import CIFAR, IMAGENET
from striate.published import names
from striate.published.releases import torchvision
from striate.recipe import SGD, Augment, CrossEntropy, Milestones, Recipe, Steps, cited


def block(layers: int, growth: int, *, bottleneck: bool) -> Layer:
    """Sec. 3: each layer sees all that came before it, and adds ``growth`` maps (B: through 4 growth at first)."""
    three = norm_relu_conv(growth, 3, pad=1)
    one = dense(norm_relu_conv(4 * growth, 1), three) if bottleneck else dense(three)
    return chain(*(one for _ in range(layers)))


def transition(compression: float) -> Layer:
    """Sec. 3: the maps cut down to a share (C: a half), then 2x2 means."""

    def layer(shape: Shape) -> nn.Module:
        one = norm_relu_conv(int(compression * shape[0]), 1)  # paper: no ReLU in the text; the authors' code has it
        return chain(**{"mix": one, "pool": avg_pool(2)})(shape)

    return layer


def densenet(classes: int, layers: tuple[int, ...], growth: int) -> Layer:
    """Table 1: DenseNet-BC on ImageNet."""
    return chain(
        conv1=conv_norm_relu(2 * growth, 7, stride=2, pad=3),
        pool1=max_pool(3, stride=2, pad=1),
        **blocks(layers, growth, bottleneck=True, compression=0.5),
        last=chain(norm=norm(), relu=relu()),
        pool=global_avg_pool(),
        flatten=flatten(),
        fc=linear(classes),
    )


def densenet_cifar(classes: int, layers: int, growth: int, *, bc: bool) -> Layer:
    """Sec. 3, "Implementation Details": three blocks on maps of 32, 16 and 8."""
    return chain(
        conv1=conv(2 * growth if bc else 16, 3, pad=1, bias=False),
        **blocks((layers,) * 3, growth, bottleneck=bc, compression=0.5 if bc else 1.0),
        last=chain(norm=norm(), relu=relu()),
        pool=global_avg_pool(),
        flatten=flatten(),
        fc=linear(classes),
    )


def blocks(layers: tuple[int, ...], growth: int, *, bottleneck: bool, compression: float) -> dict[str, Layer]:
    """Dense blocks with transitions between them."""
    rows: dict[str, Layer] = {}
    for at, count in enumerate(layers, 1):
        rows[f"block{at}"] = block(count, growth, bottleneck=bottleneck)
        if at < len(layers):
            rows[f"transition{at}"] = transition(compression)
    return rows


PAPER = Paper(
    authors="G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger",
    title="Densely Connected Convolutional Networks",
    venue="CVPR 2017, arXiv:1608.06993",
    year=2016,
)

RECIPE = Recipe(
    optimiser=SGD(lr=0.1, momentum=0.9, nesterov=True, decay=1e-4),
    schedule=Steps(starts=(0, 30, 60), factors=(1.0, 0.1, 0.01)),
    loss=CrossEntropy(),
    view=IMAGENET,
    augment=Augment(flip=True, area=(0.08, 1.0)),
    epochs=90,
    batch=256,
    crops=Crops(10),
    source="Huang, Liu, van der Maaten, Weinberger 2017",
    sources=cited(
        optimiser="Sec. 4.2",
        rate="Sec. 4.2",
        momentum="Sec. 4.2",
        decay="Sec. 4.2",
        schedule="Sec. 4.2",
        batch="Sec. 4.2",
        epochs="Sec. 4.2",
        view="Sec. 4.1",
        start="Sec. 4.2: He's",
        crops="Table 3",
    ),
    assumed=("the paper takes over an augmentation scheme: crops of 8 to 100 % of the area, and flips",),
)

CIFAR_RECIPE = Recipe(
    optimiser=SGD(lr=0.1, momentum=0.9, nesterov=True, decay=1e-4),
    schedule=Milestones(shares=(0.5, 0.75), factor=0.1),
    loss=CrossEntropy(),
    view=CIFAR,
    augment=Augment(flip=True, shift=4),
    epochs=300,
    batch=64,
    source="Huang, Liu, van der Maaten, Weinberger 2017",
    sources=cited(
        optimiser="Sec. 4.2",
        rate="Sec. 4.2",
        momentum="Sec. 4.2",
        decay="Sec. 4.2",
        schedule="Sec. 4.2",
        batch="Sec. 4.2",
        epochs="Sec. 4.2",
        view="Sec. 4.1",
        augment="Sec. 4.1",
        start="Sec. 4.2: He's",
    ),
    assumed=("with shifts and flips, so without the dropout of 0.2 that the paper uses otherwise",),
)


def imagenet(name: str, layers: tuple[int, ...], growth: int, errors: tuple[str, str | None, str]) -> Architecture:
    """A column of Table 1, its errors with one crop, and where they are printed."""
    top1, top5, source = errors
    sizes = (
        Fact("conv1", "output", f"{2 * growth}x112x112", "Table 1"),
        Fact("pool1", "output", f"{2 * growth}x56x56", "Table 1"),
    )
    return Architecture(
        name, PAPER, (3, 224, 224), 1000, lambda classes: densenet(classes, layers, growth), he_normal, RECIPE, "pool",
        sizes,
        published=(Published(top1, top5, "one crop, validation", source),),
    )  # fmt: skip


def with_weights(architecture: Architecture) -> Architecture:
    """With torchvision's."""
    enum = architecture.name.replace("densenet", "DenseNet")
    return replace(architecture, weights=(torchvision(f"{enum}_Weights.IMAGENET1K_V1", names.densenet),))


def cifar(name: str, layers: int, growth: int, *, bc: bool, printed: tuple[str, str]) -> Architecture:
    """A row of Table 2: its parameters, and its error on augmented CIFAR-10."""
    parameters, error = printed
    return Architecture(
        name, PAPER, (3, 32, 32), 10, lambda classes: densenet_cifar(classes, layers, growth, bc=bc), he_normal,
        CIFAR_RECIPE, "pool",
        (Fact("", "parameters", parameters, "Table 2"),),
        published=(Published(error, None, "CIFAR-10 with shifts and flips, test", "Table 2"),),
    )  # fmt: skip


ARCHITECTURES = (
    with_weights(imagenet("densenet121", (6, 12, 24, 16), 32, ("25.02", "7.71", "Table 3"))),
    with_weights(imagenet("densenet169", (6, 12, 32, 32), 32, ("23.80", "6.85", "Table 3"))),
    with_weights(imagenet("densenet201", (6, 12, 48, 32), 32, ("22.58", "6.34", "Table 3"))),
    imagenet("densenet264", (6, 12, 64, 48), 32, ("22.15", "6.12", "Table 3")),
    with_weights(imagenet("densenet161", (6, 12, 36, 24), 48, ("22.2", None, "the authors' README"))),
    cifar("densenet40_k12_cifar", 12, 12, bc=False, printed=("1.0M", "5.24")),
    cifar("densenet100_k12_cifar", 32, 12, bc=False, printed=("7.0M", "4.10")),
    cifar("densenet100_k12_bc_cifar", 16, 12, bc=True, printed=("0.8M", "4.51")),
)
