"""A recipe line by line: each value, and who says so."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields

from torch import nn

from striate.architecture import Architecture
from striate.crops import PLAIN, Crops
from striate.data.randaugment import MOST
from striate.fitting.making import input_of
from striate.published.start import is_random
from striate.recipe import (
    EMA,
    SGD,
    Adam,
    Averaging,
    CrossEntropy,
    Exponential,
    Loss,
    Milestones,
    OneCycle,
    Optimiser,
    Plateau,
    Recipe,
    RMSProp,
    Schedule,
    Steps,
    View,
    Warmup,
)

PARTS = (
    "optimiser", "rate", "momentum", "decay", "schedule", "loss", "batch", "epochs", "view", "augment", "start",
    "sampling", "dropout", "averaging", "clip", "filters", "patience", "auxiliaries", "tuning", "crops",
)  # fmt: skip
"""The parts of a recipe that can have a source, in the order in which they are shown."""

ASSUMED, ASKED, OURS = "assumed", "asked", "ours"
"""Sources that are no place in a paper: nobody says it, the user does, Striate's measurements do."""


@dataclass(frozen=True)
class Line:
    """A part of a recipe, its value in the terms of the field, and its source: a place in the paper, or ``assumed``."""

    part: str  # of PARTS
    value: str
    source: str


def sheet(recipe: Recipe, architecture: Architecture) -> list[Line]:
    """The parts that a recipe has; one without a source stands as assumed."""
    sources = dict(recipe.sources)
    return [Line(part, value, sources.get(part, ASSUMED)) for part, value in _values(recipe, architecture) if value]


def _values(recipe: Recipe, architecture: Architecture) -> Iterator[tuple[str, str]]:
    optimiser = recipe.optimiser
    yield "optimiser", _optimiser(optimiser)
    yield "rate", f"{optimiser.lr:g}"
    yield "momentum", f"{momentum:g}" if (momentum := getattr(optimiser, "momentum", 0.0)) else ""
    spared = f", not on {', '.join(recipe.spared)}" if recipe.spared else ""
    yield "decay", f"{optimiser.decay:g}{spared}" if optimiser.decay else "0"
    yield "schedule", schedule_text(recipe.schedule)
    yield "loss", _loss(recipe.loss)
    yield "batch", str(recipe.batch)
    yield "epochs", str(recipe.epochs)
    yield "view", _view(recipe.view)
    yield "augment", _augment(recipe)
    yield "start", recipe.start
    yield "sampling", "" if recipe.sampling == "each" else "as many pictures of every class"
    yield "dropout", _dropout(recipe, architecture)
    yield "averaging", _averaging(recipe.averaging)
    yield "clip", "" if recipe.clip is None else f"gradient norm {recipe.clip:g}"
    yield "filters", "" if recipe.filter_rms is None else f"root mean square at most {recipe.filter_rms:g}"
    yield "patience", "" if recipe.patience is None else f"{recipe.patience} epochs"
    if architecture.auxiliaries:
        yield "auxiliaries", _auxiliaries(recipe, architecture)
    yield "tuning", _tuning(recipe)
    yield "crops", "" if recipe.crops == PLAIN else _crops(recipe.crops)


def _crops(crops: Crops) -> str:
    scales = f" at {', '.join(map(str, crops.scales))}" if crops.scales else ""
    return f"{crops.scheme}{scales}"


def _optimiser(optimiser: Optimiser) -> str:
    if isinstance(optimiser, SGD):
        inside = ", the rate inside the velocity" if optimiser.lr_inside else ""
        return f"{optimiser_name(optimiser)}{', Nesterov' if optimiser.nesterov else ''}{inside}"
    if isinstance(optimiser, RMSProp):
        return f"{optimiser_name(optimiser)}, smoothing {optimiser.smoothing:g}, eps {optimiser.eps:g}"
    if isinstance(optimiser, Adam):
        return f"{optimiser_name(optimiser)}, betas {optimiser.betas[0]:g} and {optimiser.betas[1]:g}"
    return optimiser_name(optimiser)


def optimiser_name(optimiser: Optimiser) -> str:
    """As it is known: Adam with a decay, which Striate decouples from the gradient, is AdamW."""
    return "AdamW" if isinstance(optimiser, Adam) and optimiser.decay else type(optimiser).__name__


def schedule_text(schedule: Schedule) -> str:
    """A schedule in a phrase."""
    if isinstance(schedule, Warmup):
        if schedule.rising and isinstance(schedule.then, OneCycle):
            return f"one cycle, rising from x {schedule.then.start:g} for {schedule.epochs:g} epochs"
        how = "rising" if schedule.rising else "constant"
        return f"{how} from x {schedule.start:g} for {schedule.epochs:g} epochs, then {schedule_text(schedule.then)}"
    if isinstance(schedule, Plateau):
        return (
            f"x {schedule.factor:g} after {schedule.patience} epochs without a better validation, "
            f"{schedule.most} times at most"
        )
    if isinstance(schedule, Steps):
        shown = ", ".join(f"{factor:g} from {at}" for at, factor in zip(schedule.starts, schedule.factors, strict=True))
        return f"x {shown}"
    if isinstance(schedule, Milestones):
        return f"x {schedule.factor:g} at {', '.join(f'{100 * share:g} %' for share in schedule.shares)}"
    if isinstance(schedule, Exponential):
        return f"x {schedule.factor:g} every {schedule.every:g} epochs"
    return {"Constant": "constant", "OneCycle": "one cycle", "Cosine": "cosine"}[type(schedule).__name__]


def _loss(loss: Loss) -> str:
    if not isinstance(loss, CrossEntropy):
        return f"maximum a posteriori, j {loss.j:g}"
    smoothing = f", smoothing {loss.smoothing:g}" if loss.smoothing else ""
    return f"cross-entropy{smoothing}{', balanced classes' if loss.balanced else ''}"


def _view(view: View) -> str:
    height, width = view.size
    resize = f" out of {view.resize}" if view.mode == "crop" and view.resize else ""
    pixels = "0 to 255" if view.scale == 1.0 else "0 to 1"
    mean, std = (", ".join(f"{value:g}" for value in dict.fromkeys(each)) for each in (view.mean, view.std))
    return f"{view.mode} {view.channels}x{height}x{width}{resize}; pixels {pixels}, minus {mean}, over {std}"


def _augment(recipe: Recipe) -> str:
    augment, view = recipe.augment, recipe.view
    told = []
    if augment.area:
        told.append(f"crops of {100 * augment.area[0]:g} to {100 * augment.area[1]:g} % of the area")
    elif augment.shorter:
        told.append(f"crops at a shorter side of {augment.shorter[0]} to {augment.shorter[1]}")
    elif view.mode == "crop" and view.resize and view.resize > min(view.size):
        told.append("crops")
    unsaid = {"area", "aspect", "shorter"}
    for field in fields(augment):
        value = getattr(augment, field.name)
        if field.name == "randaugment" and augment.randaugment:
            told.append("RandAugment, {} operations of magnitude {} of {}".format(*augment.randaugment, MOST))
        elif value and field.name not in unsaid:
            told.append(field.name if value is True else f"{field.name} {_number(value)}")
    return ", ".join(told) or "none"


def _number(value: object) -> str:
    return " to ".join(f"{each:g}" for each in value) if isinstance(value, tuple) else f"{value:g}"


def _dropout(recipe: Recipe, architecture: Architecture) -> str:
    """The recipe's rate, or those that the network's own rows have."""
    sketch = architecture.sketch(input=input_of(recipe))
    rates = [module.p for module in sketch.modules() if isinstance(module, nn.Dropout)]
    if not rates:
        return ""
    return ", ".join(f"{rate:g}" for rate in dict.fromkeys(rates if recipe.dropout is None else [recipe.dropout]))


def _averaging(averaging: Averaging | None) -> str:
    if averaging is None:
        return ""
    if isinstance(averaging, EMA):
        return f"exponential, {averaging.decay:g} a step"
    return f"mean of the weights from {100 * averaging.start:g} % of the training on"


def _auxiliaries(recipe: Recipe, architecture: Architecture) -> str:
    if not (recipe.auxiliaries and is_random(recipe.start)):
        return "none"
    if not architecture.has_heads(input=input_of(recipe)):
        return "none, as the input is too small for them"
    return ", ".join(f"{each.name} x {each.loss_weight:g}" for each in architecture.auxiliaries)


def _tuning(recipe: Recipe) -> str:
    tuning = recipe.tuning
    told = []
    if tuning.frozen:
        told.append(f"the classifier alone for {tuning.frozen} epochs")
    if tuning.first_row == 0:
        told.append("backbone frozen")
    elif tuning.first_row != 1:
        told.append(f"first row at {tuning.first_row:g} of the rate")
    if tuning.copied and not is_random(recipe.start):
        told.append(f"copies {', '.join(tuning.copied)} of the first weights")
    return "; ".join(told)


def freezes_drawn(recipe: Recipe) -> bool:
    """Whether rows are held fast at weights that were drawn, which is seldom meant."""
    return is_random(recipe.start) and (recipe.tuning.first_row == 0 or recipe.tuning.frozen > 0)


def as_json(lines: list[Line]) -> list[dict[str, str]]:
    """For machines."""
    return [asdict(line) for line in lines]
