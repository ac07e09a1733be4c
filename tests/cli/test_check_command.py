"""``striate check`` as people and scripts use it: two streams, exit codes, the sheet and the list."""

import base64
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from striate.cli import run
from striate.data.exclusions import read
from striate.data.findings import KINDS
from striate.verbs.check import check
from tests.faults import clean, faulty

CLEAN = {key: value for key, value in os.environ.items() if key not in ("LANG", "LC_ALL", "LC_MESSAGES")}
ODD = os.fsdecode(b"\xff")


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    return faulty(tmp_path / "photos")


def checked(
    capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0, language: str = "en"
) -> tuple[str, str]:
    """What the command prints on stdout and stderr, run in this process."""
    assert run(["check", *map(str, arguments)], language) == code
    return capsys.readouterr()


def test_counts_stand_first_then_findings_the_worst_first(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, err = checked(capsys, planted)
    lines = out.splitlines()
    assert " ".join(lines[0].split()) == "Data photos: 2 classes, 37 pictures, of which 35 can be read"
    assert " ".join(lines[1].split()) == "Sizes 40x20 to 330x60 pixels, 80x60 in the middle"
    assert lines[4].split() == ["class", "train", "val", "test"]
    assert lines[5].split() == ["daisy", "14", "2", "2"]
    kinds = [found[1] for line in lines if (found := re.match(r"([a-z_]+)  \d", line))]
    assert kinds == [kind for kind in KINDS if kind != "near_copies"]
    assert "  train/palace/0.jpg = test/palace/leaked.jpg\n  do  take them out of the training part" in out
    assert "  train/daisy/cut off.jpg: the file ends before the picture does" in out
    assert not err


def test_korean_says_the_same(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = checked(capsys, planted, language="ko")
    assert "클래스 2개, 사진 37장 가운데 35장을 읽을 수 있음" in out
    assert "leaks  1건: 같은 사진이 여러 부분에 있어" in out
    assert "train/palace/0.jpg = test/palace/leaked.jpg" in out


def test_a_clean_folder_is_called_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, _ = checked(capsys, clean(tmp_path / "photos"), "--fail-on", "any")
    assert "Nothing is amiss." in out
    assert "80x60 pixels, all of them" in out


def test_three_of_each_kind_are_shown_and_all_on_request(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = clean(tmp_path / "photos")
    for number in range(5):
        (root / f"notes {number}.txt").write_bytes(b"notes")
    out, _ = checked(capsys, root)
    assert out.count("  notes ") == 3
    assert "  and 2 more\n" in out
    out, _ = checked(capsys, root, "--all")
    assert out.count("  notes ") == 5
    assert "more" not in out


def test_json_is_one_document_with_every_finding(planted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(checked(capsys, planted, "--json", language="ko")[0])
    assert told == check(planted).as_json()
    assert {"kind": "hidden", "names": ["train/.thumbs"], "detail": {}} in told["findings"]


@pytest.mark.parametrize(
    ("kinds", "code"), [("leaks", 4), ("near_copies,leaks", 4), ("any", 4), ("near_copies", 0), (" hidden , long", 4)]
)
def test_a_gate_ends_with_4_where_such_a_thing_is_found(planted: Path, kinds: str, code: int) -> None:
    assert run(["check", str(planted), "--fail-on", kinds]) == code


def test_an_unknown_kind_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    _, err = checked(capsys, "--fail-on", "copies,leek", code=2)
    assert "--fail-on cannot be leek" in err
    assert "--fail-on leaks" in err


def test_the_list_can_be_read_again_and_names_what_could_go(
    planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, err = checked(capsys, planted, "--fix", tmp_path / "out.csv")
    assert "7 pictures that could be left out" in err
    assert {"train/palace/0.jpg", "train/palace/twice.jpg", "train/daisy/blank.png"} < read(tmp_path / "out.csv")
    assert "test/palace/leaked.jpg" not in read(tmp_path / "out.csv")


@pytest.mark.parametrize("name", ["sheet.html", "sheet.PNG"])
def test_the_sheet_is_drawn(planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    _, err = checked(capsys, planted, "--sheet", tmp_path / name)
    assert err == f"Sheet  {tmp_path / name}\n"
    if name.endswith("PNG"):
        with Image.open(tmp_path / name) as drawn:
            assert drawn.format == "PNG"
            assert len(drawn.convert("RGB").getcolors(1 << 24)) > 1000
        return
    page = (tmp_path / name).read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    for finding in check(planted).findings:
        assert all(each in page for each in finding.names)


def test_pictures_on_the_sheet_are_small_and_upright(
    planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checked(capsys, planted, "--sheet", tmp_path / "sheet.html")
    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    (cell,) = re.findall(r"<title>train/palace/turned.jpg: [^<]*</title><image [^>]*base64,([^\"]*)\"", page)
    with Image.open(io.BytesIO(base64.b64decode(cell))) as turned:
        assert turned.size == (60, 80)  # 80 x 60 in the file, with a flag
    for content in re.findall(r"base64,([^\"]*)\"", page):
        with Image.open(io.BytesIO(base64.b64decode(content))) as each:
            assert max(each.size) <= 300


def test_a_sheet_of_a_clean_set_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checked(capsys, clean(tmp_path / "photos"), "--sheet", tmp_path / "sheet.html")
    assert "Nothing is amiss." in (tmp_path / "sheet.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("option", "place", "told"),
    [
        ("--sheet", "photos/sheet.html", "would be written among the pictures"),
        ("--fix", "photos/train/out.csv", "would be written among the pictures"),
        ("--fix", "nowhere/out.csv", "there is no folder"),
        ("--sheet", "sheet.jpg", "cannot be written as"),
    ],
)
def test_a_wrong_place_is_refused_before_anything_is_read(
    planted: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    tree_hash: Callable[[Path], str],
    option: str,
    place: str,
    told: str,
) -> None:
    before = tree_hash(planted)
    out, err = checked(capsys, planted, option, tmp_path / place, code=2)
    assert not out
    assert told in err
    assert tree_hash(planted) == before


def test_a_place_is_refused_that_leads_among_the_pictures_by_a_link(
    planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").symlink_to(planted / "train")
    checked(capsys, planted, "--fix", tmp_path / "elsewhere/out.csv", code=2)
    assert not (planted / "train/out.csv").exists()


def test_nothing_is_written_among_the_pictures(
    planted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], tree_hash: Callable[[Path], str]
) -> None:
    before = tree_hash(planted)
    checked(capsys, planted, "--sheet", tmp_path / "sheet.html", "--fix", tmp_path / "out.csv")
    assert tree_hash(planted) == before


def test_where_nothing_can_be_read_the_code_is_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("photos/a/1.jpg", "photos/b/1.jpg"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"nothing")
    assert "unreadable  2" in checked(capsys, tmp_path / "photos", code=3)[0]
    (tmp_path / "empty").mkdir()
    assert "holds no pictures" in checked(capsys, tmp_path / "empty", code=3)[1]


def test_without_data_it_looks_at_the_built_in_set_and_says_what_it_left_aside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, _ = checked(capsys)
    assert "fashion-sample: 10 classes, 12,000 pictures" in out
    assert "Near copies were not looked for: striate check fashion-sample --near" in out


def test_names_that_are_not_utf_8_are_told_as_such(tmp_path: Path) -> None:
    root = clean(tmp_path / f"set{ODD}")
    try:
        (root / f"train/daisy/broken{ODD}.png").write_bytes(b"nothing")
        (root / f"train/daisy/.hidden{ODD}").write_bytes(b"nothing")
        (root / f"train/daisy/link{ODD}.jpg").symlink_to(tmp_path / f"gone{ODD}")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    for form in ([], ["--json"]):
        done = subprocess.run(
            [sys.executable, "-m", "striate", "check", root, "--fix", tmp_path / "out.csv", *form],
            capture_output=True, timeout=300, check=False, env={**CLEAN, "PYTHONUTF8": "1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = done.stdout.decode("utf-8")
        assert "broken\\xff.png" in (told if not form else "".join(json.loads(told)["findings"][0]["names"]))
    assert read(tmp_path / "out.csv") == {"train/daisy/broken\\xff.png"}
