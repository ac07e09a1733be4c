"""A trained network with everything needed to use it: weights, class names, view, provenance."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from striate.architecture import Architecture
from striate.compute import Compute, for_answers
from striate.data.views import centre, normalised
from striate.nets import CATALOGUE, find
from striate.nets.own import refuse_unpinned
from striate.problem import Failed, Misuse
from striate.published.fetching import Tell
from striate.published.start import PRETRAINED, fetched, named, put, tensors
from striate.recipe import View, from_json, to_json
from striate.words import nearest

FORMAT = 1
_WEIGHTS, _CARD = "weights.safetensors", "model.json"


@dataclass(frozen=True)
class Model:
    """A network that knows its classes and how it wants its pictures."""

    net: str
    network: nn.Module = field(repr=False)
    input: tuple[int, ...]
    classes: tuple[str, ...]
    view: View
    provenance: dict[str, Any] = field(default_factory=dict, repr=False)

    @staticmethod
    def load(source: str | Path, *, download: bool = False, tell: Tell | None = None) -> "Model":
        """A model folder, a run folder, or the name of a network whose weights are at hand.

        download: fetch published weights that are not; tell is called with how far that is. Failed without it.
        """
        path, folder = Path(source), folder_of(source)
        if folder is not None:
            return _load_folder(folder)
        if str(source) in CATALOGUE:
            return pretrained(find(str(source)).architecture(), download=download, tell=tell)
        if path.exists():
            raise Misuse("model.none_here", path=path)
        raise Misuse("model.unknown", name=source, nearest=nearest(str(source), CATALOGUE))

    def save(self, folder: Path) -> None:
        """Writes the folder, replacing one that is there file by file; weights go to disk in contiguous layout."""
        folder.mkdir(parents=True, exist_ok=True)
        tensors = storable(self.network.state_dict())
        _replace_file(folder / _WEIGHTS, lambda path: save_file(tensors, path))
        card = {
            "format": FORMAT,
            "net": self.net,
            "input": list(self.input),
            "classes": list(self.classes),
            "view": to_json(self.view),
            "provenance": self.provenance,
        }
        text = json.dumps(card, ensure_ascii=False, indent=2)
        _replace_file(folder / _CARD, lambda path: path.write_text(text, encoding="utf-8"))

    def probabilities(self, canvases: Tensor, compute: Compute | None = None) -> Tensor:
        """Softmax of the network on uint8 canvases (N, C, H, W): float32 (N, classes), on the CPU."""
        return self.logits(canvases, compute).softmax(-1)

    def logits(self, canvases: Tensor, compute: Compute | None = None) -> Tensor:
        """The network's scores for uint8 canvases, in evaluation mode: float32 (N, classes), on the CPU."""
        where = compute or for_answers()
        with torch.inference_mode(), where.products():
            pixels = where.put(normalised(centre(canvases, self.view), self.view))
            return self.network(pixels).float().cpu()


def folder_of(source: str | Path) -> Path | None:
    """The model folder that a source is, or that lies in the run it is; None where there is none."""
    path = Path(source)
    return next((folder for folder in (path, path / "model") if (folder / _CARD).is_file()), None)


def pretrained(
    architecture: Architecture, name: str = PRETRAINED, *, download: bool = False, tell: Tell | None = None
) -> Model:
    """A network with published weights, by default the first that its file declares; Misuse where there are none.

    Failed for weights that are not at hand, unless ``download`` allows to fetch them; tell is told how far that is.
    """
    weights = named(architecture, name)
    if download:
        fetched(architecture, weights, tell)
    network = architecture.sketch()
    put(network, architecture, tensors(architecture, weights), weights.namings, "kept", weights.source)
    _restore_buffers(network)
    release = weights.release()
    provenance = {"source": weights.source, "url": release.url, "license": weights.license}
    return _ready(Model(architecture.name, network, architecture.input, release.classes, release.view, provenance))


def storable(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors as a file can hold them: on the CPU, contiguous, and tied ones each with memory of its own."""
    found: dict[str, Tensor] = {}
    taken: set[int] = set()
    for name, tensor in tensors.items():
        each = tensor.detach().cpu().contiguous()
        memory = each.untyped_storage().data_ptr()
        found[name] = each.clone() if memory in taken else each
        taken.add(memory)
    return found


def view_beside(weights: Path) -> View | None:
    """The view of the model folder that a file of weights lies in; None where it lies in none."""
    try:
        card = json.loads((weights.parent / _CARD).read_text(encoding="utf-8"))
        return from_json(card["view"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _load_folder(folder: Path) -> Model:
    try:
        card = json.loads((folder / _CARD).read_text(encoding="utf-8"))
        if card["format"] != FORMAT:
            raise Failed("model.format", path=folder, found=card["format"], expected=FORMAT)
        shape, classes = tuple(card["input"]), tuple(card["classes"])
        refuse_unpinned(card["net"])
        network = find(card["net"]).architecture().receiving(classes=len(classes), input=shape)
        sketched = any(each.is_meta for each in network.parameters())
        network.load_state_dict(load_file(folder / _WEIGHTS), strict=True, assign=sketched)
        _restore_buffers(network)
        model = Model(card["net"], network, shape, classes, from_json(card["view"]), card["provenance"])
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise Failed("model.damaged", path=folder, reason=str(error).splitlines()[0]) from error
    return _ready(model)


def _ready(model: Model) -> Model:
    return replace(model, network=for_answers().place(model.network.eval()))


def _restore_buffers(network: nn.Module) -> None:
    """Gives the buffers that are not stored, and so are still on the meta device, their fixed values."""
    for module in network.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.is_meta:
                setattr(module, name, torch.empty_like(buffer, device="cpu"))
        restore = getattr(module, "reset_buffers", None)
        if restore is not None:
            restore()


def _replace_file(path: Path, write: Any) -> None:
    """Writes beside the file and moves it into place, so that a reader never meets half of it."""
    beside = path.with_name(path.name + ".part")
    write(beside)
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
    beside.replace(path)
