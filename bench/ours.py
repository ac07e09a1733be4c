"""Striate's side of the training rate: the same network, batch and augmentation as in usual.py.

python -m bench.ours NET [BATCHES]        prints images per second: of the path that training takes, and of the bare
                                          step on one resident batch, which does no data work at all
"""

import json
import sys
import time
from statistics import median

import numpy as np
import torch

from bench.usual import BATCH, MEAN, STD
from striate import compute
from striate.data.canvases import prepare
from striate.data.samples import Arrays
from striate.fitting.losses import Targets
from striate.fitting.optimisers import make_optimiser
from striate.fitting.steps import Fit, learn, steps
from striate.initialise import he_normal, materialise
from striate.layers import Layer, chain, conv_norm_relu, flatten, global_avg_pool, linear, max_pool
from striate.nets.lenet5 import lenet5_modern
from striate.recipe import SGD, Augment, Constant, CrossEntropy, Recipe, View
from striate.work import drained

ROUNDS = 5


def small_bn(classes: int) -> Layer:
    """usual.py's network in Striate's words."""

    def unit(channels: int) -> Layer:
        return conv_norm_relu(channels, 3, pad=1)

    return chain(
        conv1=unit(16), pool1=max_pool(2), conv2=unit(32), pool2=max_pool(2), conv3=unit(32), conv4=unit(64),
        pool=global_avg_pool(), flatten=flatten(), fc=linear(classes),
    )  # fmt: skip


NETS = {"lenet5_modern": (lenet5_modern, 32), "small_bn": (small_bn, 28)}


def fit_of(net: str, batches: int) -> Fit:
    """A training of random pictures, as ``striate train`` sets one up."""
    build, size = NETS[net]
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (BATCH * batches, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, len(images))
    recipe = Recipe(
        optimiser=SGD(lr=0.01, momentum=0.9, decay=5e-4),
        schedule=Constant(),
        loss=CrossEntropy(),
        view=View("pad", (size, size), 1, mean=(MEAN,), std=(STD,)),
        augment=Augment(flip=True, shift=2),
        epochs=2,
        batch=BATCH,
        source="bench",
    )
    with torch.device("meta"):
        network = build(10)((1, size, size))
    materialise(network, he_normal, 0)
    where = compute.for_training()
    compute.keep_freed_memory()
    network = where.place(network).train()
    pictures = drained(prepare(Arrays("bench", images, labels, np.arange(len(labels))), recipe.view, where.threads))
    return Fit(network, make_optimiser(recipe, network), pictures, recipe, 0, where)


def path_rate(fit: Fit, epoch: int) -> float:
    """Images per second of one epoch as training runs it."""
    began, done = time.perf_counter(), 0
    for loss, count in steps(fit, epoch):
        float(loss)
        done += count
    return done / (time.perf_counter() - began)


def bare_rate(fit: Fit, batches: int) -> float:
    """Images per second of the step alone, on one batch that is there already."""
    size = fit.recipe.view.size
    x, y = fit.compute.put(torch.randn(BATCH, 1, *size)), torch.randint(0, 10, (BATCH,))
    began = time.perf_counter()
    for _ in range(batches):
        float(learn(fit, x, Targets(y)))
    return BATCH * batches / (time.perf_counter() - began)


def main() -> None:
    net = sys.argv[1]
    batches = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    fit = fit_of(net, batches)
    path_rate(fit, 0)
    pairs = [(path_rate(fit, epoch), bare_rate(fit, batches)) for epoch in range(1, ROUNDS + 1)]
    rates = {
        "path": round(median(path for path, _ in pairs)),
        "bare": round(median(bare for _, bare in pairs)),
        "share": round(median(path / bare for path, bare in pairs), 3),
    }
    print(json.dumps(rates))


if __name__ == "__main__":
    main()
