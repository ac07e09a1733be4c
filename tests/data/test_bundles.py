"""One file of arrays: what NumPy saves, and what others hide in such a file."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from striate.data import bundles
from striate.data.folder import Found
from striate.data.sets import open_set
from striate.data.split import divide, fingerprint, restore
from striate.problem import BadData
from striate.words import LANGUAGES

LABELS = np.array([0, 1, 2] * 4)


@pytest.fixture
def colour(cutout: Callable[[int], Image.Image]) -> np.ndarray:
    """Real pictures, uint8 (12, 20, 28, 3)."""
    return np.stack([np.asarray(cutout(number)) for number in range(12)])


@pytest.fixture
def grey(cutout: Callable[[int], Image.Image]) -> np.ndarray:
    return np.stack([np.asarray(cutout(number).convert("L")) for number in range(12)])


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def saved(*plain: np.ndarray, **arrays: Any) -> Path:
        path = tmp_path / "pictures.npz"
        np.savez_compressed(path, *plain, **arrays)
        return path

    return saved


def refusal(path: Path, key: str) -> str:
    with pytest.raises(BadData) as caught:
        open_set(path)
    assert caught.value.key == f"problem.{key}"
    assert all(caught.value.text(language) for language in LANGUAGES)
    return str(caught.value)


def pixels(found: Found, part: str = "all") -> np.ndarray:
    return np.stack([np.asarray(found.parts[part].image(at)) for at in range(len(found.parts[part]))])


def test_pictures_and_labels_come_out_as_they_went_in(save: Callable[..., Path], colour: np.ndarray) -> None:
    path = save(images=colour, labels=LABELS)
    found = open_set(path)
    assert (found.name, found.source, found.classes) == ("pictures", str(path.resolve()), ("0", "1", "2"))
    assert (pixels(found) == colour).all()
    assert found.parts["all"].truth().tolist() == LABELS.tolist()


@pytest.mark.parametrize(("pictures", "labels"), [("arr_0", "arr_1"), ("x", "y"), ("Images", "Labels")])
def test_other_names_for_a_set_in_one_part(
    save: Callable[..., Path], grey: np.ndarray, pictures: str, labels: str
) -> None:
    assert (pixels(open_set(save(**{pictures: grey, labels: LABELS}))) == grey).all()


def test_parts_have_names_of_their_own_and_can_be_learned_and_restored(
    save: Callable[..., Path], grey: np.ndarray
) -> None:
    path = save(x_train=grey, y_train=LABELS, x_val=grey[:3], y_val=LABELS[:3], X_test=grey[3:6], Y_test=LABELS[3:6])
    found = open_set(path)
    assert {part: len(each) for part, each in found.parts.items()} == {"train": 12, "val": 3, "test": 3}
    divided = divide(found, 0)
    assert fingerprint(restore(open_set(path), divided.names)) == fingerprint(divided)
    assert divided.names["test"] == ["test/0", "test/1", "test/2"]


def test_labels_in_a_column_and_parts_as_medical_sets_name_them(save: Callable[..., Path], grey: np.ndarray) -> None:
    labels = LABELS[:, None].astype(np.uint8)
    found = open_set(save(train_images=grey, train_labels=labels, test_images=grey, test_labels=labels))
    assert found.parts["test"].truth().tolist() == LABELS.tolist()


@pytest.mark.parametrize("kind", ["channels first", "one channel", "one channel first", "fractions", "by columns"])
def test_other_layouts_that_can_be_told_give_the_same_pictures(
    save: Callable[..., Path], colour: np.ndarray, grey: np.ndarray, kind: str
) -> None:
    one = "one" in kind
    values: np.ndarray = {
        "channels first": np.moveaxis(colour, -1, 1),
        "one channel": grey[..., None],
        "one channel first": grey[:, None],
        "fractions": colour.astype(np.float32) / 255,
        "by columns": np.asfortranarray(colour),
    }[kind]
    assert (pixels(open_set(save(images=values, labels=LABELS))) == (grey if one else colour)).all()


def test_names_are_classes_and_so_are_those_given_beside_numbers(save: Callable[..., Path], grey: np.ndarray) -> None:
    names = np.array(["장미", "국화", "tulip"])
    beside = open_set(save(images=grey, labels=LABELS, classes=names))
    assert beside.classes == ("장미", "국화", "tulip")
    assert beside.parts["all"].truth().tolist() == LABELS.tolist()
    by_name = open_set(save(images=grey, labels=names[LABELS]))
    assert by_name.classes == ("tulip", "국화", "장미")
    assert [by_name.classes[label] for label in by_name.parts["all"].truth()] == names[LABELS].tolist()


def test_numbers_with_gaps_are_names_in_natural_order(save: Callable[..., Path], grey: np.ndarray) -> None:
    assert open_set(save(images=grey, labels=np.array([2, 10, 7] * 4))).classes == ("2", "7", "10")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda images, labels: {"pictures": images, "labels_": labels}, "bundle.keys"),
        (lambda images, labels: {"x_train": images, "labels_": labels}, "bundle.half"),
        (lambda images, labels: {"images": images, "labels": labels[:-1]}, "bundle.mismatch"),
        (lambda images, labels: {"images": images[0, 0], "labels": labels}, "bundle.shape"),
        (lambda images, labels: {"images": images[..., [0, 1, 2, 0]], "labels": labels}, "bundle.shape"),
        (lambda images, labels: {"images": images.astype(np.float32), "labels": labels}, "bundle.values"),
        (lambda images, labels: {"images": images.astype(np.int16) * 99, "labels": labels}, "bundle.values"),
        (lambda images, labels: {"images": images / 255 * 2 - 1, "labels": labels}, "bundle.values"),
        (lambda images, labels: {"images": images, "labels": np.eye(3)[labels]}, "bundle.labels"),
        (lambda images, labels: {"images": images, "labels": labels + 0.5}, "bundle.labels"),
        (lambda images, labels: {"images": images, "labels": labels, "classes": np.array(["a", "b"])},
         "bundle.past_classes"),
        (lambda images, labels: {"images": images, "labels": labels, "classes": np.array(["a", "a", "b"])},
         "bundle.classes"),
        (lambda images, labels: {"images": images[:0], "labels": labels[:0]}, "data.no_pictures"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(
    save: Callable[..., Path], colour: np.ndarray, change: Callable[..., dict[str, Any]], key: str
) -> None:
    assert "pictures.npz" in refusal(save(**change(colour, LABELS)), key)


def test_four_arrays_without_names_are_refused(save: Callable[..., Path], grey: np.ndarray) -> None:
    refusal(save(grey, LABELS, grey, LABELS), "bundle.keys")


class _Trap:
    """Leaves a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_objects_are_never_unpickled(save: Callable[..., Path], grey: np.ndarray, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    labels = np.array([_Trap(sprung)] * 12, dtype=object)
    refusal(save(images=grey, labels=labels), "bundle.objects")
    assert not sprung.exists()
    np.load(tmp_path / "pictures.npz", allow_pickle=True)["labels"]  # the trap works
    assert sprung.exists()


def test_a_file_that_claims_more_than_memory_is_refused_before_it_is_unpacked(
    save: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(images=np.zeros((2000, 28, 28), np.uint8), labels=np.zeros(2000, int))
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(bundles, "MOST_BYTES", 1_000_000)
    refusal(path, "bundle.too_large")


def test_a_header_that_asks_for_more_than_there_is_is_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": (10**9, 1000, 1000)})
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w") as archive:
        archive.writestr("images.npy", header.getvalue() + b"\0" * 100)
    refusal(tmp_path / "bomb.npz", "bundle.damaged")


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty"])
def test_a_damaged_file_is_refused(save: Callable[..., Path], colour: np.ndarray, damage: str) -> None:
    path = save(images=colour, labels=LABELS)
    whole = path.read_bytes()
    middle = len(whole) // 3
    flipped = whole[:middle] + bytes(255 - each for each in whole[middle : middle + 9]) + whole[middle + 9 :]
    path.write_bytes({"cut": whole[:-200], "flipped": flipped, "text": b"no zip", "empty": b""}[damage])
    refusal(path, "bundle.damaged")
