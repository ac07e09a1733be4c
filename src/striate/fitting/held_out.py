"""Which pictures a model can honestly be tried on: none that its run learned from, and all of classes that it knows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from striate.data.folder import Found, nfc
from striate.data.samples import Files, Pictures
from striate.data.sets import open_set
from striate.data.split import restore
from striate.model import Model
from striate.problem import BadData
from striate.run import Run

SPLITS = ("test", "val", "all", "train")
"""The parts of a set by how honest a trial on them is."""


@dataclass(frozen=True)
class HeldOut:
    """A part of a set to try a model on, and the class names that its labels count in."""

    split: str  # test, val, all or train: the first of them that there is
    samples: Pictures
    names: tuple[str, ...]

    def labels(self, classes: Sequence[str], places: Sequence[int]) -> Tensor:
        """The labels of some of the pictures, counting in a model's classes: int64 (N,)."""
        known = {nfc(name): at for at, name in enumerate(classes)}
        table = [known[nfc(name)] for name in self.names]
        return torch.tensor([table[self.samples.label(at)] for at in places], dtype=torch.int64)


def recorded(source: str | Path) -> Run | None:
    """The run that a source is, where it is one."""
    return Run(Path(source)) if (Path(source) / "data.json").is_file() else None


def held_out(model: Model, run: Run | None, data: str | Path) -> HeldOut:
    """The pictures of a set to try a model on, by the division that its run recorded where they are the run's own.

    BadData where the run learned from some of them, or where there are classes that the model does not know.
    """
    found = open_set(data)
    parts = dict(found.parts)
    if run is not None and found.source == run.job().data:
        parts = dict(restore(found, run.read("data.json")["parts"]).parts)
    part = next(name for name in SPLITS if len(parts.get(name, ())))
    if run is not None:
        _refuse_learned(parts[part], run)
    return HeldOut(part, parts[part], _known(found, model))


def _refuse_learned(samples: Pictures, run: Run) -> None:
    """Pictures that the run learned from are no test of it."""
    if not isinstance(samples, Files):
        return
    root = Path(run.job().data)
    root = root if root.is_dir() else root.parent  # of a table, whose pictures are named from the folder it is in
    learned = set(run.read("data.json")["parts"]["train"])
    folder_of = cache(Path.resolve)  # once for each folder: there may be a million pictures
    real = (_resolved(samples.path(at), folder_of) for at in range(len(samples)))
    count = sum(nfc(path.relative_to(root).as_posix()) in learned for path in real if path.is_relative_to(root))
    if count:
        raise BadData("evaluate.learned", path=samples.root, count=count, total=len(samples), run=run.path)


def _resolved(path: Path, folder_of: Callable[[Path], Path]) -> Path:
    """Where a picture really is."""
    within = folder_of(path.parent) / path.name
    return within.resolve() if within.is_symlink() else within


def _known(found: Found, model: Model) -> tuple[str, ...]:
    """The found classes, once all of them are among the model's."""
    known = {nfc(name) for name in model.classes}
    unknown = [name for name in found.classes if nfc(name) not in known]
    if unknown:
        shown = ", ".join(model.classes[:8])
        raise BadData("evaluate.classes", path=found.source, unknown=", ".join(unknown[:5]), known=shown)
    return found.classes
