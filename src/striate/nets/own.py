"""A network of a person's own: FILE.py:FUNCTION in the place of a catalogue name."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from striate.nets.own_code import approve, approved, digest_in, digest_of, has, run, running, source
from striate.problem import Failed, Misuse
from striate.words import nearest

if TYPE_CHECKING:
    from torch import nn

    from striate.architecture import Architecture
    from striate.layers import Layer, Shape
    from striate.recipe import Recipe

COPY = "network.py"
"""What a run and a model folder keep of the file: its bytes as they ran."""

INPUT, CLASSES = (3, 224, 224), 10
"""Of a file that does not say: it may set INPUT = (channels, height, width) and CLASSES itself."""

_FORM = re.compile(r"(?P<path>.+\.py):(?P<function>[^:@]+)(?:@(?P<digest>[0-9a-f]{16}))?")
_DIGITS = 16  # of the digest in a stored name
_FILE = re.compile(r"(?P<path>.+\.py):?")


@dataclass(frozen=True)
class Own:
    """A function in a file. It takes the number of classes and returns a layer or an ``nn.Module``; or it is an
    ``Architecture``.

    The name under which it is stored is absolute and ends with the beginning of the file's SHA-256, since what was
    trained with other code could not be used. It means the file with these bytes or, once that is another, the copy
    that admitted() takes. A stored name runs code only where this user has named that very file, with these very bytes,
    without a digest before: such names are remembered in ``own-networks.txt`` in the user's data folder. Files that it
    imports are covered by neither.
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

        module = self._module()
        made = getattr(module, self.function, None)
        name = f"{self.place}:{self.function}@{digest_in(module)[:_DIGITS]}"
        if isinstance(made, Architecture):
            return replace(made, name=name)
        if not callable(made):
            functions = [
                each
                for each, value in vars(module).items()
                if getattr(value, "__module__", None) == module.__name__ and not each.startswith("_")
            ]
            close, names = nearest(self.function, functions), ", ".join(functions)
            raise Misuse("own.no_function", path=self.path, name=self.function, names=names, nearest=close)
        return _declared(name, made, getattr(module, "INPUT", INPUT), getattr(module, "CLASSES", CLASSES))

    @property
    def place(self) -> Path:
        return self.path.expanduser().resolve()

    def source(self) -> bytes:
        """The bytes of the file, as they ran."""
        return source(self._module())

    def _module(self) -> ModuleType:
        before = running(self.place, self.digest) if self.digest else None
        if before is not None:
            return before
        if not self.place.is_file():
            raise Misuse("own.no_file", path=self.path)
        data = self.place.read_bytes()
        digest = digest_of(data)
        if self.digest not in (None, digest[:_DIGITS]):
            raise Failed("own.changed", path=self.place)
        if self.digest is not None and not approved(self.place, digest):
            raise Failed("own.stranger", path=self.place, function=self.function)
        module = run(self.place, data, digest)
        if self.digest is None:
            approve(self.place, digest)
        return module


def admitted(name: str, folder: Path) -> str:
    """The name of a network out of a folder, once it is seen that it may be used.

    Of one's own network whose file is another by now, the copy in the folder runs in its place: these bytes as that
    file, if this user has named that file with them before; as a file of its own, if he has named the copy. Failed for
    code by a place that is not absolute or without a digest, and for bytes that this user has named nowhere.
    """
    own = Own.parse(name)
    if own is None:
        return name
    if own.digest is None or not own.path.is_absolute():
        raise Failed("own.unpinned", name=name)
    copy = (folder / COPY).resolve()
    if running(own.place, own.digest) or has(own.place, own.digest) or not has(copy, own.digest):
        return name  # the file itself, or nothing that could stand for it
    data = copy.read_bytes()
    digest = digest_of(data)
    if digest.startswith(own.digest) and approved(own.place, digest):
        run(own.place, data, digest)
        return name
    if not approved(copy, digest):
        raise Failed("own.stranger", path=copy, function=own.function)
    return f"{copy}:{own.function}@{own.digest}"


def source_of(name: str) -> bytes | None:
    """The code of a network of one's own; None for one of the catalogue."""
    own = Own.parse(name)
    return None if own is None else own.source()


def refuse_without_function(name: str) -> None:
    """Misuse for a Python file without a function, with those functions and classes in it that could be meant."""
    match = _FILE.fullmatch(name)
    if match is None:
        return
    path = Path(match["path"])
    if not path.expanduser().is_file():
        raise Misuse("own.no_file", path=path)
    try:
        code = ast.parse(path.expanduser().read_bytes(), str(path))  # which runs nothing
    except (SyntaxError, ValueError) as error:
        raise Failed("own.code", path=path, reason=f"{type(error).__name__}: {error}") from error
    found = [each.name for each in code.body if isinstance(each, ast.FunctionDef | ast.ClassDef) and _takes_one(each)]
    if not found:
        raise Misuse("own.nothing_inside", path=path)
    raise Misuse("own.which", path=path, names=", ".join(found), first=found[0])


def _takes_one(defined: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether it can be called with the number of classes alone, as far as its definition tells."""
    if isinstance(defined, ast.FunctionDef):
        own, spare = defined.args, 0
    else:
        makers = [each for each in defined.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"]
        if not makers:
            return False
        own, spare = makers[0].args, 1  # self
    given = len(own.posonlyargs) + len(own.args) - spare
    needed = given - len(own.defaults)
    return not defined.name.startswith("_") and given >= 1 and needed <= 1 and all(own.kw_defaults)


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

    if not _takes(function, classes):
        raise Misuse("own.takes", name=name)
    try:
        try:
            return function(classes)
        except (RuntimeError, NotImplementedError):
            with torch.device("cpu"):
                return function(classes)
    except Exception as error:
        raise Failed("own.code", path=name, reason=f"{type(error).__name__}: {error}") from error


def _takes(function: Any, classes: int) -> bool:
    """Whether it can be called with the number of classes alone; yes where that cannot be told."""
    try:
        signature = inspect.signature(function)
    except ValueError:  # as of some that are written in C
        return True
    try:
        signature.bind(classes)
    except TypeError:
        return False
    return True


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
