"""What a training would be, decided and checked before anything is written, fetched or trained."""

from dataclasses import dataclass, replace
from pathlib import Path

from striate.architecture import Architecture
from striate.data import exclusions
from striate.data.folder import Found
from striate.data.keeping import kept, to_record
from striate.data.leaks import kinship_of
from striate.data.sets import DEFAULT_SET, open_set
from striate.data.split import Divided, divide, limited, without
from striate.data.twins import Twins, twins_of
from striate.fitting import recipes
from striate.fitting.changes import Changes, Name, asked_for
from striate.fitting.checking import check
from striate.fitting.making import first_weights, input_of
from striate.model import net_of, weights_of
from striate.nets import find
from striate.problem import Misuse
from striate.published.start import LARGEST_SEED, is_file, is_name, settled
from striate.recipe import Recipe
from striate.run import Run, Selection
from striate.words import Phrase


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
    selection: Selection = Selection(),  # noqa: B008  frozen
) -> Plan:
    """What training() would do with the same arguments."""
    divided = divided_for(open_set(data), seed, limit, selection)
    return planned_on(divided, net=net, recipe=recipe, epochs=epochs, seed=seed)


def divided_for(
    found: Found,
    seed: int,
    limit: int | None,
    selection: Selection = Selection(),  # noqa: B008  frozen
) -> Divided:
    """A set in the parts that a training with this seed has, its training pictures limited."""
    if limit is not None and limit < 1:
        raise Misuse("recipe.not_positive", name="limit", value=limit)
    if abs(seed) > LARGEST_SEED:
        raise Misuse("recipe.seed", seed=str(seed), most=str(LARGEST_SEED))
    if limit is not None and limit < len(found.classes):
        raise Misuse("recipe.limit", limit=str(limit), classes=str(len(found.classes)))
    if selection.exclude is not None:
        found = _left_out(found, Path(selection.exclude))
    twins = twins_of(found.parts, selection.hashing)
    divided = divide(found, seed, twins) if selection.like is None else _like(found, selection.like, twins, seed)
    known = replace(divided, kinship=kinship_of(found, twins), digests=to_record(found, twins))
    return limited(known, limit, seed)


def _left_out(found: Found, path: Path) -> Found:
    """The set without the pictures of a list; what the list names and the set has not is told."""
    names = exclusions.read(path)
    left = without(found, names)
    gone = sum(map(len, found.parts.values())) - sum(map(len, left.parts.values()))
    told = [Phrase("remark.excluded", {"count": gone, "path": path})]
    if gone < len(names):
        told.append(Phrase("remark.not_excluded", {"count": len(names) - gone, "path": path}))
    return replace(left, remarks=(*left.remarks, *told))


def _like(found: Found, source: str, twins: Twins, seed: int) -> Divided:
    """The set divided as a run has it."""
    record = Run.open(source).read("data.json")
    return kept(found, record["parts"], record.get("digests", {}), twins, seed)


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
