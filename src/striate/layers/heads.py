"""Auxiliary classifiers: they hang on rows of a network in training, and are no part of the one that answers."""

from typing import NamedTuple

from torch import Tensor, nn

from striate.layers.compose import Chain


class Scores(NamedTuple):
    """Logits (N, classes) of a network, and of its auxiliary classifiers by name."""

    main: Tensor
    auxiliary: dict[str, Tensor]


class Headed(nn.Module):
    """A network with classifiers on inner rows: all their scores from one pass, (N, C, H, W) -> Scores.

    The network itself stays as it is, and shares its weights.
    """

    def __init__(self, network: Chain, heads: dict[str, nn.Module], rows: dict[str, str]) -> None:
        super().__init__()
        self.network = network
        self.heads = nn.ModuleDict(heads)
        self.rows = rows  # of each head, the row whose output it reads
        *_, self.last = dict(network.named_children())

    def forward(self, x: Tensor) -> Scores:
        inside = self.network.taps(x, *self.rows.values(), self.last)
        return Scores(inside[self.last], {name: head(inside[self.rows[name]]) for name, head in self.heads.items()})
