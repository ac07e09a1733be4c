"""Sizes and parameters of windows that move over a map, with the formula filled in as one writes it by hand."""

from dataclasses import dataclass
from math import prod

from striate.foundations.given import count, times
from striate.problem import Misuse


@dataclass(frozen=True)
class Written:
    """A number and the formula it came from: 1 + (32 - 5) / 1 = 28."""

    value: int
    text: str


def output_size(before: int, kernel: int, *, stride: int = 1, pad: int = 0) -> Written:
    """1 + (in + 2 pad - kernel) / stride, rounded down where it does not divide.

    Misuse for a stride or kernel below 1, a padding below 0, or a kernel larger than the padded input.
    """
    count(before, "size")
    count(kernel, "kernel")
    count(stride, "stride")
    count(pad, "pad", least=0)
    room = before + 2 * pad - kernel
    if room < 0:
        raise Misuse("foundations.sizes.kernel", kernel=kernel, room=before + 2 * pad, size=before, pad=pad)
    inner = f"{before} + 2*{pad} - {kernel}" if pad else f"{before} - {kernel}"
    whole = room % stride == 0
    after = 1 + room // stride
    return Written(
        after, f"1 + ({inner}) / {stride} = {after}" if whole else f"1 + floor(({inner}) / {stride}) = {after}"
    )


def same_pad(kernel: int) -> int:
    """The padding that keeps the size at stride 1: (kernel - 1) / 2; Misuse for an even kernel, which has none."""
    if count(kernel, "kernel") % 2 == 0:
        raise Misuse("foundations.sizes.even", kernel=kernel)
    return (kernel - 1) // 2


def conv_parameters(channels: int, kernel: tuple[int, int], filters: int, *, bias: bool = True) -> Written:
    """channels x kernel x filters, and a bias a filter: (1x5x5x6)+6 = 156."""
    parts = [count(number, "channels, kernel and filters") for number in (channels, *kernel, filters)]
    return _parameters(f"({times(parts)})", prod(parts), filters if bias else 0)


def linear_parameters(inputs: int, units: int, *, bias: bool = True) -> Written:
    """inputs x units, and a bias a unit: 400x120+120 = 48,120."""
    parts = [count(number, "inputs and units") for number in (inputs, units)]
    return _parameters(times(parts), prod(parts), units if bias else 0)


def _parameters(product: str, weights: int, biases: int) -> Written:
    total = weights + biases
    return Written(total, f"{product}+{biases} = {total:,}" if biases else f"{product} = {total:,}")
