"""``striate show`` as a real process: its table, its JSON, its drawing, and what it refuses."""

import json
import shlex
from pathlib import Path

from PIL import Image
from test_cli import error_of, striate

NET = ("--net", "resnet20_cifar", "--resize", "crop", "--input", "3x56x56")


def listing(folder: Path) -> list[tuple[Path, int]]:
    return sorted((path, path.stat().st_mtime_ns) for path in folder.rglob("*"))


def test_the_built_in_set_is_shown_without_a_word_more() -> None:
    done = striate("show")
    lines = done.stdout.splitlines()
    assert lines[0] == "fashion-sample, as resnet20_cifar sees it"
    assert sum(line.startswith("train/") for line in lines) == 8
    assert "mixup 0.2" in done.stdout
    assert not done.stderr


def test_a_folder_is_told_drawn_and_left_as_it_was(crops: Path, tmp_path: Path) -> None:
    (crops / "cat" / "0.jpg").write_bytes(b"no picture")
    before = listing(crops)
    done = striate("show", crops, *NET, "--count", 3, "--out", tmp_path / "seen.png")
    assert listing(crops) == before
    assert "200x200" in done.stdout
    assert "77 %" in done.stdout
    assert "--resize squash" in done.stdout
    assert "1 picture could not be read: cat/0.jpg" in done.stderr
    assert "seen.png" in done.stderr
    with Image.open(tmp_path / "seen.png") as image:
        assert image.width > 900


def test_the_command_that_draws_is_one_that_can_be_typed(crops: Path, tmp_path: Path) -> None:
    picture = crops / "cat" / "1.jpg"
    told = striate("show", picture, *NET, "--epoch", 2, "--views", 1, cwd=tmp_path).stdout
    assert not list(tmp_path.glob("*.png"))
    words = shlex.split(told.splitlines()[-1].removeprefix("Draw"))
    assert words[:3] == ["striate", "show", str(picture)]
    striate(*words[1:], cwd=tmp_path)
    assert (tmp_path / "seen.png").is_file()


def test_json_has_the_numbers_of_each_picture_and_of_the_set(crops: Path, tmp_path: Path) -> None:
    name = json.loads(striate("show", crops, *NET, "--count", 1, "--json").stdout)["pictures"][0]["name"]
    asked = ("show", crops, name, *NET, "--views", 2, "--epoch", 3, "--json", "--lang", "ko")
    told = json.loads(striate(*asked, "--out", tmp_path / "x.svg").stdout)
    assert set(told) == {
        "data", "net", "view", "augment", "seed", "epoch", "pictures", "overall", "skipped", "certain",
    }  # fmt: skip
    (picture,) = told["pictures"]
    assert (picture["name"], picture["class"], picture["size"]) == (name, name.split("/")[0], [200, 200])
    assert picture["kept"]["share"] == (56 / 64) ** 2
    assert [each["epoch"] for each in picture["training"]] == [3, 4]
    assert "학습, 에폭 3" in (tmp_path / "x.svg").read_text(encoding="utf-8")


def test_korean_is_spoken(crops: Path) -> None:
    done = striate("show", crops, *NET, "--lang", "ko").stdout
    assert "신경망이 보는" in done
    assert "잘려 나갑니다" in done


def test_what_makes_no_sense_is_refused_before_anything_is_written(crops: Path, tmp_path: Path) -> None:
    before = listing(tmp_path)
    assert "among the pictures" in error_of("show", crops, "--out", crops / "seen.png", code=2)
    assert "among the pictures" in error_of("show", crops / "a.png", "--out", crops / "a.png", code=2)
    assert ".png, .svg, .html" in error_of("show", crops, "--out", tmp_path / "seen.pdf", code=2)
    assert "out of range" in error_of("show", "--count", 0, code=2)
    assert "no picture cat/999.jpg" in error_of("show", crops, "cat/999.jpg", *NET, code=2)
    assert "no such file" in error_of("show", tmp_path / "gone.jpg", *NET, code=3)
    assert listing(tmp_path) == before


def test_a_run_shows_what_it_saw_and_nothing_is_drawn_among_its_pictures(crops: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    striate("train", crops, "--net", "lenet5_modern", "--input", "3x32x32", "--epochs", 1, "--out", run)
    told = striate("show", run, "--count", 3, "--epoch", 9, "--lang", "ko").stdout
    assert "lenet5_modern 신경망이 보는" in told
    assert "에폭 9" in told
    assert "its own network" in error_of("show", run, "--net", "lenet5", code=2)
    assert "among the pictures" in error_of("show", run, "--out", crops / "seen.svg", code=2)
    assert not (crops / "seen.svg").exists()
