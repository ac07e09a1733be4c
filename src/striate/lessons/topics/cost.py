"""Where the time and the memory of a network go: its convolutions, its linear layers, its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from striate.foundations.given import count
from striate.lessons.charts import COLOURS, Places, chart, choice, slider
from striate.lessons.costs import GROUPS, Cost, Costs, Training, costs, training
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, Table, shown
from striate.problem import Misuse
from striate.verbs.describe import Description, describe
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_BESIDE = ("lenet5", "alexnet", "vgg16", "googlenet", "resnet50", "mobilenet_v1")
_MEASURES = ("macs", "parameters", "values")
_BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_PARTS = ("weights", "gradients", "momentum", "activations")
_MB = 1e6


@dataclass(frozen=True)
class Options:
    """AlexNet, of which the notes say that convolutions take nine tenths of the time."""

    net: str = "alexnet"
    batch: int = 128


@dataclass(frozen=True)
class Trace:
    """The network by kinds of layers, others beside it, and what a step of training holds."""

    net: str
    costs: Costs
    beside: dict[str, Costs]
    training: Training


def lesson(options: Options) -> Lesson:
    count(options.batch, "batch")
    if not options.net.strip():  # which would be read as a path, that of the folder one stands in
        raise Misuse("net.unknown", name="''", nearest=Options.net)
    found = describe(options.net)
    beside = {name: costs(describe(name)) for name in _BESIDE}
    trace = Trace(options.net, costs(found), beside, training(found, options.batch))
    conv, whole = trace.costs.groups["conv"], trace.costs.whole
    vgg = beside["vgg16"].whole.values
    return Lesson(
        "cost",
        (
            Say(_words("intro", net=options.net)),
            _by_group(trace.costs),
            Question(
                _words("ask_share", net=options.net),
                _words("tell_share", value=shown(100 * conv.parameters / whole.parameters, 3)),
                expected=100 * conv.parameters / whole.parameters,
                in_percent=True,
            ),
            Say(_words("shares")),
            Formula(_shares(trace)),
            Say(_words("meaning")),
            Chart(_words("chart"), _words("chart_summary", net=options.net), lambda language: _by_row(trace, language)),
            Heading(_words("others")),
            _others(trace),
            Say(_words("time")),
            Heading(_words("memory")),
            Say(_words("kept")),
            Formula(_memory(found, trace, options.batch)),
            Chart(
                _words("batches"), _words("batches_summary"), lambda language: _by_batch(found, options.batch, language)
            ),
            Question(_words("ask_vgg", values=vgg), _words("tell_vgg", values=vgg), expected=vgg * 4 / _MB),
            Say(_words("bus")),
        ),
        trace,
        more=("learn cost --net vgg16 --batch 64", "describe alexnet --time", "describe vgg16 --batch 64"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.cost.{key}", values)


def _shares(trace: Trace) -> tuple[str, ...]:
    conv, whole = trace.costs.groups["conv"], trace.costs.whole
    return tuple(
        f"{name:10} {_of(conv, measure):>13,} / {_of(whole, measure):>13,}"
        f" = {shown(100 * _of(conv, measure) / _of(whole, measure), 4)} %"
        for name, measure in (("MACs", "macs"), ("parameters", "parameters"), ("values", "values"))
    )


def _of(cost: Cost, measure: str) -> int:
    value: int = getattr(cost, measure)
    return value


def _by_group(found: Costs) -> Table:
    def row(name: Phrase, cost: Cost) -> tuple[str | Phrase, ...]:
        return (name, *(f"{_of(cost, measure):,}" for measure in _MEASURES))

    body = (*(row(_words(group), found.groups[group]) for group in GROUPS), row(_words("whole"), found.whole))
    return Table(("", *(_words(measure) for measure in _MEASURES)), body)


def _others(trace: Trace) -> Table:
    """The share of the convolutions in each."""

    def share(found: Costs, measure: str) -> str:
        return f"{100 * _of(found.groups['conv'], measure) / _of(found.whole, measure):.1f} %"

    body = tuple((name, *(share(found, measure) for measure in _MEASURES)) for name, found in trace.beside.items())
    return Table(("", *(_words(measure) for measure in _MEASURES)), body, caption=_words("share_of_conv"))


def _memory(found: Description, trace: Trace, batch: int) -> tuple[str, ...]:
    held, one = trace.training, found.memory.training or 0
    return (
        "4 B · parameters · (1 + 1 + 1) + batch · activations",
        f"= 3 · 4 · {found.parameters:,} + {batch} · {one:,} B",
        f"= {3 * held.weights / _MB:,.1f} MB + {held.activations / _MB:,.1f} MB = {held.total / _MB:,.1f} MB",
    )


def _by_row(trace: Trace, language: str) -> altair.TopLevelMixin:
    """Each row's share of what is chosen, coloured by kind."""
    import altair

    measures = {each: say(f"lesson.cost.{each}", language) for each in _MEASURES}
    which = choice("measure", say("lesson.cost.measure", language), measures, "macs")
    groups = [say(f"lesson.cost.{group}", language) for group in GROUPS]
    names = list(dict.fromkeys(name for name, _, _ in trace.costs.rows))
    values = [
        {
            "row": name,
            "kind": groups[GROUPS.index(group)],
            "measure": measure,
            "count": _of(cost, measure),
            "share": round(100 * _of(cost, measure) / _of(trace.costs.whole, measure), 3),
        }
        for name, group, cost in trace.costs.rows
        for measure in _MEASURES
    ]
    colour = altair.Color(
        "kind:N", title=None, scale=altair.Scale(domain=groups, range=list(COLOURS[:3])),
        legend=altair.Legend(orient="top", labelFontSize=12),
    )  # fmt: skip
    return (
        chart(values)
        .transform_filter("datum.measure == measure")
        .mark_bar()
        .encode(
            x=altair.X("share:Q", title=say("lesson.cost.share", language), scale=altair.Scale(domainMin=0)),
            y=altair.Y("row:N", title=None, sort=names),
            color=colour,
            tooltip=["row:N", "kind:N", altair.Tooltip("count:Q", format=","), "share:Q"],
        )
        .properties(width=420, height=max(120, min(18 * len(names), 520)))
        .add_params(which)
    )


def _by_batch(found: Description, batch: int, language: str) -> altair.TopLevelMixin:
    """What a step of training holds, for batches of every size of the slider."""
    import altair

    nearest = min(range(len(_BATCHES)), key=lambda at: abs(_BATCHES[at] - batch))
    size = slider("size", say("lesson.cost.power", language), nearest, Places(0, len(_BATCHES) - 1, 1))
    kinds = [say(f"lesson.cost.{part}", language) for part in _PARTS]
    values = []
    for at, pictures in enumerate(_BATCHES):
        held = training(found, pictures)
        values += [
            {"at": at, "batch": str(pictures), "part": kind, "megabytes": round(getattr(held, part) / _MB, 1)}
            for part, kind in zip(_PARTS, kinds, strict=True)
        ]
    here = chart(values).transform_filter("datum.at == size")
    x = altair.X("megabytes:Q", title="MB")
    y = altair.Y("part:N", sort=kinds, title=None)
    colour = altair.Color("part:N", legend=None, scale=altair.Scale(domain=kinds, range=[*COLOURS[:2], *COLOURS[3:5]]))
    bars = here.mark_bar().encode(x=x, y=y, color=colour, tooltip=["batch:N", "part:N", "megabytes:Q"])
    numbers = here.mark_text(align="left", dx=5).encode(x=x, y=y, text=altair.Text("megabytes:Q", format=",.1f"))
    title = chart(values).transform_filter(f"datum.at == size && datum.part == '{kinds[0]}'")
    words = title.mark_text(align="left", x=0, y=-10, fontSize=13).transform_calculate(
        text=f"'{say('lesson.cost.batch', language)} ' + datum.batch"
    )
    return altair.layer(bars, numbers, words.encode(text="text:N")).properties(width=400, height=140).add_params(size)
