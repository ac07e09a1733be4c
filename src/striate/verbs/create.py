"""A network by its name."""

from pathlib import Path

from torch import nn

from striate.architecture import Architecture
from striate.nets import find
from striate.published.fetching import Tell
from striate.published.start import RANDOM, begin, settled


def create(
    net: str | Path | Architecture,
    *,
    classes: int | None = None,
    weights: str | Path = RANDOM,
    input: tuple[int, int, int] | None = None,
    seed: int = 0,
    tell: Tell | None = None,
) -> nn.Module:
    """A network of the catalogue, of an architecture, or of one's own: (N, *input) -> (N, classes).

    A ``Chain`` of named rows for one of the catalogue; what its function returns for FILE.py:FUNCTION.

    weights: ``random``, drawn from the seed as its paper says; ``pretrained`` or the name of published weights, which
    are fetched where they are not at hand, and tell is told how far that is; or a .pth, .pt or .safetensors file in
    our names, torchvision's or timm's. With another number of classes the classifier starts anew.

    Misuse for an unknown name, and for an input (channels, height, width) that its rows do not fit; BadData for a file
    that does not fit the network, or that holds code; Failed for weights that cannot be fetched.
    """
    architecture = net if isinstance(net, Architecture) else find(str(net)).architecture()
    start = settled(architecture, str(weights))
    network = architecture.create(classes=classes, input=input, seed=seed)
    begin(network, architecture, start, "kept" if classes is None else "fitting", tell=tell)
    return network
