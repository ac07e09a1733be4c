"""Experiments as text, Markdown or JSON: those that are shipped, what one would do, and what one says."""

from collections.abc import Sequence
from pathlib import Path

from striate.ablation.numbers import Paired, Spread
from striate.ablation.results import ArmResult, Results
from striate.ablation.sizes import RATE, Sized
from striate.cli.forms import Form, print_json
from striate.cli.text import counted, duration, labelled, loss_text, markdown, table
from striate.experiments import every
from striate.figures.short import readable
from striate.verbs.ablate import default_folder, planned
from striate.words import say
from striate.words.shell import command

_LOSS = "train_loss"


def show_shipped(form: Form, language: str) -> int:
    """The experiments that come with Striate, each with its question."""
    if form == "json":
        keys = ("name", "title", "question", "reference")
        rows = ((each.name, *each.words["en"].values(), each.reference) for each in every())
        print_json([dict(zip(keys, row, strict=True)) for row in rows])
        return 0
    pairs = [(each.name, each.words[language]["question"]) for each in every()]
    header = [say(f"column.{key}", language) for key in ("experiment", "question")]
    print(_rendered(header, pairs, form, left=2) if form == "markdown" else labelled(pairs))
    return 0


def show_plan(source: str, quick: bool, out: Path | None, form: Form, language: str) -> int:
    """What an experiment would do; nothing is trained."""
    plan, sized = planned(source, quick=quick)
    folder = out or default_folder(plan)
    seeds, seconds = len(plan.seeds), sum(each.seconds for each in sized) * len(plan.seeds)
    if form == "json":
        arms = {each.arm.name: {"parameters": each.parameters, "macs": each.macs} for each in sized}
        sizes = {"runs": len(sized) * seeds, "images": sized[0].images, "estimated_seconds": seconds}
        print_json({"folder": str(folder), **sizes, "sizes": arms, **plan.decisive()})
        return 0
    words = plan.words[language]
    images = counted(sized[0].images, language)
    pictures = seeds * sum(each.epochs * each.images["train"] for each in sized)
    print(f"{words['title']}\n{words['question']}\n")
    print(say("ablate.data", language, data=plan.data[0], images=images))
    print(say("ablate.runs", language, arms=len(sized), seeds=seeds, runs=len(sized) * seeds, pictures=pictures))
    rate = readable(int(RATE))
    print(say("ablate.estimate", language, time=duration(seconds, language), rate=rate))
    print(say("ablate.folder", language, folder=folder) + "\n")
    rows = [_planned_row(each, plan.baseline, language) for each in sized]
    header = [say(f"column.{key}", language) for key in ("arm", "net", "recipe", "epochs", "parameters", "macs")]
    print(_rendered(header, rows, form, left=3))
    return 0


def _planned_row(each: Sized, baseline: str, language: str) -> list[str]:
    changes = ", ".join(f"{key} {_plain(value)}" for key, value in each.arm.changes.items())
    mark = f" ({say('ablate.baseline', language)})" if each.arm.name == baseline else ""
    return [
        each.arm.name + mark, _short(each.arm.net), changes or "-", str(each.epochs), f"{each.parameters:,}",
        readable(each.macs),
    ]  # fmt: skip


def _plain(value: object) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _short(net: str) -> str:
    """Of FILE.py:FUNCTION the function."""
    return net.rsplit(":", 1)[-1].split("@")[0]


def show_results(found: Results, form: Form, language: str) -> None:
    """The table, and what must be known to read it."""
    if form == "json":
        print_json(found.as_json())
        return
    mark = "## " if form == "markdown" else ""
    print(f"{mark}{found.title(language)}\n\n{found.question(language)}\n")
    keys = ["arm", "n", *(key for key in found.measures if key != "seconds"), "seconds", "parameters", "macs"]
    header = [_heading(key, language) for key in keys] + [say("column.difference", language), say("column.p", language)]
    rows = [_row(arm, keys, found, language) for arm in found.arms]
    print(_rendered(header, rows, form, left=1) + "\n")
    print("\n".join(_bullet(form) + note for note in _notes(found, language)))


def show_chart(chart: Path, form: Form, language: str) -> None:
    """Where the chart is, below the results; a JSON document stays alone."""
    if form != "json":
        print(_bullet(form) + say("ablate.chart", language, path=chart))


def _bullet(form: Form) -> str:
    return "- " if form == "markdown" else ""


def _row(arm: ArmResult, keys: Sequence[str], found: Results, language: str) -> list[str]:
    cells = {
        "arm": arm.name,
        "n": str(len(arm.outcomes) - arm.diverged),
        "seconds": _time(arm.spread("seconds"), language),
        "parameters": "-" if arm.parameters is None else f"{arm.parameters:,}",
        "macs": "-" if arm.macs is None else readable(arm.macs),
    }
    shown = [cells[key] if key in cells else _spread(arm.spread(key), key) for key in keys]
    if arm.name == found.baseline:
        return [*shown, say("ablate.baseline", language), ""]
    return [*shown, _difference(arm.against, found.measure), _p(arm.against)]


def _heading(key: str, language: str) -> str:
    if key.startswith("shifted."):
        return say("column.shifted", language, pixels=int(key.removeprefix("shifted.")))
    return say("column.time" if key == "seconds" else f"column.{key}", language)


def _spread(found: Spread | None, measure: str) -> str:
    if found is None:
        return "-"
    if measure == _LOSS:
        return loss_text(found.mean) + ("" if found.std is None else f" ± {loss_text(found.std)}")
    return f"{100 * found.mean:.2f}" + ("" if found.std is None else f" ± {100 * found.std:.2f}") + " %"


def _time(found: Spread | None, language: str) -> str:
    return "-" if found is None else duration(found.mean, language)


def _difference(found: Paired | None, measure: str) -> str:
    """The mean difference, of shares in points of percent, and its interval."""
    if found is None:
        return "-"
    scale, digits = (1, 4) if measure == _LOSS else (100, 2)
    text = f"{scale * found.difference:+.{digits}f}"
    if found.interval is None:
        return text
    low, high = (f"{scale * each:+.{digits}f}" for each in found.interval)
    return f"{text} [{low}, {high}]"


def _p(found: Paired | None) -> str:
    if found is None or found.adjusted is None:
        return "-"
    return "<0.001" if found.adjusted < 0.001 else f"{found.adjusted:.3f}"


def _notes(found: Results, language: str) -> list[str]:
    tested = [arm.against for arm in found.arms if arm.against is not None]
    what = say(f"column.{found.measure}", language)
    notes = [say("ablate.how", language, measure=what, baseline=found.baseline, tests=len(tested))]
    if any(each.p is None for each in tested):
        notes.append(say("ablate.no_test", language))
    for arm in found.arms:
        if arm.diverged:
            count, of = arm.diverged, len(arm.outcomes)
            notes.append(say("ablate.arm_diverged", language, arm=arm.name, count=count, of=of))
    notes += [say(f"ablate.measured.{key}", language) for key in ("test_top1", _LOSS) if key in found.measures]
    if found.missing:
        names = ", ".join(f"{arm}-{seed}" for arm, seed in found.missing[:5])
        notes.append(say("ablate.missing", language, count=len(found.missing), names=names, command=_going_on(found)))
    if found.reference:
        notes.append(say("ablate.reference", language, source=found.reference))
    return notes


def _going_on(found: Results) -> str:
    """The command that runs what is missing."""
    quick = ["--quick"] if found.quick else []
    return command("striate", "ablate", found.source, *quick, "--out", found.folder)


def _rendered(header: Sequence[str], rows: Sequence[Sequence[str]], form: Form, left: int) -> str:
    return (markdown if form == "markdown" else table)(header, rows, left)
