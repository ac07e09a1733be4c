"""Every measurement, both sides in one run, each in processes of its own; medians of several runs.

make bench     or     python -m bench [--write] [rates|startup|describing|watching|loading|scanning|checking|first]

--write puts what was printed in the place that docs/benchmarks.md keeps for it, in both languages.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean, median
from typing import Any

from striate.verbs.doctor import doctor

HERE = Path(__file__).parent
RUNS = 3
STARTS = 7
FIRST = (
    "--net", "deepconvnet", "--input", "1x18x18", "--epochs", "4", "--batch", "128", "--lr", "0.005",
    "--augment", "none", "--dropout", "0",
)  # fmt: skip
"""What is typed for a first result on all of Fashion-MNIST; chosen on validation pictures, with seed 7."""


PAGES = tuple(HERE.parent / "docs" / name for name in ("benchmarks.md", "benchmarks.ko.md"))
BEGIN = "```text bench\n"
told: list[str] = []


def tell(line: str) -> None:
    """Prints a line, and keeps it for the page."""
    told.append(line)
    print(line, flush=True)


def write() -> None:
    """Puts the lines of this run in the place of those of the last one."""
    for page in PAGES:
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition("```\n")[2]
        page.write_text(f"{before}{BEGIN}{chr(10).join(told)}\n```\n{after}", encoding="utf-8")


def output_of(*arguments: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=HERE.parent)
    return json.loads(done.stdout)


def rates() -> None:
    """Images per second of training, in memory, against the usual script with its best number of workers."""
    for net, target in (("lenet5_modern", 2.5), ("small_bn", 3.0)):
        usual, path, share = [], [], []
        for _ in range(RUNS):
            usual.append(max(output_of(str(HERE / "usual.py"), net).values()))
            ours = output_of("-m", "bench.ours", net)
            path.append(ours["path"])
            share.append(ours["share"])
        ratio = median(mine / theirs for mine, theirs in zip(path, usual, strict=True))
        tell(
            f"{net:14} usual {median(usual):7,.0f} images/s   striate {median(path):7,.0f} images/s   "
            f"ratio {ratio:.2f} (at least {target})   of the bare step {100 * median(share):.0f} % (at least 85 %)"
        )


def startup() -> None:
    """Seconds from typing to the prompt, of commands that need no PyTorch."""
    for command in (["--help"], ["nets"]):
        spent = []
        for _ in range(STARTS):
            began = time.perf_counter()
            subprocess.run([Path(sys.executable).parent / "striate", *command], stdout=subprocess.DEVNULL, check=True)
            spent.append(time.perf_counter() - began)
        tell(f"striate {command[0]:7} {median(spent):.3f} s (under 0.3 s)")


def describing() -> None:
    """Seconds and memory of a table, imports left out, and of torchvision's network through torchinfo."""
    for net in ("resnet152", "densenet201"):
        ours, theirs = [], []
        for _ in range(STARTS):
            ours.append(output_of("-m", "bench.describing", "striate", net))
            theirs.append(output_of("-m", "bench.describing", "usual", net))
        seconds, memory = (median(each[key] for each in ours) for key in ("seconds", "megabytes"))
        ratio = median(b["seconds"] / a["seconds"] for a, b in zip(ours, theirs, strict=True))
        tell(
            f"describe {net:12} {seconds:.3f} s (under 0.35 s)   {memory:.0f} MB (under 50 MB)   torchvision and "
            f"torchinfo {median(each['seconds'] for each in theirs):.3f} s   ratio {ratio:.1f} (at least 2)"
        )


def watching() -> None:
    """What the watch over a training costs, of its first 700 steps, in which it looks most closely."""
    for net in ("lenet5_modern", "small_bn"):
        watched = output_of("-m", "bench.watching", net)
        tell(
            f"watching {net:14} {watched['steps']} steps, {watched['seconds']:.1f} s unwatched   "
            f"{100 * watched['cost']:.1f} % more watched (under 2 %)"
        )


def loading() -> None:
    """Photographs per second: against the same calls in a bare loop, and against torchvision's folder and loader."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        for place in (small, large):
            make = [sys.executable, "-m", "bench.photos", place.name, str(place), "4000" if place is small else "48"]
            subprocess.run(make, check=True, cwd=HERE.parent)
        for what, place, ours, theirs, least in (
            ("500x375", small, "canvases", "bare", 0.9),
            ("12 megapixels", large, "batches", "usual", 4),
        ):
            mine, other = [], []
            for _ in range(RUNS):
                other.append(output_of("-m", "bench.raw_loading", theirs, str(place))["rate"])
                mine.append(output_of("-m", "bench.loading", ours, str(place))["rate"])
            ratio = median(one / two for one, two in zip(mine, other, strict=True))
            tell(
                f"loading {what:14} {median(mine):7,.0f} pictures/s   {theirs} {median(other):7,.0f} pictures/s   "
                f"ratio {ratio:.2f} (at least {least})"
            )


def scanning() -> None:
    """Seconds and memory of opening a folder of a million files, first and later, and of dividing it."""
    with tempfile.TemporaryDirectory() as place:
        folder, cache = f"{place}/pictures", f"{place}/cache"
        output_of("-m", "bench.scanning", "make", folder)
        first = output_of("-m", "bench.scanning", "open", folder, cache)
        later = [output_of("-m", "bench.scanning", "open", folder, cache) for _ in range(RUNS)]
        whole = output_of("-m", "bench.scanning", "divide", folder, cache)
    tell(
        f"scanning 1,000,000 files   first {first['seconds']:.1f} s (under 90 s), {first['megabytes']:.0f} MB   "
        f"later {median(each['seconds'] for each in later):.2f} s (under 3 s), "
        f"{median(each['megabytes'] for each in later):.0f} MB (each under 300 MB)\n"
        f"dividing them              {whole['seconds']:.1f} s with later opening and fingerprint, "
        f"{whole['megabytes']:.0f} MB"
    )


def checking() -> None:
    """Seconds of checking 10,000 photographs, always the same, and how many of the planted copies are found."""
    with tempfile.TemporaryDirectory() as place:
        folder = f"{place}/photographs"
        subprocess.run([sys.executable, "-m", "bench.photos", "alike", folder], check=True, cwd=HERE.parent)
        result: dict[str, Any] = output_of("-m", "bench.checking", folder)
    recall = ", ".join(f"{kind} {100 * share:.1f} %" for kind, share in result["recall"].items())
    tell(
        f"checking {result['pictures']:,} photographs  {result['seconds']:.0f} s (under 60 s)   found: {recall} (each "
        f"at least 95 %)   precision {100 * result['precision']:.1f} % (at least 99 %)"
    )


def first() -> None:
    """Seconds from the command to a tested network on all of Fashion-MNIST, and its top-1; beside PyTorch's example."""
    seconds: dict[str, list[float]] = {"example": [], "striate": []}
    top1: dict[str, list[float]] = {"example": [], "striate": []}
    for seed in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            command = ["-m", "striate", "train", "fashion-mnist", *FIRST, "--seed", str(seed), "--json"]
            for side, arguments in (
                ("example", [str(HERE / "beginner.py"), str(seed)]),
                ("striate", [*command, "--out", f"{folder}/run"]),
            ):
                began = time.perf_counter()
                done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
                seconds[side].append(time.perf_counter() - began)
                last = json.loads(done.stdout.splitlines()[-1])
                top1[side].append(last["top1"] if side == "example" else last["test_top1"])
    for side in seconds:
        shown = ", ".join(f"{100 * each:.2f}" for each in top1[side])
        tell(f"first {side:8} {median(seconds[side]):5.1f} s   top-1 {100 * mean(top1[side]):.2f} % ({shown})")


def main() -> None:
    machine = doctor()
    tell(f"{machine['cpu']['name']}, {machine['training']}, torch {machine['versions']['torch']}")
    measures = {
        "startup": startup, "describing": describing, "watching": watching, "rates": rates, "loading": loading,
        "scanning": scanning, "checking": checking, "first": first,
    }  # fmt: skip
    asked = [each for each in sys.argv[1:] if each != "--write"]
    chosen = asked or ["startup", "describing", "watching", "rates", "loading"]
    for name in chosen:
        measures[name]()
    if "--write" in sys.argv:
        write()


if __name__ == "__main__":
    main()
