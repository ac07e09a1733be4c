"""Small filters on top of each other: what a unit sees of the picture, and what a stack saves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.foundations.given import count, paired
from striate.foundations.receptive_field import Layer, Seen, Stacked, receptive_field, stacked
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, RED, Places
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, shown
from striate.problem import BadData
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_DEEPEST = 5  # of the chart
_WIDE = 2 * _DEEPEST + 3  # pixels that it shows

_VGG = tuple(
    Layer(f"{kind}{block}{f'_{at}' if kind == 'conv' else ''}", 3 if kind == "conv" else 2, 1 if kind == "conv" else 2)
    for block, convolutions in enumerate((2, 2, 3, 3, 3), 1)
    for kind, at in (*(("conv", at) for at in range(1, convolutions + 1)), ("pool", 0))
)


@dataclass(frozen=True)
class Options:
    """Three of 3x3, as VGG has them; C channels go in and C come out."""

    depth: int = 3
    small: int = 3
    channels: int = 64
    kernels: Numbers = (3, 3, 3)
    strides: Numbers = (1, 1, 1)


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows; ``vgg`` is VGG-16 up to its last pooling."""

    seen: tuple[Seen, ...]
    two: Stacked
    stack: Stacked
    vgg: tuple[Seen, ...]


def lesson(options: Options) -> Lesson:
    count(options.depth, "depth", most=100)
    seen = receptive_field(_layers(options.kernels, options.strides))
    stack = stacked(options.depth, small=options.small, channels=options.channels)
    trace = Trace(seen, stacked(2), stack, receptive_field(_VGG))
    return Lesson(
        "stacking",
        (
            Say(_words("intro")),
            _field(seen),
            Say(_words("rule")),
            Chart(_words("chart"), _words("chart_summary"), _chart),
            Heading(_words("weights")),
            Formula(_two(trace.two)),
            Formula(_symbols(stack)),
            *_questions(stack),
            Formula(_numbers(stack)),
            Chart(_words("cost"), _words("cost_summary"), lambda language: _cost(options, language)),
            Heading(_words("same")),
            Say(_words("same_say")),
            Heading(_words("vgg")),
            _pools(trace.vgg),
            Say(_words("vgg_say")),
            Question(_words("ask_fc6"), _words("tell_fc6"), expected=404),
        ),
        trace,
        more=(
            "learn stacking --depth 2 --channels 1",
            "learn stacking --kernels 11,3,5 --strides 4,2,1",
            "describe vgg16",
        ),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.stacking.{key}", values)


def _layers(kernels: Numbers, strides: Numbers) -> tuple[Layer, ...]:
    """Whole numbers as layers; strides of 1 where there are fewer of them than kernels."""
    if any(each != 1 for each in strides[len(kernels) :]):
        paired(kernels, strides, ("kernels", "strides"))
    steps = (*strides, *(1.0 for _ in kernels))[: len(kernels)]
    for name, values in (("kernels", kernels), ("strides", steps)):
        for value in values:
            if value % 1:
                raise BadData("foundations.given.least", name=name, value=value, least=1)
    pairs = zip(kernels, steps, strict=True)
    return tuple(Layer(str(at), int(kernel), int(step)) for at, (kernel, step) in enumerate(pairs, 1))


def _field(seen: tuple[Seen, ...]) -> parts.Table:
    rows = tuple(
        (each.name, f"{each.kernel}x{each.kernel}", str(each.stride), each.field.text, each.jump.text) for each in seen
    )
    return parts.Table((_words("layer"), _words("kernel"), "s", _words("field"), _words("jump")), rows, left=5)


def _two(two: Stacked) -> tuple[str, ...]:
    return (f"2 · (3·3) = {two.stack_weights.value}   <   5·5 = {two.large_weights.value}",)


def _symbols(stack: Stacked) -> tuple[str, ...]:
    n, k, large = stack.depth, stack.small, stack.large
    return (
        f"field  = 1 + {n}·({k} - 1) = {large}",
        f"stack  = {n} · {k}² C² = {n * k * k} C²",
        f"single = {large}² C² = {large * large} C²",
    )


def _numbers(stack: Stacked) -> tuple[str, ...]:
    return (
        f"C = {stack.channels}",
        f"stack  = {stack.stack_weights.text}",
        f"single = {stack.large_weights.text}",
        f"stack / single = {shown(stack.share, 4)};  single / stack - 1 = {shown(100 * stack.more, 3)} %",
    )


def _questions(stack: Stacked) -> tuple[Question, ...]:
    four = stacked(4)
    return (
        Question(_words("ask_four"), _words("tell_four"), expected=four.large),
        Question(
            _words("ask_more", depth=stack.depth, small=stack.small, large=stack.large),
            _words("tell_more", more=shown(100 * stack.more, 3)),
            expected=100 * stack.more,
        ),
    )


def _pools(vgg: tuple[Seen, ...]) -> parts.Table:
    rows = tuple((each.name, each.field.text, each.jump.text) for each in vgg if each.name.startswith("pool"))
    return parts.Table((_words("layer"), _words("field"), _words("jump")), rows, left=3)


def _chart(language: str) -> altair.TopLevelMixin:
    """Pixels in a row, layers above them: what one unit on top reads, layer by layer."""
    import altair

    depth = charts.slider("depth", say("lesson.stacking.depth", language), 2, Places(1, _DEEPEST, 1))
    stride = charts.choice("stride", say("lesson.stacking.stride", language), {"1": "1", "2": "2"})
    rows: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for layers in range(1, _DEEPEST + 1):
        for step in (1, 2):
            shown_layers = receptive_field([Layer(str(at), 3, step if at == 1 else 1) for at in range(1, layers + 1)])
            here = {"depth": layers, "stride": str(step)}
            rows += [{**here, **cell} for cell in _cells(shown_layers)]
            field = shown_layers[-1].field.value
            notes.append({**here, "note": say("lesson.stacking.sees", language, count=field)})
    chosen = "datum.depth == depth && datum.stride == stride"
    x = altair.X("left:Q", axis=None, scale=charts.fixed(-_WIDE, _WIDE))
    y = altair.Y("low:Q", axis=None, scale=charts.fixed(-0.1, _DEEPEST + 1))
    boxes = charts.chart(rows).transform_filter(chosen).mark_rect(stroke="white", strokeWidth=2)
    layered = boxes.encode(x=x, x2="right:Q", y=y, y2="high:Q", color=altair.Color("colour:N", scale=None))
    note = charts.chart(notes).transform_filter(chosen).mark_text(align="left", fontSize=14)
    text = note.encode(x=altair.value(4), y=altair.value(12), text="note:N")
    return altair.layer(layered, text).properties(width=520, height=210).add_params(depth, stride)


def _cells(seen: tuple[Seen, ...]) -> list[dict[str, Any]]:
    """The units of each layer that the one on top reads; the pixels are layer 0."""
    rows = []
    wanted = 1  # units of this layer, from the top down
    for level in range(len(seen), -1, -1):
        jump = seen[level - 1].jump.value if level else 1
        colour = RED if level == len(seen) else BLUE if level else "#56b4e9"
        for at in range(wanted):
            middle = (at - (wanted - 1) / 2) * jump
            rows.append({
                "left": middle - jump / 2, "right": middle + jump / 2, "low": level + 0.1, "high": level + 0.85,
                "colour": colour,
            })  # fmt: skip
        if level:
            wanted = (wanted - 1) * seen[level - 1].stride + seen[level - 1].kernel
    return rows


def _cost(options: Options, language: str) -> altair.TopLevelMixin:
    """Weights of the stack and of the one large filter, by the number of channels."""
    import altair

    channels = charts.slider("channels", say("lesson.stacking.channels", language), 64, Places(16, 512, 16))
    names = {"stack": say("lesson.stacking.stack", language), "single": say("lesson.stacking.single", language)}
    rows = []
    for c in range(16, 513, 16):
        for depth in range(1, _DEEPEST + 1):
            found = stacked(depth, small=options.small, channels=c)
            at = {"channels": c, "field": f"{found.large}x{found.large}", "depth": depth}
            rows.append({**at, "kind": names["stack"], "weights": found.stack_weights.value})
            rows.append({**at, "kind": names["single"], "weights": found.large_weights.value})
    x = altair.X("field:N", title=say("lesson.stacking.field", language), sort=None, axis=altair.Axis(labelAngle=0))
    colour = altair.Color("kind:N", title=None, scale=altair.Scale(domain=[*names.values()], range=[BLUE, RED]))
    bars = charts.chart(rows).transform_filter("datum.channels == channels").mark_bar()
    encoded = bars.encode(
        x=x, xOffset=altair.XOffset("kind:N", sort=[*names.values()]), color=colour,
        y=altair.Y("weights:Q", title=say("lesson.stacking.weights_axis", language), axis=altair.Axis(format="~s")),
        tooltip=["kind:N", altair.Tooltip("weights:Q", format=",")],
    )  # fmt: skip
    return encoded.properties(width=330, height=220).add_params(channels)
