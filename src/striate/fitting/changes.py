"""What a person changes in a recipe: options by name become parts of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar, cast

from striate.problem import Misuse
from striate.recipe import (
    EMA,
    SGD,
    Adagrad,
    Adam,
    Augment,
    Averaging,
    Constant,
    Cosine,
    CrossEntropy,
    Exponential,
    Loss,
    Milestones,
    Mode,
    OneCycle,
    Optimiser,
    Plateau,
    Polyak,
    Recipe,
    RMSProp,
    Sampling,
    Schedule,
    View,
    Warmup,
)
from striate.words import nearest

Name = Literal["modern", "paper"]
Balance = Literal["none", "weights", "sampling"]
T = TypeVar("T")


@dataclass(frozen=True)
class Changes:
    """A recipe by its name, and what to change in it; None leaves a part as it is."""

    base: Name = "modern"
    batch: int | None = None
    lr: float | None = None
    optimiser: str | None = None  # of OPTIMISERS
    decay: float | None = None
    spare: bool | None = None  # no decay on biases and normalisations
    schedule: str | None = None  # of SCHEDULES
    warmup: float | None = None  # epochs
    resize: Mode | None = None
    input: tuple[int, int, int] | None = None  # (channels, height, width) of what the network receives
    start: str | None = None  # random, random:SEED, pretrained, the name of published weights, or a file
    augment: str | None = None  # of augmentations()
    mixup: float | None = None
    cutmix: float | None = None
    smoothing: float | None = None  # of the labels
    balance: Balance | None = None  # how classes come to weigh alike, however many pictures they have
    dropout: float | None = None
    averaging: str | None = None  # of AVERAGINGS
    clip: float | None = None
    patience: int | None = None  # epochs without a better validation before the training ends
    frozen: int | None = None  # epochs in which the classifier alone learns
    first_row: float | None = None  # rate of the first row beside the classifier's; 0 freezes the backbone
    auxiliaries: bool | None = None


OPTIMISERS: dict[str, Optimiser] = {
    "sgd": SGD(lr=0.1, decay=5e-4),
    "momentum": SGD(lr=0.05, momentum=0.9, decay=5e-4),
    "nesterov": SGD(lr=0.05, momentum=0.9, nesterov=True, decay=5e-4),
    "adagrad": Adagrad(lr=0.01),
    "rmsprop": RMSProp(lr=0.001),
    "adam": Adam(lr=0.002, decay=0.01),
    "adamw": Adam(lr=0.002, decay=0.01),  # the same: with a decay Adam is AdamW
}
SCHEDULES: dict[str, Schedule] = {
    "constant": Constant(),
    "onecycle": OneCycle(),
    "cosine": Cosine(),
    "milestones": Milestones(),
    "exponential": Exponential(0.96),
    "plateau": Plateau(),
}
AVERAGINGS: dict[str, Averaging | None] = {"none": None, "ema": EMA(), "polyak": Polyak(start=0.5)}


_PARTS = {  # of the recipe's sheet, that each change decides
    "batch": ("batch",), "lr": ("rate",), "optimiser": ("optimiser",), "decay": ("decay",),
    "spare": ("decay",), "schedule": ("schedule",), "warmup": ("schedule",), "resize": ("view",), "input": ("view",),
    "start": ("start",), "augment": ("augment",), "mixup": ("augment",), "cutmix": ("augment",),
    "smoothing": ("loss",), "balance": ("loss", "sampling"), "dropout": ("dropout",), "averaging": ("averaging",),
    "clip": ("clip",), "patience": ("patience",), "frozen": ("tuning",), "first_row": ("tuning",),
    "auxiliaries": ("auxiliaries",),
}  # fmt: skip
_BROUGHT = ("rate", "momentum", "decay")  # by the name of an optimiser, out of OPTIMISERS


def asked_for(recipe: Recipe, parts: Iterable[str]) -> Recipe:
    """The recipe with these parts' source being whoever asked for them."""
    return _sourced(recipe, parts, "asked")


def _sourced(recipe: Recipe, parts: Iterable[str], source: str) -> Recipe:
    return replace(recipe, sources=tuple({**dict(recipe.sources), **dict.fromkeys(parts, source)}.items()))


def augmentations(view: View, mirrored: bool) -> dict[str, Augment]:
    """The augmentations that have a name; ``mirrored`` says whether a mirror image keeps its class."""
    side = min(view.size)
    shift = max(1, round(side / 14))
    return {
        "none": Augment(),
        "flip": Augment(flip=True),
        "shift": Augment(shift=shift),
        "erase": Augment(erase=round(side / 3.5)),
        "light": Augment(flip=mirrored, shift=shift),
        "rand": Augment(flip=mirrored, shift=shift, randaugment=(2, 9)),
        "strong": Augment(flip=mirrored, shift=shift, zoom=(0.8, 1.25), brightness=0.3, erase=round(side / 3.5)),
    }


def changed(recipe: Recipe, changes: Changes, *, mirrored: bool) -> Recipe:
    """The recipe with what a person changed; Misuse for names that there are not, and parts that do not go together."""
    view = recipe.view if changes.input is None else shaped(recipe.view, changes.input)
    view = view if changes.resize is None else _resized(view, changes.resize)
    tuning = recipe.tuning
    if changes.frozen is not None:
        tuning = replace(tuning, frozen=changes.frozen)
    if changes.first_row is not None:
        tuning = replace(tuning, first_row=changes.first_row)
    named = [part for name, parts in _PARTS.items() if getattr(changes, name) is not None for part in parts]
    brought = () if changes.optimiser is None else _BROUGHT
    spared = recipe.spared if changes.spare is None else (("bias", "norm") if changes.spare else ())
    return replace(
        asked_for(_sourced(recipe, brought, "ours"), named),
        optimiser=_optimiser(recipe, changes),
        schedule=_schedule(recipe, changes),
        loss=_loss(recipe, changes),
        sampling=recipe.sampling if changes.balance is None else _sampling(changes.balance),
        view=view,
        augment=_augment(recipe, changes, view, mirrored),
        averaging=recipe.averaging if changes.averaging is None else _named("averaging", changes.averaging, AVERAGINGS),
        spared=cast(Any, spared),
        tuning=tuning,
        **_given(changes, "batch", "dropout", "clip", "patience", "auxiliaries"),
    )


def _optimiser(recipe: Recipe, changes: Changes) -> Optimiser:
    optimiser = recipe.optimiser
    if changes.optimiser is not None:
        optimiser = _named("optimiser", changes.optimiser, OPTIMISERS)
    if changes.lr is not None:
        optimiser = replace(optimiser, lr=changes.lr)
    return optimiser if changes.decay is None else replace(optimiser, decay=changes.decay)


def _schedule(recipe: Recipe, changes: Changes) -> Schedule:
    schedule = recipe.schedule
    if changes.schedule is not None:
        schedule = _named("schedule", changes.schedule, SCHEDULES)
    if changes.warmup is None:
        return schedule
    then = schedule.then if isinstance(schedule, Warmup) else schedule
    return Warmup(then, changes.warmup) if changes.warmup else then


def _loss(recipe: Recipe, changes: Changes) -> Loss:
    given = _given(changes, "smoothing")
    if changes.balance is not None and (changes.balance == "weights" or isinstance(recipe.loss, CrossEntropy)):
        given["balanced"] = changes.balance == "weights"
    if given and not isinstance(recipe.loss, CrossEntropy):
        name = "smoothing" if "smoothing" in given else "balance weights"
        raise Misuse("recipe.no_cross_entropy", name=name)
    return replace(recipe.loss, **given)


def _sampling(balance: Balance) -> Sampling:
    return "balanced" if balance == "sampling" else "each"


def _augment(recipe: Recipe, changes: Changes, view: View, mirrored: bool) -> Augment:
    augment = _resized_augment(recipe.augment, max(view.size) / max(recipe.view.size))
    if changes.augment is not None:
        augment = _named("augment", changes.augment, augmentations(view, mirrored))
    return replace(augment, **_given(changes, "mixup", "cutmix"))


def _resized_augment(augment: Augment, ratio: float) -> Augment:
    """For an input so many times as large: what counts in pixels grows or shrinks with it, and does not vanish."""

    def pixels(count: int) -> int:
        return max(1, round(count * ratio)) if count else 0

    shorter = augment.shorter and (pixels(augment.shorter[0]), pixels(augment.shorter[1]))
    return replace(augment, shift=pixels(augment.shift), erase=pixels(augment.erase), shorter=shorter)


def _given(changes: Changes, *names: str) -> dict[str, Any]:
    """What is not left as it is."""
    return {name: value for name in names if (value := getattr(changes, name)) is not None}


def _named(what: str, name: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise Misuse("recipe.part", what=what, name=name, known=", ".join(known), nearest=nearest(name, known))
    return known[name]


def _resized(view: View, mode: Mode) -> View:
    """The view with another resize mode; a crop is taken from a picture an eighth larger where no size is stated."""
    resize = view.resize or round(max(view.size) * 8 / 7)
    return replace(view, mode=mode, resize=resize if mode == "crop" else None)


def shaped(view: View, shape: tuple[int, int, int]) -> View:
    """The view for another input; a crop is cut from a picture that is larger by as much as before."""
    channels, height, width = shape
    resize = view.resize and round(view.resize * max(height, width) / max(view.size))
    mean, std = (
        each if len(each) == channels else (sum(each) / len(each),) * channels for each in (view.mean, view.std)
    )
    return replace(view, size=(height, width), channels=channels, mean=mean, std=std, resize=resize)
