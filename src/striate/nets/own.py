"""A network of a person's own: FILE.py:FUNCTION in the place of a catalogue name."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

    The name under which it is stored ends with the beginning of the file's SHA-256, and is refused once the file is
    another: what was trained with other code could not be used, and no code runs that was not asked for.
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
        """Runs the file; Misuse where there is no such file or function, Failed where its code fails or has changed."""
        from striate.architecture import Architecture

        path = self.path.expanduser().resolve()
        if not path.is_file():
            raise Misuse("own.no_file", path=self.path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        if self.digest not in (None, digest):
            raise Failed("own.changed", path=path)
        module = _run(path, digest)
        made = getattr(module, self.function, None)
        name = f"{path}:{self.function}@{digest}"
        if isinstance(made, Architecture):
            return replace(made, name=name)
        if not callable(made):
            functions = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
            raise Misuse(
                "own.no_function", path=self.path, name=self.function, nearest=nearest(self.function, functions)
            )
        return _declared(name, made, getattr(module, "INPUT", INPUT), getattr(module, "CLASSES", CLASSES))


def _run(path: Path, digest: str) -> Any:
    """The file as a module; one that was run already stays, so that its classes stay the same."""
    name = f"striate_own_{path.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise Failed("own.code", path=path, reason=f"{type(error).__name__}: {error}") from error
    return module


def _declared(name: str, function: Any, shape: tuple[int, int, int], classes: int) -> Architecture:
    import torch
    from torch import nn

    from striate.architecture import Architecture, he_normal

    def build(count: int) -> Layer:
        return lambda inner: _built(name, function, count, inner)

    with torch.device("meta"):
        draws_itself = isinstance(_made(name, function, classes), nn.Module)
    first = None if draws_itself else he_normal
    return Architecture(name, None, tuple(shape), classes, build, first, _recipe(shape), head="")


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
