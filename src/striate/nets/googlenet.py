"""GoogLeNet.

C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, V. Vanhoucke, A. Rabinovich: Going Deeper with
Convolutions. CVPR 2015, arXiv:1409.4842. googlenet_bn: the network that torchvision calls googlenet.
"""

from collections.abc import Callable
from dataclasses import replace

from striate.architecture import Architecture, Auxiliary, Fact, Paper, Published
from striate.crops import Crops
from striate.initialise import glorot_uniform, he_normal
from striate.layers import (
    Layer,
    adaptive_avg_pool,
    avg_pool,
    chain,
    concat,
    conv,
    conv_relu,
    dropout,
    flatten,
    global_avg_pool,
    linear,
    linear_relu,
    lrn,
    max_pool,
    norm,
    relu,
)
from striate.nets.views import IMAGENET, for_small, mean_subtracted
from striate.published import names
from striate.published.releases import torchvision
from striate.recipe import SGD, Augment, CrossEntropy, Exponential, Polyak, Recipe, cited, lent

Module = Callable[[int, int, int, int, int, int], Layer]
"""An Inception module by the six columns of Table 1."""


def inception(c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> Layer:
    """Fig. 2 (b): the columns of Table 1, in its order; every convolution has its ReLU (Sec. 5)."""
    return concat(
        one=conv_relu(c1, 1),
        three=chain(conv_relu(r3, 1), conv_relu(c3, 3, pad=1)),
        five=chain(conv_relu(r5, 1), conv_relu(c5, 5, pad=2)),
        pool=chain(max_pool(3, stride=1, pad=1), conv_relu(p, 1)),
    )


def inception_naive(c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> Layer:  # noqa: ARG001  nothing is reduced
    """Fig. 2 (a): no reductions, and the pooled maps pass through, so that channels can only grow."""
    return concat(
        one=conv_relu(c1, 1),
        three=conv_relu(c3, 3, pad=1),
        five=conv_relu(c5, 5, pad=2),
        pool=max_pool(3, stride=1, pad=1),
    )


def normalised(channels: int, kernel: int, *, stride: int = 1) -> Layer:
    """A convolution that keeps the size, batch normalisation with torchvision's eps, ReLU."""
    main = conv(channels, kernel, stride=stride, pad=kernel // 2, bias=False)
    return chain(conv=main, norm=norm(eps=1e-3), relu=relu())


def inception_bn(c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> Layer:
    """torchvision's module: batch normalisation, and 3x3 filters where the paper has 5x5."""
    return concat(
        one=normalised(c1, 1),
        three=chain(normalised(r3, 1), normalised(c3, 3)),
        five=chain(normalised(r5, 1), normalised(c5, 3)),
        pool=chain(max_pool(3, stride=1, pad=1, ceil=True), normalised(p, 1)),
    )


def inception_small(c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> Layer:
    """The paper's module with batch normalisation."""
    return concat(
        one=normalised(c1, 1),
        three=chain(normalised(r3, 1), normalised(c3, 3)),
        five=chain(normalised(r5, 1), normalised(c5, 5)),
        pool=chain(max_pool(3, stride=1, pad=1), normalised(p, 1)),
    )


def modules(module: Module, pool4: Layer) -> dict[str, Layer]:
    """The nine modules of Table 1 and the pools between them."""
    return {
        #                      #1x1  #3x3r #3x3 #5x5r #5x5 pool
        "inception_3a": module( 64,   96,  128,  16,   32,  32),
        "inception_3b": module(128,  128,  192,  32,   96,  64),
        "pool3": max_pool(3, stride=2, ceil=True),
        "inception_4a": module(192,   96,  208,  16,   48,  64),
        "inception_4b": module(160,  112,  224,  24,   64,  64),
        "inception_4c": module(128,  128,  256,  24,   64,  64),
        "inception_4d": module(112,  144,  288,  32,   64,  64),
        "inception_4e": module(256,  160,  320,  32,  128, 128),
        "pool4": pool4,
        "inception_5a": module(256,  160,  320,  32,  128, 128),
        "inception_5b": module(384,  192,  384,  48,  128, 128),
    }  # fmt: skip


def googlenet(classes: int, *, module: Module = inception) -> Layer:
    """Table 1. Pools round up, as in the authors' framework; the response normalisation is in Fig. 3 alone."""
    norm_ = lrn(5, alpha=1e-4 / 5, beta=0.75, k=1.0)  # paper: unstated; the released model's, which divides alpha by n
    return chain(
        conv1=conv_relu(64, 7, stride=2, pad=3),
        pool1=max_pool(3, stride=2, ceil=True),
        norm1=norm_,
        conv2=chain(reduce=conv_relu(64, 1), conv=conv_relu(192, 3, pad=1)),
        norm2=norm_,
        pool2=max_pool(3, stride=2, ceil=True),
        **modules(module, max_pool(3, stride=2, ceil=True)),
        pool5=global_avg_pool(),  # 7x7 in the paper, which is the whole map
        flatten=flatten(),
        drop=dropout(0.4),
        fc=linear(classes),
    )


def auxiliary(classes: int) -> Layer:
    """Sec. 5: on 4a and 4d, 5x5 means at stride 3, 128 1x1 filters, 1,024 units, 70 % dropout."""
    return chain(
        pool=avg_pool(5, stride=3),
        conv=conv_relu(128, 1),
        flatten=flatten(),
        fc1=linear_relu(1024),
        drop=dropout(0.7),
        fc2=linear(classes),
    )


def googlenet_bn(classes: int) -> Layer:
    """torchvision's network: batch normalisation for response normalisation, 3x3 for 5x5, a 2x2 pool4."""
    return chain(
        conv1=normalised(64, 7, stride=2),
        pool1=max_pool(3, stride=2, ceil=True),
        conv2=chain(reduce=normalised(64, 1), conv=normalised(192, 3)),
        pool2=max_pool(3, stride=2, ceil=True),
        **modules(inception_bn, max_pool(2, stride=2, ceil=True)),
        pool5=global_avg_pool(),
        flatten=flatten(),
        drop=dropout(0.2),
        fc=linear(classes),
    )


def auxiliary_bn(classes: int) -> Layer:
    """torchvision's auxiliary classifier: 4x4 means of any map, and batch normalisation."""
    return chain(
        pool=adaptive_avg_pool(4),
        conv=normalised(128, 1),
        flatten=flatten(),
        fc1=linear_relu(1024),
        drop=dropout(0.7),
        fc2=linear(classes),
    )


def googlenet_small(classes: int) -> Layer:
    """For pictures of 28 to 64 pixels: one 3x3 convolution for conv1 to norm1, and batch normalisation throughout."""
    return chain(
        conv1=normalised(64, 3),
        conv2=chain(reduce=normalised(64, 1), conv=normalised(192, 3)),
        pool2=max_pool(3, stride=2, ceil=True),
        **modules(inception_small, max_pool(3, stride=2, ceil=True)),
        pool5=global_avg_pool(),
        flatten=flatten(),
        drop=dropout(0.4),
        fc=linear(classes),
    )


PAPER = Paper(
    authors="C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, V. Vanhoucke, A. Rabinovich",
    title="Going Deeper with Convolutions",
    venue="CVPR 2015, arXiv:1409.4842",
    year=2014,
)

SEPARABLE = "a separable 7x7 with eight filters a channel, then 24 to 64, would give 2,712 weights and 34.0M"
COUNTS = "the printed filter counts give another number; the released model has the printed counts"
FIVE = "48 filters before the 5x5 would give 54.2M; the released model has the printed 32"


def table_1(
    row: str, output: str, weights: str, ops: str, disputed: str | None = None, ops_disputed: str | None = None
) -> tuple[Fact, ...]:
    """A row of Table 1, whose K is 1,024 and whose parameters leave out the biases."""
    return (
        Fact(row, "output", output, "Table 1"),
        Fact(row, "weights", weights, "Table 1", disputed, kilo=1024),
        Fact(row, "macs", ops, "Table 1", ops_disputed),
    )


FACTS = (
    *table_1("conv1", "64x112x112", "2.7K", "34M", SEPARABLE, SEPARABLE),
    Fact("pool1", "output", "64x56x56", "Table 1"),
    *table_1("conv2", "192x56x56", "112K", "360M"),
    Fact("pool2", "output", "192x28x28", "Table 1"),
    *table_1("inception_3a", "256x28x28", "159K", "128M"),
    *table_1("inception_3b", "480x28x28", "380K", "304M", "388,096 weights are 379K"),
    Fact("pool3", "output", "480x14x14", "Table 1"),
    *table_1("inception_4a", "512x14x14", "364K", "73M", COUNTS),
    *table_1("inception_4b", "512x14x14", "437K", "88M", COUNTS),
    *table_1("inception_4c", "512x14x14", "463K", "100M", COUNTS),
    *table_1("inception_4d", "528x14x14", "580K", "119M", COUNTS),
    *table_1("inception_4e", "832x14x14", "840K", "170M", COUNTS),
    Fact("pool4", "output", "832x7x7", "Table 1"),
    *table_1("inception_5a", "832x7x7", "1072K", "54M", COUNTS, FIVE),
    *table_1("inception_5b", "1024x7x7", "1388K", "71M", COUNTS),
    Fact("pool5", "output", "1024x1x1", "Table 1"),
    *table_1("fc", "1000", "1000K", "1M"),
)

RECIPE = Recipe(
    optimiser=SGD(lr=0.01, momentum=0.9, decay=2e-4),
    schedule=Exponential(0.96, every=8),
    loss=CrossEntropy(),
    view=mean_subtracted(224),
    augment=Augment(flip=True, area=(0.08, 1.0), brightness=0.4),
    epochs=250,
    batch=32,
    averaging=Polyak(start=0.5),
    crops=Crops(144),
    source="Szegedy et al. 2015",
    sources=cited(
        optimiser="Sec. 6",
        momentum="Sec. 6",
        schedule="Sec. 6",
        loss="Sec. 5",
        view="Sec. 5",
        augment="Sec. 6",
        dropout="Sec. 5",
        averaging="Sec. 6",
        auxiliaries="Sec. 5",
        crops="Sec. 7",
    ),
    assumed=(
        "rate 0.01, batch 32 and weight decay 2e-4 are those of BVLC's replication; the paper prints none",
        "250 epochs; Glorot's first weights; the average begins at half of the training",
        "crops of 8 to 100 % of the area lie in the middle square of a picture",
        "a change of brightness stands for the photometric distortions of Howard (2013)",
        "the constants of the response normalisation are those of BVLC's replication",
    ),
)

GOOGLENET = Architecture(
    "googlenet", PAPER, (3, 224, 224), 1000, googlenet, glorot_uniform, RECIPE, "pool5", FACTS,
    auxiliaries=(
        Auxiliary("aux1", "inception_4a", auxiliary, 0.3),
        Auxiliary("aux2", "inception_4d", auxiliary, 0.3),
    ),
    published=(Published(None, "7.89", "one network, 144 crops, validation", "reprinted in ResNet, Table 4"),),
)  # fmt: skip
NAIVE = replace(
    GOOGLENET,
    name="googlenet_naive",
    build=lambda classes: googlenet(classes, module=inception_naive),
    facts=(),
    published=(),
    variant="Fig. 2 (a) in every place: no 1x1 reductions, so that the channels grow to 4,944.",
)
BN = Architecture(
    "googlenet_bn", PAPER, (3, 224, 224), 1000, googlenet_bn, he_normal,
    lent(RECIPE, ("the recipe of the paper's network", "He's first weights"), view=IMAGENET),
    "pool5",
    # torchvision's own code turns ImageNet's means and deviations back into halves before its first row
    weights=(torchvision("GoogLeNet_Weights.IMAGENET1K_V1", names.googlenet, scaled=(0.5, 0.5)),),
    auxiliaries=(
        Auxiliary("aux1", "inception_4a", auxiliary_bn, 0.3),
        Auxiliary("aux2", "inception_4d", auxiliary_bn, 0.3),
    ),
    variant=(
        "torchvision's googlenet: batch normalisation for response normalisation, 3x3 filters in place of 5x5, a 2x2 "
        "pool4, 20 % dropout."
    ),
)  # fmt: skip
SMALL = Architecture(
    "googlenet_small", PAPER, (3, 32, 32), 10, googlenet_small, he_normal,
    for_small(RECIPE, "the recipe of the large network", "shifts stand for crops", "He's first weights"),
    "pool5",
    variant=(
        "For 28 to 64 pixels: conv1 is 3x3 at stride 1 with no pool behind it, batch normalisation throughout, no "
        "auxiliary classifiers, He's first weights."
    ),
)  # fmt: skip
ARCHITECTURES = (GOOGLENET, NAIVE, BN, SMALL)
