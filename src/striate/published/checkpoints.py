"""Reading files of weights that others wrote: tensors only, never code."""

import hashlib
import pickle
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from striate.problem import BadData, Failed, Misuse

SUFFIXES = (".pth", ".pt", ".safetensors")

_FORBIDDEN = re.compile(r"GLOBAL (\S+)")  # in PyTorch's words: what it would have to import to go on
_NESTS = ("state_dict", "model", "model_state_dict")  # where training scripts put the weights in a checkpoint
_WRAPS = ("module.", "_orig_mod.")  # what DataParallel and torch.compile() put before each name


def read(path: Path) -> dict[str, Tensor]:
    """The tensors of a .pth, .pt or .safetensors file by their names in it, as they lie on the CPU.

    Misuse for a file that is not there; BadData for one that holds no tensors, or that only running the code in it
    could open.
    """
    if not path.is_file():
        raise Misuse("checkpoint.missing", path=path)
    content = _safetensors(path) if path.suffix == ".safetensors" else _pickled(path)
    for _ in _NESTS:  # a nest may lie within another one
        nest = next((name for name in _NESTS if isinstance(content.get(name), Mapping)), None)
        content = content if nest is None else content[nest]
    tensors = {str(name): each for name, each in content.items() if isinstance(each, Tensor)}
    if not tensors:
        raise BadData("checkpoint.empty", path=path)
    while wrap := next((wrap for wrap in _WRAPS if all(name.startswith(wrap) for name in tensors)), None):
        tensors = {name.removeprefix(wrap): each for name, each in tensors.items()}
    return tensors


def verify(path: Path, sha256: str | None) -> None:
    """Failed for a file that is not the one published; sha256 is its digest, or the first digits of it."""
    if sha256 is None:
        return
    with path.open("rb") as file:
        if not hashlib.file_digest(file, "sha256").hexdigest().startswith(sha256):
            raise Failed("weights.damaged", path=path)


def _safetensors(path: Path) -> Mapping[str, Any]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise BadData("checkpoint.unreadable", path=path, reason=_first_line(error)) from error


def _pickled(path: Path) -> Mapping[str, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an unusual pickle, which then is or is not read
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if forbidden := _FORBIDDEN.search(str(error)):
            raise BadData("checkpoint.code", path=path, name=forbidden[1]) from error
        raise BadData("checkpoint.unreadable", path=path, reason="not in PyTorch's format") from error
    except Exception as error:  # torch.load() raises whatever the bytes lead it into
        raise BadData("checkpoint.unreadable", path=path, reason=_first_line(error)) from error
    if not isinstance(content, Mapping):
        raise BadData("checkpoint.empty", path=path)
    return content


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
