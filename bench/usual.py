"""The usual script: what most people write to train a small network on arrays of pictures.

A Dataset over arrays, one call of torchvision transforms for each picture, a DataLoader with workers, float32, eager,
the default memory layout. It is the baseline that Striate's training rate is measured against, and was committed
before anything was tuned to beat it. Nothing here is slow on purpose: the number of workers is the best of 0, 1 and 2,
the optimiser is torch's fused one, and both sides take the same network, batch and augmentation.

    python bench/usual.py NET [BATCHES]        prints images per second for each number of workers
"""

import json
import sys
import time

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

BATCH = 128
MEAN, STD = 0.2860, 0.3530  # of Fashion-MNIST's training pictures


def lenet5_modern() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip


def small_bn() -> nn.Module:
    """2.4 M multiply-accumulates at 28x28: three-by-three convolutions, each with batch normalisation and ReLU."""

    def unit(channels_in: int, channels_out: int) -> list[nn.Module]:
        convolution = nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False)
        return [convolution, nn.BatchNorm2d(channels_out), nn.ReLU()]

    return nn.Sequential(
        *unit(1, 16), nn.MaxPool2d(2), *unit(16, 32), nn.MaxPool2d(2), *unit(32, 32), *unit(32, 64),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )  # fmt: skip


NETS = {"lenet5_modern": (lenet5_modern, 32), "small_bn": (small_bn, 28)}


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """Arrays of pictures, each transformed on its own when it is asked for."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, size: int) -> None:
        self.images, self.labels = images, labels
        self.transform = transforms.Compose(
            [
                transforms.RandomCrop(size, padding=2 + (size - 28) // 2),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize((MEAN,), (STD,)),
            ]
        )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), int(self.labels[index])


def rate(net: str, workers: int, batches: int) -> float:
    """Images per second of training, after a warm-up of a tenth of the batches."""
    build, size = NETS[net]
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (BATCH * (batches + batches // 10 + 1), 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, len(images))
    torch.manual_seed(0)
    network = build().train()
    loss_of = nn.CrossEntropyLoss()
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, fused=True)
    loader = DataLoader(Pictures(images, labels, size), BATCH, shuffle=True, num_workers=workers, drop_last=True)
    done, start = 0, 0.0
    for step, (x, y) in enumerate(loader):
        if step == batches // 10:
            start, done = time.perf_counter(), 0
        optimiser.zero_grad()
        loss_of(network(x), y).backward()
        optimiser.step()
        done += len(y)
    return done / (time.perf_counter() - start)


def main() -> None:
    net = sys.argv[1]
    batches = int(sys.argv[2]) if len(sys.argv) > 2 else 150
    print(json.dumps({str(workers): round(rate(net, workers, batches)) for workers in (0, 1, 2)}))


if __name__ == "__main__":
    main()
