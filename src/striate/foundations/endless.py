"""Whether a function falls without end, so that no descent on it can arrive."""

from collections.abc import Iterator

import torch
from torch import Tensor

from striate.foundations.given import Numbers
from striate.foundations.surfaces import Function, checked, height, hessian

_NEAR, _FAR = 20, 41  # powers of 2: how far out on a ray it is looked at
_SAME = 0.99  # a fall that is no smaller than the one before, but for rounding


def falls_without_end(function: Function, start: Numbers) -> bool:
    """Whether along some straight line from a point each doubling of the way brings at least as large a fall.

    Looked at are the axes and the Hessian's own directions, on both sides: a sign that is seen, not a proof.
    """
    point = checked(function, start)
    return any(_falls(function, point, sign * ray) for ray in _rays(function, point) for sign in (1, -1))


def _rays(function: Function, point: Tensor) -> Iterator[Tensor]:
    yield from torch.eye(len(point), dtype=torch.float64)
    curved = hessian(function, point)
    if bool(torch.isfinite(curved).all()):
        yield from torch.linalg.eigh(curved).eigenvectors.T


def _falls(function: Function, point: Tensor, ray: Tensor) -> bool:
    places = [point + 2.0**far * ray for far in range(_NEAR, _FAR)]
    heights = torch.tensor([height(function, place) for place in places], dtype=torch.float64)
    falls = heights[:-1] - heights[1:]
    return bool(torch.isfinite(heights).all() and (falls > 0).all() and (falls[1:] >= _SAME * falls[:-1]).all())
