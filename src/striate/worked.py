"""The arithmetic of a row, written out as one does it by hand: its size, its parameters, its multiply-accumulates."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from striate.table import Line


@dataclass(frozen=True)
class Worked:
    """One operation of a network; an empty text where there is nothing to work out."""

    path: str
    size: str
    parameters: str
    macs: str


def worked(lines: tuple[Line, ...], above: str = "") -> Iterator[Worked]:
    """The arithmetic of every operation that has some, in order."""
    for line in lines:
        path = f"{above}.{line.name}" if above else line.name
        yield from worked(line.children, path)
        if not line.children or line.kind in ("concat", "dense"):
            own = Worked(path, _size(line), _parameters(line), _macs(line))
            if own.size or own.parameters or own.macs:
                yield own


def _size(line: Line) -> str:
    if line.kind == "concat":
        return f"{'+'.join(str(each.output[0]) for each in line.children)} = {line.output[0]}"
    if line.kind == "dense":
        return f"{line.input[0]}+{line.output[0] - line.input[0]} = {line.output[0]}"
    if line.kernel is None or line.stride is None or (line.padding is None and line.kind == "conv"):
        return ""
    if len(line.output) != len(line.input) or len(line.output) != 1 + len(line.kernel):
        return ""
    pads, spread = line.padding or (0, 0), line.dilation or (1, 1)
    axes = [
        _along(line.input[at + 1], line.output[at + 1], _Window(line.kernel[at], line.stride[at], pads[at], spread[at]))
        for at in range(len(line.kernel))
    ]
    return "" if "" in axes else axes[0] if len(set(axes)) == 1 else " x ".join(axes)


class _Window(NamedTuple):
    """Along one axis."""

    kernel: int
    stride: int
    pad: int
    dilation: int


def _along(before: int, after: int, window: _Window) -> str:
    """1 + (in + 2 pad - kernel) / stride; what does not divide is rounded the way that gives the output.

    Empty where neither does, as behind a transposed convolution.
    """
    kernel, stride, pad, dilation = window
    extent = f"({dilation}*({kernel} - 1) + 1)" if dilation > 1 else f"{kernel}"
    inner = f"{before} + 2*{pad} - {extent}" if pad else f"{before} - {extent}"
    room = before + 2 * pad - dilation * (kernel - 1) - 1
    if room % stride == 0:
        return f"1 + ({inner}) / {stride} = {after}" if 1 + room // stride == after else ""
    for rounded, count in (("floor", room // stride), ("ceil", -(-room // stride))):
        if 1 + count == after:
            return f"1 + {rounded}(({inner}) / {stride}) = {after}"
    return ""


def _parameters(line: Line) -> str:
    if not line.parameters or line.children:
        return ""
    bias = f"+{line.output[0]}" if line.bias else ""
    total = f" = {line.parameters:,}"
    biases = line.output[0] if line.bias else 0
    if line.kind == "linear":
        fits = line.input[-1] * line.output[-1] + (line.output[-1] if line.bias else 0) == line.parameters
        return f"{line.input[-1]}x{line.output[-1]}{bias}{total}" if fits else ""
    if line.kind == "norm":
        return f"2x{line.output[0]}{total}" if 2 * line.output[0] == line.parameters else ""
    if line.kind == "subsampling":
        return f"{line.output[0]}+{line.output[0]}{total}"
    if line.kind == "conv" and line.kernel is not None:
        if line.groups is None:  # a table of kernels, not a full convolution
            kernels, rest = divmod(line.parameters - biases, prod(line.kernel))
            return f"({_times(kernels, *line.kernel)}){bias}{total}" if not rest else ""
        each = (line.input[0] // line.groups, *line.kernel, line.output[0])
        return f"({_times(*each)}){bias}{total}" if prod(each) + biases == line.parameters else ""
    return ""


def _macs(line: Line) -> str:
    if not line.macs or line.children:
        return ""
    total = f" = {line.macs:,}"
    if line.kind in ("linear", "rbf"):
        fits = line.input[-1] * line.output[-1] == line.macs
        return f"{line.input[-1]}x{line.output[-1]}{total}" if fits else ""
    if line.kind == "conv" and line.kernel is not None and len(line.output) == 1 + len(line.kernel):
        if line.groups is None:
            kernels, rest = divmod(line.macs, prod(line.kernel) * prod(line.output[1:]))
            return f"({_times(kernels, *line.kernel)})x({_times(*line.output[1:])}){total}" if not rest else ""
        each = (line.input[0] // line.groups, *line.kernel)
        fits = prod(each) * prod(line.output) == line.macs
        return f"({_times(*each)})x({_times(*line.output)}){total}" if fits else ""
    return ""


def _times(*numbers: int) -> str:
    return "x".join(map(str, numbers))
