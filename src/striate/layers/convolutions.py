"""Layers with weights: convolutions, linear layers, batch normalisation, and the usual groups of them."""

import math

from torch import nn

from striate.layers.activations import relu
from striate.layers.compose import Layer, Shape, chain


def conv(channels: int, kernel: int, *, stride: int = 1, pad: int = 0, groups: int = 1, bias: bool = True) -> Layer:
    """A square convolution to a number of channels: (C, H, W) -> (channels, H', W')."""
    return lambda shape: nn.Conv2d(shape[0], channels, kernel, stride, pad, groups=groups, bias=bias)


def same_pad(kernel: int, stride: int) -> Layer:
    """The zeros TensorFlow's "SAME" adds before a convolution, for ceil(size / stride) outputs.

    What cannot be split evenly goes right and below. Worked out for the shape the layer is built for.
    """

    def layer(shape: Shape) -> nn.Module:
        high, wide = (max((math.ceil(size / stride) - 1) * stride + kernel - size, 0) for size in shape[1:])
        return nn.ZeroPad2d((wide // 2, wide - wide // 2, high // 2, high - high // 2))

    return layer


def conv_relu(channels: int, kernel: int, *, stride: int = 1, pad: int = 0, groups: int = 1) -> Layer:
    """A convolution with bias, then ReLU; the row's parts are called conv and relu."""
    return chain(conv=conv(channels, kernel, stride=stride, pad=pad, groups=groups), relu=relu())


def conv_norm(channels: int, kernel: int, *, stride: int = 1, pad: int = 0, groups: int = 1) -> Layer:
    """A convolution without bias, then batch normalisation; the row's parts are called conv and norm."""
    return chain(conv=conv(channels, kernel, stride=stride, pad=pad, groups=groups, bias=False), norm=norm())


def conv_norm_relu(channels: int, kernel: int, *, stride: int = 1, pad: int = 0, groups: int = 1) -> Layer:
    """A convolution without bias, batch normalisation and ReLU: conv, norm and relu."""
    main = conv(channels, kernel, stride=stride, pad=pad, groups=groups, bias=False)
    return chain(conv=main, norm=norm(), relu=relu())


def depthwise(kernel: int, *, stride: int = 1, pad: int = 0, bias: bool = False) -> Layer:
    """A convolution with one filter for each channel, mixing none (MobileNets, Sec. 3.1)."""
    return lambda shape: nn.Conv2d(shape[0], shape[0], kernel, stride, pad, groups=shape[0], bias=bias)


def norm(*, eps: float = 1e-5, momentum: float = 0.1) -> Layer:
    """Batch normalisation over batch, height and width (Ioffe, Szegedy 2015); eps and momentum are PyTorch's."""

    def layer(shape: Shape) -> nn.Module:
        kind = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
        return kind(shape[0], eps=eps, momentum=momentum)

    return layer


def norm_relu_conv(channels: int, kernel: int, *, pad: int = 0) -> Layer:
    """Batch normalisation and ReLU before the convolution, which has no bias: norm, relu and conv."""
    return chain(norm=norm(), relu=relu(), conv=conv(channels, kernel, pad=pad, bias=False))


def linear(features: int, *, bias: bool = True) -> Layer:
    """A fully connected layer: (inputs,) -> (features,). A map is flattened before it, by a row of its own."""

    def layer(shape: Shape) -> nn.Module:
        if len(shape) != 1:
            raise ValueError("a linear layer takes features; put flatten() before it")
        return nn.Linear(shape[0], features, bias=bias)

    return layer


def linear_relu(features: int) -> Layer:
    """A linear layer with bias, then ReLU: linear and relu."""
    return chain(linear=linear(features), relu=relu())
