"""SENet: a gate for any network.

J. Hu, L. Shen, S. Albanie, G. Sun, E. Wu: Squeeze-and-Excitation Networks. CVPR 2018, arXiv:1709.01507.
"""

from dataclasses import replace

from striate.architecture import Architecture, Fact, Paper, Published
from striate.initialise import he_normal
from striate.layers import Layer, conv_norm_relu, gated, max_pool, squeeze_excite
from striate.nets.googlenet import GOOGLENET, googlenet, inception
from striate.nets.mobilenet import MOBILENET, mobilenet_v1, separable
from striate.nets.resnet import CIFAR_RECIPE, R18, R50, R101, R152, Block, basic, bottleneck, option_b, resnet
from striate.nets.resnet import resnet_small as small
from striate.nets.resnext import aggregated
from striate.nets.vgg import D, vgg
from striate.nets.views import IMAGENET
from striate.published.releases import timm
from striate.published.timm_names import legacy_senet
from striate.recipe import SGD, Augment, CrossEntropy, Recipe, Steps, cited

GATE = squeeze_excite(16)  # Sec. 6.1: r = 16


def se_resnet(classes: int, block: Block, repeats: tuple[int, ...]) -> Layer:
    """Table 1; the pool rounds up without padding, as in the authors' framework."""
    return resnet(classes, block, repeats, pool=max_pool(3, stride=2, ceil=True))


def se_conv(channels: int, kernel: int) -> Layer:
    """Sec. 3.3: the gate follows the non-linearity of each convolution."""
    return gated(conv_norm_relu(channels, kernel, pad=kernel // 2), GATE)


def se_inception(c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> Layer:
    """Fig. 2: the gate works on a whole module's output."""
    return gated(inception(c1, r3, c3, r5, c5, p), GATE)


def se_separable(channels: int, stride: int) -> Layer:
    """The gate works on the output of a separable unit."""
    return gated(separable(channels, stride), GATE)


PAPER = Paper(
    authors="J. Hu, L. Shen, S. Albanie, G. Sun, E. Wu",
    title="Squeeze-and-Excitation Networks",
    venue="CVPR 2018, arXiv:1709.01507",
    year=2017,
)

RECIPE = Recipe(
    optimiser=SGD(lr=0.6, momentum=0.9, decay=1e-4),
    schedule=Steps(starts=(0, 30, 60, 90), factors=(1.0, 0.1, 0.01, 0.001)),
    loss=CrossEntropy(),
    view=IMAGENET,
    augment=Augment(flip=True, area=(0.08, 1.0)),
    epochs=100,
    batch=1024,
    source="Hu, Shen, Sun 2018",
    sources=cited(
        optimiser="Sec. 5.1",
        rate="Sec. 5.1",
        momentum="Sec. 5.1",
        schedule="Sec. 5.1",
        batch="Sec. 5.1",
        epochs="Sec. 5.1",
        augment="Sec. 5.1",
        start="Sec. 5.1: He's",
        crops="Sec. 5.1",
    ),
    assumed=(
        "weight decay 1e-4, as in ResNet",
        "crops of 8 to 100 % of the area for the printed random size and shape",
        "channel means and deviations for the channel means",
    ),
)


RELEASES = "https://github.com/rwightman/pytorch-image-models/releases/download"
FILES = {  # of timm's legacy_seresnet50 and its like, which have the authors' pool and strides
    "se_resnet50": "v0.1-cadene/se_resnet50-ce0d4300.pth",
    "se_resnet101": "v0.1-cadene/se_resnet101-7e38fcc6.pth",
    "se_resnet152": "v0.1-cadene/se_resnet152-d17c99b7.pth",
    "se_resnext50_32x4d": "v0.1-weights/legacy_se_resnext50_32x4d-f3651bad.pth",
    "se_resnext101_32x4d": "v0.1-weights/legacy_se_resnext101_32x4d-37725eac.pth",
}


def with_gates(name: str, block: Block, repeats: tuple[int, ...], errors: tuple[str, str]) -> Architecture:
    return Architecture(
        name, PAPER, (3, 224, 224), 1000, lambda classes: se_resnet(classes, block, repeats), he_normal, RECIPE,
        "pool5",
        weights=(timm(f"{RELEASES}/{FILES[name]}", legacy_senet, view=IMAGENET),),
        published=(Published(*errors, "one crop, validation", "Table 2"),),
    )  # fmt: skip


GATED_BOTTLENECK = bottleneck(option_b, GATE)
SE_RESNET50 = replace(
    with_gates("se_resnet50", GATED_BOTTLENECK, R50, ("23.29", "6.62")),
    facts=(
        Fact("conv2_3", "output", "256x56x56", "Table 1"),
        Fact("conv3_4", "output", "512x28x28", "Table 1"),
        Fact("conv4_6", "output", "1024x14x14", "Table 1"),
        Fact("conv5_3", "output", "2048x7x7", "Table 1"),
        Fact("", "macs", "3.87G", "Table 2"),
    ),
)
SE_VGG16_BN = Architecture(
    "se_vgg16_bn", PAPER, (3, 224, 224), 1000, lambda classes: vgg(classes, D, se_conv), he_normal, RECIPE, "flatten",
    published=(Published("25.22", "7.70", "one crop, validation", "Table 2"),),
    variant="VGG-16 with batch normalisation, and a gate behind each of its thirteen convolutions.",
)  # fmt: skip
SE_GOOGLENET = replace(
    GOOGLENET,
    name="se_googlenet",
    paper=PAPER,
    recipe=replace(GOOGLENET.recipe, source="GoogLeNet's recipe (Szegedy et al., Sec. 6)"),
    build=lambda classes: googlenet(classes, module=se_inception),
    facts=(),
    published=(),
    variant="GoogLeNet with a gate on each Inception module; the paper gates the version with batch normalisation.",
)
SE_MOBILENET = replace(
    MOBILENET,
    name="se_mobilenet_v1",
    paper=PAPER,
    recipe=replace(MOBILENET.recipe, source="MobileNet's recipe (Howard et al., Sec. 3.2)"),
    build=lambda classes: mobilenet_v1(classes, unit=se_separable),
    facts=(
        Fact("", "parameters", "4.7M", "Table 3"),
        Fact(
            "",
            "macs",
            "572M",
            "Table 3",
            disputed="products of convolutions and linear layers alone; scaling the maps adds 2.7 M",
        ),
    ),
    published=(Published("25.3", "7.7", "one crop, validation", "Table 3"),),
    variant="MobileNet with a gate on each separable unit.",
)
SMALL = Architecture(
    "se_resnet18_small", PAPER, (3, 32, 32), 10, lambda classes: small(classes, basic(option_b, GATE), R18),
    he_normal, replace(CIFAR_RECIPE, source="ResNet's recipe for CIFAR-10"), "pool5",
    variant="For 28 to 64 pixels: conv1 is 3x3 at stride 1, with no pool behind it.",
)  # fmt: skip
ARCHITECTURES = (
    SE_RESNET50,
    with_gates("se_resnet101", GATED_BOTTLENECK, R101, ("22.38", "6.07")),
    with_gates("se_resnet152", GATED_BOTTLENECK, R152, ("21.57", "5.73")),
    with_gates("se_resnext50_32x4d", aggregated(GATE), R50, ("21.10", "5.49")),
    with_gates("se_resnext101_32x4d", aggregated(GATE), R101, ("20.70", "5.01")),
    SE_VGG16_BN,
    SE_GOOGLENET,
    SE_MOBILENET,
    SMALL,
)
