"""AlexNet.

A. Krizhevsky, I. Sutskever, G. E. Hinton: ImageNet Classification with Deep Convolutional Neural Networks. NIPS 2012.
alexnet_owt: A. Krizhevsky: One Weird Trick for Parallelizing Convolutional Neural Networks. arXiv:1404.5997, 2014, in
the form that torchvision publishes. caffenet: the model of that name in BVLC Caffe.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from striate.architecture import Architecture, Fact, Paper, Published
from striate.crops import Crops
from striate.initialise import he_normal, normal
from striate.layers import Layer, chain, conv_relu, dropout, flatten, linear, linear_relu, lrn, max_pool
from striate.nets.classifiers import fully_connected
from striate.nets.views import IMAGENET, for_small, mean_subtracted
from striate.published import names
from striate.published.releases import torchvision
from striate.recipe import SGD, Augment, CrossEntropy, Plateau, Recipe, cited, lent


def alexnet(classes: int, *, towers: int = 2, over: Mapping[str, Layer] = MappingProxyType({})) -> Layer:
    """Fig. 2; ``towers`` of the two graphics cards see each other only in conv3 and from fc6 on.

    ``over``: rows over the last pooling layer (Sec. 6.1).
    """
    norm = lrn(5, alpha=1e-4, beta=0.75, k=2.0)  # Sec. 3.3
    return chain(
        conv1=conv_relu(96, 11, stride=4),
        norm1=norm,
        pool1=max_pool(3, stride=2),
        conv2=conv_relu(256, 5, pad=2, groups=towers),
        norm2=norm,
        pool2=max_pool(3, stride=2),
        conv3=conv_relu(384, 3, pad=1),
        conv4=conv_relu(384, 3, pad=1, groups=towers),
        conv5=conv_relu(256, 3, pad=1, groups=towers),
        pool5=max_pool(3, stride=2),
        **over,
        **fully_connected(classes),
    )


def caffenet(classes: int) -> Layer:
    """The same rows with pooling before normalisation, and Caffe's normalisation."""
    caffe_lrn = lrn(5, alpha=1e-4 / 5, beta=0.75, k=1.0)  # Caffe divides alpha by the five channels
    return chain(
        conv1=conv_relu(96, 11, stride=4),
        pool1=max_pool(3, stride=2),
        norm1=caffe_lrn,
        conv2=conv_relu(256, 5, pad=2, groups=2),
        pool2=max_pool(3, stride=2),
        norm2=caffe_lrn,
        conv3=conv_relu(384, 3, pad=1),
        conv4=conv_relu(384, 3, pad=1, groups=2),
        conv5=conv_relu(256, 3, pad=1, groups=2),
        pool5=max_pool(3, stride=2),
        **fully_connected(classes),
    )


def alexnet_owt(classes: int) -> Layer:
    """One tower, fewer filters, no normalisation; dropout stands before the layers it thins."""
    return chain(
        conv1=conv_relu(64, 11, stride=4, pad=2),
        pool1=max_pool(3, stride=2),
        conv2=conv_relu(192, 5, pad=2),
        pool2=max_pool(3, stride=2),
        conv3=conv_relu(384, 3, pad=1),
        conv4=conv_relu(256, 3, pad=1),
        conv5=conv_relu(256, 3, pad=1),
        pool5=max_pool(3, stride=2),
        flatten=flatten(),
        drop6=dropout(0.5),
        fc6=linear_relu(4096),
        drop7=dropout(0.5),
        fc7=linear_relu(4096),
        fc8=linear(classes),
    )


def alexnet_small(classes: int) -> Layer:
    """For pictures of 28 to 64 pixels: small first filters, no groups, no normalisation, narrower fc6 and fc7."""
    return chain(
        conv1=conv_relu(96, 3, pad=1),
        pool1=max_pool(3, stride=2),
        conv2=conv_relu(256, 5, pad=2),
        pool2=max_pool(3, stride=2),
        conv3=conv_relu(384, 3, pad=1),
        conv4=conv_relu(384, 3, pad=1),
        conv5=conv_relu(256, 3, pad=1),
        pool5=max_pool(3, stride=2),
        **fully_connected(classes, units=1024),
    )


PAPER = Paper(
    authors="A. Krizhevsky, I. Sutskever, G. E. Hinton",
    title="ImageNet Classification with Deep Convolutional Neural Networks",
    venue="NIPS",
    year=2012,
)
OWT_PAPER = Paper(
    authors="A. Krizhevsky",
    title="One Weird Trick for Parallelizing Convolutional Neural Networks",
    venue="arXiv:1404.5997",
    year=2014,
)

FACTS = (
    Fact(
        "conv1", "neurons", "253,440", "Fig. 2, caption",
        disputed="96 maps of 55x55 are 290,400; only with them do the layers add up to the 650,000 of the abstract",
    ),
    Fact("conv2", "neurons", "186,624", "Fig. 2, caption"),
    Fact("conv3", "neurons", "64,896", "Fig. 2, caption"),
    Fact("conv4", "neurons", "64,896", "Fig. 2, caption"),
    Fact("conv5", "neurons", "43,264", "Fig. 2, caption"),
    Fact("fc6", "neurons", "4,096", "Fig. 2, caption"),
    Fact("fc7", "neurons", "4,096", "Fig. 2, caption"),
    Fact("fc8", "neurons", "1,000", "Fig. 2, caption"),
    Fact("", "neurons", "650,000", "abstract", unit=10_000),
    Fact("", "parameters", "60M", "abstract"),
)  # fmt: skip

PUBLISHED = (
    Published("40.7", "18.2", "one network, ten crops, validation", "Table 2"),
    Published("38.1", "16.4", "five networks, validation", "Table 2"),
)

FIRST_WEIGHTS = normal(0.01, bias_one=("conv2", "conv4", "conv5", "fc6", "fc7"))  # Sec. 5

RECIPE = Recipe(
    optimiser=SGD(lr=0.01, momentum=0.9, decay=5e-4, lr_inside=True),
    schedule=Plateau(factor=0.1, most=3),
    loss=CrossEntropy(),
    view=mean_subtracted(227),
    augment=Augment(flip=True, colour=0.1),
    epochs=90,
    batch=128,
    crops=Crops(10),
    source="Krizhevsky, Sutskever, Hinton 2012",
    sources=cited(
        optimiser="Sec. 5",
        rate="Sec. 5",
        momentum="Sec. 5",
        decay="Sec. 5",
        schedule="Sec. 5",
        loss="Sec. 3.5",
        batch="Sec. 5",
        epochs="Sec. 5",
        view="Sec. 2",
        augment="Sec. 4.1",
        dropout="Sec. 4.2",
        crops="Sec. 4.1",
        start="Sec. 5: N(0, 0.01^2), biases 1 in conv2, conv4, conv5, fc6, fc7, 0 elsewhere",
    ),
    assumed=(
        "227 pixels for the printed 224, which 11x11 filters at stride 4 cannot cover",
        "the rate falls after 5 epochs without a better validation; the paper lowered it by hand",
        "channel means stand for the mean picture",
        "the principal colours are those of pixels from 0 to 1",
    ),
)

ALEXNET = Architecture(
    "alexnet", PAPER, (3, 227, 227), 1000, alexnet, FIRST_WEIGHTS, RECIPE, "flatten", FACTS, published=PUBLISHED
)
UNGROUPED = replace(
    ALEXNET,
    name="alexnet_ungrouped",
    build=lambda classes: alexnet(classes, towers=1),
    facts=(),
    published=(),
    variant="One tower: conv2, conv4 and conv5 see all channels, as many courses count the network.",
)
CONV6 = replace(
    ALEXNET,
    name="alexnet_conv6",
    build=lambda classes: alexnet(classes, over={"conv6": conv_relu(256, 3, pad=1, groups=2)}),
    recipe=replace(
        RECIPE,
        assumed=(
            *RECIPE.assumed,
            "conv6 is as conv5: 256 maps, 3x3, padded, in two groups, with ReLU",
            "no training on the Fall 2011 release of ImageNet before",
        ),
    ),
    facts=(),
    published=(
        Published("39.0", "16.6", "one network, first trained on the Fall 2011 release, validation", "Table 2"),
        Published("36.7", "15.4", "two of these and five of five convolutions, validation", "Table 2"),
    ),
    variant="A sixth convolution over pool5, as two of the paper's seven networks have it; its size is assumed.",
)
CAFFENET = replace(
    ALEXNET,
    name="caffenet",
    build=caffenet,
    recipe=replace(RECIPE, assumed=(*RECIPE.assumed, "fc6 and fc7 start as the rest; Caffe's start at 0.005")),
    facts=(),
    published=(Published("42.6", "19.6", "centre crop, validation", "BVLC Caffe, models/bvlc_reference_caffenet"),),
    variant="Pooling before normalisation, and Caffe's normalisation (k = 1, alpha / n), as BVLC's CaffeNet has it.",
)
OWT = Architecture(
    "alexnet_owt", OWT_PAPER, (3, 224, 224), 1000, alexnet_owt, normal(0.01),
    lent(RECIPE, ("the recipe of the 2012 network", "first weights N(0, 0.01^2), biases 0"), view=IMAGENET),
    "flatten",
    weights=(torchvision("AlexNet_Weights.IMAGENET1K_V1", names.alexnet),),
    variant="The one-tower network of 2014 that torchvision calls alexnet: fewer filters, no normalisation.",
)  # fmt: skip
SMALL = Architecture(
    "alexnet_small", PAPER, (3, 32, 32), 10, alexnet_small, he_normal,
    for_small(RECIPE, "the recipe of the 2012 network", "shifts stand for crops"),
    "flatten",
    variant=(
        "For 28 to 64 pixels: conv1 is 3x3 at stride 1, no groups, no normalisation, 1,024 units in fc6 and fc7, "
        "He's first weights."
    ),
)  # fmt: skip
ARCHITECTURES = (ALEXNET, UNGROUPED, CONV6, CAFFENET, OWT, SMALL)
