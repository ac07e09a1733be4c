"""The catalogue, listed."""

from fnmatch import fnmatch

from striate.nets import CATALOGUE, Entry


def nets(pattern: str = "*") -> list[Entry]:
    """The networks whose name fits a pattern (``resnet*``) or contains it as a word part; needs no PyTorch."""
    return [entry for name, entry in CATALOGUE.items() if fnmatch(name, pattern) or pattern in name]
