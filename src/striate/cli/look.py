"""Commands that look and do not change anything: nets, describe, evaluate, doctor."""

import json
import re

from striate.cli.text import labelled, percent, sample, table, times
from striate.problem import Misuse
from striate.verbs.nets import nets
from striate.words import say

_MOST_CONFUSED = 5


def show_nets(pattern: str, as_json: bool, language: str) -> int:
    """``striate nets``."""
    entries = nets(pattern)
    if as_json:
        keys = ("name", "family", "year", "input", "parameters", "weights")
        print(json.dumps([{key: getattr(entry, key) for key in keys} for entry in entries]))
        return 0
    if not entries:
        raise Misuse("net.no_match", pattern=pattern)
    header = [say(f"column.{key}", language) for key in ("net", "family", "year", "input", "parameters", "weights")]
    rows = [
        [each.name, each.family, str(each.year), times(each.input), f"{each.parameters:,}", each.weights or "-"]
        for each in entries
    ]
    print(table(header, rows, left=2))
    return 0


def show_description(net: str, asked: tuple[str | None, int | None, int], as_json: bool, language: str) -> int:
    """``striate describe``."""
    from striate.layers.trace import Row
    from striate.verbs.describe import describe, kind

    text, classes, depth = asked
    found = describe(net, input=_parsed_input(text), classes=classes)
    if as_json:
        print(json.dumps(found.as_json()))
        return 0

    def lines(row: Row, level: int) -> list[list[str]]:
        name = "  " * (level - 1) + row.name
        own = [name, kind(row), times(row.output), f"{row.parameters:,}", f"{row.macs:,}"]
        below = [line for child in row.children for line in lines(child, level + 1)] if level < depth else []
        return [own, *below]

    print(f"{found.net}  {say('describe.input', language, shape=times(found.input), classes=found.classes)}")
    print(found.citation + "\n")
    header = [say(f"column.{key}", language) for key in ("row", "kind", "output", "parameters", "macs")]
    total = [say("describe.total", language), "", "", f"{found.whole.parameters:,}", f"{found.whole.macs:,}"]
    print(table(header, [*(line for row in found.whole.children for line in lines(row, 1)), total], left=2))
    print("\n" + say("describe.rule", language))
    if found.facts:
        agreeing = sum(each.agrees for each in found.facts)
        print(say("describe.facts", language, agreeing=agreeing, total=len(found.facts)))
    for each in found.disputes:
        print(
            say(
                "describe.dispute", language, what=f"{each.fact.row} {each.fact.what}".strip(),
                printed=each.fact.printed, computed=each.computed, reason=each.fact.disputed,
            )
        )  # fmt: skip
    for text in found.assumed:
        print(say("describe.assumed", language, text=text))
    return 0


def show_evaluation(model: str, data: str | None, as_json: bool, language: str) -> int:
    """``striate evaluate``."""
    from striate.verbs.evaluate import evaluate

    result = evaluate(model, data)
    if as_json:
        print(json.dumps(result.as_json(), ensure_ascii=False))
        return 0
    names = [each.name for each in result.classes]
    low, high = result.intervals["top1"]
    pairs = [
        (say("column.pictures", language), f"{result.images:,} ({result.split})"),
        ("top-1", say("evaluate.interval", language, value=percent(result.top1), low=percent(low), high=percent(high))),
    ]
    if result.top5 is not None:
        pairs.append(("top-5", percent(result.top5)))
    print(labelled([*pairs, (say("column.loss", language), f"{result.loss:.4f}")]) + "\n")
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
    return 0


def show_doctor(as_json: bool, language: str) -> int:
    """``striate doctor``."""
    from striate.verbs.doctor import doctor

    found = doctor()
    if as_json:
        print(json.dumps(found))
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


def _parsed_input(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]+x[0-9]+x[0-9]+", text):
        raise Misuse("describe.input", text=text)
    return tuple(map(int, text.split("x")))


def _yes(value: bool, language: str) -> str:
    return say("label.yes" if value else "label.no", language)
