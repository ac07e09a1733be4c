"""Reading IDX, the file format of MNIST and Fashion-MNIST (LeCun, Cortes, Burges, 1998)."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from striate.problem import BadData

_UNSIGNED_BYTE = 8


def read_idx(path: Path) -> np.ndarray:
    """The uint8 array in an IDX file, plain or gzipped; raises BadData where the file is not what its header says."""
    try:
        raw = path.read_bytes()
        content = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError, zlib.error) as error:
        raise BadData("idx.unreadable", path=path, reason=error) from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UNSIGNED_BYTE:
        raise BadData("idx.header", path=path)
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise BadData("idx.header", path=path)
    shape = tuple(int.from_bytes(content[at : at + 4], "big") for at in range(4, start, 4))
    if len(content) - start != math.prod(shape):
        raise BadData("idx.length", path=path, found=len(content) - start, expected=math.prod(shape))
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
