"""How many processes decode for a training: it follows from two measurements, and changes nothing else."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from striate.data import canvases
from striate.data.canvases import prepare
from striate.data.folder import scan
from striate.fitting.events import Epoch, Start
from striate.fitting.staffing import staffed
from striate.problem import Failed, Misuse
from striate.recipe import SGD, Augment, Constant, CrossEntropy, Recipe, View
from striate.run import Run
from striate.verbs.train import resume, train, training
from striate.work import drained

VIEW = View("crop", (28, 28), 1, mean=(0.3,), std=(0.35,), resize=32)
RECIPE = Recipe(
    optimiser=SGD(lr=0.05), schedule=Constant(), loss=CrossEntropy(), view=VIEW,
    augment=Augment(flip=True, area=(0.5, 1.0)), epochs=2, batch=8, source="a test",
)  # fmt: skip


@pytest.fixture
def streaming(monkeypatch):
    """Nothing is small enough to be held."""
    monkeypatch.setattr(canvases, "MOST_HELD_BYTES", 0)


def weights_of(run: Run) -> str:
    return hashlib.sha256((run.model / "weights.safetensors").read_bytes()).hexdigest()


@pytest.mark.usefixtures("streaming")
def test_a_training_ends_with_the_same_bits_for_any_number_of_workers(garments: Path, tmp_path: Path) -> None:
    runs = [
        train(garments, net="deepconvnet", recipe=RECIPE, out=tmp_path / str(count), workers=count)
        for count in (0, 1, 2)
    ]
    assert len({weights_of(run) for run in runs}) == 1
    starts = [json.loads(run.events.read_text(encoding="utf-8").splitlines()[0]) for run in runs]
    assert [start["workers"] for start in starts] == [0, 1, 2]


def test_pictures_that_are_held_in_memory_need_no_worker(garments: Path, tmp_path: Path) -> None:
    start = next(event for event in training(garments, net="lenet5", out=tmp_path / "run") if isinstance(event, Start))
    assert start.workers is None


@pytest.mark.usefixtures("streaming")
def test_a_training_whose_worker_is_killed_says_so_and_goes_on_to_the_same_end(garments: Path, tmp_path: Path) -> None:
    whole = train(garments, net="deepconvnet", recipe=RECIPE, out=tmp_path / "whole", workers=0)
    before = set(children())
    events = training(garments, net="deepconvnet", recipe=RECIPE, out=tmp_path / "run", workers=1)
    assert any(isinstance(event, Epoch) for event in events)  # up to the first
    (worker,) = set(children()) - before
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(Failed, match=r"worker 1 \(process [0-9]+\) was ended by SIGKILL"):
        list(events)
    assert Run.open(tmp_path / "run").summary["status"] == "failed"
    assert weights_of(resume(tmp_path / "run", workers=2)) == weights_of(whole)
    assert set(children()) == before


def children() -> list[int]:
    """The processes that this one has started and that are left."""
    return [int(child) for child in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


@pytest.mark.usefixtures("streaming")
class TestNumber:
    @pytest.fixture
    def parts(self, garments: Path):
        return {"train": drained(prepare(scan(garments).parts["all"], VIEW, 1))}

    def test_one_is_enough_where_learning_takes_long(self, parts):
        staff = staffed(parts, learning=10.0, asked=None)
        assert staff is not None
        assert staff.workers == 1
        assert 0 < staff.decoding < 1

    def test_there_are_as_many_as_cores_at_most(self, parts):
        staff = staffed(parts, learning=0.0, asked=None)
        assert staff is not None
        assert staff.workers == len(os.sched_getaffinity(0))

    @pytest.mark.parametrize("asked", [0, 3])
    def test_a_number_that_is_asked_for_is_taken(self, parts, asked):
        staff = staffed(parts, learning=10.0, asked=asked)
        assert staff is not None
        assert staff.workers == asked

    @pytest.mark.parametrize("asked", [-1, 65])
    def test_a_number_that_makes_no_sense_is_refused(self, parts, asked):
        with pytest.raises(Misuse, match="make no sense"):
            staffed(parts, learning=10.0, asked=asked)


SCRIPT = """
import striate
from striate.data import canvases

canvases.MOST_HELD_BYTES = 0
print("once", flush=True)
striate.train({data!r}, net="lenet5", epochs=1, out={out!r}, workers=2)
"""


def test_a_script_without_a_guard_is_not_run_again_by_its_workers(garments: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(data=str(garments), out=str(tmp_path / "run")))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("once")) == (0, 1), done.stderr
