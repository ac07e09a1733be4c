"""The threads of a training: there while it works, gone when it is over, however it ends."""

import threading
from pathlib import Path

import pytest

from striate.data import canvases
from striate.fitting.changes import Changes
from striate.fitting.events import Epoch, Step
from striate.verbs.train import training


def ours() -> set[str]:
    """The threads of Striate that are alive, by what they do."""
    return {each.name.rsplit("_", 1)[0] for each in threading.enumerate() if each.name.startswith("striate")}


@pytest.fixture
def told_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("striate.fitting.sitting._TELL_SECONDS", 0.0)


@pytest.mark.usefixtures("told_often")
def test_no_thread_is_left_after_a_training(garments: Path, tmp_path: Path) -> None:
    recipe = Changes(batch=8, augment="strong")
    at_work = set()
    for event in training(garments, net="lenet5_modern", recipe=recipe, epochs=2, out=tmp_path / "run"):
        if isinstance(event, Step):
            at_work |= ours()
        if isinstance(event, Epoch):
            assert not ours()
    assert at_work == {"striate-augment"}
    assert not ours()


@pytest.mark.usefixtures("told_often")
def test_no_thread_is_left_after_a_training_that_is_broken_off(garments: Path, tmp_path: Path) -> None:
    recipe = Changes(batch=8, augment="strong")
    events = training(garments, net="lenet5_modern", recipe=recipe, epochs=2, out=tmp_path / "run")
    next(event for event in events if isinstance(event, Step))
    assert ours() == {"striate-augment"}
    events.close()
    assert not ours()


def test_no_thread_is_left_after_pictures_are_decoded_again_and_again(
    garments: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvases, "MOST_HELD_BYTES", 0)
    list(training(garments, net="lenet5_modern", recipe=Changes(batch=8), epochs=1, out=tmp_path / "run"))
    assert not ours()
