"""An experiment's chart: its arms side by side with what is uncertain about each, or their curves over the epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from striate.ablation.results import ArmResult, Results
from striate.figures.colours import INK
from striate.words import say, width

if TYPE_CHECKING:
    import altair

_FAINT, _BLUE = "#6f7680", "#0072b2"
_COLOURS = (  # Okabe and Ito's, told apart by people who see fewer colours; then lines are dashed
    _BLUE, "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", INK,
)  # fmt: skip
_DASHES = ((1, 0), (6, 3), (2, 2))
_WIDTH, _STEP, _HEIGHT = 520, 30, 300  # in pixels
_LINE = 92  # columns that a line under the title has room for


def as_svg(results: Results, language: str) -> str:
    """The chart as SVG text."""
    import vl_convert

    return vl_convert.vegalite_to_svg(_chart(results, language).to_dict())


def as_png(results: Results, language: str) -> bytes:
    """The chart as a PNG, at twice its size."""
    import vl_convert

    return vl_convert.vegalite_to_png(_chart(results, language).to_dict(), scale=2)


def _chart(results: Results, language: str) -> altair.TopLevelMixin:
    import altair

    curves = results.chart == "curves"
    notes = [*_lines(results.question(language)), say("figure.curves" if curves else "figure.dots", language)]
    title = altair.TitleParams(
        results.title(language), subtitle=notes, anchor="start", offset=14, color=INK, subtitleColor=_FAINT,
        frame="group",
    )  # fmt: skip
    return (
        (_curves if curves else _dots)(results, language)
        .properties(title=title)
        .configure_view(stroke=None)
        .configure_axis(labelColor=INK, titleColor=INK, gridColor="#e6e7e9", labelLimit=400)
        .configure_legend(labelColor=INK, labelLimit=400)
    )


def _dots(results: Results, language: str) -> Any:
    """A row an arm: a small dot a seed, a large one for their mean with its interval; the baseline's mean runs on."""
    import altair

    measure = results.measure
    names = [arm.name for arm in results.arms]
    means = [_mean(arm, measure) for arm in results.arms if arm.spread(measure)]
    seeds = [
        {"arm": arm.name, "value": _shown(value, measure)}
        for arm in results.arms
        for value in arm.values(measure).values()
    ]
    across = altair.X("value:Q", title=_axis(measure, language), scale=altair.Scale(zero=False, padding=12))
    down = altair.Y("arm:N", scale=altair.Scale(domain=names), title=None)
    every, each = _data(means), _data(seeds)
    baseline = _data([row for row in means if row["arm"] == results.baseline])
    spans = _data([row for row in means if "low" in row])
    return altair.layer(
        baseline.mark_rule(color=_FAINT, strokeDash=[4, 3]).encode(x=across),
        spans.mark_rule(color=_BLUE, strokeWidth=2).encode(x=altair.X("low:Q"), x2="high:Q", y=down),
        every.mark_point(color=_BLUE, filled=True, size=110, opacity=1.0).encode(x=across, y=down),
        each.mark_point(color=INK, filled=True, size=18, opacity=0.75).encode(x=across, y=down),
    ).properties(width=_WIDTH, height=altair.Step(_STEP))


def _curves(results: Results, language: str) -> Any:
    """A line an arm over the epochs, the mean of its seeds; each seed a faint line."""
    import altair

    measure = (
        "train_loss" if results.measure == "train_loss" else "val_top1"
    )  # test pictures are tried once, at the end
    names = [arm.name for arm in results.arms]
    points = [
        {"arm": arm.name, "seed": run.seed, "epoch": point.epoch, "value": _shown(getattr(point, measure), measure)}
        for arm in results.arms
        for run in arm.outcomes
        for point in run.curve
    ]
    colours = [_COLOURS[at % len(_COLOURS)] for at in range(len(names))]
    dashes = [_DASHES[at // len(_COLOURS) % len(_DASHES)] for at in range(len(names))]
    legend = altair.Legend(symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=3, symbolSize=300)
    coloured = altair.Color("arm:N", scale=altair.Scale(domain=names, range=colours), title=None, legend=legend)
    dashed = altair.StrokeDash("arm:N", scale=altair.Scale(domain=names, range=dashes), title=None)
    epoch = altair.X(
        "epoch:Q", title=say("column.epoch", language), axis=altair.Axis(values=_ticks(points), format="d")
    )
    value = altair.Y("value:Q", title=_axis(measure, language), scale=altair.Scale(zero=False))
    lines = _data(points).encode(x=epoch, color=coloured)
    return altair.layer(
        lines.mark_line(strokeWidth=1, opacity=0.3).encode(y=value, detail="seed:N"),
        lines.mark_line(strokeWidth=2.5, point=True).encode(
            y=altair.Y("value:Q", aggregate="mean", title=_axis(measure, language)), strokeDash=dashed
        ),
    ).properties(width=_WIDTH, height=_HEIGHT)


def _ticks(points: list[dict[str, Any]]) -> list[int]:
    """Whole epochs, ten of them at most."""
    last = max((point["epoch"] for point in points), default=1)
    return list(range(1, last + 1, -(-last // 10)))


def _data(rows: list[dict[str, Any]]) -> altair.Chart:
    import altair

    return altair.Chart(altair.InlineData(values=rows))


def _mean(arm: ArmResult, measure: str) -> dict[str, Any]:
    found = arm.spread(measure)
    assert found is not None
    ends = zip(("low", "high"), found.interval or (), strict=False)
    return {
        "arm": arm.name,
        "value": _shown(found.mean, measure),
        **{end: _within(_shown(value, measure), measure) for end, value in ends},
    }


def _shown(value: float, measure: str) -> float:
    """Shares in percent, losses as they are."""
    return value if measure == "train_loss" else 100 * value


def _lines(text: str) -> list[str]:
    """A text in lines, broken between words; Hangul counts as two columns."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width(longer) > _LINE:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _within(value: float, measure: str) -> float:
    """No share is drawn below nothing or above all, where an interval reaches."""
    return value if measure == "train_loss" else min(max(value, 0.0), 100.0)


def _axis(measure: str, language: str) -> str:
    return say(f"column.{measure}", language) + ("" if measure == "train_loss" else " (%)")
