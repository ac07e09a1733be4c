"""Experiments: that they are planned, run, stopped, gone on with and told truthfully."""

import json
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from scipy import stats

from striate.ablation.events import Begin, Finish, Inside, Over
from striate.ablation.folder import Experiment
from striate.ablation.results import Results, results
from striate.ablation.shifted import moved, shifted_top1
from striate.data.sets import open_set
from striate.data.split import divide, limited
from striate.fitting import recipes
from striate.fitting.events import Step
from striate.problem import BadData, Misuse, Problem
from striate.recipe import Adam
from striate.run import Run
from striate.verbs.ablate import ablate, ablating, planned

TINY = """
title = "Two small nets"
question = "Is the deeper one better?"
data = ["no-such-set", "fashion-sample"]
seeds = 2
limit = 300
shifts = [1, 3]
baseline = "lenet"

[recipe]
base = "paper"
epochs = 1
batch = 50

[[arm]]
name = "lenet"
net = "lenet5_modern"

[[arm]]
name = "mine"
net = "nets.py:tiny"
"""
NETS = """
from striate.layers import chain, conv_relu, flatten, linear, max_pool

INPUT = (1, 28, 28)


def tiny(classes):
    return chain(conv1=conv_relu(8, 5), pool1=max_pool(4), flatten=flatten(), fc2=linear(classes))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    (tmp_path / "nets.py").write_text(NETS)
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The tiny experiment, run once and left alone."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "tiny.toml").write_text(TINY)
    (folder / "nets.py").write_text(NETS)
    return ablate(folder / "tiny.toml", out=folder / "out")


def numbers(found: Results) -> list[tuple[object, ...]]:
    """What must come out the same."""
    return [
        (run.arm, run.seed, run.test_top1, run.val_top1, run.train_loss, tuple(run.shifted.items()))
        for arm in found.arms
        for run in arm.outcomes
    ]


def test_an_experiment_runs_every_arm_with_every_seed_and_tests_the_difference(whole: Results) -> None:
    assert {path.name for path in Path(whole.folder).iterdir()} == {
        "experiment.json", "lenet-0", "lenet-1", "mine-0", "mine-1",
    }  # fmt: skip
    lenet, mine = whole.arms
    assert (lenet.parameters, mine.parameters) == (61_706, 8 * 26 + 10 * (8 * 36 + 1))
    ours, theirs = ([run.test_top1 for run in arm.outcomes] for arm in (mine, lenet))
    assert mine.against is not None
    assert mine.against.p == mine.against.adjusted == stats.ttest_rel(ours, theirs).pvalue
    spread = mine.spread("test_top1")
    assert spread is not None
    assert (spread.n, spread.mean, spread.std) == (2, np.mean(ours), np.std(ours, ddof=1))
    run = Run(Path(whole.folder) / "mine-1")
    assert run.summary["test_top1"] == ours[1]
    assert run.job().seed == 1
    assert whole.missing == ()
    assert whole.as_json()["arms"][1]["against_baseline"]["p"] == mine.against.p


def test_a_limit_takes_a_like_share_of_each_class_and_leaves_the_rest_alone(whole: Results) -> None:
    parts = Run(Path(whole.folder) / "lenet-0").read("data.json")["parts"]
    assert {part: len(names) for part, names in parts.items()} == {"train": 300, "val": 1000, "test": 2000}
    samples = open_set("fashion-sample").parts["train"]
    label = {samples.name(at): samples.label(at) for at in range(len(samples))}
    assert sorted(np.bincount([label[name] for name in parts["train"]])) == [30] * 10
    divided = divide(open_set("fashion-sample"), 0)
    assert limited(divided, 300, 0).names["train"] == parts["train"]
    assert limited(divided, 300, 1).names["train"] != parts["train"]
    assert limited(divided, 10**6, 0).names == divided.names


def test_a_finished_experiment_is_only_read_again(whole: Results) -> None:
    before = {path: path.stat().st_mtime_ns for path in Path(whole.folder).rglob("*") if path.is_file()}
    (event,) = ablating(whole.folder)
    assert isinstance(event, Finish)
    assert event.results == whole
    assert {path: path.stat().st_mtime_ns for path in Path(whole.folder).rglob("*") if path.is_file()} == before
    with pytest.raises(Misuse, match="no other option"):
        next(ablating(whole.folder, quick=True))


def test_broken_off_anywhere_it_goes_on_to_the_same_numbers_without_repeating(
    file: Path, tmp_path: Path, whole: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("striate.fitting.sitting._TELL_SECONDS", 0.0)
    out, ended = tmp_path / "out", []
    for stop_after in (3, 2, 4, 10**9):
        events = ablating(file, out=out)
        steps = 0
        for event in events:
            if isinstance(event, Over) and not event.there:
                ended.append((event.outcome.arm, event.outcome.seed))
            steps += isinstance(event, Inside) and isinstance(event.event, Step)
            if steps == stop_after:
                break
        events.close()
    assert ended == [("lenet", 0), ("mine", 0), ("lenet", 1), ("mine", 1)]
    assert numbers(results(Experiment.open(out))) == numbers(whole)


def test_the_share_of_work_done_only_grows_and_ends_with_all_of_it(file: Path, tmp_path: Path) -> None:
    events = list(ablating(file, out=tmp_path / "out"))
    assert isinstance(events[0], Begin)
    assert (events[0].runs, events[0].there) == (4, 0)
    shares = [event.share for event in events if isinstance(event, Inside)]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)


COMMAND = [sys.executable, "-m", "striate", "ablate"]


def states(out: Path) -> dict[str, str]:
    return {path.parent.name: json.loads(path.read_text())["status"] for path in out.glob("*/run.json")}


def wait_for(out: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Until so many runs are there and the last of them has begun to learn."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if len(list(out.glob("*/events.jsonl"))) >= count:
            return
        time.sleep(0.02)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_process_stopped_or_killed_goes_on_without_repeating(
    sign: signal.Signals, file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    slower = file.read_text().replace("epochs = 1", "epochs = 3")
    file.write_text(slower)
    command = [*COMMAND, str(file), "--out", str(out), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(out, 2, process)
    process.send_signal(sign)
    _, told = process.communicate(timeout=60)
    assert process.returncode == (130 if sign == signal.SIGINT else -signal.SIGKILL), told
    assert "Traceback" not in told
    before = states(out)
    assert before["lenet-0"] == "done"
    finished = {path: path.stat().st_mtime_ns for path in (out / "lenet-0").rglob("*") if path.is_file()}
    if sign == signal.SIGINT:
        assert "done" in before.values()
        assert f"striate ablate {file} --out {out}" in told
    done = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    assert "1/4" not in done.stderr
    assert set(states(out).values()) == {"done"}
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    found = json.loads(done.stdout)
    assert [len(arm["runs"]) for arm in found["arms"]] == [2, 2]
    assert found["missing"] == []


def test_an_interrupted_run_is_resumed_to_the_same_bits(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("striate.fitting.sitting._TELL_SECONDS", 0.0)

    def weights(out: Path) -> bytes:
        return (out / "lenet-0" / "model" / "weights.safetensors").read_bytes()

    events = ablating(file, out=tmp_path / "a")
    next(event for event in events if isinstance(event, Inside) and isinstance(event.event, Step))
    events.close()
    assert states(tmp_path / "a") == {"lenet-0": "stopped"}
    ablate(file, out=tmp_path / "a")
    ablate(file, out=tmp_path / "b")
    assert weights(tmp_path / "a") == weights(tmp_path / "b")


def test_a_run_that_had_only_begun_to_exist_starts_anew(
    file: Path, tmp_path: Path, whole: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("striate.fitting.sitting._TELL_SECONDS", 0.0)
    out = tmp_path / "out"
    events = ablating(file, out=out)
    next(event for event in events if isinstance(event, Inside) and isinstance(event.event, Step))
    events.close()
    (out / "lenet-0" / "data.json").unlink()  # as where a process was killed before it had divided the pictures
    assert numbers(ablate(file, out=out)) == numbers(whole)


def test_a_second_process_in_the_same_folder_is_refused_and_touches_nothing(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    events = ablating(file, out=out)
    next(events)
    (out / "lenet-0").mkdir()  # as a run that has only begun to exist
    command = [*COMMAND, str(file), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"the experiment in {out} is being run right now" in done.stderr
    assert (out / "lenet-0").is_dir()
    events.close()
    assert isinstance(next(ablating(file, out=out)), Begin)  # and is ours again


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("batch = 50", "batch = 60", "arms.lenet.recipe.batch: 50, now 60"),
        ("limit = 300", "limit = 400", "limit: 300, now 400"),
        ("seeds = 2", "seeds = 3", "seeds: [0, 1], now [0, 1, 2]"),
        ('net = "lenet5_modern"', 'net = "deepconvnet"', "arms.lenet.net: lenet5_modern, now deepconvnet"),
    ],
)
def test_a_changed_plan_is_refused_with_what_differs(old: str, new: str, said: str, file: Path, tmp_path: Path) -> None:
    events = ablating(file, out=tmp_path / "out")
    assert isinstance(next(events), Begin)
    events.close()
    file.write_text(TINY.replace(old, new))
    with pytest.raises(Misuse) as caught:
        next(ablating(file, out=tmp_path / "out"))
    assert caught.value.key == "problem.ablate.changed"
    assert said in caught.value.text()
    file.write_text(TINY.replace("Is the deeper one better?", "Which is better?"))
    assert isinstance(next(ablating(file, out=tmp_path / "out")), Begin)  # words decide nothing


def test_changed_defaults_are_a_changed_plan(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with another version of Striate: the file is the same, and what it comes to is not."""
    file.write_text(TINY.replace('base = "paper"', 'base = "modern"'))
    next(ablating(file, out=tmp_path / "out"))
    monkeypatch.setattr(recipes, "FROM_SCRATCH", replace(recipes.FROM_SCRATCH, optimiser=Adam(lr=0.004, decay=0.01)))
    with pytest.raises(Misuse, match=r"arms\.lenet\.recipe\.optimiser\.lr: 0\.003, now 0\.004"):
        next(ablating(file, out=tmp_path / "out"))


def test_a_default_that_is_written_out_is_the_same_plan(file: Path, tmp_path: Path) -> None:
    next(ablating(file, out=tmp_path / "out"))
    recorded = json.loads((tmp_path / "out" / "experiment.json").read_text())["plan"]["arms"]["mine"]["recipe"]
    file.write_text(TINY + f"[arm.recipe]\nlr = {recorded['optimiser']['lr']!r}\n")
    assert isinstance(next(ablating(file, out=tmp_path / "out")), Begin)


def test_changed_pictures_are_refused_and_the_folder_stays_as_it_was(
    file: Path, garments: Path, tmp_path: Path
) -> None:
    file.write_text(TINY.replace('"no-such-set"', f'"{garments}"'))
    next(ablating(file, out=tmp_path / "out"))
    record = (tmp_path / "out" / "experiment.json").read_bytes()
    next((garments / "bag").iterdir()).unlink()
    with pytest.raises(BadData, match=f"pictures of {garments} have changed"):
        next(ablating(file, out=tmp_path / "out"))
    assert (tmp_path / "out" / "experiment.json").read_bytes() == record


def test_runs_are_trained_by_the_recipe_that_is_recorded(whole: Results) -> None:
    for name, arm in whole.plan["arms"].items():
        trained = json.loads((Path(whole.folder) / f"{name}-1" / "config.json").read_text())["recipe"]
        assert arm["recipe"].items() <= trained.items()
        assert {"optimiser", "schedule", "view", "augment", "epochs", "batch", "start"} <= arm["recipe"].keys()


def test_changed_code_of_a_network_is_a_changed_plan(file: Path, tmp_path: Path) -> None:
    next(ablating(file, out=tmp_path / "out"))
    (tmp_path / "nets.py").write_text(NETS.replace("conv_relu(8", "conv_relu(9"))
    with pytest.raises(Misuse, match=r"arms\.mine\.net"):
        next(ablating(file, out=tmp_path / "out"))


@pytest.mark.parametrize(
    ("old", "new", "kind", "key"),
    [
        ("nets.py:tiny", "nets.py:tinny", Misuse, "own.no_function"),
        ("lenet5_modern", "lenet6", Misuse, "net.unknown"),
        ("batch = 50", "optimiser = 'adm'", Misuse, "recipe.part"),
        ("epochs = 1", "epochs = 0", Misuse, "recipe.not_positive"),
        ("batch = 50", "input = [1, 4, 4]", Misuse, "net.fit"),
        (', "fashion-sample"]', "]", BadData, "data.missing"),
        ("limit = 300", "limit = 9", Misuse, "recipe.limit"),
        ("shifts = [1, 3]", "shifts = [28]", Misuse, "ablate.shift"),
    ],
)
def test_what_could_not_run_is_refused_before_anything_is_written(
    old: str, new: str, kind: type[Exception], key: str, file: Path, tmp_path: Path
) -> None:
    file.write_text(TINY.replace(old, new))
    with pytest.raises(kind) as caught:
        next(ablating(file, out=tmp_path / "out"))
    assert caught.value.key == f"problem.{key}"  # type: ignore[attr-defined]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ("batch = 0", "recipe.not_positive"),
        ("dropout = 1.5", "recipe.no_rate"),
        ("input = [2, 28, 28]", "recipe.channels"),
        ("warmup = 5.0", "recipe.warmup"),
        ("start = 'gone.pth'", "checkpoint.missing"),
        ("start = 'random:-1'", "weights.seed"),
        ("start = 'other.safetensors'", "weights.fit"),
    ],
)
def test_an_arm_that_no_training_could_have_is_refused_by_its_name_before_any_is_trained(
    wrong: str, key: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_file({"fc9.weight": torch.zeros(10, 3)}, "other.safetensors")
    file.write_text(f'{TINY}\n[[arm]]\nname = "third"\nnet = "deepconvnet"\n[arm.recipe]\n{wrong}\n')
    with pytest.raises(Problem) as caught:
        next(ablating(file, out=tmp_path / "out"))
    assert caught.value.key == f"problem.{key}"
    assert caught.value.text().startswith("arm third: ")
    assert caught.value.text("ko").startswith("third 갈래: ")
    assert pickle.loads(pickle.dumps(caught.value)).text() == caught.value.text()
    assert not (tmp_path / "out").exists()


def test_a_set_is_passed_over_where_it_is_not_there_and_told_where_it_is_damaged(
    file: Path, garments: Path, tmp_path: Path
) -> None:
    file.write_text(TINY.replace("no-such-set", "broken"))
    assert planned(file)[0].data == ("fashion-sample",)
    (tmp_path / "broken").mkdir()
    with pytest.raises(BadData, match="broken"):
        planned(file)
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        (tmp_path / "broken" / name).write_bytes(b"not what it says")
    with pytest.raises(BadData, match="train-images-idx3-ubyte"):
        planned(file)
    garments.rename(tmp_path / "whole")
    file.write_text(TINY.replace("no-such-set", "whole"))
    assert planned(file)[0].data == (str(tmp_path / "whole"),)


def test_a_shift_that_leaves_one_row_is_still_one(file: Path) -> None:
    file.write_text(TINY.replace("shifts = [1, 3]", "shifts = [27]"))
    assert planned(file)[0].shifts == (27,)


def test_a_folder_of_something_else_is_left_alone(file: Path, garments: Path) -> None:
    with pytest.raises(Misuse, match="holds no experiment"):
        next(ablating(file, out=garments))
    with pytest.raises(Misuse, match="no experiment's folder"):
        next(ablating(garments))
    file.write_text(TINY.replace('"no-such-set"', f'"{garments}"'))
    with pytest.raises(Misuse, match="pictures' own folder"):
        next(ablating(file, out=garments / "out"))


def test_a_diverged_run_is_told_and_the_others_go_on(file: Path, tmp_path: Path) -> None:
    wild = TINY.replace('net = "nets.py:tiny"', 'net = "nets.py:tiny"\n[arm.recipe]\noptimiser = "sgd"\nlr = 1e9')
    file.write_text(wild)
    found = ablate(file, out=tmp_path / "out")
    lenet, mine = found.arms
    assert (lenet.diverged, mine.diverged) == (0, 2)
    assert mine.spread("test_top1") is None
    assert mine.against is None
    again = [event for event in ablating(file, out=tmp_path / "out") if isinstance(event, Over)]
    assert [event.there for event in again] == [True] * 4


def test_pictures_are_moved_by_whole_pixels_and_the_rest_is_filled() -> None:
    canvases = torch.arange(1, 10, dtype=torch.uint8).view(1, 1, 3, 3)
    assert moved(canvases, 1, 0, 0)[0, 0].tolist() == [[0, 0, 0], [1, 2, 3], [4, 5, 6]]
    assert moved(canvases, 0, -2, 7)[0, 0].tolist() == [[3, 7, 7], [6, 7, 7], [9, 7, 7]]


def test_the_accuracy_on_pictures_that_were_not_moved_is_the_runs_own(whole: Results) -> None:
    run = Run(Path(whole.folder) / "lenet-0")
    found = shifted_top1(run, (3,))
    assert found["0"] == pytest.approx(run.summary["test_top1"])
    assert found["3"] == run.summary["shifted"]["3"] < found["0"]


def test_planning_trains_and_writes_nothing(file: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    plan, sized = planned(file)
    assert sorted(tmp_path.iterdir()) == before
    assert plan.data == ("fashion-sample",)
    assert [each.images["train"] for each in sized] == [300, 300]
    assert [each.macs for each in sized] == [416_520, 24 * 24 * 25 * 8 + 288 * 10]
    dearer = replace(sized[0], epochs=2)
    assert dearer.seconds > sized[0].seconds > 0
    with pytest.raises(Misuse, match="striate ablate"):
        planned("degradatoin")
