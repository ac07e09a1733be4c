"""Classes with few pictures beside others with many: what is done about it, and what is said."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from striate.cli.balancing import recall, told
from striate.data.samples import Arrays
from striate.data.sets import open_set
from striate.fitting.events import End, Epoch, Start
from striate.fitting.losses import emphasis
from striate.recipe import SGD, Augment, Constant, CrossEntropy, Recipe, View
from striate.run import Run
from striate.verbs.evaluate import evaluate
from striate.verbs.train import resuming, train, training

RECIPE = Recipe(
    optimiser=SGD(lr=0.002), schedule=Constant(), loss=CrossEntropy(), sampling="balanced",
    view=View("squash", (28, 28), 1, mean=(0.3,), std=(0.35,)), augment=Augment(flip=True, shift=2), epochs=2, batch=8,
    source="a test",
)  # fmt: skip


@pytest.fixture(scope="module")
def uneven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Garments: 120 trousers and 8 bags."""
    root = tmp_path_factory.mktemp("uneven")
    train = open_set("fashion-sample").parts["train"]
    assert isinstance(train, Arrays)
    for name, label, count in (("trouser", 1, 120), ("bag", 8, 8)):
        (root / name).mkdir()
        for number, at in enumerate(np.flatnonzero(train.labels == label)[:count].tolist()):
            train.image(at).save(root / name / f"{number}.png")
    return root


def weights_of(run: Run) -> str:
    return hashlib.sha256((run.model / "weights.safetensors").read_bytes()).hexdigest()


def test_a_balanced_training_sees_as_many_of_each_class(uneven: Path, tmp_path: Path, monkeypatch) -> None:
    seen: list[torch.Tensor] = []
    from striate.fitting import steps

    def learn(_fit, _x, targets):
        seen.append(targets.labels)
        return torch.zeros(())

    monkeypatch.setattr(steps, "learn", learn)
    train(uneven, net="deepconvnet", recipe=replace(RECIPE, epochs=1), out=tmp_path / "run")
    counts = torch.bincount(torch.cat(seen))
    assert counts[0] == counts[1]


def test_a_balanced_training_that_is_stopped_ends_with_the_same_bits(uneven: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("striate.fitting.sitting._TELL_SECONDS", 0.0)
    whole = train(uneven, net="deepconvnet", recipe=RECIPE, out=tmp_path / "whole")
    events = training(uneven, net="deepconvnet", recipe=RECIPE, out=tmp_path / "run")
    for _ in range(9):
        next(events)
    events.close()
    assert not any(isinstance(event, Epoch) and event.epoch > 2 for event in resuming(tmp_path / "run"))
    assert weights_of(Run.open(tmp_path / "run")) == weights_of(whole)
    plain = train(uneven, net="deepconvnet", recipe=replace(RECIPE, sampling="each"), out=tmp_path / "plain")
    assert weights_of(plain) != weights_of(whole)


def test_the_end_tells_each_class_s_recall_as_evaluate_does(uneven: Path, tmp_path: Path) -> None:
    *_, end = training(uneven, net="deepconvnet", recipe=RECIPE, out=tmp_path / "run")
    assert isinstance(end, End)
    assert end.recall == pytest.approx([each.recall for each in evaluate(tmp_path / "run").classes])


def test_emphasis_is_scikit_learns_balanced_weight() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    labels = np.repeat([0, 1, 2], [90, 24, 6])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    assert emphasis(torch.from_numpy(np.bincount(labels))) == pytest.approx(expected.tolist(), rel=1e-6)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "striate", *arguments], capture_output=True, text=True, check=False, env=surroundings
    )


@pytest.mark.parametrize(
    ("balance", "line"),
    [
        (["--balance", "sampling"], "Balance  pictures come more often in an epoch where their class is rare: bag x"),
        (["--balance", "weights"], "Balance  a picture counts for more in the loss where its class is rare: bag x"),
        ([], "bag has 6 training pictures, trouser 96: --balance weights or --balance sampling"),
    ],
)
def test_the_command_says_what_is_done_and_what_came_of_it(uneven: Path, tmp_path: Path, balance, line) -> None:
    done = command("train", str(uneven), "--net", "lenet5", "--epochs", "1", "--out", str(tmp_path / "r"), *balance)
    assert done.returncode == 0, done.stderr
    assert line in done.stderr
    table = done.stdout.split("recall")[1].split()
    assert table[0] == "bag"
    assert table[1] == "6"


def test_even_classes_are_not_spoken_of(garments: Path, tmp_path: Path) -> None:
    events = list(training(garments, net="lenet5", epochs=1, out=tmp_path / "run"))
    start, end = (next(event for event in events if isinstance(event, kind)) for kind in (Start, End))
    assert (told(start, "en"), recall(start, end, "en")) == ([], [])


def test_an_unknown_balance_is_refused_with_what_there_is() -> None:
    done = command("train", "--balance", "wieghts")
    assert done.returncode == 2
    assert "none, weights, sampling" in done.stderr


def test_balance_none_takes_weights_out_of_a_recipe() -> None:
    from striate.fitting.changes import Changes, changed

    plain = replace(RECIPE, loss=CrossEntropy(balanced=True))
    after = changed(plain, Changes(balance="none"), mirrored=False)
    assert (after.loss, after.sampling) == (CrossEntropy(), "each")
    both = changed(plain, Changes(balance="sampling"), mirrored=False)
    assert (both.loss, both.sampling) == (CrossEntropy(), "balanced")
