"""What it means that pictures are there more than once: copies within a class, across parts, in different classes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Literal, NamedTuple

from striate.data.copies import same

Kind = Literal["leaks", "conflicts", "copies", "near_copies"]


@dataclass(frozen=True)
class Doubled:
    """Pictures that show the same, by their places, and what is wrong with it."""

    kind: Kind
    places: tuple[int, ...]
    near: bool  # not all of them are the same bytes


class _Cell(NamedTuple):
    """All copies of a file in one class of one part."""

    content: int  # the place of the first with these bytes
    part: str
    label: int


class _Edge(NamedTuple):
    """Two cells that show the same."""

    one: _Cell
    other: _Cell
    near: bool


def firsts(digests: Sequence[bytes | None]) -> dict[int, int]:
    """Of each place whose bytes are there more than once, the first with them."""
    return {at: group[0] for group in same(digests) for at in group}


def doubles(
    digests: Sequence[bytes | None], pairs: Iterable[tuple[int, int]], parts: Sequence[str], labels: Sequence[int]
) -> list[Doubled]:
    """What is wrong, by kind. pairs: near copies, each named by the first with its bytes.

    A picture may be in a leak and in a conflict. Leaks join only what lies in different parts, conflicts what lies in
    different classes: that two test pictures are alike does not make the second one a leak.
    """
    cells = _cells(digests, parts, labels)
    edges = _edges(cells, pairs)
    found = []
    for kind, wrong in _WRONG.items():
        for joined, near in _components([edge for edge in edges if wrong(edge)]):
            members = (cells[cell][:1] if kind == "near_copies" else cells[cell] for cell in joined)
            found.append(Doubled(kind, tuple(sorted(at for some in members for at in some)), near))
    found += [Doubled("copies", tuple(places), near=False) for places in cells.values() if len(places) > 1]
    return sorted(found, key=lambda each: each.places)


_WRONG: dict[Kind, Callable[[_Edge], bool]] = {
    "leaks": lambda edge: edge.one.part != edge.other.part,
    "conflicts": lambda edge: edge.one.label != edge.other.label,
    "near_copies": lambda edge: edge.near and edge.one[1:] == edge.other[1:],
}


def _cells(digests: Sequence[bytes | None], parts: Sequence[str], labels: Sequence[int]) -> dict[_Cell, list[int]]:
    first = firsts(digests)
    cells: dict[_Cell, list[int]] = {}
    for at, known in enumerate(digests):
        if known is not None:
            cells.setdefault(_Cell(first.get(at, at), parts[at], labels[at]), []).append(at)
    return cells


def _edges(cells: Iterable[_Cell], pairs: Iterable[tuple[int, int]]) -> list[_Edge]:
    by_content: dict[int, list[_Cell]] = {}
    for cell in cells:
        by_content.setdefault(cell.content, []).append(cell)
    edges = [_Edge(*two, near=False) for alike in by_content.values() for two in combinations(alike, 2)]
    near = (two for one, other in pairs for two in product(by_content[one], by_content[other]))
    return edges + [_Edge(*two, near=True) for two in near]


def _components(edges: Iterable[_Edge]) -> list[tuple[list[_Cell], bool]]:
    """The cells that hang together by these edges, and whether one of the edges is near."""
    above: dict[_Cell, _Cell] = {}

    def top(cell: _Cell) -> _Cell:
        while above.setdefault(cell, cell) != cell:
            above[cell] = cell = above[above[cell]]
        return cell

    loose: set[_Cell] = set()
    for edge in edges:
        if edge.near:
            loose |= {edge.one, edge.other}
        above[top(edge.one)] = top(edge.other)
    joined: dict[_Cell, list[_Cell]] = {}
    for cell in list(above):
        joined.setdefault(top(cell), []).append(cell)
    return [(some, not loose.isdisjoint(some)) for some in joined.values()]
