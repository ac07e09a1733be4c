"""LeNet-5.

Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-Based Learning Applied to Document Recognition.
Proceedings of the IEEE 86(11), 1998, pp. 2278-2324.
"""

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.architecture import Architecture, Fact, Paper, Published
from striate.initialise import glorot_uniform, uniform_fan_in
from striate.layers import (
    Layer,
    Shape,
    avg_pool,
    chain,
    conv,
    flatten,
    linear,
    max_pool,
    scaled_tanh,
    subsampling,
    tanh,
)
from striate.recipe import SGD, Adam, Augment, Constant, CrossEntropy, MaximumAPosteriori, Recipe, Steps, View, cited

# Table I: the S2 maps that each of the 16 maps of C3 looks at.
C3 = (
    "012 123 234 345 045 015",
    "0123 1234 2345 0345 0145 0125 0134 1245 0235",
    "012345",
)  # fmt: skip

# Fig. 3: the digits of the stylised 7x12 character set, ink +1 and ground -1.
BITMAPS = """
.#####. ...##.. .#####. ####### .#####. .#####. ..####. ####### .#####. .#####.
....... ..###.. ....... .....## ....... ....... .##.... .....## ##...## ##..###
..###.. .####.. .#####. ....##. ....... ####### ##..... .....## ##...## ##...##
.##.##. ...##.. ##...## ...##.. .##..## ##..... ##..... ....##. ##...## ##...##
##...## ...##.. #....## ..####. .##..## ##..... ######. ...##.. .#####. ##..###
##...## ...##.. ....##. .....## ###..## .####.. ###..## ...##.. ##...## .######
##...## ...##.. ..###.. .....## ##...## ..####. ##...## ..##... ##...## .....##
##...## ...##.. .##.... .....## ##...## .....## ##...## ..##... ##...## .....##
.##.##. ...##.. ##..... ##...## ##..### ##...## ###..## ..##... ##...## ....##.
..###.. .###### ####### .#####. .###### .#####. .#####. ..##... .#####. .####..
....... ....... ....... ....... .....## ....... ....... ....... ....... .......
....... ....... ....... ....... .....## ....... ....... ....... ....... .......
"""


class PartialConv(nn.Module):
    """A 5x5 convolution that stores only the kernels its table lists: (N, 6, H, W) -> (N, 16, H - 4, W - 4)."""

    KERNEL = 5

    def __init__(self, channels_in: int, table: tuple[str, ...]) -> None:
        super().__init__()
        self.maps = tuple(tuple(map(int, maps)) for row in table for maps in row.split())
        self.channels_in = channels_in
        self.weight = nn.Parameter(torch.empty(sum(map(len, self.maps)), self.KERNEL, self.KERNEL))
        self.bias = nn.Parameter(torch.empty(len(self.maps)))
        self.register_buffer("place", torch.empty(len(self.weight), dtype=torch.int64), persistent=False)
        self.reset_buffers()

    def reset_buffers(self) -> None:
        """Where each stored kernel stands among all 16 x 6 of the full convolution."""
        place = [out * self.channels_in + into for out, maps in enumerate(self.maps) for into in maps]
        self.place: Tensor
        self.place.copy_(torch.tensor(place, device="cpu"))

    @property
    def fan_in(self) -> float:
        """Inputs of a unit, on the mean over the 16 maps, which differ."""
        return self.weight.numel() / len(self.maps)

    def macs(self, output: Shape) -> int:
        """Multiply-accumulates of the stored kernels alone."""
        return self.weight.numel() * output[1] * output[2]

    def forward(self, x: Tensor) -> Tensor:
        every = self.weight.new_zeros(len(self.maps) * self.channels_in, self.KERNEL, self.KERNEL)
        full = every.index_copy(0, self.place, self.weight)
        return F.conv2d(x, full.view(len(self.maps), self.channels_in, self.KERNEL, self.KERNEL), self.bias)


class RadialBasis(nn.Module):
    """Minus the squared distance to each class's fixed code: (N, 84) -> (N, classes) (Sec. II-B, eq. 7)."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.register_buffer("codes", torch.empty(classes, features), persistent=False)
        self.reset_buffers()

    def reset_buffers(self) -> None:
        self.codes: Tensor
        self.codes.copy_(class_codes(self.classes, self.codes.shape[1]))

    def macs(self, output: Shape) -> int:  # noqa: ARG002  it does not depend on it
        """One squared difference an input and class."""
        return self.codes.numel()

    def forward(self, x: Tensor) -> Tensor:
        difference = x[:, None] - self.codes
        return -difference.square().sum(-1)


def class_codes(classes: int, features: int) -> Tensor:
    """The codes of +-1: the ten digits' bitmaps, or, for any other number of classes, codes drawn from a fixed seed."""
    if classes == 10:
        rows = [line.split() for line in BITMAPS.split("\n") if line]
        digits = ["".join(row[digit] for row in rows) for digit in range(10)]
        return torch.tensor([[1.0 if pixel == "#" else -1.0 for pixel in digit] for digit in digits], device="cpu")
    generator = torch.Generator().manual_seed(1998)
    drawn = torch.randint(0, 2, (classes, features), generator=generator, device="cpu")
    return 2.0 * drawn - 1  # assumed: the paper has codes for the 96 characters of ASCII alone


def lenet5(classes: int) -> Layer:
    """Fig. 2, as printed."""
    return chain(
        c1=chain(conv=conv(6, 5), squash=scaled_tanh()),
        s2=chain(pool=subsampling(), squash=scaled_tanh()),
        c3=chain(conv=lambda shape: PartialConv(shape[0], C3), squash=scaled_tanh()),
        s4=chain(pool=subsampling(), squash=scaled_tanh()),
        c5=chain(conv=conv(120, 5), squash=scaled_tanh()),
        flatten=flatten(),
        f6=chain(linear=linear(84), squash=scaled_tanh()),
        output=lambda shape: RadialBasis(shape[0], classes),
    )


def lenet5_modern(classes: int, *, pool: Layer | None = None) -> Layer:
    """As it is taught today: a full C3, plain average pooling, tanh, three linear layers and softmax."""
    pool = pool or avg_pool(2)
    return chain(
        c1=chain(conv=conv(6, 5), tanh=tanh()),
        s2=pool,
        c3=chain(conv=conv(16, 5), tanh=tanh()),
        s4=pool,
        flatten=flatten(),
        fc5=chain(linear=linear(120), tanh=tanh()),
        fc6=chain(linear=linear(84), tanh=tanh()),
        fc7=linear(classes),
    )


PAPER = Paper(
    authors="Y. LeCun, L. Bottou, Y. Bengio, P. Haffner",
    title="Gradient-Based Learning Applied to Document Recognition",
    venue="Proceedings of the IEEE 86(11), pp. 2278-2324",
    year=1998,
)

FACTS = (
    Fact("c1", "output", "6x28x28", "Sec. II-B"),
    Fact("c1", "parameters", "156", "Sec. II-B"),
    Fact("c1", "connections", "122,304", "Sec. II-B"),
    Fact("s2", "output", "6x14x14", "Sec. II-B"),
    Fact("s2", "parameters", "12", "Sec. II-B"),
    Fact("s2", "connections", "5,880", "Sec. II-B"),
    Fact("c3", "output", "16x10x10", "Sec. II-B"),
    Fact("c3", "parameters", "1,516", "Sec. II-B"),
    Fact("c3", "connections", "151,600", "Sec. II-B"),
    Fact("s4", "output", "16x5x5", "Sec. II-B"),
    Fact("s4", "parameters", "32", "Sec. II-B"),
    Fact("s4", "connections", "2,000", "Sec. II-B"),
    Fact("c5", "output", "120x1x1", "Sec. II-B"),
    Fact("c5", "connections", "48,120", "Sec. II-B"),
    Fact("f6", "output", "84", "Sec. II-B"),
    Fact("f6", "parameters", "10,164", "Sec. II-B"),
    Fact("", "parameters", "60,000", "Sec. II-B"),
    Fact("", "connections", "340,908", "Sec. II-B"),
)

# Sec. II-B: background -0.1 and ink 1.175, so that the mean is about 0 and the variance about 1; 28x28 digits stand in
# the middle of 32x32.
VIEW = View("pad", (32, 32), 1, mean=(0.1 / 1.275,), std=(1 / 1.275,))

RECIPE = Recipe(
    optimiser=SGD(lr=0.005),
    schedule=Steps(starts=(0, 2, 5, 8, 12), factors=(1.0, 0.4, 0.2, 0.1, 0.02)),
    loss=MaximumAPosteriori(j=1.0),
    view=VIEW,
    augment=Augment(),
    epochs=20,
    batch=10,
    source="LeCun, Bottou, Bengio, Haffner 1998",
    sources=cited(
        schedule="Sec. III-B: after 2, 5, 8 and 12 passes",
        loss="Sec. II-C, eq. 9",
        epochs="Sec. III-B",
        view="Sec. III-A",
        augment="Sec. III-B",
        start="Appendix A: uniform within 2.4 / fan-in",
    ),
    assumed=(
        "plain SGD from 0.005, in the ratios of the printed rates, stands for stochastic diagonal Levenberg-Marquardt",
        "batches of 10 for the paper's single patterns",
        "j = 1 in equation 9, which only asks for a positive constant",
        "ink is +1 in the codes of Fig. 3; codes for other than ten classes are drawn from a fixed seed",
        "fan-in of C3 is the mean over its maps",
    ),
)

MODERN_RECIPE = Recipe(
    optimiser=Adam(lr=0.001),
    schedule=Constant(),
    loss=CrossEntropy(),
    view=VIEW,
    augment=Augment(),
    epochs=20,
    batch=128,
    source="no paper: the network as courses teach it",
    assumed=("Adam at its published rate", "Glorot initialisation"),
)

PUBLISHED = (Published("0.95", None, "MNIST, test", "Sec. III"),)

LENET5 = Architecture(
    "lenet5", PAPER, (1, 32, 32), 10, lenet5, uniform_fan_in(2.4), RECIPE, "f6", FACTS, published=PUBLISHED
)
LENET5_MODERN = Architecture(
    "lenet5_modern", PAPER, (1, 32, 32), 10, lenet5_modern, glorot_uniform, MODERN_RECIPE, "flatten",
    variant="As it is taught today: a full C3, average pooling without coefficients, tanh, softmax.",
)  # fmt: skip
LENET5_MAXPOOL = replace(
    LENET5_MODERN,
    name="lenet5_maxpool",
    build=lambda classes: lenet5_modern(classes, pool=max_pool(2)),
    variant="As lenet5_modern with the largest value of each window for its mean.",
)
ARCHITECTURES = (LENET5, LENET5_MODERN, LENET5_MAXPOOL)
