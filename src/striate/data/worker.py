"""What a worker process runs: it reads questions from its standard input and writes canvases to its output.

It ends when its input does: so when the process that asks is gone, it goes too.
"""

import os
import pickle
import sys
from typing import IO

import numpy as np
import torch

from striate.compute import keep_freed_memory
from striate.data.pictures import Unreadable
from striate.data.views import canvas, least_of
from striate.data.workers import ANSWER, PIXELS, QUESTION, UNREADABLE, Source


def answer(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answers until there are no more questions."""
    sources: tuple[Source, ...] = pickle.load(questions)
    while len(head := questions.read(QUESTION.size)) == QUESTION.size:
        number, count = QUESTION.unpack(head)
        for at in np.frombuffer(questions.read(8 * count), "<i8").tolist():
            kind, content = _made(sources[number], at)
            answers.write(ANSWER.pack(kind, len(content)))
            answers.write(content)
            answers.flush()  # what has been answered is known, should the next picture be the end of this process


def _made(source: Source, at: int) -> tuple[int, bytes | memoryview]:
    """A canvas, or the reason why there is none."""
    try:
        pixels = canvas(source.samples.image(at, least_of(source.view)), source.view)
    except Unreadable as error:
        return UNREADABLE, error.reason.encode()
    return PIXELS, pixels.contiguous().numpy().data.cast("B")


def main() -> None:
    torch.set_num_threads(1)
    keep_freed_memory()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    try:
        answer(sys.stdin.buffer, answers)
    except BrokenPipeError:  # nobody listens any more
        os._exit(0)


if __name__ == "__main__":
    main()
