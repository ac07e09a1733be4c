"""First weights by a name: random, random:SEED, pretrained, those of a publisher, or a file."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from torch import Tensor, nn

from striate.architecture import Architecture, Naming, Weights
from striate.layers import Shape
from striate.problem import BadData, Failed, Misuse
from striate.published.checkpoints import SUFFIXES, read, verify
from striate.published.convert import converted
from striate.published.fetching import Progress, Tell, fetching
from striate.published.releases import imagenet_classes
from striate.words import nearest

RANDOM, PRETRAINED, IMAGENET = "random", "pretrained", "imagenet"
LARGEST_SEED = 2**63 - 1

_SHOWN = 4  # of the names that do not fit

Classifier = Literal["kept", "fitting", "new"]
"""What becomes of the last row with parameters: taken as it is, taken where its size is the same, or begun anew."""


def named(architecture: Architecture, name: str) -> Weights:
    """The published weights of a name; Misuse where the network has none, or none of that name.

    ``pretrained`` are the first that there are, and so are ``imagenet`` where they know its classes.
    """
    if ("/" in name or os.sep in name) and not Path(name).exists():
        raise Misuse("weights.no_folder", path=name)
    if not architecture.weights and architecture.sibling:
        raise Misuse("weights.sibling", net=architecture.name, sibling=architecture.sibling)
    if not architecture.weights:
        raise Misuse("weights.none", net=architecture.name)
    first = architecture.weights[0]
    if name == PRETRAINED or (name == IMAGENET and first.release().classes == imagenet_classes()):
        return first
    for each in architecture.weights:
        if each.name == name:
            return each
    names = [each.name for each in architecture.weights]
    raise Misuse(
        "weights.unknown", net=architecture.name, name=name, known=", ".join(names), nearest=nearest(name, names)
    )


def is_random(start: str) -> bool:
    """Whether the first weights are drawn: ``random``, or ``random:7`` for those of a seed of their own."""
    return start == RANDOM or start.startswith(f"{RANDOM}:")


def drawn_from(start: str, seed: int) -> int:
    """The seed that first weights are drawn from: the training's, unless the start names one. Misuse for no number."""
    _, colon, own = start.partition(":")
    if not is_random(start) or not colon:
        return seed
    if not own.isdecimal() or int(own) > LARGEST_SEED:
        raise Misuse("weights.seed", start=start)
    return int(own)


def is_file(start: str) -> bool:
    """Whether it is a path rather than a name; no name ends as these files do."""
    return Path(start).suffix in SUFFIXES


def is_name(architecture: Architecture, start: str) -> bool:
    """Whether it asks for weights by a name that means something, whatever lies in a folder of that name."""
    return is_random(start) or start in (PRETRAINED, IMAGENET, *(each.name for each in architecture.weights))


def settled(architecture: Architecture, start: str) -> str:
    """The same words, a path made absolute, once they are seen to mean something; Misuse where they do not."""
    if is_random(start):
        drawn_from(start, 0)
        return start
    if is_file(start):
        if not Path(start).is_file():
            raise Misuse("checkpoint.missing", path=start)
        return str(Path(start).resolve())
    named(architecture, start)
    return start


def begin(
    network: nn.Module,
    architecture: Architecture,
    start: str,
    classifier: Classifier,
    *,
    rows: tuple[str, ...] = (),
    tell: Tell | None = None,
) -> None:
    """Gives a network that was just made the first weights of a name or a file; fetches published ones.

    rows: the only ones to take out of a file, which may be another network's. Misuse for a name that there is not,
    BadData for a file that does not fit, Failed where nothing can be fetched.
    """
    if is_random(start):
        return
    if is_file(start) and rows:
        copy_rows(network, read(Path(start)), rows, start)
        return
    if is_file(start):
        put(network, architecture, read(Path(start)), namings(architecture), classifier, start)
        return
    weights = named(architecture, start)
    fetched(architecture, weights, tell)
    put(network, architecture, tensors(architecture, weights), weights.namings, classifier, weights.source)


def namings(architecture: Architecture) -> list[Naming]:
    """All that others call its tensors."""
    return [naming for weights in architecture.weights for naming in weights.namings]


def fetched(architecture: Architecture, weights: Weights, tell: Tell | None = None) -> None:
    """Sees to it that the weights are at hand; tells how far that is."""
    for progress in wanting(architecture, weights):
        if tell is not None:
            tell(progress)


def wanting(architecture: Architecture, weights: Weights) -> Iterator[Progress]:
    """As fetched(), step by step; Failed for weights of a package that is not installed."""
    path = weights.path()
    if path is None:
        raise Failed("weights.missing", net=architecture.name)
    if not path.is_file():
        release = weights.release()
        yield from fetching(release.url, path, release.sha256)


def tensors(architecture: Architecture, weights: Weights) -> dict[str, Tensor]:
    """The published tensors by their own names, once their file is seen to be the one published.

    Failed where it is not at hand; the words say how to get it.
    """
    path = weights.path()
    if path is None:
        raise Failed("weights.missing", net=architecture.name)
    if not path.is_file():
        size = megabytes(architecture, weights)
        raise Failed("weights.not_here", net=architecture.name, name=weights.name, source=weights.source, size=size)
    verify(path, weights.release().sha256)
    return read(path)


def megabytes(architecture: Architecture, weights: Weights) -> int:
    """The size of the file, about: as published, or by the network's own parameters, of four bytes each."""
    stated = weights.release().megabytes
    return round(stated or sum(each.numel() for each in architecture.sketch().parameters()) * 4e-6)


def put(
    network: nn.Module,
    architecture: Architecture,
    file: Mapping[str, Tensor],
    namings: Sequence[Naming],
    classifier: Classifier,
    source: str,
) -> None:
    """Puts a file's tensors into a network; BadData that names what does not fit.

    A network on the meta device takes the tensors over, any other copies their values.
    """
    ours = network.state_dict()
    last = None if classifier == "kept" else last_row(network)
    found = converted(file, ours, namings, spare=last)
    if not found.fits:
        examples = (*found.misshapen, *found.missing, *found.unknown)
        shown = ", ".join(examples[:_SHOWN]) + (", ..." if len(examples) > _SHOWN else "")
        counts = {"missing": len(found.missing), "unknown": len(found.unknown), "misshapen": len(found.misshapen)}
        raise BadData("weights.fit", source=source, net=architecture.name, examples=shown, **counts)
    taken = found.tensors
    if classifier == "new":
        taken = {key: tensor for key, tensor in taken.items() if not key.startswith(f"{last}.")}
    meta = any(tensor.is_meta for tensor in ours.values())
    network.load_state_dict(taken, strict=False, assign=meta)  # what is not there has its first values


def copy_rows(network: nn.Module, file: Mapping[str, Tensor], rows: tuple[str, ...], source: str) -> None:
    """Takes some rows over from a file in our names, as VGG's deeper columns begin with rows of the first (Sec. 3.1).

    A classifier for other classes stays as it was drawn; BadData where another row is not there in its shape.
    """
    ours = {key: tensor for key, tensor in network.state_dict().items() if key.split(".")[0] in rows}
    last = last_row(network)
    taken = {key: file[key] for key, like in ours.items() if key in file and file[key].shape == like.shape}
    lost = [key for key in ours if key not in taken and not key.startswith(f"{last}.")]
    if lost or not taken:
        raise BadData("weights.rows", source=source, examples=", ".join(lost[:_SHOWN]) or ", ".join(rows[:_SHOWN]))
    network.load_state_dict(taken, strict=False)


def classes_in(architecture: Architecture, file: Mapping[str, Tensor], input: Shape | None = None) -> int:
    """How many classes a file's last row tells apart; the network's own number where that cannot be told."""
    sketch = architecture.sketch(input=input)
    rows = _rows_with_parameters(sketch)
    for key, like in sketch.state_dict().items():
        if rows and key.startswith(f"{rows[-1]}.") and like.shape[:1] == (architecture.classes,):
            found = [file[name] for name in (key, *(naming(key) for naming in namings(architecture))) if name in file]
            if found and found[0].dim():
                return found[0].shape[0]
    return architecture.classes


def last_row(network: nn.Module) -> str:
    """The row that tells the classes apart: the last one with parameters; Misuse where no row has any."""
    rows = _rows_with_parameters(network)
    if not rows:
        raise Misuse("weights.no_rows", net=type(network).__name__)
    return rows[-1]


def _rows_with_parameters(network: nn.Module) -> list[str]:
    return [name for name, row in network.named_children() if any(True for _ in row.parameters())]
