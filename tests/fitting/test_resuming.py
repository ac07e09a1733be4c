"""Runs with every part at once, stopped and resumed: bit for bit what they would have been; patience; old runs."""

import hashlib
import json
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from striate.fitting.changes import OPTIMISERS
from striate.fitting.events import End, Epoch, Event, Start, Step
from striate.nets import find
from striate.recipe import (
    EMA,
    SGD,
    Augment,
    Constant,
    Cosine,
    CrossEntropy,
    FineTuning,
    Optimiser,
    Plateau,
    Polyak,
    Recipe,
    RMSProp,
    Steps,
    View,
    Warmup,
    to_json,
)
from striate.run import Run
from striate.verbs.train import resume, resuming, train, training

EVERYTHING = Recipe(
    optimiser=SGD(lr=0.05, momentum=0.9, decay=1e-3, lr_inside=True),
    schedule=Warmup(Plateau(0.1, patience=1, most=2), 1.5),
    loss=CrossEntropy(smoothing=0.1, balanced=True),
    view=View("crop", (28, 28), 1, mean=(0.3,), std=(0.35,), resize=32),
    augment=Augment(flip=True, area=(0.5, 1.0), brightness=0.3, colour=0.1, mixup=0.4, cutmix=1.0, erase=6),
    epochs=6,
    batch=8,
    source="a test",
    dropout=0.3,
    averaging=EMA(0.9),
    spared=("bias", "norm"),
    clip=5.0,
    filter_rms=0.3,
    tuning=FineTuning(first_row=0.3, frozen=2),
)
ALEXNETS = replace(EVERYTHING, schedule=Steps((0, 1, 3), (1.0, 0.1, 0.01)), tuning=FineTuning(), averaging=None)
CLOCKS = {"seconds", "images_per_second", "estimated_seconds", "run"}


def digests(run: Run) -> tuple[str, str]:
    last = sorted(run.checkpoints.iterdir())[-1]
    files = run.model / "weights.safetensors", last / "state.safetensors"
    first, second = (hashlib.sha256(path.read_bytes()).hexdigest() for path in files)
    return first, second


def told(run: Run) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in run.events.read_text(encoding="utf-8").splitlines()]
    return [{key: value for key, value in line.items() if key not in CLOCKS} for line in lines]


def broken_off(data: Path, recipe: Recipe, out: Path, every: int, net: str = "deepconvnet") -> Run:
    """Trained with a stop after every so many steps and epochs."""
    events = training(data, net=net, recipe=recipe, out=out)
    for _ in range(200):
        seen = 0
        for event in events:
            seen += isinstance(event, Step | Epoch)
            if seen == every:
                break
        else:
            return Run.open(out)
        events.close()
        events = resuming(out)
    raise AssertionError("it never ends")


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 3])
@pytest.mark.parametrize(
    "recipe",
    [
        EVERYTHING,
        ALEXNETS,
        replace(EVERYTHING, schedule=Plateau(0.1, patience=1), tuning=FineTuning(), averaging=Polyak(0.4)),
        replace(EVERYTHING, schedule=Cosine(), tuning=FineTuning(first_row=0.0), augment=Augment(zoom=(0.7, 1.4))),
    ],
)
def test_a_run_with_all_parts_ends_with_the_same_bits_however_often_it_is_stopped(
    recipe: Recipe, every: int, garments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("striate.fitting.sitting._TELL_SECONDS", 0.0)
    whole = train(garments, net="deepconvnet", recipe=recipe, out=tmp_path / "whole")
    broken = broken_off(garments, recipe, tmp_path / "broken", every)
    assert told(broken) == told(whole)
    assert digests(broken) == digests(whole)


KILLED = """
import json, os, signal, sys
from pathlib import Path
import striate.fitting.sitting as sitting
from striate.fitting.events import Step
from striate.recipe import from_json
from striate.verbs.train import resuming, training

sitting.SAVE_SECONDS = sitting._TELL_SECONDS = 0.0
data, out, recipe = sys.argv[1:]
again = Path(out, "config.json").exists()
events = resuming(out) if again else training(data, net="deepconvnet", recipe=from_json(json.loads(recipe)), out=out)
for at, event in enumerate(event for event in events if isinstance(event, Step)):
    if at == 9:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_with_all_parts_killed_within_its_epochs_ends_with_the_same_bits(garments: Path, tmp_path: Path) -> None:
    whole = train(garments, net="deepconvnet", recipe=EVERYTHING, out=tmp_path / "whole")
    command = [sys.executable, "-c", KILLED, str(garments), str(tmp_path / "r"), json.dumps(to_json(EVERYTHING))]
    codes = []
    while 0 not in codes and len(codes) < 9:
        codes.append(subprocess.run(command, check=False, timeout=120).returncode)
    assert codes == [-signal.SIGKILL, -signal.SIGKILL, 0]
    assert digests(Run.open(tmp_path / "r")) == digests(whole)
    assert told(Run.open(tmp_path / "r")) == told(whole)


@pytest.mark.parametrize("optimiser", [*OPTIMISERS.values(), RMSProp(0.001, momentum=0.9)])
def test_every_optimiser_goes_on_as_it_was(
    optimiser: Optimiser, garments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("striate.fitting.sitting._TELL_SECONDS", 0.0)
    recipe = replace(EVERYTHING, optimiser=optimiser, epochs=3)
    whole = train(garments, net="resnet20_cifar", recipe=recipe, out=tmp_path / "whole")
    broken = broken_off(garments, recipe, tmp_path / "broken", 3, net="resnet20_cifar")
    assert digests(broken) == digests(whole)


def test_an_average_over_auxiliary_classifiers_goes_on_and_its_model_has_none(crops: Path, tmp_path: Path) -> None:
    view = View("squash", (224, 224), 3, mean=(0.5,) * 3, std=(0.25,) * 3)
    recipe = replace(ALEXNETS, view=view, averaging=EMA(0.5), epochs=1, optimiser=SGD(0.01, 0.9))
    whole = train(crops, net="googlenet", recipe=recipe, out=tmp_path / "whole")
    broken = broken_off(crops, recipe, tmp_path / "broken", 2, net="googlenet")
    assert digests(broken) == digests(whole)
    model = load_file(whole.model / "weights.safetensors")
    average = load_file(sorted(whole.checkpoints.iterdir())[-1] / "state.safetensors")
    assert all(torch.equal(each, average[f"average.module.network.{name}"]) for name, each in model.items())
    assert any(name.startswith("average.module.heads.") for name in average)


def test_a_run_on_part_of_the_pictures_goes_on_with_the_same_part(garments: Path, tmp_path: Path) -> None:
    runs = {}
    for name in ("whole", "broken"):
        events = training(garments, net="deepconvnet", recipe=OLD, limit=16, out=tmp_path / name)
        for event in events:
            if name == "broken" and isinstance(event, Epoch):
                events.close()
        runs[name] = Run.open(tmp_path / name)
    resume(runs["broken"].path)
    assert digests(runs["broken"]) == digests(runs["whole"])
    parts = runs["broken"].read("data.json")["parts"]
    assert {part: len(names) for part, names in parts.items()} == {"train": 16, "val": 6}
    assert parts == runs["whole"].read("data.json")["parts"]
    assert runs["broken"].job().limit == 16


def rates(run: Run) -> list[float]:
    return [line["lr"] for line in told(run) if line["event"] == "epoch"]  # type: ignore[misc]


def test_a_resumed_run_keeps_the_drops_of_its_plateau(garments: Path, tmp_path: Path) -> None:
    recipe = replace(STUCK, schedule=Plateau(0.1, patience=2, most=2))
    whole = train(garments, net="deepconvnet", recipe=recipe, out=tmp_path / "whole")
    assert rates(whole)[-1] == pytest.approx(1e-32)
    assert len(set(rates(whole))) == 3
    assert rates(broken_off(garments, recipe, tmp_path / "broken", 2)) == rates(whole)


def test_the_rate_of_the_last_step_is_part_of_a_checkpoint(garments: Path, tmp_path: Path) -> None:
    run = train(garments, net="deepconvnet", recipe=replace(ALEXNETS, epochs=2), out=tmp_path / "r")
    state = json.loads((sorted(run.checkpoints.iterdir())[-1] / "state.json").read_text(encoding="utf-8"))
    assert set(state["rates"]) == {0.05 * 0.1}


# Patience

STUCK = replace(
    EVERYTHING, optimiser=SGD(lr=1e-30), schedule=Constant(), epochs=9, averaging=None, filter_rms=None,
    tuning=FineTuning(),
)  # fmt: skip
"""It learns nothing, so that the first epoch stays the best one."""


def epochs_and_end(events: list[Event]) -> tuple[list[Epoch], End]:
    end = events[-1]
    assert isinstance(end, End)
    return [event for event in events if isinstance(event, Epoch)], end


def test_a_run_whose_patience_ends_stops_so_many_epochs_after_its_best(garments: Path, tmp_path: Path) -> None:
    recipe = replace(STUCK, patience=3)
    epochs, end = epochs_and_end(list(training(garments, net="deepconvnet", recipe=recipe, out=tmp_path / "r")))
    assert len(epochs) < 9
    assert end.best_epoch == max(event.epoch for event in epochs if event.best)
    assert len(epochs) == end.epochs == end.best_epoch + 3
    assert end.best_top1 == max(event.val_top1 for event in epochs)
    run = Run.open(tmp_path / "r")
    assert [run.summary[key] for key in ("status", "best_epoch", "epochs")] == ["done", end.best_epoch, end.epochs]
    assert told(run)[-1]["epochs"] == end.epochs


def test_a_run_that_gives_up_gives_up_at_the_same_epoch_when_it_was_stopped(garments: Path, tmp_path: Path) -> None:
    recipe = replace(STUCK, patience=2)
    whole = train(garments, net="deepconvnet", recipe=recipe, out=tmp_path / "whole")
    broken = broken_off(garments, recipe, tmp_path / "broken", 1)
    assert told(broken) == told(whole)
    assert digests(broken) == digests(whole)


def test_a_run_stopped_after_its_last_epoch_only_ends(garments: Path, tmp_path: Path) -> None:
    recipe = replace(STUCK, patience=1)
    events = training(garments, net="deepconvnet", recipe=recipe, out=tmp_path / "r")
    last = train(garments, net="deepconvnet", recipe=recipe, out=tmp_path / "whole").summary["epochs"]
    for event in events:
        if isinstance(event, Epoch) and event.epoch == last:
            events.close()
    epochs, end = epochs_and_end(list(resuming(tmp_path / "r")))
    assert (epochs, end.epochs) == ([], last)


def test_without_patience_all_epochs_are_trained(garments: Path, tmp_path: Path) -> None:
    run = train(garments, net="deepconvnet", recipe=replace(STUCK, epochs=4), out=tmp_path / "r")
    assert run.summary["epochs"] == 4


# Runs that were made before

NEW = {
    "Recipe": {
        "sources", "disputed", "changed", "averaging", "spared", "clip", "filter_rms", "patience", "auxiliaries",
        "tuning", "crops", "sampling",
    },
    "Augment": {"area", "aspect", "shorter", "zoom", "brightness", "colour", "mixup", "cutmix", "randaugment"},
    "SGD": {"lr_inside"},
    "CrossEntropy": {"balanced"},
}  # fmt: skip


def aged(value: object) -> object:
    """A declaration as it was written before these parts were there."""
    if isinstance(value, list):
        return [aged(item) for item in value]
    if not isinstance(value, dict):
        return value
    gone = NEW.get(value.get("kind", ""), set()) | {"limit"}
    return {key: aged(item) for key, item in value.items() if key not in gone}


OLD = replace(
    EVERYTHING, optimiser=SGD(0.05, 0.9, decay=1e-3), schedule=Cosine(), loss=CrossEntropy(0.1), averaging=None,
    augment=Augment(flip=True, shift=2, erase=6), spared=(), clip=None, filter_rms=None, tuning=FineTuning(), epochs=3,
)  # fmt: skip


@pytest.mark.parametrize("stop_at", [0, 1, 2])
def test_a_run_that_was_begun_before_the_parts_were_there_goes_on(garments: Path, tmp_path: Path, stop_at: int) -> None:
    recipe = replace(OLD, schedule=Steps((0, 1), (1.0, 0.5)))
    whole = train(garments, net="deepconvnet", recipe=recipe, out=tmp_path / "whole")
    for at, event in zip(count(), training(garments, net="deepconvnet", recipe=recipe, out=tmp_path / "old")):
        if (stop_at == 0 and isinstance(event, Start)) or (isinstance(event, Epoch) and event.epoch == stop_at):
            break
        assert at < 1000
    old = Run.open(tmp_path / "old")
    config = old.read("config.json")
    old.write("config.json", aged(config))  # type: ignore[arg-type]
    assert "limit" not in old.read("config.json")
    age_checkpoints(old)
    assert old.job().recipe == recipe
    assert digests(resume(old.path)) == digests(whole)


def age_checkpoints(run: Run) -> None:
    """Takes out of every checkpoint what it has only since."""
    for path in run.checkpoints.iterdir():
        state = json.loads((path / "state.json").read_text(encoding="utf-8"))
        for key in ("drops", "dropped_epoch", "rates"):
            state.pop(key)
        (path / "state.json").write_text(json.dumps(state), encoding="utf-8")
        manifest = {
            name: hashlib.sha256((path / name).read_bytes()).hexdigest() for name in ("state.safetensors", "state.json")
        }
        (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_an_average_is_kept_in_the_checkpoint_with_its_count(garments: Path, tmp_path: Path) -> None:
    run = train(garments, net="deepconvnet", recipe=replace(EVERYTHING, epochs=3), out=tmp_path / "r")
    tensors = load_file(sorted(run.checkpoints.iterdir())[-1] / "state.safetensors")
    assert int(tensors["average.n_averaged"]) == 3 * 4  # 30 pictures in batches of 8 at most
    assert find("deepconvnet").architecture().head == "flatten"
