"""What a unit sees of the picture through a stack of layers, and what a stack of small filters saves."""

from collections.abc import Sequence
from dataclasses import dataclass

from striate.foundations.given import count
from striate.foundations.sizes import Written
from striate.problem import BadData, Misuse


@dataclass(frozen=True)
class Layer:
    """A convolution or a pooling, as far as its window goes."""

    name: str
    kernel: int
    stride: int = 1


@dataclass(frozen=True)
class Seen:
    """What a unit of a layer sees, in pixels along one axis; neighbouring units see pixels ``jump`` apart."""

    name: str
    kernel: int
    stride: int
    jump_before: int
    field: Written  # field before + (kernel - 1) * jump before
    jump: Written  # jump before * stride


@dataclass(frozen=True)
class Stacked:
    """A stack of small filters and the one large filter that sees as much; each maps C channels to C, without biases.

    They see the same pixels. They are not the same functions: a stack is a special case of the large filter as long as
    nothing stands between its layers, and with a nonlinearity between them it is no filter at all.
    """

    depth: int
    small: int
    large: int  # the field of the stack
    channels: int
    stack_weights: Written  # depth * small^2 C^2
    large_weights: Written  # large^2 C^2
    share: float  # the stack's of the large one's
    more: float  # by how much the large one has more than the stack


def receptive_field(layers: Sequence[Layer]) -> tuple[Seen, ...]:
    """Layer by layer: field <- field + (kernel - 1) * jump, jump <- jump * stride, both 1 at the picture.

    BadData for no layers; Misuse for a kernel or stride below 1.
    """
    if not layers:
        raise BadData("foundations.receptive_field.none")
    seen: list[Seen] = []
    field = jump = 1
    for layer in layers:
        count(layer.kernel, f"kernel of {layer.name}")
        count(layer.stride, f"stride of {layer.name}")
        wider, further = field + (layer.kernel - 1) * jump, jump * layer.stride
        grown = Written(wider, f"{field} + ({layer.kernel} - 1)*{jump} = {wider}")
        jumped = Written(further, f"{jump}*{layer.stride} = {further}")
        seen.append(Seen(layer.name, layer.kernel, layer.stride, jump, grown, jumped))
        field, jump = wider, further
    return tuple(seen)


def stacked(depth: int, *, small: int = 3, channels: int = 1) -> Stacked:
    """27 C^2 against 49 C^2 for three of 3x3, 18 against 25 for two (Simonyan, Zisserman 2015, Sec. 2.3).

    Misuse for a stack of no layers, or filters of 1x1, which see nothing more however many there are.
    """
    count(depth, "depth")
    count(channels, "channels")
    if small < 2:
        raise Misuse("foundations.receptive_field.small", size=small)
    large = 1 + depth * (small - 1)
    stack, single = depth * (small * channels) ** 2, (large * channels) ** 2
    return Stacked(
        depth,
        small,
        large,
        channels,
        Written(stack, f"{depth}*({small}x{small}x{channels}x{channels}) = {stack:,}"),
        Written(single, f"{large}x{large}x{channels}x{channels} = {single:,}"),
        share=stack / single,
        more=single / stack - 1,
    )
