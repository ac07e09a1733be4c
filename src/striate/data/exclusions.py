"""Lists of pictures to leave out: a CSV file with a column ``path``, and beside it why, and what is kept instead."""

import csv
import io
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from striate.data.folder import nfc
from striate.files import replace
from striate.problem import BadData


@dataclass(frozen=True)
class Exclusion:
    """A picture that could be left out, the kind of finding that speaks against it, and the copy that stays."""

    path: str
    reason: str
    keep: str = ""


_COLUMNS = tuple(field.name for field in fields(Exclusion))


def read(path: Path) -> frozenset[str]:
    """The names in the column ``path``, as a folder's pictures are named; BadData where there is no such column.

    A list that was written by hand may have that column alone, Windows' ends of lines and a byte order mark.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig", "backslashreplace")
    except OSError as error:
        raise BadData("exclusions.unreadable", path=path, reason=error.strerror or error) from error
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(row)]
    except csv.Error as error:
        raise BadData("exclusions.no_csv", path=path, reason=error) from error
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if "path" not in header:
        raise BadData("exclusions.no_path", path=path, found=", ".join(header))
    column = header.index("path")
    return frozenset(nfc(row[column]).removeprefix("./") for row in rows[1:] if len(row) > column and row[column])


def write(path: Path, rows: Iterable[Exclusion]) -> None:
    """Writes a list that ``read`` takes, as a whole; the mark at its beginning tells spreadsheets that it is UTF-8."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\r\n")  # which has a lone \r in a name quoted, too
    writer.writerow(_COLUMNS)
    writer.writerows(map(nfc, astuple(row)) for row in rows)
    replace(path, lambda beside: beside.write_bytes(lines.getvalue().encode("utf-8-sig")))
