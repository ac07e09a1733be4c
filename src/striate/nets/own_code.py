"""Running a file of a person's own: its very bytes, and only where this user has named it before."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from platformdirs import user_data_dir

from striate.problem import Failed

_SOURCE = "__striate_source__"  # in a module, the bytes that it was made of


def digest_of(data: bytes) -> str:
    """The SHA-256 of a file, of which names hold the beginning."""
    return hashlib.sha256(data).hexdigest()


def _list() -> Path:
    """The files that this user has named himself: a line each, of the SHA-256, two spaces and the path."""
    return Path(user_data_dir("striate", appauthor=False)) / "own-networks.txt"


def approved(path: Path, digest: str) -> bool:
    if _module_name(path, digest) in sys.modules:  # it has run in this process already
        return True
    try:
        lines = _list().read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    except OSError:
        return False
    return _line(path, digest) in lines


def approve(path: Path, digest: str) -> None:
    """Remembers a file; where that cannot be written, it is approved as long as the process lasts."""
    line = _line(path, digest)
    with suppress(OSError):
        known = _list().read_text(encoding="utf-8", errors="surrogateescape") if _list().is_file() else ""
        if line in known.split("\n") or "\n" in line:  # a path with a line break could pass for another line
            return
        _list().parent.mkdir(parents=True, exist_ok=True)
        with _list().open("a", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.write(line + "\n")


def _line(path: Path, digest: str) -> str:
    return f"{digest}  {path}"


def _module_name(path: Path, digest: str) -> str:
    place = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return f"striate_own_{place}_{digest}"


def has(path: Path, digits: str) -> bool:
    """Whether a file is there whose digest begins so."""
    try:
        return digest_of(path.read_bytes()).startswith(digits)
    except OSError:
        return False


def running(path: Path, digits: str) -> ModuleType | None:
    """What ran in this process already of a file whose digest begins so."""
    begin = _module_name(path, digits)
    return next((module for name, module in [*sys.modules.items()] if name.startswith(begin)), None)


def run(path: Path, data: bytes, digest: str) -> ModuleType:
    """The file's bytes, those that were hashed, as a module; one that was run already stays, and so do its classes."""
    name = _module_name(path, digest)
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = str(path)
    vars(module)[_SOURCE] = data
    sys.modules[name] = module
    try:
        exec(compile(data, str(path), "exec", dont_inherit=True), module.__dict__)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise Failed("own.code", path=path, reason=f"{type(error).__name__}: {error}") from error
    return module


def source(module: ModuleType) -> bytes:
    """The bytes that a module was made of."""
    data: bytes = vars(module)[_SOURCE]
    return data


def digest_in(module: ModuleType) -> str:
    """The SHA-256 of these bytes."""
    return module.__name__.rpartition("_")[2]
