"""XOR by three units: with weights that one can think up, and with weights that are learned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from striate.figures.colours import INK
from striate.foundations import given
from striate.foundations.examples import CORNERS, XOR
from striate.foundations.mlp import (
    XOR_BY_HAND,
    Epoch,
    Net,
    Training,
    Units,
    answers,
    decision_surface,
    forward,
    random_net,
    train,
)  # fmt: skip
from striate.lessons import charts, labels, parts
from striate.lessons.charts import BLUE, RED, Places
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Part, Question, Say, Text, shown
from striate.lessons.written import with_sign
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_ROWS, _PLACES = 8, 24  # of the table, of the slider
_SLOPE = 0.01  # above which a loss that stands has a way down yet
_MOVED = 0.999  # of the first loss: above it, next to nothing was learnt
_FLAT, _LONG = 0.9, 0.1  # of the first loss, of the epochs: what is long flat
_WIDE, _POINTS = 230, 81
_PLANE, _UNIT = ((-0.5, 1.5), (-0.5, 1.5)), ((-0.1, 1.1), (-0.1, 1.1))


@dataclass(frozen=True)
class Options:
    """Two hidden sigmoid units, from first weights that lead to an answer."""

    hidden: int = 2
    seed: int = 1
    rate: float = 1.0
    epochs: int = 1500


@dataclass(frozen=True)
class Trace:
    """The units of the net by hand for each input, and the training with the answers at its end."""

    by_hand: tuple[tuple[Units, ...], ...]
    training: Training
    answers: tuple[tuple[float, ...], ...]


def lesson(options: Options) -> Lesson:
    given.count(options.epochs, "epochs", most=20_000)
    net = random_net((2, options.hidden, 1), seed=options.seed)
    training = train(net, CORNERS, XOR, rate=options.rate, epochs=options.epochs)
    by_hand = tuple(forward(XOR_BY_HAND, corner) for corner in CORNERS)
    trace = Trace(by_hand, training, answers(training.net, CORNERS))
    count = net.parameters
    return Lesson(
        "xor",
        (
            Say(_words("intro")),
            Formula(("n₁ = σ(w₁₁·x₁ + w₂₁·x₂ + b₁)", "n₂ = σ(w₁₂·x₁ + w₂₂·x₂ + b₂)", "y  = σ(w₃₁·n₁ + w₃₂·n₂ + b₃)")),
            Heading(_words("by_hand")),
            Say(_words("by_hand_intro")),
            Formula(tuple(_written(XOR_BY_HAND))),
            _by_hand(by_hand),
            Say(_words("by_hand_means")),
            Question(_words("ask_count", hidden=options.hidden), _words("tell_count", count=count), expected=count),
            Heading(_words("learned")),
            *_learning_units(options.hidden),
            Say(_words("learned_intro", seed=str(options.seed), rate=shown(options.rate), epochs=options.epochs)),
            _table(training),
            *_seen(training, options.hidden),
            *((Formula(tuple(_written(training.net))),) if options.hidden == 2 else ()),
            Chart(
                _words("chart"), _words(_picture(training, options.hidden)), lambda language: _chart(training, language)
            ),
            Question(_words("ask_linear"), _words("tell_linear")),
            *((Question(_words("ask_seed"), _words("tell_seed")),) if options.hidden > 1 else ()),
        ),
        trace,
        more=("learn xor --seed 0", "learn xor --seed 0 --hidden 4", "learn backprop"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.xor.{key}", values)


def _written(net: Net) -> Iterator[str]:
    """Each unit's weighted sum with its numbers."""
    for layer, (names, inputs) in zip(net.layers, ((("n₁", "n₂"), ("x₁", "x₂")), (("y ",), ("n₁", "n₂"))), strict=True):
        for name, row, bias in zip(names, layer.weights, layer.biases or (), strict=True):
            first, second = row
            yield (
                f"{name} = {'σ' if layer.activation == 'sigmoid' else 'step'}({shown(first, 4)}·{inputs[0]} "
                f"{with_sign(second, 4)}·{inputs[1]} {with_sign(bias, 4)})"
            )


def _by_hand(found: Sequence[tuple[Units, ...]]) -> parts.Table:
    rows = []
    for corner, target, (hidden, output) in zip(CORNERS, XOR, found, strict=True):
        nand, either = zip(hidden.sums, hidden.outputs, strict=True)
        last = (output.sums[0], output.outputs[0])
        rows.append(tuple(map(shown, (*corner, *nand, *either, *last, target))))
    header = ("x₁", "x₂", "z₁", "n₁ NAND", "z₂", "n₂ OR", "z₃", "y AND", "t")
    return parts.Table(header, tuple(rows), left=0)


def _table(training: Training) -> parts.Table:
    header: tuple[Text, ...] = (_words("epoch"), _words("loss"), *(f"y({x:g},{y:g})" for x, y in CORNERS))
    rows = [(f"{each.number - 1:,}", shown(each.loss), *_four(each.net)) for each in _evenly(training.trace, _ROWS)]
    return parts.Table(header, (*rows, (_words("end"), shown(training.loss), *_four(training.net))), left=0)


def _four(net: Net) -> Iterator[str]:
    return (shown(each[0], 3) for each in answers(net, CORNERS))


def _evenly(trace: Sequence[Epoch], count: int) -> list[Epoch]:
    every = max(1, -(-len(trace) // count))
    return list(trace[::every])


def _learning_units(hidden: int) -> Iterator[Part]:
    """The units of the net that learns, where they are not those of the net by hand."""
    if hidden == 2:
        return
    yield Say(_words("learning_units", hidden=hidden))
    if hidden == 1:
        yield Formula(("n₁ = σ(w₁·x₁ + w₂·x₂ + b₁)", "y  = σ(w₃·n₁ + b₂)"))
    else:
        yield Formula(
            (
                f"nⱼ = σ(w₁ⱼ·x₁ + w₂ⱼ·x₂ + bⱼ), j = 1 … {hidden}",
                f"y  = σ(v₁·n₁ + … + v{_below(hidden)}·n{_below(hidden)} + b)",
            )
        )


def _below(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _seen(training: Training, hidden: int) -> Iterator[Say]:
    """What came of the training; of a single hidden unit, that nothing can."""
    alone = hidden == 1
    course = _course(training)
    if not (alone and course in ("stuck", "creeping", "not_yet")):
        first = shown(training.trace[0].loss)
        yield Say(_words(course, right=training.right, loss=shown(training.loss), first=first))
    if alone:
        yield Say(_words("alone", right=training.right, loss=shown(training.loss)))


def _course(training: Training) -> str:
    if training.diverged:
        return "diverged"
    if training.right == training.of:
        return "solved"
    if training.swinging:
        return "swinging"
    if training.risen:
        return "risen"
    if training.stuck and training.trace[-1].largest_gradient <= _SLOPE:
        return "stuck"
    return "creeping" if training.loss > _MOVED * training.trace[0].loss else "not_yet"


def _picture(training: Training, hidden: int) -> str:
    """What is to be seen: a line that is enough only of a net that has solved it, a long plateau only where one was."""
    if hidden != 2:
        return "chart_summary_plane"
    if _course(training) != "solved":
        return "chart_summary_unsolved"
    first = training.trace[0].loss
    flat = sum(each.loss > _FLAT * first for each in training.trace)
    return "chart_summary" if flat >= _LONG * len(training.trace) else "chart_summary_solved"


def _chart(training: Training, language: str) -> altair.TopLevelMixin:
    """The answers over the plane and the hidden units' view of the four inputs, at an epoch; below, the loss."""
    import altair

    looks = [(each.number - 1, each.net) for each in _evenly(training.trace, _PLACES)]
    every = looks[1][0] - looks[0][0] if len(looks) > 1 else 1
    places = Places(0, max(looks[-1][0], every), every)
    epoch = charts.slider("epoch", say("lesson.xor.epoch", language), looks[len(looks) // 3][0], places)
    panels = [_plane(looks)]
    if training.net.sizes[1] == 2:
        panels.append(_hidden(looks))
    curve = charts.chart({"epoch": each.number - 1, "loss": each.loss} for each in training.trace[::2])
    x = altair.X("epoch:Q", title=say("lesson.xor.epoch", language), scale=altair.Scale(nice=False))
    y = altair.Y("loss:Q", title=say("lesson.xor.loss", language), scale=altair.Scale(zero=True))
    rule = charts.chart([{}]).transform_calculate(epoch="epoch").mark_rule(color=INK, strokeDash=[4, 4])
    below = altair.layer(
        curve.mark_line(color=BLUE, strokeWidth=2).encode(x=x, y=y), rule.encode(x="epoch:Q")
    ).properties(width=2 * _WIDE + 20, height=90)
    return altair.vconcat(altair.hconcat(*panels), below).add_params(epoch)


def _plane(looks: Sequence[tuple[int, Net]]) -> Any:
    """The net's answer for every x₁ and x₂."""
    pictures = [
        {"epoch": at, "url": charts.shares(decision_surface(net, _PLANE, points=_POINTS).heights)} for at, net in looks
    ]
    points = [
        {"epoch": at, "x": x, "y": y, "t": target, "words": f"{answer[0]:.2f}"}
        for at, net in looks
        for (x, y), target, answer in zip(CORNERS, XOR, answers(net, CORNERS), strict=True)
    ]
    return _panel(pictures, points, _PLANE, ("x₁", "x₂"))


def _hidden(looks: Sequence[tuple[int, Net]]) -> Any:
    """Where the hidden units put the four inputs, and what the last unit answers there."""
    pictures, points = [], []
    for at, net in looks:
        last = Net((net.layers[1],))
        pictures.append({"epoch": at, "url": charts.shares(decision_surface(last, _UNIT, points=_POINTS).heights)})
        for corner, target in zip(CORNERS, XOR, strict=True):
            n1, n2 = forward(net, corner)[0].outputs
            words = f"({corner[0]:g},{corner[1]:g})"
            points.append({"epoch": at, "x": n1, "y": n2, "t": target, "words": words})
    return _panel(pictures, points, _UNIT, ("n₁", "n₂"))


def _panel(
    pictures: Sequence[dict[str, Any]], points: Sequence[dict[str, Any]], domain: Any, names: tuple[str, str]
) -> Any:
    import altair

    x = altair.X("x:Q", title=names[0], scale=charts.fixed(*domain[0]))
    y = altair.Y("y:Q", title=names[1], scale=charts.fixed(*domain[1]))
    colour = altair.Color("t:N", legend=None, scale=altair.Scale(domain=[0, 1], range=[RED, BLUE]))
    here = "datum.epoch == epoch"
    seen = charts.chart(_labelled(points, domain)).transform_filter(here)
    return altair.layer(
        charts.backdrop(pictures, _WIDE, _WIDE).transform_filter(here),
        seen.mark_point(filled=True, size=140, opacity=1, stroke="white").encode(x=x, y=y, color=colour),
        seen.mark_text(fontSize=12, fontWeight="bold", color=INK).encode(
            x=altair.X("label_x:Q", title=names[0]), y=altair.Y("label_y:Q", title=names[1]), text="words:N"
        ),
    ).properties(width=_WIDE, height=_WIDE)


def _labelled(points: Sequence[dict[str, Any]], domain: Any) -> Iterator[dict[str, Any]]:
    """Each point with the place of its label, beside the others of its epoch."""
    (left, right), (low, high) = domain
    for _, group in groupby(points, lambda point: point["epoch"]):
        together = list(group)
        places = [((p["x"] - left) / (right - left) * _WIDE, (p["y"] - low) / (high - low) * _WIDE) for p in together]
        boxes = labels.beside(places, [point["words"] for point in together], _WIDE)
        for point, box in zip(together, boxes, strict=True):
            x, y = left + box.x / _WIDE * (right - left), low + box.y / _WIDE * (high - low)
            yield {**point, "label_x": x, "label_y": y}
