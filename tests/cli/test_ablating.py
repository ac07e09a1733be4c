"""``striate ablate`` as people and scripts use it."""

import json
import os
import pty
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path

import pytest

from striate.cli import run
from striate.experiments import SHIPPED

TINY = """
title = "Two learning rates"
question = "Is the higher one better?"
source = "no paper"
data = "fashion-sample"
net = "lenet5_modern"
seeds = 2
limit = 200

[ko]
title = "학습률 둘"
question = "더 높은 쪽이 더 낫습니까?"

[recipe]
epochs = 1

[grid]
lr = [0.001, 0.003]

[quick]
seeds = 1
"""


def striate(*arguments: object, code: int = 0, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "striate", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=cwd)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the experiment was run, by its own default, from the folder of its file."""
    path = tmp_path_factory.mktemp("lesson")
    (path / "rates.toml").write_text(TINY, encoding="utf-8")
    done = striate("ablate", "rates.toml", cwd=path)
    assert "Experiment experiments/rates: 4 runs" in done.stderr
    assert [line.split()[:3] for line in done.stderr.splitlines() if "/4" in line] == [
        ["1/4", "lr-0.001", "0"], ["2/4", "lr-0.003", "0"], ["3/4", "lr-0.001", "1"], ["4/4", "lr-0.003", "1"],
    ]  # fmt: skip
    assert "\x1b" not in done.stderr
    return path


def test_the_table_has_a_row_an_arm_and_the_chart_is_beside_it(folder: Path) -> None:
    shown = striate("ablate", "experiments/rates", cwd=folder).stdout
    assert shown.startswith("Two learning rates\n\nIs the higher one better?\n")
    rows = [line.split() for line in shown.splitlines() if line.startswith("lr-")]
    assert [row[:2] for row in rows] == [["lr-0.001", "2"], ["lr-0.003", "2"]]
    assert rows[0][-1] == "baseline"
    assert "Holm" in shown
    assert "Asked first by no paper." in shown
    chart = folder / "experiments" / "rates" / "chart.svg"
    assert f"Chart: {chart.relative_to(folder)}" in shown
    assert "lr-0.003" in "".join(ET.fromstring(chart.read_text(encoding="utf-8")).itertext())


def test_without_test_pictures_validation_is_compared_and_no_word_is_of_a_test(
    garments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (tmp_path / "rates.toml").write_text(TINY.replace("fashion-sample", str(garments)), encoding="utf-8")
    assert run(["ablate", str(tmp_path / "rates.toml"), "--quick", "--out", str(tmp_path / "out")], "en") == 0
    shown = capsys.readouterr().out
    assert "by val top-1" in shown
    assert "Train loss is that of the last epoch" in shown
    assert "Test" not in shown
    assert run(["ablate", str(folder / "experiments" / "rates")], "en") == 0
    assert "Test top-1 is that of the best epoch" in capsys.readouterr().out


def test_the_same_numbers_come_as_json_and_markdown_and_in_korean(folder: Path) -> None:
    found = json.loads(striate("ablate", "experiments/rates", "--json", cwd=folder).stdout)
    assert {
        "experiment", "folder", "quick", "title", "question", "reference", "baseline", "measure", "level", "plan",
        "arms", "missing",
    } == found.keys()  # fmt: skip
    (base, other) = found["arms"]
    assert base["against_baseline"] is None
    assert {"n", "difference", "interval", "p", "adjusted"} == other["against_baseline"].keys()
    mean = other["measures"]["test_top1"]["mean"]
    assert mean == pytest.approx(sum(run["test_top1"] for run in other["runs"]) / 2)
    markdown = striate("ablate", "experiments/rates", "--markdown", cwd=folder).stdout
    assert "## Two learning rates" in markdown
    (row,) = [line for line in markdown.splitlines() if line.startswith("| lr-0.003")]
    assert f"{100 * mean:.2f} ±" in row
    korean = striate("ablate", "experiments/rates", "--lang", "ko", cwd=folder).stdout
    assert korean.startswith("학습률 둘\n\n더 높은 쪽이 더 낫습니까?\n")
    assert "기준" in korean


def test_run_again_it_repeats_nothing_and_quick_has_a_folder_of_its_own(folder: Path) -> None:
    again = striate("ablate", "rates.toml", cwd=folder)
    assert "4 runs, 4 of them over already" in again.stderr
    assert "1/4" not in again.stderr
    quick = striate("ablate", "rates.toml", "--quick", cwd=folder)
    assert "experiments/rates-quick: 2 runs" in quick.stderr
    assert "nothing was tested" in quick.stdout


def test_an_unfinished_experiment_shows_what_there_is_and_how_to_go_on(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "둘째 판"
    shutil.copytree(folder / "experiments" / "rates", copy)
    for name in ("lr-0.001-1", "lr-0.003-1"):
        shutil.rmtree(copy / name)
    shown = striate("ablate", copy).stdout
    assert "2 runs are not over yet, lr-0.001-1, lr-0.003-1." in shown
    assert f"striate ablate {folder.resolve() / 'rates.toml'} --out '{copy}'" in shown
    assert "nothing was tested" in shown


def test_a_terminal_gets_a_live_bar(folder: Path) -> None:
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "striate", "ablate", "rates.toml", "--quick", "--out", "live"],
        stderr=terminal, stdout=subprocess.DEVNULL, cwd=folder, env={**os.environ, "TERM": "xterm"},
    )  # fmt: skip
    os.close(terminal)
    seen = b""
    with suppress(OSError):  # the terminal is gone with the process
        while chunk := os.read(controller, 65536):
            seen += chunk
    assert process.wait(60) == 0
    assert b"\x1b" in seen
    assert b"1/2  lr-0.001, seed 0" in seen


def test_a_dry_run_prints_the_plan_and_its_size_and_writes_nothing(folder: Path, tmp_path: Path) -> None:
    shown = striate("ablate", folder / "rates.toml", "--dry-run", cwd=tmp_path).stdout
    assert "2 arms x 2 seeds = 4" in shown
    assert "800 pictures in all" in shown
    assert "200 train, 1,000 val, 2,000 test" in shown
    assert "lr-0.001 (baseline)" in shown
    found = json.loads(striate("ablate", folder / "rates.toml", "--dry-run", "--quick", "--json", cwd=tmp_path).stdout)
    assert (found["runs"], found["folder"]) == (2, "experiments/rates-quick")
    assert not list(tmp_path.iterdir())


def test_the_list_has_every_shipped_experiment_with_its_question() -> None:
    listed = json.loads(striate("ablate", "--list", "--json").stdout)
    assert [each["name"] for each in listed] == list(SHIPPED)
    english, korean = striate("ablate", "--list").stdout, striate("ablate", "--list", "--lang", "ko").stdout
    for each in listed:
        assert f"  {each['question']}" in english
        assert each["question"] not in korean


def test_the_list_comes_as_markdown_too() -> None:
    lines = striate("ablate", "--list", "--markdown").stdout.splitlines()
    assert lines[:2] == ["| experiment | question |", "| --- | --- |"]
    assert [line.split(" | ")[0] for line in lines[2:]] == [f"| {name}" for name in SHIPPED]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--list", "--json", "--markdown"], "--json and --markdown are two forms of output"),
        (["experiments/rates", "--json", "--markdown"], "--json and --markdown are two forms of output"),
        (["--list", "depth"], "depth can do nothing beside --list"),
        (["--list", "--quick"], "--quick can do nothing beside --list"),
        (["--list", "--dry-run"], "--dry-run can do nothing beside --list"),
        (["--list", "--out", "x"], "--out can do nothing beside --list"),
        (["experiments/rates", "--dry-run"], "no other option can go with it"),
        (["experiments/rates", "--quick"], "no other option can go with it"),
        (["experiments/rates", "--out", "x"], "no other option can go with it"),
        (["full.toml", "--quick"], "full.toml has no [quick] table"),
        (["full.toml", "--quick", "--dry-run"], "striate ablate full.toml "),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    arguments: list[str], said: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    Path("full.toml").write_text(TINY.split("[quick]")[0], encoding="utf-8")
    assert run(["ablate", *arguments]) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert not out


def test_a_chart_that_cannot_be_written_leaves_the_results_and_a_warning(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder / "experiments" / "rates", copy)
    (copy / "chart.svg").unlink()
    (copy / "chart.svg").mkdir()
    for language, words in (("en", "The chart"), ("ko", "차트를")):
        assert run(["ablate", str(copy)], language) == 0
        out, err = capsys.readouterr()
        assert [line.split()[0] for line in out.splitlines() if line.startswith("lr-")] == ["lr-0.001", "lr-0.003"]
        assert "chart.svg" not in out
        (warning,) = err.splitlines()
        assert words in warning
        assert str(copy / "chart.svg") in warning
    assert run(["ablate", str(copy), "--json"]) == 0
    json.loads(capsys.readouterr().out)


def test_results_are_shown_where_nothing_can_draw(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "vl_convert.py").write_text("raise ImportError('no such machine')")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "striate", "ablate", "experiments/rates"], capture_output=True, text=True, timeout=60,
        check=False, cwd=folder, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "lr-0.003" in done.stdout
    assert "no such machine" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ablate"], "striate ablate --list"),
        (["ablate", "degradatoin"], "striate ablate degradation"),
        (["ablate", "nothing.toml"], "there is no file nothing.toml"),
    ],
)
def test_a_wrong_name_gets_the_right_one(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = striate(*arguments, code=2, cwd=tmp_path)
    assert said in done.stderr
    assert not done.stdout
