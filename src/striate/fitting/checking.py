"""What no training can have, or would do nothing: refused before anything is written."""

import math

from torch import nn

from striate.architecture import Architecture
from striate.data.randaugment import MOST, OPERATIONS
from striate.fitting.changes import Changes
from striate.fitting.making import input_of
from striate.fitting.optimisers import backbone_rows
from striate.problem import Misuse
from striate.published.start import is_random
from striate.recipe import Augment, Plateau, Recipe, Warmup


def check(recipe: Recipe) -> None:
    """Misuse for a value that no training can have."""
    _check_numbers(recipe)
    _check_augment(recipe.augment)
    schedule = recipe.schedule
    if isinstance(schedule, Warmup) and not 0 < schedule.epochs < recipe.epochs:
        raise Misuse("recipe.warmup", warmup=f"{schedule.epochs:g}", epochs=recipe.epochs)
    then = schedule.then if isinstance(schedule, Warmup) else schedule
    if isinstance(then, Plateau) and recipe.patience is not None and recipe.patience <= then.patience:
        raise Misuse("recipe.impatient", patience=recipe.patience, waits=then.patience, least=then.patience + 1)
    if recipe.view.channels not in (1, 3):
        raise Misuse("recipe.channels", channels=recipe.view.channels)


def _check_numbers(recipe: Recipe) -> None:
    for name, value in (
        ("epochs", recipe.epochs),
        ("batch", recipe.batch),
        ("lr", recipe.optimiser.lr),
        ("clip", 1.0 if recipe.clip is None else recipe.clip),
        ("patience", 1 if recipe.patience is None else recipe.patience),
    ):
        if not 0 < value < math.inf:
            raise Misuse("recipe.not_positive", name=name, value=value)
    for name, value in (
        ("decay", recipe.optimiser.decay),
        ("mixup", recipe.augment.mixup),
        ("cutmix", recipe.augment.cutmix),
        ("frozen", recipe.tuning.frozen),
    ):
        if not 0 <= value < math.inf:
            raise Misuse("recipe.negative", name=name, value=value)
    for name, share in (("dropout", recipe.dropout or 0.0), ("smoothing", getattr(recipe.loss, "smoothing", 0.0))):
        if not 0 <= share < 1:
            raise Misuse("recipe.no_rate", name=name, value=share)
    if not 0 <= recipe.tuning.first_row <= 1:
        raise Misuse("recipe.no_share", name="first_row", value=recipe.tuning.first_row)


def _check_augment(augment: Augment) -> None:
    count, magnitude = augment.randaugment or (1, 0)
    for name, ends, least, most in (
        ("randaugment", (count, count), 1, len(OPERATIONS)),
        ("randaugment", (magnitude, magnitude), 0, MOST),
        ("area", augment.area, 0.001, 1.0),
        ("aspect", augment.aspect, 0.1, 10.0),
        ("zoom", augment.zoom, 0.1, 10.0),
        ("brightness", (0.0, augment.brightness), 0.0, 1.0),
        ("colour", (0.0, augment.colour), 0.0, 10.0),
        ("shorter", augment.shorter, 1, 4096),
        ("shift", (0, augment.shift), 0, 4096),
        ("erase", (0, augment.erase), 0, 4096),
    ):
        if ends is not None and not least <= ends[0] <= ends[1] <= most:
            raise Misuse("recipe.range", name=name, value=ends, least=least, most=most)


def refuse_idle(changes: Changes, architecture: Architecture, recipe: Recipe) -> None:
    """Misuse for an option that the network has nothing for, which would do nothing and not be noticed."""
    if changes.auxiliaries and not (is_random(recipe.start) and architecture.has_heads(input=input_of(recipe))):
        raise Misuse("recipe.no_auxiliaries", net=architecture.name)
    if changes.dropout is None and changes.frozen is None and changes.first_row is None:
        return
    sketch = architecture.sketch(input=input_of(recipe))
    if changes.dropout and not any(isinstance(module, nn.Dropout) for module in sketch.modules()):
        raise Misuse("recipe.no_dropout", net=architecture.name)
    if (changes.frozen or changes.first_row is not None) and not backbone_rows(sketch, architecture.head):
        raise Misuse("recipe.no_backbone", net=architecture.name)
