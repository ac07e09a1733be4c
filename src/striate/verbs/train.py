"""Training: pictures in, a run folder out."""

import math
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

from striate.architecture import Architecture
from striate.data.folder import Found
from striate.data.sets import DEFAULT_SET, open_set
from striate.data.split import Divided, divide, fingerprint, restore
from striate.fitting import recipes
from striate.fitting.events import End, Event, Fetching, Start
from striate.fitting.recipes import Changes, Name
from striate.fitting.sitting import first_weights, input_of, sit
from striate.nets import find
from striate.problem import BadData, Misuse
from striate.published.start import RANDOM, is_file, named, settled, wanting
from striate.recipe import Recipe
from striate.run import Job, Run, default_folder


def train(
    data: str | Path = DEFAULT_SET,
    *,
    net: str | None = None,
    recipe: Recipe | Changes | Name = "modern",
    epochs: int | None = None,
    seed: int = 0,
    out: str | Path | None = None,
) -> Run:
    """Trains to the end and returns the run; see training()."""
    return _run_of(training(data, net=net, recipe=recipe, epochs=epochs, seed=seed, out=out))


def resume(run: str | Path) -> Run:
    """Goes on with a run that was stopped and returns it; see resuming()."""
    return _run_of(resuming(run))


def training(
    data: str | Path = DEFAULT_SET,
    *,
    net: str | None = None,
    recipe: Recipe | Changes | Name = "modern",
    epochs: int | None = None,
    seed: int = 0,
    out: str | Path | None = None,
) -> Generator[Event, None, None]:
    """Trains a network on pictures, event by event; break off at any event and resuming() goes on from there.

    data: a built-in set's name, a folder of class folders, or a folder of IDX files. net: a name of the catalogue; the
    pictures decide where it is not given. recipe: ours, the paper's, one of these with changes, or your own; one that
    starts from published weights by name fetches them, where they are not at hand. out: the run folder, by default a
    new one below runs/. Raises Misuse, BadData and Failed with their words.
    """
    found = open_set(data)
    divided = divide(found, seed)
    seen = recipes.look(divided.parts, found.classes)
    architecture = find(net or recipes.default_net(seen)).architecture()
    chosen = recipes.choose(recipe, architecture, seen)
    chosen = replace(
        chosen, start=settled(architecture, chosen.start), epochs=chosen.epochs if epochs is None else epochs
    )
    _check(chosen)
    architecture.sketch_to_train(
        classes=len(found.classes), input=input_of(chosen)
    )  # a shape that does not fit fails here
    if chosen.start != RANDOM:
        yield from _fetched(architecture, chosen.start)
        first_weights(architecture, chosen, len(found.classes), seed)  # and so do weights that do not
    job = Job(found.source, architecture.name, chosen, seed)
    folder = Path(out) if out else default_folder(job.net, found.name)
    if folder.resolve().is_relative_to(Path(found.source)):
        raise Misuse("run.in_data", path=folder)
    run = Run.create(folder, job)
    yield from _guarded(run, sit(run, job, divided))


def resuming(run: str | Path) -> Generator[Event, None, None]:
    """Goes on with a run from its last checkpoint, to the same end it would have had."""
    opened = Run.open(run)
    if opened.summary.get("status") == "done":
        raise Misuse("run.done", path=run)
    job = opened.job()
    found = open_set(job.data)
    recorded = opened.path / "data.json"
    divided = _as_recorded(found, opened) if recorded.is_file() else divide(found, job.seed)
    yield from _guarded(opened, sit(opened, job, divided))


def _as_recorded(found: Found, run: Run) -> Divided:
    """The run's own division, once the pictures are seen to be the same."""
    record = run.read("data.json")
    divided = restore(found, record["parts"])
    if fingerprint(divided) != record["fingerprint"]:
        raise BadData("data.changed", path=found.source)
    return divided


def _fetched(architecture: Architecture, start: str) -> Iterator[Event]:
    """Sees to it that published weights are at hand; a file is there already."""
    if not is_file(start):
        weights = named(architecture, start)
        for progress in wanting(architecture, weights):
            yield Fetching(weights.source, progress.done, progress.total)


def _check(recipe: Recipe) -> None:
    for name, value in (("epochs", recipe.epochs), ("batch", recipe.batch), ("lr", recipe.optimiser.lr)):
        if not 0 < value < math.inf:
            raise Misuse("recipe.not_positive", name=name, value=value)
    if recipe.view.channels not in (1, 3):
        raise Misuse("recipe.channels", channels=recipe.view.channels)


def _guarded(run: Run, work: Generator[Event, None, None]) -> Generator[Event, None, None]:
    """The work, with the run to itself; whatever ends it early is written into the run's summary on the way out."""
    with run.held():
        try:
            yield from work
        except GeneratorExit:
            if run.summary["status"] == "running":
                run.update(status="stopped")
            raise
        except Exception:
            run.fail()
            raise


def _run_of(events: Iterator[Event]) -> Run:
    run = None
    for event in events:
        if isinstance(event, Start | End):
            run = event.run
    assert run is not None  # every training that does not raise has a start
    return Run(Path(run))
