"""Which network and which recipe fit the pictures at hand, where a person does not say."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from torch import nn

from striate.architecture import Architecture
from striate.data.pictures import Unreadable
from striate.data.samples import Arrays, Pictures
from striate.fitting.changes import Changes, Name, asked_for, changed, shaped
from striate.fitting.checking import refuse_idle
from striate.fitting.scaling import rate_following, scaled
from striate.fitting.sheet import ASSUMED, OURS, PARTS
from striate.model import view_beside
from striate.nets.views import CIFAR
from striate.problem import Misuse
from striate.published.start import PRETRAINED, RANDOM, is_file, is_random, named
from striate.recipe import SGD, Adam, Augment, CrossEntropy, OneCycle, Recipe, View
from striate.words import nearest

SMALL = 64
"""Pictures whose shorter side is at most so many pixels are no photos: they get a small network."""

LEAST_SIDE = 28
"""Networks for small pictures take no smaller ones."""

DEFAULT_SMALL, DEFAULT_PHOTOS = "resnet20_cifar", "efficientnet_lite0"

_LOOKED_AT = 24
_MEASURED_ON, _FEWEST_EPOCHS = 9000, 15  # the set for which NORMALISED's epochs were chosen, and those of a huge one
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
class Draft:
    """A recipe for a network and pictures, before what a person changes in it."""

    recipe: Recipe
    scales: bool  # to a small set, having been made for a large one


def choose(recipe: Recipe | Name | Changes, architecture: Architecture, seen: Look) -> Recipe:
    """The recipe meant, made for a network and pictures; a whole Recipe stays as it is. Misuse for an unknown name."""
    if isinstance(recipe, Recipe):
        return recipe
    changes = recipe if isinstance(recipe, Changes) else Changes(recipe)
    makers = {"modern": _modern, "paper": _paper}
    if changes.base not in makers:
        close = nearest(changes.base, makers)
        raise Misuse("recipe.unknown", name=changes.base, known=", ".join(makers), nearest=close)
    draft = makers[changes.base](architecture, seen, changes)
    asked = changed(draft.recipe, changes, mirrored=not seen.characters)
    refuse_idle(changes, architecture, asked)
    if not draft.scales:
        return asked
    if changes.batch is not None:
        return asked if changes.lr is not None else rate_following(asked, draft.recipe.batch)
    return scaled(asked, seen.count, rate_stays=changes.lr is not None)


def _modern(architecture: Architecture, seen: Look, changes: Changes) -> Draft:
    """Ours: short, and chosen by measurement on validation pictures. Fetches nothing that was not asked for."""
    start = changes.start or _without_fetching(architecture)
    if is_random(start):
        draft = _from_scratch(architecture, seen, changes.input)
        return replace(draft, recipe=replace(draft.recipe, start=start))
    return Draft(_fine_tuning(architecture, seen, start), scales=False)


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
    return replace(
        FINE_TUNING,
        sources=_ours(architecture),
        view=view,
        augment=Augment(flip=not seen.characters),
        epochs=epochs,
        start=start,
    )


def _view_of(architecture: Architecture, seen: Look, start: str) -> View:
    """The view that first weights expect; a file without a model's card beside it is taken for one like those known."""
    if not is_file(start):
        return named(architecture, start).release().view
    known = view_beside(Path(start))
    if known is None and architecture.weights:
        known = architecture.weights[0].release().view
    return known or _in_colour(architecture.recipe.view, seen)


def _from_scratch(architecture: Architecture, seen: Look, input: tuple[int, int, int] | None) -> Draft:
    """With batch normalisation a network bears a high rate, and learns faster by it than by small steps."""
    view = _as_they_are(architecture.recipe.view, seen)
    sources, side = _ours(architecture), min(view.size)
    if not _normalised(architecture, input):
        augment = Augment(flip=not seen.characters, shift=max(1, round(side / 28)))
        return Draft(replace(FROM_SCRATCH, augment=augment, view=view, sources=sources), scales=False)
    erase = round(side / 3.5) if side <= SMALL else 0
    augment = Augment(flip=not seen.characters, shift=max(1, round(side / 14)), erase=erase, mixup=0.2)
    whole = replace(NORMALISED, augment=augment, epochs=_epochs(seen.count), view=view, sources=sources)
    return Draft(whole, scales=True)


def _epochs(pictures: int) -> int:
    """Fewer times through a larger set, by the square root of its size; as many as are worth their time at most."""
    return max(_FEWEST_EPOCHS, min(NORMALISED.epochs, round(NORMALISED.epochs * (_MEASURED_ON / pictures) ** 0.5)))


def _normalised(architecture: Architecture, input: tuple[int, int, int] | None) -> bool:
    """Whether there is batch normalisation in it, as an input has it that is asked for: others may not fit."""
    return any(isinstance(module, nn.BatchNorm2d) for module in architecture.sketch(input=input).modules())


def _as_they_are(view: View, seen: Look) -> View:
    """The view of a network for small pictures, which takes them in their own size and colours; others' stay.

    Enlarging pictures adds nothing to them, and costs as much as a larger network.
    """
    if view != CIFAR or seen.side > SMALL:
        return _in_colour(view, seen)
    side = max(seen.side, LEAST_SIDE)
    return shaped(view, (3 if seen.colour else 1, side, side))


def _ours(architecture: Architecture) -> tuple[tuple[str, str], ...]:
    """Where the values of our recipes are from; what the network brings along has the network's sources."""
    theirs = {part: place for part, place in architecture.recipe.sources if part in ("view", "auxiliaries")}
    return tuple({**dict.fromkeys(PARTS, OURS), "view": ASSUMED, **theirs}.items())


def _paper(architecture: Architecture, seen: Look, changes: Changes) -> Draft:
    """The network's own recipe on pictures of the colours at hand, or through the view of the weights asked for.

    A file of which a recipe takes some rows only, as VGG's, does not change the view.
    """
    recipe, start = architecture.recipe, changes.start
    if start is None or is_random(start) or (recipe.tuning.copied and is_file(start)):
        return Draft(replace(recipe, view=_in_colour(recipe.view, seen), start=start or RANDOM), scales=True)
    whole, view = replace(recipe.tuning, copied=()), _view_of(architecture, seen, start)
    return Draft(replace(asked_for(recipe, ["view"]), view=view, start=start, tuning=whole), scales=True)


def _in_colour(view: View, seen: Look) -> View:
    """A grey network's view for pictures with colours: three channels, each as the one was."""
    if view.channels == 3 or not seen.colour:
        return view
    return replace(view, channels=3, mean=view.mean * 3, std=view.std * 3)


NORMALISED = Recipe(
    optimiser=SGD(lr=0.1, momentum=0.9, nesterov=True, decay=5e-4),
    schedule=OneCycle(),
    loss=CrossEntropy(smoothing=0.1),
    view=View("squash", (28, 28), 1, mean=(0.0,), std=(1.0,)),
    augment=Augment(),
    epochs=45,
    batch=128,
    source="Striate's own",
    spared=("bias", "norm"),
)
"""For a network with batch normalisation and without trained weights; the view is the network's."""

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
"""For a network without normalisation and without trained weights; the view is the network's."""

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
