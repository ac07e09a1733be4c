"""Pooling by hand: each window with its answer; and the mean over a whole map."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from striate.foundations.given import Array, array, count, fixed, floats
from striate.foundations.sizes import Written, output_size
from striate.problem import Misuse
from striate.words import nearest

Kind = Literal["max", "mean"]


@dataclass(frozen=True, eq=False)
class Window:
    """How one number of the output comes about; a window's padding is -inf for the maximum and 0 for the mean."""

    channel: int
    row: int  # of the output
    column: int
    top: int  # of the window, in the input; below 0 within the padding
    left: int
    patch: Array
    output: float
    taken: tuple[int, int] | None  # the input's place that is the maximum, the first of equals; None for the mean


@dataclass(frozen=True, eq=False)
class Pooled:
    """A pooling with its windows; they overlap where the stride is smaller than the window."""

    kind: Kind
    output: Array  # (channels, height, width)
    height: Written
    width: Written
    overlapping: bool
    trace: tuple[Window, ...]


@dataclass(frozen=True)
class GlobalAverage:
    """The mean of each map, (C, H, W) -> (C,), without a parameter (Lin et al. 2013, Network in Network, Sec. 3.2)."""

    sums: tuple[float, ...]
    count: int  # values of each map
    output: tuple[float, ...]


def pool(picture: ArrayLike, kernel: int, *, kind: Kind = "max", stride: int | None = None, pad: int = 0) -> Pooled:
    """The maximum or the mean of each window, (H, W) or (C, H, W) -> (C, H', W'); the stride is the window's size.

    The mean counts the padding as zeros, as PyTorch does. Misuse for another kind, a window that does not fit, or a
    padding of more than half a window, which would leave windows of padding alone.
    """
    known: tuple[Kind, ...] = get_args(Kind)
    if kind not in known:
        raise Misuse("foundations.pooling.kind", name=kind, known=", ".join(known), nearest=nearest(kind, known))
    found = array(picture, "picture", 2, 3)
    maps = found[None] if found.ndim == 2 else found
    step = kernel if stride is None else stride
    height, width = (output_size(before, kernel, stride=step, pad=pad) for before in maps.shape[1:])
    if 2 * pad > kernel:
        raise Misuse("foundations.pooling.pad", pad=pad, kernel=kernel, most=kernel // 2)
    filling = -np.inf if kind == "max" else 0.0
    padded = np.pad(maps, ((0, 0), (pad, pad), (pad, pad)), constant_values=filling)
    patches = sliding_window_view(padded, (kernel, kernel), axis=(1, 2))[:, ::step, ::step]
    trace = tuple(
        _window(kind, (channel, row, column), patches[channel, row, column], (step, pad))
        for channel, row, column in np.ndindex(patches.shape[:3])
    )
    output = fixed(np.reshape([window.output for window in trace], patches.shape[:3]))
    return Pooled(kind, output, height, width, step < kernel, trace)


def global_average(maps: ArrayLike) -> GlobalAverage:
    """Of maps (C, H, W), as steps: the sum of each, divided by H W."""
    found = array(maps, "maps", 3)
    values = count(found[0].size, "values")
    sums = found.sum((1, 2))
    return GlobalAverage(floats(sums), values, floats(sums / values))


def _window(kind: Kind, at: tuple[int, int, int], patch: Array, moved: tuple[int, int]) -> Window:
    channel, row, column = at
    stride, pad = moved
    top, left = row * stride - pad, column * stride - pad
    if kind == "mean":
        return Window(channel, row, column, top, left, fixed(patch), float(patch.mean()), None)
    down, along = np.unravel_index(int(patch.argmax()), patch.shape)
    taken = (top + int(down), left + int(along))
    return Window(channel, row, column, top, left, fixed(patch), float(patch.max()), taken)
