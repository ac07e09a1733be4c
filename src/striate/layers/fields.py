"""What a value sees of the picture: receptive fields, carried from operation to operation.

A field is worked out along both axes from the operations that PyTorch dispatches, so that branches, sums and
concatenations need no description of their own: where several ways meet, the field covers them all. What each
operation does to a field stands in rules.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from striate.layers.places import Dimension, Place, place_of

Number = int | Fraction


@dataclass(frozen=True)
class Span:
    """The pixels, along one axis, that the first unit of a map depends on; they may lie in the padding.

    ``low`` and ``high`` are the outermost over all ways from the picture; ``least`` is the extent of the shortest way.
    The next unit depends on the pixels ``jump`` further on.
    """

    low: Number = 0
    high: Number = 0
    least: Number = 1
    jump: Number = 1

    @property
    def size(self) -> int:
        """Extent of the longest way, in pixels."""
        return int(self.high - self.low + 1)

    @property
    def centre(self) -> float:
        """Of the first unit, in pixels from the picture's edge: the first pixel's own centre is 0.5."""
        return float(self.low + self.high + 1) / 2

    def window(self, kernel: int, stride: Number, pad: int, dilation: int = 1) -> "Span":
        """After a window of so many units has moved over the map at a stride."""
        reach = (kernel - 1) * dilation
        return Span(
            self.low - pad * self.jump,
            self.high + (reach - pad) * self.jump,
            self.least + reach * self.jump,
            self.jump * stride,
        )


@dataclass(frozen=True)
class Field:
    """Spans along height and width.

    ``squeezes`` counts the means over a whole map on the way; ``place`` says where in the tensor height and width are.
    """

    height: Span = Span()
    width: Span = Span()
    squeezes: int = 0
    place: Place = ()

    @property
    def whole(self) -> bool:
        """Whether a mean over a whole map lies on the way."""
        return self.squeezes > 0

    def moved(self, along: str, kernel: int, stride: Number, pad: int, dilation: int = 1) -> "Field":
        """After a window has moved along height or width, or both at once where the picture has one length only."""
        height, width = self.height, self.width
        if along != "w":
            height = height.window(kernel, stride, pad, dilation)
        if along != "h":
            width = width.window(kernel, stride, pad, dilation)
        return Field(height, width, self.squeezes, self.place)

    def mixed(self, dimension: Dimension) -> "Field":
        """With all units along a dimension of the tensor in one, as a linear layer has them."""
        field = self
        for along, size in dimension:
            if along:
                field = field.moved(along, size, 1, 0)
        return field


def of_picture(shape: Sequence[int]) -> Field:
    """Of the pixels themselves: (N, C, H, W), or (N, C, L) or (N, features)."""
    return Field(place=place_of(shape))


def union(fields: list[Field], place: Place) -> Field:
    """Of what several ways lead to, at a place of its own."""
    first = fields[0]
    for other in fields[1:]:
        first = Field(
            _joined(first.height, other.height),
            _joined(first.width, other.width),
            max(first.squeezes, other.squeezes),
        )
    return first if first.place == place else replace(first, place=place)


def _joined(one: Span, other: Span) -> Span:
    if one == other:
        return one
    return Span(
        min(one.low, other.low), max(one.high, other.high), min(one.least, other.least), max(one.jump, other.jump)
    )
