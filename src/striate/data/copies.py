"""Pictures that are there more than once: the same bytes, or the same photograph resized, recompressed, cropped a
little, made brighter.

Near copies are looked for in two steps. Pairs that may be some are met by their bits (``bands``). Each pair is then
laid over each other, cut at the borders as one may have been, and counts where the two agree all over, and not by and
large: a photograph with something else pasted over a part of it is another picture.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from striate.data.bands import likely_pairs

THUMB = 48
"""Side of a thumbnail: what two pictures are compared by."""

LEAST = (2 * THUMB, 2 * THUMB)
"""(height, width) to which a picture may be reduced while it is decoded, for its thumbnail."""

_BLOCKS = 4
_AGREE = 0.9  # correlation of two thumbnails
_DIFFER = 0.55  # of the worst of 16 blocks, root mean square of what is left, in deviations of the whole
_AT_ONCE = 1024  # pairs that are laid over each other
_CUTS = (0.0, 0.0125, 0.025, 0.0375, 0.05)  # of a side, at each border
_PLAIN = 2.0  # grey levels: a thumbnail that deviates less from its mean shows nothing to compare


def digest(content: bytes) -> bytes:
    """What only the same bytes have: their sha256."""
    return hashlib.sha256(content).digest()


def same(digests: Sequence[bytes | None]) -> list[list[int]]:
    """The groups of places with the same digest, two or more each, in the order of their first; None is no digest."""
    groups: dict[bytes, list[int]] = {}
    for at, each in enumerate(digests):
        if each is not None:
            groups.setdefault(each, []).append(at)
    return [group for group in groups.values() if len(group) > 1]


def thumbnail(image: Image.Image) -> np.ndarray:
    """A decoded picture as it is compared: uint8 (THUMB, THUMB), grey, its sides squashed."""
    grey = image if image.mode == "L" else image.convert("L")
    return np.asarray(grey.resize((THUMB, THUMB), Image.Resampling.BILINEAR))


def is_plain(thumbnails: np.ndarray) -> np.ndarray:
    """Which show nothing, being of one grey all over or nearly so: bool (N,)."""
    plain: np.ndarray = thumbnails.std((1, 2)) < _PLAIN
    return plain


def near_pairs(thumbnails: np.ndarray, usable: np.ndarray) -> list[tuple[int, int]]:
    """The pairs (i < j) of near copies among thumbnails uint8 (N, THUMB, THUMB); only usable ones, bool (N,).

    What shows nothing is a copy of nothing. Where very many are alike, each is met with some of the others.
    """
    places = np.flatnonzero(usable & ~is_plain(thumbnails))
    likely = places[likely_pairs(thumbnails[places])]
    found: list[tuple[int, int]] = []
    for start in range(0, len(likely), _AT_ONCE):
        pairs = likely[start : start + _AT_ONCE]
        first, second = (torch.from_numpy(thumbnails[side]).float() for side in pairs.T)
        agree = pairs[_copies(first, second).numpy()]
        found += zip(agree.min(1).tolist(), agree.max(1).tolist(), strict=True)
    return sorted(found)


def _copies(first: Tensor, second: Tensor) -> Tensor:
    """Which of the pairs show the same: each as it is, or cut out of the other: bool (P,)."""
    found = _agree(first, second)
    for one, other in ((first, second), (second, first)):
        left = torch.nonzero(~found)[:, 0]
        if len(left):
            found[left] = _agree(_laid_over(one[left], other[left]), other[left])
    return found


def _agree(first: Tensor, second: Tensor) -> Tensor:
    """Whether two pictures agree by and large and in each of 16 blocks, whatever their brightness: bool (P,)."""
    one, other = _standard(first), _standard(second)
    side = THUMB // _BLOCKS
    apart = (one - other).square().view(-1, _BLOCKS, side, _BLOCKS, side).mean((2, 4)).amax((1, 2)).sqrt()
    return ((one * other).mean((1, 2)) > _AGREE) & (apart < _DIFFER)


def _laid_over(whole: Tensor, part: Tensor) -> Tensor:
    """The cut of each picture that is likest to the other: first of the rows, then of the columns, and once again."""
    cuts, wanted = _cuts(), _standard(part)
    middle = len(cuts) // 2
    rows = columns = torch.full((len(whole),), middle)
    for _ in range(2):
        across = whole @ cuts[columns].transpose(1, 2)
        rows = torch.stack([(_standard(cut @ across) * wanted).mean((1, 2)) for cut in cuts]).argmax(0)
        down = cuts[rows] @ whole
        columns = torch.stack([(_standard(down @ cut.T) * wanted).mean((1, 2)) for cut in cuts]).argmax(0)
    return cuts[rows] @ whole @ cuts[columns].transpose(1, 2)


def _cuts() -> Tensor:
    """What takes so much off both ends of a side and stretches the rest over it: float32 (25, THUMB, THUMB)."""
    return torch.from_numpy(np.stack([_cut(low, high) for low in _CUTS for high in _CUTS]))


def _cut(low: float, high: float) -> np.ndarray:
    """Linear interpolation at the middles of THUMB equal parts of what is left."""
    wide = THUMB * (1 - low - high)
    at = (THUMB * low + (np.arange(THUMB) + 0.5) * wide / THUMB - 0.5).clip(0, THUMB - 1)
    left = np.floor(at).astype(int).clip(0, THUMB - 2)
    matrix = np.zeros((THUMB, THUMB), np.float32)
    matrix[np.arange(THUMB), left] = 1 - (at - left)
    matrix[np.arange(THUMB), left + 1] = at - left
    return matrix


def _standard(pictures: Tensor) -> Tensor:
    """With a mean of 0 and a deviation of 1 each."""
    centred = pictures - pictures.mean((-2, -1), keepdim=True)
    return centred / centred.square().mean((-2, -1), keepdim=True).sqrt().clamp_min(1e-3)
