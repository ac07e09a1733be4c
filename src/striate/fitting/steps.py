"""The steps of an epoch."""

from collections.abc import Generator, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from striate.compute import Compute
from striate.data.augment import augmented, coloured, one_by_one
from striate.data.canvases import Prepared
from striate.data.order import Order, balanced, batch, batch_count, order, step_seed
from striate.fitting.averaging import is_averaging
from striate.fitting.losses import Targets, loss_of
from striate.fitting.mixing import mixed
from striate.fitting.optimisers import backbone_rows, set_rate
from striate.fitting.schedules import rate
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
    average: AveragedModel | None = None  # of trained
    class_weights: Tensor | None = None
    colours: Tensor | None = None  # the principal ones of the pictures, where the recipe changes colours
    classifier: str | None = None  # the row where it begins
    held: frozenset[str] = frozenset()  # weights that the network's own code keeps from learning
    watch: Watch | Unwatched = field(default_factory=Unwatched)

    @property
    def network(self) -> nn.Module:
        """The one that learns, without its auxiliary classifiers."""
        return _alone(self.trained)

    @property
    def answering(self) -> nn.Module:
        """The one that is validated and kept: the average where there is one already."""
        averaged = self.average is not None and int(self.average.n_averaged) > 0
        return _alone(self.average.module) if averaged else self.network  # type: ignore[union-attr]


def _alone(module: nn.Module) -> nn.Module:
    return module.network if isinstance(module, Headed) else module


def steps(fit: Fit, epoch: int, start: int = 0, drops: int = 0) -> Generator[tuple[Tensor, int], None, None]:
    """Trains through an epoch from a step on; yields each step's loss, unread, and how many pictures it was over."""
    with _cutting(fit) as pool:
        yield from _steps(fit, epoch, range(start, steps_per_epoch(len(fit.pictures), fit.recipe)), drops, pool)


def _cutting(fit: Fit) -> AbstractContextManager[Executor | None]:
    """The threads that cut and change pictures one by one, for as long as they are needed."""
    if not (one_by_one(fit.recipe.augment) or fit.recipe.augment.randaugment):
        return nullcontext()
    return ThreadPoolExecutor(fit.compute.threads, thread_name_prefix="striate-augment")


def _steps(
    fit: Fit, epoch: int, some: range, drops: int, pool: Executor | None
) -> Generator[tuple[Tensor, int], None, None]:
    walk = _order(fit, epoch)
    count = len(walk)
    parts = (walk[slice(*batch(count, fit.recipe.batch, step))] % count for step in some)
    with closing(fit.pictures.canvases.walk(parts)) as pictures:
        for step, canvases in zip(some, pictures, strict=True):
            ids = walk[slice(*batch(count, fit.recipe.batch, step))]
            done = epoch + step / batch_count(count, fit.recipe.batch)
            factor = rate(fit.recipe.schedule, done, fit.recipe.epochs, drops)
            set_rate(fit.optimiser, fit.recipe.optimiser, fit.recipe.optimiser.lr * factor)
            fit.watch.at(epoch, step)
            x, targets = batch_of(fit, ids, canvases, (epoch, step), pool)
            with _seeded(step_seed(fit.seed, epoch, step), fit.compute):
                loss = learn(fit, x, targets)
            if fit.average is not None and is_averaging(fit.recipe.averaging, done / fit.recipe.epochs):
                fit.average.update_parameters(fit.trained)
            yield loss, len(ids)


def _order(fit: Fit, epoch: int) -> Order:
    """What comes when in an epoch: pictures, plus their number times how often each has come before."""
    if fit.recipe.sampling == "balanced":
        return balanced(fit.pictures.labels.numpy(), fit.seed, epoch)
    return order(len(fit.pictures), fit.seed, epoch)


def set_learning(fit: Fit, epoch: int) -> None:
    """Training mode, and what is frozen in this epoch in evaluation mode and without gradients."""
    fit.trained.train()
    tuning = fit.recipe.tuning
    frozen = epoch < tuning.frozen or tuning.first_row == 0
    if not frozen and not tuning.frozen:
        return
    fit.watch.meant = set()
    for row in backbone_rows(fit.network, fit.classifier):
        module = fit.network.get_submodule(row)
        for name, parameter in module.named_parameters(row):
            parameter.requires_grad_(not frozen and name not in fit.held)
        module.train(not frozen)
        if frozen:
            fit.watch.meant |= {id(parameter) for parameter in module.parameters()}


def batch_of(
    fit: Fit, ids: np.ndarray, canvases: Tensor, when: tuple[int, int], pool: Executor | None
) -> tuple[Tensor, Targets]:
    """The pictures of some ids as training sees them at an epoch and step: (N, C, H, W), and their classes.

    An id is a picture, plus the number of pictures times how often it has come before in the epoch.
    """
    epoch, step = when
    view, augment, chance = fit.recipe.view, fit.recipe.augment, (fit.seed, epoch)
    fit.watch.given(canvases)
    pixels = augmented(canvases, ids, view, augment, chance, pool).to(fit.compute.device)
    x = fit.compute.put(coloured(pixels, ids, view, augment, chance, fit.colours))
    y = fit.pictures.labels[torch.from_numpy(ids % len(fit.pictures))].to(fit.compute.device)
    return mixed(x, y, augment, (fit.seed, epoch, step))


def learn(fit: Fit, x: Tensor, targets: Targets) -> Tensor:
    """One step on one batch; returns the loss of the network itself, without what auxiliary classifiers add to it."""
    with fit.watch.seeing(), fit.compute.products():
        answer = fit.trained(x)
    scores = answer if isinstance(answer, Scores) else Scores(answer, {})

    def loss_of_scores(logits: Tensor) -> Tensor:
        return loss_of(fit.recipe.loss, logits.float(), targets, fit.class_weights)

    loss = loss_of_scores(scores.main)
    if fit.watch.lost(loss, x):
        return loss.detach()
    added = [fit.auxiliary[name] * loss_of_scores(each) for name, each in scores.auxiliary.items()]
    sum(added, loss).backward()
    fit.watch.look(loss, scores.main, targets.shares(scores.main.shape[1]))
    if fit.recipe.clip is not None:
        nn.utils.clip_grad_norm_(fit.trained.parameters(), fit.recipe.clip)
    fit.optimiser.step()
    fit.optimiser.zero_grad()
    if fit.recipe.filter_rms is not None:
        renormalise_filters(fit.trained, fit.recipe.filter_rms)
    return loss.detach()


@torch.no_grad()
def renormalise_filters(network: nn.Module, most: float) -> None:
    """Scales filters of convolutions whose root mean square is larger down to it (Zeiler, Fergus 2014, Sec. 3).

    Those of frozen rows stay as they are.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.weight.requires_grad:
            rms = module.weight.square().mean((1, 2, 3), keepdim=True).sqrt()
            module.weight.mul_((most / rms).clamp_max(1.0))


def steps_per_epoch(pictures: int, recipe: Recipe) -> int:
    return batch_count(pictures, recipe.batch)


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
