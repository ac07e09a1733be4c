"""Trainings in each of which one thing is broken on purpose, with the cause that the watch must name."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn
from trainings import (
    OTHER_PHOTOS,
    PHOTOS,
    Case,
    Pictures,
    bn_net,
    colour,
    crops,
    garments,
    grey,
    own,
    places,
    plain_net,
    tanh_net,
)  # fmt: skip

from striate.fitting.changes import Changes
from striate.fitting.steps import Fit
from striate.fitting.watch import Watch
from striate.initialise import glorot_uniform, normal
from striate.layers import Layer, chain, conv_relu, flatten, linear, max_pool
from striate.nets import find
from striate.nets.views import IMAGENET
from striate.recipe import SGD, Adam, Constant, Recipe, View

Change = Callable[[Recipe], Recipe]


def _few() -> Pictures:
    return garments().first(300)


def _photos(side: int) -> Callable[[], Pictures]:
    return lambda: crops(OTHER_PHOTOS, side, 30)


def _spots(side: int) -> Callable[[], Pictures]:
    """32 classes: with few, the thousand-class networks of old learn even from what is wrong."""
    return lambda: places(OTHER_PHOTOS, side, 8, 8)


def _sgd(lr: float) -> Change:
    return lambda recipe: replace(recipe, optimiser=SGD(lr=lr, momentum=0.9), schedule=Constant())


def _adam(lr: float) -> Change:
    return lambda recipe: replace(recipe, optimiser=Adam(lr=lr), schedule=Constant())


def _view(change: Callable[[View], View]) -> Change:
    return lambda recipe: replace(recipe, view=change(recipe.view))


def _unit(size: int) -> Change:
    """ImageNet's usual means and deviations in the place of pixels from 0 to 255."""
    return lambda recipe: replace(
        recipe, view=replace(IMAGENET, mode="squash", size=(size, size), resize=None), batch=8
    )


def _first_weights(net: str, std: float) -> object:
    return replace(find(net).architecture(), initialise=normal(std))


def _parameters(fit: Fit, *rows: str) -> list[nn.Parameter]:
    return [each for name, each in fit.network.named_parameters() if name.startswith(rows)]


def _shuffled(pictures: Callable[[], Pictures]) -> Callable[[], Pictures]:
    def made() -> Pictures:
        found = pictures()
        order = torch.randperm(len(found.labels), generator=torch.Generator().manual_seed(5))
        return replace(found, labels=found.labels[order])

    return made


def _one_label() -> Pictures:
    return replace(_few(), labels=torch.full((300,), 3))


def _filled(value: float, *rows: str) -> Callable[[Fit], None]:
    """Biases of some rows set to a value."""

    def plant(fit: Fit) -> None:
        for each in _parameters(fit, *rows):
            if each.dim() == 1:
                nn.init.constant_(each, value)

    return plant


def _still(*rows: str) -> Callable[[Fit], None]:
    def plant(fit: Fit) -> None:
        for each in _parameters(fit, *rows):
            each.requires_grad_(False)

    return plant


def _forgotten(*rows: str) -> Callable[[Fit], None]:
    """Rows that the optimiser was not told of."""

    def plant(fit: Fit) -> None:
        forgotten = {id(each) for each in _parameters(fit, *rows)}
        for group in fit.optimiser.param_groups:
            group["params"] = [each for each in group["params"] if id(each) not in forgotten]

    return plant


def _spoilt(row: str) -> Callable[[Fit], None]:
    def plant(fit: Fit) -> None:
        with torch.no_grad():
            _parameters(fit, row)[0][0] = torch.nan

    return plant


class Detached(nn.Module):
    """Cuts the gradient off, as a stray .detach() or .data does."""

    def forward(self, x: Tensor) -> Tensor:
        return x.detach()


class Distance(nn.Module):
    """x plus a distance of zero, whose root has no slope."""

    def forward(self, x: Tensor) -> Tensor:
        return x + (x - x.detach()).square().sum((1, 2, 3), keepdim=True).sqrt()


class Logarithm(nn.Module):
    """log(x), which is not finite at 0."""

    def forward(self, x: Tensor) -> Tensor:
        return x.log()


class Failing(nn.Module):
    """Passes on what it gets, until the 24th time, when it makes numbers of it that are none."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def forward(self, x: Tensor) -> Tensor:
        self.times += not x.is_meta
        return x if self.times < 24 else x * torch.nan


def _read_late(fit: Fit) -> None:
    """Losses read a few at a time, as on a GPU."""
    assert isinstance(fit.watch, Watch)
    fit.watch.at_once = False


def _with(kind: type[nn.Module], classes: int) -> Layer:
    return chain(
        conv1=conv_relu(8, 3, pad=1), pool1=max_pool(2), conv2=conv_relu(16, 3, pad=1), odd=lambda shape: kind(),
        pool2=max_pool(2), flatten=flatten(), fc=linear(classes),
    )  # fmt: skip


def _softmax_net(classes: int) -> Layer:
    return chain(net=bn_net(classes), fc=lambda shape: nn.Softmax(1))


PLANTED = (
    Case("Adam at 1", "deepconvnet", _few, change=_adam(1.0), steps=60, cause="lr_high"),
    Case("Adam at 0.1", "deepconvnet", _few, change=_adam(0.1), steps=60, cause="lr_high"),
    Case(
        "SGD at 30 with normalisation",
        own(bn_net, colour(32)),
        _photos(32),
        change=_sgd(30),
        steps=120,
        cause="lr_high",
    ),
    Case("SGD at 5", "lenet5_modern", garments, change=_sgd(5.0), steps=60, cause="lr_high"),
    Case(
        "SGD at 1, tanh",
        own(tanh_net, grey(28), glorot_uniform),
        garments,
        change=_sgd(1.0),
        steps=120,
        cause="lr_high",
    ),
    Case(
        "zfnet_small at five times its rate",
        "zfnet_small",
        lambda: crops(PHOTOS, 32, 40),
        base="paper",
        changes=Changes(batch=40, lr=0.05),
        steps=61,
        cause="lr_high",
        slow=True,
    ),
    Case("SGD at 1e-7", "deepconvnet", _few, change=_sgd(1e-7), steps=60, cause="lr_low"),
    Case("Adam at 1e-8", own(bn_net, colour(32)), _photos(32), change=_adam(1e-8), steps=60, cause="lr_low"),
    Case("N(0, 1)", own(plain_net, grey(28), normal(1.0)), _few, steps=60, cause="initialisation"),
    Case(
        "N(0, 0.001^2)", _first_weights("deepconvnet", 0.001), _few, change=_sgd(0.01), steps=60, cause="initialisation"
    ),
    Case("all first weights zero", _first_weights("lenet5_maxpool", 0.0), _few, steps=60, cause="initialisation"),
    Case(
        "VGG-16 with the printed variance of 0.01",
        _first_weights("vgg16", 0.1),
        _photos(32),
        base="paper",
        changes=Changes(input=(3, 32, 32), batch=4),
        steps=12,
        cause="initialisation",
        slow=True,
    ),
    Case(
        "alexnet_owt as torchvision has it",
        "alexnet_owt",
        _spots(63),
        base="paper",
        changes=Changes(input=(3, 63, 63), batch=8, resize="squash"),
        steps=60,
        cause="initialisation",
        slow=True,
    ),
    Case(
        "AlexNet as printed, unit pixels",
        "alexnet",
        _spots(67),
        base="paper",
        changes=Changes(lr=0.001),
        change=_unit(67),
        steps=60,
        cause="pixel_scale",
        slow=True,
    ),
    Case(
        "VGG-16, unit pixels",
        "vgg16",
        _spots(32),
        base="paper",
        change=_unit(32),
        steps=60,
        cause="pixel_scale",
        slow=True,
    ),
    Case(
        "GoogLeNet, unit pixels",
        "googlenet",
        _spots(64),
        base="paper",
        change=_unit(64),
        steps=60,
        cause="pixel_scale",
        slow=True,
    ),
    Case(
        "pixels from 0 to 255",
        "deepconvnet",
        _few,
        change=_view(lambda view: replace(view, scale=1.0)),
        steps=60,
        cause="pixel_scale",
    ),
    Case(
        "pixels divided by 255 twice",
        own(tanh_net, grey(28), glorot_uniform),
        _few,
        change=_view(lambda view: replace(view, scale=1 / 255**2, mean=(0.0,), std=(1.0,))),
        steps=60,
        cause="pixel_scale",
    ),
    Case(
        "black pictures",
        own(bn_net, grey(28)),
        lambda: replace(_few(), pixels=torch.zeros_like(_few().pixels)),
        steps=60,
        cause="inputs_constant",
    ),
    Case("one label for all", "deepconvnet", _one_label, steps=60, cause="labels_constant"),
    Case("labels of clothes shuffled", "deepconvnet", _shuffled(garments), steps=200, cause="labels_unrelated"),
    Case(
        "labels of clothes shuffled, tanh",
        own(tanh_net, grey(28), glorot_uniform),
        _shuffled(garments),
        change=_sgd(0.02),
        steps=200,
        cause="labels_unrelated",
    ),
    Case(
        "labels of photos shuffled",
        own(bn_net, colour(32)),
        _shuffled(lambda: crops(OTHER_PHOTOS, 32, 200)),
        steps=200,
        cause="labels_unrelated",
    ),
    Case(
        "first rows without gradient",
        "deepconvnet",
        _few,
        plant=_still("conv1_1", "conv1_2", "conv2_1"),
        steps=40,
        cause="frozen",
    ),
    Case(
        "rows that the optimiser does not know",
        "resnet20_cifar",
        _photos(32),
        changes=Changes(batch=8),
        plant=_forgotten("conv3"),
        steps=30,
        cause="forgotten",
        slow=True,
    ),
    Case("a gradient that is cut off", own(partial(_with, Detached), grey(28)), _few, steps=40, cause="unused"),
    Case(
        "biases of -10 in all rows", "lenet5_maxpool", _few, plant=_filled(-10.0, "c"), steps=60, cause="initialisation"
    ),
    Case("one dead row", "deepconvnet", _few, plant=_filled(-100.0, "conv3_1"), steps=40, cause="initialisation"),
    Case(
        "a deviation of zero",
        "deepconvnet",
        _few,
        change=_view(lambda view: replace(view, std=(0.0,))),
        steps=10,
        cause="inputs_not_finite",
    ),
    Case(
        "a weight that is not a number",
        "deepconvnet",
        _few,
        plant=_spoilt("conv2_1"),
        steps=10,
        cause="weights_not_finite",
    ),
    Case("a distance of zero", own(partial(_with, Distance), grey(28)), _few, steps=10, cause="gradient_not_finite"),
    Case(
        "a number that was none between two looks",
        own(partial(_with, Failing), grey(28)),
        _few,
        plant=_read_late,
        steps=40,
        cause="found_late",
    ),
    Case("a softmax before the loss", own(_softmax_net, grey(28)), _few, steps=60, cause="softmax_twice"),
    Case("a logarithm of zero", own(partial(_with, Logarithm), grey(28)), _few, steps=10, cause="row_not_finite"),
)
