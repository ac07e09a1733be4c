"""Which pictures are held out for validation: whole groups, a like share of each class."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def held_out(order: Sequence[int], labels: np.ndarray, kin: np.ndarray | None, wanted: Mapping[int, int]) -> list[int]:
    """The places that are held out, in their order among the pictures.

    order: every place once, those to be taken first in front. labels: int (N,). kin: int (N,), the same number for
    pictures that must not be parted, such as those of one patient or copies of one file; None where each stands for
    itself. wanted: how many of each class. Groups are taken in the order of their first picture, as long as no class
    gets more than is wanted of it; a class that gets none that way gets the smallest group that leaves something of
    every class to learn from, where there is one.
    """
    groups = _groups(order, kin)
    left, held = dict(wanted), []
    for members in groups:
        needs = Counter(labels[members].tolist())
        if all(left[label] >= count for label, count in needs.items()):
            held += members
            left = {label: count - needs[label] for label, count in left.items()}
    for label in wanted:
        if wanted[label] and not any(labels[at] == label for at in held):
            held += _smallest(groups, labels, label, held)
    return sorted(held)


def kinship(*numbered: np.ndarray | None, count: int) -> np.ndarray | None:
    """One number for all pictures that any of the numberings joins: int64 (count,); None where none joins any."""
    given = [np.unique(each, return_inverse=True)[1] for each in numbered if each is not None]
    if not given:
        return None
    starts = count + np.cumsum([0, *(int(each.max(initial=-1)) + 1 for each in given)])
    joints = np.concatenate([start + each for start, each in zip(starts[:-1], given, strict=True)])
    pictures = np.tile(np.arange(count), len(given))
    graph = coo_matrix((np.ones(len(joints), bool), (pictures, joints)), shape=(starts[-1], starts[-1]))
    joined: np.ndarray = connected_components(graph, directed=False)[1][:count]
    return None if len(np.unique(joined)) == count else joined.astype(np.int64)


def _groups(order: Sequence[int], kin: np.ndarray | None) -> list[list[int]]:
    """The groups in the order of their first pictures."""
    if kin is None:
        return [[at] for at in order]
    groups: dict[int, list[int]] = {}
    for at in order:
        groups.setdefault(int(kin[at]), []).append(at)
    return list(groups.values())


def _smallest(groups: Iterable[list[int]], labels: np.ndarray, label: int, held: Sequence[int]) -> list[int]:
    """The smallest group with a picture of the class that leaves one of every class; empty where there is none."""
    left = Counter(np.delete(labels, held).tolist())
    taken = set(held)
    may = [
        members
        for members in groups
        if taken.isdisjoint(members)
        and any(labels[at] == label for at in members)
        and all(left[each] > count for each, count in Counter(labels[members].tolist()).items())
    ]
    return min(may, key=len, default=[])
