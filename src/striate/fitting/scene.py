"""The pictures that a training has or would have, divided, with its recipe, its seed, and what it cannot read."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from striate import compute
from striate.data.folder import Found
from striate.data.measuring import decodable, is_small, measured
from striate.data.placing import Size
from striate.data.samples import Files, Pictures
from striate.data.sets import open_set
from striate.data.split import Divided, restore
from striate.fitting.changes import Changes, Name
from striate.fitting.planning import divided_for, planned, planned_on
from striate.recipe import Recipe
from striate.run import Run
from striate.work import retold

MOST_MEASURED = 20_000
"""Pictures of a part whose sizes are asked for; of a larger part so many, spread evenly over it."""

ALONE = "train"
"""The part that pictures without a set make: a training on them would have them in this order."""


@dataclass(frozen=True)
class Scene:
    """A division of pictures and a recipe, made whole."""

    data: str | None  # None for pictures of no set
    classes: tuple[str, ...] | None
    parts: Mapping[str, Pictures]
    net: str
    recipe: Recipe
    seed: int
    lost: Mapping[str, str] | None  # name: reason, of unreadable pictures; None where no training has looked yet
    root: Path | None  # the folder that the pictures lie in


@dataclass(frozen=True)
class Known:
    """What was found out about a part's pictures, by their place in it."""

    sizes: dict[int, Size]
    skipped: dict[int, str]  # reason
    left_out: frozenset[int]  # of the training
    certain: bool  # whether all that a training leaves out is known

    def numbers(self, places: Sequence[int]) -> np.ndarray:
        """What a training calls these pictures: their places among those that it can read, int64."""
        lost = np.array(sorted(self.left_out), dtype=np.int64)
        return np.asarray(places, dtype=np.int64) - np.searchsorted(lost, places)


def scene_of_set(data: str | Path, net: str | None, recipe: Recipe | Changes | Name, seed: int) -> Scene:
    """What training() would begin with."""
    plan = planned(data, net=net, recipe=recipe, seed=seed)
    found = plan.divided.found
    return Scene(
        found.name, found.classes, plan.divided.parts, plan.architecture.name, plan.recipe, seed, None, _root(found)
    )


def scene_of_run(run: Run) -> Scene:
    """What a run has: its own recipe and its own division."""
    job = run.job()
    found = open_set(job.data)
    if not (run.path / "data.json").is_file():
        parts, lost = divided_for(found, job.seed, job.limit, job.selection).parts, None
    else:
        record = run.read("data.json")
        parts, lost = restore(found, record["parts"]).parts, record["skipped"]
    return Scene(found.name, found.classes, parts, job.net, job.recipe, job.seed, lost, _root(found))


def scene_of_pictures(
    pictures: Sequence[str | Path], net: str | None, recipe: Recipe | Changes | Name, seed: int
) -> Scene:
    """Pictures of no set, as a training on them would look at them."""
    files = loose(pictures)
    divided = Divided(Found(ALONE, "", (ALONE,), {ALONE: files}, ()), {ALONE: files})
    plan = planned_on(divided, net=net, recipe=recipe, seed=seed)
    return Scene(None, None, {ALONE: files}, plan.architecture.name, plan.recipe, seed, None, None)


def loose(pictures: Sequence[str | Path]) -> Files:
    """Picture files without classes, by the names they were given."""
    return Files.of(Path(), map(str, pictures), [0] * len(pictures))


def known(scene: Scene, part: str) -> Generator[int, None, Known]:
    """Sizes, and which pictures a training leaves out; yields how many are measured."""
    samples = scene.parts[part]
    places = np.unique(np.linspace(0, len(samples) - 1, min(len(samples), MOST_MEASURED)).astype(np.int64)).tolist()
    threads = compute.for_training().threads
    sizes = yield from measured(samples, places, threads)
    if scene.lost is not None:
        lost = {at: scene.lost[name] for at in range(len(samples)) if (name := samples.name(at)) in scene.lost}
        left = {at: size for at, size in sizes.sizes.items() if at not in lost}
        return Known(left, {**sizes.skipped, **lost}, frozenset(lost), certain=True)
    if part != "train" or len(places) < len(samples) or not is_small(sizes):
        return Known(sizes.sizes, sizes.skipped, frozenset(sizes.skipped), certain=part != "train")
    read = yield from retold(decodable(samples, sizes, threads), lambda _: len(samples))
    return Known(read.sizes, read.skipped, frozenset(read.skipped), certain=True)


def _root(found: Found) -> Path | None:
    """The folder of a set that is one."""
    path = Path(found.source)
    return path if path.is_dir() and path.is_absolute() else None
