"""A network of a person's own: FILE.py:FUNCTION in the place of a catalogue name."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_dir

from striate.problem import Failed, Misuse
from striate.words import nearest

if TYPE_CHECKING:
    from torch import nn

    from striate.architecture import Architecture
    from striate.layers import Layer, Shape
    from striate.recipe import Recipe

INPUT, CLASSES = (3, 224, 224), 10
"""Of a file that does not say: it may set INPUT = (channels, height, width) and CLASSES itself."""

_FORM = re.compile(r"(?P<path>.+\.py):(?P<function>[^:@]+)(?:@(?P<digest>[0-9a-f]{16}))?")


@dataclass(frozen=True)
class Own:
    """A function in a file. It takes the number of classes and returns a layer or an ``nn.Module``; or it is an
    ``Architecture``.

    The name under which it is stored is absolute and ends with the beginning of the file's SHA-256. It is refused once
    the file is another, since what was trained with other code could not be used. A stored name runs the file only
    where this user has named that very file, with these very bytes, without a digest before: such names are remembered
    in ``own-networks.txt`` in the user's data folder. Files that it imports are covered by neither.
    """

    path: Path
    function: str
    digest: str | None = None  # 16 hexadecimal digits

    @staticmethod
    def parse(name: str) -> Own | None:
        """None for a name of another form."""
        match = _FORM.fullmatch(name)
        return match and Own(Path(match["path"]), match["function"], match["digest"])

    def architecture(self) -> Architecture:
        """Runs the file, and remembers that it may be run where it is named without a digest.

        Misuse where there is no such file or function; Failed where its code fails, has changed, or, named with a
        digest, was never run by its name.
        """
        from striate.architecture import Architecture

        path = self.path.expanduser().resolve()
        if not path.is_file():
            raise Misuse("own.no_file", path=self.path)
        data = path.read_bytes()
        whole = hashlib.sha256(data).hexdigest()
        digest = whole[:16]
        if self.digest not in (None, digest):
            raise Failed("own.changed", path=path)
        if self.digest is not None and not _approved(path, whole):
            raise Failed("own.stranger", path=path, function=self.function)
        module = _run(path, data, whole)
        if self.digest is None:
            _approve(path, whole)
        made = getattr(module, self.function, None)
        name = f"{path}:{self.function}@{digest}"
        if isinstance(made, Architecture):
            return replace(made, name=name)
        if not callable(made):
            functions = [
                each for each, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__
            ]
            raise Misuse(
                "own.no_function", path=self.path, name=self.function, nearest=nearest(self.function, functions)
            )
        return _declared(name, made, getattr(module, "INPUT", INPUT), getattr(module, "CLASSES", CLASSES))


def refuse_unpinned(name: str) -> None:
    """Failed for a name out of a folder that means code by a place that is not absolute, or without a digest."""
    own = Own.parse(name)
    if own is not None and (own.digest is None or not own.path.is_absolute()):
        raise Failed("own.unpinned", name=name)


def _list() -> Path:
    """The files that this user has named himself: a line each, of the SHA-256, two spaces and the path."""
    return Path(user_data_dir("striate", appauthor=False)) / "own-networks.txt"


def _approved(path: Path, digest: str) -> bool:
    if _module_name(path, digest) in sys.modules:  # it has run in this process already
        return True
    try:
        lines = _list().read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    except OSError:
        return False
    return _line(path, digest) in lines


def _approve(path: Path, digest: str) -> None:
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


def _run(path: Path, data: bytes, digest: str) -> ModuleType:
    """The file's bytes, those that were hashed, as a module; one that was run already stays, and so do its classes."""
    name = _module_name(path, digest)
    if name in sys.modules:
        return sys.modules[name]
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    try:
        exec(compile(data, str(path), "exec", dont_inherit=True), module.__dict__)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise Failed("own.code", path=path, reason=f"{type(error).__name__}: {error}") from error
    return module


def _declared(name: str, function: Any, shape: tuple[int, int, int], classes: int) -> Architecture:
    import torch
    from torch import nn

    from striate.architecture import Architecture
    from striate.initialise import he_normal

    def build(count: int) -> Layer:
        return lambda inner: _built(name, function, count, inner)

    if not (isinstance(shape, tuple | list) and len(shape) == 3 and all(map(_is_count, shape))):
        raise Misuse("own.input", name=name, found=repr(shape))
    if not _is_count(classes):
        raise Misuse("own.classes", name=name, found=repr(classes))
    with torch.device("meta"):
        draws_itself = isinstance(_made(name, function, classes), nn.Module)
    first = None if draws_itself else he_normal
    return Architecture(name, None, tuple(shape), classes, build, first, _recipe(shape), head="")


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _made(name: str, function: Any, classes: int) -> Any:
    """What the function returns; on the CPU where it cannot work on the meta device."""
    import torch

    try:
        try:
            return function(classes)
        except (RuntimeError, NotImplementedError):
            with torch.device("cpu"):
                return function(classes)
    except Exception as error:
        raise Failed("own.code", path=name, reason=f"{type(error).__name__}: {error}") from error


def _built(name: str, function: Any, classes: int, shape: Shape) -> nn.Module:
    from torch import nn

    made = _made(name, function, classes)
    if isinstance(made, nn.Module):
        return made
    if not callable(made):
        raise Misuse("own.returns", name=name, found=type(made).__name__)
    return made(shape)


def _recipe(shape: tuple[int, int, int]) -> Recipe:
    from striate.recipe import Adam, Augment, Constant, CrossEntropy, Recipe, View

    channels, height, width = shape
    view = View("squash", (height, width), channels, mean=(0.5,) * channels, std=(0.25,) * channels)
    return Recipe(
        Adam(lr=0.001), Constant(), CrossEntropy(), view, Augment(), epochs=20, batch=64, source="no paper",
        assumed=("Adam at its published rate; pixels from -2 to 2",),
    )  # fmt: skip
