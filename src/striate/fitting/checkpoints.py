"""Checkpoints: all that a training needs to go on as if it had never stopped.

A checkpoint is written under another name, synced to disk and then renamed, so it is there whole or not at all. Its
manifest holds the hash of every file; one that does not match is passed over for the one before.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from striate.model import storable

_KEPT = 2
_TENSORS, _STATE, _MANIFEST = "state.safetensors", "state.json", "manifest.json"
_RATES = "rates"  # of the last step, by group: a velocity that holds the rate is nothing without it


@dataclass
class Position:
    """How far a training has come."""

    epoch: int = 0
    step: int = 0  # of this epoch, done
    loss_sum: float | Tensor = 0.0  # over the pictures of this epoch so far; on the device, which need not wait for it
    seen: int = 0
    best_top1: float = -1.0  # on the validation pictures
    best_loss: float = 0.0
    best_epoch: int = 0
    drops: int = 0  # of the learning rate, on plateaus
    dropped_epoch: int = 0  # the last of them
    seconds: float = 0.0  # of work so far, earlier sittings included
    log_bytes: int = 0  # length of the event log


@dataclass(frozen=True)
class Moving:
    """All that a step changes."""

    network: nn.Module
    optimiser: torch.optim.Optimizer
    average: nn.Module | None = None  # of the network's weights


def save(folder: Path, moving: Moving, position: Position) -> None:
    """Adds a checkpoint to the folder and removes all but the last two."""
    name = f"{position.epoch:05d}-{position.step:07d}"
    beside, final = folder / f"{name}.part", folder / name
    if _whole(final):
        return
    shutil.rmtree(final, ignore_errors=True)  # a damaged one stands in the way
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    save_file(storable(dict(_tensors(moving))), beside / _TENSORS)
    state = {
        **asdict(position),
        "loss_sum": float(position.loss_sum),
        _RATES: [group["lr"] for group in moving.optimiser.param_groups],
    }
    (beside / _STATE).write_text(json.dumps(state), encoding="utf-8")
    manifest = {name: _digest(beside / name) for name in (_TENSORS, _STATE)}
    (beside / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    for path in beside.iterdir():
        _sync(path)
    beside.rename(final)
    _sync(folder)
    for old in _all(folder)[:-_KEPT]:
        shutil.rmtree(old)


def restore(folder: Path, moving: Moving) -> Position:
    """Puts the newest whole checkpoint back; where there is none, the position of a beginning, nothing changed."""
    for path in reversed(_all(folder)):
        if _whole(path):
            state = json.loads((path / _STATE).read_text(encoding="utf-8"))
            _put_back(load_file(path / _TENSORS), state.pop(_RATES, []), moving)
            return Position(**state)
    return Position()


def epochs_done(folder: Path) -> int:
    """How many whole epochs the newest checkpoint has behind it, by its name; 0 where there is none."""
    return max((int(path.name.split("-")[0]) for path in _all(folder)), default=0)


def _all(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*-*") if path.suffix != ".part" and path.is_dir())


def _whole(path: Path) -> bool:
    try:
        manifest = json.loads((path / _MANIFEST).read_text(encoding="utf-8"))
        return all(_digest(path / name) == manifest[name] for name in (_TENSORS, _STATE))
    except (OSError, ValueError, KeyError):
        return False


def _tensors(moving: Moving) -> Iterator[tuple[str, Tensor]]:
    for kind, module in _modules(moving):
        for name, tensor in module.state_dict().items():
            yield f"{kind}.{name}", tensor
    for index, state in moving.optimiser.state_dict()["state"].items():
        for name, value in state.items():
            if value is not None:
                yield f"optimiser.{index}.{name}", value


def _modules(moving: Moving) -> list[tuple[str, nn.Module]]:
    return [("network", moving.network), *([("average", moving.average)] if moving.average is not None else [])]


def _put_back(tensors: dict[str, Tensor], rates: list[float], moving: Moving) -> None:
    for kind, module in _modules(moving):
        own = {name.removeprefix(f"{kind}."): each for name, each in tensors.items() if name.startswith(f"{kind}.")}
        module.load_state_dict(own)
    optimiser = moving.optimiser
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    states: dict[int, dict[str, Any]] = {}
    for name, tensor in tensors.items():
        if name.startswith("optimiser."):
            _, index, key = name.split(".")
            states.setdefault(int(index), {})[key] = _laid_out_like(parameters[int(index)], tensor)
    optimiser.load_state_dict({"state": states, "param_groups": optimiser.state_dict()["param_groups"]})
    for group, rate in zip(optimiser.param_groups, rates, strict=False):  # none in checkpoints of before
        group["lr"] = rate


def _laid_out_like(parameter: Tensor, tensor: Tensor) -> Tensor:
    """The tensor in its parameter's memory layout, which the file does not keep and the fused optimiser needs."""
    return torch.empty_like(parameter).copy_(tensor) if tensor.shape == parameter.shape else tensor


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # Windows has no handle to sync a folder by
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
