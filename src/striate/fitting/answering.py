"""A model's answers to pictures as they are, each seen in one way or in several whose probabilities are averaged."""

import math
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import torch
from PIL import Image
from torch import Tensor, nn

from striate.compute import for_answers
from striate.crops import Crops, Scheme
from striate.data.crops import Cuts, cut, least_for, settled
from striate.data.pictures import Unreadable
from striate.data.samples import Pictures
from striate.fitting.scoring import BATCH
from striate.layers import convolutionised
from striate.model import Model


@dataclass(frozen=True)
class Looking:
    """How a model looks at pictures: through its view, by crops with nothing left open."""

    model: Model
    crops: Crops

    @property
    def at_once(self) -> int:
        """Pictures to be held at a time, so that memory stays what it is with one crop."""
        return max(2, BATCH // self.crops.count)

    @property
    def least(self) -> tuple[int, int]:
        """(height, width) that it needs of a picture at least."""
        return least_for(self.crops, self.model.view)

    def cut(self, image: Image.Image) -> Cuts:
        """What the network is to see of a decoded picture."""
        return cut(image, self.model.view, self.crops)

    def scores(self, pictures: Sequence[Cuts]) -> Tensor:
        """Numbers whose softmax is the mean of each picture's probabilities over its crops: float32 (N, classes).

        Of a single crop they are the network's own scores.
        """
        found: list[list[Tensor]] = [[] for _ in pictures]
        by_size: dict[torch.Size, list[tuple[int, Tensor]]] = {}
        for at, cuts in enumerate(pictures):
            for some in cuts:
                by_size.setdefault(some.shape[-2:], []).append((at, some))
        for alike in by_size.values():
            logits = self._logits(torch.cat([some for _, some in alike]))
            for (at, _), own in zip(alike, logits.split([len(some) for _, some in alike]), strict=True):
                found[at].append(own)
        return torch.stack([averaged(torch.cat(each)) for each in found])

    def _logits(self, inputs: Tensor) -> Tensor:
        """Of inputs of one size, in batches of as many pixels as usual."""
        height, width = inputs.shape[-2:]
        model = replace(self.model, view=replace(self.model.view, size=(height, width)))
        batch = BATCH * math.prod(self.model.view.size) // (height * width)
        return torch.cat([model.logits(some) for some in inputs.split(max(1, batch))])


@dataclass(frozen=True)
class Progress:
    """How many pictures have been looked at, and how many there are to look at."""

    done: int
    total: int


@dataclass(frozen=True)
class Tried:
    """A model's scores on the pictures that could be read, and why others could not."""

    scores: Tensor  # float32 (N, classes), as Looking.scores() gives them
    places: list[int]  # of each, its place among the pictures
    skipped: dict[str, str]  # name: reason


def looking(model: Model, crops: Crops | Scheme) -> Looking:
    """A model and the crops that it is to answer by; Misuse for crops that do not fit its view or its network."""
    ready = settled(Crops.of(crops), model.view, model.classes)
    if ready.scheme == "dense":
        # The maps of scores are averaged before the softmax (VGG, Sec. 3.2).
        averaged = nn.Sequential(convolutionised(model.network), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        model = replace(model, network=averaged.eval())
    return Looking(model, ready)


def trying(look: Looking, samples: Pictures) -> Generator[Progress, None, Tried]:
    """Looks at every picture, a few at a time, yielding how far it is; unreadable ones are left out and named."""
    scores: list[Tensor] = []
    places: list[int] = []
    skipped: dict[str, str] = {}
    with ThreadPoolExecutor(for_answers().threads, thread_name_prefix="striate-decode") as pool:
        for start in range(0, len(samples), look.at_once):
            some = range(start, min(start + look.at_once, len(samples)))
            readable: list[Cuts] = []
            for at, cuts in zip(some, pool.map(lambda at: _cuts(look, samples, at), some), strict=True):
                if isinstance(cuts, Unreadable):
                    skipped[samples.name(at)] = cuts.reason
                    continue
                readable.append(cuts)
                places.append(at)
            if readable:
                scores.append(look.scores(readable))
            yield Progress(some.stop, len(samples))
    return Tried(torch.cat(scores) if scores else torch.empty(0, len(look.model.classes)), places, skipped)


def _cuts(look: Looking, samples: Pictures, at: int) -> Cuts | Unreadable:
    try:
        return look.cut(samples.image(at, look.least))
    except Unreadable as error:
        return error


def averaged(logits: Tensor) -> Tensor:
    """log of the mean of the softmax over scores (K, ..., classes), of one the scores themselves: (..., classes)."""
    if len(logits) == 1:
        return logits[0]
    return (logits.double().log_softmax(-1).logsumexp(0) - math.log(len(logits))).float()
