"""Convolution by hand: for each output its patch, the products, the sum; and separable convolution in its two steps."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from striate.foundations.given import Array, array, fixed, of_shape
from striate.foundations.sizes import Written, conv_parameters, output_size
from striate.problem import BadData


@dataclass(frozen=True, eq=False)
class Place:
    """How one number of the output comes about; patch and products are (channels, height, width)."""

    filter: int
    row: int  # of the output
    column: int
    top: int  # of the patch, in the input; below 0 within the padding
    left: int
    patch: Array
    products: Array  # patch * filter
    total: float  # the sum of all products
    bias: float
    output: float


@dataclass(frozen=True, eq=False)
class Convolved:
    """A convolution with what it is made of; ``filters`` are those laid on the patches, flipped where one asked."""

    output: Array  # (filters, height, width)
    filters: Array  # (filters, channels, height, width)
    height: Written
    width: Written
    parameters: Written
    macs: int
    trace: tuple[Place, ...]  # filter by filter, row by row


@dataclass(frozen=True, eq=False)
class Separated:
    """A depthwise separable convolution: each channel by its own kernel, then a mix of the channels at each place."""

    depthwise: Array  # (channels, height, width) after the first step
    output: Array  # (filters, height, width) after the second
    full: Array  # (filters, channels, height, width): the filters of the full convolution that does the same


def convolve(
    picture: ArrayLike,
    filters: ArrayLike,
    *,
    bias: ArrayLike | None = None,
    stride: int = 1,
    pad: int = 0,
    flip: bool = False,
) -> Convolved:
    """Lays each filter on each patch, multiplies and sums: (C, H, W) * (F, C, h, w) -> (F, H', W').

    (H, W) is one channel, (h, w) one filter of one channel, (C, h, w) one filter. That is cross-correlation, which
    every framework calls convolution; ``flip`` turns the filters by half a turn first, as mathematics has it. The
    padding is zeros; there is no bias unless one is given. BadData where the channels differ; Misuse for a filter that
    does not fit.
    """
    maps, kernels = _maps(picture), _filters(filters)
    if maps.shape[0] != kernels.shape[1]:
        raise BadData("foundations.convolution.channels", picture=maps.shape[0], filters=kernels.shape[1])
    number, channels, *kernel = kernels.shape
    height, width = (
        output_size(before, size, stride=stride, pad=pad) for before, size in zip(maps.shape[1:], kernel, strict=True)
    )
    biases = np.zeros(number) if bias is None else of_shape(np.atleast_1d(bias), "bias", (number,))
    laid = fixed(kernels[:, :, ::-1, ::-1] if flip else kernels)
    patches = _patches(maps, (kernel[0], kernel[1]), stride, pad)
    trace = tuple(
        _place((at, row, column), patches[:, row, column], laid[at], float(biases[at]), (stride, pad))
        for at in range(number)
        for row in range(height.value)
        for column in range(width.value)
    )
    output = fixed(np.reshape([place.output for place in trace], (number, height.value, width.value)))
    parameters = conv_parameters(channels, (kernel[0], kernel[1]), number, bias=bias is not None)
    return Convolved(output, laid, height, width, parameters, kernels.size * height.value * width.value, trace)


def separate(
    picture: ArrayLike, depthwise: ArrayLike, pointwise: ArrayLike, *, stride: int = 1, pad: int = 0
) -> Separated:
    """Of (C, H, W): a kernel for each channel (C, h, w), then weights (F, C) that mix the channels at each place.

    The full filter of f and c is pointwise[f, c] * depthwise[c]. BadData where the channels differ. Howard et al. 2017,
    MobileNets, Sec. 3.1.
    """
    maps = _maps(picture)
    kernels = array(depthwise, "depthwise", 3)
    mix = array(pointwise, "pointwise", 2)
    for found in (kernels.shape[0], mix.shape[1]):
        if found != maps.shape[0]:
            raise BadData("foundations.convolution.channels", picture=maps.shape[0], filters=found)
    first = np.concatenate(
        [convolve(one, kernel, stride=stride, pad=pad).output for one, kernel in zip(maps, kernels, strict=True)]
    )
    second = convolve(first, mix[:, :, None, None]).output
    return Separated(fixed(first), second, fixed(mix[:, :, None, None] * kernels))


def _maps(picture: ArrayLike) -> Array:
    found = array(picture, "picture", 2, 3)
    return found[None] if found.ndim == 2 else found


def _filters(filters: ArrayLike) -> Array:
    found = array(filters, "filters", 2, 3, 4)
    return found.reshape((1,) * (4 - found.ndim) + found.shape)


def _patches(maps: Array, kernel: tuple[int, int], stride: int, pad: int) -> Array:
    """(channels, rows, columns, height, width)."""
    padded = np.pad(maps, ((0, 0), (pad, pad), (pad, pad)))
    return sliding_window_view(padded, kernel, axis=(1, 2))[:, ::stride, ::stride]


def _place(at: tuple[int, int, int], patch: Array, kernel: Array, bias: float, moved: tuple[int, int]) -> Place:
    number, row, column = at
    stride, pad = moved
    products = patch * kernel
    total = float(products.sum())
    top, left = row * stride - pad, column * stride - pad
    return Place(number, row, column, top, left, fixed(patch), fixed(products), total, bias, total + bias)
