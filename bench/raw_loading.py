"""How fast photographs can be had from disk on this machine, without Striate: what its loader is measured against.

python -m bench.raw_loading bare FOLDER            the calls that decode and resize a picture, in a bare loop
python -m bench.raw_loading usual FOLDER           torchvision's ImageFolder and a DataLoader, its usual transforms

Both use every core, a process each, and print the pictures per second of a whole pass over the folder.
"""

import json
import os
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import torch
from PIL import Image
from torchvision.transforms import v2 as T
from torchvision.transforms.v2 import functional as V

VIEW, RESIZE, BATCH = 224, 256, 64
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def decoded(path: Path) -> torch.Tensor:
    """The calls themselves: decode, at a reduced scale where the file allows, resize to 256, and take the centre."""
    with Image.open(path) as image:
        image.draft("RGB", (RESIZE, RESIZE))
        pixels = V.pil_to_tensor(image.convert("RGB"))
    scale = RESIZE / min(pixels.shape[-2:])
    size = [max(RESIZE, int(side * scale)) for side in pixels.shape[-2:]]
    return V.center_crop(V.resize(pixels, size, antialias=True), [RESIZE, RESIZE])


def bare_loop(paths: list[Path]) -> int:
    torch.set_num_threads(1)
    return sum(decoded(path).shape[-1] == RESIZE for path in paths)


def bare(folder: Path) -> float:
    """Pictures per second, of every core together, its processes started before."""
    paths = sorted(folder.rglob("*.jpg"))
    cores = os.cpu_count() or 1
    with get_context("spawn").Pool(cores) as pool:
        pool.map(bare_loop, [paths[:4]] * cores, chunksize=1)
        began = time.perf_counter()
        done = sum(pool.map(bare_loop, [paths[at::cores] for at in range(cores)], chunksize=1))
        return done / (time.perf_counter() - began)


def usual(folder: Path) -> float:
    """Pictures per second of an epoch, its workers started before the clock."""
    from torch.utils.data import DataLoader
    from torchvision.datasets import ImageFolder

    transform = T.Compose(
        [
            T.RandomResizedCrop(VIEW, antialias=True),
            T.RandomHorizontalFlip(),
            T.PILToTensor(),
            T.ToDtype(torch.float32, scale=True),
            T.Normalize(MEAN, STD),
        ]
    )
    pictures = ImageFolder(str(folder), transform)
    cores = os.cpu_count() or 1
    loader = DataLoader(pictures, BATCH, shuffle=True, num_workers=cores, persistent_workers=True)
    next(iter(loader))
    began = time.perf_counter()
    done = sum(len(labels) for _, labels in loader)
    return done / (time.perf_counter() - began)


def main() -> None:
    rate = {"bare": bare, "usual": usual}[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps({"rate": rate}))


if __name__ == "__main__":
    main()
