"""How fast a training gets its photographs: canvases out of the workers, and whole batches as the network takes them.

python -m bench.loading canvases|batches FOLDER     prints the pictures per second of a whole pass over the folder
"""

import json
import os
import sys
import time
from collections.abc import Generator
from pathlib import Path

import numpy as np
from torch import Tensor

from bench.raw_loading import BATCH, MEAN, RESIZE, STD, VIEW
from striate.compute import keep_freed_memory
from striate.data.augment import augmented, coloured, training_view
from striate.data.canvases import Streamed
from striate.data.folder import scan
from striate.data.order import batches, permutation
from striate.data.samples import Files
from striate.data.workers import Source, Workers
from striate.recipe import Augment, View

SEEN = View("crop", (VIEW, VIEW), 3, MEAN, STD, resize=RESIZE)
CHANGED = Augment(flip=True, area=(0.08, 1.0))
"""What torchvision's usual transforms do."""


def passed(streamed: Streamed, epoch: int, *, whole: bool) -> Generator[Tensor, None, None]:
    """An epoch's canvases, or what the network sees of them."""
    order = permutation(len(streamed.samples), 0, epoch)
    parts = [order[slice(*edges)] for edges in batches(len(order), BATCH)]
    for ids, canvases in zip(parts, streamed.walk(parts), strict=True):
        if not whole:
            yield canvases
            continue
        pixels = augmented(canvases, ids, SEEN, CHANGED, (0, epoch), None)
        yield coloured(pixels, ids, SEEN, CHANGED, (0, epoch), None)


def main() -> None:
    keep_freed_memory()  # as a training does
    whole = sys.argv[1] == "batches"
    files = scan(Path(sys.argv[2])).parts["all"]
    assert isinstance(files, Files)
    view = training_view(SEEN, CHANGED) if whole else SEEN
    with Workers([Source(files, view)], os.cpu_count() or 1) as workers:
        streamed = Streamed(files, view, 1, workers)
        next(workers.walk(0, [np.arange(4)]))
        began = time.perf_counter()
        done = sum(len(each) for each in passed(streamed, 0, whole=whole))
        print(json.dumps({"rate": done / (time.perf_counter() - began)}))


if __name__ == "__main__":
    main()
