"""``striate ensemble``: the members, each alone, and all of them together."""

from collections.abc import Sequence

from striate.cli.forms import Form, print_json
from striate.cli.text import crops_text, loss_text, percent, sample, table
from striate.cli.waiting import waited_for
from striate.crops import PLAIN, Crops
from striate.verbs.ensemble import Ensemble, Gain, ensembling
from striate.words import say


def show_ensemble(models: Sequence[str], data: str | None, *, crops: Crops, form: Form, language: str) -> int:
    """Tries the members and shows what became of them."""
    result = waited_for(ensembling(models, data, crops=crops), language)
    if form == "json":
        print_json(result.as_json())
        return 0
    print(f"{say('column.pictures', language)}  {result.images:,} ({say(f'split.{result.split}', language)})\n")
    print(_table(result, crops, language) + "\n")
    low, high = (percent(each) for each in result.intervals["top1"])
    print(say("ensemble.interval", language, low=low, high=high))
    best = say("ensemble.over_best", language, model=result.best, **_gain(result.over_best))
    print("\n".join([best, say("ensemble.over_mean", language, **_gain(result.over_mean))]))
    if len(result.members) > 1:
        print(say("ensemble.chosen_here", language))
    if result.skipped:
        print("\n" + say("evaluate.skipped", language, count=len(result.skipped), names=sample(list(result.skipped))))
    return 0


def _table(result: Ensemble, asked: Crops, language: str) -> str:
    """A line a member, their mean, and the ensemble; with crops where they are not plain."""
    rows = [
        [each.model, each.net, *_numbers(each.top1, each.top5, each.loss), crops_text(each.crops, language)]
        for each in result.members
    ]
    mean = _numbers(result.mean["top1"], result.mean["top5"], result.mean["loss"])
    rows.append([say("evaluate.mean", language), "", *mean, ""])
    rows.append([say("ensemble.together", language), "", *_numbers(result.top1, result.top5, result.loss), ""])
    header = [say(f"column.{key}", language) for key in ("model", "net")]
    header += ["top-1", "top-5", say("column.loss", language), say("column.crops", language)]
    last = len(header) if asked != PLAIN else -1
    return table(header[:last], [row[:last] for row in rows], left=2)


def _numbers(top1: float | None, top5: float | None, loss: float | None) -> list[str]:
    return [percent(top1), percent(top5), loss_text(loss)]


def _gain(gain: Gain) -> dict[str, str]:
    """The gain in points, with its sign, and the p-value to three digits."""
    p = "p < 0.001" if gain.p < 0.001 else f"p = {gain.p:.3f}"
    return {"points": f"{100 * gain.top1:+.1f}", "p": p}
