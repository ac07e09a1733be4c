"""The folder of an experiment: experiment.json with what is planned, and a run folder for each arm and seed."""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from striate import files
from striate.ablation.plan import Plan, differences
from striate.problem import BadData, Failed, Misuse
from striate.run import Run, locked

FORMAT = 1
_RECORD = "experiment.json"
_NEEDED = ("config.json", "run.json", "data.json")  # without one of them a run cannot be gone on with
_PICTURES = "fingerprint"
_SHOWN = 6  # differences between plans


@dataclass(frozen=True)
class Point:
    """One epoch of a run."""

    epoch: int  # from 1
    train_loss: float
    val_top1: float


@dataclass(frozen=True)
class Outcome:
    """What one run gave. The best epoch on the validation pictures counts; the loss is that of the last epoch."""

    arm: str
    seed: int
    val_top1: float | None
    test_top1: float | None  # None without test pictures
    train_loss: float | None
    seconds: float | None
    parameters: int
    macs: int
    curve: tuple[Point, ...]
    shifted: dict[str, float]  # pixels: top-1
    diverged: bool  # its loss was no longer a finite number, and all but the curve is None


@dataclass(frozen=True)
class Experiment:
    """An experiment's folder."""

    path: Path

    @staticmethod
    def holds(path: str | Path) -> bool:
        return (Path(path) / _RECORD).is_file()

    @staticmethod
    def open(path: str | Path) -> "Experiment":
        """One that is there; Misuse for a folder that holds none."""
        if not Experiment.holds(path):
            raise Misuse("ablate.none_here", path=path)
        return Experiment(Path(path))

    @staticmethod
    @contextmanager
    def begin(path: Path, plan: Plan) -> Iterator["Experiment"]:
        """A new one, or one that was planned alike, to go on with; within it the folder is ours.

        Misuse where something else is there, or another process has it; BadData where the pictures have changed.
        """
        if path.exists() and not path.is_dir():
            raise Misuse("ablate.occupied", path=path)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Failed("run.no_place", path=path, reason=error.strerror) from error
        with locked(path, Misuse("ablate.busy", path=path)):
            experiment = Experiment(path)
            experiment._refuse_another(plan)
            experiment._write(plan)
            yield experiment

    def record(self) -> dict[str, Any]:
        """experiment.json; Failed where it cannot be read."""
        try:
            content: dict[str, Any] = json.loads((self.path / _RECORD).read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise Failed("model.format", path=self.path, found=content["format"], expected=FORMAT)
            return content
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Failed("run.damaged", path=self.path / _RECORD, reason=error) from error

    def run(self, arm: str, seed: int) -> Run:
        """Where the run of an arm and a seed is, or will be."""
        return Run(self.path / f"{arm}-{seed}")

    def begun(self, arm: str, seed: int) -> bool:
        """Whether there is a run to go on with; what a start that came to nothing has left is taken away."""
        run = self.run(arm, seed)
        if all((run.path / name).is_file() for name in _NEEDED):
            return True
        if run.path.is_dir():
            shutil.rmtree(run.path)
        return False

    def note_divergence(self, arm: str, seed: int) -> None:
        self.run(arm, seed).update(diverged=True)

    def outcome(self, arm: str, seed: int, shifts: Sequence[int] = ()) -> Outcome | None:
        """What a run gave; None while it is not over, or has not been tried on the shifted pictures yet."""
        run = self.run(arm, seed)
        if not (run.path / "run.json").is_file():
            return None
        summary = run.summary
        diverged = bool(summary.get("diverged"))
        shifted = summary.get("shifted", {})
        if not diverged and (summary.get("status") != "done" or not {str(each) for each in shifts} <= shifted.keys()):
            return None
        start, points = _told(run)
        return Outcome(
            arm, seed, summary.get("best_top1"), summary.get("test_top1"),
            points[-1].train_loss if points and not diverged else None, summary.get("seconds"),
            start["parameters"], start["macs"], points, shifted, diverged,
        )  # fmt: skip

    def _refuse_another(self, plan: Plan) -> None:
        """Misuse for something that is no experiment and for another plan, BadData for other pictures."""
        if not Experiment.holds(self.path):
            if any(self.path.iterdir()):
                raise Misuse("ablate.occupied", path=self.path)
            return
        before, now = self.record()["plan"], plan.decisive()
        pictures = before.pop(_PICTURES, ""), now.pop(_PICTURES)  # which differ, too, where the plan divides otherwise
        apart = differences(before, now)
        if apart:
            more = ["..."] if len(apart) > _SHOWN else []
            raise Misuse("ablate.changed", path=self.path, differences="; ".join([*islice(apart, _SHOWN), *more]))
        if pictures[0] != pictures[1]:
            raise BadData("ablate.pictures", path=self.path, data=plan.data[0])

    def _write(self, plan: Plan) -> None:
        content = {
            "format": FORMAT,
            "name": plan.name,
            "source": plan.source,
            "quick": plan.quick,
            "words": plan.words,
            "reference": plan.reference,
            "baseline": plan.baseline,
            "measure": plan.measure,
            "chart": plan.chart,
            "plan": plan.decisive(),
        }
        files.replace_json(self.path / _RECORD, content)


def _told(run: Run) -> tuple[dict[str, Any], tuple[Point, ...]]:
    """The start of a run and its epochs, out of its events."""
    try:
        events = [json.loads(line) for line in run.events.read_text(encoding="utf-8").rstrip("\n").split("\n")]
        start = next(event for event in events if event["event"] == "start")
        points = [
            Point(event["epoch"], event["train_loss"], event["val_top1"])
            for event in events
            if event["event"] == "epoch"
        ]
        return start, tuple(points)
    except (OSError, ValueError, KeyError, StopIteration) as error:
        raise Failed("run.damaged", path=run.events, reason=error) from error
