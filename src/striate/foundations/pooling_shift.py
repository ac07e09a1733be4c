"""How much pooling forgives a picture that has moved, measured; and that convolution moves along with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike
from torch import Tensor

from striate.foundations.given import Array, array, count
from striate.problem import BadData, Misuse


@dataclass(frozen=True)
class Change:
    """How much is different once the picture has moved by so many pixels to the left.

    Each is the root mean square of the difference, divided by the standard deviation of what was there before: 0 means
    that nothing changed, 1.41 that the two have nothing to do with each other.
    """

    shift: int
    pixels: float  # the picture itself
    kept: float  # every k-th pixel: a stride of k alone
    mean: float  # means of k x k
    maximum: float  # maxima of k x k
    whole_mean: float  # the mean of the whole map, against the deviation of the pixels


@dataclass(frozen=True)
class Invariance:
    """Shift by shift, for windows of one size that do not overlap."""

    kernel: int
    trace: tuple[Change, ...]


@dataclass(frozen=True)
class Equivariance:
    """Whether convolving a moved picture gives the moved convolution.

    ``steps`` is by how many units the output is moved, and ``whole`` whether that is the shift exactly. ``interior``
    and ``border`` are the largest absolute differences, where the moved picture is known and everywhere.
    """

    shift: int
    stride: int
    steps: int  # shift / stride, rounded down
    whole: bool
    interior: float
    border: float


def invariance(pictures: ArrayLike, *, kernel: int, shifts: Sequence[int]) -> Invariance:
    """Of grey pictures (H, W) or (N, H, W): windows of the same pictures, cut further and further to the right.

    So no border is made up: what comes into view is what the picture has there. Misuse for a shift below 0, or one that
    leaves no window; BadData for pictures of a single value.
    """
    found = array(pictures, "pictures", 2, 3)
    stack = torch.from_numpy(found[None] if found.ndim == 2 else found)
    count(kernel, "kernel")
    furthest = max((count(shift, "shift", least=0) for shift in shifts), default=0)
    height, width = stack.shape[1] // kernel * kernel, (stack.shape[2] - furthest) // kernel * kernel
    if min(height, width) < kernel:
        raise Misuse("foundations.pooling_shift.room", shift=furthest, kernel=kernel, size=stack.shape[2])
    views = {shift: stack[:, :height, shift : shift + width] for shift in (0, *shifts)}
    if not bool(views[0].std(correction=0) > 0):
        raise BadData("foundations.pooling_shift.flat")
    return Invariance(kernel, tuple(_change(shift, views[0], views[shift], kernel) for shift in shifts))


def equivariance(picture: ArrayLike, kernel: ArrayLike, *, shift: int, stride: int = 1) -> Equivariance:
    """Of a grey picture (H, W) under a kernel (k, k) of odd size with half a kernel of padding, moved to the right.

    conv(moved(x)) = moved(conv(x)) wherever the window lies within the moved picture; with a stride only where the
    shift is a multiple of it. Misuse for a kernel that has no middle or does not fit.
    """
    x, w = array(picture, "picture", 2), array(kernel, "kernel", 2)
    count(shift, "shift", least=0)
    count(stride, "stride")
    size = w.shape[0]
    if size != w.shape[1] or size % 2 == 0:
        raise Misuse("foundations.pooling_shift.kernel", shape="x".join(map(str, w.shape)))
    if shift + size > x.shape[1] or size > x.shape[0]:
        raise Misuse("foundations.pooling_shift.room", shift=shift, kernel=size, size=min(x.shape))
    steps = shift // stride
    moved = np.pad(x, ((0, 0), (shift, 0)))[:, : x.shape[1]]
    before, after = (_convolved(each, w, stride) for each in (x, moved))
    apart = np.abs(after[:, steps:] - before[:, : before.shape[1] - steps])
    margin = -(-(size // 2) // stride)  # units whose window reaches over an edge
    inner = apart[:, margin : apart.shape[1] - margin]
    interior = float(inner.max()) if inner.size else 0.0
    return Equivariance(shift, stride, steps, shift % stride == 0, interior, float(apart.max()))


def _convolved(x: Array, w: Array, stride: int) -> Array:
    picture, kernel = (torch.from_numpy(each)[None, None] for each in (x, w))
    return F.conv2d(picture, kernel, None, stride, len(w) // 2)[0, 0].numpy()


def _change(shift: int, before: Tensor, after: Tensor, kernel: int) -> Change:
    means = (before.mean((1, 2)) - after.mean((1, 2))).square().mean().sqrt() / before.std(correction=0)
    return Change(
        shift,
        pixels=_relative(before, after),
        kept=_relative(before[:, ::kernel, ::kernel], after[:, ::kernel, ::kernel]),
        mean=_relative(F.avg_pool2d(before, kernel), F.avg_pool2d(after, kernel)),
        maximum=_relative(F.max_pool2d(before, kernel), F.max_pool2d(after, kernel)),
        whole_mean=float(means),
    )


def _relative(before: Tensor, after: Tensor) -> float:
    deviation = before.std(correction=0)
    return float((after - before).square().mean().sqrt() / deviation) if bool(deviation > 0) else 0.0
