"""What is printed for programs: JSON and CSV, whatever stdout is."""

import io
import json
import math
import os
import sys

import pytest

from striate.cli import run
from striate.cli.forms import csv_writer, form_of, print_json
from striate.problem import Misuse


def printed(monkeypatch: pytest.MonkeyPatch, value: object, encoding: str) -> bytes:
    """What comes out of a console or a file with an encoding."""
    raw = io.BytesIO()
    with monkeypatch.context() as inside:
        inside.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, errors="replace"))
        print_json(value)
        return raw.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "cp1252", "ascii"])
def test_json_is_utf8_and_complete_in_every_encoding(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    value = {"꽃": "é", "image": os.fsdecode(b"\xff.png")}
    assert json.loads(printed(monkeypatch, value, encoding).decode("utf-8")) == value


def test_json_has_null_for_numbers_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed(monkeypatch, [math.nan, math.inf, 0.5], "utf-8").strip() == b"[null, null, 0.5]"


@pytest.mark.parametrize(("system", "end"), [("\n", b"\n"), ("\r\n", b"\r\n")])  # what stdout makes of a line's end
def test_a_line_of_csv_ends_once(monkeypatch: pytest.MonkeyPatch, system: str, end: bytes) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8", newline=system))
    csv_writer().writerows([["a", "b"], [1, 2]])
    sys.stdout.flush()
    assert raw.getvalue() == b"a,b" + end + b"1,2" + end


def test_a_form_is_asked_for_or_it_is_text() -> None:
    assert form_of() == "text"
    assert [form_of(json=True), form_of(csv=True), form_of(markdown=True)] == ["json", "csv", "markdown"]
    with pytest.raises(Misuse, match="two forms"):
        form_of(json=True, markdown=True)


def test_ablate_takes_one_form_of_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ablate", "--list", "--json", "--markdown"]) == 2
    assert "--json and --markdown are two forms of output" in capsys.readouterr().err
