"""Convolution by hand: a kernel on a patch, at every place; its size, its parameters, and what kernels find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from striate.data.sets import open_set
from striate.foundations.convolution import Convolved, Place, convolve
from striate.foundations.given import Array, count
from striate.foundations.sizes import Written, conv_parameters, output_size, same_pad
from striate.lessons import charts, grids, parts
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.lessons.windows import Course, Stop, Titles, moving
from striate.lessons.written import abridged, bracketed, summed, with_sign
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_KERNELS: dict[str, tuple[Numbers, ...]] = {
    "vertical": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "horizontal": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "blur": ((1 / 9,) * 3,) * 3,
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "nothing": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
}
_PICTURE_AT = 2  # of the built-in pictures
_ALL = 9  # terms of a sum that are all written
_SIDE = 225  # pixels of a picture in the chart


@dataclass(frozen=True)
class Options:
    """A picture of 5x5 and a kernel of 3x3 that many courses show; rows are separated by a slash."""

    picture: str = "1,1,1,0,0/0,1,1,1,0/0,0,1,1,1/0,0,1,1,0/0,1,1,0,0"
    kernel: str = "1,0,1/0,1,0/1,0,1"
    stride: int = 1
    pad: int = 0
    bias: float = 0.0
    flip: bool = False


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows; ``layers`` are the sizes and parameters of layers that one meets."""

    convolved: Convolved
    layers: dict[str, tuple[Written, Written]]


def lesson(options: Options) -> Lesson:
    picture, kernel = grids.grid("--picture", options.picture), grids.grid("--kernel", options.kernel)
    count(options.pad, "pad", least=0, most=grids.MOST)
    done = _convolved(options, options.stride, min(options.pad, grids.MOST))
    trace = Trace(done, _layers())
    return Lesson(
        "convolution",
        (
            Say(_words("intro")),
            Formula(_laid_out(picture, done)),
            Say(_words("first")),
            Formula(_worked(done.trace[0], done.filters[0, 0])),
            _question(done),
            Say(_words("all")),
            Formula(grids.written(done.output[0], "y = ")),
            _table(done),
            Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(options, done, language)),
            Heading(_words("size")),
            Say(_words("size_say")),
            Formula(_sizes(done, len(kernel))),
            Say(_words("parameters")),
            Question(_words("ask_parameters"), _words("tell_parameters"), expected=2416),
            Say(_words("papers")),
            _known(trace.layers),
            Heading(_words("finds")),
            Say(_words("finds_say")),
            Chart(_words("kernels"), _words("kernels_summary"), _found),
            Say(_words("flipped")),
        ),
        trace,
        more=("learn convolution --stride 2 --pad 1", "learn convolution --kernel=-1,1 --flip", "describe lenet5"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.convolution.{key}", values)


def _convolved(options: Options, stride: int, pad: int) -> Convolved:
    picture, kernel = grids.grid("--picture", options.picture), grids.grid("--kernel", options.kernel)
    return convolve(picture, kernel, bias=[options.bias], stride=stride, pad=pad, flip=options.flip)


def _layers() -> dict[str, tuple[Written, Written]]:
    """Of LeNet-5, AlexNet and VGG: the size of the output, and the parameters."""
    known = {
        "LeNet-5 C1": (32, 5, 1, 0, 1, 6),
        "LeNet-5 C3, full": (14, 5, 1, 0, 6, 16),
        "AlexNet conv1": (227, 11, 4, 0, 3, 96),
        "VGG conv1_1": (224, 3, 1, same_pad(3), 3, 64),
        "ZFNet conv1": (224, 7, 2, 1, 3, 96),
    }
    return {
        name: (output_size(size, kernel, stride=stride, pad=pad), conv_parameters(channels, (kernel, kernel), filters))
        for name, (size, kernel, stride, pad, channels, filters) in known.items()
    }


def _laid_out(picture: tuple[Numbers, ...], done: Convolved) -> tuple[str, ...]:
    return (
        *grids.written(picture, "x = "), "",
        *grids.written(done.filters[0, 0], "w = "),
    )  # fmt: skip


def _worked(place: Place, kernel: Array) -> tuple[str, ...]:
    return (
        "y(i, j) = Σ x(i·s + a, j·s + b) · w(a, b) + bias",
        f"y(0, 0) = {_joined(_products(place, kernel))} {with_sign(place.bias)}",
        f"        = {shown(place.total)} {with_sign(place.bias)} = {shown(place.output)}",
    )


def _products(place: Place, kernel: Array) -> list[str]:
    """2·1, the patch's number times the kernel's."""
    pairs = zip(place.patch[0].ravel().tolist(), kernel.ravel().tolist(), strict=True)
    return [f"{bracketed(x, 3)}·{bracketed(w, 3)}" for x, w in pairs]


def _joined(products: list[str]) -> str:
    """A sum in full where its kernel has nine numbers at most."""
    return " + ".join(products) if len(products) <= _ALL else summed(products)


def _table(done: Convolved) -> parts.Table:
    rows = (
        (
            f"({each.row}, {each.column})",
            f"({each.top}, {each.left})",
            summed(_products(each, done.filters[0, 0])),
            shown(each.output),
        )
        for each in done.trace
    )
    return parts.Table((_words("place"), _words("corner"), _words("products"), "y"), abridged(rows), left=3)


def _question(done: Convolved) -> Question:
    last = done.trace[-1]
    return Question(
        _words("ask_last", row=last.row, column=last.column),
        _words("tell_last", products=_joined(_products(last, done.filters[0, 0])), value=shown(last.output)),
        expected=last.output,
    )


def _sizes(done: Convolved, kernel: int) -> tuple[str, ...]:
    same = f"pad = (kernel - 1) / 2 = ({kernel} - 1) / 2 = {same_pad(kernel)}" if kernel % 2 else "pad = -"
    return (
        "out = 1 + (in + 2·pad - kernel) / stride",
        f"height = {done.height.text}",
        f"width  = {done.width.text}",
        f"parameters = {done.parameters.text}",
        f"multiply-accumulates = {done.filters.size} · {done.height.value} · {done.width.value} = {done.macs:,}",
        f"same: stride 1, {same}",
    )


def _known(layers: dict[str, tuple[Written, Written]]) -> parts.Table:
    rows = ((name, size.text, parameters.text) for name, (size, parameters) in layers.items())
    return parts.Table((_words("layer"), _words("output"), _words("parameters_column")), tuple(rows), left=3)


def _chart(options: Options, done: Convolved, language: str) -> altair.TopLevelMixin:
    """The kernel at every place, under the settings of the options and others that fit."""
    kernel = done.filters.shape[2:]
    settings = dict.fromkeys([(options.stride, options.pad), (1, 0), (2, 0), (1, 1), (2, 1)])
    picture = np.array(grids.grid("--picture", options.picture))
    courses = [
        _course(_convolved(options, stride, pad), stride, pad, language)
        for stride, pad in settings
        if all(size + 2 * pad >= window for size, window in zip(picture.shape, kernel, strict=True))
    ]
    names = ("place", "setting", "input", "window", "output")
    return moving(picture, courses, Titles(*(say(f"lesson.convolution.chart_{each}", language) for each in names)))


def _course(done: Convolved, stride: int, pad: int, language: str) -> Course:
    stops = []
    for place in done.trace:
        products = _products(place, done.filters[0, 0])
        wide = place.patch.shape[2]
        texts = tuple(tuple(products[at : at + wide]) for at in range(0, len(products), wide))
        line = f"{_joined(products)} {with_sign(place.bias)} = {shown(place.output, 4)}"
        stops.append(Stop(place.top, place.left, texts, line))
    name = say("lesson.convolution.chart_course", language, stride=stride, pad=pad)
    return Course(name, pad, done.output[0], tuple(stops))


def _found(language: str) -> altair.TopLevelMixin:
    """A garment, and what each kernel makes of it."""
    import altair

    garment = np.asarray(open_set("fashion-sample").parts["train"].image(_PICTURE_AT), dtype=float)
    names = {each: say(f"lesson.convolution.kernel.{each}", language) for each in _KERNELS}
    chosen = charts.choice("kernel", say("lesson.convolution.kernel", language), names)
    results: list[dict[str, Any]] = []
    weights: list[dict[str, Any]] = []
    for name, kernel in _KERNELS.items():
        results.append({"kernel": name, "url": _shown_whole(convolve(garment, kernel, pad=1).output[0])})
        weights += grids.cells(np.array(kernel), kernel=name)
    before = charts.chart([{"url": grids.picture(garment, 0, 255)}])
    after = charts.chart(results).transform_filter("datum.kernel == kernel")
    pictures = [
        each.mark_image(width=_SIDE, height=_SIDE, align="left", baseline="top")
        .encode(x=altair.value(0), y=altair.value(0), url="url:N")
        .properties(width=_SIDE, height=_SIDE)
        for each in (before, after)
    ]
    numbers = altair.layer(
        *grids.tiles(charts.chart(weights).transform_filter("datum.kernel == kernel"), 30, "#f6ddcb")
    )
    beside = numbers.properties(width=90, height=90)
    return altair.hconcat(pictures[0], beside, pictures[1], spacing=8).add_params(chosen)


def _shown_whole(values: Array) -> str:
    """From the lowest number, black, to the highest, white."""
    return grids.picture(values, float(values.min()), float(values.max()))
