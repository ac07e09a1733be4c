"""Damaged picture files, each made by a seed of its own, and a process that decodes them under watch.

``python -m tests.data.fuzzing SEED`` makes the file of one seed again and decodes it.
"""

import faulthandler
import json
import random
import struct
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from striate.data.pictures import Unreadable, decode
from tests.data.photographs import real_files

Cut = list[bytes]
"""A file in pieces, which together are the whole."""

_EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def file_of(seed: int) -> tuple[str, bytes]:
    """The name and the content of the file that a seed makes of a real one, damaged in one to four ways."""
    chance = random.Random(seed)
    whole = real_files()
    name = chance.choice(sorted(whole))
    suffix = Path(name).suffix
    others = [content for other, content in sorted(whole.items()) if Path(other).suffix == suffix]
    content = whole[name]
    for _ in range(chance.choice((1, 1, 2, 4))):
        damage = chance.choice((_flipped, _cut_short, _piece_dropped, _piece_doubled, _length_changed, _spliced))
        content = damage(content, suffix, chance, others)
    return f"{seed:06}{suffix}", content


def plant(root: Path, seeds: Iterable[int]) -> None:
    """Writes the files into class folders."""
    for seed in seeds:
        name, content = file_of(seed)
        path = root / ("even", "odd")[seed % 2] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _flipped(content: bytes, _: str, chance: random.Random, __: list[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 8, 32)) if content else 0):
        at = chance.randrange(min(len(changed), 300) if chance.random() < 0.5 else len(changed))
        changed[at] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _cut_short(content: bytes, _: str, chance: random.Random, __: list[bytes]) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _piece_dropped(content: bytes, suffix: str, chance: random.Random, _: list[bytes]) -> bytes:
    pieces = pieces_of(content, suffix)
    del pieces[chance.randrange(1, len(pieces)) if len(pieces) > 1 else 0]  # without the first it has no format
    return b"".join(pieces)


def _piece_doubled(content: bytes, suffix: str, chance: random.Random, _: list[bytes]) -> bytes:
    pieces = pieces_of(content, suffix)
    pieces.insert(chance.randrange(1, len(pieces) + 1), chance.choice(pieces))
    return b"".join(pieces)


def _length_changed(content: bytes, suffix: str, chance: random.Random, _: list[bytes]) -> bytes:
    """A number of two or four bytes near the head of a piece, where formats keep lengths, counts and sizes."""
    pieces = pieces_of(content, suffix)
    at = chance.randrange(len(pieces))
    piece, width, order = bytearray(pieces[at]), chance.choice((2, 4)), chance.choice("<>")
    where = chance.randrange(0, 21)
    if where + width <= len(piece):
        most = (1 << 8 * width) - 1
        number = struct.unpack_from(order + "H_I"[width - 2], piece, where)[0]
        wanted = chance.choice((*_EXTREMES, number + 1, number - 1, number * 2, number // 2))
        struct.pack_into(order + "H_I"[width - 2], piece, where, wanted & most)
    pieces[at] = bytes(piece)
    return b"".join(pieces)


def _spliced(content: bytes, suffix: str, chance: random.Random, others: list[bytes]) -> bytes:
    """The first pieces of one file and the last of another."""
    first, last = pieces_of(content, suffix), pieces_of(chance.choice(others), suffix)
    return b"".join(first[: chance.randrange(1, len(first) + 1)] + last[chance.randrange(len(last)) :])


def pieces_of(content: bytes, suffix: str) -> Cut:
    """The chunks, segments, blocks or entries of a file as its format has them; one piece at least."""
    ends = sorted({at for at in _ENDS.get(suffix, _even)(content) if 0 < at < len(content)} | {len(content)})
    return [content[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _png(content: bytes) -> Iterator[int]:
    at = 8
    while at + 8 <= len(content):
        yield at
        at += 12 + int.from_bytes(content[at : at + 4])


def _jpeg(content: bytes) -> Iterator[int]:
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        yield at
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    yield at


def _webp(content: bytes) -> Iterator[int]:
    at = 12
    while at + 8 <= len(content):
        yield at
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        at += 8 + size + size % 2


def _tiff(content: bytes) -> Iterator[int]:
    yield 8
    at = int.from_bytes(content[4:8], "little")
    yield at
    count = int.from_bytes(content[at : at + 2], "little")
    yield from range(at + 2, at + 2 + 12 * min(count, 100) + 1, 12)


def _even(content: bytes) -> Iterator[int]:
    yield from range(13, len(content), max(13, len(content) // 40))


_ENDS: dict[str, Callable[[bytes], Iterator[int]]] = {
    ".png": _png, ".jpg": _jpeg, ".webp": _webp, ".tif": _tiff,
}  # fmt: skip


def end_of(source: Path | bytes) -> str:
    """How decoding ends: "picture", the reason of an Unreadable, or the exception or warning that got out."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            found = decode(source).image.mode
        except Unreadable as error:
            found = error.reason
        except BaseException as error:
            found = f"{type(error).__name__}: {error}"
    if heard:
        return f"{heard[0].category.__name__}: {heard[0].message}"
    return "picture" if found in ("L", "RGB") else found


def watched(root: Path) -> None:
    """Decodes every file below a folder: its path before, so that a crash has a name, and how it ended after."""
    faulthandler.enable()
    for path in sorted(root.rglob("*.*")):
        print(json.dumps({"begun": path.relative_to(root).as_posix()}), flush=True)
        began = time.process_time()
        end = end_of(path)
        print(json.dumps({"end": end, "seconds": time.process_time() - began}), flush=True)


def replay(seed: int) -> None:
    name, content = file_of(seed)
    print(name, len(content), "bytes")
    faulthandler.enable()
    began = time.process_time()
    print(end_of(content), f"{time.process_time() - began:.2f} s")


if __name__ == "__main__":
    if sys.argv[1].isdecimal():
        replay(int(sys.argv[1]))
    else:
        watched(Path(sys.argv[1]))
