"""ResNeXt.

S. Xie, R. Girshick, P. Dollar, Z. Tu, K. He: Aggregated Residual Transformations for Deep Neural Networks. CVPR 2017,
arXiv:1611.05431.
"""

from dataclasses import replace

from striate.architecture import Architecture, Fact, Paper
from striate.initialise import he_normal
from striate.layers import Layer, chain, conv_norm, conv_norm_relu, relu, residual
from striate.nets.resnet import CIFAR_RECIPE, R50, R101, RECIPE, Block, option_b, resnet, resnet_small
from striate.nets.views import IMAGENET
from striate.published import names
from striate.published.releases import timm, torchvision_both
from striate.recipe import Steps


def aggregated(gate: Layer | None = None) -> Block:
    """Fig. 3 (c) in the 32x4d form: twice a bottleneck's width, in 32 groups; the 3x3 strides."""
    return lambda channels, stride: residual(
        chain(
            conv_norm_relu(2 * channels, 1),
            conv_norm_relu(2 * channels, 3, stride=stride, pad=1, groups=32),
            conv_norm(4 * channels, 1),
        ),
        option_b(4 * channels, stride),
        gate=gate,
        then=relu(),
    )


PAPER = Paper(
    authors="S. Xie, R. Girshick, P. Dollar, Z. Tu, K. He",
    title="Aggregated Residual Transformations for Deep Neural Networks",
    venue="CVPR 2017, arXiv:1611.05431",
    year=2016,
)

RESNEXT50 = Architecture(
    "resnext50_32x4d", PAPER, (3, 224, 224), 1000, lambda classes: resnet(classes, aggregated(), R50), he_normal,
    replace(
        RECIPE,
        schedule=Steps(starts=(0, 30, 60), factors=(1.0, 0.1, 0.01)),
        epochs=90,
        source="ResNet's recipe",
        sources=tuple(each for each in RECIPE.sources if each[0] not in ("schedule", "epochs")),
        assumed=("90 epochs, the rate falls tenfold at 30 and 60", *RECIPE.assumed[1:]),
    ),
    "pool5",
    (
        Fact("conv1", "output", "64x112x112", "Table 1"),
        Fact("conv2_3", "output", "256x56x56", "Table 1"),
        Fact("conv3_4", "output", "512x28x28", "Table 1"),
        Fact("conv4_6", "output", "1024x14x14", "Table 1"),
        Fact("conv5_3", "output", "2048x7x7", "Table 1"),
        Fact("", "parameters", "25.0M", "Table 1"),
    ),
    torchvision_both("ResNeXt50_32X4D_Weights", names.resnet),
)  # fmt: skip
GLUON = timm(  # GluonCV's, which timm carried over
    "https://github.com/rwightman/pytorch-pretrained-gluonresnet/releases/download/v0.1/"
    "gluon_resnext101_32x4d-b253c8c4.pth",
    names.resnet,
    view=replace(IMAGENET, interpolation="bicubic"),
)
RESNEXT101 = replace(
    RESNEXT50,
    name="resnext101_32x4d",
    build=lambda classes: resnet(classes, aggregated(), R101),
    facts=(),
    weights=(GLUON,),
)
SMALL = replace(
    RESNEXT50,
    name="resnext50_32x4d_small",
    input=(3, 32, 32),
    classes=10,
    build=lambda classes: resnet_small(classes, aggregated(), R50),
    recipe=replace(CIFAR_RECIPE, source="ResNet's recipe for CIFAR-10"),
    facts=(),
    weights=(),
    variant="For 28 to 64 pixels: conv1 is 3x3 at stride 1, with no pool behind it.",
)
ARCHITECTURES = (RESNEXT50, RESNEXT101, SMALL)
