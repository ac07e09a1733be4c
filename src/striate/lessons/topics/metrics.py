"""How well two classes are told apart: the table, the ratios, the threshold, the ROC curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from striate.figures.colours import INK
from striate.foundations.metrics import Roc, Scores, Table, roc, scored, told
from striate.lessons import parts
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Lesson, Question, Say, shown
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_RATIOS = ("accuracy", "precision", "recall", "fall_out", "specificity", "f1")
_STEPS = 100  # of the slider


@dataclass(frozen=True)
class Options:
    """The notes' ten patients: six found, one missed, two alarmed for nothing."""

    targets: Numbers = (1, 1, 1, 1, 1, 1, 1, 0, 0, 0)
    scores: Numbers = (0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.3, 0.75, 0.55, 0.2)
    threshold: float = 0.5


@dataclass(frozen=True)
class Trace:
    """Everything that the lesson shows."""

    threshold: float
    table: Table
    scores: Scores
    roc: Roc


def lesson(options: Options) -> Lesson:
    table = told(options.targets, options.scores, threshold=options.threshold)
    trace = Trace(options.threshold, table, scored(table), roc(options.targets, options.scores))
    ratios, n = trace.scores, len(options.targets)
    return Lesson(
        "metrics",
        (
            Say(_words("intro", count=n, threshold=shown(options.threshold))),
            _counts(table),
            Question(
                _words("ask_accuracy"), _words("tell_accuracy", value=shown(ratios.accuracy)), expected=ratios.accuracy
            ),
            Formula(_ratios(table, ratios)),
            Say(_words("meaning")),
            Say(_words("roc")),
            _curve(trace.roc),
            Formula(_area(trace.roc)),
            Question(_words("ask_area"), _words("tell_area"), expected=0.5),
            Chart(
                _words("chart", threshold=shown(options.threshold)),
                _words("chart_summary", area=shown(trace.roc.area)),
                lambda language: _chart(options, trace, language),
            ),
        ),
        trace,
        more=("learn metrics --threshold 0.7", "learn classifiers"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.metrics.{key}", values)


def _counts(table: Table) -> parts.Table:
    return parts.Table(
        ("", _words("called_positive"), _words("called_negative")),
        (
            (_words("positive"), f"TP {table.true_positives}", f"FN {table.false_negatives}"),
            (_words("negative"), f"FP {table.false_positives}", f"TN {table.true_negatives}"),
        ),
    )


def _ratios(table: Table, scores: Scores) -> tuple[str, ...]:
    tp, fp = table.true_positives, table.false_positives
    fn, tn = table.false_negatives, table.true_negatives
    return (
        f"accuracy    = (TP + TN) / n        = ({tp} + {tn}) / {tp + fp + fn + tn} = {shown(scores.accuracy)}",
        f"precision   = TP / (TP + FP)       = {tp} / {tp + fp} = {shown(scores.precision)}",
        f"recall      = TP / (TP + FN)       = {tp} / {tp + fn} = {shown(scores.recall)}",
        f"fall-out    = FP / (FP + TN)       = {fp} / {fp + tn} = {shown(scores.fall_out)}",
        f"specificity = TN / (FP + TN)       = {tn} / {fp + tn} = {shown(scores.specificity)}",
        f"F1          = 2 TP / (2 TP + FP + FN) = {2 * tp} / {2 * tp + fp + fn} = {shown(scores.f1)}",
    )


def _curve(curve: Roc) -> parts.Table:
    rows = (
        ("∞" if point.threshold is None else shown(point.threshold), shown(point.fall_out, 4), shown(point.recall, 4))
        for point in curve.points
    )
    return parts.Table((_words("threshold"), _words("fall_out"), _words("recall")), tuple(rows), left=0)


def _area(curve: Roc) -> tuple[str, ...]:
    pairs = curve.pairs
    total = pairs.higher + pairs.equal + pairs.lower
    return (
        f"AUC = Σ Δx · (y + y') / 2 = {shown(curve.area)}",
        f"    = P(score⁺ > score⁻) + ½ P(tie) = ({pairs.higher} + ½ · {pairs.equal}) / {total} = {shown(pairs.area)}",
    )


def _chart(options: Options, trace: Trace, language: str) -> altair.TopLevelMixin:
    """Scores on a line with the threshold; below them the ratios at it, and its point on the curve."""
    import altair

    low, high = min(options.scores), max(options.scores)
    step = (high - low) / _STEPS or 1.0
    slider = altair.param(
        name="threshold",
        value=options.threshold,
        bind=altair.binding_range(min=low, max=high, step=step, name=say("lesson.metrics.threshold", language)),
    )
    here = f"abs(datum.threshold - threshold) <= {step / 2}"
    at_every = altair.Chart(altair.Data(values=_at_every_threshold(options, low, step, language)))
    kinds = [say(f"lesson.metrics.{kind}", language) for kind in ("negative", "positive")]
    points = [
        {"score": score, "kind": kinds[int(target)]}
        for score, target in zip(options.scores, options.targets, strict=True)
    ]
    colour = altair.Color("kind:N", title=None, scale=altair.Scale(domain=kinds, range=["#d55e00", "#0072b2"]))
    people = (
        altair.Chart(altair.Data(values=points))
        .mark_point(filled=True, size=140, opacity=0.9)
        .encode(
            x=altair.X("score:Q", title=say("lesson.metrics.score", language)),
            y=altair.Y("kind:N", title=None),
            color=colour,
        )
    )
    rule = (
        altair.Chart(altair.Data(values=[{}]))
        .transform_calculate(at="threshold")
        .mark_rule(strokeWidth=2, color=INK)
        .encode(x="at:Q")
    )
    bars = (
        at_every.transform_filter(here)
        .mark_bar(color="#21918c")
        .encode(
            x=altair.X("value:Q", title=None, scale=altair.Scale(domain=[0, 1])),
            y=altair.Y("measure:N", sort=None, title=None),
            tooltip=["measure:N", altair.Tooltip("value:Q", format=".4f")],
        )
        .properties(width=230, height=230)
    )
    return altair.vconcat(
        altair.layer(people, rule).properties(width=520, height=70),
        altair.hconcat(bars, _roc_chart(trace.roc, at_every.transform_filter(here), language)),
    ).add_params(slider)


def _roc_chart(curve: Roc, here: Any, language: str) -> Any:
    import altair

    rows = [{"x": each.fall_out, "y": each.recall, "at": place} for place, each in enumerate(curve.points)]
    x = altair.X("x:Q", title=say("lesson.metrics.fall_out", language), scale=altair.Scale(domain=[0, 1]))
    y = altair.Y("y:Q", title=say("lesson.metrics.recall", language), scale=altair.Scale(domain=[0, 1]))
    chance = altair.Chart(altair.Data(values=[{"x": 0, "y": 0}, {"x": 1, "y": 1}]))
    return altair.layer(
        chance.mark_line(color="#b5b5ae", strokeDash=[4, 4]).encode(x=x, y=y),
        altair.Chart(altair.Data(values=rows)).mark_line(color="#21918c", point=True).encode(x=x, y=y, order="at:Q"),
        here.mark_point(filled=True, size=200, color="#b5367a", opacity=1).encode(x="x:Q", y="y:Q"),
    ).properties(width=230, height=230)


def _at_every_threshold(options: Options, low: float, step: float, language: str) -> list[dict[str, Any]]:
    """Every ratio at every place of the slider."""
    rows = []
    for at in range(_STEPS + 1):
        threshold = low + at * step
        scores = scored(told(options.targets, options.scores, threshold=threshold))
        place = {"threshold": threshold, "x": scores.fall_out, "y": scores.recall}
        for name in _RATIOS:
            measure = say(f"lesson.metrics.ratio.{name}", language)
            rows.append({**place, "measure": measure, "value": getattr(scores, name)})
    return rows
