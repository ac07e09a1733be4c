"""evaluate, predict and ensemble as commands: several crops, several members, and a bar only on a terminal."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.refusals import refused

CLEAN = {key: value for key, value in os.environ.items() if key not in ("LANG", "LC_ALL", "LC_MESSAGES")}


def striate(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs the command; its exit code must be the one expected."""
    command = [sys.executable, "-m", "striate", *map(str, arguments)]
    env = {**CLEAN, "PYTHONUTF8": "1"}
    done = subprocess.run(command, capture_output=True, timeout=300, check=False, env=env, encoding="utf-8")
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("runs")
    made = [root / "seed 0", root / "seed 1"]
    for seed, path in enumerate(made):
        striate("train", "--net", "lenet5_modern", "--epochs", 1, "--seed", seed, "--out", path)
    return made


def test_evaluate_by_crops_says_so_in_both_forms(runs: list[Path]) -> None:
    plain, several = (striate("evaluate", runs[0], *options) for options in ((), ("--crops", 10)))
    assert "crops" not in plain.stdout
    assert "crops     10 a picture, shorter side 32 px\n" in several.stdout
    assert not several.stderr, "a bar is for terminals"
    found = json.loads(striate("evaluate", runs[0], "--crops", "2", "--scales", "32,40", "--json").stdout)
    assert found["crops"] == {"scheme": 2, "scales": [32, 40], "mirrored": True}
    assert "크롭   사진마다 2개" in striate("evaluate", runs[0], "--crops", 2, "--lang", "ko").stdout
    assert "the network run over the whole picture" in striate("evaluate", runs[0], "--crops", "dense").stdout


def test_predict_by_crops_gives_other_scores_and_the_same_keys(photos: dict[str, Image.Image], tmp_path: Path) -> None:
    photos["daisy"].save(tmp_path / "daisy.png")
    net = "efficientnet_lite0"
    answers = [
        json.loads(striate("predict", net, tmp_path, "--json", *options).stdout)
        for options in ((), ("--crops", 10), ("--crops", "dense", "--scales", "256,320"))
    ]
    assert [each["top"][0]["label"] for each in answers] == ["daisy"] * 3
    assert len({each["top"][0]["score"] for each in answers}) == 3
    assert {tuple(each) for each in answers} == {("image", "top", "error")}


@pytest.mark.parametrize(("options", "said"), [
    (("--crops", "11"), "one of 1, 2, 10, 144, dense"),
    (("--crops", "dens"), "--crops dense"),
    (("--crops", "10", "--scales", "31"), "32 or more"),
    (("--scales", "256;384"), "such as 256,384,512"),
    (("--scales", "0"), "1 or more"),
    (("--scales", "100000"), "2,048 or less"),
])  # fmt: skip
def test_crops_that_make_no_sense_are_wrong_use(runs: list[Path], options: tuple[str, ...], said: str) -> None:
    assert said in refused("ensemble" if "dens" in options else "evaluate", runs[0], *options, code=2)


def test_ensemble_shows_members_mean_gain_and_test(runs: list[Path]) -> None:
    text = striate("ensemble", *runs).stdout
    lines = text.splitlines()
    assert lines[0] == "pictures  2,000 (test)"
    assert lines[2].split() == ["model", "net", "top-1", "top-5", "loss"]
    assert [line.split("  ")[0] for line in lines[3:7]] == [str(runs[0]), str(runs[1]), "mean", "ensemble"]
    assert "Over the best member, " in text
    assert "chosen by its score on these very pictures" in text
    assert "McNemar's exact test: p " in text
    korean = striate("ensemble", *runs, "--crops", 2, "--lang", "ko").stdout
    assert "앙상블" in korean
    assert "사진마다 2개" in korean


def test_ensemble_as_json_agrees_with_evaluate(runs: list[Path]) -> None:
    found = json.loads(striate("ensemble", *runs, "--json").stdout)
    alone = [json.loads(striate("evaluate", path, "--json").stdout) for path in runs]
    assert [each["top1"] for each in found["members"]] == [each["top1"] for each in alone]
    assert found["mean"]["top1"] == pytest.approx(sum(each["top1"] for each in alone) / 2)
    best = max(each["top1"] for each in alone)
    assert found["gain"]["best"]["top1"] == pytest.approx(found["top1"] - best)
    elsewhere = json.loads(striate("ensemble", *runs, "--data", "fashion-sample", "--json").stdout)
    assert elsewhere == found


def test_ensemble_ends_with_the_codes_of_every_command(runs: list[Path], garments: Path) -> None:
    assert "--data FOLDER" in refused("ensemble", runs[0] / "model", code=2)
    assert "called nowhere" in refused("ensemble", runs[0], "nowhere", code=2)
    assert "classes that the model does not know" in refused("ensemble", runs[0], "--data", garments, code=3)
    message = refused("ensemble", runs[0], "efficientnet_lite0", code=3)
    assert "does not know the same classes" in message
    assert "striate ensemble --help" in refused("ensemble", code=2)


def test_a_terminal_sees_a_bar(runs: list[Path]) -> None:
    command = [sys.executable, "-m", "striate", "evaluate", str(runs[0]), "--json"]
    screen, terminal = pty.openpty()
    env = {**CLEAN, "TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, env=env) as process:
        os.close(terminal)
        shown = b""
        while True:
            try:
                some = os.read(screen, 4096)
            except OSError:  # the other side is closed
                break
            if not some:
                break
            shown += some
        assert process.stdout is not None
        assert json.loads(process.stdout.read())["images"] == 2000
    os.close(screen)
    assert b"looking at pictures" in shown
    assert b"2000/2000" in shown
