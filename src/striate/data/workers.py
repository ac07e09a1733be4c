"""Processes that decode pictures ahead of a training: what they give does not depend on how many there are.

Each is an interpreter of its own and not a fork, so that neither threads nor a GPU in this process matter to it, and
this program's own file is not run a second time. Questions and answers go through its pipes; of each batch a worker
makes every so-manieth picture, so that answers come in the order of the questions.
"""

import os
import pickle
import signal
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import IO

import numpy as np
import torch
from torch import Tensor

from striate.data.samples import Pictures
from striate.data.views import canvas_shape
from striate.problem import BadData, Failed
from striate.recipe import View
from striate.words import Phrase

AHEAD = 3
"""Batches that are under way beside the one in use."""

QUESTION = struct.Struct("<II")  # which source, how many indices follow, each an int64
ANSWER = struct.Struct("<BI")  # what follows, and how many bytes
PIXELS, UNREADABLE = 0, 1

_PIPE_BYTES = 1 << 20  # Linux; several canvases fit, so that a worker goes on while it is not listened to


@dataclass(frozen=True)
class Source:
    """Pictures and how they are to be seen."""

    samples: Pictures
    view: View


class Workers:
    """So many processes, for some sources; to be closed, or used in a ``with``.

    A worker that ends before its work is done makes every later question a Failed that says which, and how it ended.
    """

    def __init__(self, sources: Sequence[Source], count: int) -> None:
        self.sources = tuple(sources)
        self._workers = tuple(_Worker.start(number, self.sources) for number in range(1, count + 1))

    def __len__(self) -> int:
        return len(self._workers)

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def processes(self) -> list[int]:
        """The number that the system gives each."""
        return [worker.process.pid for worker in self._workers]

    def walk(self, source: int, parts: Iterable[np.ndarray]) -> Generator[Tensor, None, None]:
        """The canvases of one part after the other, uint8 (N, C, H, W); the next ones are made meanwhile.

        BadData where a picture cannot be read any more, Failed where a worker has ended.
        """
        waiting: deque[_Batch] = deque()
        try:
            for indices in parts:
                waiting.append(self._asked(source, indices))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().pixels()
            while waiting:
                yield waiting.popleft().pixels()
        finally:
            for batch in waiting:  # broken off: what is under way must not be taken for the next walk's
                batch.forget()

    def close(self) -> None:
        """Ends them; what is under way is lost."""
        for worker in self._workers:
            worker.stop()

    def _asked(self, source: int, indices: np.ndarray) -> "_Batch":
        samples, count = self.sources[source].samples, len(self._workers)
        pixels = torch.empty((len(indices), *canvas_shape(self.sources[source].view)), dtype=torch.uint8)
        futures = []
        for number, worker in enumerate(self._workers):
            names = [samples.name(at) for at in indices[number::count].tolist()]
            futures.append(worker.ask(source, indices[number::count], list(pixels[number::count].numpy()), names))
        return _Batch(pixels, futures)


@dataclass(frozen=True)
class _Batch:
    """Canvases that are being filled."""

    canvases: Tensor
    filled: list["Future[None]"]

    def pixels(self) -> Tensor:
        for future in self.filled:
            future.result()
        return self.canvases

    def forget(self) -> None:
        for future in self.filled:
            future.exception()


@dataclass(frozen=True)
class _Worker:
    """One process, and the thread that reads its answers in the order of its questions."""

    number: int
    process: subprocess.Popen[bytes]
    reader: ThreadPoolExecutor

    @staticmethod
    def start(number: int, sources: tuple[Source, ...]) -> "_Worker":
        surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            [sys.executable, "-m", "striate.data.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
            env=surroundings, start_new_session=True,
        )  # fmt: skip
        worker = _Worker(number, process, ThreadPoolExecutor(1, thread_name_prefix=f"striate-worker-{number}"))
        assert process.stdout is not None
        _widen(process.stdout)
        worker._send(pickle.dumps(sources, protocol=pickle.HIGHEST_PROTOCOL))
        return worker

    def ask(self, source: int, indices: np.ndarray, rows: list[np.ndarray], names: list[str]) -> "Future[None]":
        """Has the worker fill some rows; the names are for people."""
        self._send(QUESTION.pack(source, len(indices)) + indices.astype("<i8").tobytes())
        return self.reader.submit(self._fill, rows, names)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.shutdown()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()

    def _send(self, message: bytes) -> None:
        assert self.process.stdin is not None
        left = memoryview(message)
        try:
            while left:
                left = left[self.process.stdin.write(left) :]
        except OSError as error:
            raise self._ended("") from error

    def _fill(self, rows: list[np.ndarray], names: list[str]) -> None:
        """Reads all of a question's answers, so that the next question's come next; then says what was amiss."""
        assert self.process.stdout is not None
        lost: list[tuple[str, str]] = []
        for row, name in zip(rows, names, strict=True):
            header = bytearray(ANSWER.size)
            self._read(self.process.stdout, memoryview(header), name)
            kind, size = ANSWER.unpack(header)
            if kind == PIXELS:
                self._read(self.process.stdout, row.data.cast("B"), name)
                continue
            reason = bytearray(size)
            self._read(self.process.stdout, memoryview(reason), name)
            lost.append((name, reason.decode()))
        if lost:
            raise gone(*lost[0])

    def _read(self, pipe: IO[bytes], into: memoryview, name: str) -> None:
        while into:
            count = pipe.readinto(into)  # type: ignore[attr-defined]  # without a buffer it is a raw file
            if not count:
                raise self._ended(name)
            into = into[count:]

    def _ended(self, name: str) -> Failed:
        """What to say of a worker that is no more; the name of the picture it was at, where that is known."""
        code = self.process.wait()
        told = {"number": self.number, "process": str(self.process.pid), "name": name}
        if code < 0:
            return Failed("loader.killed", how=signal.Signals(-code).name, **told)
        return Failed("loader.ended", how=code, **told)


def gone(name: str, reason: str) -> BadData:
    """A picture that could be read when the training began cannot be read any more."""
    return BadData("loader.gone", name=name, reason=Phrase(f"unreadable.{reason}"))


def _widen(pipe: IO[bytes]) -> None:
    """A pipe of a megabyte where the system allows it."""
    if not sys.platform.startswith("linux"):
        return
    from fcntl import F_SETPIPE_SZ, fcntl

    try:
        fcntl(pipe, F_SETPIPE_SZ, _PIPE_BYTES)
    except OSError:  # the system's limit is lower
        return
