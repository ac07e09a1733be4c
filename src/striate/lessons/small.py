"""A few of the built-in pictures, and trainings of seconds on them, for lessons that show what was learnt."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.data.order import permutation
from striate.data.sets import DEFAULT_SET, open_set
from striate.data.views import normalised
from striate.foundations.classifiers import Pictures
from striate.foundations.given import Array, count
from striate.recipe import View

VIEW = View("squash", (28, 28), 1, mean=(0.286,), std=(0.353,))
"""Of Fashion-MNIST's training pictures."""

BATCH = 32
_RATE = 0.002


@dataclass(frozen=True, eq=False)
class Sample:
    """So many pictures to learn from and to be tried on, and the names of the classes."""

    train: Pictures
    test: Pictures
    classes: tuple[str, ...]


def sample(train: int, test: int) -> Sample:
    """The first pictures of the built-in set's two parts, which are in no order: uint8 (N, 28, 28), and labels (N,).

    As many as there are where more are asked for; Misuse for less than one.
    """
    found = open_set(DEFAULT_SET)

    def first(part: str, wanted: int) -> Pictures:
        arrays = found.parts[part]
        places = range(min(count(wanted, part), len(arrays)))
        images = np.stack([np.asarray(arrays.image(at)) for at in places])
        return Pictures(images, np.array([arrays.label(at) for at in places], dtype=np.int64))

    return Sample(first("train", train), first("test", test), found.classes)


def trained(network: nn.Module, pictures: Pictures, *, steps: int, seed: int) -> nn.Module:
    """The network itself after so many steps of Adam on cross-entropy, in eval mode; the order is the seed's."""
    x, y = _tensor(pictures), torch.from_numpy(pictures.labels)
    optimiser = torch.optim.Adam(network.parameters(), _RATE)
    epochs = -(-steps * BATCH // len(y))
    order = torch.from_numpy(np.concatenate([permutation(len(y), seed, epoch) for epoch in range(epochs)]))
    network.train()
    for step in range(steps):
        batch = order[step * BATCH : (step + 1) * BATCH]
        optimiser.zero_grad()
        F.cross_entropy(network(x[batch]), y[batch]).backward()
        optimiser.step()
    return network.eval()


def probabilities(network: nn.Module, pictures: Pictures) -> Array:
    """(N, classes): the softmax of the network's answers."""
    with torch.no_grad():
        answers = network(_tensor(pictures)).double().softmax(1)
    return np.asarray(answers.numpy())


def _tensor(pictures: Pictures) -> Tensor:
    return normalised(torch.from_numpy(np.ascontiguousarray(pictures.images))[:, None], VIEW)
