"""What a network is given of the pictures of a folder: in training, in an evaluation and in a prediction."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from striate.data.canvases import prepare
from striate.data.folder import scan
from striate.data.samples import Files, Pictures
from striate.data.views import centre
from striate.fitting.answering import looking, trying
from striate.model import Model
from striate.recipe import View
from striate.verbs.predict import predict
from striate.work import drained

Pixels = dict[str, Tensor]
"""Of each picture by its name, uint8 (C, H, W)."""


def plain(mode: str, size: tuple[int, int], channels: int = 3, resize: int | None = None) -> View:
    """A view that hands the network its pixels as they are."""
    return View(mode, size, channels, (0.0,) * channels, (1.0,) * channels, scale=1.0, resize=resize)  # type: ignore[arg-type]


class Network(nn.Module):
    """Two scores; keeps what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.given += list(x.to(torch.uint8))
        return x.mean((1, 2, 3))[:, None].repeat(1, 2)


def names_of(samples: Pictures) -> list[str]:
    return [samples.name(at) for at in range(len(samples))]


def in_training(samples: Files, view: View) -> Pixels:
    ready = drained(prepare(samples, view, 2))
    pixels = centre(ready.canvases.take(np.arange(len(ready))), view)
    return dict(zip(names_of(ready.samples), pixels, strict=True))


def in_evaluation(samples: Files, view: View) -> Pixels:
    network = Network()
    look = looking(Model("seeing", network, (view.channels, *view.size), ("a", "b"), view), 1)
    tried = drained(trying(look, samples))
    return dict(zip(map(samples.name, tried.places), network.given, strict=True))


def in_prediction(samples: Files, view: View) -> Pixels:
    network = Network()
    model = Model("seeing", network, (view.channels, *view.size), ("a", "b"), view)
    answers = predict(model, list(map(samples.path, range(len(samples)))))
    read = [name for name, answer in zip(names_of(samples), answers, strict=True) if answer.error is None]
    return dict(zip(read, network.given, strict=True))


def in_every_way(root: Path, view: View) -> list[Pixels]:
    """Of all pictures below a folder of class folders."""
    samples = scan(root).parts["all"]
    assert isinstance(samples, Files)
    return [way(samples, view) for way in (in_training, in_evaluation, in_prediction)]


def assert_same(ways: list[Pixels]) -> Pixels:
    """What all ways give alike."""
    first, *others = ways
    for other in others:
        assert list(first) == list(other)
        assert [name for name in first if not torch.equal(first[name], other[name])] == []
    return first
