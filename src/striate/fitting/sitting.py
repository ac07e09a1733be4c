"""One sitting of a training: from wherever its last checkpoint stands to its end, or until it is stopped."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from functools import partial

import torch

from striate import compute
from striate.data.augment import training_view
from striate.data.canvases import Prepared, prepare
from striate.data.split import Divided, fingerprint
from striate.fitting import checkpoints
from striate.fitting.checkpoints import Moving, Position
from striate.fitting.estimate import estimated
from striate.fitting.event_log import EventLog
from striate.fitting.events import End, Epoch, Event, Reading, Start, Step, Trouble
from striate.fitting.losses import emphasis, is_balanced
from striate.fitting.making import begin_from, input_of, make_fit
from striate.fitting.schedules import drops_after, rate
from striate.fitting.scoring import scores
from striate.fitting.staffing import Staff, at_work, staffed
from striate.fitting.steps import Fit, set_learning, steps, steps_per_epoch
from striate.fitting.verdicts import Finding
from striate.fitting.watch import Watch
from striate.layers.trace import trace
from striate.model import Model
from striate.nets import find
from striate.problem import BadData, Failed
from striate.recipe import Recipe, to_json
from striate.run import Job, Run, versions
from striate.work import retold

SAVE_SECONDS = 30.0
"""Within an epoch a checkpoint is written this often."""

_TELL_SECONDS = 0.1


@dataclass(frozen=True)
class _Ready:
    """A training with everything in its place."""

    run: Run
    job: Job
    classes: tuple[str, ...]
    parts: dict[str, Prepared]
    fit: Fit

    def model(self, provenance: dict[str, object] | None = None) -> Model:
        network, view = self.fit.answering, self.job.recipe.view
        return Model(self.job.net, network, input_of(self.job.recipe), self.classes, view, provenance or {})


def sit(run: Run, job: Job, divided: Divided, workers: int | None = None) -> Generator[Event, None, None]:
    """Trains from the last checkpoint, or from the start, to the end; closing it early saves where it is.

    workers: processes that decode, where the pictures are not held in memory; measured where it is not given.
    """
    began = time.perf_counter()
    run.update(status="running")
    parts = yield from _read(divided, job)
    if len(parts["train"]) < 2 or not len(parts["val"]):
        raise BadData("data.too_few", count=len(parts["train"]) + len(parts["val"]))
    _refuse_lost_class(divided.found.classes, parts["train"])
    where = compute.for_training()
    compute.keep_freed_memory()
    architecture = find(job.net).architecture()
    fit = make_fit(architecture, job, parts["train"], len(divided.found.classes), where)
    watch = Watch(
        fit.trained, fit.optimiser, job.recipe, classes=len(divided.found.classes),
        labels=parts["train"].labels, usual=architecture.recipe.view,
    )  # fmt: skip
    fit = replace(fit, watch=watch)
    ready = _Ready(run, job, divided.found.classes, parts, fit)
    run.write("data.json", _data_record(divided, parts))
    estimate = estimated(fit, len(parts["val"]))
    staff = staffed(parts, estimate.learning, workers)
    position = checkpoints.restore(run.checkpoints, _moving(fit))
    if position == Position():  # a run that goes on has its weights, and can do without the file they began with
        begin_from(fit.network, architecture, job.recipe)
    log = EventLog(run.events, position.log_bytes)
    start = _start_event(ready, divided, position, estimate.seconds, staff)
    if position.log_bytes == 0:
        log.add(start)
    yield start
    position.log_bytes = log.size()
    clock = began - position.seconds
    with at_work(parts, staff.workers if staff else 0) as served:
        try:
            yield from _epochs(_with_parts(ready, served), position, log, clock)
        except GeneratorExit:
            _save(ready, position, clock)
            raise
    end = _finish(ready, position, clock)
    log.add(end)
    run.update(
        status="done", epochs=end.epochs, best_top1=end.best_top1, best_epoch=end.best_epoch, test_top1=end.test_top1,
        seconds=end.seconds,
    )  # fmt: skip
    yield end


def _with_parts(ready: _Ready, parts: dict[str, Prepared]) -> _Ready:
    """The same training, its pictures had in another way."""
    return replace(ready, parts=parts, fit=replace(ready.fit, pictures=parts["train"]))


def _epochs(ready: _Ready, position: Position, log: EventLog, clock: float) -> Generator[Event, None, None]:
    """What is left of the epochs."""
    while position.epoch < ready.job.recipe.epochs and not _gave_up(ready.job.recipe, position):
        yield from _epoch(ready, position, log, clock)


def _epoch(ready: _Ready, position: Position, log: EventLog, clock: float) -> Generator[Event, None, None]:
    """The rest of one epoch, its validation, and its checkpoint."""
    speed = yield from _learn(ready, position, log, clock)
    result = scores(ready.model(), ready.parts["val"])
    best = (result.top1, -result.loss) > (position.best_top1, -position.best_loss)
    done, train_loss = position.epoch + 1, float(position.loss_sum) / position.seen
    if best:
        position.best_top1, position.best_loss, position.best_epoch = result.top1, result.loss, done
        ready.model(_provenance(ready, result.top1, done)).save(ready.run.model)
    recipe = ready.job.recipe
    lr = recipe.optimiser.lr * rate(recipe.schedule, position.epoch, recipe.epochs, position.drops)
    position.epoch, position.step, position.seen, position.loss_sum = done, 0, 0, 0.0
    _note_plateau(recipe, position)
    event = Epoch(
        epoch=done, train_loss=train_loss, val_loss=result.loss, val_top1=result.top1, lr=lr,
        images_per_second=speed, best=best, seconds=time.perf_counter() - clock,
    )  # fmt: skip
    log.add(event)
    position.log_bytes = log.size()
    _save(ready, position, clock)
    yield event


def _learn(ready: _Ready, position: Position, log: EventLog, clock: float) -> Generator[Event, None, float]:
    """The rest of an epoch's steps; returns how many images a second they took."""
    fit, total = ready.fit, len(ready.parts["train"])
    started, seen_before = time.perf_counter(), position.seen
    told = saved = started
    set_learning(fit, position.epoch)
    with closing(steps(fit, position.epoch, position.step, position.drops)) as walk:
        for loss, count in walk:
            position.step += 1
            position.seen += count
            position.loss_sum = position.loss_sum + loss.double() * count
            yield from _troubles(fit, position, log)
            now = time.perf_counter()
            if now - told >= _TELL_SECONDS:
                told = now
                speed = (position.seen - seen_before) / (now - started)
                yield Step(position.epoch + 1, position.seen, total, float(position.loss_sum) / position.seen, speed)
            if now - saved >= SAVE_SECONDS:
                _save(ready, position, clock)
                saved = time.perf_counter()
    return (position.seen - seen_before) / (time.perf_counter() - started) if position.seen > seen_before else 0.0


def _note_plateau(recipe: Recipe, position: Position) -> None:
    """After an epoch: whether the rate falls, because the validation has not got better for long enough."""
    since = position.epoch - max(position.best_epoch, position.dropped_epoch)
    drops = drops_after(recipe.schedule, position.drops, since)
    if drops > position.drops:
        position.drops, position.dropped_epoch = drops, position.epoch


def _gave_up(recipe: Recipe, position: Position) -> bool:
    """Whether the validation has not got better for as long as the recipe waits."""
    return recipe.patience is not None and position.epoch - position.best_epoch >= recipe.patience > 0


def _finish(ready: _Ready, position: Position, clock: float) -> End:
    model = Model.load(ready.run.model)
    last = scores(model, ready.parts["test" if "test" in ready.parts else "val"])
    tested = last.top1 if "test" in ready.parts else None
    provenance = {**model.provenance, "test_top1": tested}
    replace(model, provenance=provenance).save(ready.run.model)
    return End(
        run=str(ready.run.path),
        best_top1=position.best_top1,
        best_epoch=position.best_epoch,
        test_top1=tested,
        seconds=time.perf_counter() - clock,
        images={part: len(pictures) for part, pictures in ready.parts.items()},
        epochs=position.epoch,
        recall=last.recall(len(ready.classes)),
    )


def _read(divided: Divided, job: Job) -> Generator[Event, None, dict[str, Prepared]]:
    """Every part's pictures, read once; unreadable ones are left out of it."""
    parts = {}
    for part, samples in divided.parts.items():
        view = training_view(job.recipe.view, job.recipe.augment) if part == "train" else job.recipe.view
        preparing = prepare(samples, view, compute.for_training().threads)
        parts[part] = yield from retold(preparing, partial(Reading, part, total=len(samples)))
    return parts


def _refuse_lost_class(classes: tuple[str, ...], train: Prepared) -> None:
    """A class whose every training picture turned out to be unreadable."""
    left = set(train.labels.tolist())
    for label, name in enumerate(classes):
        if label not in left:
            raise BadData("data.class_lost", name=name)


def _start_event(ready: _Ready, divided: Divided, position: Position, estimate: float, staff: Staff | None) -> Start:
    whole = trace(
        find(ready.job.net).architecture().sketch(classes=len(ready.classes), input=input_of(ready.job.recipe)),
        input_of(ready.job.recipe),
    )
    left = 1 - position.epoch / ready.job.recipe.epochs
    counts = torch.bincount(ready.parts["train"].labels, minlength=len(ready.classes))
    return Start(
        run=str(ready.run.path),
        net=ready.job.net,
        parameters=whole.parameters,
        macs=whole.macs,
        data=divided.found.name,
        classes=list(ready.classes),
        images={part: len(pictures) for part, pictures in ready.parts.items()},
        skipped=_left_out(divided, ready.parts),
        notes={name: list(notes) for pictures in ready.parts.values() for name, notes in pictures.notes.items()},
        stray=list(divided.found.stray),
        compute=ready.fit.compute.name,
        recipe=to_json(ready.job.recipe),
        seed=ready.job.seed,
        epochs=ready.job.recipe.epochs,
        resumed_epoch=position.epoch + 1 if position.log_bytes else None,
        estimated_seconds=estimate * left,
        class_images=counts.tolist(),
        emphasis=emphasis(counts) if is_balanced(ready.job.recipe) else None,
        workers=staff.workers if staff else None,
        kinship=divided.kinship,
        remarks=divided.found.remarks,
    )


def _left_out(divided: Divided, parts: dict[str, Prepared]) -> dict[str, str]:
    """The pictures that are not there and those that cannot be read, with the reason of each."""
    absent = dict.fromkeys(divided.found.absent, "missing")
    return absent | {name: reason for each in parts.values() for name, reason in each.skipped.items()}


def _data_record(divided: Divided, parts: dict[str, Prepared]) -> dict[str, object]:
    """What the run remembers of its pictures: the division, and what was done with each that was not plain."""
    return {
        "source": divided.found.source,
        "classes": list(divided.found.classes),
        "fingerprint": fingerprint(divided),
        "parts": divided.names,
        "kinship": asdict(divided.kinship) if divided.kinship else None,
        "digests": dict(divided.digests),
        "skipped": _left_out(divided, parts),
        "notes": {name: list(notes) for each in parts.values() for name, notes in each.notes.items()},
        "stray": list(divided.found.stray),
    }


def _provenance(ready: _Ready, val_top1: float, epoch: int) -> dict[str, object]:
    return {
        "recipe": to_json(ready.job.recipe),
        "seed": ready.job.seed,
        "data": ready.job.data,
        "fingerprint": ready.run.read("data.json")["fingerprint"],
        "versions": versions(),
        "val_top1": val_top1,
        "epoch": epoch,
    }


def _save(ready: _Ready, position: Position, clock: float) -> None:
    """Writes a checkpoint; where the loss is no finite number the one before stands, from which it can go on."""
    if ready.fit.watch.read():
        return
    position.seconds = time.perf_counter() - clock
    checkpoints.save(ready.run.checkpoints, _moving(ready.fit), position)


def _moving(fit: Fit) -> Moving:
    return Moving(fit.trained, fit.optimiser, fit.average)


def _troubles(fit: Fit, position: Position, log: EventLog) -> Iterator[Event]:
    """What the watch found in the last step; Failed where there is nothing left to learn from."""
    for finding in fit.watch.findings():
        event = _told(finding, fit)
        log.add(event)
        position.log_bytes = log.size()
        yield event
    if fit.watch.fatal is not None:
        event = _told(fit.watch.fatal, fit)
        place = {"epoch": event.epoch, "step": event.step}
        raise Failed("train.not_finite", **place, seen=event.seen, cause=event.why, remedy=event.remedy)


def _told(finding: Finding, fit: Fit) -> Trouble:
    epoch, step = divmod(finding.step, steps_per_epoch(len(fit.pictures), fit.recipe))
    return Trouble(
        kind=finding.kind, cause=finding.cause, row=finding.row, epoch=epoch + 1, step=step + 1, values=finding.values
    )
