"""The catalogue, listed."""

from fnmatch import fnmatch

from striate.nets import CATALOGUE, Entry


def nets(pattern: str = "*") -> list[Entry]:
    """The networks whose name or family fits a pattern (``resnet*``) or contains it; needs no PyTorch."""
    wanted = pattern.casefold()
    return [
        entry
        for entry in CATALOGUE.values()
        if any(fnmatch(each, wanted) or wanted in each for each in (entry.name, entry.family.casefold()))
    ]
