"""Processes that decode ahead: the same canvases for any number of them, and an end that is never a silence."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from striate.data import canvases
from striate.data.canvases import Prepared, Streamed, prepare
from striate.data.folder import scan
from striate.data.order import batches, permutation
from striate.data.samples import Files
from striate.data.workers import Source, Workers
from striate.problem import BadData, Failed
from striate.recipe import Augment, View, to_json
from striate.work import drained

VIEW = View("crop", (28, 28), 3, (0.5,) * 3, (0.25,) * 3, resize=32)
GREY = View("letterbox", (20, 28), 1, (0.5,), (0.25,), fill=3)


@pytest.fixture
def root(plant) -> Path:
    suffixes = ("jpg", "png", "webp", "gif", "bmp", "tif")
    return plant(f"{name}/{at}.{suffixes[at % 6]}" for name in ("cat", "dog") for at in range(16))


@pytest.fixture
def files(root) -> Files:
    return scan(root).parts["all"]


def parts_of(count: int, size: int, epoch: int = 0) -> list[np.ndarray]:
    order = permutation(count, 7, epoch)
    return [order[slice(*edges)] for edges in batches(count, size)]


@pytest.fixture
def in_time() -> Iterator[None]:
    """What hangs is a failure."""

    def ring(*_: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_any_number_of_workers_gives_what_this_process_gives(files, count):
    plain = {view: Streamed(files, view, threads=2) for view in (VIEW, GREY)}
    with Workers([Source(files, VIEW), Source(files, GREY)], count) as workers:
        for size in (1, 2, 5, 32):
            for at, view in enumerate(plain):
                parts = parts_of(len(files), size)
                walked = list(workers.walk(at, parts))
                assert len(walked) == len(parts)
                for found, indices in zip(walked, parts, strict=True):
                    assert torch.equal(found, plain[view].take(indices))


def test_a_walk_that_is_broken_off_leaves_nothing_to_the_next(files):
    parts = parts_of(len(files), 4)
    plain = Streamed(files, VIEW, threads=1)
    with Workers([Source(files, VIEW)], 2) as workers:
        for stop in range(4):
            walk = workers.walk(0, parts)
            for _ in range(stop):
                next(walk)
            walk.close()
            first = next(workers.walk(0, parts[stop:]))
            assert torch.equal(first, plain.take(parts[stop]))


def test_a_large_batch_and_many_questions_do_not_choke_the_pipes(files):
    parts = [np.arange(20_000) % len(files) for _ in range(2)]
    small = View("squash", (1, 1), 1, (0.5,), (0.25,))
    with Workers([Source(files, small)], 2) as workers:
        assert [len(each) for each in workers.walk(0, parts)] == [20_000] * 2


@pytest.mark.usefixtures("in_time")
class TestEnds:
    @pytest.mark.parametrize("when", ["before", "between", "during"])
    def test_a_killed_worker_is_an_error_that_names_itself(self, files, when):
        with Workers([Source(files, VIEW)], 2) as workers:
            victim = workers.processes[1]
            parts = [np.arange(len(files))] * 200
            walk = workers.walk(0, parts)
            for _ in range(("before", "between", "during").index(when)):
                next(walk)
            os.kill(victim, signal.SIGKILL)
            time.sleep(0.5 if when == "between" else 0.0)
            with pytest.raises(Failed) as raised:
                list(walk)
        assert raised.value.key == "problem.loader.killed"
        assert f"worker 2 (process {victim}) was ended by SIGKILL" in raised.value.text()
        had_to_decode = map(files.name, range(1, len(files), 2))
        assert raised.value.values["name"] in (*had_to_decode, "")

    def test_a_picture_that_is_gone_is_named_and_the_next_batch_is_right(self, files):
        lost = files.path(5)
        lost.unlink()
        with Workers([Source(files, VIEW)], 2) as workers:
            with pytest.raises(BadData) as raised:
                list(workers.walk(0, [np.arange(10)]))
            (rest,) = workers.walk(0, [np.array([9, 0, 1])])
        assert raised.value.key == "problem.loader.gone"
        assert files.name(5) in raised.value.text()
        assert torch.equal(rest, Streamed(files, VIEW, threads=1).take(np.array([9, 0, 1])))
        with pytest.raises(BadData, match=r"cannot any more"):
            Streamed(files, VIEW, threads=1).take(np.array([5]))

    def test_they_end_with_the_process_that_asks(self, root):
        script = subprocess.Popen([sys.executable, "-c", PARENT, str(root)], stdout=subprocess.PIPE, text=True)
        assert script.stdout is not None
        children = json.loads(script.stdout.readline())
        assert all(Path(f"/proc/{child}").exists() for child in children)
        script.kill()
        script.wait()
        script.stdout.close()
        left = time.monotonic() + 20
        while any(alive(child) for child in children) and time.monotonic() < left:
            time.sleep(0.05)
        assert not any(alive(child) for child in children)

    def test_closing_ends_them(self, files):
        with Workers([Source(files, VIEW)], 2) as workers:
            children = workers.processes
        assert not any(alive(child) for child in children)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


PARENT = """
import json, sys, time
from pathlib import Path
import numpy as np
from striate.data.folder import scan
from striate.data.workers import Source, Workers
from striate.recipe import View

files = scan(Path(sys.argv[1])).parts["all"]
workers = Workers([Source(files, View("squash", (24, 24), 3, (0.5,) * 3, (0.25,) * 3))], 2)
next(workers.walk(0, [np.arange(8)] * 9))
print(json.dumps(workers.processes), flush=True)
time.sleep(60)
"""

TOLD = """
import hashlib, json, sys
from pathlib import Path
import numpy as np
from striate.data.augment import augmented, coloured, principal_colours, training_view
from striate.data.canvases import Streamed
from striate.data.folder import scan
from striate.data.order import batches, draws, permutation, share
from striate.data.workers import Source, Workers
from striate.recipe import from_json

root, count, rank, ranks, declared = sys.argv[1], *map(int, sys.argv[2:5]), json.loads(sys.argv[5])
view, *augments = (from_json(each) for each in declared)
files = scan(Path(root)).parts["all"]
views = [training_view(view, augment) for augment in augments]
workers = Workers([Source(files, laid) for laid in views], count) if count else None
for kind, (laid, augment) in enumerate(zip(views, augments, strict=True)):
    streamed = Streamed(files, laid, threads=2, workers=workers, source=kind)
    colours = principal_colours(streamed.take(np.arange(len(files))))
    for epoch in range(2):
        order = permutation(len(files), 3, epoch)
        parts = [share(order[slice(*edges)], rank, ranks) for edges in batches(len(order), 8)]
        for step, (ids, canvases) in enumerate(zip(parts, streamed.walk(parts), strict=True)):
            pixels = augmented(canvases, ids, view, augment, (3, epoch), None)
            seen = coloured(pixels, ids, view, augment, (3, epoch), colours)
            for at, pixel in zip(ids.tolist(), seen, strict=True):
                digest = hashlib.sha256(pixel.contiguous().numpy().tobytes()).hexdigest()
                print(json.dumps([kind, epoch, step, files.name(at), digest]))
if workers:
    workers.close()
"""


def log_of(root: Path, workers: int, rank: int = 0, ranks: int = 1) -> list[list[object]]:
    """What a process of its own says of every picture of two epochs: its place, its name, and what became of it."""
    arguments = [str(root), str(workers), str(rank), str(ranks), json.dumps(DECLARED)]
    done = subprocess.run([sys.executable, "-c", TOLD, *arguments], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


DECLARED = [
    to_json(replace(VIEW, resize=32)),
    to_json(Augment(flip=True, shift=3, erase=6, brightness=0.3)),
    to_json(Augment(flip=True, area=(0.3, 1.0), colour=0.1, randaugment=(2, 9))),
]


def test_what_the_network_sees_is_the_same_for_any_number_of_workers_and_ranks(root):
    whole = log_of(root, workers=0)
    assert len(whole) == len({line[4] for line in whole}) == 2 * 2 * 32  # nothing looks the same twice
    for workers in (1, 2):
        assert log_of(root, workers) == whole
    for ranks in (2, 4):
        shares = [log_of(root, rank % 2, rank, ranks) for rank in range(ranks)]
        for place in {tuple(line[:3]) for line in whole}:  # batch by batch, rank after rank
            batch = [line for each in shares for line in each if tuple(line[:3]) == place]
            assert batch == [line for line in whole if tuple(line[:3]) == place]


def test_prepared_pictures_walk_as_they_are_taken(files, monkeypatch):
    for most in (1 << 30, 0):
        monkeypatch.setattr(canvases, "MOST_HELD_BYTES", most)
        prepared: Prepared = drained(prepare(files, VIEW, 2))
        parts = parts_of(len(files), 6)
        walked = list(prepared.canvases.walk(iter(parts)))
        assert all(torch.equal(one, prepared.canvases.take(part)) for one, part in zip(walked, parts, strict=True))


def test_the_folder_is_as_it_was(root, files, tree_hash):
    before = tree_hash(root)
    with Workers([Source(files, VIEW)], 2) as workers:
        list(workers.walk(0, [np.arange(len(files))]))
    assert tree_hash(root) == before
