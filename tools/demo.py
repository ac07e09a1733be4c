"""The main job in a minute or two: train on the built-in pictures, evaluate the run, classify two real photos.

make demo        (or: python tools/demo.py)
"""

import shlex
import subprocess
import sys
import tempfile
from importlib.resources import as_file, files
from pathlib import Path


def striate(*arguments: str) -> None:
    """Runs one command, shown as a person would type it."""
    print(f"\n$ striate {shlex.join(arguments)}", flush=True)
    subprocess.run([sys.executable, "-m", "striate", *arguments], check=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder) / "demo-run")
        striate("describe", "lenet5")
        striate("train", "--epochs", "5", "--out", run)
        striate("evaluate", run)
        photos = files("sklearn.datasets.images")
        with as_file(photos / "china.jpg") as palace, as_file(photos / "flower.jpg") as daisy:
            striate("predict", "efficientnet_lite0", str(palace), str(daisy))
    print("\nNow your own pictures, one folder a class:  .venv/bin/striate train photos/")


if __name__ == "__main__":
    main()
