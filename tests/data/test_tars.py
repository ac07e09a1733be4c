"""Tar files of pictures, read where they lie: harmless whatever is in them, and the same pictures as from a folder."""

import gzip
import io
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import striate as st
from striate.data.canvases import prepare
from striate.data.folder import Found
from striate.data.packed import Packed
from striate.data.pictures import Unreadable
from striate.data.sets import open_set
from striate.data.split import divide, fingerprint, restore
from striate.problem import BadData
from striate.recipe import View
from striate.words import LANGUAGES
from striate.work import drained
from tests.data.packing import jpegs, tar_of, written

Tree = Callable[[Path], str]
VIEW = View("squash", (16, 16), 3, mean=(0.5,) * 3, std=(0.5,) * 3)


@pytest.fixture
def photos(cutout: Callable[[int], Image.Image]) -> dict[int, bytes]:
    return jpegs(cutout, range(16))


@pytest.fixture
def folders(photos: dict[int, bytes]) -> dict[str, bytes]:
    """Pictures by their names in class folders."""
    return {f"{'cat' if number % 2 else 'dog'}/{number}.jpg": raw for number, raw in photos.items()}


def labelled(found: Found, part: str = "all") -> dict[str, str]:
    samples = found.parts[part]
    return {samples.name(at): found.classes[samples.label(at)] for at in range(len(samples))}


def refusal(path: Path, key: str) -> str:
    with pytest.raises(BadData) as caught:
        open_set(path)
    assert caught.value.key == f"problem.{key}"
    assert all(caught.value.text(language) for language in LANGUAGES)
    return str(caught.value)


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_pictures_in_a_tar_file_are_the_bytes_that_went_in(
    tmp_path: Path, folders: dict[str, bytes], kind: int, tree_hash: Tree
) -> None:
    path = written(tmp_path / "photos.tar", tar_of(folders, kind))
    before = tree_hash(tmp_path)
    found = open_set(path)
    samples = found.parts["all"]
    assert isinstance(samples, Packed)
    assert (found.name, found.source, found.classes) == ("photos", str(path.resolve()), ("cat", "dog"))
    for at in range(len(samples)):
        assert samples.encoded(at) == folders[samples.name(at).removeprefix("photos.tar/")]
        assert samples.image(at).size == (28, 20)
    assert labelled(found) == {f"photos.tar/{name}": name[:3] for name in folders}
    assert tree_hash(tmp_path) == before


def test_a_tar_file_trains_on_the_same_canvases_as_its_folder(tmp_path: Path, folders: dict[str, bytes]) -> None:
    for name, raw in folders.items():
        written(tmp_path / "photos" / name, raw)
    written(tmp_path / "photos.tar", tar_of({f"photos/{name}": raw for name, raw in folders.items()}))
    canvases = []
    for name in ("photos", "photos.tar"):
        samples = open_set(tmp_path / name).parts["all"]
        order = sorted(range(len(samples)), key=lambda at: samples.name(at).split("/")[-1])
        prepared = drained(prepare(samples.take(order), VIEW, 2))
        canvases.append((prepared.canvases.take(np.arange(16)), prepared.labels))
    assert (canvases[0][0] == canvases[1][0]).all()
    assert (canvases[0][1] == canvases[1][1]).all()


def test_a_run_on_a_tar_file_is_recorded_resumed_and_evaluated(tmp_path: Path, folders: dict[str, bytes]) -> None:
    path = written(tmp_path / "photos.tar", tar_of(folders))
    for _ in (events := st.training(path, net="lenet5_modern", epochs=2, out=tmp_path / "run")):
        if _.name == "epoch":
            break
    events.close()
    assert st.resume(tmp_path / "run").finished
    assert st.evaluate(tmp_path / "run").images == 4


def test_a_division_is_restored_and_a_change_in_the_archive_is_seen(tmp_path: Path, folders: dict[str, bytes]) -> None:
    path = written(tmp_path / "photos.tar", tar_of(folders))
    divided = divide(open_set(path), 0)
    assert fingerprint(restore(open_set(path), divided.names)) == fingerprint(divided)
    written(path, tar_of({**folders, "cat/1.jpg": folders["cat/1.jpg"] + b"\0"}))
    assert fingerprint(restore(open_set(path), divided.names)) != fingerprint(divided)
    written(path, tar_of(dict(list(folders.items())[1:])))
    with pytest.raises(BadData):
        restore(open_set(path), divided.names)


@pytest.mark.parametrize("around", ["", "./", "photos/", "./a/b/"])
def test_folders_around_all_pictures_are_left_aside(tmp_path: Path, folders: dict[str, bytes], around: str) -> None:
    path = written(tmp_path / "x.tar", tar_of({f"{around}{name}": raw for name, raw in folders.items()}))
    assert open_set(path).classes == ("cat", "dog")


@pytest.mark.parametrize("around", ["", "photos/"])
def test_parts_inside_are_parts(tmp_path: Path, folders: dict[str, bytes], around: str) -> None:
    inside = {f"{around}{part}/{name}": raw for part in ("train", "validation") for name, raw in folders.items()}
    found = open_set(written(tmp_path / "x.tar", tar_of(inside)))
    assert {part: len(each) for part, each in found.parts.items()} == {"train": 16, "val": 16}
    assert found.classes == ("cat", "dog")


def test_pairs_are_labelled_by_their_cls_and_shards_are_parts_by_name(tmp_path: Path, photos: dict[int, bytes]) -> None:
    for shard, part in enumerate(("train-000", "train-001", "val-000", "test.0")):
        inside: dict[str, bytes] = {}
        for number in range(4 * shard, 4 * shard + 4):
            inside |= {f"{number:03}.jpg": photos[number], f"{number:03}.cls": str(number % 4 * 5).encode()}
            inside |= {f"{number:03}.json": b"{}"}
        written(tmp_path / "shards" / f"{part}.tar", tar_of(inside))
    found = open_set(tmp_path / "shards")
    assert {part: len(each) for part, each in found.parts.items()} == {"train": 8, "val": 4, "test": 4}
    assert found.classes == ("0", "5", "10", "15")
    assert labelled(found, "val") == {f"val-000.tar/{at:03}.jpg": str(at % 4 * 5) for at in range(8, 12)}
    divided = divide(found, 0)
    assert fingerprint(restore(open_set(tmp_path / "shards"), divided.names)) == fingerprint(divided)


def test_a_cls_may_be_a_word_and_a_picture_without_one_is_left_out_and_said(
    tmp_path: Path, photos: dict[int, bytes]
) -> None:
    inside = {"a.jpg": photos[0], "a.cls": "고양이\n".encode(), "b.jpg": photos[1], "b.cls": b"dog", "c.jpg": photos[2]}
    found = open_set(written(tmp_path / "x.tar", tar_of(inside)))
    assert labelled(found) == {"x.tar/a.jpg": "고양이", "x.tar/b.jpg": "dog"}
    assert [(each.key, each.values["count"]) for each in found.remarks] == [("remark.no_cls", 1)]


def test_shards_in_folders_that_are_parts(tmp_path: Path, folders: dict[str, bytes]) -> None:
    for part in ("train", "test"):
        written(tmp_path / "set" / part / "0.tar", tar_of(folders))
    assert set(open_set(tmp_path / "set").parts) == {"train", "test"}


def test_a_copy_beside_class_folders_is_no_shard(tmp_path: Path, folders: dict[str, bytes]) -> None:
    for name, raw in folders.items():
        written(tmp_path / "photos" / name, raw)
    written(tmp_path / "photos" / "backup.tar", tar_of(folders))
    assert labelled(open_set(tmp_path / "photos")) == {name: name[:3] for name in folders}


def hostile(folders: dict[str, bytes], outside: Path) -> bytes:
    """An archive with everything that unpacking could be hurt by."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, raw in {
            **folders,
            "cat/../../escape.jpg": folders["cat/1.jpg"],
            f"{outside}/absolute.jpg": folders["cat/1.jpg"],
            "cat/.hidden.jpg": b"x",
            "__MACOSX/cat/._1.jpg": b"x",
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(raw)
            tar.addfile(member, io.BytesIO(raw))
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE):
            member = tarfile.TarInfo(f"cat/special{ord(kind)}.jpg")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
    return buffer.getvalue()


def test_names_links_and_devices_in_an_archive_do_no_harm(
    tmp_path: Path, folders: dict[str, bytes], tree_hash: Tree
) -> None:
    path = written(tmp_path / "in" / "x.tar", hostile(folders, tmp_path))
    before = tree_hash(tmp_path)
    found = open_set(path)
    samples = found.parts["all"]
    assert not [name for name in labelled(found) if "special" in name or "hidden" in name or "MACOSX" in name]
    assert len(samples) >= 16
    drained(prepare(samples, VIEW, 1))
    assert tree_hash(tmp_path) == before


def test_a_sparse_member_is_passed_over(tmp_path: Path, folders: dict[str, bytes]) -> None:
    whole = bytearray(tar_of({"cat/hole.jpg": folders["cat/1.jpg"], **folders}))
    whole[156:157] = tarfile.GNUTYPE_SPARSE
    whole[148:156] = b" " * 8
    whole[148:156] = f"{sum(whole[:512]):06o}\0 ".encode()
    found = open_set(written(tmp_path / "x.tar", bytes(whole)))
    assert len(found.parts["all"]) == 16


@pytest.mark.parametrize("size", [1 << 40, 600 << 20])
def test_a_member_that_claims_to_be_huge_is_refused_unread(
    tmp_path: Path, folders: dict[str, bytes], size: int
) -> None:
    member = tarfile.TarInfo("cat/huge.jpg")
    member.size = size
    members = tar_of(folders).rstrip(b"\0")  # without the end that an archive has
    written(tmp_path / "x.tar", members + bytes(-len(members) % 512) + member.tobuf(tarfile.GNU_FORMAT))
    refusal(tmp_path / "x.tar", "tar.damaged")


def test_of_two_members_with_one_name_the_later_counts(tmp_path: Path, photos: dict[int, bytes]) -> None:
    inside = [("cat/1.jpg", photos[0]), ("dog/1.jpg", photos[1]), ("cat/1.jpg", photos[2])]
    samples = open_set(written(tmp_path / "x.tar", tar_of(inside))).parts["all"]
    assert isinstance(samples, Packed)
    assert [samples.encoded(at) for at in range(len(samples))] == [photos[2], photos[1]]


@pytest.mark.parametrize("damage", ["cut", "text", "empty"])
def test_a_damaged_archive_is_refused(tmp_path: Path, folders: dict[str, bytes], damage: str) -> None:
    whole = tar_of(folders)
    path = written(tmp_path / "x.tar", {"cut": whole[:3000], "text": b"no tar file at all " * 40, "empty": b""}[damage])
    refusal(path, "tar.damaged")


def test_an_archive_without_pictures_and_one_without_classes_are_refused(
    tmp_path: Path, photos: dict[int, bytes]
) -> None:
    refusal(written(tmp_path / "a.tar", tar_of({"notes.txt": b"x"})), "data.no_pictures")
    refusal(written(tmp_path / "b.tar", tar_of({"1.jpg": photos[1]})), "data.loose")


@pytest.mark.parametrize(
    ("name", "command"), [("x.tar.gz", "gunzip"), ("x.tgz", "gunzip"), ("x.tar.xz", "unxz"), ("x.zip", "unzip")]
)
def test_a_compressed_archive_says_how_to_uncompress_it(
    tmp_path: Path, folders: dict[str, bytes], name: str, command: str
) -> None:
    assert f"{command} " in refusal(written(tmp_path / name, gzip.compress(tar_of(folders))), "tar.compressed")


def test_a_picture_that_was_cut_off_or_whose_archive_is_gone_later_is_unreadable(
    tmp_path: Path, folders: dict[str, bytes]
) -> None:
    path = written(tmp_path / "x.tar", tar_of(folders))
    samples = open_set(path).parts["all"]
    path.write_bytes(path.read_bytes()[:5000])
    prepared = drained(prepare(samples, VIEW, 2))
    assert set(prepared.skipped.values()) == {"truncated"}
    path.unlink()
    with pytest.raises(Unreadable, match="missing"):
        samples.image(0)


def test_a_damaged_picture_inside_is_left_out_and_named(tmp_path: Path, folders: dict[str, bytes]) -> None:
    path = written(tmp_path / "x.tar", tar_of({**folders, "cat/99.jpg": b"no picture"}))
    prepared = drained(prepare(open_set(path).parts["all"], VIEW, 2))
    assert prepared.skipped == {"x.tar/cat/99.jpg": "no_picture"}
    assert len(prepared) == 16


def test_samples_survive_pickling_for_another_process(tmp_path: Path, folders: dict[str, bytes]) -> None:
    samples = open_set(written(tmp_path / "x.tar", tar_of(folders))).parts["all"]
    again = pickle.loads(pickle.dumps(samples))
    assert [again.name(at) for at in range(16)] == [samples.name(at) for at in range(16)]
    assert again.image(3).tobytes() == samples.image(3).tobytes()
