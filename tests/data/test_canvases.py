"""Canvases: every readable picture of a set as its view makes it, held or streamed, and a word on the others."""

import numpy as np
import pytest
import torch

from striate.data import canvases
from striate.data.canvases import Held, Prepared, Streamed, prepare
from striate.data.folder import scan
from striate.data.pictures import decode
from striate.data.samples import Arrays, Files
from striate.data.views import canvas, canvas_shape
from striate.recipe import View
from striate.work import drained

SQUASH = View("squash", (24, 24), 3, (0.5,) * 3, (0.25,) * 3)
CROP = View("crop", (28, 28), 3, (0.5,) * 3, (0.25,) * 3, resize=32)
GREY = View("letterbox", (20, 28), 1, (0.5,), (0.25,), fill=3)


@pytest.fixture
def files(plant) -> Files:
    suffixes = ("jpg", "png", "webp", "gif", "bmp", "tif")
    return scan(plant(f"{name}/{at}.{suffixes[at % 6]}" for name in ("cat", "dog") for at in range(12))).parts["all"]


@pytest.fixture
def mixed(plant, real_files, photo, encoded) -> Files:
    """Files of every kind, some of which are no pictures or only parts of one."""
    root = plant(["good/plain 1.png", "good/plain 2.jpg"])
    (root / "other").mkdir()
    for name, content in real_files.items():
        (root / "other" / name).write_bytes(content)
    whole = encoded(photo("chelsea").resize((150, 100)), "JPEG")
    (root / "good/cut.jpg").write_bytes(whole[: len(whole) // 2])
    (root / "good/text.jpg").write_text("notes")
    (root / "good/empty.png").write_bytes(b"")
    return scan(root).parts["all"]


@pytest.fixture
def streaming(monkeypatch):
    """Nothing is small enough to be held."""
    monkeypatch.setattr(canvases, "MOST_HELD_BYTES", 0)


def names(files: Files) -> list[str]:
    return [files.name(at) for at in range(len(files))]


def streamed(samples: Files, view: View, threads: int = 2) -> Prepared:
    prepared = drained(prepare(samples, view, threads))
    assert isinstance(prepared.canvases, Streamed)
    return prepared


def everything(prepared: Prepared) -> torch.Tensor:
    return prepared.canvases.take(np.arange(len(prepared)))


class TestHeld:
    @pytest.mark.parametrize("view", [SQUASH, CROP, GREY], ids=["squash", "crop", "grey letterbox"])
    def test_of_files_each_is_the_canvas_of_its_decoded_picture(self, files, view):
        prepared = drained(prepare(files, view, threads=2))
        assert isinstance(prepared.canvases, Held)
        assert tuple(everything(prepared).shape) == (24, *canvas_shape(view))
        for at in range(24):
            expected = canvas(decode(files.path(at)).image, view)
            assert torch.equal(prepared.canvases.take(np.array([at]))[0], expected), files.name(at)

    def test_labels_and_names_go_with_the_canvases(self, files):
        prepared = drained(prepare(files, SQUASH, threads=2))
        assert prepared.samples == files
        assert prepared.labels.dtype == torch.int64
        assert prepared.labels.tolist() == [0] * 12 + [1] * 12
        assert (prepared.skipped, prepared.notes) == (
            {},
            {name: ("converted",) for name in names(files) if ".gif" in name},
        )

    def test_any_choice_comes_in_the_order_asked_for(self, files):
        prepared = drained(prepare(files, SQUASH, threads=2))
        asked = np.array([20, 3, 3, 0, 23])
        assert torch.equal(prepared.canvases.take(asked), everything(prepared)[asked])

    def test_the_number_of_threads_changes_nothing(self, mixed):
        one, several = (drained(prepare(mixed, CROP, threads)) for threads in (1, 7))
        assert torch.equal(everything(one), everything(several))
        assert one.samples == several.samples
        assert torch.equal(one.labels, several.labels)
        assert list(one.skipped.items()) == list(several.skipped.items())
        assert list(one.notes.items()) == list(several.notes.items())


class TestArrays:
    @pytest.mark.parametrize("view", [SQUASH, CROP, GREY], ids=["squash", "crop", "grey letterbox"])
    def test_grey_arrays_are_held_as_the_canvases_of_their_pictures(self, built_in, view):
        some = built_in["train"].take([5, 9_999, 3, 3])
        prepared = drained(prepare(some, view, threads=1))
        assert torch.equal(everything(prepared), torch.stack([canvas(some.image(at), view) for at in range(4)]))
        assert prepared.labels.tolist() == [some.label(at) for at in range(4)]
        assert prepared.samples is some
        assert (prepared.skipped, prepared.notes) == ({}, {})

    @pytest.mark.parametrize("view", [SQUASH, CROP, GREY], ids=["squash", "crop", "grey letterbox"])
    def test_colour_arrays_are_held_as_the_canvases_of_their_pictures(self, cutout, view):
        images = np.stack([np.asarray(cutout(number)) for number in range(8)])
        samples = Arrays("train", images, np.arange(8) % 2, np.array([7, 0, 4]))
        prepared = drained(prepare(samples, view, threads=1))
        assert torch.equal(everything(prepared), torch.stack([canvas(samples.image(at), view) for at in range(3)]))
        assert prepared.labels.tolist() == [1, 0, 0]


class TestSkippedAndNoted:
    def test_unreadable_pictures_are_left_out_and_named_with_their_reason(self, mixed):
        prepared = drained(prepare(mixed, SQUASH, threads=2))
        assert prepared.skipped == {
            "good/cut.jpg": "truncated",
            "good/empty.png": "empty",
            "good/text.jpg": "no_picture",
        }
        left = [name for name in names(mixed) if name not in prepared.skipped]
        assert names(prepared.samples) == left
        assert len(prepared) == len(left) == len(prepared.labels)

    def test_the_others_keep_their_own_canvas_and_label(self, mixed):
        prepared = drained(prepare(mixed, SQUASH, threads=2))
        for at in range(len(prepared)):
            path = prepared.samples.path(at)
            assert torch.equal(prepared.canvases.take(np.array([at]))[0], canvas(decode(path).image, SQUASH)), path.name
            assert prepared.labels[at] == (0 if path.parent.name == "good" else 1)

    def test_what_was_done_to_a_picture_is_noted_by_name(self, mixed):
        prepared = drained(prepare(mixed, SQUASH, threads=2))
        assert prepared.notes["other/turned.jpg"] == ("rotated",)
        assert prepared.notes["other/deep.png"] == ("sixteen_bit",)
        assert prepared.notes["other/clear.png"] == ("transparent",)
        assert prepared.notes["other/cmyk.jpg"] == ("converted",)
        assert "first_frame" in prepared.notes["other/animated.gif"]
        assert "other/plain.jpg" not in prepared.notes
        assert prepared.notes == {
            prepared.samples.name(at): notes
            for at in range(len(prepared))
            if (notes := decode(prepared.samples.path(at)).notes)
        }

    def test_a_set_without_a_readable_picture_is_empty_and_says_why(self, plant):
        root = plant(["cat/", "dog/"])
        for name in ("cat/1.jpg", "dog/1.jpg"):
            (root / name).write_text("notes")
        prepared = drained(prepare(scan(root).parts["all"], SQUASH, threads=2))
        assert len(prepared) == 0
        assert everything(prepared).shape == (0, 3, 24, 24)
        assert prepared.skipped == {"cat/1.jpg": "no_picture", "dog/1.jpg": "no_picture"}

    def test_progress_counts_up_to_every_picture_whether_it_could_be_read_or_not(self, mixed):
        several = mixed.take(list(range(len(mixed))) * 20)
        counted = list(prepare(several, SQUASH, threads=2))
        assert counted == sorted(set(counted))
        assert counted[-1] == len(several)
        assert len(counted) > 1


@pytest.mark.usefixtures("streaming")
class TestStreamed:
    @pytest.mark.parametrize("view", [SQUASH, CROP, GREY], ids=["squash", "crop", "grey letterbox"])
    def test_streamed_canvases_equal_held_ones(self, mixed, view, monkeypatch):
        flowing = streamed(mixed, view)
        monkeypatch.setattr(canvases, "MOST_HELD_BYTES", 1 << 30)
        held = drained(prepare(mixed, view, threads=2))
        assert isinstance(held.canvases, Held)
        assert torch.equal(everything(flowing), everything(held))
        assert torch.equal(flowing.labels, held.labels)
        assert (flowing.samples, flowing.skipped, flowing.notes) == (held.samples, held.skipped, held.notes)

    def test_any_choice_comes_in_the_order_asked_for_again_and_again(self, files):
        flowing = streamed(files, CROP, threads=4)
        whole = everything(flowing)
        for asked in ([20, 3, 3, 0, 23], [5], list(range(23, -1, -1))):
            assert torch.equal(flowing.canvases.take(np.array(asked)), whole[asked])


def test_a_set_is_held_up_to_the_limit_and_streamed_beyond_it(files, monkeypatch):
    needed = len(files) * 3 * 24 * 24
    monkeypatch.setattr(canvases, "MOST_HELD_BYTES", needed)
    assert isinstance(drained(prepare(files, SQUASH, threads=1)).canvases, Held)
    monkeypatch.setattr(canvases, "MOST_HELD_BYTES", needed - 1)
    assert isinstance(streamed(files, SQUASH).canvases, Streamed)
