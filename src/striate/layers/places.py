"""Where in a tensor the height and the width of a map are, through views and permutations."""

from collections.abc import Sequence

Dimension = tuple[tuple[str, int], ...]
"""What a dimension of a tensor runs over, slowest first, with its size: "h" of a height, "w" of a width, "l" of the one
length that some pictures have, "" of anything else. A size of one is left out."""

Place = tuple[Dimension, ...]


def place_of(shape: Sequence[int]) -> Place:
    """Of a batch of pictures."""
    names = {3: "l", 2: "", 1: ""}.get(len(shape), "hw")
    labels = [""] * (len(shape) - len(names)) + list(names) if names else [""] * len(shape)
    return tuple(((label, size),) if size > 1 else () for label, size in zip(labels, shape, strict=True))


def axes(place: Place, count: int) -> list[str] | None:
    """What each of the last dimensions runs along; None where one runs along more.

    The last two dimensions of a map of one unit are its height and width.
    """
    found = []
    for at in range(-count, 0):
        dimension = place[at]
        if not dimension:
            alone = len(place) >= 4 and count >= 2 and at >= -2
            found.append(("h" if at == -2 else "w") if alone else "")
        elif len(dimension) == 1:
            found.append(dimension[0][0])
        else:
            return None
    return found


def resized(place: Place, shape: Sequence[int], moving: Sequence[str] = ()) -> Place:
    """The same dimensions at other sizes; ``moving`` says what the last of them run along, where it is known."""
    found = []
    for at, (each, size) in enumerate(zip(place, shape, strict=True), len(moving) - len(shape)):
        if len(each) > 1 or (each and each[0][1] == size):
            found.append(each)
        else:
            label = moving[at] if at >= 0 else each[0][0] if each else ""
            found.append(((label, size),) if size > 1 else ())
    return tuple(found)


def reflowed(place: Place, shape: Sequence[int]) -> Place | None:
    """After a view as another shape; None where it cuts through a height or a width."""
    parts = _joined([part for dimension in place for part in dimension])[::-1]
    found: list[Dimension] = []
    for size in shape:
        own: list[tuple[str, int]] = []
        while size > 1:
            if not parts:
                return None
            label, length = parts.pop()
            if size % length == 0:
                own.append((label, length))
                size //= length
            elif label == "" and length % size == 0:
                parts.append(("", length // size))
                own.append(("", size))
                size = 1
            else:
                return None
        found.append(tuple(own))
    return tuple(found) if not parts else None


def merged(places: list[Place], shape: Sequence[int]) -> Place | None:
    """The place that tensors of a common shape share, a dimension of one stretched; None where they disagree."""
    found: list[Dimension] = []
    for at, size in enumerate(shape, -len(shape)):
        own = {each[at] for each in places if len(each) >= -at and each[at]}
        plain: Dimension = (("", size),) if size > 1 else ()
        labelled = {each for each in own if any(label for label, _ in each)}
        if len(labelled) > 1 or (labelled and own != labelled):
            return None
        found.append(labelled.pop() if labelled else plain)
    return tuple(found)


def _joined(parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """With neighbours of no name as one."""
    found: list[tuple[str, int]] = []
    for label, size in parts:
        if label == "" and found and found[-1][0] == "":
            found[-1] = ("", found[-1][1] * size)
        else:
            found.append((label, size))
    return found
