"""A trained network with everything needed to use it: weights, class names, view, provenance."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from striate import files
from striate.architecture import Architecture
from striate.compute import Compute, for_answers
from striate.data.views import centre, normalised
from striate.nets import CATALOGUE, find
from striate.nets.own import COPY, Own, admitted, refuse_without_function, source_of
from striate.problem import Failed, Misuse
from striate.published.checkpoints import read
from striate.published.fetching import Tell
from striate.published.releases import imagenet_classes
from striate.published.start import PRETRAINED, classes_in, fetched, is_file, named, namings, put, tensors
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
    def load(
        source: str | Path, *, weights: str | Path | None = None, download: bool = False, tell: Tell | None = None
    ) -> "Model":
        """A model folder, a run folder, or the name of a network whose weights are at hand.

        weights: of a named network, published ones by their name, or a .pth, .pt or .safetensors file; a folder has
        its own. download: fetch published weights that are not at hand; tell is called with how far that is. Failed
        without it.
        """
        path, folder = Path(source), folder_of(source)
        if folder is not None:
            if weights is not None:
                raise Misuse("model.has_weights", path=source)
            return _load_folder(folder)
        if str(source) in CATALOGUE or Own.parse(str(source)):
            architecture, start = find(str(source)).architecture(), str(weights or PRETRAINED)
            if is_file(start):
                return out_of_file(architecture, Path(start))
            return pretrained(architecture, start, download=download, tell=tell)
        refuse_without_function(str(source))
        if path.exists():
            raise Misuse("model.none_here", path=path)
        raise Misuse("model.unknown", name=source, nearest=nearest(str(source), CATALOGUE))

    def save(self, folder: Path) -> None:
        """Writes the folder, replacing one that is there file by file; weights go to disk in contiguous layout.

        Of a network of one's own, the code goes with them.
        """
        folder.mkdir(parents=True, exist_ok=True)
        source = source_of(self.net)
        if source is not None:
            files.replace(folder / COPY, lambda path: path.write_bytes(source))
        tensors = storable(self.network.state_dict())
        files.replace(folder / _WEIGHTS, lambda path: save_file(tensors, path))
        card = {
            "format": FORMAT,
            "net": self.net,
            "input": list(self.input),
            "classes": list(self.classes),
            "view": to_json(self.view),
            "provenance": self.provenance,
        }
        files.replace_json(folder / _CARD, card, indent=2)

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


def weights_of(source: str | Path) -> Path:
    """The file of weights in a run or a model folder; Misuse where none is in it."""
    folder = folder_of(source)
    if folder is None:
        raise Misuse("model.none_here", path=source)
    return folder / _WEIGHTS


def net_of(source: str | Path) -> str | None:
    """The network whose weights are in a run or a model folder; nothing where none can be read there."""
    folder = folder_of(source)
    try:
        return (
            None
            if folder is None
            else admitted(json.loads((folder / _CARD).read_text(encoding="utf-8"))["net"], folder)
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


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


def out_of_file(architecture: Architecture, weights: Path) -> Model:
    """A network with the weights in a file, in our names or those of others who published some for it.

    Its view and its class names are those of the model folder that the file lies in; elsewhere those of the published
    weights, or else the view of the paper, and numbers for names. BadData for a file that does not fit.
    """
    file = read(weights)
    shape, view, classes = _card_beside(weights) or (architecture.input, *_usual(architecture))
    count = classes_in(architecture, file, shape)
    network = architecture.receiving(classes=count, input=shape)
    put(network, architecture, file, namings(architecture), "kept", str(weights))
    _restore_buffers(network)
    names = classes if len(classes) == count else tuple(map(str, range(count)))
    return _ready(Model(architecture.name, network, shape, names, view, {"source": str(weights.resolve())}))


def _usual(architecture: Architecture) -> tuple[View, tuple[str, ...]]:
    """The view and the classes that weights of a network have where nothing else is said."""
    if architecture.weights:
        release = architecture.weights[0].release()
        return release.view, release.classes
    known = imagenet_classes() if architecture.paper else ()  # of a paper's 1,000 classes; the count tells
    return architecture.recipe.view, known


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
    beside = _card_beside(weights)
    return beside and beside[1]


def _card_beside(weights: Path) -> tuple[tuple[int, ...], View, tuple[str, ...]] | None:
    """The input, the view and the classes of the model folder that a file of weights lies in."""
    try:
        card = json.loads((weights.parent / _CARD).read_text(encoding="utf-8"))
        return tuple(card["input"]), from_json(card["view"]), tuple(card["classes"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _load_folder(folder: Path) -> Model:
    try:
        card = json.loads((folder / _CARD).read_text(encoding="utf-8"))
        if card["format"] != FORMAT:
            raise Failed("model.format", path=folder, found=card["format"], expected=FORMAT)
        shape, classes = tuple(card["input"]), tuple(card["classes"])
        net = admitted(card["net"], folder)
        network = find(net).architecture().receiving(classes=len(classes), input=shape)
        sketched = any(each.is_meta for each in network.parameters())
        network.load_state_dict(load_file(folder / _WEIGHTS), strict=True, assign=sketched)
        _restore_buffers(network)
        model = Model(net, network, shape, classes, from_json(card["view"]), card["provenance"])
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
