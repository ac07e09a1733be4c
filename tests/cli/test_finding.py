"""``striate lr-find`` and the words of a training that does not learn, as real processes."""

import json
import math
import shlex
from pathlib import Path

from test_cli import error_of, striate

from striate.cli.finding import curve
from striate.verbs.lr_find import Found


def test_the_curve_the_suggestion_and_what_to_type_next_are_shown(garments: Path, tmp_path: Path) -> None:
    asked = ("lr-find", garments, "--net", "lenet5_modern", "--batch", 16, "--steps", 60, "--from", 1e-5)
    done = striate(*asked, "--svg", tmp_path / "rates.svg")
    assert "▲" in done.stdout
    assert "suggested" in done.stdout
    suggested = next(line.split()[1] for line in done.stdout.splitlines() if line.startswith("suggested"))
    assert f"striate train {garments} --net lenet5_modern --batch 16 --lr {suggested}" in done.stdout
    assert str(tmp_path / "rates.svg") in done.stderr
    assert (tmp_path / "rates.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "제안" in striate("--lang", "ko", *asked).stdout


def test_what_to_type_next_can_be_typed_for_a_folder_with_spaces_and_hangul(garments: Path, tmp_path: Path) -> None:
    pictures = garments.rename(tmp_path / "여름 옷")
    done = striate("lr-find", pictures, "--net", "lenet5_modern", "--batch", 16, "--steps", 40, "--from", 1e-5)
    typed = next(line for line in done.stdout.splitlines() if "striate train" in line)
    assert shlex.split(typed)[1:6] == ["striate", "train", str(pictures), "--net", "lenet5_modern"]


def test_a_chart_that_cannot_be_written_is_a_warning_and_the_result_stays(garments: Path, tmp_path: Path) -> None:
    asked = ("lr-find", garments, "--net", "lenet5_modern", "--batch", 16, "--steps", 20)
    for language, told in (("en", "could not be written"), ("ko", "쓸 수 없습니다")):
        done = striate("--lang", language, *asked, "--svg", tmp_path / "nowhere" / "rates.svg")
        assert "1e-4" in done.stdout
        assert told in done.stderr
        assert str(tmp_path / "nowhere" / "rates.svg") in done.stderr


def test_json_is_one_document_with_raw_numbers(garments: Path) -> None:
    done = striate("lr-find", garments, "--net", "lenet5_modern", "--batch", 16, "--steps", 40, "--json")
    told = json.loads(done.stdout)
    assert {"net", "rates", "losses", "suggested", "steepest", "diverged_at"} <= set(told)
    assert all(math.isfinite(loss) for loss in told["losses"])


def test_what_makes_no_sense_is_refused_before_the_work(tmp_path: Path) -> None:
    assert "--from 1e-6" in error_of("lr-find", "--from", 1, "--to", 0.1, code=2)
    assert ".svg" in error_of("lr-find", "--svg", tmp_path / "a.pdf", code=2)
    assert "squash" in error_of("lr-find", "--resize", "sqash", code=2)


def test_a_flat_curve_and_one_of_few_rates_can_be_drawn() -> None:
    flat = Found("a", "b", (1e-6, 1e-5), (2.0, 2.0), (2.0, 2.0), None, None, None)
    assert len(curve(flat)) > 10


def test_a_training_that_does_not_learn_says_why_on_stderr_and_in_json(garments: Path, tmp_path: Path) -> None:
    asked = ("train", garments, "--net", "lenet5_modern", "--lr", 30, "--optimiser", "sgd", "--batch", 4, "--epochs", 3)
    done = striate(*asked, "--out", tmp_path / "a")
    assert done.stderr.count("Trouble") == 1
    assert "learning rate of 30 is too high" in done.stderr
    assert "--lr 0.1 " in done.stderr
    assert "Trouble" not in done.stdout
    lines = [json.loads(line) for line in striate(*asked, "--out", tmp_path / "b", "--json").stdout.splitlines()]
    trouble = next(line for line in lines if line["event"] == "trouble")
    assert {"kind", "row", "step", "epoch", "values", "text"} <= set(trouble)
    assert trouble["cause"] == "lr_high"
