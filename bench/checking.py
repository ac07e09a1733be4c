"""How long a check-up of photographs takes, and how many of the planted copies it finds.

python -m bench.checking FOLDER     prints the seconds of checking a folder of bench.photos, recall by kind, precision
"""

import json
import sys
import time
from itertools import combinations
from pathlib import Path

from striate.verbs.check import check

COPIES = ("leaks", "conflicts", "near_copies", "copies")


def main() -> None:
    folder = Path(sys.argv[1])
    began = time.perf_counter()
    checkup = check(folder)
    seconds = time.perf_counter() - began
    found = {
        frozenset(pair) for each in checkup.findings if each.kind in COPIES for pair in combinations(each.names, 2)
    }
    planted = json.loads(folder.with_name(f"{folder.name}.json").read_text())
    true = {kind: {frozenset(pair) for pair in pairs} for kind, pairs in planted.items()}
    recall = {kind: len(pairs & found) / len(pairs) for kind, pairs in true.items()}
    precision = len(found & set().union(*true.values())) / len(found)
    print(json.dumps({"seconds": seconds, "pictures": checkup.pictures, "recall": recall, "precision": precision}))


if __name__ == "__main__":
    main()
