"""Order and chance as pure functions: of the seed and the epoch, and of the picture where one is meant.

So neither workers nor ranks nor a resumed run can change what the network sees.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_BALANCED = 1  # apart from what else the same numbers draw
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_64_BITS = (1 << 64) - 1


MOST_IN_TABLE = 1 << 22
"""Samples. The order of so many is drawn as a table, 32 MiB of it at most; a table of a thousand million fills 8 GB."""

_ROUNDS = 8  # an even number, so that each digit ends in its place


@dataclass(frozen=True, eq=False)
class Order:
    """The order of an epoch, each of 0..count-1 once, had by slices: int64."""

    count: int
    table: np.ndarray | None  # all of it, where it is short
    keys: tuple[int, ...]  # of the rounds of the cipher, otherwise

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, some: slice) -> np.ndarray:
        if self.table is not None:
            return self.table[some]
        return enciphered(np.arange(*some.indices(self.count)), self.count, self.keys)


def order(count: int, seed: int, epoch: int) -> Order:
    """The order of an epoch, a pure function of the three."""
    if count <= MOST_IN_TABLE:
        return Order(count, permutation(count, seed, epoch), ())
    return Order(count, None, tuple(_key(seed, epoch, count, number) & _64_BITS for number in range(_ROUNDS)))


def permutation(count: int, seed: int, epoch: int) -> np.ndarray:
    """The order of an epoch as a table: each of 0..count-1 once, int64."""
    return np.random.Generator(np.random.Philox(key=_key(seed, epoch))).permutation(count)


def enciphered(numbers: np.ndarray, count: int, keys: Sequence[int]) -> np.ndarray:
    """Each number of [0, count) as another one of them, no two as the same: int64.

    Black, Rogaway, "Ciphers with Arbitrary Finite Domains" (CT-RSA 2002), the generalised Feistel cipher: a number is
    taken apart into two digits of all but equal bases, and each round adds a hash of the one to the other. What falls
    outside goes through again until it falls inside, as in their cycle-walking cipher; of a million numbers or more
    that is less than one in a thousand.
    """
    bases = (base := math.isqrt(count - 1) + 1, -(-count // base))
    found = _rounds(numbers.astype(np.uint64), bases, keys)
    outside = np.flatnonzero(found >= count)
    while len(outside):
        found[outside] = _rounds(found[outside], bases, keys)
        outside = outside[found[outside] >= count]
    return found.astype(np.int64)


def _rounds(numbers: np.ndarray, bases: tuple[int, int], keys: Sequence[int]) -> np.ndarray:
    """A permutation of all that two digits of these bases can write: uint64."""
    first, second = map(np.uint64, bases)
    left, right = np.divmod(numbers, second)
    for at, key in enumerate(keys):
        base = second if at % 2 else first
        left, right = right, (left + _splitmix(right * _GOLDEN + np.uint64(key)) % base) % base
    return np.asarray(left * second + right)


def batch_count(count: int, size: int) -> int:
    """Batches of an epoch: as few as the size allows."""
    return max(1, -(-count // size))


def batch(count: int, size: int, number: int) -> tuple[int, int]:
    """(start, end) of one batch of an epoch; all are all but equal, so that none is a leftover."""
    parts = batch_count(count, size)
    return count * number // parts, count * (number + 1) // parts


def batches(count: int, size: int) -> list[tuple[int, int]]:
    """(start, end) of each batch of an epoch."""
    return [batch(count, size, number) for number in range(batch_count(count, size))]


def balanced(labels: np.ndarray, seed: int, epoch: int) -> Order:
    """The order of an epoch with as many pictures of every class as their number allows.

    A rare class comes several times: each of its pictures once before any comes again, and so on. The entries are
    indices plus N times how often the picture has come before, so that what chance changes in it is another thing each
    time; of an entry e, the picture is e % N. labels: int (N,), of which each class that there is gets its part.
    """
    count, classes = len(labels), np.unique(labels)
    edges = [count * part // len(classes) for part in range(len(classes) + 1)]
    parts = []
    for at, label in enumerate(classes.tolist()):
        members = np.flatnonzero(labels == label)
        chance = np.random.Generator(np.random.Philox(key=_key(seed, epoch, label, _BALANCED)))
        rounds = -(-(edges[at + 1] - edges[at]) // len(members))
        again = [chance.permutation(members) + count * number for number in range(rounds)]
        parts += [np.concatenate(again)[: edges[at + 1] - edges[at]]] if rounds else []
    return Order(count, np.concatenate(parts)[permutation(count, seed, epoch)], ())


def share(ids: np.ndarray, rank: int, ranks: int) -> np.ndarray:
    """What one of several processes takes of a batch; all but equal parts, that follow each other in the batch."""
    return ids[len(ids) * rank // ranks : len(ids) * (rank + 1) // ranks]


def draws(ids: np.ndarray, seed: int, epoch: int, purpose: int) -> np.ndarray:
    """A number in [0, 1) for each picture id, independent for each purpose: a splitmix64 hash of the four, float64."""
    state = np.uint64(_key(seed, epoch) & _64_BITS)
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
