"""Ablation: every arm of an experiment with every seed, and what their differences are worth."""

from collections.abc import Generator
from contextlib import closing
from pathlib import Path

from striate.ablation.events import Begin, Event, Finish, Inside, Over
from striate.ablation.folder import Experiment
from striate.ablation.plan import Arm, Plan, read_plan
from striate.ablation.results import Results, results
from striate.ablation.shifted import shifted_top1
from striate.ablation.sizes import Sized, settled
from striate.experiments import SHIPPED
from striate.fitting import events as training_events
from striate.problem import Failed, Misuse
from striate.verbs.train import resuming, training
from striate.words import nearest


def ablate(source: str | Path, *, quick: bool = False, out: str | Path | None = None) -> Results:
    """Runs an experiment to its end and returns its results; see ablating()."""
    for event in ablating(source, quick=quick, out=out):
        if isinstance(event, Finish):
            return event.results
    raise AssertionError  # an experiment that does not raise has a finish


def ablating(source: str | Path, *, quick: bool = False, out: str | Path | None = None) -> Generator[Event, None, None]:
    """Runs an experiment, event by event; break off at any event, and the same call goes on from there.

    source: a TOML file, the name of a shipped experiment, or the folder of an experiment, whose results are then only
    read. quick: the sizes of its [quick] table. out: the experiment's folder, by default experiments/NAME below the
    folder one is in. Runs that are over are not repeated, one that was stopped is gone on with. A run whose loss is no
    longer finite counts as diverged, and the others go on. Misuse where the folder has another plan, or another process
    runs an experiment in it; BadData where the pictures have changed.
    """
    if Experiment.holds(source):
        if quick or out is not None:
            raise Misuse("ablate.alone", path=source)
        yield Finish(results(Experiment.open(source)))
        return
    plan, sized = planned(source, quick=quick)
    folder = Path(out) if out is not None else default_folder(plan)
    if folder.resolve().is_relative_to(Path(plan.data[0])):
        raise Misuse("run.in_data", path=folder)
    with Experiment.begin(folder, plan) as experiment:
        yield from _runs(experiment, plan, {each.arm.name: each for each in sized})
        found = results(experiment)
    yield Finish(found)


def planned(source: str | Path, *, quick: bool = False) -> tuple[Plan, tuple[Sized, ...]]:
    """What an experiment would do, and how large each of its arms is; trains and writes nothing.

    Misuse for an unknown name, for a file that is wrong or has no [quick] table to be quick by, and for the folder of
    an experiment; BadData where none of its pictures are there.
    """
    path = Path(source)
    if Experiment.holds(path):
        raise Misuse("ablate.alone", path=source)
    if path.suffix == ".toml":
        return settled(read_plan(path, name=path.stem, source=str(path.resolve()), quick=quick))
    name = str(source)
    if name not in SHIPPED:
        if path.is_dir():
            raise Misuse("ablate.none_here", path=path)
        raise Misuse("ablate.unknown", name=name, nearest=nearest(name, SHIPPED))
    return settled(read_plan(SHIPPED[name], name=name, source=name, quick=quick))


def default_folder(plan: Plan) -> Path:
    """experiments/NAME below the folder one is in, with -quick behind it for the quick sizes."""
    return Path("experiments") / (f"{plan.name}-quick" if plan.quick else plan.name)


def _runs(experiment: Experiment, plan: Plan, sized: dict[str, Sized]) -> Generator[Event, None, None]:
    """Every run that is not over yet, and word of those that are."""
    found = {(arm.name, seed): experiment.outcome(arm.name, seed, plan.shifts) for arm, seed in plan.runs}
    yield Begin(str(experiment.path), len(found), sum(each is not None for each in found.values()))
    whole, behind = sum(sized[arm.name].seconds for arm, _ in plan.runs), 0.0
    for number, (arm, seed) in enumerate(plan.runs, 1):
        own = sized[arm.name]
        outcome = there = found[arm.name, seed]
        if outcome is None:
            with closing(_run(experiment, plan, arm, seed)) as events:
                for event in events:
                    share = (behind + _done(event, own.epochs) * own.seconds) / whole
                    yield Inside(arm.name, seed, number, len(found), share, event)
            outcome = experiment.outcome(arm.name, seed, plan.shifts)
            assert outcome is not None
        behind += own.seconds
        yield Over(number, len(found), outcome, there is not None)


def _run(experiment: Experiment, plan: Plan, arm: Arm, seed: int) -> Generator[training_events.Event, None, None]:
    """One run from wherever it stands to its end, and what is measured after it."""
    run = experiment.run(arm.name, seed)
    begun = experiment.begun(arm.name, seed)
    try:
        if not begun:
            yield from training(
                plan.data[0], net=arm.net, recipe=arm.recipe(), seed=seed, limit=plan.limit, out=run.path
            )
        elif not run.finished:
            yield from resuming(run.path)
    except Failed as error:
        if error.key != "problem.train.not_finite":
            raise
        experiment.note_divergence(arm.name, seed)
        return
    if plan.shifts:
        run.update(shifted=shifted_top1(run, plan.shifts))


def _done(event: training_events.Event, epochs: int) -> float:
    """The share of a run's work that an event comes after."""
    if isinstance(event, training_events.Step):
        return (event.epoch - 1 + event.done / event.total) / epochs
    if isinstance(event, training_events.Epoch):
        return event.epoch / epochs
    return 1.0 if isinstance(event, training_events.End) else 0.0
