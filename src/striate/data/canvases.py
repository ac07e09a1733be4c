"""The canvases of a set: a small set is decoded once and held as one uint8 tensor, a large one as it is asked for."""

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from striate.data.pictures import Unreadable
from striate.data.samples import Arrays, Pictures
from striate.data.views import canvas, canvas_shape, fitted, least_of
from striate.data.workers import Workers, gone
from striate.recipe import View

MOST_HELD_BYTES = 2 << 30
"""A set whose canvases take more than this is decoded again in every epoch."""

_AT_ONCE = 256  # pictures between two reports of progress


class Canvases(Protocol):
    """uint8 canvases by index."""

    def take(self, indices: np.ndarray) -> Tensor:
        """The canvases of the indices, in their order: uint8 (N, C, H, W)."""

    def walk(self, parts: Iterable[np.ndarray]) -> Generator[Tensor, None, None]:
        """The canvases of one part after the other; what is decoded, is decoded ahead where there are workers."""


@dataclass(frozen=True)
class Held:
    """All canvases in memory."""

    pixels: Tensor

    def take(self, indices: np.ndarray) -> Tensor:
        return self.pixels[torch.from_numpy(indices)]

    def walk(self, parts: Iterable[np.ndarray]) -> Generator[Tensor, None, None]:
        yield from map(self.take, parts)


@dataclass(frozen=True)
class Streamed:
    """Canvases decoded when they are asked for, by a few threads: decoding and resizing leave Python's lock.

    Where there are workers, they walk in its place: it is one of their sources.
    """

    samples: Pictures
    view: View
    threads: int
    workers: Workers | None = None
    source: int = 0

    def take(self, indices: np.ndarray) -> Tensor:
        with _decoding(self.threads) as pool:
            return torch.stack(list(pool.map(self._canvas, indices.tolist())))

    def walk(self, parts: Iterable[np.ndarray]) -> Generator[Tensor, None, None]:
        if self.workers is None:
            yield from map(self.take, parts)
        else:
            yield from self.workers.walk(self.source, parts)

    def _canvas(self, at: int) -> Tensor:
        try:
            return canvas(self.samples.image(at, least_of(self.view)), self.view)
        except Unreadable as error:
            raise gone(self.samples.name(at), error.reason) from error


@dataclass(frozen=True)
class Prepared:
    """The readable pictures of a part, their canvases and labels, and what happened to each that was not plain."""

    samples: Pictures
    canvases: Canvases
    labels: Tensor  # int64 (N,)
    skipped: dict[str, str]  # name: reason
    notes: dict[str, tuple[str, ...]]  # name: what was done to it

    def __len__(self) -> int:
        return len(self.samples)


def prepare(samples: Pictures, view: View, threads: int) -> Generator[int, None, Prepared]:
    """Reads every picture once, yielding how many are read; unreadable ones are left out and named."""
    if isinstance(samples, Arrays):
        return _from_arrays(samples, view)
    return (yield from _decoded(samples, view, threads))


def _from_arrays(samples: Arrays, view: View) -> Prepared:
    images = torch.from_numpy(samples.images[samples.places])
    pixels = images[:, None] if images.dim() == 3 else images.permute(0, 3, 1, 2)
    labels = torch.from_numpy(samples.labels[samples.places].astype(np.int64))
    return Prepared(samples, Held(fitted(pixels, view)), labels, {}, {})


def _decoded(samples: Pictures, view: View, threads: int) -> Generator[int, None, Prepared]:
    shape = canvas_shape(view)
    hold = len(samples) * shape[0] * shape[1] * shape[2] <= MOST_HELD_BYTES
    pixels = torch.empty((len(samples) if hold else 0, *shape), dtype=torch.uint8)
    kept: list[int] = []
    skipped: dict[str, str] = {}
    notes: dict[str, tuple[str, ...]] = {}
    with _decoding(threads) as pool:
        for start in range(0, len(samples), _AT_ONCE):
            some = range(start, min(start + _AT_ONCE, len(samples)))
            for at, (result, done) in zip(some, pool.map(lambda at: _read(samples, at, view), some), strict=True):
                if isinstance(result, Unreadable):
                    skipped[samples.name(at)] = result.reason
                    continue
                if hold:
                    pixels[len(kept)] = result
                if done:
                    notes[samples.name(at)] = done
                kept.append(at)
            yield some.stop
    left = samples if len(kept) == len(samples) else samples.take(kept)
    canvases = Held(pixels[: len(kept)]) if hold else Streamed(left, view, threads)
    return Prepared(left, canvases, torch.from_numpy(left.truth()), skipped, notes)


def _decoding(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="striate-decode")


def _read(samples: Pictures, at: int, view: View) -> tuple[Tensor | Unreadable, tuple[str, ...]]:
    try:
        picture = samples.picture(at, least_of(view))
    except Unreadable as error:
        return error, ()
    return canvas(picture.image, view), picture.notes
