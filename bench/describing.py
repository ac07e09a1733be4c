"""One side of the description benchmark, in a process of its own: python -m bench.describing striate|usual NET.

The seconds and the memory of building a network and making its table, without the imports.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch


def held() -> float:
    """The memory this process holds now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def peak() -> float:
    """The most memory this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def striate(net: str) -> Callable[[], object]:
    from striate.verbs.describe import describe

    return lambda: json.dumps(describe(net).as_json())


def usual(net: str) -> Callable[[], object]:
    """torchvision's network through torchinfo."""
    import torchinfo
    import torchvision

    def summary() -> str:
        network = torchvision.models.get_model(net, weights=None)
        return str(torchinfo.summary(network, (1, 3, 224, 224), depth=4, verbose=0))

    return summary


def main() -> None:
    side, net = sys.argv[1:]
    work = {"striate": striate, "usual": usual}[side](net)
    torch.get_num_threads()
    before, began = held(), time.perf_counter()
    work()
    print(json.dumps({"seconds": time.perf_counter() - began, "megabytes": peak() - before}))


if __name__ == "__main__":
    main()
