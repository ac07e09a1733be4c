"""Training: what a run leaves, and that stopping, killing and resuming change nothing."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from striate.architecture import Architecture
from striate.data.sets import open_set
from striate.data.split import divide
from striate.fitting import checkpoints, recipes
from striate.fitting.changes import OPTIMISERS, Changes, Name
from striate.fitting.events import End, Epoch, Reading, Start, Step
from striate.fitting.recipes import Look
from striate.model import Model
from striate.nets import find
from striate.problem import BadData, Failed, Misuse
from striate.recipe import SGD, Adam, Augment, Constant, CrossEntropy, OneCycle, Recipe, Steps, View
from striate.run import Run
from striate.verbs.evaluate import evaluate
from striate.verbs.train import resume, resuming, train, training


def digests(run: Run) -> dict[str, str]:
    """Hashes of what must come out the same: the model's weights and the last checkpoint's tensors."""
    last = sorted(run.checkpoints.iterdir())[-1]
    files = {"model": run.model / "weights.safetensors", "state": last / "state.safetensors"}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def told(run: Run) -> list[dict[str, object]]:
    """The event log without what depends on the clock."""
    lines = [json.loads(line) for line in run.events.read_text(encoding="utf-8").splitlines()]
    clocks = {"seconds", "images_per_second", "estimated_seconds", "run"}
    return [{key: value for key, value in line.items() if key not in clocks} for line in lines]


QUICK = Recipe(
    optimiser=SGD(lr=0.05, momentum=0.9),
    schedule=OneCycle(),
    loss=CrossEntropy(smoothing=0.1),
    view=View("squash", (28, 28), 1, mean=(0.3,), std=(0.35,)),
    augment=Augment(flip=True, shift=2, erase=6),
    epochs=3,
    batch=8,
    source="a test",
)


def test_a_run_holds_what_it_should_and_tells_it(garments: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    events = list(training(garments, net="deepconvnet", recipe=QUICK, out=out))
    assert [type(event) for event in events if not isinstance(event, Reading | Step)] == [
        Start,
        Epoch,
        Epoch,
        Epoch,
        End,
    ]
    start = next(event for event in events if isinstance(event, Start))
    assert start.images == {"train": 30, "val": 6}
    assert (start.net, start.parameters, start.classes) == ("deepconvnet", 123_195, ["bag", "sandal", "trouser"])
    end = events[-1]
    assert isinstance(end, End)
    assert end.test_top1 is None
    run = Run.open(out)
    assert {path.name for path in out.iterdir()} == {
        "checkpoints", "config.json", "data.json", "events.jsonl", "model", "run.json",
    }  # fmt: skip
    assert run.summary["status"] == "done"
    assert run.summary["best_top1"] == end.best_top1
    assert run.job().recipe == QUICK
    assert [line["event"] for line in told(run)] == ["start", "epoch", "epoch", "epoch", "end"]
    names = run.read("data.json")["parts"]
    assert len(names["train"]) == 30
    assert not set(names["train"]) & set(names["val"])
    assert not list(out.rglob("*.part"))


def test_the_users_folder_is_left_alone(garments: Path, tmp_path: Path) -> None:
    def tree() -> dict[str, str]:
        files = (path for path in garments.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = tree()
    train(
        garments,
        net="lenet5_modern",
        recipe=replace(QUICK, view=find("lenet5").architecture().recipe.view),
        out=tmp_path / "r",
    )
    assert tree() == before


def test_the_same_job_gives_the_same_bits_and_another_seed_others(garments: Path, tmp_path: Path) -> None:
    first, second, other = (
        train(garments, net="deepconvnet", recipe=QUICK, seed=seed, out=tmp_path / name)
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert digests(first) == digests(second)
    assert told(first) == told(second)
    assert digests(first) != digests(other)


def test_training_leaves_the_callers_randomness_alone(garments: Path, tmp_path: Path) -> None:
    torch.manual_seed(7)
    before = torch.get_rng_state()
    train(garments, net="deepconvnet", recipe=replace(QUICK, epochs=1), out=tmp_path / "r")
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("break_at", [1, 2, 4, 6])
def test_a_training_broken_off_at_any_event_ends_with_the_same_bits(
    garments: Path, tmp_path: Path, break_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("striate.fitting.sitting._TELL_SECONDS", 0.0)
    whole = train(garments, net="deepconvnet", recipe=QUICK, out=tmp_path / "whole")
    events = training(garments, net="deepconvnet", recipe=QUICK, out=tmp_path / "broken")
    for _ in range(40):
        seen = 0
        for event in events:
            seen += isinstance(event, Step | Epoch)
            if seen == break_at:
                break
        else:
            break
        events.close()
        assert Run.open(tmp_path / "broken").summary["status"] == "stopped"
        events = resuming(tmp_path / "broken")
    broken = Run.open(tmp_path / "broken")
    assert broken.summary["status"] == "done"
    assert digests(broken) == digests(whole)
    assert told(broken) == told(whole)
    assert broken.summary["best_top1"] == whole.summary["best_top1"]


KILLED = """
import sys
import striate.fitting.sitting as sitting
import striate.verbs.train as verb
sitting.SAVE_SECONDS = 0.05
from pathlib import Path
if Path(sys.argv[2], "config.json").exists():
    verb.resume(sys.argv[2])
else:
    verb.train(sys.argv[1], net="deepconvnet", epochs=4, out=sys.argv[2])
"""


@pytest.mark.parametrize("kills", [3, pytest.param(25, marks=pytest.mark.slow)])
def test_a_training_killed_without_warning_ends_with_the_same_bits(garments: Path, tmp_path: Path, kills: int) -> None:
    whole = train(garments, net="deepconvnet", epochs=4, out=tmp_path / "whole")
    out = tmp_path / "killed"
    command = [sys.executable, "-c", KILLED, str(garments), str(out)]
    killed = 0
    for attempt in range(4 * kills):
        process = subprocess.Popen(command, start_new_session=True)
        deadline = time.monotonic() + 60
        while not (out / "data.json").exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if attempt:
            time.sleep(2.5)  # importing and reading, before the work that is to be hit
        time.sleep(0.07 * (attempt % 9))
        if killed < kills and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            killed += 1
        if process.wait() == 0:
            break
    run = Run.open(out)
    assert run.summary["status"] == "done"
    assert killed, "the training was over before anything could be killed"
    assert digests(run) == digests(whole)
    assert told(run) == told(whole)


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(garments: Path, tmp_path: Path) -> None:
    whole = train(garments, net="deepconvnet", recipe=QUICK, out=tmp_path / "whole")
    for event in training(garments, net="deepconvnet", recipe=QUICK, out=tmp_path / "hit"):
        if isinstance(event, Epoch) and event.epoch == 2:
            break
    hit = Run.open(tmp_path / "hit")
    newest = sorted(hit.checkpoints.iterdir())[-1] / "state.safetensors"
    content = bytearray(newest.read_bytes())
    content[len(content) // 2] ^= 1
    newest.write_bytes(content)
    assert digests(resume(hit.path)) == digests(whole)


def test_only_the_last_two_checkpoints_stay_and_leftovers_of_a_crash_do_not_hurt(
    garments: Path, tmp_path: Path
) -> None:
    run = train(garments, net="deepconvnet", recipe=QUICK, out=tmp_path / "r")
    assert len(list(run.checkpoints.iterdir())) == 2
    network = find("deepconvnet").architecture().create(classes=3)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    (run.checkpoints / "99999-0000000.part").mkdir()
    (run.checkpoints / "99998-0000000").mkdir()
    assert checkpoints.restore(run.checkpoints, checkpoints.Moving(network, optimiser)).epoch == 3


def test_a_finished_run_is_not_resumed_and_a_folder_is_not_overwritten(garments: Path, tmp_path: Path) -> None:
    run = train(garments, net="deepconvnet", recipe=replace(QUICK, epochs=1), out=tmp_path / "r")
    with pytest.raises(Misuse, match="is finished"):
        resume(run.path)
    with pytest.raises(Misuse, match="not empty"):
        train(garments, net="deepconvnet", out=run.path)
    with pytest.raises(Misuse, match="no run folder"):
        resume(tmp_path / "nowhere")


def test_only_a_run_that_can_go_on_is_offered_to(garments: Path, tmp_path: Path) -> None:
    events = training(garments, net="deepconvnet", recipe=QUICK, out=tmp_path / "r")
    next(event for event in events if isinstance(event, Epoch))
    events.close()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").touch()
    resuming = f"try       another --out   or   striate train --resume {tmp_path / 'r'}"
    assert refusal(garments, tmp_path / "r").endswith(resuming)
    resume(tmp_path / "r")
    for place in ("r", "mine", "mine/diary.txt"):
        assert refusal(garments, tmp_path / place).split()[-2:] == ["another", "--out"]


def refusal(data: Path, out: Path) -> str:
    with pytest.raises(Misuse, match="not empty") as caught:
        train(data, net="deepconvnet", out=out)
    return str(caught.value)


def test_a_run_belongs_to_one_training_at_a_time(garments: Path, tmp_path: Path) -> None:
    events = training(garments, net="deepconvnet", recipe=QUICK, out=tmp_path / "r")
    next(event for event in events if isinstance(event, Epoch))
    with pytest.raises(Misuse, match="right now"):
        resume(tmp_path / "r")
    events.close()
    assert resume(tmp_path / "r").summary["status"] == "done"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="what is open is read out of /proc")
def test_nothing_of_a_failed_run_is_open_when_it_is_taken_away_where_there_are_no_locks(
    garments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, where an open file cannot be removed."""
    monkeypatch.setattr("striate.run.fcntl", None)
    remove, still_open = shutil.rmtree, []

    def watched(path: Path) -> None:
        still_open.append([each for each in opened() if each.is_relative_to(path)])
        remove(path)

    monkeypatch.setattr("striate.run.shutil.rmtree", watched)
    for picture in (garments / "bag").iterdir():
        picture.write_bytes(b"no picture")
    with pytest.raises(BadData, match="bag"):
        train(garments, net="deepconvnet", recipe=QUICK, out=tmp_path / "r")
    assert still_open == [[]]
    assert not (tmp_path / "r").exists()


def opened() -> list[Path]:
    """The files that this process holds open."""
    return [each.resolve() for each in Path("/proc/self/fd").iterdir()]


def test_leaving_after_the_end_does_not_unfinish_a_run(garments: Path, tmp_path: Path) -> None:
    events = training(garments, net="deepconvnet", recipe=replace(QUICK, epochs=1), out=tmp_path / "r")
    next(event for event in events if isinstance(event, End))
    events.close()
    assert Run.open(tmp_path / "r").summary["status"] == "done"


def test_a_small_set_is_gone_through_more_often_when_fine_tuning() -> None:
    lite = find("efficientnet_lite0").architecture()
    epochs = [
        recipes.choose("modern", lite, Look(count, 400, colour=True, characters=False)).epochs
        for count in (20, 400, 5000)
    ]
    assert epochs == [30, 8, 5]


def test_resuming_without_the_pictures_says_which_are_gone(garments: Path, tmp_path: Path) -> None:
    for event in training(garments, net="deepconvnet", recipe=QUICK, out=tmp_path / "r"):
        if isinstance(event, Epoch):
            break
    lost = next((garments / "bag").iterdir())
    content = lost.read_bytes()
    lost.write_bytes(content + b"more")
    with pytest.raises(BadData, match="have changed"):
        resume(tmp_path / "r")
    lost.unlink()
    with pytest.raises(BadData, match=f"bag/{lost.name}"):
        resume(tmp_path / "r")


def test_a_loss_that_is_not_finite_ends_the_training_at_once(garments: Path, tmp_path: Path) -> None:
    wild = replace(QUICK, optimiser=SGD(lr=1e6), schedule=Constant())
    with pytest.raises(Failed, match="no longer a finite number"):
        train(garments, net="deepconvnet", recipe=wild, out=tmp_path / "r")
    assert Run.open(tmp_path / "r").summary["status"] == "failed"


def test_fine_tuning_starts_from_the_released_weights_and_learns(crops: Path, tmp_path: Path) -> None:
    run = train(crops, epochs=8, out=tmp_path / "r")
    assert run.job().net == "efficientnet_lite0"
    assert run.job().recipe.start == "pretrained"
    assert run.summary["best_top1"] == 1.0
    released = Model.load("efficientnet_lite0").network.state_dict()
    stem = load_file(run.model / "weights.safetensors")["stem.conv.weight"]
    assert 0 < (stem - released["stem.conv.weight"]).abs().max() < 0.1


def test_without_its_weights_fine_tuning_says_what_to_install(
    crops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("striate.published.releases.find_spec", lambda name: None)
    with pytest.raises(Failed, match="pip install"):
        train(crops, out=tmp_path / "r")
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("net", ["lenet5", "lenet5_modern", "deepconvnet"])
@pytest.mark.parametrize("which", ["modern", "paper"])
def test_every_small_network_learns_by_both_recipes(net: str, which: Name, garments: Path, tmp_path: Path) -> None:
    printed = find(net).architecture().recipe.optimiser.lr
    changes = Changes(which, batch=4, lr=printed if which == "paper" else None)
    losses = [
        event.train_loss
        for event in training(garments, net=net, recipe=changes, epochs=12, out=tmp_path / "r")
        if isinstance(event, Epoch)
    ]
    assert losses[-1] < losses[0]
    assert evaluate(tmp_path / "r").top1 >= 0.8


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        (Changes("moderm"), "recipe.unknown"),
        (Changes(optimiser="adm"), "recipe.part"),
        (Changes(schedule="cosin"), "recipe.part"),
        (Changes(augment="lite"), "recipe.part"),
        (Changes(averaging="mean"), "recipe.part"),
        (Changes(dropout=1.5), "recipe.no_rate"),
        (Changes(smoothing=-0.1), "recipe.no_rate"),
        (Changes(clip=0.0), "recipe.not_positive"),
        (Changes(patience=0), "recipe.not_positive"),
        (Changes(mixup=-1.0), "recipe.negative"),
        (Changes(start="random:x"), "weights.seed"),
        (Changes(batch=0), "recipe.not_positive"),
        (Changes(lr=-1.0), "recipe.not_positive"),
        (Changes(start="pretrained"), "weights.none"),
        (Changes(input=(2, 28, 28)), "recipe.channels"),
    ],
)
def test_nonsense_in_a_recipe_is_refused_before_anything_is_written(
    garments: Path, tmp_path: Path, changes: Changes, key: str
) -> None:
    with pytest.raises(Misuse) as caught:
        train(garments, net="deepconvnet", recipe=changes, out=tmp_path / "r")
    assert caught.value.key == f"problem.{key}"
    assert not (tmp_path / "r").exists()


def deepconvnet() -> Architecture:
    return find("deepconvnet").architecture()


def test_changes_change_what_they_name_and_nothing_else() -> None:
    seen = Look(100, 28, colour=False, characters=False)
    plain = recipes.choose("modern", deepconvnet(), seen)
    changed = recipes.choose(Changes(batch=7, lr=0.5, optimiser="sgd", resize="crop"), deepconvnet(), seen)
    assert changed.batch == 7
    assert changed.optimiser == replace(OPTIMISERS["sgd"], lr=0.5)
    assert (changed.view.mode, changed.view.resize) == ("crop", 32)
    back = replace(changed, batch=plain.batch, optimiser=plain.optimiser, view=plain.view, sources=plain.sources)
    assert back == plain
    asked = {part for part, source in changed.sources if source == "asked"}
    assert asked == {"batch", "optimiser", "rate", "view"}  # what the optimiser's name brings along is ours


def test_random_weights_take_the_recipe_for_training_from_scratch() -> None:
    seen = Look(6400, 400, colour=True, characters=False)
    lite, alexnet = (find(name).architecture() for name in ("efficientnet_lite0", "alexnet"))
    recipe = recipes.choose(Changes(start="random"), lite, seen)
    assert (recipe.start, recipe.optimiser) == ("random", recipes.NORMALISED.optimiser)
    assert recipes.choose("modern", alexnet, seen).optimiser == recipes.FROM_SCRATCH.optimiser


def test_a_small_set_gets_smaller_batches_and_a_rate_in_proportion() -> None:
    net = find("resnet20_cifar").architecture()
    small, large = (recipes.choose("modern", net, Look(count, 28, False, False)) for count in (640, 6400))
    assert (large.batch, large.optimiser.lr) == (128, 0.1)
    assert (small.batch, small.optimiser.lr) == (8, 0.1 * 8 / 128)
    assert recipes.choose(Changes(batch=64), net, Look(640, 28, False, False)).optimiser.lr == 0.05


def test_networks_for_small_pictures_take_them_in_their_own_size_and_colours() -> None:
    net = find("resnet20_cifar").architecture()
    for side, colour, expected in ((28, False, (1, 28, 28)), (48, True, (3, 48, 48)), (8, True, (3, 28, 28))):
        view = recipes.choose("modern", net, Look(9000, side, colour, False)).view
        assert (view.channels, *view.size) == expected
    photos = recipes.choose("modern", net, Look(9000, 400, True, False)).view
    assert photos == net.recipe.view
    assert recipes.choose("paper", net, Look(9000, 28, False, False)).view == net.recipe.view


def test_pictures_of_characters_are_not_mirrored() -> None:
    letters, things = (
        recipes.choose("modern", deepconvnet(), Look(100, 28, colour=False, characters=each)) for each in (True, False)
    )
    assert (letters.augment.flip, things.augment.flip) == (False, True)


def test_a_grey_network_takes_colour_where_there_is_colour(crops: Path, garments: Path) -> None:
    for folder, channels in ((crops, 3), (garments, 1)):
        divided = divide(open_set(folder), 0)
        seen = recipes.look(divided.parts, divided.found.classes)
        for which in ("modern", "paper"):
            assert recipes.choose(which, deepconvnet(), seen).view.channels == channels
    assert recipes.default_net(seen) == "resnet20_cifar"


def test_schedules_are_pure_functions_of_the_epochs_done() -> None:
    from striate.fitting.schedules import rate

    assert [rate(Steps((0, 2, 5), (1.0, 0.4, 0.2)), at, 9) for at in (0, 1.9, 2, 4.99, 5, 8)] == [
        1,
        1,
        0.4,
        0.4,
        0.2,
        0.2,
    ]
    cycle = [rate(OneCycle(rising=0.2), at / 10, 10) for at in range(101)]
    assert max(cycle) == cycle[20] == 1.0
    assert cycle[0] == pytest.approx(0.1)
    assert cycle[100] == pytest.approx(0.0)
    assert cycle[20:] == sorted(cycle[20:], reverse=True)
    assert rate(Constant(), 3.7, 10) == 1.0


@pytest.mark.parametrize(
    "declared", [SGD(0.1), SGD(0.1, 0.9, nesterov=True, decay=0.1), Adam(0.1), Adam(0.1, decay=0.1)]
)
def test_optimisers_are_pytorchs(declared: SGD | Adam) -> None:
    from striate.fitting.optimisers import make_optimiser

    ours, theirs = (torch.nn.Parameter(torch.tensor([1.0, -2.0])) for _ in range(2))
    if isinstance(declared, SGD):
        reference: torch.optim.Optimizer = torch.optim.SGD(
            [theirs], 0.1, declared.momentum, weight_decay=declared.decay, nesterov=declared.nesterov
        )
    else:
        kind = torch.optim.AdamW if declared.decay else torch.optim.Adam
        reference = kind([theirs], 0.1, weight_decay=declared.decay)
    module = torch.nn.Module()
    module.weight = ours
    optimiser = make_optimiser(replace(QUICK, optimiser=declared), module)
    for _ in range(3):
        for parameter, each in ((ours, optimiser), (theirs, reference)):
            each.zero_grad()
            parameter.square().sum().backward()
            each.step()
    torch.testing.assert_close(ours, theirs)


def test_a_model_is_saved_with_everything_to_use_it(garments: Path, tmp_path: Path) -> None:
    run = train(garments, net="lenet5", recipe=Changes("paper"), epochs=1, out=tmp_path / "r")
    assert {path.name for path in run.model.iterdir()} == {"model.json", "weights.safetensors"}
    model = Model.load(run.path)
    assert model.classes == ("bag", "sandal", "trouser")
    assert model.view == find("lenet5").architecture().recipe.view
    assert {"recipe", "seed", "fingerprint", "versions", "val_top1", "test_top1", "data"} <= model.provenance.keys()
    model.save(tmp_path / "copy")
    canvases = torch.randint(0, 256, (2, 1, 32, 32), dtype=torch.uint8)
    assert torch.equal(Model.load(tmp_path / "copy").logits(canvases), model.logits(canvases))


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": 1}', '{"format": 99}'])
def test_a_damaged_model_is_a_plain_error(garments: Path, tmp_path: Path, damage: str) -> None:
    run = train(garments, net="deepconvnet", recipe=replace(QUICK, epochs=1), out=tmp_path / "r")
    (run.model / "model.json").write_text(damage)
    with pytest.raises(Failed):
        Model.load(run.path)
    model_file = run.model / "weights.safetensors"
    model_file.write_bytes(model_file.read_bytes()[:100])
    with pytest.raises(Failed):
        Model.load(run.path)


def test_another_input_reshapes_the_view_and_keeps_its_margin(garments: Path) -> None:
    found = open_set(garments)
    seen = recipes.look(divide(found, 0).parts, found.classes)
    plain = recipes.choose("modern", find("resnet18").architecture(), seen)
    other = recipes.choose(Changes(input=(1, 64, 96)), find("resnet18").architecture(), seen)
    assert (other.view.size, other.view.channels, other.view.resize) == ((64, 96), 1, round(256 * 96 / 224))
    assert other.view.mean == (pytest.approx(sum(plain.view.mean) / 3),)
