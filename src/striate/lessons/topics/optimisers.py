"""Six rules for going downhill, step by step on one function, and side by side on several."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any, Literal

from striate.figures.colours import INK
from striate.foundations.descent import RULES, Adagrad, Adam, Momentum, Nesterov, Path, RmsProp, Rule, Step, descend
from striate.foundations.given import count
from striate.foundations.surfaces import SURFACES, Surface, grid, typed
from striate.lessons import charts, parts
from striate.lessons.charts import BLUE, GREEN, PINK, RED, SKY, YELLOW, Places
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Question, Say, Text, shown
from striate.lessons.written import bracketed, paragraph, rounded
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

SurfaceName = Literal["square", "bowl", "rosenbrock", "beale", "himmelblau", "saddle"]

_COLOURS = dict(zip(RULES, (RED, BLUE, SKY, YELLOW, GREEN, PINK), strict=True))
_RATES: Mapping[
    SurfaceName, tuple[float, ...]
] = {  # by RULES' order: of 0.0003, 0.001, .. 1 about the best in 60 steps
    "bowl": (0.03, 0.03, 0.03, 1.0, 0.3, 0.3),
    "rosenbrock": (0.003, 0.003, 0.003, 1.0, 0.3, 0.3),
    "beale": (0.03, 0.01, 0.01, 1.0, 0.3, 0.3),
    "himmelblau": (0.01, 0.001, 0.01, 1.0, 0.1, 0.3),
    "saddle": (0.1, 0.1, 0.1, 0.1, 0.1, 0.1),
}
_CHOSEN = "datum.surface == surface"
_COLUMNS = 6  # of the table: steps
_STEPS, _LEFT, _RIGHT, _TALL = 40, 270, 190, 270


@dataclass(frozen=True)
class Options:
    """x² from 1 at a rate of 0.1: numbers that can be followed by hand."""

    surface: SurfaceName = "square"
    rate: float = 0.1
    steps: int = 3
    function: str = ""
    start: Numbers = ()


@dataclass(frozen=True)
class Trace:
    """What each rule does on the function of the table."""

    function: str
    start: tuple[float, ...]
    paths: Mapping[str, Path]


def lesson(options: Options) -> Lesson:
    count(options.steps, "steps", most=2_000)
    own = typed(options.function, start=options.start or None) if options.function else None
    surface = own or SURFACES[options.surface]
    rules = {name: kind(options.rate) for name, kind in RULES.items()}
    paths = {name: descend(surface, surface.start, rule=rule, steps=options.steps) for name, rule in rules.items()}
    trace = Trace(surface.formula.text, surface.start, paths)
    begin = ", ".join(map(shown, trace.start))
    steepest = _steepest(paths["sgd"].trace[0])
    variable = surface.formula.variables[steepest]
    worked = (part for name, path in paths.items() for part in _worked(name, path, steepest, variable))
    drawn = own is None or len(own.start) == 2
    return Lesson(
        "optimisers",
        (
            Say(_words("intro")),
            Say(_words(_stands(paths), text=trace.function, start=begin, rate=shown(options.rate))),
            *((Say(_words("variable", name=variable)),) if len(trace.start) > 1 else ()),
            *worked,
            Heading(_words("side_by_side")),
            _table(surface, paths),
            Say(paragraph(*_beside(paths))),
            *_failed(paths),
            *_questions(own, paths),
            *((_drawn(options, own),) if drawn else ()),
            Say(_words("caution")),
        ),
        trace,
        more=(
            "learn optimisers --surface rosenbrock --rate 0.0003",
            "learn optimisers --function 'x**2 + 20*y**2' --rate 0.02",
            "ablate optimisers", "learn newton",
        ),
    )  # fmt: skip


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.optimisers.{key}", values)


def _steepest(step: Step) -> int:
    """Which variable has the largest derivative: where there is one, the trouble is with it."""
    return max(range(len(step.gradient)), key=lambda at: abs(step.gradient[at]))


def _worked(name: str, path: Path, of: int, variable: str) -> tuple[parts.Part, ...]:
    """A rule in symbols, and its second step in numbers: in the first, most still do the same."""
    at = min(1, len(path.trace) - 1)
    before = path.trace[at - 1] if at else None
    epsilon = path.rule.epsilon if isinstance(path.rule, Adagrad | RmsProp | Adam) else None
    return (
        Heading(_words(f"rule.{name}")),
        Say(_words(f"idea.{name}")),
        Formula((*_RULES[name], "", *_numbers(path.rule, path.trace[at], before, of, variable))),
        *((Say(_words("epsilon", value=shown(epsilon))),) if epsilon else ()),
    )


_RULES: Mapping[str, tuple[str, ...]] = {
    "sgd": ("x ← x - λ·g",),
    "momentum": ("v ← μ·v - λ·g", "x ← x + v"),
    "nesterov": ("v ← μ·v - λ·g(x + μ·v)", "x ← x + v"),
    "adagrad": ("G ← G + g²", "x ← x - λ·g / (√G + ε)"),
    "rmsprop": ("E ← ρ·E + (1 - ρ)·g²", "x ← x - λ·g / (√E + ε)"),
    "adam": (
        "m ← β₁·m + (1 - β₁)·g,   m̂ = m / (1 - β₁ᵗ)",
        "v ← β₂·v + (1 - β₂)·g²,  v̂ = v / (1 - β₂ᵗ)",
        "x ← x - λ·m̂ / (√v̂ + ε)",
    ),
}


def _numbers(rule: Rule, step: Step, before: Step | None, of: int, name: str) -> Iterator[str]:
    """The rule with the numbers of a step, of the variable at the place ``of``."""
    x, after = _settled(before)[of] if before else step.point[of], _settled(step)[of]
    slope = rounded(step.gradient[of], before.gradient[of]) if before else step.gradient[of]
    g, rate = bracketed(slope), shown(rule.rate)
    kept, past = step.state, before.state if before else None
    yield f"g = {shown(slope)}" + ("" if step.looked_at == step.point else _looked(step, of, name))
    match rule:
        case Momentum(momentum=share) | Nesterov(momentum=share):
            velocity = _kept(kept.velocity, of)
            old = _kept(past.velocity if past else None, of)
            yield f"v = {shown(share)}·{bracketed(old)} - {rate}·{g} = {shown(velocity)}"
            yield f"{name} = {shown(x)} + {bracketed(velocity)} = {shown(after)}"
        case Adagrad():
            total = _kept(kept.squares, of)
            yield f"G = {shown(_kept(past.squares if past else None, of))} + {g}² = {shown(total)}"
            yield f"{name} = {shown(x)} - {rate}·{g} / √{shown(total)} = {shown(after)}"
        case RmsProp(decay=share):
            total, old = _kept(kept.squares, of), _kept(past.squares if past else None, of)
            yield f"E = {shown(share)}·{shown(old)} + {shown(1 - share)}·{g}² = {shown(total)}"
            yield f"{name} = {shown(x)} - {rate}·{g} / √{shown(total)} = {shown(after)}"
        case Adam():
            mean, squares = _kept(kept.corrected_mean, of), _kept(kept.corrected_squares, of)
            yield f"m = {shown(_kept(kept.mean, of))},  m̂ = {shown(mean)}"
            yield f"v = {shown(_kept(kept.squares, of))},  v̂ = {shown(squares)}"
            yield f"{name} = {shown(x)} - {rate}·{bracketed(mean)} / √{shown(squares)} = {shown(after)}"
        case _:
            yield f"{name} = {shown(x)} - {rate}·{g} = {shown(after)}"


def _looked(step: Step, of: int, name: str) -> str:
    """Where Nesterov took the gradient."""
    return f"   ({name} + μ·v = {shown(step.looked_at[of])})"


def _kept(values: tuple[float, ...] | None, of: int) -> float:
    return values[of] if values else 0.0


def _settled(step: Step) -> tuple[float, ...]:
    """Where a step leads, without what is left of its sums by rounding."""
    return tuple(
        rounded(after, before, move) for before, move, after in zip(step.point, step.move, step.after, strict=True)
    )


def _table(surface: Surface, paths: Mapping[str, Path]) -> parts.Table:
    longest = min(_COLUMNS, max(len(path.trace) for path in paths.values()))
    rows: list[tuple[Text, ...]] = []
    for name, path in paths.items():
        ends = [", ".join(shown(each, 9) for each in _settled(step)) for step in path.trace[:longest]]
        rows.append((_words(f"rule.{name}"), *ends, *[""] * (longest - len(ends)), shown(path.value)))
    point = "x" if len(surface.start) == 1 else "x, y"
    return parts.Table((_words("rule"), *(f"{point} ({at})" for at in range(1, longest + 1)), "f"), tuple(rows))


def _stands(paths: Mapping[str, Path]) -> str:
    """Which step of each rule is worked out: a rule that was stopped at once has no second one."""
    return "on" if all(len(path.trace) > 1 for path in paths.values()) else "on_short"


def _beside(paths: Mapping[str, Path]) -> Iterator[Phrase]:
    """What the table shows of the rules' steps beside one another."""
    long = {name: [math.hypot(*step.move) for step in path.trace] for name, path in paths.items()}
    own, plain = long["rmsprop"][0], long["sgd"][0]
    if own != plain:
        yield _words("rmsprop_long" if own > plain else "rmsprop_short", own=shown(own, 3), plain=shown(plain, 3))
    if all(len(long[name]) > 1 for name in ("sgd", "momentum")) and long["momentum"][1] > long["sgd"][1]:
        yield _words("momentum_fast")
    if len(long["adagrad"]) > 1 and all(after < before for before, after in pairwise(long["adagrad"])):
        yield _words("adagrad_shorter")
    yield _words("table_means")


def _failed(paths: Mapping[str, Path]) -> Iterator[Say]:
    """What the table shows of a rate that is too large for some rules."""
    start = paths["sgd"].trace[0].value
    if any(not path.value <= start for path in paths.values()):
        yield Say(_words("climbed", value=shown(start)))
    longest = min(_COLUMNS, max(len(path.trace) for path in paths.values()))
    if any(len(path.trace) < longest for path in paths.values()):
        yield Say(_words("stopped"))


def _questions(own: Surface | None, paths: Mapping[str, Path]) -> Iterator[Question]:
    if own is None and len(paths["sgd"].trace) > 1:
        rate, first = paths["sgd"].rule.rate, paths["adam"].trace[0].move
        yield Question(
            _words("ask_adam" if len(first) == 1 else "ask_adam_each", rate=shown(rate)),
            _words("tell_adam", rate=shown(rate)),
            expected=abs(first[0]),
        )  # fmt: skip
    yield Question(_words("ask_adagrad"), _words("tell_adagrad"))


@dataclass(frozen=True)
class _Race:
    """All six rules on one surface."""

    surface: Surface
    paths: Mapping[str, Path]


def _drawn(options: Options, own: Surface | None) -> Chart:
    return Chart(_words("chart"), _words("chart_summary"), lambda language: _chart(_races(options, own), language))


def _races(options: Options, own: Surface | None) -> list[_Race]:
    """On a person's own function, or the surface asked for with a rate, all have that rate.

    On the others each has one that suits it.
    """
    if own is not None:
        return [_race(own, dict.fromkeys(RULES, options.rate))]
    order = sorted(_RATES, key=lambda name: name != options.surface)
    asked = options.surface if options.rate != Options.rate else None
    return [
        _race(
            SURFACES[name],
            dict.fromkeys(RULES, options.rate) if name == asked else dict(zip(RULES, _RATES[name], strict=True)),
        )
        for name in order
    ]


def _race(surface: Surface, rates: Mapping[str, float]) -> _Race:
    paths = {name: descend(surface, surface.start, rule=RULES[name](rates[name]), steps=_STEPS) for name in RULES}
    return _Race(surface, paths)


def _chart(races: list[_Race], language: str) -> altair.TopLevelMixin:
    """The ways over the surface that was chosen, as far as the slider lets them go; beside them the values."""
    import altair

    label = {name: say(f"lesson.optimisers.rule.{name}", language) for name in RULES}
    steps = charts.slider("steps", say("lesson.optimisers.steps", language), 20, Places(0, _STEPS, 1))
    rows = [row for race in races for row in _rows(race, label)]
    scale = altair.Scale(domain=list(label.values()), range=list(_COLOURS.values()))
    colour = altair.Color("rule:N", scale=scale, title=None, legend=altair.Legend(orient="bottom", columns=3))
    tip = ["rule:N", altair.Tooltip("rate:Q", title="λ"), "step:Q", altair.Tooltip("f:Q", format=".4~g")]
    names = {race.surface.name: _name(race, language) for race in races}
    surface = charts.choice("surface", say("lesson.optimisers.surface", language), names)
    each = {"": say("lesson.optimisers.all", language)} | {rule: rule for rule in label.values()}
    alone = charts.choice("alone", say("lesson.optimisers.alone", language), each, "")
    whole = charts.chart(rows).transform_filter(_CHOSEN).transform_filter("alone == '' || datum.rule == alone")
    left = altair.layer(*_seen_from_above(races, whole.transform_filter("datum.step <= steps"), colour, tip))
    x = altair.X("step:Q", title=say("lesson.optimisers.step", language), scale=charts.fixed(0, _STEPS))
    y = altair.Y("f:Q", title=say("lesson.optimisers.fall", language), scale=altair.Scale(type="symlog", constant=0.01))
    right = altair.layer(
        whole.mark_line(strokeWidth=2, clip=True).encode(x=x, y=y, color=colour, tooltip=tip),
        charts.chart([{}]).transform_calculate(step="steps").mark_rule(color=INK, strokeDash=[4, 4]).encode(x="step:Q"),
    )
    return altair.hconcat(
        left.properties(width=_LEFT, height=_TALL), right.properties(width=_RIGHT, height=_TALL)
    ).add_params(surface, alone, steps)


def _name(race: _Race, language: str) -> str:
    """A built-in surface has a name in words, a person's own has its formula."""
    own = race.surface.name not in _RATES
    return race.surface.name if own else say(f"lesson.optimisers.surface.{race.surface.name}", language)


def _seen_from_above(races: list[_Race], here: Any, colour: Any, tip: Any) -> list[Any]:
    import altair

    pictures = [{"surface": race.surface.name, "url": charts.relief(grid(race.surface, 151).heights)} for race in races]
    marks = [
        {"surface": race.surface.name, "x": x, "y": y, "seen": seen}
        for race in races
        for seen, points in ((0, zip(*race.surface.domain, strict=True)), (1, race.surface.minima))
        for x, y in points
    ]  # the corners are not seen: they hold the axes in place
    room = altair.Scale(nice=False, zero=False, padding=0)
    x, y = altair.X("x:Q", title="x", scale=room), altair.Y("y:Q", title="y", scale=room)
    return [
        charts.backdrop(pictures, _LEFT, _TALL).transform_filter(_CHOSEN),
        charts.chart(marks).transform_filter(_CHOSEN)
        .mark_point(shape="cross", angle=45, size=120, filled=True, color=INK).encode(
            x=x, y=y, opacity=altair.Opacity("seen:Q", scale=None)
        ),
        here.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, order="step:Q"),
        here.transform_filter("datum.step == steps || datum.last")
        .mark_point(filled=True, size=70, opacity=1).encode(x=x, y=y, color=colour, tooltip=tip),
    ]  # fmt: skip


def _rows(race: _Race, label: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Each place of each rule, up to where it leaves the surface's domain."""
    for name, path in race.paths.items():
        places = [(step.point, step.value) for step in path.trace] + [(path.end, path.value)]
        inside = list(takewhile(lambda place: _within(race.surface, place[0]), places))
        for step, ((x, y), value) in enumerate(inside):
            yield {
                "surface": race.surface.name, "rule": label[name], "rate": path.rule.rate, "step": step,
                "x": round(x, 5), "y": round(y, 5), "f": value, "last": step == len(inside) - 1,
            }  # fmt: skip


def _within(surface: Surface, point: tuple[float, ...]) -> bool:
    return all(low <= value <= high for value, (low, high) in zip(point, surface.domain, strict=True))
