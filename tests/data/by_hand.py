"""Picture files written byte by byte: those that Pillow reads and does not write, and those that lie."""

import struct
import zlib

import numpy as np

SHORT, LONG, ASCII, FLOAT = 3, 4, 2, 11
"""Types of a TIFF's entries."""


def png_of(head: bytes, rows: bytes) -> bytes:
    """A PNG of the content of its IHDR chunk and of its packed rows."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def deep_png(values: np.ndarray) -> bytes:
    """RGB of 16 bits, big-endian (H, W, 3), which Pillow reads and does not write."""
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    return png_of(struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, 2, 0, 0, 0), zlib.compress(rows))


def deep_tiff(values: np.ndarray, bits: int, width: int | None = None) -> bytes:
    """One strip of packed rows, little-endian (H, W) or (H, W, 3)."""
    channels = values.shape[2] if values.ndim == 3 else 1
    strip, at = values.tobytes(), 8
    bits_at = at + len(strip)
    directory = bits_at + 6
    entries = [
        (256, SHORT, 1, width or values.shape[1]),
        (257, SHORT, 1, values.shape[0]),
        (258, SHORT, channels, bits_at if channels == 3 else bits),
        (259, SHORT, 1, 1),
        (262, SHORT, 1, 2 if channels == 3 else 1),
        (273, LONG, 1, at),
        (277, SHORT, 1, channels),
        (278, SHORT, 1, values.shape[0]),
        (279, LONG, 1, len(strip)),
    ]
    return b"II*\0" + struct.pack("<I", directory) + strip + struct.pack("<HHH", *[bits] * 3) + tiff_directory(*entries)


def png_that_claims(width: int, height: int) -> bytes:
    """A black and white PNG whose header claims a size and which holds a few rows at most."""
    return png_of(struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0), zlib.compress(bytes(100)))


def gif_that_claims(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + b"\x2c" + bytes(9) + b"\x02\x00;"


def bmp_that_claims(width: int, height: int) -> bytes:
    return (
        b"BM" + struct.pack("<IHHI", 200, 0, 0, 62) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 1, *[0] * 6) +
        bytes(138)
    )  # fmt: skip


def tiff_directory(*entries: tuple[int, int, int, int]) -> bytes:
    """(tag, type, count, value) of each entry; TIFF 6.0, section 2."""
    return struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *each) for each in entries) + bytes(4)
