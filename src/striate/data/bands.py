"""Which of very many pictures may be near copies of each other, found without comparing each with each.

A picture is told by 128 bits: whether it grows brighter from one cell to the next, across and down a coarse grid. Bands
of 20 bits are looked up in sorted lists. Pictures whose bands are equal, or are but for the bits that were nearly the
other way, are likely copies where few of all 128 bits differ. A picture is looked up whole and cut at its borders, as
a copy of it may have been.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_CELLS = 8
_BITS = 2 * _CELLS * _CELLS
_WIDE = 20  # bits of a band: a million pictures, spread evenly, have one stranger in each place
_BANDS = np.random.default_rng(1).permutation(_BITS)[: _BITS // _WIDE * _WIDE].reshape(-1, _WIDE)
_WEAK = 4  # bits of a band, the least certain, that are tried both ways
_CUT = 0.03  # of a side, at each border: between nothing and the 5 % that a copy may have lost
_FAR = 34  # bits of 128 in which copies differ at most
_MOST = 16  # of the pictures in one place, spread evenly over them: thousands alike make no millions of pairs
_COMPANY = 16  # pairs of a picture with later ones, and with earlier ones, spread evenly over them
_AT_ONCE = 1 << 14  # pictures in hand at one time


@dataclass(frozen=True)
class _Told:
    """Pictures as they are looked up: 40 bytes each."""

    bits: np.ndarray  # uint64 (N, 2)
    codes: np.ndarray  # uint32 (bands, N)
    weak: np.ndarray  # uint8 (bands, N, _WEAK): which bits of the band are the least certain


def likely_pairs(thumbnails: np.ndarray) -> np.ndarray:
    """The pairs (i < j) that may be near copies, of thumbnails uint8 (N, side, side): int64 (pairs, 2), sorted.

    Takes about 100 bytes a picture beside the thumbnails and the pairs, and N log N time. Plain pictures are all alike:
    leave them out.
    """
    count = len(thumbnails)
    whole, cut = _told(thumbnails, 0), _told(thumbnails, _CUT)
    keys = np.empty(0, np.int64)
    for band in range(len(_BANDS)):
        order = np.argsort(whole.codes[band], kind="stable")
        places = whole.codes[band][order]
        met = [keys]
        for asked in (whole, cut):
            for mask in range(1 << _WEAK):
                codes = asked.codes[band] ^ _flips(asked.weak[band], mask)
                met += list(_met(codes, places, order, asked.bits, whole.bits))
        keys = np.unique(np.concatenate(met))
    return _few(np.stack([keys // max(count, 1), keys % max(count, 1)], 1))


def _few(pairs: np.ndarray) -> np.ndarray:
    """Of each picture's pairs so many, with earlier and with later ones; a pair stays that either of them keeps."""
    return pairs[_spread(pairs[:, 0]) | _spread(pairs[:, 1])]


def _spread(numbers: np.ndarray) -> np.ndarray:
    """Of all places with the same number so many at most, spread evenly over them: bool."""
    order = np.argsort(numbers, kind="stable")
    _, starts, counts = np.unique(numbers[order], return_index=True, return_counts=True)
    taken = np.minimum(counts, _COMPANY)
    step = np.arange(taken.sum()) - np.repeat(np.cumsum(taken) - taken, taken)
    kept = np.zeros(len(numbers), bool)
    kept[order[np.repeat(starts, taken) + step * np.repeat(counts, taken) // np.repeat(taken, taken)]] = True
    return kept


def _met(
    codes: np.ndarray, places: np.ndarray, order: np.ndarray, asked: np.ndarray, whole: np.ndarray
) -> Iterator[np.ndarray]:
    """What stands where the codes lead, as i x N + j: of each place the first ones, spread evenly, if they are near."""
    count = len(codes)
    for start in range(0, count, _AT_ONCE):
        some = codes[start : start + _AT_ONCE]
        low, high = (np.searchsorted(places, some, side) for side in ("left", "right"))
        there = high - low
        taken = np.minimum(there, _MOST)
        here = np.repeat(np.arange(len(some)), taken)
        step = np.arange(len(here)) - np.repeat(np.cumsum(taken) - taken, taken)
        other = order[low[here] + step * there[here] // taken[here]]
        mine = here + start
        near = (np.bitwise_count(asked[mine] ^ whole[other]).sum(1) <= _FAR) & (mine != other)
        mine, other = mine[near], other[near]
        yield np.unique(np.minimum(mine, other) * count + np.maximum(mine, other))


def _flips(weak: np.ndarray, mask: int) -> np.ndarray:
    """The bits of each code to turn round: uint32 (N,)."""
    turned = np.zeros(len(weak), np.uint32)
    for bit in range(_WEAK):
        if mask >> bit & 1:
            turned |= np.uint32(1) << weak[:, bit].astype(np.uint32)
    return turned


def _told(thumbnails: np.ndarray, cut: float) -> _Told:
    count = len(thumbnails)
    bits = np.empty((count, _BITS // 64), np.uint64)
    codes = np.empty((len(_BANDS), count), np.uint32)
    weak = np.empty((len(_BANDS), count, _WEAK), np.uint8)
    for start in range(0, count, _AT_ONCE):
        some = slice(start, min(start + _AT_ONCE, count))
        steps = _steps(thumbnails[some], cut)
        bits[some] = np.packbits(steps > 0, axis=1).view(np.uint64)
        for at, band in enumerate(_BANDS):
            chosen = steps[:, band]
            codes[at, some] = (chosen > 0) @ (1 << np.arange(_WIDE))
            weak[at, some] = np.argsort(np.abs(chosen), 1, kind="stable")[:, :_WEAK]
    return _Told(bits, codes, weak)


def _steps(thumbnails: np.ndarray, cut: float) -> np.ndarray:
    """How much brighter each cell is than the one before, across and down: float32 (N, 128)."""
    side, pixels = thumbnails.shape[-1], thumbnails.astype(np.float32)
    narrow, wide = (_means(side, cells, cut) for cells in (_CELLS, _CELLS + 1))
    across = np.diff(narrow @ pixels @ wide.T, axis=2)
    down = np.diff(wide @ pixels @ narrow.T, axis=1)
    return np.concatenate([across.reshape(len(pixels), -1), down.reshape(len(pixels), -1)], 1)


def _means(side: int, cells: int, cut: float) -> np.ndarray:
    """The means of equal stretches of a line of pixels, cut at both ends: float32 (cells, side)."""
    edges = np.linspace(cut * side, (1 - cut) * side, cells + 1)
    pixel = np.arange(side)
    covered = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    shares = covered.clip(0)
    means: np.ndarray = (shares / shares.sum(1, keepdims=True)).astype(np.float32)
    return means
