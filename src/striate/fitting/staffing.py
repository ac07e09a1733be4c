"""How many processes decode for a training, and having them for as long as it lasts."""

import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from striate.data.canvases import Prepared, Streamed
from striate.data.workers import Source, Workers
from striate.problem import Misuse

MOST = 64
"""Workers at most that can be asked for."""

_TRIED = 24  # pictures


@dataclass(frozen=True)
class Staff:
    """The processes that a training has, and the two measurements that their number follows from."""

    workers: int
    decoding: float  # seconds a picture, in one process
    learning: float  # seconds a picture


def staffed(parts: Mapping[str, Prepared], learning: float, asked: int | None) -> Staff | None:
    """What a training needs; None where its pictures are held in memory and nothing is decoded in it.

    As many processes as keep up with the learning, and no more than there are cores. learning: seconds a picture, its
    decoding in this process included. asked: a number that is taken as it is.
    """
    if asked is not None and not 0 <= asked <= MOST:
        raise Misuse("loader.workers", value=asked, most=MOST)
    train = parts["train"].canvases
    if not isinstance(train, Streamed):
        return None
    decoding = _seconds_each(train)
    alone = max(learning - decoding / train.threads, decoding / MOST)
    enough = min(math.ceil(decoding / alone), _cores())
    return Staff(enough if asked is None else asked, decoding, alone)


@contextmanager
def at_work(parts: Mapping[str, Prepared], workers: int) -> Iterator[dict[str, Prepared]]:
    """Within it the streamed parts are decoded by so many processes; they end with it."""
    streamed = {part: each.canvases for part, each in parts.items() if isinstance(each.canvases, Streamed)}
    if not workers or not streamed:
        yield dict(parts)
        return
    with Workers([Source(each.samples, each.view) for each in streamed.values()], workers) as crew:
        served = {part: replace(each, workers=crew, source=at) for at, (part, each) in enumerate(streamed.items())}
        yield {part: replace(each, canvases=served.get(part, each.canvases)) for part, each in parts.items()}


def _seconds_each(streamed: Streamed) -> float:
    """Of decoding, in one thread: pictures spread evenly over the set, after one to warm up."""
    places = np.unique(np.linspace(0, len(streamed.samples) - 1, _TRIED).astype(np.int64))
    single = replace(streamed, threads=1)
    single.take(places[:1])
    began = time.perf_counter()
    single.take(places)
    return (time.perf_counter() - began) / len(places)


def _cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
