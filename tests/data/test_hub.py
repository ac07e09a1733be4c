"""Hugging Face datasets on this machine: Parquet and image folders, offline, memory-mapped, and never any code."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from striate.data.canvases import prepare
from striate.data.folder import Found
from striate.data.hub import Rows
from striate.data.sets import open_set
from striate.data.split import divide, fingerprint, restore
from striate.problem import BadData
from striate.recipe import View
from striate.words import LANGUAGES
from striate.work import drained
from tests.data.packing import jpegs, tar_of, written

datasets = pytest.importorskip("datasets")

VIEW = View("squash", (16, 16), 3, mean=(0.5,) * 3, std=(0.5,) * 3)
NAMES = ["장미", "tulip"]


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, and a cache that is not the user's."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def photos(cutout: Callable[[int], Image.Image]) -> dict[int, bytes]:
    return jpegs(cutout, range(12))


def parquet(path: Path, photos: dict[int, bytes], labels: list[Any], kind: Any = None) -> Path:
    """A file of pictures and labels, as push_to_hub writes them."""
    kind = kind or datasets.ClassLabel(names=NAMES)
    rows = {
        "image": [{"bytes": photos[at], "path": None} for at in range(len(labels))],
        "label": labels,
    }
    features = datasets.Features({"image": datasets.Image(), "label": kind})
    path.parent.mkdir(parents=True, exist_ok=True)
    datasets.Dataset.from_dict(rows, features=features).to_parquet(str(path))
    return path


def pixels(raw: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(raw)))


def remarks(found: Found) -> dict[str, Any]:
    return {each.key: each.values for each in found.remarks}


def refusal(source: str, key: str) -> str:
    with pytest.raises(BadData) as caught:
        open_set(source)
    assert caught.value.key == f"problem.{key}"
    assert all(caught.value.text(language) for language in LANGUAGES)
    return str(caught.value)


def test_a_folder_of_parquet_has_its_splits_names_and_pictures(tmp_path: Path, photos: dict[int, bytes]) -> None:
    for split in ("train", "validation", "test"):
        parquet(tmp_path / "flowers" / "data" / f"{split}-00000-of-00001.parquet", photos, [0, 1] * 6)
    found = open_set(f"hf:{tmp_path}/flowers")
    assert (found.name, found.classes) == ("flowers", ("장미", "tulip"))
    assert {part: len(rows) for part, rows in found.parts.items()} == {"train": 12, "val": 12, "test": 12}
    rows = found.parts["train"]
    assert isinstance(rows, Rows)
    assert [rows.label(at) for at in range(4)] == [0, 1, 0, 1]
    assert rows.encoded(5) == photos[5]  # undecoded: our own decoder sees the file as it was
    assert (np.asarray(rows.image(5)) == pixels(photos[5])).all()
    assert found.parts["val"].name(3) == "validation/3"


def test_a_single_file_opens_divides_and_is_restored(tmp_path: Path, photos: dict[int, bytes]) -> None:
    path = parquet(tmp_path / "flowers.parquet", photos, [0, 1] * 6)
    found = open_set(f"hf:{path}")
    divided = divide(found, 0)
    assert {part: len(rows) for part, rows in divided.parts.items()} == {"train": 10, "val": 2}
    again = restore(open_set(found.source), divided.names)
    assert fingerprint(again) == fingerprint(divided)
    prepared = drained(prepare(divided.parts["train"], VIEW, 2))
    assert prepared.canvases.take(np.arange(10)).shape == (10, 3, 16, 16)


def test_another_picture_in_a_row_changes_the_fingerprint(tmp_path: Path, photos: dict[int, bytes]) -> None:
    path = parquet(tmp_path / "flowers.parquet", photos, [0, 1] * 6)
    before = fingerprint(divide(open_set(f"hf:{path}"), 0))
    path.unlink()
    parquet(path, {**photos, 3: photos[4]}, [0, 1] * 6)
    assert fingerprint(divide(open_set(f"hf:{path}"), 0)) != before


def test_an_image_folder_is_read_as_the_package_reads_it(tmp_path: Path, photos: dict[int, bytes]) -> None:
    for at, raw in photos.items():
        written(tmp_path / "folder" / ("train" if at < 8 else "test") / NAMES[at % 2] / f"{at}.jpg", raw)
    found = open_set(f"hf:{tmp_path}/folder")
    assert sorted(found.classes) == sorted(NAMES)
    assert {part: len(rows) for part, rows in found.parts.items()} == {"train": 8, "test": 4}
    rows = found.parts["train"]
    assert {rows.image(at).tobytes() for at in range(8)} == {pixels(photos[at]).tobytes() for at in range(8)}
    assert fingerprint(divide(found, 0)) == fingerprint(divide(open_set(found.source), 0))


def test_shards_with_a_cls_are_read_with_their_numbers_as_names(tmp_path: Path, photos: dict[int, bytes]) -> None:
    inside: dict[str, bytes] = {}
    for at, raw in photos.items():
        inside |= {f"{at:03}.jpg": raw, f"{at:03}.cls": str(at % 2).encode()}
    found = open_set(f"hf:{written(tmp_path / 'shard.tar', tar_of(inside))}")
    assert found.classes == ("0", "1")
    assert [found.parts["train"].label(at) for at in range(4)] == [0, 1, 0, 1]


def test_labels_in_words_are_classes_and_rows_without_any_are_left_out_and_said(
    tmp_path: Path, photos: dict[int, bytes]
) -> None:
    labels = ["cat", "dog", None, "dog"]
    found = open_set(f"hf:{parquet(tmp_path / 'a.parquet', photos, labels, datasets.Value('string'))}")
    assert found.classes == ("cat", "dog")
    assert [found.parts["train"].name(at) for at in range(3)] == ["train/0", "train/1", "train/3"]
    assert remarks(found) == {"remark.no_label": {"count": 1}}


def test_a_split_without_truths_is_left_out_and_said(tmp_path: Path, photos: dict[int, bytes]) -> None:
    parquet(tmp_path / "set" / "train.parquet", photos, [0, 1] * 6)
    parquet(tmp_path / "set" / "test.parquet", photos, [-1] * 4)
    found = open_set(f"hf:{tmp_path}/set")
    assert set(found.parts) == {"train"}
    assert remarks(found) == {"remark.no_label": {"count": 4}}


def test_a_damaged_picture_is_left_out_and_named(tmp_path: Path, photos: dict[int, bytes]) -> None:
    path = parquet(tmp_path / "a.parquet", {**photos, 2: b"no picture", 3: photos[3][:200]}, [0, 1] * 6)
    prepared = drained(prepare(open_set(f"hf:{path}").parts["train"], VIEW, 2))
    assert set(prepared.skipped) == {"train/2", "train/3"}
    assert len(prepared) == 10


def test_a_table_without_pictures_is_refused_with_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "numbers.parquet"
    datasets.Dataset.from_dict({"x": [1, 2], "label": [0, 1]}).to_parquet(str(path))
    assert "x, label" in refusal(f"hf:{path}", "hub.columns")


def test_what_is_not_here_is_refused_offline(tmp_path: Path) -> None:
    refusal("hf:somebody/no-such-set", "hub.unreadable")
    refusal(f"hf:{tmp_path}/nothing", "hub.unreadable")


def test_code_that_comes_with_a_dataset_is_not_run(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    written(tmp_path / "trap" / "trap.py", f"import pathlib; pathlib.Path({str(sprung)!r}).touch()\n")
    refusal(f"hf:{tmp_path}/trap", "hub.unreadable")
    assert not sprung.exists()


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    assert "pip install 'striate[scale]'" in refusal("hf:mnist", "hub.not_installed")


def test_the_commands_work_offline_and_write_nothing_beside_the_data(
    tmp_path: Path, photos: dict[int, bytes], tree_hash: Callable[[Path], str]
) -> None:
    parquet(tmp_path / "set" / "flowers.parquet", photos, [0, 1] * 6)
    before = tree_hash(tmp_path / "set")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home")}
    arguments = ["train", "hf:set/flowers.parquet", "--net", "lenet5_modern", "--epochs", "1", "--out", "run"]
    for command in (arguments, ["evaluate", "run"]):
        done = subprocess.run(
            [sys.executable, "-m", "striate", *command], cwd=tmp_path, env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert tree_hash(tmp_path / "set") == before
