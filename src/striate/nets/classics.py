"""The comparisons that every course on these networks makes, ready to run by one name.

What they are called and what they show is in the message catalogue: ``classic.NAME`` and ``classic.NAME.lesson``.
"""

from dataclasses import dataclass

from striate.layers import Layer, Shape, chain, conv, depthwise, relu
from striate.nets.googlenet import inception, inception_naive
from striate.words import DEFAULT_LANGUAGE, say


@dataclass(frozen=True)
class Piece:
    """A part of a network by itself, on an input of its own: (channels, height, width)."""

    label: str
    layer: Layer
    input: Shape


@dataclass(frozen=True)
class Classic:
    """Networks of the catalogue, by name, or pieces, side by side; ``layers`` where their rows are the point.

    ``against`` has, of each side, the place of the one it is measured against; where it is empty, that is the first.
    """

    name: str
    sides: tuple[str | Piece, ...]
    source: str
    layers: bool = False
    against: tuple[int, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(each if isinstance(each, str) else each.label for each in self.sides)

    def title(self, language: str = DEFAULT_LANGUAGE) -> str:
        return say(f"classic.{self.name}", language)

    def lesson(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What the comparison shows, in a sentence."""
        return say(f"classic.{self.name}.lesson", language)


def square(kernel: int, channels: int) -> Layer:
    """A convolution without bias that keeps the size, and ReLU."""
    return chain(conv=conv(channels, kernel, pad=kernel // 2, bias=False), relu=relu())


def separable(kernel: int, channels: int) -> Layer:
    """One filter a channel, then 1x1 filters that mix them; no normalisation, so that only the filters count."""
    return chain(depthwise=depthwise(kernel, pad=kernel // 2), pointwise=conv(channels, 1, bias=False))


MAPS: Shape = (64, 56, 56)  # assumed: VGG's argument holds for any; these are those of ResNet's conv2_x
BEFORE_3B: Shape = (256, 28, 28)
UNIT: Shape = (512, 14, 14)

_EVERY = (
    Classic("residual", ("plain34", "resnet34_a", "resnet34"), "He et al. 2015, Sec. 4.1, Tables 2 and 3"),
    Classic(
        "inception",
        (  #                                    1x1 3x3r 3x3 5x5r 5x5 pool
            Piece("naive", inception_naive(128, 64, 192, 64, 96, 64), BEFORE_3B),
            Piece("reduced", inception(128, 64, 192, 64, 96, 64), BEFORE_3B),
        ),
        "Szegedy et al. 2014, Fig. 2; the sizes of CS231n 2017, lecture 9, whose 358 M count a 3x3 twice",
        layers=True,
    ),
    Classic(
        "5x5",
        (
            Piece("one 5x5", chain(five=square(5, 64)), MAPS),
            Piece("two 3x3", chain(three1=square(3, 64), three2=square(3, 64)), MAPS),
        ),
        "Simonyan, Zisserman 2014, Sec. 2.3",
        layers=True,
    ),
    Classic(
        "7x7",
        (
            Piece("one 7x7", chain(seven=square(7, 64)), MAPS),
            Piece("three 3x3", chain(three1=square(3, 64), three2=square(3, 64), three3=square(3, 64)), MAPS),
        ),
        "Simonyan, Zisserman 2014, Sec. 2.3",
        layers=True,
    ),
    Classic(
        "separable",
        (
            Piece("full 3x3", chain(full=conv(512, 3, pad=1, bias=False)), UNIT),
            Piece("separable", separable(3, 512), UNIT),
            "mobilenet_v1_full",
            "mobilenet_v1",
        ),
        "Howard et al. 2017, Sec. 3.1 with eq. 5, Tables 3 and 4",
        against=(0, 0, 2, 2),
    ),
    Classic(
        "pointwise",
        (
            Piece("1x1", chain(one=conv(1, 1, bias=False)), MAPS),
            Piece("3x3", chain(three=conv(1, 3, pad=1, bias=False)), MAPS),
        ),
        "Lin et al. 2013, Network in Network, Sec. 3.1; Szegedy et al. 2014, Sec. 4",
        layers=True,
    ),
    Classic("se", ("resnet50", "se_resnet50"), "Hu et al. 2017, Table 2"),
    Classic("shortcuts", ("resnet34_a", "resnet34", "resnet34_c"), "He et al. 2015, Sec. 4.1, Table 3"),
    Classic(
        "alexnet-zfnet",
        ("alexnet_ungrouped", "zfnet", "zfnet_wide"),
        "Krizhevsky et al. 2012, Fig. 2; Zeiler, Fergus 2014, Fig. 3 and Table 2, row (b)",
        layers=True,
    ),
)

CLASSICS = {each.name: each for each in _EVERY}
