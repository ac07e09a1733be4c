"""What the commands tell of data that is no plain folder: remarks, and each picture that is named and not there."""

import json
from pathlib import Path

import pytest
from PIL import Image

import striate as st
from striate.cli import run, take_language
from striate.data.sets import open_set

GARMENTS = open_set("fashion-sample").parts["train"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table in CP949 of twelve pictures, two of them missing, one row repeated."""
    rows = ["파일,라벨"]
    for number in range(12):
        path = tmp_path / "photos" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        image: Image.Image = GARMENTS.image(number)
        image.save(path)
        rows.append(f"{number}.png,{'셔츠' if number % 2 else '가방'}")
    rows += ["98.png,셔츠", "99.png,가방", "3.png,셔츠"]
    path = tmp_path / "photos" / "표.csv"
    path.write_bytes("\r\n".join(rows).encode("cp949"))
    return path


def test_a_training_tells_what_the_table_left_open_and_records_what_is_missing(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", str(table), "--net", "lenet5_modern", "--epochs", "1", "--out", str(tmp_path / "run")]
    assert run(arguments) == 0
    told = capsys.readouterr().err
    for line in ("98.png: there is no such file", "99.png: there is no such file", "CP949", "1 row repeated"):
        assert line in told
    record = json.loads((tmp_path / "run" / "data.json").read_text())
    assert record["skipped"] == {"98.png": "missing", "99.png": "missing"}
    assert st.evaluate(tmp_path / "run").images == 2


def test_json_has_the_remarks_as_sentences(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "run")
    assert run(["train", str(table), "--net", "lenet5_modern", "--epochs", "1", "--out", out, "--json"]) == 0
    start = json.loads(capsys.readouterr().out.splitlines()[0])
    assert start["remarks"] == [
        "the table is in CP949, as Korean Excel writes it",
        "1 row repeated, each picture taken once: lines 16",
    ]
    assert start["skipped"] == {"98.png": "missing", "99.png": "missing"}


def test_a_dry_run_tells_them_in_korean_too(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, language = take_language(["train", str(table), "--dry-run", "--lang", "ko"], {})
    assert run(arguments, language) == 0
    told = capsys.readouterr().out
    for line in ("한국어 Excel", "되풀이된 행 1개", "98.png, 99.png"):
        assert line in told


def test_pictures_learned_through_a_table_are_no_test_of_the_run(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", str(table), "--net", "lenet5_modern", "--epochs", "1", "--out", str(tmp_path / "run")]
    assert run(arguments) == 0
    copy = table.with_name("again.csv")
    copy.write_bytes(table.read_bytes())
    assert run(["evaluate", str(tmp_path / "run"), str(copy)]) == 3
    assert "the run learned from" in capsys.readouterr().err
