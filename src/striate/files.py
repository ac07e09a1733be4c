"""Files that are there whole or not at all, and JSON that every reader takes."""

import codecs
import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from platformdirs import user_cache_dir


def cache_folder(kind: str) -> Path:
    """Where the user's things of a kind are kept that could be had again; it may not be there yet."""
    return Path(user_cache_dir("striate", appauthor=False)) / kind


def replace(path: Path, write: Callable[[Path], object]) -> None:
    """Has a file written beside its place and moves it there, so that a reader never meets half of it."""
    beside = path.with_name(path.name + ".part")
    write(beside)
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(path)


def replace_json(path: Path, content: Mapping[str, Any], *, indent: int = 1) -> None:
    """Replaces a JSON file as a whole."""
    replace(path, lambda beside: beside.write_text(json_text(content, indent=indent), encoding="utf-8"))


def json_text(value: object, *, indent: int | None = None, escaped: bool = False) -> str:
    """JSON that UTF-8 can hold.

    escaped: all of it in ASCII. So it is, too, where the name of a file is not UTF-8: its bytes come as Python has
    them, \\udc80 to \\udcff, and are read back as they were.
    """
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    return text if escaped or is_utf8(text) else json.dumps(value, indent=indent)


def is_utf8(text: str) -> bool:
    """Whether a text can be written in UTF-8; that of a file's name in other bytes cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def writes_utf8(stream: TextIO) -> bool:
    """Whether what is printed there comes out as UTF-8; a stream in memory has no encoding, and holds all."""
    return codecs.lookup(stream.encoding or "utf-8").name == "utf-8"


def finite(value: Any) -> Any:
    """The value with null in place of NaN and infinity, for which JSON has no words."""
    if isinstance(value, Mapping):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
