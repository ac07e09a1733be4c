"""What a training works with, made out of its job: the network with its first weights, and all that its steps need."""

from typing import cast

import numpy as np
from torch import Tensor, nn

from striate.architecture import Architecture
from striate.compute import Compute
from striate.data.augment import principal_colours
from striate.data.canvases import Prepared
from striate.fitting.averaging import make_average
from striate.fitting.losses import class_weights
from striate.fitting.optimisers import make_optimiser
from striate.fitting.steps import Fit
from striate.layers import Chain
from striate.published.start import begin, drawn_from, is_random
from striate.recipe import Recipe
from striate.run import Job

_COLOURS_OF = 1000  # pictures at most, whose colours are measured
_COLOURS_AT_ONCE = 32  # of them in memory


def make_fit(architecture: Architecture, job: Job, pictures: Prepared, classes: int, where: Compute) -> Fit:
    """A training before its first step, its weights drawn; published ones are not in yet, see begin_from()."""
    recipe = job.recipe
    network = drawn(architecture, recipe, classes, job.seed)
    trained = where.place(_with_heads(architecture, network, job))
    weights = class_weights(recipe.loss, pictures.labels, classes)
    return Fit(
        trained,
        make_optimiser(recipe, trained, architecture.head),
        pictures,
        recipe,
        job.seed,
        where,
        auxiliary={each.name: each.loss_weight for each in architecture.auxiliaries},
        average=make_average(recipe.averaging, trained),
        class_weights=None if weights is None else weights.to(where.device),
        colours=_colours(pictures) if recipe.augment.colour else None,
        classifier=architecture.head,
        held=frozenset(name for name, each in network.named_parameters() if not each.requires_grad),
    )


def first_weights(architecture: Architecture, recipe: Recipe, classes: int, seed: int) -> nn.Module:
    """The network before its first step: drawn from the seed, all but the last row replaced where it is fine-tuned."""
    network = drawn(architecture, recipe, classes, seed)
    begin_from(network, architecture, recipe)
    return network


def begin_from(network: nn.Module, architecture: Architecture, recipe: Recipe) -> None:
    """Puts the recipe's first weights in, all but the classifier; those that are drawn are there already."""
    rows = recipe.tuning.copied
    begin(network, architecture, recipe.start, "fitting" if rows else "new", rows=rows)


def drawn(architecture: Architecture, recipe: Recipe, classes: int, seed: int) -> nn.Module:
    """The network with all its weights drawn from the seed, or the recipe's own, and the recipe's dropout."""
    first = drawn_from(recipe.start, seed)
    network = architecture.create(classes=classes, input=input_of(recipe), seed=first)
    _set_dropout(network, recipe)
    return network


def input_of(recipe: Recipe) -> tuple[int, int, int]:
    """The input shape that a recipe's view makes."""
    return (recipe.view.channels, *recipe.view.size)


def _with_heads(architecture: Architecture, network: nn.Module, job: Job) -> nn.Module:
    """The network with its auxiliary classifiers where it starts from nothing; alone where its maps are too small."""
    recipe = job.recipe
    wanted = recipe.auxiliaries and is_random(recipe.start) and isinstance(network, Chain)
    if not wanted or not architecture.has_heads(input=input_of(recipe)):
        return network
    first = drawn_from(recipe.start, job.seed)
    headed = architecture.with_heads(cast(Chain, network), input=input_of(recipe), seed=first)
    _set_dropout(headed, job.recipe)
    return headed


def _set_dropout(module: nn.Module, recipe: Recipe) -> None:
    """The recipe's own rate, where it has one."""
    for each in module.modules():
        if isinstance(each, nn.Dropout) and recipe.dropout is not None:
            each.p = recipe.dropout


def colour_places(count: int) -> np.ndarray:
    """The training pictures whose principal colours are taken for the set's: some, spread evenly over it."""
    return np.unique(np.linspace(0, count - 1, min(count, _COLOURS_OF)).astype(np.int64))


def _colours(pictures: Prepared) -> Tensor:
    places = colour_places(len(pictures))
    parts = np.array_split(places, -(-len(places) // _COLOURS_AT_ONCE))
    return principal_colours(canvas for part in parts for canvas in pictures.canvases.take(part))
