"""Operations, shapes and counts in the few words that fit into a drawing."""

from collections.abc import Sequence

from striate.table import Line

_SILENT = ("identity", "flatten", "permute", "dropout", "pad", "lrn", "stochastic_depth", "chain")
_UNITS = (("", 1), (" k", 10**3), (" M", 10**6), (" G", 10**9), (" T", 10**12), (" P", 10**15))


def readable(count: int) -> str:
    """Three digits and a unit: 12,345,678 as 12.3 M."""
    for unit, size in _UNITS:
        value = count / size
        if value < 999.5 or unit == _UNITS[-1][0]:
            break
    if not unit:
        return str(count)
    return f"{value:.{2 if value < 9.995 else 1 if value < 99.95 else 0}f}{unit}"


def times(shape: Sequence[int]) -> str:
    """(3, 224, 224) as 3x224x224."""
    return "x".join(map(str, shape))


def spoken(kind: str) -> str:
    return kind.strip("_").replace("_", " ")


def is_silent(line: Line) -> bool:
    """Whether an operation only dresses another: norms, activation functions, what only training does, views."""
    return not line.children and (
        line.kind in _SILENT or line.kind == line.activation or line.kind.endswith("dropout") or "norm" in line.kind
    )


def full(line: Line) -> str:
    """An operation with its window; what is as usual is left out: depthwise conv 3x3, stride 2, pad 1."""
    words = [spoken(line.kind)]
    if line.kernel is not None:
        words[0] = ("depthwise " if _is_depthwise(line) else "") + f"{words[0]} {times(line.kernel)}"
        if line.stride not in (None, (1, 1)):
            words.append(f"stride {_square(line.stride)}")
        if line.padding not in (None, (0, 0)):
            words.append(f"pad {_square(line.padding)}")
        if (line.groups or 1) > 1 and not _is_depthwise(line):
            words.append(f"groups {line.groups}")
    return ", ".join(words)


def brief(line: Line) -> str:
    """An operation as a block shows it: 3x3/2 64 is a convolution of stride 2 with 64 channels out."""
    name = spoken(line.kind)
    if line.kernel is None:
        return _with_channels(name, line) if line.parameters or line.children else name
    window = times(line.kernel) + (f"/{_square(line.stride)}" if line.stride not in (None, (1, 1)) else "")
    if line.kind.endswith("pool"):
        return f"{name.removesuffix(' pool')} {window}"
    groups = " dw" if _is_depthwise(line) else f" g{line.groups}" if (line.groups or 1) > 1 else ""
    return _with_channels(("" if line.kind == "conv" else f"{name} ") + window + groups, line)


def _is_depthwise(line: Line) -> bool:
    return line.kind == "conv" and (line.groups or 1) > 1 and line.input[:1] == (line.groups,)


def _square(pair: tuple[int, int] | None) -> str:
    return "" if pair is None else str(pair[0]) if pair[0] == pair[1] else times(pair)


def _with_channels(text: str, line: Line) -> str:
    return f"{text} {line.output[-1 if line.kind == 'linear' else 0]}" if line.output else text
