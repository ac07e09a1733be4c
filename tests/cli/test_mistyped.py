"""What Typer itself would say in English: its part of the help, and what it refuses."""

import re
from pathlib import Path

import pytest

from striate.cli import run
from striate.cli.app import COMMANDS
from striate.words import LANGUAGES

OWN = r"Usage|Options:|Arguments:|Commands:|Show this|\[required\]|\[OPTIONS\]|\[ARGS\]"


def told(capsys: pytest.CaptureFixture[str], language: str, *arguments: str) -> str:
    """What a refused command says."""
    assert run(arguments, language) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("command", [(), *((each,) for each in COMMANDS), ("learn", "convolution")])
def test_korean_help_has_no_english_of_typers_left(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*command, "--help"], "ko") == 0
    korean = capsys.readouterr().out
    assert korean.startswith("사용법: striate")
    assert not re.search(OWN, korean)
    assert run([*command, "--help"], "en") == 0
    assert re.search(OWN, capsys.readouterr().out)


@pytest.mark.parametrize(
    ("arguments", "english", "korean"),
    [
        (["train", "--lr", "fast"], "--lr takes a number, and fast is none", "--lr 값이 수가 아닙니다: fast"),
        (
            ["train", "--epochs=2.5"],
            "--epochs takes a whole number, and 2.5 is none",
            "--epochs 값이 정수가 아닙니다: 2.5",
        ),
        (["train", "--lr"], "--lr needs a value behind it", "--lr 옵션 뒤에 값이 없습니다"),
        (["nets", "--json=1"], "--json takes no value", "--json 옵션은 값을 받지 않습니다"),
        (["train", "a", "b"], "one argument too many: b\n", "인자가 더 있습니다: b\n"),
    ],
)
def test_what_is_refused_is_told_in_either_language(
    arguments: list[str], english: str, korean: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, words in zip(LANGUAGES, (english, korean), strict=True):
        assert words in told(capsys, language, *arguments)


def test_a_path_that_a_space_has_split_is_shown_in_quotes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my holiday pictures").mkdir()
    monkeypatch.chdir(tmp_path)
    message = told(capsys, "en", "train", "my", "holiday", "pictures", "--epochs", "2")
    assert "a name with spaces needs quotes" in message
    assert "striate train 'my holiday pictures' --epochs 2\n" in message
    assert "'/gone/my pictures'\n" in told(capsys, "ko", "train", "/gone/my", "pictures")
    assert "quotes" not in told(capsys, "en", "train", "fashion-sample", "pictures")
