"""One photo, many pictures: what is done to it by chance before a network sees it, and AlexNet's noise of colours."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import sklearn
import torch
from PIL import Image
from torch import Tensor

from striate.data.augment import Chance, augmented, coloured, principal_colours
from striate.data.pictures import Unreadable, decode
from striate.data.views import canvas, centre
from striate.figures.colours import INK
from striate.foundations.given import count
from striate.lessons.charts import Places, chart, choice, slider
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, Table, shown
from striate.problem import BadData
from striate.recipe import Augment, View
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_SIZE, _CANVAS = 88, 100  # of what the network would see, and of what it is cut from; the proportion of 224 to 256
_VIEW = View("crop", (_SIZE, _SIZE), 3, mean=(0.0,) * 3, std=(1.0,) * 3, scale=1.0, resize=_CANVAS, fill=128)
_DRAWS, _PICTURES = 8, 2
_QUALITY = 82
_PHOTOS = Path(sklearn.__file__).parent / "datasets" / "images"
_NOTES = ("brightness", "zoom", "shift")
_PAPER_CROP, _PAPER_PICTURE = 224, 256


@dataclass(frozen=True)
class Options:
    """A photo that scikit-learn brings along, and how strong the changes are."""

    picture: str = "china"
    shift: int = 12
    zoom: float = 1.5
    brightness: float = 0.5
    colour: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class Colour:
    """A principal colour: its direction in RGB, its eigenvalue, and what one unit of noise adds, in grey levels."""

    direction: tuple[float, ...]
    eigenvalue: float  # of the covariance of pixels from 0 to 1
    unit: tuple[float, ...]


@dataclass(frozen=True)
class Trace:
    """The photo's colours, the kinds of changes, and how many places a crop has."""

    size: tuple[int, int]  # (height, width)
    colours: tuple[Colour, ...]
    kinds: dict[str, Augment]
    places: int


def lesson(options: Options) -> Lesson:
    photo = _photo(options.picture)
    pixels = canvas(photo, _VIEW)
    colours = principal_colours([pixels])
    spare = _PAPER_PICTURE - _PAPER_CROP
    trace = Trace((photo.height, photo.width), _told(colours), _kinds(options), 2 * (spare + 1) ** 2)
    return Lesson(
        "augmentation",
        (
            Say(_words("intro")),
            _table(trace, options),
            Say(_words("label")),
            Chart(
                _words("chart"),
                _words("chart_summary", draws=_DRAWS),
                lambda language: _chart(options, pixels, colours, language),
            ),
            Say(_words("own_draws")),
            Question(_words("ask_digits"), _words("tell_digits")),
            Heading(_words("crops")),
            Question(_words("ask_places"), _words("tell_places", places=trace.places), expected=trace.places),
            Formula(_places(spare, trace.places)),
            Heading(_words("colours")),
            Say(_words("colours_told", colour=shown(options.colour))),
            Formula(_noise(trace, options)),
            _principal(trace),
            Say(_words("light")),
            Say(_words("meaning")),
        ),
        trace,
        more=("learn augmentation --picture flower", "train --augment light --epochs 1", "ablate augmentation --quick"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.augmentation.{key}", values)


def _photo(name: str) -> Image.Image:
    """One of scikit-learn's photos by its name, or a file; BadData where there is none, or no picture in it."""
    shipped = _PHOTOS / f"{name}.jpg"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in _PHOTOS.glob("*.jpg")))
        raise BadData("learn.no_photo", name=name, known=known)
    try:
        return decode(path).image
    except Unreadable as error:
        raise BadData("data.unreadable", path=path, reason=Phrase(f"unreadable.{error.reason}")) from error


def _kinds(options: Options) -> dict[str, Augment]:
    """By the key of its name; crops are in all of them, as they are in training."""
    zoom = (1.0, options.zoom)
    return {
        "none": Augment(),
        "flip": Augment(flip=True),
        "shift": Augment(shift=options.shift),
        "zoom": Augment(zoom=zoom),
        "brightness": Augment(brightness=options.brightness),
        "colour": Augment(colour=options.colour),
        "area": Augment(area=(0.08, 1.0)),
        "erase": Augment(erase=_SIZE // 3),
        "all": Augment(flip=True, shift=options.shift, zoom=zoom, brightness=options.brightness, colour=options.colour),
    }


def _told(colours: Tensor) -> tuple[Colour, ...]:
    """The largest first; each with its signs turned so that it brightens."""
    found = []
    for column in reversed(colours.double().T.unbind()):
        length = float(column.norm())
        turned = column if float(column.sum()) >= 0 else -column
        unit = tuple(turned.tolist())
        found.append(Colour(tuple((turned / length).tolist()) if length else unit, length / 255, unit))
    return tuple(found)


def _table(trace: Trace, options: Options) -> Table:
    body = tuple((_words(f"kind.{kind}"), _words(f"does.{kind}", **_values(kind, options))) for kind in trace.kinds)
    return Table((_words("kind"), _words("does")), body, left=2)


def _values(kind: str, options: Options) -> dict[str, object]:
    match kind:
        case "none":
            return {"margin": _CANVAS - _SIZE}
        case "shift":
            return {"shift": options.shift}
        case "zoom":
            return {"zoom": shown(options.zoom)}
        case "brightness":
            return {"low": shown(1 - options.brightness), "high": shown(1 + options.brightness)}
        case "colour":
            return {"colour": shown(options.colour)}
        case "erase":
            return {"side": _SIZE // 3}
        case _:
            return {}


def _places(spare: int, places: int) -> tuple[str, ...]:
    return (
        f"({_PAPER_PICTURE} − {_PAPER_CROP})² · 2 = {spare}² · 2 = {2 * spare**2:,}",
        f"({_PAPER_PICTURE} − {_PAPER_CROP} + 1)² · 2 = {spare + 1}² · 2 = {places:,}",
    )


def _noise(trace: Trace, options: Options) -> tuple[str, ...]:
    """The rule, and what one deviation of the first colour adds."""
    first = trace.colours[0]
    direction = ", ".join(shown(each, 3) for each in first.direction)
    added = ", ".join(shown(options.colour * each, 3) for each in first.unit)
    return (
        "[R, G, B] + [p₁, p₂, p₃] [α₁ λ₁, α₂ λ₂, α₃ λ₃]ᵀ     α ~ N(0, σ)",
        f"α₁ = σ: 255 · {shown(options.colour)} · {shown(first.eigenvalue, 3)} · [{direction}] = [{added}]",
    )


def _principal(trace: Trace) -> Table:
    body = tuple(
        (str(at), shown(each.eigenvalue, 4), *(shown(part, 3) for part in each.direction))
        for at, each in enumerate(trace.colours, 1)
    )
    return Table(("i", "λᵢ", "R", "G", "B"), body, left=0, caption=_words("principal"))


def _chart(options: Options, pixels: Tensor, colours: Tensor, language: str) -> altair.TopLevelMixin:
    """The photo as it is without chance, and beside it as two pictures of a training see it in one epoch."""
    import altair

    kinds = _kinds(options)
    named = {kind: say(f"lesson.augmentation.kind.{kind}", language) for kind in kinds}
    which = choice("kind", say("lesson.augmentation.kind", language), named, "shift")
    epoch = slider("epoch", say("lesson.augmentation.epoch", language), 1, Places(1, _DRAWS, 1))
    plain = centre(pixels[None], _VIEW)
    values: list[dict[str, Any]] = []
    for kind, augment in kinds.items():
        for at in range(1, _DRAWS + 1):
            drawn = _drawn(pixels, colours, augment, (count(options.seed, "seed", least=0), at))
            values += [
                {"kind": kind, "epoch": at, "x": place, "url": _uri(each)} for place, each in enumerate(drawn, 1)
            ]
    x = altair.X("x:Q", axis=None, scale=altair.Scale(domain=[-0.5, _PICTURES + 0.5], nice=False))
    labels = [
        {"x": place, "text": say(f"lesson.augmentation.{'plain' if not place else 'draw'}", language, number=place)}
        for place in range(_PICTURES + 1)
    ]
    side = 170
    y = altair.value(side / 2 + 30)
    first = chart([{"x": 0, "url": _uri(plain[0])}]).mark_image(width=side, height=side).encode(x=x, y=y, url="url:N")
    others = chart(values).transform_filter("datum.kind == kind && datum.epoch == epoch")
    images = others.mark_image(width=side, height=side).encode(x=x, y=y, url="url:N")
    texts = chart(labels).mark_text(color=INK, fontSize=13).encode(x=x, y=altair.value(12), text="text:N")
    return altair.layer(first, images, texts).properties(width=540, height=side + 50).add_params(which, epoch)


def _drawn(pixels: Tensor, colours: Tensor, augment: Augment, chance: Chance) -> Tensor:
    """(pictures, 3, H, W) from 0 to 255: the same photo under as many numbers, in one epoch."""
    ids = np.arange(_PICTURES)
    cut = augmented(pixels.expand(_PICTURES, -1, -1, -1), ids, _VIEW, augment, chance)
    return coloured(cut, ids, _VIEW, augment, chance, colours)


def _uri(pixels: Tensor) -> str:
    """A picture inside the page."""
    array = pixels.float().clamp(0, 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "JPEG", quality=_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
