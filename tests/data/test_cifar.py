"""CIFAR-10 and CIFAR-100: their own binary files, unpacked or not, and never a pickle."""

import gzip
import io
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data import cifar
from striate.data.folder import Found
from striate.data.sets import open_set
from striate.problem import BadData
from striate.words import LANGUAGES
from tests.data.cifar_files import CLASSES, archive, cifar10, cifar100, pictures

Cutout = Callable[[int], Image.Image]
Tree = Callable[[Path], str]


def written(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def pixels(found: Found, part: str) -> np.ndarray:
    return np.stack([np.asarray(found.parts[part].image(at)) for at in range(len(found.parts[part]))])


def refusal(path: Path, key: str) -> str:
    with pytest.raises(BadData) as caught:
        open_set(path)
    assert caught.value.key == f"problem.{key}"
    assert all(caught.value.text(language) for language in LANGUAGES)
    return str(caught.value)


@pytest.mark.parametrize("place", ["folder", "folder around it", "archive"])
def test_cifar10_opens_from_its_folder_and_from_the_archive_as_downloaded(
    tmp_path: Path, cutout: Cutout, tree_hash: Tree, place: str
) -> None:
    files = cifar10(cutout)
    path = written(tmp_path / "data" / "cifar-10-batches-bin", files)
    if place == "folder around it":
        path = path.parent
    if place == "archive":
        path = tmp_path / "cifar-10-binary.tar.gz"
        path.write_bytes(archive("cifar-10-batches-bin", files))
    before = tree_hash(tmp_path)
    found = open_set(path)
    assert found.classes == CLASSES
    assert found.source == str(path.resolve())
    assert (pixels(found, "train") == pictures(cutout, range(20, 120))).all()
    assert (pixels(found, "test") == pictures(cutout, range(20))).all()
    assert found.parts["train"].truth().tolist() == list(range(10)) * 10
    assert tree_hash(tmp_path) == before


@pytest.mark.parametrize("packed", [False, True])
def test_cifar100_has_its_fine_labels(tmp_path: Path, cutout: Cutout, packed: bool) -> None:
    path = written(tmp_path / "set", cifar100(cutout))
    if packed:
        path = tmp_path / "cifar-100-binary.tar.gz"
        path.write_bytes(archive("cifar-100-binary", cifar100(cutout)))
    found = open_set(path)
    assert found.classes[7] == "thing_7"
    assert found.parts["train"].truth().tolist() == list(range(100))
    assert (pixels(found, "test") == pictures(cutout, range(100, 110))).all()


def test_without_the_file_of_names_the_classes_of_cifar10_are_known(tmp_path: Path, cutout: Cutout) -> None:
    files = cifar10(cutout)
    del files["batches.meta.txt"]
    assert open_set(written(tmp_path / "set", files)).classes == CLASSES


class _Trap:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("folder", "names", "set_name"),
    [
        ("cifar-10-batches-py", ["batches.meta", *(f"data_batch_{at}" for at in range(1, 6)), "test_batch"], "cifar10"),
        ("cifar-100-python", ["train", "test", "meta"], "cifar100"),
    ],
)
def test_the_python_version_is_refused_unopened_and_the_binary_one_named(
    tmp_path: Path, folder: str, names: list[str], set_name: str, packed: bool
) -> None:
    sprung = tmp_path / "sprung"
    files = {name: pickle.dumps(_Trap(sprung)) for name in names}
    path = written(tmp_path / folder, files)
    if packed:
        path = tmp_path / "cifar-python.tar.gz"
        path.write_bytes(archive(folder, files))
    told = refusal(path, "cifar.pickled")
    assert f"cifar-{set_name[5:]}-binary.tar.gz" in told
    assert f"striate train {set_name} --download" in told
    assert not sprung.exists()
    pickle.loads(files[names[0]])  # the trap works
    assert sprung.exists()


def test_a_missing_batch_is_named(tmp_path: Path, cutout: Cutout) -> None:
    files = cifar10(cutout)
    del files["data_batch_3.bin"]
    assert "data_batch_3.bin" in refusal(written(tmp_path / "set", files), "cifar.incomplete")


def test_half_a_picture_is_refused(tmp_path: Path, cutout: Cutout) -> None:
    files = cifar10(cutout)
    files["data_batch_2.bin"] = files["data_batch_2.bin"][:-100]
    refusal(written(tmp_path / "set", files), "cifar.length")


def test_labels_past_the_classes_are_refused(tmp_path: Path, cutout: Cutout) -> None:
    files = cifar10(cutout)
    files["batches.meta.txt"] = b"one\ntwo\n"
    refusal(written(tmp_path / "set", files), "cifar.labels")


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_archive_is_refused(tmp_path: Path, cutout: Cutout, damage: str) -> None:
    whole = archive("cifar-10-batches-bin", cifar10(cutout))
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes(255 - each for each in whole[middle : middle + 9]) + whole[middle + 9 :]
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(whole[: len(whole) // 2] if damage == "cut" else flipped)
    refusal(path, "cifar.damaged")


def test_an_archive_that_unpacks_without_end_is_stopped(
    tmp_path: Path, cutout: Cutout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cifar, "_MOST_BYTES", 1 << 20)
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(archive("cifar-10-batches-bin", {"other.bin": bytes(1 << 22), **cifar10(cutout)}))
    assert path.stat().st_size < 1 << 20
    refusal(path, "cifar.damaged")


def test_an_archive_writes_nothing_wherever_its_names_point(tmp_path: Path, cutout: Cutout, tree_hash: Tree) -> None:
    buffer = io.BytesIO(gzip.decompress(archive("cifar-10-batches-bin", cifar10(cutout))))
    with tarfile.open(fileobj=buffer, mode="a") as tar:
        for name in ("../outside.bin", f"{tmp_path}/absolute.bin"):
            member = tarfile.TarInfo(name)
            member.size = 4
            tar.addfile(member, io.BytesIO(b"evil"))
        link = tarfile.TarInfo("cifar-10-batches-bin/data_batch_1.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    path = tmp_path / "in" / "cifar-10-binary.tar"
    path.parent.mkdir()
    path.write_bytes(buffer.getvalue())
    before = tree_hash(tmp_path)
    assert len(open_set(path).parts["train"]) == 100
    assert tree_hash(tmp_path) == before
