"""The folder that a training leaves behind."""

import json
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from striate import files
from striate.nets.own import COPY, admitted, source_of
from striate.problem import Failed, Misuse, Problem
from striate.recipe import Recipe, from_json, to_json
from striate.words import Phrase

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

FORMAT = 1


@dataclass(frozen=True)
class Selection:
    """Which pictures of a set are taken, and how they are kept apart."""

    exclude: str | None = None  # a list of pictures to leave out: a CSV file with a column ``path``
    like: str | None = None  # a run: each picture stays on the side on which that had it
    hashing: bool | None = None  # whether copies are looked for; None: where it takes seconds


@dataclass(frozen=True)
class Job:
    """What was asked for, resolved: the same job on the same machine gives the same bits."""

    data: str  # a built-in name or an absolute path
    net: str
    recipe: Recipe
    seed: int
    limit: int | None = None  # training pictures at most
    selection: Selection = Selection()


@dataclass(frozen=True)
class Run:
    """A run folder: run.json, config.json, data.json, events.jsonl, checkpoints/ and model/."""

    path: Path

    @staticmethod
    def open(path: str | Path) -> "Run":
        """A run that exists; Misuse for a folder that is none."""
        run = Run(Path(path))
        if not (run.path / "config.json").is_file():
            raise Misuse("run.none_here", path=path)
        return run

    @staticmethod
    def create(path: Path, job: Job) -> "Run":
        """A new run folder; Misuse where something is there already."""
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise Misuse("run.exists", path=path, unfinished=path if _is_unfinished(path) else "")
        if not files.is_utf8(str(path)):  # for which the weights could not be written
            raise Failed("run.no_place", path=path, reason=Phrase("run.not_utf8"))
        run = Run(path)
        try:
            run.checkpoints.mkdir(parents=True)
        except OSError as error:
            raise Failed("run.no_place", path=path, reason=error.strerror) from error
        source = source_of(job.net)
        if source is not None:
            (path / COPY).write_bytes(source)
        config = {
            "format": FORMAT, "data": job.data, "net": job.net, "seed": job.seed, "limit": job.limit,
            "selection": asdict(job.selection), "recipe": to_json(job.recipe),
        }  # fmt: skip
        run.write("config.json", config)
        run.update(format=FORMAT, status="running", net=job.net, data=job.data, seed=job.seed, versions=versions())
        return run

    @property
    def model(self) -> Path:
        return self.path / "model"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def summary(self) -> dict[str, Any]:
        """run.json: status, best_top1, test_top1, seconds and what the run was of."""
        return self.read("run.json")

    @property
    def finished(self) -> bool:
        return self.summary.get("status") == "done"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within it the run is ours; Misuse where another training has it. Windows goes without such a lock."""
        with locked(self.path / "config.json", Misuse("run.busy", path=self.path)):
            yield

    def job(self) -> Job:
        config = self.read("config.json")
        try:
            net = admitted(config["net"], self.path)
            selection = Selection(**config.get("selection", {}))
            recipe = from_json(config["recipe"])
            return Job(config["data"], net, recipe, config["seed"], config.get("limit"), selection)
        except (KeyError, TypeError) as error:
            raise Failed("run.damaged", path=self.path / "config.json", reason=error) from error

    def read(self, name: str) -> dict[str, Any]:
        """One of the run's JSON files; Failed where it cannot be read."""
        try:
            content: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
            return content
        except (OSError, ValueError) as error:
            raise Failed("run.damaged", path=self.path / name, reason=error) from error

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Replaces one of the run's JSON files as a whole."""
        files.replace_json(self.path / name, content)

    def fail(self) -> None:
        """Notes the failure; a run that failed before it had anything to keep is taken away."""
        if any(self.checkpoints.iterdir()) or self.model.exists() or self.events.exists():
            self.update(status="failed")
        else:
            shutil.rmtree(self.path)

    def update(self, **changes: object) -> None:
        """Changes some keys of run.json."""
        before = self.summary if (self.path / "run.json").is_file() else {}
        self.write("run.json", {**before, **changes})


def _is_unfinished(path: Path) -> bool:
    """Whether there is a run that can go on."""
    try:
        return not Run.open(path).finished
    except Problem:
        return False


@contextmanager
def locked(path: Path, busy: Misuse) -> Iterator[None]:
    """Within it a file or a folder is ours; the problem where another process has it.

    Windows goes without such a lock, and with nothing open: what is open cannot be removed there.
    """
    if fcntl is None:
        yield
        return
    place = os.open(path, os.O_RDONLY)
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise busy from error
        yield
    finally:
        os.close(place)


def default_folder(net: str, data: str) -> Path:
    """runs/<time>-<net>-<data> below the folder one is in."""
    time = datetime.now(UTC).astimezone().strftime("%Y%m%d-%H%M%S")
    short = net.rsplit(":", 1)[-1].split("@")[0]  # of FILE.py:FUNCTION the function
    return Path("runs") / f"{time}-{short}-{Path(data).name}"


def versions() -> dict[str, str]:
    """Of what the numbers depend on."""
    packages = ("striate", "torch", "torchvision", "pillow", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}
