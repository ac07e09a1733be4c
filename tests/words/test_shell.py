"""Commands that are suggested: what a person copies must mean what was meant."""

import shlex
import subprocess
from pathlib import Path

import pytest

from striate.problem import BadData, Misuse
from striate.words import LANGUAGES, Phrase
from striate.words.shell import command, quoted

SPACED = "/home/김 민수/여름 사진/it's $HOME"


@pytest.mark.parametrize(
    "text", [SPACED, "사진 모음", "a;b", "*", "~/runs", "a\\b", 'say "x"', "순수한글", "a/b-1.0:c"]
)
def test_a_shell_reads_back_what_was_quoted(text: str) -> None:
    said = subprocess.run(["sh", "-c", command("printf", "%s", text)], capture_output=True, check=True)
    assert said.stdout.decode() == text


@pytest.mark.parametrize(
    "text", ["runs/20261124-lenet5-garments", "실행/첫째-1", "--out", "mine.py:tiny", "1x28x28", ""]
)
def test_what_no_shell_stops_at_stays_as_it_is(text: str) -> None:
    assert quoted(text) == text


def test_windows_takes_double_quotes_and_its_own_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("striate.words.shell.WINDOWS", True)
    assert command("striate", r"C:\Users\민수\runs", r"C:\my runs\a") == r'striate C:\Users\민수\runs "C:\my runs\a"'


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Misuse("run.done", path=Path(SPACED)), ["striate", "evaluate", SPACED]),
        (Misuse("train.resume_alone", run=SPACED), ["striate", "train", "--resume", SPACED]),
        (Misuse("ablate.alone", path=SPACED), ["striate", "ablate", SPACED]),
        (BadData("data.missing", path="x", nearest="여름 사진"), ["striate", "train", "여름 사진"]),
        (
            Misuse("ensemble.no_data", models=("runs/a", SPACED)),
            ["striate", "ensemble", "runs/a", SPACED, "--data", "FOLDER"],
        ),
    ],
)  # fmt: skip
def test_what_a_problem_says_to_type_next_can_be_typed(problem: Misuse | BadData, words: list[str]) -> None:
    for language in LANGUAGES:
        (line,) = [each for each in problem.text(language).splitlines() if "striate" in each]
        assert shlex.split(line)[1:] == words


def test_only_what_is_typed_is_quoted() -> None:
    problem = Misuse("run.exists", path="my runs", unfinished="my runs")
    assert problem.text().splitlines()[0] == "my runs is there already and not empty"
    told = Misuse("train.not_finite", epoch=1, step=2, seen="x", cause="y", remedy=Phrase("label.yes"))
    assert told.text().endswith(f"  {Phrase('label.yes').text()}")
