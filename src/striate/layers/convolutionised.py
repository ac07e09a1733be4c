"""A classifier run over a whole picture: its fully connected rows as convolutions (VGG, Sec. 3.2; FCN, Sec. 3.1)."""

from collections import OrderedDict
from typing import NamedTuple, cast

from torch import nn

from striate.layers.activations import Scaled, ScaledTanh
from striate.layers.compose import Chain, Shape
from striate.problem import Misuse

_AT_EACH_PLACE = (
    nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish, nn.Hardswish, nn.Softplus,
    nn.Tanh, nn.Sigmoid, Scaled, ScaledTanh, nn.Dropout, nn.Identity,
)  # fmt: skip
"""What works on each value alone: whether the values stand in a list or in a map does not matter to it."""


def convolutionised(network: nn.Module) -> Chain:
    """The network with maps of scores in the place of scores, its weights shared: (N, C, H, W) -> (N, classes, H', W').

    Each place of the maps is the answer to a window of the network's own input size; a picture of that size gives one
    place. Rows keep their names. A pool over the whole map becomes a pool over such windows; a gate goes on to look at
    the whole picture. Misuse for a network that is no chain, and for a row that cannot be run over a map.
    """
    if not isinstance(network, Chain):
        raise Misuse("dense.no_chain", kind=type(network).__name__)
    converted = _rows(network, None, "")
    if converted.flat is None:
        raise Misuse("dense.no_classifier")
    converted.chain.head_row = network.head_row
    return converted.chain


class _Converted(NamedTuple):
    """A chain converted, and the map that was flattened within it or before it, (C, 1, 1) behind a linear layer."""

    chain: Chain
    flat: Shape | None


def _rows(chain: Chain, flat: Shape | None, path: str) -> _Converted:
    rows: OrderedDict[str, nn.Module] = OrderedDict()
    shapes: list[Shape] = []
    for (name, row), received in zip(chain.named_children(), chain.input_shapes, strict=True):
        shapes.append(flat or received)
        if isinstance(row, Chain):
            rows[name], flat = _rows(row, flat, f"{path}{name}.")
        elif flat is not None:
            rows[name], flat = _in_the_classifier(row, flat, path + name)
        elif isinstance(row, nn.Flatten):
            rows[name], flat = nn.Identity(), received
        else:
            rows[name] = _windowed(row, received, path + name)
    converted = Chain(rows)
    converted.input_shapes = tuple(shapes)
    converted.output_shape = flat or chain.output_shape
    return _Converted(converted, flat)


def _in_the_classifier(row: nn.Module, flat: Shape, path: str) -> tuple[nn.Module, Shape]:
    """A row behind the flattening, for maps."""
    if isinstance(row, nn.Linear):
        return _convolution(row, flat), (row.out_features, 1, 1)
    if not isinstance(row, _AT_EACH_PLACE):
        raise Misuse("dense.row", row=path, kind=type(row).__name__)
    return row, flat


def _convolution(linear: nn.Linear, read: Shape) -> nn.Conv2d:
    """The convolution whose filters are a linear layer's rows, over windows of the map that it reads."""
    channels, height, width = read
    convolution = nn.Conv2d(channels, linear.out_features, (height, width), bias=linear.bias is not None, device="meta")
    convolution.weight = nn.Parameter(linear.weight.detach().view(-1, channels, height, width))
    convolution.bias = linear.bias
    return convolution.train(linear.training)


def _windowed(row: nn.Module, received: Shape, path: str) -> nn.Module:
    """A row before the flattening; a pool over the whole map becomes one over windows of that size."""
    if not isinstance(row, nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d):
        return row
    inside = cast(tuple[int, int], received[1:])
    wanted = row.output_size if isinstance(row.output_size, tuple) else (row.output_size,) * 2
    if wanted == inside:
        return nn.Identity()
    if wanted != (1, 1):
        raise Misuse("dense.row", row=path, kind=type(row).__name__)
    pool = nn.AvgPool2d if isinstance(row, nn.AdaptiveAvgPool2d) else nn.MaxPool2d
    return pool(inside, stride=1)
