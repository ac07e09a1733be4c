"""``striate describe``: a network's table as text, Markdown, CSV or JSON, and its arithmetic."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from striate.cli.forms import Form, csv_writer, print_json
from striate.cli.text import bytes_text, markdown, parsed_input, percent, table, times
from striate.problem import Misuse
from striate.table import Line
from striate.verbs.describe import Description, describe
from striate.words import say, width
from striate.worked import worked

_BAR = 10  # characters of a full share bar
_FIRST_TO_GO = ("centre", "jump", "least", "share", "window", "activation", "memory")  # on a narrow terminal


@dataclass(frozen=True)
class Asked:
    """The options of the command."""

    input: str | None
    classes: int | None
    batch: int
    depth: int
    time: bool
    worked: bool
    svg: Path | None
    form: Form


@dataclass(frozen=True)
class Shown:
    """A line with its place in the network."""

    path: str
    level: int
    line: Line


def show_description(net: str, asked: Asked, language: str) -> int:
    """Describes a network on stdout; the drawing goes to a file."""
    if asked.depth < 1:
        raise Misuse("describe.depth", value=asked.depth)
    found = describe(net, input=parsed_input(asked.input), classes=asked.classes, batch=asked.batch, time=asked.time)
    if asked.svg is not None:
        from striate.figures.drawing import drawing

        asked.svg.write_text(drawing(found), encoding="utf-8")
    writers = {"json": _json, "csv": _csv, "markdown": _markdown, "text": _text}
    writers[asked.form](found, asked, language)
    return 0


def shown(lines: tuple[Line, ...], depth: int, above: str = "", level: int = 1) -> Iterator[Shown]:
    """The lines down to a depth, in order."""
    for line in lines:
        path = f"{above}.{line.name}" if above else line.name
        yield Shown(path, level, line)
        if level < depth:
            yield from shown(line.children, depth, path, level + 1)


def _json(found: Description, asked: Asked, language: str) -> None:  # noqa: ARG001  the same for all languages
    print_json(found.as_json())


def _csv(found: Description, asked: Asked, language: str) -> None:  # noqa: ARG001
    keys = [
        "kind", "kernel", "stride", "padding", "groups", "activation", "output", "parameters", "macs",
        "activation_bytes", "bytes_moved", "receptive_field", "receptive_field_min", "jump", "centre",
    ]  # fmt: skip
    writer = csv_writer()
    writer.writerow(["row", *keys, *(["milliseconds"] if found.timing else [])])
    for each in shown(found.lines, asked.depth):
        values = [getattr(each.line, key) for key in keys]
        cells = [times(value) if isinstance(value, tuple) else "" if value is None else value for value in values]
        spent = [f"{1000 * found.timing.rows.get(each.path, 0.0):.4f}"] if found.timing else []
        writer.writerow([each.path, *cells, *spent])


def _markdown(found: Description, asked: Asked, language: str) -> None:
    columns = _columns(found, asked, language)
    columns.pop("share", None)
    print(f"## {found.net}\n\n{say('describe.input', language, shape=times(found.input), classes=found.classes)}\n")
    header, *rows = zip(*columns.values(), strict=True)
    print(markdown(header, rows, left=sum(key in _LEFT for key in columns)))
    if asked.worked:
        header, *rows = _arithmetic(found, language)
        print(f"\n{say('describe.worked', language)}\n")
        print(markdown(header, rows, left=len(header)))


def _arithmetic(found: Description, language: str) -> Iterator[tuple[str, ...]]:
    """The equations of each row, under their headings."""
    yield tuple(say(f"column.{key}", language) for key in ("row", "output", "parameters", "macs"))
    yield from ((each.path, each.size, each.parameters, each.macs) for each in worked(found.lines))


def _text(found: Description, asked: Asked, language: str) -> None:
    print(f"{found.net}  {say('describe.input', language, shape=times(found.input), classes=found.classes)}")
    for text in (found.citation, found.variant):
        if text:
            print(text)
    print()
    columns = _columns(found, asked, language)
    left_out = _narrowed(columns)
    heading, *rows = zip(*columns.values(), strict=True)
    print(table(heading, rows, left=sum(key in _LEFT for key in columns)) + "\n")
    if left_out:
        names = ", ".join(say(f"column.{key}", language) for key in left_out)
        print(say("describe.narrow", language, columns=names) + "\n")
    for text in _notes(found, language):
        print(text)
    if asked.worked:
        print("\n" + say("describe.worked", language))
        heading, *equations = _arithmetic(found, language)
        print(table(heading, equations, left=4))


_LEFT = ("row", "kind", "window", "activation")


def _columns(found: Description, asked: Asked, language: str) -> dict[str, list[str]]:
    """The cells of each column under its heading, the total last; columns with nothing to say are left out."""
    every = list(shown(found.lines, asked.depth))
    cells: dict[str, list[str]] = {
        "row": ["  " * (each.level - 1) + each.line.name for each in every],
        "kind": [each.line.kind for each in every],
        "window": [window(each.line) for each in every],
        "activation": [each.line.activation or "" for each in every],
        "output": [times(each.line.output) or "-" for each in every],
        "parameters": [f"{each.line.parameters:,}" for each in every],
        "macs": [f"{each.line.macs:,}" for each in every],
        "memory": [bytes_text(each.line.activation_bytes) for each in every],
        "field": [number(each.line.receptive_field) for each in every],
        "least": [number(each.line.receptive_field_min) for each in every],
        "jump": [number(each.line.jump) for each in every],
        "centre": [number(each.line.centre) for each in every],
    }
    if cells["least"] == [cell.replace("global", "") for cell in cells["field"]]:
        del cells["least"]
    total = {"row": say("describe.total", language), "parameters": f"{found.parameters:,}", "macs": f"{found.macs:,}"}
    if found.timing:
        spent = [found.timing.rows.get(each.path, 0.0) for each in every]
        cells["ms"] = [f"{1000 * each:.3f}" for each in spent]
        cells["moved"] = [bytes_text(each.line.bytes_moved) for each in every]
        cells["share"] = [_bar(each / found.timing.total) for each in spent]
        total["ms"] = f"{1000 * found.timing.total:.3f}"
        total["moved"] = bytes_text(sum(each.bytes_moved for each in found.lines))
    else:
        cells["share"] = [_bar(each.line.macs / max(1, found.macs)) for each in every]
    heading = {key: say(f"column.{key}", language) for key in cells}
    heading["share"] = say("column.share_of_time" if found.timing else "column.share", language)
    return {key: [heading[key], *column, total.get(key, "")] for key, column in cells.items()}


def _narrowed(columns: dict[str, list[str]]) -> list[str]:
    """Takes columns away until the table fits the terminal; says which."""
    gone: list[str] = []
    if not sys.stdout.isatty():
        return gone
    room = shutil.get_terminal_size().columns
    for key in _FIRST_TO_GO:
        if sum(max(map(width, column)) + 2 for column in columns.values()) - 2 <= room:
            break
        if key in columns:
            del columns[key]
            gone.append(key)
    return gone


def _notes(found: Description, language: str) -> Iterator[str]:
    """What stands under the table."""
    memory = found.memory
    yield say(
        "describe.memory", language, batch=found.batch, all=bytes_text(memory.produced),
        peak=bytes_text(memory.inference_peak),
        training="-" if memory.training is None else bytes_text(memory.training) or "0 B",
        weights=bytes_text(4 * found.parameters),
    )  # fmt: skip
    if found.receptive_field is not None:
        yield say("describe.field", language, field=number(found.receptive_field))
    if found.timing:
        share = found.timing.convolutions / found.timing.total
        yield say("describe.time", language, share=percent(share), compute=found.timing.compute, batch=found.batch)
    if found.heads:
        heads = ", ".join(f"{name} {count:,}" for name, count in found.heads.items())
        total = found.parameters + sum(found.heads.values())
        yield say("describe.heads", language, heads=heads, total=f"{total:,}")
    yield say("describe.columns", language)
    yield say("describe.rule", language)
    for each in found.published:
        errors = ", ".join(f"top-{k} {error} %" for k, error in ((1, each.top1), (5, each.top5)) if error is not None)
        yield say("describe.published", language, errors=errors, setting=each.setting, source=each.source)
    if found.facts:
        agreeing = sum(each.agrees for each in found.facts)
        yield say("describe.facts", language, agreeing=agreeing, total=len(found.facts))
    for checked in found.facts:
        if checked.fact.disputed:
            yield say(
                "describe.dispute", language, what=f"{checked.fact.row} {checked.fact.what}".strip(),
                printed=checked.fact.printed, computed=checked.computed, reason=checked.fact.disputed,
            )  # fmt: skip
    for text in found.disputed:
        yield say("describe.disputed", language, text=text)
    for text in found.assumed:
        yield say("describe.assumed", language, text=text)


def window(line: Line) -> str:
    """Kernel, stride, padding and groups as the papers' tables have them: 5x5/1/2/2; one group is not written."""
    if line.kernel is None:
        return ""
    parts = [times(line.kernel), _square(line.stride), _square(line.padding)]
    while parts and not parts[-1]:
        parts.pop()
    return "/".join(parts) + (f"/{line.groups}" if line.groups and line.groups > 1 else "")


def _square(pair: tuple[int, int] | None) -> str:
    if pair is None:
        return ""
    return str(pair[0]) if pair[0] == pair[1] else times(pair)


def number(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "x".join(number(each) for each in value)
    return value if isinstance(value, str) else f"{value:g}"


def _bar(share: float) -> str:
    """A share in percent behind a bar of it."""
    full = round(2 * _BAR * min(share, 1.0))
    bar = "█" * (full // 2) + "▌" * (full % 2)
    return f"{bar.ljust(_BAR)} {100 * share:5.1f} %" if share else ""
