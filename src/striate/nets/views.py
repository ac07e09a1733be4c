"""The views that the ImageNet and CIFAR networks share."""

from striate.recipe import Augment, Recipe, View, lent

# The channel means that VGG's authors published with their weights, of pixels from 0 to 255. AlexNet, ZFNet and
# GoogLeNet subtract a mean picture, for which these stand.
MEAN_PIXEL = (123.68, 116.779, 103.939)


def mean_subtracted(size: int) -> View:
    """Pixels from 0 to 255 minus the mean, cut from the middle of a shorter side of 256."""
    return View("crop", (size, size), 3, mean=MEAN_PIXEL, std=(1.0,) * 3, scale=1.0, resize=256)


IMAGENET = View("crop", (224, 224), 3, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), resize=256)
"""Means and deviations of ImageNet's channels, as PyTorch's and the DenseNet authors' code has them."""

CIFAR = View("squash", (32, 32), 3, mean=(0.4914, 0.4822, 0.4465), std=(0.2470, 0.2435, 0.2616))
"""Means and deviations of CIFAR-10's channels, as they are commonly given."""


def for_small(recipe: Recipe, *assumed: str) -> Recipe:
    """The recipe of a large network for its variant that takes small pictures."""
    return lent(recipe, assumed, view=CIFAR, augment=Augment(flip=True, shift=4))
