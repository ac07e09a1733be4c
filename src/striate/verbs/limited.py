"""A training on a share of the training pictures: as training(), but for how many of them it learns from."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from striate.data.order import rank_by_hash
from striate.data.sets import open_set
from striate.data.split import Divided, divide
from striate.fitting import recipes
from striate.fitting.events import Event
from striate.fitting.recipes import Changes
from striate.fitting.sitting import sit
from striate.nets import find
from striate.published.start import settled
from striate.run import Job, Run
from striate.verbs.train import _check, _guarded, training


def training_on(
    data: str, *, net: str, recipe: Changes, epochs: int | None, seed: int, limit: int | None, out: Path
) -> Generator[Event, None, None]:
    """Trains on so many training pictures; validation and test pictures are all of them."""
    if limit is None:
        yield from training(data, net=net, recipe=recipe, epochs=epochs, seed=seed, out=out)
        return
    found = open_set(data)
    divided = limited(divide(found, seed), limit, seed)
    architecture = find(net).architecture()
    chosen = recipes.choose(recipe, architecture, recipes.look(divided.parts, found.classes))
    chosen = replace(
        chosen, start=settled(architecture, chosen.start), epochs=chosen.epochs if epochs is None else epochs
    )
    _check(chosen)
    job = Job(found.source, architecture.name, chosen, seed)
    run = Run.create(out, job)
    yield from _guarded(run, sit(run, job, divided))


def limited(divided: Divided, limit: int, seed: int) -> Divided:
    """So many training pictures, a like share of each class, which ones decided by each name and the seed."""
    whole = divided.parts["train"]
    share = min(1.0, limit / len(whole))
    by_class: dict[int, list[int]] = {}
    for at in rank_by_hash([whole.name(at) for at in range(len(whole))], seed):
        by_class.setdefault(whole.label(at), []).append(at)
    kept = {at for members in by_class.values() for at in members[: max(1, round(share * len(members)))]}
    return Divided(divided.found, {**divided.parts, "train": whole.take(sorted(kept))})
