"""Which parts of a picture an answer is made of, as a frozen declaration; data/crops.py cuts them out."""

from dataclasses import dataclass
from typing import Literal, get_args

from striate.problem import Misuse
from striate.words import nearest

Scheme = Literal[1, 2, 10, 144, "dense"]

LARGEST = 2048
"""The largest scale in pixels that may be asked for, four times the largest of VGG's; larger ones take gigabytes."""

SCHEMES: tuple[Scheme, ...] = get_args(Scheme)


@dataclass(frozen=True)
class Crops:
    """The crops of a picture whose probabilities are averaged. Misuse for a scheme or a scale that makes no sense.

    ``1`` is the view itself, ``2`` its mirror image too, ``10`` the corners and the centre, each mirrored (AlexNet,
    Sec. 4.1), ``144`` squares at four scales (GoogLeNet, Sec. 7), ``dense`` the whole picture, the network's fully
    connected rows run over it as convolutions (VGG, Sec. 3.2).
    """

    scheme: Scheme = 1
    scales: tuple[int, ...] = ()  # shorter sides in pixels, the scheme performed at each; none: those of the view
    mirrored: bool = True  # False leaves mirror images out

    def __post_init__(self) -> None:
        if self.scheme not in SCHEMES:
            known = [str(each) for each in SCHEMES]
            raise Misuse(
                "crops.unknown", name=self.scheme, known=", ".join(known), nearest=nearest(str(self.scheme), known)
            )
        wrong = [each for each in self.scales if each < 1]
        if wrong:
            raise Misuse("crops.scale", scale=wrong[0])

    @property
    def count(self) -> int:
        """The inputs made of a picture, at most, once the scales are named."""
        each = {1: 1, 2: 1, 10: 5, 144: 18, "dense": 1}[self.scheme]
        return each * len(self.scales) * (2 if self.mirrored else 1)

    @staticmethod
    def of(asked: "Crops | Scheme") -> "Crops":
        """Crops as they are, or those of a scheme alone."""
        return asked if isinstance(asked, Crops) else Crops(asked)


PLAIN = Crops()
"""A picture as its view shows it, once."""
