"""The steps of an epoch."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from striate.compute import Compute
from striate.data.canvases import Prepared
from striate.data.order import batches, permutation, step_seed
from striate.data.views import augmented, normalised
from striate.fitting.losses import loss_of
from striate.fitting.optimisers import rate
from striate.fitting.watch import Unwatched, Watch
from striate.layers import Headed, Scores
from striate.recipe import Recipe


@dataclass(frozen=True)
class Fit:
    """What a step needs: a network under training, its optimiser, pictures, and how to go about it."""

    trained: nn.Module  # the network, or it with its auxiliary classifiers
    optimiser: torch.optim.Optimizer
    pictures: Prepared
    recipe: Recipe
    seed: int
    compute: Compute
    auxiliary: dict[str, float] = field(default_factory=dict)  # of each auxiliary classifier, the weight of its loss
    watch: Watch | Unwatched = field(default_factory=Unwatched)

    @property
    def network(self) -> nn.Module:
        """The one that answers."""
        return self.trained.network if isinstance(self.trained, Headed) else self.trained


def steps(fit: Fit, epoch: int, start: int = 0) -> Iterator[tuple[Tensor, int]]:
    """Trains through an epoch from a step on; yields each step's loss, unread, and how many pictures it was over."""
    order = permutation(len(fit.pictures), fit.seed, epoch)
    edges = batches(len(order), fit.recipe.batch)
    labels = fit.pictures.labels
    for step in range(start, len(edges)):
        ids = order[slice(*edges[step])]
        for group in fit.optimiser.param_groups:
            group["lr"] = fit.recipe.optimiser.lr * rate(
                fit.recipe.schedule, epoch + step / len(edges), fit.recipe.epochs
            )
        canvases = fit.pictures.canvases.take(ids)
        pixels = augmented(canvases, ids, fit.recipe.view, fit.recipe.augment, (fit.seed, epoch))
        x = fit.compute.put(normalised(pixels.to(fit.compute.device), fit.recipe.view))
        y = labels[torch.from_numpy(ids)].to(fit.compute.device)
        fit.watch.at(epoch, step)
        with _seeded(step_seed(fit.seed, epoch, step), fit.compute):
            loss = learn(fit, x, y)
        yield loss, len(ids)


def learn(fit: Fit, x: Tensor, y: Tensor) -> Tensor:
    """One step on one batch; returns the loss of the network itself, without what auxiliary classifiers add to it."""
    with fit.watch.seeing(x), fit.compute.products():
        answer = fit.trained(x)
    scores = answer if isinstance(answer, Scores) else Scores(answer, {})
    loss = loss_of(fit.recipe.loss, scores.main.float(), y)
    if fit.watch.lost(loss, x):
        return loss.detach()
    added = [fit.auxiliary[name] * loss_of(fit.recipe.loss, each.float(), y) for name, each in scores.auxiliary.items()]
    sum(added, loss).backward()
    fit.watch.look(loss, scores.main, y)
    fit.optimiser.step()
    fit.optimiser.zero_grad()
    return loss.detach()


def steps_per_epoch(pictures: int, recipe: Recipe) -> int:
    return len(batches(pictures, recipe.batch))


@contextmanager
def _seeded(seed: int, compute: Compute) -> Iterator[None]:
    """PyTorch's generators as the step wants them, and as they were afterwards."""
    if compute.device.type == "cuda":
        with torch.random.fork_rng([compute.device]):
            torch.manual_seed(seed)
            yield
        return
    before = torch.default_generator.get_state()  # what fork_rng() does, without asking for every other device
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        torch.default_generator.set_state(before)
