"""The arithmetic of a row, written out as one does it by hand: its size, its parameters, its multiply-accumulates."""

from collections.abc import Iterator
from dataclasses import dataclass

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
    if line.kernel is None or line.stride is None or len(line.output) != 3 or len(line.input) != 3:
        return ""
    pads = line.padding or (0, 0)
    axes = [
        _along(line.input[at + 1], line.output[at + 1], (line.kernel[at], line.stride[at], pads[at])) for at in (0, 1)
    ]
    return axes[0] if axes[0] == axes[1] else " x ".join(axes)


def _along(before: int, after: int, window: tuple[int, int, int]) -> str:
    """1 + (in + 2 pad - kernel) / stride; what does not divide is rounded the way that gives the output."""
    kernel, stride, pad = window
    inner = f"{before} + 2*{pad} - {kernel}" if pad else f"{before} - {kernel}"
    room = before + 2 * pad - kernel
    if room % stride == 0:
        return f"1 + ({inner}) / {stride} = {after}"
    rounded = "floor" if 1 + room // stride == after else "ceil"
    return f"1 + {rounded}(({inner}) / {stride}) = {after}"


def _parameters(line: Line) -> str:
    if not line.parameters or line.children:
        return ""
    bias = f"+{line.output[0]}" if line.bias else ""
    total = f" = {line.parameters:,}"
    if line.kind == "linear":
        return f"{line.input[-1]}x{line.output[-1]}{bias}{total}"
    if line.kind == "norm":
        return f"2x{line.output[0]}{total}"
    if line.kind == "subsampling":
        return f"{line.output[0]}+{line.output[0]}{total}"
    if line.kind == "conv" and line.kernel is not None:
        high, wide = line.kernel
        kernels = (line.parameters - (line.output[0] if line.bias else 0)) // (high * wide)
        if line.groups is None:  # a table of kernels, not a full convolution
            return f"({kernels}x{high}x{wide}){bias}{total}"
        return f"({line.input[0] // line.groups}x{high}x{wide}x{line.output[0]}){bias}{total}"
    return ""


def _macs(line: Line) -> str:
    if not line.macs or line.children:
        return ""
    total = f" = {line.macs:,}"
    if line.kind in ("linear", "rbf"):
        return f"{line.input[-1]}x{line.output[-1]}{total}"
    if line.kind == "conv" and line.kernel is not None and len(line.output) == 3:
        high, wide = line.kernel
        if line.groups is None:
            kernels = line.macs // (high * wide * line.output[1] * line.output[2])
            return f"({kernels}x{high}x{wide})x({line.output[1]}x{line.output[2]}){total}"
        size = "x".join(map(str, line.output))
        return f"({line.input[0] // line.groups}x{high}x{wide})x({size}){total}"
    return ""
