"""A network by its name."""

from pathlib import Path

from striate.layers import Chain
from striate.nets import find
from striate.published.fetching import Tell
from striate.published.start import RANDOM, begin, settled


def create(
    net: str,
    *,
    classes: int | None = None,
    weights: str | Path = RANDOM,
    input: tuple[int, int, int] | None = None,
    seed: int = 0,
    tell: Tell | None = None,
) -> Chain:
    """A network of the catalogue: (N, *input) -> (N, classes).

    weights: ``random``, drawn from the seed as its paper says; ``pretrained`` or the name of published weights, which
    are fetched where they are not at hand, and tell is told how far that is; or a .pth, .pt or .safetensors file in
    our names, torchvision's or timm's. With another number of classes the classifier starts anew.

    Misuse for an unknown name, and for an input (channels, height, width) that its rows do not fit; BadData for a file
    that does not fit the network, or that holds code; Failed for weights that cannot be fetched.
    """
    architecture = find(net).architecture()
    start = settled(architecture, str(weights))
    network = architecture.create(classes=classes, input=input, seed=seed)
    begin(network, architecture, start, "kept" if classes is None else "fitting", tell)
    return network
