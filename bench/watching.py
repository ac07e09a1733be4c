"""What it costs to watch a training for signs that it does not learn.

python -m bench.watching NET [EPOCHS]     prints the seconds of a training's first epochs, watched and not, in turns
"""

import json
import sys
import time
from dataclasses import replace
from statistics import median

from bench.ours import NETS, fit_of
from bench.usual import BATCH
from striate.fitting.steps import Fit, steps
from striate.fitting.watch import Watch

ROUNDS = 3
BATCHES = 70  # an epoch of the built-in set


def seconds_of(fit: Fit, epochs: int) -> float:
    """The first epochs, as training runs them."""
    began = time.perf_counter()
    for epoch in range(epochs):
        for loss, _ in steps(fit, epoch):
            float(loss)
            fit.watch.findings()
    return time.perf_counter() - began


def watched(fit: Fit) -> Fit:
    """The same training with a watch over it."""
    view = fit.recipe.view
    watch = Watch(fit.trained, fit.optimiser, fit.recipe, classes=10, labels=fit.pictures.labels, usual=view)
    return replace(fit, watch=watch)


def main() -> None:
    net = sys.argv[1]
    epochs = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    assert net in NETS
    seconds_of(fit_of(net, BATCHES), 1)
    plain, watching = [], []
    for _ in range(ROUNDS):
        plain.append(seconds_of(fit_of(net, BATCHES), epochs))
        watching.append(seconds_of(watched(fit_of(net, BATCHES)), epochs))
    cost = median(more / less - 1 for more, less in zip(watching, plain, strict=True))
    print(json.dumps({"steps": epochs * BATCHES, "batch": BATCH, "seconds": median(plain), "cost": round(cost, 4)}))


if __name__ == "__main__":
    main()
