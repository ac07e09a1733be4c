"""The ImageNet challenge in classification, year by year, as the papers print it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """An entry's top-5 error on the test pictures, in percent, and of how many networks it is the mean.

    ``net`` is the catalogue's network that it is made of. 0 networks: features that somebody designed.
    """

    year: int
    team: str
    error: float
    networks: int | None  # None where its report does not say
    won: bool
    source: str
    net: str | None = None


CHALLENGE = (
    Place(2010, "NEC-UIUC", 28.2, 0, True, "AlexNet, Table 1: sparse coding"),
    Place(2012, "ISI", 26.2, 0, False, "AlexNet, Table 2: SIFT + FVs"),
    Place(2012, "SuperVision", 15.3, 7, True, "AlexNet, Table 2", "alexnet"),
    Place(2013, "Zeiler, Fergus", 14.8, 6, False, "ZFNet, Table 2", "zfnet"),
    Place(2013, "Clarifai", 11.7, None, True, "GoogLeNet, Table 2"),
    Place(2014, "VGG", 7.3, 7, False, "VGG, Table 7", "vgg19"),
    Place(2014, "GoogLeNet", 6.67, 7, True, "GoogLeNet, Table 2", "googlenet"),
    Place(2015, "MSRA", 3.57, 6, True, "ResNet, Table 5", "resnet152"),
    Place(2017, "WMW", 2.25, None, True, "SENet, Sec. 1", "se_resnet152"),
)
"""Winners, and who came next where the chapter tells of them. SENet's entry used larger relatives of its network."""

PERSON = 5.1
"""Of one trained annotator on 1,500 test pictures (Russakovsky et al. 2015, Sec. 6.4)."""


def drop(before: float, after: float) -> float:
    """The share of an error that is gone."""
    return (before - after) / before
