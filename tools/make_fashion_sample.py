"""Make the built-in picture set from Debian's package dataset-fashion-mnist.

    python tools/make_fashion_sample.py [/usr/share/datasets/fashion-mnist]

Takes the first 1,000 pictures of each class from the training file and the first 200 of each class from the test file,
in the order of the files, and writes them as gzipped IDX, the format of the originals. No choice is random, so anybody
who runs it gets the same bytes.
"""

import gzip
import sys
from pathlib import Path

import numpy as np

from striate.data.idx import read_idx

TARGET = Path(__file__).parent.parent / "src" / "striate" / "data" / "fashion_sample"
PER_CLASS = {"train": 1000, "t10k": 200}


def first_of_each_class(labels: np.ndarray, count: int) -> np.ndarray:
    return np.sort(np.concatenate([np.flatnonzero(labels == label)[:count] for label in range(10)]))


def write_idx(path: Path, array: np.ndarray) -> None:
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=9, mtime=0))


def main() -> None:
    source = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")
    TARGET.mkdir(exist_ok=True)
    for part, count in PER_CLASS.items():
        labels = read_idx(source / f"{part}-labels-idx1-ubyte.gz")
        images = read_idx(source / f"{part}-images-idx3-ubyte.gz")
        chosen = first_of_each_class(labels, count)
        write_idx(TARGET / f"{part}-labels-idx1-ubyte.gz", labels[chosen])
        write_idx(TARGET / f"{part}-images-idx3-ubyte.gz", images[chosen])
        print(f"{part}: {len(chosen)} pictures")


if __name__ == "__main__":
    main()
