"""Tensors by somebody else's names become a state dict of ours."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from striate.architecture import Naming
from striate.published.names import itself

_COUNT = "num_batches_tracked"  # of batch normalisation; files from before PyTorch 0.4.1 lack it
_AUXILIARY = re.compile(r"aux\d?\.")  # classifiers that hang on the network in training only
# Names with dots in them, which PyTorch took until 0.4; torchvision's DenseNet files still have them.
_DOTTED = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")


@dataclass(frozen=True)
class Converted:
    """The tensors that fit, by our names, and the names of what does not: ours where missing, the file's elsewhere."""

    tensors: dict[str, Tensor]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    misshapen: tuple[str, ...]  # each with its two shapes

    @property
    def fits(self) -> bool:
        return not (self.missing or self.unknown or self.misshapen)


def converted(
    file: Mapping[str, Tensor], ours: Mapping[str, Tensor], namings: Sequence[Naming], *, spare: str | None = None
) -> Converted:
    """The tensors of a file for a state dict of the names and shapes of ours.

    The file may go by our names or by those of any of the namings; the one that most of it goes by counts. spare: a
    row that need not fit, because it can be begun anew.
    """
    found = {_DOTTED.sub(r"\1\2", name): tensor for name, tensor in file.items()}
    naming = max((itself, *namings), key=lambda each: _known(each, found, ours))
    tensors: dict[str, Tensor] = {}
    missing, misshapen, theirs = [], [], set()
    for key, like in ours.items():
        theirs.add(name := naming(key))
        optional = spare is not None and key.startswith(f"{spare}.")
        tensor = _shaped(found[name], like) if name in found else None
        if tensor is not None:
            tensors[key] = tensor
        elif key.endswith(_COUNT):
            tensors[key] = torch.zeros(like.shape, dtype=like.dtype)
        elif name in found and not optional:
            misshapen.append(f"{name} {_times(found[name])}, not {_times(like)}")
        elif not optional:
            missing.append(key if naming is itself else f"{key} ({name})")
    unknown = [name for name in found if name not in theirs and not (_AUXILIARY.match(name) or name.endswith(_COUNT))]
    return Converted(tensors, tuple(missing), tuple(unknown), tuple(misshapen))


def _known(naming: Naming, found: Mapping[str, Tensor], ours: Mapping[str, Tensor]) -> int:
    """How many of our tensors the file has by these names and in their shapes."""
    return sum(naming(key) in found and _shaped(found[naming(key)], like) is not None for key, like in ours.items())


def _shaped(tensor: Tensor, like: Tensor) -> Tensor | None:
    """The tensor as ours has it; None where it cannot be.

    A convolution whose filters cover the whole map is a linear layer on the flattened map, so its filters flatten.
    """
    if tensor.shape == like.shape:
        return tensor.to(like.dtype)
    if like.dim() == 2 and tensor.dim() == 4 and tensor.flatten(1).shape == like.shape:
        return tensor.flatten(1).to(like.dtype)
    return None


def _times(tensor: Tensor) -> str:
    return "x".join(map(str, tensor.shape))
