"""Order and chance as pure functions: of the seed and the epoch, and of the picture where one is meant.

So neither workers nor ranks nor a resumed run can change what the network sees.
"""

import hashlib
import itertools
from collections.abc import Iterable

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def permutation(count: int, seed: int, epoch: int) -> np.ndarray:
    """The order of an epoch: each of 0..count-1 once, int64."""
    return np.random.Generator(np.random.Philox(key=_key(seed, epoch))).permutation(count)


def batches(count: int, size: int) -> list[tuple[int, int]]:
    """(start, end) of each batch of an epoch: as few as the size allows, all but equal, so that none is a leftover."""
    parts = max(1, -(-count // size))
    edges = [count * part // parts for part in range(parts + 1)]
    return list(itertools.pairwise(edges))


def draws(ids: np.ndarray, seed: int, epoch: int, purpose: int) -> np.ndarray:
    """A number in [0, 1) for each picture id, independent for each purpose: a splitmix64 hash of the four, float64."""
    state = np.uint64(_key(seed, epoch) & 0xFFFFFFFFFFFFFFFF)
    with np.errstate(over="ignore"):
        mixed = _splitmix(state + np.uint64(purpose) * _GOLDEN)
        mixed = _splitmix(mixed ^ (ids.astype(np.uint64) * _GOLDEN))
    return (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def generator(seed: int, epoch: int, step: int) -> np.random.Generator:
    """NumPy's generator for what a whole batch draws together."""
    return np.random.Generator(np.random.Philox(key=_key(seed, epoch, step)))


def step_seed(seed: int, epoch: int, step: int) -> int:
    """What PyTorch's generator is seeded with before a step, for dropout: so its state need never be saved."""
    return _key(seed, epoch, step) & 0x7FFFFFFFFFFFFFFF


def rank_by_hash(names: Iterable[str], seed: int) -> list[int]:
    """The indices of names in an order that depends on each name and the seed alone, not on the other names."""
    digests = bytearray()
    for name in names:
        digests += hashlib.sha256(f"{seed}\0{name}".encode()).digest()
    words = np.frombuffer(digests, ">u8").reshape(-1, 4)
    ranked: list[int] = np.lexsort(words.T[::-1]).tolist()  # as the digests themselves are sorted
    return ranked


def _key(*numbers: int) -> int:
    digest = hashlib.sha256(",".join(map(str, numbers)).encode()).digest()
    return int.from_bytes(digest[:16], "big")


def _splitmix(seed: np.ndarray | np.uint64) -> np.ndarray:
    value = np.asarray(seed + _GOLDEN)
    value = (value ^ (value >> np.uint64(30))) * _MIX_1
    value = (value ^ (value >> np.uint64(27))) * _MIX_2
    return np.asarray(value ^ (value >> np.uint64(31)))
