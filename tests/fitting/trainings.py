"""Small real trainings for the watch: real pictures, networks of the catalogue and of one's own, one seed each."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from striate.architecture import Architecture
from striate.compute import Compute
from striate.data.augment import training_view
from striate.data.canvases import Held, Prepared
from striate.data.samples import Arrays
from striate.data.sets import open_set
from striate.data.views import fitted
from striate.fitting.changes import Changes
from striate.fitting.making import begin_from, make_fit
from striate.fitting.recipes import Look, choose
from striate.fitting.steps import Fit, set_learning
from striate.fitting.watch import Watch
from striate.initialise import Initialise, he_normal
from striate.layers import (
    Layer,
    activation,
    chain,
    concat,
    conv,
    conv_norm_relu,
    conv_relu,
    depthwise,
    dropout,
    flatten,
    global_avg_pool,
    linear,
    linear_relu,
    max_pool,
    norm,
    relu,
    residual,
    tanh,
)  # fmt: skip
from striate.nets import find
from striate.recipe import Recipe, View
from striate.run import Job


@dataclass(frozen=True)
class Pictures:
    """Real pictures with labels, uint8 (N, C, H, W)."""

    pixels: Tensor
    labels: Tensor
    classes: int

    def first(self, count: int) -> "Pictures":
        return replace(self, pixels=self.pixels[:count], labels=self.labels[:count])

    def only(self, *classes: int) -> "Pictures":
        """The pictures of some classes, numbered anew."""
        kept = torch.isin(self.labels, torch.tensor(classes))
        labels = torch.tensor([classes.index(int(label)) for label in self.labels[kept]])
        return Pictures(self.pixels[kept], labels, len(classes))


@cache
def garments() -> Pictures:
    """1,200 pictures of clothes, 28x28, ten classes."""
    train = open_set("fashion-sample").parts["train"]
    assert isinstance(train, Arrays)
    places = train.places[:1200]
    pixels = torch.from_numpy(train.images[places].copy())[:, None]
    return Pictures(pixels, torch.from_numpy(train.labels[places].astype(np.int64)), 10)


@cache
def digits() -> Pictures:
    """1,797 handwritten digits out of scikit-learn, 8x8, ten classes."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return Pictures(
        torch.from_numpy((found.images * 15.9).astype(np.uint8))[:, None], torch.from_numpy(found.target), 10
    )


@cache
def faces() -> Pictures:
    """200 patches out of scikit-image, 25x25: 100 faces and 100 others."""
    found = np.load(str(files("skimage.data") / "lfw_subset.npy"))
    order = np.random.default_rng(0).permutation(200)
    pixels = torch.from_numpy((found[order] * 255).astype(np.uint8))[:, None]
    return Pictures(pixels, torch.from_numpy((order >= 100).astype(np.int64)), 2)


PHOTOS = (
    "astronaut.png",
    "coffee.png",
    "rocket.jpg",
    "motorcycle_left.png",
    "ihc.png",
    "retina.jpg",
    "hubble_deep_field.jpg",
)
TEXTURES = ("brick.png", "grass.png", "gravel.png", "camera.png", "coins.png", "moon.png", "page.png", "text.png")
OTHER_PHOTOS = ("china.jpg", "flower.jpg", "chelsea.png", "cell.png")


@cache
def crops(names: tuple[str, ...], side: int, each: int) -> Pictures:
    """Square pieces of photos, one class a photo, in mixed order."""
    rng = np.random.default_rng(1)
    pieces = [(_piece(_photo(name), side, rng), label) for label, name in enumerate(names) for _ in range(each)]
    return _mixed(pieces, len(names), rng)


@cache
def places(names: tuple[str, ...], side: int, each: int, spots: int) -> Pictures:
    """Many classes: each is a spot of a photo, its pictures moved by a few pixels."""
    rng = np.random.default_rng(2)
    pieces: list[tuple[np.ndarray, int]] = []
    for label in range(len(names) * spots):
        photo = _photo(names[label % len(names)])
        top, left = (int(rng.integers(8, size - side - 8)) for size in photo.shape[:2])
        for _ in range(each):
            down, right = rng.integers(-6, 7, 2)
            pieces.append((photo[top + down : top + down + side, left + right : left + right + side], label))
    return _mixed(pieces, len(names) * spots, rng)


@cache
def _photo(name: str) -> np.ndarray:
    folder = files("sklearn.datasets.images") if name in ("china.jpg", "flower.jpg") else files("skimage.data")
    grey = name in (*TEXTURES, "cell.png")
    return np.asarray(Image.open(str(folder / name)).convert("L" if grey else "RGB"))


def _piece(photo: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    top, left = (int(rng.integers(0, size - side + 1)) for size in photo.shape[:2])
    return photo[top : top + side, left : left + side]


def _mixed(pieces: list[tuple[np.ndarray, int]], classes: int, rng: np.random.Generator) -> Pictures:
    order = rng.permutation(len(pieces))
    colour = max(piece.ndim for piece, _ in pieces) == 3
    stacked = [np.stack([piece] * 3, -1) if colour and piece.ndim == 2 else piece for piece, _ in pieces]
    pixels = torch.from_numpy(np.stack([stacked[at] for at in order]))
    pixels = pixels.permute(0, 3, 1, 2).contiguous() if colour else pixels[:, None]
    return Pictures(pixels, torch.tensor([pieces[at][1] for at in order]), classes)


def own(build: Callable[[int], Layer], view: View, initialise: Initialise = he_normal) -> Architecture:
    """A network that no paper has; its recipe is deepconvnet's but for the view."""
    recipe = replace(find("deepconvnet").architecture().recipe, view=view)
    return Architecture("own", None, (view.channels, *view.size), 10, build, initialise, recipe, "fc")


def grey(side: int) -> View:
    return View("squash", (side, side), 1, mean=(0.3,), std=(0.3,))


def colour(side: int) -> View:
    return View("squash", (side, side), 3, mean=(0.5,) * 3, std=(0.25,) * 3)


def tanh_net(classes: int) -> Layer:
    return chain(
        conv1=chain(conv=conv(12, 5), tanh=tanh()), pool1=max_pool(2), conv2=chain(conv=conv(24, 5), tanh=tanh()),
        pool2=max_pool(2), flatten=flatten(), fc3=chain(linear=linear(64), tanh=tanh()), fc=linear(classes),
    )  # fmt: skip


def bn_net(classes: int) -> Layer:
    return chain(
        conv1=conv_norm_relu(16, 3, pad=1), pool1=max_pool(2), conv2=conv_norm_relu(32, 3, pad=1), pool2=max_pool(2),
        conv3=conv_norm_relu(64, 3, pad=1), pool=global_avg_pool(), flatten=flatten(), fc=linear(classes),
    )  # fmt: skip


def plain_net(classes: int) -> Layer:
    """Six convolutions without normalisation."""
    rows = {f"conv{at}": conv_relu(16, 3, pad=1, stride=2 if at in (3, 5) else 1) for at in range(1, 7)}
    return chain(
        **rows, pool=max_pool(2), flatten=flatten(), fc7=linear_relu(64), drop7=dropout(0.5), fc=linear(classes)
    )


def group_norm_net(classes: int) -> Layer:
    def row(channels: int) -> Layer:
        return chain(conv=conv(channels, 3, pad=1), norm=lambda shape: nn.GroupNorm(4, shape[0]), relu=relu())

    return chain(
        conv1=row(16), pool1=max_pool(2), conv2=row(32), pool2=max_pool(2), conv3=row(32), pool=global_avg_pool(),
        flatten=flatten(), fc=linear(classes),
    )  # fmt: skip


def selu_net(classes: int) -> Layer:
    def row(channels: int) -> Layer:
        return chain(conv=conv(channels, 3, pad=1, stride=2), selu=activation(nn.SELU))

    return chain(conv1=row(16), conv2=row(32), conv3=row(32), flatten=flatten(), fc=linear(classes))


def leaky_net(classes: int) -> Layer:
    def row(channels: int) -> Layer:
        return chain(conv=conv(channels, 3, pad=1), leaky=activation(nn.LeakyReLU), pool=max_pool(2))

    return chain(conv1=row(16), conv2=row(32), conv3=row(48), flatten=flatten(), fc=linear(classes))


def branching_net(classes: int) -> Layer:
    def row(channels: int) -> Layer:
        three = chain(
            depth=chain(conv=depthwise(3, pad=1), norm=norm(), relu=relu()), point=conv_norm_relu(channels, 1)
        )
        return concat(one=conv_norm_relu(channels, 1), three=three)

    return chain(
        conv1=conv_norm_relu(16, 3, pad=1), pool1=max_pool(2), mixed2=row(16), pool2=max_pool(2), mixed3=row(32),
        pool=global_avg_pool(), flatten=flatten(), fc=linear(classes),
    )  # fmt: skip


def linear_net(classes: int) -> Layer:
    return chain(
        flatten=flatten(), fc1=linear_relu(128), drop1=dropout(0.3), fc2=linear_relu(64), drop2=dropout(0.3),
        fc=linear(classes),
    )  # fmt: skip


def shortcut_net(classes: int) -> Layer:
    block = residual(chain(one=conv_relu(24, 3, pad=1), two=conv(24, 3, pad=1)), then=relu())
    return chain(
        conv1=conv_relu(24, 3, pad=1), pool1=max_pool(2), block2=block, pool2=max_pool(2), block3=block,
        pool3=max_pool(2), flatten=flatten(), fc=linear(classes),
    )  # fmt: skip


def sigmoid_net(classes: int) -> Layer:
    return chain(flatten=flatten(), fc1=chain(linear=linear(80), sigmoid=activation(nn.Sigmoid)), fc=linear(classes))


def softmax_regression(classes: int) -> Layer:
    return chain(flatten=flatten(), norm=norm(), fc=linear(classes))


Change = Callable[[Recipe], Recipe]


def same(recipe: Recipe) -> Recipe:
    return recipe


@dataclass(frozen=True)
class Case:
    """A training: of a network, on pictures, by a recipe with some changes, so many steps of it."""

    name: str
    net: str | Architecture
    pictures: Callable[[], Pictures]
    base: str = "modern"
    changes: Changes = field(default_factory=Changes)
    change: Change = same
    steps: int = 150
    seed: int = 0
    cause: str = ""  # that the watch must name; empty for a healthy training
    plant: Callable[[Fit], Any] | None = None  # what is broken before the first step
    slow: bool = False


def fit_of(case: Case) -> Fit:
    """The training, ready for its first step."""
    architecture = find(case.net).architecture() if isinstance(case.net, str) else case.net
    pictures = case.pictures()
    seen = Look(len(pictures.pixels), min(pictures.pixels.shape[2:]), pictures.pixels.shape[1] == 3, False)
    recipe = case.change(choose(replace(case.changes, base=case.base), architecture, seen))  # type: ignore[arg-type]
    per_epoch = max(1, -(-len(pictures.pixels) // recipe.batch))
    recipe = replace(recipe, epochs=max(1, -(-case.steps // per_epoch)))
    where = Compute(torch.device("cpu"), torch.float32, 1)
    held = Held(fitted(pictures.pixels, training_view(recipe.view, recipe.augment)))
    samples = Arrays("train", pictures.pixels.numpy()[:, 0], pictures.labels.numpy(), np.arange(len(pictures.labels)))
    prepared = Prepared(samples, held, pictures.labels, {}, {})
    fit = make_fit(architecture, Job("", architecture.name, recipe, case.seed), prepared, pictures.classes, where)
    begin_from(fit.network, architecture, recipe)
    watch = Watch(
        fit.trained, fit.optimiser, recipe, classes=pictures.classes,
        labels=prepared.labels, usual=architecture.recipe.view,
    )  # fmt: skip
    fit = replace(fit, watch=watch)
    if case.plant is not None:
        changed = case.plant(fit)
        fit = changed if isinstance(changed, Fit) else fit
    set_learning(fit, 0)
    return fit
