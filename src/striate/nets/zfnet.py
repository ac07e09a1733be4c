"""ZFNet.

M. D. Zeiler, R. Fergus: Visualizing and Understanding Convolutional Networks. ECCV 2014, arXiv:1311.2901 (v3).
"""

from dataclasses import replace

from striate.architecture import Architecture, Fact, Paper, Published
from striate.crops import Crops
from striate.initialise import he_normal, normal
from striate.layers import Layer, chain, conv_relu, lrn, max_pool
from striate.nets.classifiers import fully_connected
from striate.nets.views import for_small, mean_subtracted
from striate.recipe import SGD, Augment, CrossEntropy, Plateau, Recipe, cited


def zfnet(classes: int, *, maps: tuple[int, int, int] = (384, 384, 256)) -> Layer:
    """Fig. 3; ``maps`` are those of layers 3, 4 and 5. Its paddings follow from the printed sizes."""
    return chain(
        conv1=conv_relu(96, 7, stride=2, pad=1),
        pool1=max_pool(3, stride=2, pad=1),
        norm1=lrn(),
        conv2=conv_relu(256, 5, stride=2),
        pool2=max_pool(3, stride=2, pad=1),
        norm2=lrn(),
        conv3=conv_relu(maps[0], 3, pad=1),
        conv4=conv_relu(maps[1], 3, pad=1),
        conv5=conv_relu(maps[2], 3, pad=1),
        pool5=max_pool(3, stride=2),
        **fully_connected(classes),
    )


def zfnet_small(classes: int) -> Layer:
    """For pictures of 28 to 64 pixels: 5x5 filters at stride 1 first, stride 1 in conv2, narrower fc6 and fc7."""
    return chain(
        conv1=conv_relu(96, 5, pad=2),
        pool1=max_pool(3, stride=2, pad=1),
        conv2=conv_relu(256, 5, pad=2),
        pool2=max_pool(3, stride=2, pad=1),
        conv3=conv_relu(384, 3, pad=1),
        conv4=conv_relu(384, 3, pad=1),
        conv5=conv_relu(256, 3, pad=1),
        pool5=max_pool(3, stride=2),
        **fully_connected(classes, units=1024),
    )


PAPER = Paper(
    authors="M. D. Zeiler, R. Fergus",
    title="Visualizing and Understanding Convolutional Networks",
    venue="ECCV, arXiv:1311.2901",
    year=2014,
)

FACTS = (
    Fact("conv1", "output", "96x110x110", "Fig. 3"),
    Fact("pool1", "output", "96x55x55", "Fig. 3"),
    Fact("conv2", "output", "256x26x26", "Fig. 3"),
    Fact("pool2", "output", "256x13x13", "Fig. 3"),
    Fact("conv3", "output", "384x13x13", "Fig. 3"),
    Fact("conv4", "output", "384x13x13", "Fig. 3"),
    Fact("conv5", "output", "256x13x13", "Fig. 3"),
    Fact("pool5", "output", "256x6x6", "Fig. 3"),
)

RECIPE = Recipe(
    optimiser=SGD(lr=0.01, momentum=0.9),
    schedule=Plateau(factor=0.1, most=3),
    loss=CrossEntropy(),
    view=mean_subtracted(224),
    augment=Augment(flip=True),
    epochs=70,
    batch=128,
    filter_rms=0.1,
    crops=Crops(10),
    source="Zeiler, Fergus 2014",
    sources=cited(
        optimiser="Sec. 3",
        rate="Sec. 3",
        momentum="Sec. 3",
        loss="Sec. 2",
        schedule="Sec. 3",
        batch="Sec. 3",
        epochs="Sec. 3",
        view="Sec. 3",
        augment="Sec. 3",
        dropout="Sec. 3",
        filters="Sec. 3",
        crops="Sec. 3",
        start="Sec. 3: 10^-2, biases 0",
    ),
    assumed=(
        "paddings that give the sizes of Fig. 3",
        "AlexNet's constants for the contrast normalisation across maps",
        "first weights to 10^-2 taken as a standard deviation",
        "the rate falls tenfold, three times at most, after 5 epochs without a better validation; the paper lowered it "
        "by hand",
        "no weight decay, since none is printed",
        "channel means stand for the mean picture",
    ),
)

ZFNET = Architecture(
    "zfnet", PAPER, (3, 224, 224), 1000, zfnet, normal(0.01), RECIPE, "flatten", FACTS,
    published=(Published("38.4", "16.5", "one network, ten crops, validation", "Table 2"),),
)  # fmt: skip
WIDE = replace(
    ZFNET,
    name="zfnet_wide",
    build=lambda classes: zfnet(classes, maps=(512, 1024, 512)),
    facts=(),
    published=(Published("37.5", "16.0", "one network, ten crops, validation", "Table 2, row (b)"),),
    variant="512, 1,024 and 512 maps in layers 3 to 5 (Table 2, row b): the network that courses call ZFNet.",
)
SMALL = Architecture(
    "zfnet_small", PAPER, (3, 32, 32), 10, zfnet_small, he_normal,
    for_small(RECIPE, "the recipe of the large network", "shifts stand for crops", "He's first weights"),
    "flatten",
    variant=(
        "For 28 to 64 pixels: conv1 is 5x5 at stride 1, conv2 has stride 1, no normalisation, 1,024 units in fc6 and "
        "fc7, He's first weights."
    ),
)  # fmt: skip
ARCHITECTURES = (ZFNET, WIDE, SMALL)
