"""Training: pictures in, a run folder out."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

from striate.architecture import Architecture
from striate.data.folder import Found
from striate.data.leaks import Kinship
from striate.data.sets import DEFAULT_SET, open_set
from striate.data.split import Divided, fingerprint, restore
from striate.fitting.changes import Changes, Name
from striate.fitting.events import End, Event, Fetching, Start
from striate.fitting.making import first_weights
from striate.fitting.planning import divided_for, planned
from striate.fitting.sitting import sit
from striate.problem import BadData, Misuse
from striate.published.start import is_file, is_random, named, wanting
from striate.recipe import Recipe
from striate.run import Job, Run, Selection, default_folder


def train(
    data: str | Path = DEFAULT_SET,
    *,
    net: str | None = None,
    recipe: Recipe | Changes | Name = "modern",
    epochs: int | None = None,
    seed: int = 0,
    limit: int | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    selection: Selection = Selection(),  # noqa: B008  frozen
    strict: bool = False,
) -> Run:
    """Trains to the end and returns the run; see training()."""
    return _run_of(
        training(
            data, net=net, recipe=recipe, epochs=epochs, seed=seed, limit=limit, out=out, workers=workers,
            selection=selection, strict=strict,
        )
    )  # fmt: skip


def resume(run: str | Path, *, workers: int | None = None) -> Run:
    """Goes on with a run that was stopped and returns it; see resuming()."""
    return _run_of(resuming(run, workers=workers))


def training(
    data: str | Path = DEFAULT_SET,
    *,
    net: str | None = None,
    recipe: Recipe | Changes | Name = "modern",
    epochs: int | None = None,
    seed: int = 0,
    limit: int | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    selection: Selection = Selection(),  # noqa: B008  frozen
    strict: bool = False,
) -> Generator[Event, None, None]:
    """Trains a network on pictures, event by event; break off at any event and resuming() goes on from there.

    data: whatever docs/data.md lists: a folder of class folders, a table, a file of arrays, tar files, the name of a
    set. net: a name of the catalogue; the pictures decide where it is not given. recipe: ours, the paper's, one of
    these with changes, or your own; one that starts from published weights by name fetches them, where they are not at
    hand. limit: training pictures at most, a like share of each class. out: the run folder, by default a new one below
    runs/. workers: processes that decode where the pictures do not fit in memory, by default as many as keep up; they
    change the speed and nothing else. selection: pictures to leave out, and how the sides are kept apart. strict:
    BadData where the same picture is on two sides, which otherwise is told. Raises Misuse, BadData and Failed with
    their words.
    """
    plan = planned(data, net=net, recipe=recipe, epochs=epochs, seed=seed, limit=limit, selection=selection)
    if strict and plan.divided.kinship is not None:
        _refuse_leaks(plan.divided.found, plan.divided.kinship)
    found, architecture, chosen = plan.divided.found, plan.architecture, plan.recipe
    yield from weights_fetched(architecture, chosen.start)
    if not is_random(chosen.start) and not is_file(chosen.start):
        first_weights(architecture, chosen, len(found.classes), seed)  # weights that do not fit fail here
    job = Job(found.source, architecture.name, chosen, seed, limit, selection)
    folder = Path(out) if out else default_folder(job.net, found.name)
    if folder.resolve().is_relative_to(Path(found.source)):
        raise Misuse("run.in_data", path=folder)
    run = Run.create(folder, job)
    yield from _guarded(run, sit(run, job, plan.divided, workers))


def resuming(run: str | Path, *, workers: int | None = None) -> Generator[Event, None, None]:
    """Goes on with a run from its last checkpoint, to the same end it would have had."""
    opened = Run.open(run)
    if opened.finished:
        raise Misuse("run.done", path=run)
    job = opened.job()
    found = open_set(job.data)
    recorded = opened.path / "data.json"
    divided = (
        _as_recorded(found, opened) if recorded.is_file() else divided_for(found, job.seed, job.limit, job.selection)
    )
    yield from _guarded(opened, sit(opened, job, divided, workers))


def _as_recorded(found: Found, run: Run) -> Divided:
    """The run's own division, once the pictures are seen to be the same."""
    record = run.read("data.json")
    divided = restore(found, record["parts"])
    if fingerprint(divided) != record["fingerprint"]:
        raise BadData("data.changed", path=found.source)
    kinship = Kinship.of(record["kinship"]) if record.get("kinship") else None
    return replace(divided, kinship=kinship, digests=record.get("digests", {}))


def _refuse_leaks(found: Found, kinship: Kinship) -> None:
    if kinship.leaks:
        first = kinship.leaks[0]
        count = len(kinship.leaks)
        raise BadData("data.leaks", path=found.source, count=count, learned=first.learned, other=first.other)
    if not kinship.looked:
        raise BadData("data.not_looked", path=found.source)


def weights_fetched(architecture: Architecture, start: str) -> Iterator[Fetching]:
    """Sees to it that published weights are at hand; a file is there already, and random ones need nothing."""
    if not (is_random(start) or is_file(start)):
        weights = named(architecture, start)
        for progress in wanting(architecture, weights):
            yield Fetching(weights.source, progress.done, progress.total)


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
