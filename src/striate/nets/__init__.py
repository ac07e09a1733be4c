"""The catalogue: one paper, one file; plain metadata here, so that listing the networks needs no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from striate.problem import Misuse
from striate.words import nearest

if TYPE_CHECKING:
    from striate.architecture import Architecture


@dataclass(frozen=True)
class Entry:
    """One network of the catalogue; a test holds the numbers against the built network."""

    name: str
    family: str
    year: int
    input: tuple[int, int, int]
    parameters: int
    weights: str | None
    module: str  # of striate.nets

    def architecture(self) -> Architecture:
        """The declaration itself; imports its module, and with it PyTorch."""
        declared = import_module(f"striate.nets.{self.module}").ARCHITECTURES
        return next(each for each in declared if each.name == self.name)


_ENTRIES = (
    Entry("lenet5", "LeNet", 1998, (1, 32, 32), 60_000, None, "lenet5"),
    Entry("lenet5_modern", "LeNet", 1998, (1, 32, 32), 61_706, None, "lenet5"),
    Entry("deepconvnet", "DeepConvNet", 2016, (1, 28, 28), 123_552, None, "deepconvnet"),
    Entry("efficientnet_lite0", "EfficientNet", 2020, (3, 224, 224), 4_652_008, "imagenet", "efficientnet"),
)

CATALOGUE = {entry.name: entry for entry in _ENTRIES}


def find(name: str) -> Entry:
    """The entry of a name; Misuse with the nearest name for one that is not there."""
    if name not in CATALOGUE:
        raise Misuse("net.unknown", name=name, nearest=nearest(name, CATALOGUE))
    return CATALOGUE[name]
