"""Lists of pictures to leave out: what is written is read, and so is what people write by hand."""

import os
import unicodedata
from pathlib import Path

import pytest

from striate.data.exclusions import Exclusion, read, write
from striate.problem import BadData

NAMES = ("고양이/첫 사진.jpg", "cat/a, b.jpg", 'cat/the "best".jpg', "cat/two\nlines.jpg", "cat/\r.jpg", " cat/ 1.jpg ")


def test_every_name_comes_back_as_it_was(tmp_path: Path) -> None:
    write(tmp_path / "list.csv", [Exclusion(name, "copies", keep=NAMES[0]) for name in NAMES])
    assert read(tmp_path / "list.csv") == set(NAMES)


def test_a_name_that_is_not_utf_8_comes_back_as_the_folder_calls_it(tmp_path: Path) -> None:
    write(
        tmp_path / "list.csv", [Exclusion(os.fsdecode(b"cat/\xff.jpg"), "blank"), Exclusion("cat/\\xfe.jpg", "blank")]
    )
    assert read(tmp_path / "list.csv") == {"cat/\\xff.jpg", "cat/\\xfe.jpg"}


def test_bytes_that_are_not_utf_8_in_a_list_by_hand_are_read_as_the_folder_calls_them(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes(b"path\ncat/\xff.jpg\n")
    assert read(tmp_path / "list.csv") == {"cat/\\xff.jpg"}


def test_a_list_has_the_reason_and_what_is_kept(tmp_path: Path) -> None:
    write(tmp_path / "list.csv", [Exclusion("a/1.jpg", "copies", "a/2.jpg"), Exclusion("b,c.jpg", "unreadable")])
    lines = (tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["path,reason,keep", "a/1.jpg,copies,a/2.jpg", '"b,c.jpg",unreadable,']


@pytest.mark.parametrize(
    "content",
    [
        "path\r\ncat/1.jpg\r\n고양이/2.jpg\r\n",
        "\ufeffpath\ncat/1.jpg\n고양이/2.jpg",
        "\ufeff\r\nnote, Path \r\nblurred,cat/1.jpg\r\n\r\n,./고양이/2.jpg\r\nno name,\r\nshort\r\n",
        unicodedata.normalize("NFD", "path\ncat/1.jpg\n고양이/2.jpg\n"),
    ],
    ids=["crlf", "mark", "columns", "hangul in pieces"],
)
def test_a_list_by_hand_is_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "list.csv").write_bytes(content.encode())
    assert read(tmp_path / "list.csv") == {"cat/1.jpg", "고양이/2.jpg"}


def test_a_list_of_nothing_is_empty(tmp_path: Path) -> None:
    write(tmp_path / "list.csv", [])
    assert read(tmp_path / "list.csv") == frozenset()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "has no column path"),
        (b"cat/1.jpg\n", "has no column path\n  expected  a first line that names the columns, path among them\n"),
        (b'path\n"cat/1.jpg\n', "is no CSV file"),
    ],
)
def test_what_is_no_such_list_is_refused_with_words(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(BadData) as refused:
        read(tmp_path / "list.csv")
    assert told in str(refused.value)
    assert "list.csv" in refused.value.text("ko")


def test_a_list_that_is_not_there_is_refused_with_words(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="cannot be read: No such file"):
        read(tmp_path / "none.csv")
