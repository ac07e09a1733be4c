"""ResNet-9, the small residual network of a race for training speed.

D. Page: How to Train Your ResNet. Myrtle.ai, 2018; the code is github.com/davidcpage/cifar10-fast. It won DAWNBench's
race to 94 % on CIFAR-10 with one GPU. There is no paper: the code is the source.
"""

from dataclasses import replace

from striate.architecture import Architecture, Fact, Paper, Published
from striate.initialise import he_normal
from striate.layers import Layer, chain, conv_norm_relu, flatten, global_max_pool, linear, max_pool, residual, scaled
from striate.nets.views import CIFAR
from striate.recipe import SGD, Augment, CrossEntropy, OneCycle, Recipe, cited, lent


def down(channels: int, *, residual_block: bool) -> Layer:
    """A convolution and a pool; behind them, in layer1 and layer3, two more convolutions around a shortcut."""
    unit = chain(conv=conv_norm_relu(channels, 3, pad=1), pool=max_pool(2))
    if not residual_block:
        return unit
    body = chain(res1=conv_norm_relu(channels, 3, pad=1), res2=conv_norm_relu(channels, 3, pad=1))
    return chain(down=unit, residual=residual(body))


def resnet9(classes: int, *, width: int = 64) -> Layer:
    """The network of dawn.py: eight convolutions and a linear layer without bias, whose answer is scaled by 1/8."""
    return chain(
        prep=conv_norm_relu(width, 3, pad=1),
        layer1=down(2 * width, residual_block=True),
        layer2=down(4 * width, residual_block=False),
        layer3=down(8 * width, residual_block=True),
        pool=global_max_pool(),  # a 4x4 pool in the source, which is the same for 32 pixels
        flatten=flatten(),
        linear=linear(classes, bias=False),
        logits=scaled(0.125),
    )


PAPER = Paper(
    authors="D. Page",
    title="How to Train Your ResNet",
    venue="Myrtle.ai; the code is github.com/davidcpage/cifar10-fast",
    year=2018,
)

FACTS = (
    Fact("prep", "output", "64x32x32", "dawn_utils.py"),
    Fact("layer1", "output", "128x16x16", "dawn_utils.py"),
    Fact("layer2", "output", "256x8x8", "dawn_utils.py"),
    Fact("layer3", "output", "512x4x4", "dawn_utils.py"),
)

RECIPE = Recipe(
    optimiser=SGD(lr=0.4, momentum=0.9, nesterov=True, decay=5e-4),
    schedule=OneCycle(rising=5 / 24, start=0.0, straight=True),
    loss=CrossEntropy(),
    view=CIFAR,
    augment=Augment(flip=True, shift=4, erase=8),
    epochs=24,
    batch=512,
    source="Page 2018",
    sources=cited(
        optimiser="dawn.py, torch_backend.py",
        rate="dawn.py",
        momentum="dawn.py",
        decay="dawn.py",
        schedule="dawn.py",
        loss="torch_backend.py",
        batch="dawn.py",
        epochs="dawn.py",
        augment="dawn.py",
    ),
    assumed=(
        "He's first weights for PyTorch's own",
        "the erased square may reach over the border, and is set to the mean",
        "float32 or bfloat16 for the source's float16",
    ),
)

RESNET9 = Architecture(
    "resnet9", PAPER, (3, 32, 32), 10, resnet9, he_normal, RECIPE, "pool", FACTS,
    published=(Published("5.92", None, "CIFAR-10, test, median of 50 runs", "the code's README"),),
)  # fmt: skip
SMALL = replace(
    RESNET9,
    name="resnet9_small",
    build=lambda classes: resnet9(classes, width=32),
    recipe=lent(RECIPE, ("the recipe of the network of whole width", *RECIPE.assumed)),
    facts=(),
    published=(),
    variant="For 28 to 64 pixels: half the width, 32 maps in prep and 256 in layer3.",
)
ARCHITECTURES = (RESNET9, SMALL)
