"""The ImageNet challenge from 2010 to 2017: errors, depth, parameters, and what a person reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from striate.architecture import Published
from striate.figures.colours import INK
from striate.lessons.challenge import CHALLENGE, PERSON, Place, drop
from striate.lessons.charts import COLOURS, chart, choice
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, Table, shown
from striate.nets import CATALOGUE
from striate.verbs.describe import describe
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_SINGLE = ("lenet5", "alexnet", "zfnet", "vgg16", "vgg19", "googlenet", "resnet50", "resnet152", "se_resnet152")


@dataclass(frozen=True)
class Options:
    """A network of the catalogue to put beside the others."""

    net: str = "densenet201"


@dataclass(frozen=True)
class Size:
    """What the catalogue counts of a network."""

    net: str
    year: int
    depth: int
    parameters: int
    macs: int
    published: tuple[Published, ...]


@dataclass(frozen=True)
class Trace:
    """The challenge, and the networks as they are computed."""

    challenge: tuple[Place, ...]
    person: float
    sizes: tuple[Size, ...]


def lesson(options: Options) -> Lesson:
    names = (*_SINGLE, *(() if options.net in _SINGLE else (options.net,)))
    trace = Trace(CHALLENGE, PERSON, tuple(map(_size, names)))
    error = {place.team: place.error for place in CHALLENGE}
    return Lesson(
        "history",
        (
            Say(_words("intro")),
            _places(trace),
            Formula(_drops(error)),
            Question(
                _words("ask_factor"),
                _words("tell_factor", value=shown(error["SuperVision"] / error["MSRA"], 3)),
                expected=error["SuperVision"] / error["MSRA"],
            ),
            Say(_words("won")),
            Chart(
                _words("chart"),
                _words("chart_summary", person=shown(PERSON)),
                lambda language: _chart(trace, language),
            ),
            Say(_words("person", person=shown(PERSON))),
            Question(_words("ask_vgg"), _words("tell_vgg")),
            Heading(_words("single")),
            Say(_words("settings")),
            _singles(trace),
            Say(_words("meaning")),
        ),
        trace,
        more=(
            "learn history --net densenet264",
            "nets",
            "compare alexnet vgg16 googlenet resnet152",
            "learn ensembles",
        ),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.history.{key}", values)


def _size(name: str) -> Size:
    found = describe(name)
    year = found.year or CATALOGUE[name].year
    return Size(name, year, found.depth, found.parameters, found.macs, found.published)


def _places(trace: Trace) -> Table:
    head = (_words("year"), _words("team"), _words("source"), _words("networks"), "", _words("error"))
    return Table(head, tuple(map(_place, trace.challenge)), left=3)


def _place(place: Place) -> tuple[str | Phrase, ...]:
    networks = _words("designed") if place.networks == 0 else str(place.networks or "-")
    won = _words("won_it") if place.won else ""
    return (str(place.year), place.team, place.source, networks, won, f"{place.error:.2f}")


def _drops(error: dict[str, float]) -> tuple[str, ...]:
    pairs = (("ISI", "SuperVision"), ("SuperVision", "Clarifai"), ("GoogLeNet", "MSRA"))
    lines = ["(E₁ − E₂) / E₁"]
    for before, after in pairs:
        one, two = error[before], error[after]
        lines.append(f"{before} → {after}: ({one} − {two}) / {one} = {shown(100 * drop(one, two), 3)} %")
    return tuple(lines)


def _singles(trace: Trace) -> Table:
    """What one network reaches by its paper, beside what it costs."""
    body = []
    for size in trace.sizes:
        printed = next((each for each in size.published if each.top5 or size.net == "lenet5"), None)
        body.append(
            (
                size.net,
                printed.setting if printed else "-",
                str(size.depth),
                f"{size.parameters / 1e6:.1f}",
                f"{size.macs / 1e9:.2f}",
                (printed.top1 or "-") if printed else "-",
                (printed.top5 or "-") if printed else "-",
            )
        )
    head = (
        "",
        _words("setting"),
        _words("layers"),
        _words("parameters"),
        _words("macs"),
        "top1",
        "top5",
    )
    return Table(head, tuple(body), left=2, caption=_words("percent"))


def _chart(trace: Trace, language: str) -> altair.TopLevelMixin:
    """The errors over the years, or over the size of the network."""
    import altair

    sizes = {size.net: size for size in trace.sizes}
    across = ("year", "layers", "parameters", "macs")
    which = choice(
        "across", say("lesson.history.across", language),
        {each: say(f"lesson.history.axis.{each}", language) for each in across}, "year",
    )  # fmt: skip
    kinds = [say(f"lesson.history.{kind}", language) for kind in ("by_hand", "by_network")]
    values = []
    for place in trace.challenge:
        size = sizes.get(place.net or "")
        at: dict[str, float] = {"year": place.year}
        if size:
            at |= {
                "layers": size.depth,
                "parameters": round(size.parameters / 1e6, 1),
                "macs": round(size.macs / 1e9, 2),
            }
        point = {"team": place.team, "error": place.error, "kind": kinds[place.networks != 0], "won": place.won}
        values += [{**point, "across": name, "x": value} for name, value in at.items()]
    here = chart(values).transform_filter("datum.across == across")
    named = here.transform_calculate(short="split(datum.team, '-')[0]")
    x = altair.X("x:Q", title=None, scale=altair.Scale(zero=False, padding=30), axis=altair.Axis(format="~d"))
    y = altair.Y("error:Q", title=say("lesson.history.error", language), scale=altair.Scale(domain=[0, 30]))
    colour = altair.Color(
        "kind:N", title=None, scale=altair.Scale(domain=kinds, range=[COLOURS[1], COLOURS[0]]),
        legend=altair.Legend(orient="top", labelFontSize=12, labelLimit=300),
    )  # fmt: skip
    person = chart([{"error": trace.person, "text": say("lesson.history.a_person", language)}])
    layers = (
        person.mark_rule(strokeDash=[5, 4], color="#5b626b").encode(y="error:Q"),
        person.mark_text(align="right", x=500, dy=-7, color=INK).encode(y="error:Q", text="text:N"),
        here.mark_point(filled=True, size=120, opacity=1).encode(
            x=x, y=y, color=colour, tooltip=["team:N", "error:Q", "x:Q"]
        ),
        named.transform_filter("datum.won").mark_text(dy=15, color=INK).encode(x=x, y=y, text="short:N"),
        named.transform_filter("!datum.won").mark_text(dy=-13, color=INK).encode(x=x, y=y, text="short:N"),
    )
    return altair.layer(*layers).properties(width=500, height=340).add_params(which)
