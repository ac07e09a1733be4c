"""What a training would be, decided and checked before anything is written, fetched or trained."""

from dataclasses import dataclass, replace
from pathlib import Path

from striate.architecture import Architecture
from striate.data.folder import Found
from striate.data.sets import DEFAULT_SET, open_set
from striate.data.split import Divided, divide, limited
from striate.fitting import recipes
from striate.fitting.changes import Changes, Name, asked_for
from striate.fitting.checking import check
from striate.fitting.making import first_weights, input_of
from striate.model import net_of, weights_of
from striate.nets import find
from striate.problem import Misuse
from striate.published.start import LARGEST_SEED, is_file, is_name, settled
from striate.recipe import Recipe


@dataclass(frozen=True)
class Plan:
    """What a training would be."""

    divided: Divided
    architecture: Architecture
    recipe: Recipe
    seed: int


def planned(
    data: str | Path = DEFAULT_SET,
    *,
    net: str | None = None,
    recipe: Recipe | Changes | Name = "modern",
    epochs: int | None = None,
    seed: int = 0,
    limit: int | None = None,
) -> Plan:
    """What training() would do with the same arguments."""
    return planned_on(divided_for(open_set(data), seed, limit), net=net, recipe=recipe, epochs=epochs, seed=seed)


def divided_for(found: Found, seed: int, limit: int | None) -> Divided:
    """A set in the parts that a training with this seed has, its training pictures limited."""
    if limit is not None and limit < 1:
        raise Misuse("recipe.not_positive", name="limit", value=limit)
    if abs(seed) > LARGEST_SEED:
        raise Misuse("recipe.seed", seed=str(seed), most=str(LARGEST_SEED))
    if limit is not None and limit < len(found.classes):
        raise Misuse("recipe.limit", limit=str(limit), classes=str(len(found.classes)))
    return limited(divide(found, seed), limit, seed)


def planned_on(
    divided: Divided,
    *,
    net: str | None = None,
    recipe: Recipe | Changes | Name = "modern",
    epochs: int | None = None,
    seed: int = 0,
) -> Plan:
    """As planned(), on pictures that are divided already."""
    classes = divided.found.classes
    seen = recipes.look(divided.parts, classes)
    architecture = find(net or _net_in_folder(recipe) or recipes.default_net(seen)).architecture()
    chosen = recipes.choose(_out_of_folder(recipe, architecture), architecture, seen)
    chosen = replace(chosen, start=settled(architecture, chosen.start))
    if epochs is not None:
        chosen = asked_for(replace(chosen, epochs=epochs), ["epochs"])
    check(chosen)
    # a shape that does not fit fails here, and so do the weights of a file
    architecture.sketch_to_train(classes=len(classes), input=input_of(chosen))
    if is_file(chosen.start):
        first_weights(architecture, chosen, len(classes), seed)
    return Plan(divided, architecture, chosen, seed)


def _net_in_folder(recipe: Recipe | Changes | Name) -> str | None:
    """The network of the run or model folder to start from; nothing where it starts from something else."""
    if isinstance(recipe, str) or recipe.start is None or not Path(recipe.start).is_dir():
        return None
    return net_of(recipe.start)


def _out_of_folder(recipe: Recipe | Changes | Name, architecture: Architecture) -> Recipe | Changes | Name:
    """A run or a model folder to start from means the file of weights in it; names go before folders."""
    if isinstance(recipe, str) or recipe.start is None:
        return recipe
    if is_name(architecture, recipe.start) or not Path(recipe.start).is_dir():
        return recipe
    return replace(recipe, start=str(weights_of(recipe.start)))
