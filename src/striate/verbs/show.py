"""What a network is given to see of pictures: through the evaluation view, and through a training's random ones."""

from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from striate.data.folder import nfc
from striate.data.order import rank_by_hash
from striate.data.placing import Cut, Size, centre_window, seen_through
from striate.data.samples import Pictures
from striate.data.sets import DEFAULT_SET
from striate.fitting.answering import Progress
from striate.fitting.changes import Changes, Name
from striate.fitting.looks import Overall, evaluation_views, overall, training_cuts, training_views
from striate.fitting.scene import Known, Scene, known, loose, scene_of_pictures, scene_of_run, scene_of_set
from striate.problem import BadData, Misuse
from striate.recipe import Recipe, to_json
from striate.run import Run
from striate.words import Phrase, nearest
from striate.work import drained, retold

MOST_PICTURES, MOST_VIEWS = 64, 16
LARGEST_SHOWN = 1024
"""A picture's longer side, above which it is shown smaller."""

OUTSIDE = "outside"
"""The part of pictures that do not belong to the set beside which they are shown."""


@dataclass(frozen=True)
class TrainingView:
    """A picture as one epoch of a training sees it, before pictures are mixed with each other."""

    epoch: int  # counted from 1
    cut: Cut  # of the picture, before RandAugment moves it
    input: Tensor  # float32 (C, H, W)


@dataclass(frozen=True)
class Seen:
    """One picture and what the network receives of it."""

    name: str
    label: str | None
    part: str  # train, val, test or outside
    size: Size  # (height, width) in pixels, upright
    notes: tuple[str, ...]  # what decoding did to it, as in note.* of the catalogue
    picture: Image.Image  # upright, its longer side LARGEST_SHOWN at most
    cut: Cut  # what the evaluation view shows
    input: Tensor  # of the evaluation, float32 (C, H, W)
    training: tuple[TrainingView, ...]  # none of a picture that is not trained on


@dataclass(frozen=True)
class Sights:
    """What show() answers."""

    data: str | None  # None for pictures of no set
    net: str
    recipe: Recipe
    seed: int
    epoch: int  # the first one shown, counted from 1
    pictures: tuple[Seen, ...]
    overall: Overall
    skipped: dict[str, str]  # name: reason
    certain: bool  # whether every unreadable picture is known, on whose number the random views depend
    root: Path | None  # the folder of the set

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract; shares from 0 to 1, sizes and boxes in pixels."""
        return {
            "data": self.data,
            "net": self.net,
            "view": to_json(self.recipe.view),
            "augment": to_json(self.recipe.augment),
            "seed": self.seed,
            "epoch": self.epoch,
            "pictures": [_as_json(each) for each in self.pictures],
            "overall": asdict(self.overall),
            "skipped": self.skipped,
            "certain": self.certain,
        }


def show(
    source: str | Path | None = None,
    pictures: Sequence[str | Path] = (),
    *,
    net: str | None = None,
    recipe: Recipe | Changes | Name = "modern",
    seed: int | None = None,
    epoch: int = 1,
    count: int = 8,
    views: int = 4,
) -> Sights:
    """What a network sees of some pictures: the view of the evaluation, and those of ``views`` epochs of a training.

    source: a set as train() takes it, or a run, which has its own recipe, pictures and seed. pictures: which ones, by
    their names in the set or as files, also such as are in no set; without them ``count``, spread over the classes.
    net, recipe and seed (0) are those of train(); epochs count from 1. Raises Misuse and BadData with their words.
    """
    return drained(showing(source, pictures, net=net, recipe=recipe, seed=seed, epoch=epoch, count=count, views=views))


def showing(
    source: str | Path | None = None,
    pictures: Sequence[str | Path] = (),
    *,
    net: str | None = None,
    recipe: Recipe | Changes | Name = "modern",
    seed: int | None = None,
    epoch: int = 1,
    count: int = 8,
    views: int = 4,
) -> Generator[Progress, None, Sights]:
    """As show(), yielding how many pictures are measured."""
    for name, value, least, most in (
        ("count", count, 1, MOST_PICTURES), ("views", views, 0, MOST_VIEWS), ("epoch", epoch, 1, 10**6),
        ("pictures", len(pictures), 0, MOST_PICTURES),
    ):  # fmt: skip
        if not least <= value <= most:
            raise Misuse("show.range", name=name, value=value, least=least, most=most)
    scene = _scene(source, pictures, net, recipe, seed)
    wanted = _named(scene, pictures) if pictures and scene.data is not None else []
    parts = yield from _all_known(scene)
    if not pictures:
        wanted = [("train", at) for at in _spread(scene, parts["train"], count)]
    elif scene.data is None:
        wanted = [("train", at) for at in sorted(parts["train"].sizes)]
    epochs = range(epoch, epoch + views)
    seen, lost = _seen(scene, parts["train"], wanted, epochs)
    skipped = {scene.parts[part].name(at): why for part, each in parts.items() for at, why in each.skipped.items()}
    skipped = {**lost, **skipped}
    if not seen:
        name, reason = next(iter(skipped.items()))
        raise BadData("show.nothing", name=name, reason=Phrase(f"unreadable.{reason}"))
    return Sights(
        data=scene.data, net=scene.net, recipe=scene.recipe, seed=scene.seed, epoch=epoch, pictures=tuple(seen),
        overall=overall(scene, parts, epoch - 1), skipped=skipped, certain=parts["train"].certain, root=scene.root,
    )  # fmt: skip


def _scene(
    source: str | Path | None,
    pictures: Sequence[str | Path],
    net: str | None,
    recipe: Recipe | Changes | Name,
    seed: int | None,
) -> Scene:
    if source is None and pictures:
        return scene_of_pictures(pictures, net, recipe, seed or 0)
    if source is not None and (Path(source) / "config.json").is_file():
        if net is not None or recipe not in ("modern", Changes()) or seed is not None:
            raise Misuse("show.of_run", run=source)
        return scene_of_run(Run.open(source))
    return scene_of_set(DEFAULT_SET if source is None else source, net, recipe, seed or 0)


def _all_known(scene: Scene) -> Generator[Progress, None, dict[str, Known]]:
    total, done = sum(map(len, scene.parts.values())), 0
    found = {}
    for part, samples in scene.parts.items():
        found[part] = yield from retold(known(scene, part), partial(_progress, done, total))
        done += len(samples)
    return found


def _progress(before: int, total: int, now: int) -> Progress:
    return Progress(before + now, total)


def _named(scene: Scene, pictures: Sequence[str | Path]) -> list[tuple[str, int | Path]]:
    """Where the pictures asked for are: in a part, or outside of the set."""
    places = {samples.name(at): (part, at) for part, samples in scene.parts.items() for at in range(len(samples))}
    found: list[tuple[str, int | Path]] = []
    for picture in pictures:
        path = Path(picture)
        name = nfc(Path(picture).as_posix())
        if scene.root is not None and path.resolve().is_relative_to(scene.root):
            name = nfc(path.resolve().relative_to(scene.root).as_posix())
        if name in places:
            found.append(places[name])
        elif path.is_file():
            found.append((OUTSIDE, path))
        else:
            raise Misuse("show.no_such", name=picture, data=scene.data, nearest=nearest(name, places, alike=0.8))
    return found


def _spread(scene: Scene, train: Known, count: int) -> list[int]:
    """So many training pictures, as many of one class as of another; which ones depends on the names and the seed."""
    samples = scene.parts["train"]
    by_class: dict[int, list[int]] = {}
    left = sorted(train.sizes)
    for nth in rank_by_hash([samples.name(at) for at in left], scene.seed):
        by_class.setdefault(samples.label(left[nth]), []).append(left[nth])
    labels = sorted(by_class)
    if count < len(labels):
        labels = [labels[at] for at in np.linspace(0, len(labels) - 1, count).round().astype(int)]
    turns = max(map(len, by_class.values()), default=0)
    chosen = [by_class[label][turn] for turn in range(turns) for label in labels if turn < len(by_class[label])]
    return sorted(chosen[:count], key=lambda at: (samples.label(at), at))


def _seen(
    scene: Scene, train: Known, wanted: Sequence[tuple[str, int | Path]], epochs: Sequence[int]
) -> tuple[list[Seen], dict[str, str]]:
    """The pictures wanted, in their order, and why some of them could not be had."""
    outside = loose([at for part, at in wanted if part == OUTSIDE and isinstance(at, Path)])
    parts = {**scene.parts, OUTSIDE: outside}
    found: dict[tuple[str, str], Seen] = {}
    skipped: dict[str, str] = {}
    order = []
    for part in dict.fromkeys(part for part, _ in wanted):
        samples = parts[part]
        inside = [at for each, at in wanted if each == part and isinstance(at, int)]
        places = list(range(len(outside))) if part == OUTSIDE else list(dict.fromkeys(inside))
        some, lost = _part_seen(scene, part, samples, places)
        skipped.update(lost)
        if part == "train" and epochs:
            some = _with_training(scene, train, some, epochs)
        found |= {(part, samples.name(at)): seen for at, seen in some.items()}
    for part, at in wanted:
        order.append((part, str(at) if isinstance(at, Path) else parts[part].name(at)))
    return [found[key] for key in order if key in found], skipped


def _part_seen(
    scene: Scene, part: str, samples: Pictures, places: Sequence[int]
) -> tuple[dict[int, Seen], dict[str, str]]:
    """The readable ones of a part's pictures by their places, through the evaluation view."""
    prepared, inputs = evaluation_views(samples, places, scene.recipe)
    readable = [at for at in places if samples.name(at) not in prepared.skipped]
    found = {}
    for at, x in zip(readable, inputs, strict=True):
        image = samples.image(at)
        size = image.height, image.width
        image.thumbnail((LARGEST_SHOWN, LARGEST_SHOWN))
        label = scene.classes[samples.label(at)] if scene.classes is not None and part != OUTSIDE else None
        cut = seen_through(centre_window(scene.recipe.view), size, scene.recipe.view)
        name = samples.name(at)
        found[at] = Seen(name, label, part, size, prepared.notes.get(name, ()), image, cut, x, ())
    return found, prepared.skipped


def _with_training(scene: Scene, train: Known, some: dict[int, Seen], epochs: Sequence[int]) -> dict[int, Seen]:
    """The same pictures with what each of the epochs, counted from 1, makes of them."""
    places, sizes = list(some), [seen.size for seen in some.values()]
    if not places:
        return some
    inputs = training_views(scene, train, places, [epoch - 1 for epoch in epochs])
    cuts = [training_cuts(scene, train.numbers(places), sizes, epoch - 1) for epoch in epochs]
    return {
        at: replace(
            some[at],
            training=tuple(
                TrainingView(epoch, cuts[turn][nth], inputs[turn][nth]) for turn, epoch in enumerate(epochs)
            ),
        )
        for nth, at in enumerate(places)
    }


def _as_json(seen: Seen) -> dict[str, Any]:
    return {
        "name": seen.name,
        "class": seen.label,
        "part": seen.part,
        "size": list(seen.size),
        "notes": list(seen.notes),
        "kept": {**asdict(seen.cut), "enlarged": seen.cut.enlarged},
        "training": [{"epoch": each.epoch, **asdict(each.cut)} for each in seen.training],
    }
