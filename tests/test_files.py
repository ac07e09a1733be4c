"""Files replaced as a whole, and JSON that every reader takes."""

import json
import math
import os
from pathlib import Path

import pytest

from striate import files


def test_a_file_is_replaced_as_a_whole_or_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    files.replace_json(path, {"a": 1})

    def half(beside: Path) -> None:
        beside.write_text('{"a": ', encoding="utf-8")
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        files.replace(path, half)
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": 1}


def test_names_of_files_in_other_bytes_are_read_back_and_the_text_stays_utf8(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.png")
    path = tmp_path / "a.json"
    files.replace_json(path, {"name": name, "꽃": "꽃"})
    assert json.loads(path.read_bytes().decode("utf-8")) == {"name": name, "꽃": "꽃"}


def test_hangul_stays_readable_and_is_escaped_when_asked() -> None:
    assert files.json_text("꽃") == '"꽃"'
    assert files.json_text("꽃", escaped=True) == '"\\uaf43"'


def test_what_json_has_no_words_for_becomes_null() -> None:
    value = {"a": [math.nan, 1.0, (math.inf, 2)], "b": {"c": -math.inf}, "d": True, "e": "nan"}
    assert files.finite(value) == {"a": [None, 1.0, [None, 2]], "b": {"c": None}, "d": True, "e": "nan"}
