"""What training and evaluation give the network of some pictures, as tensors and in numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from torch import Tensor

from striate.compute import for_training
from striate.data.augment import augmented, boxes_of, coloured, principal_colours, training_view
from striate.data.canvases import Prepared, prepare
from striate.data.placing import Box, Cut, Size, centre_window, seen_through
from striate.data.samples import Pictures
from striate.data.views import canvas_shape, centre, normalised
from striate.fitting.making import colour_places
from striate.fitting.scene import Known, Scene
from striate.recipe import Recipe, View
from striate.work import drained


@dataclass(frozen=True)
class Spread:
    """A share over a set: the median, the smallest, and the picture that has it."""

    median: float
    worst: float
    name: str


@dataclass(frozen=True)
class Overall:
    """The sizes of a set, and what its views make of them."""

    measured: int
    total: int
    kept: Spread  # of each picture, by the evaluation view
    shown: Spread | None  # of each training picture, by its crop in the first epoch asked for
    filled: float  # median share of the evaluation's input that is no picture
    enlarged: int  # pictures
    most_enlarged: float  # times as long as in the picture


def evaluation_views(samples: Pictures, places: Sequence[int], recipe: Recipe) -> tuple[Prepared, Tensor]:
    """The readable ones of some pictures, and what the network is asked about: float32 (N, C, H, W)."""
    prepared = _prepared(samples, places, recipe.view)
    return prepared, normalised(centre(_canvases(prepared), recipe.view), recipe.view)


def training_views(scene: Scene, train: Known, places: Sequence[int], epochs: Sequence[int]) -> list[Tensor]:
    """What the network learns from at each epoch, counted from 0, before pictures are mixed: float32 (N, C, H, W)."""
    recipe, numbers = scene.recipe, train.numbers(places)
    view, augment = recipe.view, recipe.augment
    canvases = _canvases(_prepared(scene.parts["train"], places, training_view(view, augment)))
    colours = _colours(scene, train) if augment.colour else None
    views = []
    for epoch in epochs:
        chance = scene.seed, epoch
        pixels = augmented(canvases, numbers, view, augment, chance)
        views.append(coloured(pixels, numbers, view, augment, chance, colours))
    return views


def training_cuts(scene: Scene, numbers: np.ndarray, sizes: Sequence[Size], epoch: int) -> list[Cut]:
    """What training pictures of some numbers show of themselves at an epoch, counted from 0."""
    view, augment = scene.recipe.view, scene.recipe.augment
    wide = training_view(view, augment)
    _, high, across = canvas_shape(wide)
    boxes = zip(*boxes_of((high, across), numbers, view, augment, (scene.seed, epoch)), strict=True)
    windows = [Box(*map(float, box)) for box in boxes]
    return [seen_through(window, size, wide) for window, size in zip(windows, sizes, strict=True)]


def overall(scene: Scene, parts: Mapping[str, Known], epoch: int) -> Overall:
    """All of a scene's pictures that could be measured; epoch counts from 0."""
    named = [(scene.parts[part].name(at), size) for part, each in parts.items() for at, size in each.sizes.items()]
    view = scene.recipe.view
    window = centre_window(view)
    by_size = {size: seen_through(window, size, view) for size in {size for _, size in named}}
    cuts = [by_size[size] for _, size in named]
    train = parts["train"]
    places = list(train.sizes)
    crops = training_cuts(scene, train.numbers(places), list(train.sizes.values()), epoch)
    names = [scene.parts["train"].name(at) for at in places]
    return Overall(
        measured=len(named),
        total=sum(map(len, scene.parts.values())),
        kept=_spread([name for name, _ in named], cuts),
        shown=_spread(names, crops) if places else None,
        filled=median(cut.filled for cut in cuts),
        enlarged=sum(cut.enlarged > 1 for cut in cuts),
        most_enlarged=max(cut.enlarged for cut in cuts),
    )


def _spread(names: Sequence[str], cuts: Sequence[Cut]) -> Spread:
    shares = [cut.share for cut in cuts]
    worst = min(range(len(shares)), key=shares.__getitem__)
    return Spread(median(shares), shares[worst], names[worst])


def _colours(scene: Scene, train: Known) -> Tensor:
    """The principal colours that a training takes for its pictures'."""
    left = [at for at in range(len(scene.parts["train"])) if at not in train.left_out]
    places = [left[at] for at in colour_places(len(left))]
    wide = training_view(scene.recipe.view, scene.recipe.augment)
    return principal_colours(torch.unbind(_canvases(_prepared(scene.parts["train"], places, wide))))


def _prepared(samples: Pictures, places: Sequence[int], view: View) -> Prepared:
    return drained(prepare(samples.take(places), view, for_training().threads))


def _canvases(prepared: Prepared) -> Tensor:
    return prepared.canvases.take(np.arange(len(prepared)))
