"""``striate compare``: networks side by side as text, Markdown, CSV or JSON."""

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from striate.cli.describing import number, window
from striate.cli.forms import Form, csv_writer, print_json
from striate.cli.text import bytes_text, markdown, parsed_input, table, times
from striate.nets.classics import CLASSICS
from striate.table import FLOAT
from striate.verbs.compare import MEASURES, Aligned, Comparison, Side, compare
from striate.words import say, width

_ESSENTIAL = ("kind", "kernel", "stride", "padding", "groups", "output", "parameters", "macs")
_FIRST_TO_GO = ("ratio", "macs", "window", "parameters")  # on a narrow terminal
_DIFFERENT = "*"


@dataclass(frozen=True)
class Asked:
    """The options of the command."""

    input: str | None
    classes: int | None
    layers: bool
    form: Form


@dataclass(frozen=True)
class Column:
    """Cells under a heading; columns of one group stand under its name."""

    key: str
    heading: str
    cells: list[str]
    group: str = ""


_SUMMARY: dict[str, Callable[[Side], str]] = {
    "year": lambda side: str(side.found.year or "-"),
    "input": lambda side: times(side.found.input),
    "output": lambda side: times(side.found.output),
    "parameters": lambda side: f"{side.found.parameters:,}",
    "macs": lambda side: f"{side.found.macs:,}",
    "weight_bytes": lambda side: bytes_text(FLOAT * side.found.parameters),
    "inference_peak": lambda side: bytes_text(side.found.memory.inference_peak),
    "training": lambda side: bytes_text(side.found.memory.training or 0) or "-",
    "receptive_field": lambda side: number(side.found.receptive_field) or "-",
    "depth": lambda side: str(side.found.depth),
    "top1": lambda side: (side.published and side.published.top1) or "-",
    "top5": lambda side: (side.published and side.published.top5) or "-",
}


def show_comparison(sources: Sequence[str], asked: Asked, language: str) -> int:
    """Compares on stdout."""
    found = compare(*sources, input=parsed_input(asked.input), classes=asked.classes)
    writers = {"json": _json, "csv": _csv, "markdown": _markdown, "text": _text}
    writers[asked.form](found, asked, language)
    return 0


def show_classics(form: Form, language: str) -> int:
    """The comparisons that have a name."""
    every = CLASSICS.values()
    if form == "json":
        keys = ("name", "title", "lesson", "source", "sides")
        values = ((each.name, each.title(), each.lesson(), each.source, each.labels) for each in every)
        print_json([dict(zip(keys, each, strict=True)) for each in values])
        return 0
    header = [say(f"column.{key}", language) for key in ("comparison", "title", "sides")]
    print(table(header, [[each.name, each.title(language), ", ".join(each.labels)] for each in every], left=3))
    return 0


def _json(found: Comparison, asked: Asked, language: str) -> None:  # noqa: ARG001  the same for all languages
    print_json(found.as_json())


def _csv(found: Comparison, asked: Asked, language: str) -> None:
    """A line a side; or, where layers are asked for, a line a row."""
    writer = csv_writer()
    if asked.layers:
        if not found.rows:
            print(say("compare.no_rows", language), file=sys.stderr)
        heads = [f"{side.label} {key}" for side in found.sides for key in _ESSENTIAL]
        writer.writerow(["row", "differs", *heads])
        for row in found.rows:
            cells = [_raw(line and getattr(line, key)) for line in row.lines for key in _ESSENTIAL]
            writer.writerow([row.name, int(row.differs), *cells])
        return
    keys = ("label", "net", "family", "year", "input", "output", "parameters", "macs", "weight_bytes")
    memory = ("inference_peak", "produced", "training")
    errors = ("top1", "top5", "setting", "source")
    ratios = [f"{measure}_ratio" for measure in MEASURES]
    writer.writerow([*keys, *memory, "receptive_field", "depth", *errors, "against", *ratios])
    for side in found.as_json()["sides"]:
        flat = {**side, **side["activation_bytes"], **(side["published"] or dict.fromkeys(errors))}
        flat |= {f"{measure}_ratio": ratio for measure, ratio in side["ratios"].items()}
        columns = (*keys, *memory, "receptive_field", "depth", *errors, "against", *ratios)
        writer.writerow([_raw(flat[key]) for key in columns])


def _raw(value: object) -> object:
    return times(value) if isinstance(value, tuple | list) else "" if value is None else value


def _markdown(found: Comparison, asked: Asked, language: str) -> None:
    title = found.classic.title(language) if found.classic else ", ".join(side.label for side in found.sides)
    print(f"## {title}\n")
    for columns in _tables(found, asked, language):
        heading = [f"{each.group} {each.heading}" for each in columns]
        print(markdown(heading, zip(*(each.cells for each in columns), strict=True)) + "\n")
    print("\n".join(f"- {_escaped(text)}" for text in _notes(found, asked, language)))


def _escaped(text: str) -> str:
    return text.replace(_DIFFERENT, "\\" + _DIFFERENT)


def _text(found: Comparison, asked: Asked, language: str) -> None:
    if found.classic:
        print(found.classic.title(language) + "\n")
    for columns in _tables(found, asked, language):
        shown = _fitting(columns)
        print(_rendered(shown) + "\n")
        if len(shown) < len(columns):
            gone = dict.fromkeys(each.heading for each in columns if each not in shown)
            print(say("describe.narrow", language, columns=", ".join(gone)) + "\n")
    print("\n".join(_notes(found, asked, language)))


def _tables(found: Comparison, asked: Asked, language: str) -> Iterator[list[Column]]:
    yield _summary(found, language)
    if found.rows and _wants_layers(found, asked):
        yield _layers(found, language)


def _wants_layers(found: Comparison, asked: Asked) -> bool:
    return asked.layers or (found.classic is not None and found.classic.layers)


def _summary(found: Comparison, language: str) -> list[Column]:
    """A row a quantity, a column a side, its ratio beside it; what no side has is left out."""
    cells = {key: [cell(side) for side in found.sides] for key, cell in _SUMMARY.items()}
    kept = [key for key, row in cells.items() if set(row) != {"-"}]
    columns = [Column("quantity", "", [say(f"compare.{key}", language) for key in kept])]
    for at, side in enumerate(found.sides):
        columns.append(Column("side", side.label, [cells[key][at] for key in kept]))
        if side.against != at:
            ratios = [_ratio(found.ratio(side, key)) if key in MEASURES else "" for key in kept]
            columns.append(Column("ratio", say("column.ratio", language), ratios))
    return columns


def _ratio(value: float | None) -> str:
    """Four digits: x0.1131, x1.008, x12,345."""
    if value is None:
        return "-"
    return f"x{value:,.0f}" if value >= 1000 else f"x{value:#.4g}"


def _layers(found: Comparison, language: str) -> list[Column]:
    """A row a row, marked where the sides differ."""
    marks = [_DIFFERENT if row.differs else "" for row in found.rows]
    columns = [Column("row", say("column.row", language), [row.name for row in found.rows]), Column("mark", "", marks)]
    for at, side in enumerate(found.sides):
        lines = [row.lines[at] for row in found.rows]
        cells = {
            "window": [window(line) if line else "" for line in lines],
            "output": [times(line.output) if line else "-" for line in lines],
            "parameters": [f"{line.parameters:,}" if line else "-" for line in lines],
            "macs": [f"{line.macs:,}" if line else "-" for line in lines],
        }
        columns += [Column(key, say(f"column.{key}", language), each, side.label) for key, each in cells.items()]
    return columns


def _fitting(columns: list[Column]) -> list[Column]:
    """The columns that the terminal has room for."""
    if not sys.stdout.isatty():
        return columns
    room = shutil.get_terminal_size().columns
    for key in _FIRST_TO_GO:
        if max(map(width, _rendered(columns).splitlines())) <= room:
            break
        columns = [each for each in columns if each.key != key]
    return columns


def _rendered(columns: list[Column]) -> str:
    """The name of a group stands over its last column, the widest."""
    heading = [each.heading for each in columns]
    rows = list(zip(*(each.cells for each in columns), strict=True))
    if not any(each.group for each in columns):
        return table(heading, rows)
    behind = [*(each.group for each in columns[1:]), ""]
    groups = [each.group if each.group != after else "" for each, after in zip(columns, behind, strict=True)]
    return table(groups, [heading, *rows])


def _notes(found: Comparison, asked: Asked, language: str) -> Iterator[str]:
    """What stands under the tables."""
    if found.classic:
        yield found.classic.lesson(language)
        yield say("compare.source", language, source=found.classic.source)
    pairs = [
        f"{side.label} / {found.sides[side.against].label}" for at, side in enumerate(found.sides) if side.against != at
    ]
    yield say("compare.ratio", language, pairs=", ".join(pairs))
    yield say("compare.memory", language)
    yield say("compare.counted", language)
    yield say("describe.rule", language)
    for side in found.sides:
        if side.published:
            errors = ((1, side.published.top1), (5, side.published.top5))
            text = ", ".join(f"top-{k} {error} %" for k, error in errors if error is not None)
            setting, source = side.published.setting, side.published.source
            yield say("compare.published", language, net=side.label, errors=text, setting=setting, source=source)
    if not found.one_setting:
        yield say("compare.settings", language)
    if found.rows and _wants_layers(found, asked):
        yield say("compare.mark", language, mark=_DIFFERENT)
        yield from (_place(found, row, language) for row in found.rows if row.moved)
    elif asked.layers:
        yield say("compare.no_rows", language)


def _place(found: Comparison, row: Aligned, language: str) -> str:
    """Where the sides have a row that does not stand in the same place in all of them."""
    places = [
        say("compare.behind" if before else "compare.first", language, row=before, nets=", ".join(labels))
        for before, labels in found.behind(row).items()
    ]
    return say("compare.moved", language, row=row.name, places="; ".join(places))
