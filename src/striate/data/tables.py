"""Tables of pictures: CSV, TSV or Parquet with a path and a label in each row, and perhaps a part and a group."""

import codecs
import csv
import os
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from striate.data.folder import PARTS, Found, nfc
from striate.data.pictures import SUFFIXES
from striate.data.samples import Files, Pictures
from striate.data.tree import natural
from striate.problem import BadData
from striate.words import Phrase

Role = Literal["path", "label", "split", "group"]

COLUMNS: Mapping[Role, tuple[str, ...]] = {
    "path": (
        "path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path",
        "경로", "파일", "파일명", "이미지",
    ),
    "label": ("label", "class", "class_name", "category", "라벨", "레이블", "클래스"),
    "split": ("split", "part", "subset", "set", "구분"),
    "group": ("group", "group_id", "patient", "patient_id", "subject", "그룹", "환자"),
}  # fmt: skip
"""The names of columns that are taken, small letters or capitals, and what each means."""

_KINDS = (".csv", ".tsv", ".parquet")
_SHOWN = 8  # lines that are named of those with the same trouble


@dataclass(frozen=True)
class _Table:
    """The cells of a table as text, each row with its line; a Parquet file's rows are counted from 1."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    remarks: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class _Row:
    line: int
    path: str
    label: str
    part: str
    group: str

    @property
    def said(self) -> str:
        """What it says of its picture."""
        return ", ".join(each for each in (self.label, self.part, self.group) if each and each != "all")


def is_table(path: Path) -> bool:
    return path.suffix.lower() in _KINDS and path.is_file()


def open_table(path: Path) -> Found:
    """The pictures that a table names; paths are taken from the folder it is in. BadData says which lines are wrong.

    A path may be absolute or lead out of that folder: nothing but pictures is read, and nothing is written. But a table
    from somebody else could point anywhere, so how many do so is told.
    """
    table = _parquet(path) if path.suffix.lower() == ".parquet" else _text(path)
    rows, remarks = _once(path, _labelled(path, table))
    kept, absent = _there(path.parent, rows)
    if not kept:
        raise BadData("table.none_there", path=path, count=len(absent), name=absent[0], folder=path.parent.resolve())
    outside = [row.path for row in kept if row.path.startswith("..") or Path(row.path).is_absolute()]
    if outside:
        remarks += (Phrase("remark.outside", {"count": len(outside), "name": outside[0]}),)
    classes = sorted({row.label for row in kept}, key=lambda name: (natural(name), name))
    parts, groups = _parts(path, kept, {name: at for at, name in enumerate(classes)})
    found = path.resolve()
    return Found(
        nfc(found.stem), str(found), tuple(classes), parts, (), groups, tuple(absent), (*table.remarks, *remarks)
    )


def _text(path: Path) -> _Table:
    """A table in text: its encoding, its separator and its header are found out."""
    text, remarks = _decoded(path)
    first = text.split("\n", 1)[0]
    separator = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise BadData("table.damaged", path=path, line=reader.line_num, reason=error) from error
    if not rows:
        raise BadData("table.empty", path=path)
    if _is_data(rows[0][1]) and all(len(cells) == 2 for _, cells in rows):
        return _Table(["path", "label"], rows, (*remarks, Phrase("remark.no_header")))
    return _Table(rows[0][1], rows[1:], remarks)


def _decoded(path: Path) -> tuple[str, tuple[Phrase, ...]]:
    """The text of a file: UTF-8, UTF-16 where a mark says so, or CP949, in which Korean Excel writes CSV."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadData("data.unreadable", path=path, reason=error.strerror) from error
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp949"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, (Phrase("remark.cp949"),) if encoding == "cp949" else ()
    raise BadData("table.encoding", path=path)


def _is_data(cells: Sequence[str]) -> bool:
    """Whether a first row is no header but a picture and its label already."""
    return len(cells) == 2 and Path(cells[0]).suffix.lower() in SUFFIXES


def _parquet(path: Path) -> _Table:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise BadData("table.no_pyarrow", path=path) from error
    try:
        schema = pyarrow.parquet.read_schema(path)
        if any(pyarrow.types.is_struct(kind) or pyarrow.types.is_binary(kind) for kind in schema.types):
            raise BadData("table.pictures_inside", path=path, source=f"hf:{path}")
        table = pyarrow.parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise BadData("data.unreadable", path=path, reason=str(error).splitlines()[0]) from error
    columns = [map(_cell, column.to_pylist()) for column in table.columns]
    rows = [(line, list(cells)) for line, cells in enumerate(zip(*columns, strict=True), 1)]
    if not rows:
        raise BadData("table.empty", path=path)
    return _Table(list(table.column_names), rows)


def _cell(value: Any) -> str:
    """A value as text; 3.0 is 3, for whole numbers become fractions where one of them is missing."""
    if value is None or value != value:
        return ""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def _labelled(path: Path, table: _Table) -> list[_Row]:
    """The rows by what their cells mean."""
    columns = _columns(path, table.header)
    rows, nameless, unknown = [], [], []
    divided = "split" in columns and any(_at(cells, columns.get("split")) for _, cells in table.rows)
    for line, cells in table.rows:
        if len(cells) > len(table.header):
            raise BadData("table.wide", path=path, line=line, found=len(cells), columns=len(table.header))
        split = _at(cells, columns.get("split"))
        part = PARTS.get(split.lower(), "") if divided else "all"
        row = _Row(line, _at(cells, columns["path"]), nfc(_at(cells, columns["label"])), part,
                   _at(cells, columns.get("group")))  # fmt: skip
        rows.append(row)
        if not row.path:
            nameless.append(line)
        if not part:
            unknown.append((line, split))
    if nameless:
        raise BadData("table.no_path", path=path, lines=_listed(nameless))
    if unknown:
        lines, known = _listed(line for line, _ in unknown), ", ".join(PARTS)
        raise BadData("table.split", path=path, lines=lines, name=unknown[0][1], known=known)
    if not rows:
        raise BadData("table.empty", path=path)
    return rows


def _columns(path: Path, header: Sequence[str]) -> dict[Role, int]:
    """Where each kind of column is; BadData where there is none for the path or the label, or two for one thing."""
    plain = [unicodedata.normalize("NFC", name).strip().casefold() for name in header]
    found: dict[Role, int] = {}
    for role, names in COLUMNS.items():
        places = [at for at, name in enumerate(plain) if name in names]
        if len(places) > 1:
            raise BadData("table.two_columns", path=path, columns=", ".join(header[at] for at in places))
        if places:
            found[role] = places[0]
    missing = [role for role in ("path", "label") if role not in found]
    if missing:
        raise BadData(
            "table.columns", path=path, columns=", ".join(header), paths=", ".join(COLUMNS["path"]),
            labels=", ".join(COLUMNS["label"]),
        )  # fmt: skip
    return found


def _at(cells: Sequence[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _once(path: Path, rows: Iterable[_Row]) -> tuple[list[_Row], tuple[Phrase, ...]]:
    """Each picture once; BadData where two rows say different things of one. Rows without a label are left out."""
    kept: dict[str, _Row] = {}
    again, unlabelled = [], []
    for row in rows:
        if not row.label:
            unlabelled.append(row.line)
            continue
        name = _placed(path.parent, row.path)
        first = kept.setdefault(nfc(name), _Row(row.line, name, row.label, row.part, row.group))
        if first.line == row.line:
            continue
        if (first.label, first.part, first.group) != (row.label, row.part, row.group):
            said = " / ".join(each.said for each in (first, row))
            raise BadData("table.twice", path=path, name=name, first=str(first.line), second=str(row.line), said=said)
        again.append(row.line)
    if not kept:
        raise BadData("table.no_labels", path=path)
    told = (("remark.again", again), ("remark.unlabelled", unlabelled))
    remarks = tuple(Phrase(key, {"count": len(lines), "lines": _listed(lines)}) for key, lines in told if lines)
    return list(kept.values()), remarks


def _placed(folder: Path, path: str) -> str:
    """A path as a row has it, from the table's folder where it is inside, with forward slashes."""
    if "\\" in path and not (folder / path).exists():  # as Windows writes it
        path = path.replace("\\", "/")
    whole = Path(os.path.normpath(path))
    if whole.is_absolute():
        return next((whole.relative_to(root).as_posix() for root in _roots(folder) if whole.is_relative_to(root)),
                    whole.as_posix())  # fmt: skip
    return whole.as_posix()


def _roots(folder: Path) -> tuple[Path, Path]:
    return folder.absolute(), folder.resolve()


def _there(folder: Path, rows: Iterable[_Row]) -> tuple[list[_Row], list[str]]:
    """The rows whose picture is there, under its name in whichever form of letters the disk has it; and the others."""
    kept, absent = [], []
    for row in rows:
        forms = dict.fromkeys((row.path, nfc(row.path), unicodedata.normalize("NFD", row.path)))
        place = next((form for form in forms if (folder / form).is_file()), None)
        if place is None:
            absent.append(nfc(row.path))
        else:
            kept.append(_Row(row.line, place, row.label, row.part, row.group))
    return kept, absent


def _parts(
    path: Path, rows: Iterable[_Row], labels: Mapping[str, int]
) -> tuple[dict[str, Pictures], dict[str, np.ndarray]]:
    """The pictures of each part, and where the table has groups, their numbers beside them."""
    by_part: dict[str, list[_Row]] = {}
    for row in rows:
        by_part.setdefault(row.part, []).append(row)
    parts: dict[str, Pictures] = {
        part: Files.of(path.parent, [row.path for row in some], [labels[row.label] for row in some])
        for part, some in by_part.items()
    }
    if not any(row.group for some in by_part.values() for row in some):
        return parts, {}
    numbers: dict[str, int] = {}  # a picture without a group is one of its own
    groups = {
        part: np.array([numbers.setdefault(row.group or f"\0{row.path}", len(numbers)) for row in some], np.int64)
        for part, some in by_part.items()
    }
    return parts, groups


def _listed(lines: Iterable[int]) -> str:
    every = list(lines)
    return ", ".join(map(str, every[:_SHOWN])) + (" ..." if len(every) > _SHOWN else "")
