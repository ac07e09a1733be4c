"""What a course of looks means: symptoms, their likely causes, and the thresholds between health and its absence.

The loss is compared with that of guessing, ln(classes). Thresholds are ours, chosen on trainings with a known fault and
on healthy ones of other networks than the tests try.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean, median
from typing import Literal

from striate.fitting.course import WHILE, Cause, Course, Setting
from striate.fitting.signs import Look, Row

Kind = Literal[
    "inputs", "one_label", "shares", "labels", "frozen", "dead", "exploding", "vanishing", "diverging", "stuck",
    "still", "not_finite",
]  # fmt: skip
Value = float | int | str | None


@dataclass(frozen=True)
class Finding:
    """What is wrong, since which step, and why."""

    kind: Kind
    cause: Cause
    row: str | None
    step: int  # of the training, from 0
    values: dict[str, Value]


@dataclass(frozen=True)
class Origin:
    """Where a number that is not finite was met first."""

    where: Literal["inputs", "weights", "row", "unknown"]
    row: str | None


_DEAD_LOOKS = 3
_SHARES_LOOKS = 3
_SETTLED = 20  # steps, after which a loss that stands is no longer a beginning
_LONG = 100  # steps, after which answers that have nothing to do with the labels are no longer a beginning
_FAR, _VERY_FAR = 10, 100  # times the loss of guessing
_GROWN = 3  # times the first loss
_GROWTH = 30  # times the pictures
_FAINT = 0.01  # differences between pictures
_BRIGHT = 10  # magnitude of pixels that were left between 0 and 255
_MISMATCH = 8  # times
_LITTLE = 0.01  # of a row's weights: less than this in a whole training changes nothing
_UNEVEN = 1e-4  # of the largest gradient, relative to the weights
_RELATED = 3.0  # standard deviations
# what other troubles follow from
_ROOTS = ("softmax_twice", "pixel_scale", "initialisation", "lr_high", "inputs_constant")


def judged(course: Course) -> list[Finding]:
    """What the newest look shows, in the order in which causes come before what follows from them."""
    found = []
    for rule in _RULES:
        finding = rule(course)
        if finding is not None:
            found.append(finding)
            if finding.cause in _ROOTS:
                course.cause = course.cause or finding.cause
    return found


def lost(course: Course, step: int, origin: Origin) -> Finding:
    """Why the loss is no finite number."""
    if origin.where == "inputs":
        return Finding("not_finite", "inputs_not_finite", None, step, {})
    cause: Cause = "found_late" if origin.where == "unknown" else "row_not_finite"
    if origin.where == "weights":
        cause = "gradient_not_finite" if course.looks else "weights_not_finite"
    thrown = course.looks and (course.last.loss > _GROWN * max(course.first_loss, course.setting.chance))
    return Finding("not_finite", course.cause or ("lr_high" if thrown else cause), origin.row, step, {})


def _gradients(course: Course) -> Finding | None:
    """A gradient that is not finite though the loss is; it began in the row nearest to the answers."""
    rows = [name for name, row in (course.last.rows or {}).items() if not math.isfinite(row.gradient or 0.0)]
    if not rows:
        return None
    return Finding("not_finite", course.cause or "gradient_not_finite", rows[-1], course.last.step, {})


def _inputs(course: Course) -> Finding | None:
    inputs = course.last.inputs
    if inputs is None or not inputs.finite:
        return None
    values: dict[str, Value] = {"contrast": inputs.contrast, "rms": inputs.rms}
    if inputs.contrast <= 1e-6 * inputs.rms:
        return Finding("inputs", "inputs_constant", None, course.last.step, values)
    if inputs.contrast < _FAINT:
        return Finding("inputs", "pixel_scale", None, course.last.step, values)
    return None


def _one_label(course: Course) -> Finding | None:
    """Training pictures of one class only, however many the set is meant to have."""
    counts = course.setting.counts
    present = [label for label, count in enumerate(counts) if count]
    if len(present) > 1 or len(counts) == 1:
        return None
    values: dict[str, Value] = {"label": present[0], "count": sum(counts)}
    return Finding("one_label", "labels_constant", None, course.last.step, values)


def _shares(course: Course) -> Finding | None:
    """Scores that are shares of one for every picture, of which the loss takes the softmax again."""
    looks = course.looks[-_SHARES_LOOKS:]
    if not course.setting.chance or len(looks) < _SHARES_LOOKS or not all(look.answers.shares for look in looks):
        return None
    classes = course.setting.classes
    least = math.log(1 + (classes - 1) / math.e)  # of the loss, where the true class has all
    return Finding("shares", "softmax_twice", None, course.last.step, {"least": least, "classes": classes})


def _frozen(course: Course) -> Finding | None:
    """Rows that cannot learn: each must have been so in two looks, since a row may be left out of a step by chance."""
    if course.last.rows is None or len(course.deep) < 2:
        return None
    for cause in ("forgotten", "unused", "frozen"):
        rows = [
            name
            for name, row in course.last.rows.items()
            if all(_stays((look.rows or {})[name], course.setting) == cause for look in course.deep[-2:])
        ]
        if rows:
            values: dict[str, Value] = {"rows": len(rows), "of": len(course.last.rows)}
            return Finding("frozen", cause, rows[0], course.last.step, values)
    return None


def _stays(row: Row, setting: Setting) -> str | None:
    if row.meant:
        return None
    if not row.trains:
        return "frozen" if setting.fresh else None  # trained weights are often kept as they are
    if row.gradient is None:
        return "unused"
    return None if row.known else "forgotten"


def _exploding(course: Course) -> Finding | None:
    """A loss far above guessing from the first step on."""
    chance = course.setting.chance
    if not chance or not course.from_the_start or course.first_loss < _FAR * chance:
        return None
    lasting = course.last.step >= _SETTLED / 2 and median(course.recent(5)) > _FAR / 2 * chance
    if course.first_loss < _VERY_FAR * chance and not lasting:
        return None
    row, values = _growth(course.deep[0])
    values |= {"loss": course.first_loss, "chance": chance}
    return Finding("exploding", _first_cause(course), row, course.last.step, values)


def _growth(look: Look) -> tuple[str | None, dict[str, Value]]:
    """The row whose output is largest, and how much larger than the pictures it is."""
    ran = {name: row.values for name, row in (look.rows or {}).items() if row.values is not None}
    row = max(ran, key=lambda name: ran[name].rms, default=None)
    assert look.inputs is not None
    return row, {"rms": ran[row].rms if row else 0.0, "inputs": look.inputs.rms}


def _first_cause(course: Course) -> Cause:
    """Of what was wrong before the first step.

    Where the first weights are drawn, the pixels are held against what the network's own view makes of them, which may
    well be large numbers; trained weights were made for small ones.
    """
    setting, inputs = course.setting, course.deep[0].inputs
    assert inputs is not None
    largest = max((row.values.rms for row in (course.deep[0].rows or {}).values() if row.values), default=0.0)
    bright = inputs.rms > _BRIGHT and _BRIGHT < largest < _GROWTH * inputs.rms  # the rows pass on what they got
    if (bright and not setting.fresh) or not 1 / _MISMATCH < setting.gain < _MISMATCH:
        return "pixel_scale"
    return "initialisation"


def _diverging(course: Course) -> Finding | None:
    """A loss that was near guessing at first and is far above it now."""
    setting = course.setting
    base = max(course.first_loss, setting.chance)
    now = (
        len(course.looks) > 3 and min(course.recent(3)) > _FAR * base,
        len(course.looks) > 5 and min(course.recent(5)) > _GROWN * base,
        course.last.step >= _SETTLED and median(course.recent(WHILE)) > _GROWN * base,
        course.last.step >= _LONG and median(course.recent(WHILE)) > 1.15 * base,
    )
    if not any(now):
        return None
    values: dict[str, Value] = {"loss": course.last.loss, "first": course.first_loss, "chance": setting.chance}
    return Finding("diverging", course.cause or "lr_high", None, course.last.step, values)


def _dead(course: Course) -> Finding | None:
    """A rectifier that gave nothing for any picture in several looks."""
    if course.last.rows is None or len(course.deep) < _DEAD_LOOKS:
        return None
    silent = frozenset.intersection(*(look.silent for look in course.deep[-_DEAD_LOOKS:]))
    if not silent:
        return None
    born = silent & course.deep[0].silent if course.from_the_start else frozenset()
    row = min(born or silent)
    cause = course.cause or (_first_cause(course) if born else "lr_high")
    return Finding("dead", cause, row, course.last.step, {"rows": len(silent), "looks": _DEAD_LOOKS})


def _still(course: Course) -> Finding | None:
    """Weights that will not have moved by the end of the training."""
    look = course.last
    if look.rows is None or look.step < _SETTLED or look.lr <= 0 or course.cause or not course.from_the_start:
        return None
    moved = [row.moved for row in look.rows.values() if row.moved is not None and row.known]
    if not moved or median(course.recent(WHILE)) < 0.98 * course.first_loss:
        return None
    whole = max(moved) * course.setting.highest / look.lr * course.setting.steps
    if whole > _LITTLE:
        return None
    values: dict[str, Value] = {"moved": max(moved), "whole": whole, "lr": course.setting.highest}
    return Finding("still", "lr_low", None, look.step, values)


def _stuck(course: Course) -> Finding | None:
    """The loss of guessing and one answer for all, from the beginning on or since the weights were thrown about."""
    look = course.last
    if look.rows is None or course.pace < _SETTLED:
        return None
    same = course.same_answers(course.looks[-WHILE:]) and course.standing()
    if not same and not (course.faded(look) and course.fruitless()):
        return None
    thrown = max(each.loss for each in course.looks) > _GROWN * max(course.first_loss, course.setting.chance)
    born = course.same_answers(course.looks[:_DEAD_LOOKS]) or course.faded(course.deep[0]) is not None
    cause = course.cause or ("lr_high" if thrown else _first_cause(course) if born and course.from_the_start else None)
    if cause is None:
        return None
    row, share = _least_gradient(look)
    values: dict[str, Value] = {
        "loss": look.loss, "chance": course.setting.chance, "classes": course.setting.classes,
        "spread": look.answers.spread, "share": share,
    }  # fmt: skip
    kind: Kind = "vanishing" if share < _UNEVEN else "stuck"
    return Finding(kind, cause, row if kind == "vanishing" else course.faded(look), look.step, values)


def _least_gradient(look: Look) -> tuple[str | None, float]:
    """The row with the smallest gradient for its weights, relative to that with the largest."""
    rows = {name: row.gradient / row.weights for name, row in (look.rows or {}).items() if row.gradient and row.weights}
    if not rows:
        return None, 1.0
    least = min(rows, key=lambda name: rows[name])
    return least, rows[least] / max(rows.values())


def _unrelated(course: Course) -> Finding | None:
    """The loss of guessing for long, and answers that have nothing to do with the labels, though nothing is broken."""
    if course.last.step < _LONG or course.pace < _LONG / 2 or course.cause is not None:
        return None
    if not course.standing() or course.relation() > _RELATED:
        return None
    values: dict[str, Value] = {
        "loss": fmean(course.recent(WHILE)), "chance": course.setting.chance, "relation": course.relation(),
        "classes": course.setting.classes,
    }  # fmt: skip
    return Finding("labels", "labels_unrelated", None, course.last.step, values)


_RULES: tuple[Callable[[Course], Finding | None], ...] = (
    _gradients, _inputs, _one_label, _shares, _frozen, _exploding, _diverging, _dead, _stuck, _still, _unrelated,
)  # fmt: skip
