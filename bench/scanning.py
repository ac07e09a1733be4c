"""How long a folder of a million files takes to be opened, first and later, and how much memory.

python -m bench.scanning make FOLDER           makes the files: 1,000 class folders of 1,000
python -m bench.scanning open FOLDER CACHE     opens it, with its index in a cache folder, and prints what that took
python -m bench.scanning divide FOLDER CACHE   opens, divides and fingerprints it
"""

import json
import sys
import time
from pathlib import Path

from striate import files
from striate.data.folder import Found
from striate.data.index import SETTLING
from striate.data.sets import open_set
from striate.data.split import divide, fingerprint

CLASSES = EACH = 1_000


def make(folder: Path) -> dict[str, float]:
    """Files of a few bytes: none is opened by what is measured here."""
    for number in range(CLASSES):
        place = folder / f"class{number:04}"
        place.mkdir(parents=True)
        for at in range(EACH):
            (place / f"photo{number * EACH + at:07}.jpg").write_bytes(b"x" * (1 + at % 7))
    time.sleep(SETTLING / 1e9 + 0.5)  # a folder that changed a moment ago gets no index
    return {"files": CLASSES * EACH}


def opened(folder: Path) -> Found:
    found = open_set(folder)
    assert len(found.parts["all"]) == CLASSES * EACH
    return found


def divided(folder: Path) -> None:
    fingerprint(divide(opened(folder), seed=0))


def measured(what: str, folder: Path, cache: Path) -> dict[str, float]:
    """Seconds, and megabytes at the peak beyond what was taken once everything was imported."""
    files.cache_folder = lambda kind: cache / kind
    before, began = memory("VmRSS"), time.perf_counter()
    {"open": opened, "divide": divided}[what](folder)
    return {"seconds": time.perf_counter() - began, "megabytes": memory("VmHWM") - before}


def memory(kind: str) -> float:
    """Megabytes that this process holds, VmRSS, or has held at most, VmHWM; rusage would count its parent's, too."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(kind))
    return int(line.split()[1]) / 1024


def main() -> None:
    what, folder = sys.argv[1], Path(sys.argv[2])
    print(json.dumps(make(folder) if what == "make" else measured(what, folder, Path(sys.argv[3]))))


if __name__ == "__main__":
    main()
