"""Pictures whose names are not UTF-8, as Linux allows: every command takes them, and what it prints is UTF-8."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CLEAN = {key: value for key, value in os.environ.items() if key not in ("LANG", "LC_ALL", "LC_MESSAGES")}
ODD = os.fsdecode(b"\xff")


def striate(*arguments: object, code: int = 0) -> tuple[str, str]:
    """What the command prints, both of it UTF-8; its exit code must be the one expected."""
    command = [sys.executable, "-m", "striate", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, timeout=300, check=False, env={**CLEAN, "PYTHONUTF8": "1"})
    out, err = done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    assert done.returncode == code, err
    assert "Traceback" not in err
    return out, err


@pytest.fixture
def odd(garments: Path, tmp_path: Path) -> Path:
    """The garments in a folder, a class and files with such names, and one file that is no picture."""
    root = tmp_path / f"set{ODD}"
    try:
        shutil.copytree(garments, root)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    for at, path in enumerate(sorted(root.rglob("*.png"))):
        path.rename(path.with_name(f"{at}{ODD}.png"))
    (root / "bag").rename(root / f"bag{ODD}")
    (root / f"bag{ODD}" / f"broken{ODD}.png").write_bytes(b"nothing")
    (root / f"stray{ODD}.txt").write_bytes(b"nothing")
    return root


def test_such_pictures_are_learned_from_and_tried(odd: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    _, told = striate("train", odd, "--net", "lenet5_modern", "--epochs", 1, "--batch", 8, "--seed", 2, "--out", run)
    assert "left out  bag\\xff/broken\\xff.png" in told
    assert "ignored  1 file or folder that belongs to no class: stray\\xff.txt" in told
    found = json.loads(striate("evaluate", run, "--json")[0])
    assert [each["name"] for each in found["classes"]] == ["bag\\xff", "sandal", "trouser"]
    assert "bag\\xff" in striate("evaluate", run)[0]
    again = json.loads(striate("ensemble", run, run, "--json")[0])
    assert again["top1"] == found["top1"]


def test_an_answer_names_the_file_so_that_it_can_be_opened(odd: Path) -> None:
    out, _ = striate("predict", "efficientnet_lite0", odd / "sandal", "--json", "--topk", 1)
    assert {json.loads(line)["image"] for line in out.splitlines()} == {
        str(path) for path in (odd / "sandal").iterdir()
    }
    assert "\\udcff" in striate("predict", "efficientnet_lite0", odd / "sandal", "--topk", 1)[0]


def test_a_run_folder_with_such_a_name_is_refused_in_words(garments: Path, tmp_path: Path) -> None:
    _, told = striate("train", garments, "--net", "lenet5_modern", "--out", tmp_path / f"run{ODD}", code=1)
    assert "its name is not UTF-8" in told
