"""Commands that look and do not change anything: nets, evaluate, doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.cli.forms import Form, print_json
from striate.cli.text import crops_text, labelled, loss_text, percent, sample, table, times
from striate.crops import PLAIN, Crops
from striate.nets import Entry
from striate.problem import Misuse
from striate.verbs.nets import nets
from striate.words import say

if TYPE_CHECKING:
    from striate.model import Model

_MOST_CONFUSED = 5


def show_nets(pattern: str, form: Form, language: str) -> int:
    """``striate nets``."""
    entries = nets(pattern)
    if form == "json":
        keys = ("name", "family", "year", "input", "parameters", "weights")
        print_json([{key: getattr(entry, key) for key in keys} for entry in entries])
        return 0
    if not entries:
        raise Misuse("net.no_match", pattern=pattern)
    header = [say(f"column.{key}", language) for key in ("net", "family", "year", "input", "parameters", "weights")]
    rows = [
        [each.name, each.family, str(each.year), times(each.input), f"{each.parameters:,}", _weights(each)]
        for each in entries
    ]
    print(table(header, rows, left=2))
    if any(each.published for each in entries):
        print("\n" + say("nets.weights", language))
    return 0


def _weights(entry: Entry) -> str:
    """What a network was trained on by others, and the names that ask for the weights."""
    return f"{entry.weights} ({', '.join(entry.published)})" if entry.weights else "-"


def show_evaluation(model: Model | str, data: str | None, *, crops: Crops, form: Form, language: str) -> int:
    """``striate evaluate``."""
    from striate.cli.waiting import waited_for
    from striate.verbs.evaluate import evaluating

    result = waited_for(evaluating(model, data, crops=crops), language)
    if form == "json":
        print_json(result.as_json())
        return 0
    names = [each.name for each in result.classes]
    low, high = result.intervals["top1"]
    pairs = [
        (say("column.pictures", language), f"{result.images:,} ({say(f'split.{result.split}', language)})"),
        ("top-1", say("evaluate.interval", language, value=percent(result.top1), low=percent(low), high=percent(high))),
    ]
    if result.top5 is not None:
        pairs.append(("top-5", percent(result.top5)))
    pairs.append((say("column.loss", language), loss_text(result.loss)))
    if crops != PLAIN:
        pairs.append((say("column.crops", language), crops_text(result.crops, language)))
    print(labelled(pairs) + "\n")
    keys = ("class", "precision", "recall", "fall_out", "f1", "auc", "support")
    rows = [[*_score_cells(each.name, vars(each)), f"{each.support:,}"] for each in result.classes]
    mean = [*_score_cells(say("evaluate.mean", language), result.macro), f"{result.images:,}"]
    print(table([say(f"column.{key}", language) for key in keys], [*rows, mean]))
    confused = sorted(
        ((count, i, j) for i, row in enumerate(result.confusion) for j, count in enumerate(row) if i != j and count),
        reverse=True,
    )
    if confused:
        print("\n" + say("evaluate.confused", language))
        for count, truth, called in confused[:_MOST_CONFUSED]:
            print("  " + say("evaluate.pair", language, count=count, truth=names[truth], called=names[called]))
    if result.skipped:
        print("\n" + say("evaluate.skipped", language, count=len(result.skipped), names=sample(list(result.skipped))))
    if data is None and result.split == "val":
        print("\n" + say("evaluate.chosen_here", language))
    return 0


def show_doctor(form: Form, language: str) -> int:
    """``striate doctor``."""
    from striate.verbs.doctor import doctor

    found = doctor()
    if form == "json":
        print_json(found)
        return 0
    cpu, rates = found["cpu"], found["gmacs"]
    print(
        labelled(
            [
                *found["versions"].items(),
                (say("doctor.platform", language), found["platform"]),
                (say("doctor.cpu", language), f"{cpu['name']}, {cpu['threads']} threads, {cpu['vector']}"),
                ("bf16, AMX", f"{_yes(cpu['bf16'], language)}, {_yes(cpu['amx'], language)}"),
                (say("doctor.gpu", language), found["gpu"] or "-"),
                (say("doctor.training", language), found["training"]),
                (say("doctor.answers", language), found["answers"]),
                ("float32", say("doctor.rate", language, rate=f"{rates['float32']:.0f}")),
                ("bfloat16", say("doctor.rate", language, rate=f"{rates['bfloat16']:.0f}")),
            ]
        )
    )
    for extra, there in found["extras"].items():
        print(say("doctor.there" if there else "doctor.missing", language, extra=extra))
    return 0


def _score_cells(name: str, scores: object) -> list[str]:
    return [name, *(percent(scores[key]) for key in ("precision", "recall", "fall_out", "f1", "auc"))]  # type: ignore[index]


def _yes(value: bool, language: str) -> str:
    return say("label.yes" if value else "label.no", language)
