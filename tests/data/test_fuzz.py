"""Thousands of damaged files: none stops or delays anything, and each is used as it is or listed with its reason."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import torch

from striate.data.canvases import prepare
from striate.data.folder import scan
from striate.data.pictures import decode
from striate.data.views import canvas, least_of
from striate.work import drained
from tests.data.fuzzing import file_of, pieces_of, plant
from tests.data.photographs import real_files
from tests.data.seeing import names_of, plain

SECONDS = 2.0
REASONS = {"no_picture", "empty", "truncated", "damaged", "too_large", "float_pixels", "wide_pixels"}
LIBTIFF = re.compile(r"[\w.]+: ")
"""How libtiff writes to the process's standard error by itself, which Pillow offers no way to stop."""

ROOT = Path(__file__).parents[2]
SEEDS = {"few": range(2_000), "many": range(2_000, 12_000)}


def replayed(name: str) -> str:
    return f"to see it again: {sys.executable} -m tests.data.fuzzing {int(Path(name).stem)}"


def run(*arguments: object, timeout: float) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=timeout)


def ends_in_a_process(root: Path) -> dict[str, str]:
    """How each file ends, decoded in a process of its own, which a crash would take down."""
    done = run("tests.data.fuzzing", root, timeout=1200)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    names, ends = [each["begun"] for each in told[::2]], told[1::2]
    assert done.returncode == 0, f"{done.stderr}\n{replayed(names[-1])}"
    assert [line for line in done.stderr.splitlines() if not LIBTIFF.match(line)] == []
    for name, end in zip(names, ends, strict=True):
        assert end["end"] in REASONS | {"picture"}, f"{end}\n{replayed(name)}"
        assert end["seconds"] < SECONDS, replayed(name)
    return {name: end["end"] for name, end in zip(names, ends, strict=True)}


@pytest.mark.parametrize("seeds", ["few", pytest.param("many", marks=pytest.mark.slow)])
def test_damaged_files_are_used_as_they_are_or_listed_with_their_reason(seeds, tmp_path, tree_hash):
    root = tmp_path / "photos"
    plant(root, SEEDS[seeds])
    before = tree_hash(root)
    ends = ends_in_a_process(root)
    assert len(ends) == len(SEEDS[seeds])

    view = plain("crop", (12, 12), resize=14)
    samples = scan(root).parts["all"]
    ready = drained(prepare(samples, view, 2))
    assert set(names_of(samples)) == set(ends)
    assert ready.skipped == {name: end for name, end in ends.items() if end != "picture"}
    assert len(ready.skipped) + len(ready) == len(samples)
    for at, name in enumerate(names_of(ready.samples)):
        own = canvas(decode(ready.samples.path(at), least_of(view)).image, view)
        assert torch.equal(ready.canvases.pixels[at], own), replayed(name)
        assert ready.labels[at] == int(Path(name).stem) % 2

    recorded = trained(root, tmp_path / "run")
    assert recorded["skipped"] == ready.skipped
    used = {name for names in recorded["parts"].values() for name in names}
    assert used | set(recorded["skipped"]) == set(ends)
    assert tree_hash(root) == before


def trained(root: Path, out: Path) -> dict:
    """What a training of one epoch records of the folder's pictures."""
    done = run("striate", "train", root, "--net", "lenet5_modern", "--epochs", 1, "--out", out, timeout=1200)
    assert done.returncode == 0, done.stderr
    return json.loads((out / "data.json").read_text("utf-8"))


def test_the_damage_is_varied():
    kinds = Counter(Path(file_of(seed)[0]).suffix for seed in SEEDS["few"])
    assert set(kinds) == {".jpg", ".png", ".gif", ".webp", ".bmp", ".tif"}
    assert min(kinds.values()) > 100
    files = [file_of(seed)[1] for seed in range(400)]
    assert len(set(files)) > 380
    assert len(set(files) & set(real_files().values())) < 20


def test_a_file_in_pieces_is_the_whole_file_and_its_pieces_are_its_formats_own():
    for name, content in real_files().items():
        pieces = pieces_of(content, Path(name).suffix)
        assert b"".join(pieces) == content
        assert len(pieces) > 1, name
    assert pieces_of(real_files()["plain.png"], ".png")[-1][4:8] == b"IEND"
    assert pieces_of(real_files()["plain.webp"], ".webp")[1][:4] == b"VP8 "


def test_a_seed_makes_the_same_file_in_another_process():
    done = run("tests.data.fuzzing", 7, timeout=60)
    name, content = file_of(7)
    assert done.stdout.splitlines()[0] == f"{name} {len(content)} bytes"
