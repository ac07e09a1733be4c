"""A network by its name."""

from striate.layers import Chain
from striate.nets import find


def create(net: str, *, classes: int | None = None, input: tuple[int, int, int] | None = None, seed: int = 0) -> Chain:
    """A network of the catalogue, its first weights drawn from the seed as its paper says: (N, *input) -> (N, classes).

    Misuse for an unknown name, and for an input (channels, height, width) that its rows do not fit.
    """
    return find(net).architecture().create(classes=classes, input=input, seed=seed)
