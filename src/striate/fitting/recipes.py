"""Which network and which recipe fit the pictures at hand, where a person does not say."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Literal, TypeVar

from striate.architecture import Architecture
from striate.data.pictures import Unreadable
from striate.data.samples import Arrays, Pictures
from striate.model import view_beside
from striate.problem import Misuse
from striate.published.start import PRETRAINED, RANDOM, is_file, named
from striate.recipe import SGD, Adam, Augment, Constant, CrossEntropy, Mode, OneCycle, Optimiser, Recipe, Schedule, View
from striate.words import nearest

Name = Literal["modern", "paper"]
T = TypeVar("T")

SMALL = 64
"""Pictures whose shorter side is at most so many pixels are no photos: they get a small network."""

DEFAULT_SMALL, DEFAULT_PHOTOS = "deepconvnet", "efficientnet_lite0"

_LOOKED_AT = 24
_FINE_TUNING_STEPS = 200  # a small set is gone through more often, until it comes to so many steps
_MOST_FINE_TUNING_EPOCHS = 30


@dataclass(frozen=True)
class Look:
    """What a glance at a few pictures of a set shows."""

    count: int  # of training pictures
    side: int  # the shorter one, on the median, in pixels
    colour: bool
    characters: bool  # every class is named by one character, so that mirroring would make another class


def look(parts: Mapping[str, Pictures], classes: tuple[str, ...]) -> Look:
    """Looks at a few training pictures, spread evenly; unreadable ones tell nothing."""
    samples = parts["train"]
    characters = all(len(name) == 1 for name in classes)
    if isinstance(samples, Arrays):
        return Look(len(samples), min(samples.images.shape[1:3]), samples.images.ndim == 4, characters)
    sides, colour = [], False
    for at in range(0, len(samples), max(1, len(samples) // _LOOKED_AT)):
        try:
            image = samples.image(at)
        except Unreadable:
            continue
        sides.append(min(image.size))
        colour = colour or image.mode == "RGB"
    return Look(len(samples), round(median(sides)) if sides else 0, colour, characters)


def default_net(seen: Look) -> str:
    return DEFAULT_SMALL if seen.side <= SMALL else DEFAULT_PHOTOS


@dataclass(frozen=True)
class Changes:
    """A recipe by its name, and what to change in it; None leaves a part as it is."""

    base: Name = "modern"
    batch: int | None = None
    lr: float | None = None
    optimiser: str | None = None  # of OPTIMISERS
    schedule: str | None = None  # of SCHEDULES
    resize: Mode | None = None
    input: tuple[int, int, int] | None = None  # (channels, height, width) of what the network receives
    start: str | None = None  # random, pretrained, the name of published weights, or a file


OPTIMISERS: dict[str, Optimiser] = {
    "sgd": SGD(lr=0.05, momentum=0.9, nesterov=True, decay=5e-4),
    "adam": Adam(lr=0.002, decay=0.01),
}
SCHEDULES: dict[str, Schedule] = {"constant": Constant(), "onecycle": OneCycle()}


def choose(recipe: Recipe | Name | Changes, architecture: Architecture, seen: Look) -> Recipe:
    """The recipe meant, made for a network and pictures; a whole Recipe stays as it is. Misuse for an unknown name."""
    if isinstance(recipe, Recipe):
        return recipe
    changes = recipe if isinstance(recipe, Changes) else Changes(recipe)
    makers = {"modern": _modern, "paper": _paper}
    if changes.base not in makers:
        raise Misuse("recipe.unknown", name=changes.base, nearest=nearest(changes.base, makers))
    return _changed(makers[changes.base](architecture, seen, changes.start), changes)


def _modern(architecture: Architecture, seen: Look, start: str | None) -> Recipe:
    """Ours: short, and chosen by measurement on validation pictures. Fetches nothing that was not asked for."""
    start = start or _without_fetching(architecture)
    return _from_scratch(architecture, seen) if start == RANDOM else _fine_tuning(architecture, seen, start)


def _without_fetching(architecture: Architecture) -> str:
    """The published weights where they are at hand, or could be installed, which then is said; random ones else."""
    if not architecture.weights:
        return RANDOM
    first = architecture.weights[0]
    return PRETRAINED if first.at_hand() or first.path() is None else RANDOM


def _fine_tuning(architecture: Architecture, seen: Look, start: str) -> Recipe:
    epochs = math.ceil(_FINE_TUNING_STEPS * FINE_TUNING.batch / max(1, seen.count))
    epochs = min(max(epochs, FINE_TUNING.epochs), _MOST_FINE_TUNING_EPOCHS)
    view = _view_of(architecture, seen, start)
    return replace(FINE_TUNING, view=view, augment=Augment(flip=not seen.characters), epochs=epochs, start=start)


def _view_of(architecture: Architecture, seen: Look, start: str) -> View:
    """The view that first weights expect; a file without a model's card beside it is taken for one like those known."""
    if not is_file(start):
        return named(architecture, start).release().view
    known = view_beside(Path(start))
    if known is None and architecture.weights:
        known = architecture.weights[0].release().view
    return known or _in_colour(architecture.recipe.view, seen)


def _from_scratch(architecture: Architecture, seen: Look) -> Recipe:
    view = _in_colour(architecture.recipe.view, seen)
    augment = Augment(flip=not seen.characters, shift=max(1, round(min(view.size) / 28)))
    return replace(FROM_SCRATCH, view=view, augment=augment)


def _paper(architecture: Architecture, seen: Look, start: str | None) -> Recipe:
    """The network's own recipe, on pictures of the colours at hand, or through the view of the weights asked for."""
    if start is None or start == RANDOM:
        return replace(architecture.recipe, view=_in_colour(architecture.recipe.view, seen))
    return replace(architecture.recipe, view=_view_of(architecture, seen, start), start=start)


def _changed(recipe: Recipe, changes: Changes) -> Recipe:
    optimiser = _named("optimiser", changes.optimiser, OPTIMISERS) or recipe.optimiser
    schedule = _named("schedule", changes.schedule, SCHEDULES) or recipe.schedule
    if changes.lr is not None:
        optimiser = replace(optimiser, lr=changes.lr)
    batch = recipe.batch if changes.batch is None else changes.batch
    view = recipe.view if changes.input is None else _shaped(recipe.view, changes.input)
    view = view if changes.resize is None else _resized(view, changes.resize)
    return replace(recipe, optimiser=optimiser, schedule=schedule, batch=batch, view=view)


def _named(what: str, name: str | None, known: Mapping[str, T]) -> T | None:
    if name is not None and name not in known:
        raise Misuse("recipe.part", what=what, name=name, known=", ".join(known))
    return known[name] if name is not None else None


def _resized(view: View, mode: Mode) -> View:
    """The view with another resize mode; a crop is taken from a picture an eighth larger where no size is stated."""
    resize = view.resize or round(max(view.size) * 8 / 7)
    return replace(view, mode=mode, resize=resize if mode == "crop" else None)


def _shaped(view: View, shape: tuple[int, int, int]) -> View:
    """The view for another input; a crop is cut from a picture that is larger by as much as before."""
    channels, height, width = shape
    resize = view.resize and round(view.resize * max(height, width) / max(view.size))
    mean, std = (
        each if len(each) == channels else (sum(each) / len(each),) * channels for each in (view.mean, view.std)
    )
    return replace(view, size=(height, width), channels=channels, mean=mean, std=std, resize=resize)


def _in_colour(view: View, seen: Look) -> View:
    """A grey network's view for pictures with colours: three channels, each as the one was."""
    if view.channels == 3 or not seen.colour:
        return view
    return replace(view, channels=3, mean=view.mean * 3, std=view.std * 3)


FROM_SCRATCH = Recipe(
    optimiser=Adam(lr=0.003, decay=0.01),
    schedule=OneCycle(),
    loss=CrossEntropy(),
    view=View("squash", (28, 28), 1, mean=(0.0,), std=(1.0,)),
    augment=Augment(),
    epochs=20,
    batch=64,
    source="Striate's own",
    dropout=0.2,
)
"""For a network without trained weights; the view is the network's."""

FINE_TUNING = Recipe(
    optimiser=SGD(lr=0.01, momentum=0.9, nesterov=True, decay=1e-4),
    schedule=OneCycle(),
    loss=CrossEntropy(smoothing=0.1),
    view=View("crop", (224, 224), 3, mean=(0.5,) * 3, std=(0.25,) * 3, resize=256),
    augment=Augment(flip=True),
    epochs=5,
    batch=16,
    source="Striate's own",
    start="pretrained",
)
"""For a network with trained weights; the view is theirs."""
