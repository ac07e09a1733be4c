"""Text for a terminal: tables, counts, shares, times."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from striate.crops import Crops
from striate.problem import Misuse
from striate.words import nearest, say, width

_PICTURE = 28  # a side from which on, as channels, it is taken for a mistake
RESIZES = ("crop", "squash", "letterbox", "pad")
BALANCES = ("none", "weights", "sampling")


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Columns under their headings, the first few flush left and the others right; Hangul counts as two columns."""
    lines = [list(header), *(list(row) for row in rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(header))]
    shown = []
    for line in lines:
        cells = []
        for column, (cell, wide) in enumerate(zip(line, widths, strict=True)):
            space = " " * (wide - width(cell))
            cells.append(cell + space if column < left else space + cell)
        shown.append("  ".join(cells).rstrip())
    return "\n".join(shown)


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """The same as a table in Markdown."""
    rule = ["---"] * left + ["---:"] * (len(header) - left)
    lines = ([cell.strip().replace("*", "\\*") for cell in line] for line in (header, rule, *rows))
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def labelled(pairs: Iterable[tuple[str, str]]) -> str:
    """A name and what it is, a line each."""
    pairs = list(pairs)
    wide = max(width(name) for name, _ in pairs)
    return "\n".join(f"{name}{' ' * (wide - width(name))}  {value}" for name, value in pairs)


def percent(share: float | None) -> str:
    """0.9123 as 91.2 %; nothing where it is undefined."""
    return "-" if share is None else f"{100 * share:.1f} %"


def loss_text(loss: float | None) -> str:
    """A loss in nine columns at most, however large it has become; nothing where there is none."""
    if loss is None:
        return "-"
    return f"{loss:.4f}" if loss < 1e4 else f"{loss:.1f}" if loss < 1e6 else f"{loss:.1e}"


def duration(seconds: float, language: str) -> str:
    """Seconds as people say them."""
    if seconds < 99.5:
        return say("time.seconds", language, count=max(1, round(seconds)))
    if seconds < 5400:
        return say("time.minutes", language, count=round(seconds / 60))
    return say("time.hours", language, count=f"{seconds / 3600:.1f}")


def counted(images: Mapping[str, int], language: str) -> str:
    """The pictures of each part: 9,000 train, 1,000 val."""
    parts = ((say(f"split.{part}", language), count) for part, count in images.items())
    return ", ".join(say("split.count", language, part=part, count=count) for part, count in parts)


def recipe_source(source: str, language: str) -> str:
    """Where a recipe is from: a paper as it is cited, or Striate."""
    return say("source.ours", language) if source == say("source.ours") else source


def times(shape: Sequence[int]) -> str:
    """(3, 224, 224) as 3x224x224."""
    return "x".join(map(str, shape))


def sample(names: Sequence[str], most: int = 5) -> str:
    """A few of many names."""
    more = f", ... (+{len(names) - most:,})" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def bytes_text(count: int) -> str:
    """12,345,678 as 12.3 MB; nothing for nothing."""
    for unit, size in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("KB", 10**3)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} B" if count else ""


def one_of(what: str, value: str | None, known: tuple[str, ...]) -> str | None:
    """The value, where it is known; Misuse with the nearest one otherwise."""
    if value is not None and value not in known:
        raise Misuse("train.choice", what=what, name=value, known=", ".join(known), nearest=nearest(value, known))
    return value


def parsed_input(text: str | None) -> tuple[int, int, int] | None:
    """3x224x224 as numbers; Misuse for anything else."""
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]+x[0-9]+x[0-9]+", text):
        raise Misuse("describe.input", text=text)
    channels, height, width = map(int, text.split("x"))
    if width in (1, 3) and channels == height >= _PICTURE:
        raise Misuse("describe.channels_last", text=text, turned=f"{width}x{channels}x{height}")
    return channels, height, width


def parsed_crops(scheme: str, scales: str | None) -> Crops:
    """10 and 256,384 as crops; Misuse for what is none."""
    if scales is not None and not re.fullmatch(r"[0-9]+(,[0-9]+)*", scales):
        raise Misuse("crops.scales", text=scales)
    sides = tuple(map(int, scales.split(","))) if scales else ()
    return Crops(cast(Any, int(scheme) if scheme.isdecimal() else scheme), sides)


def crops_text(crops: Crops, language: str) -> str:
    """How many crops an answer is made of, and at which scales."""
    scales = ", ".join(map(str, crops.scales))
    text = say("crops.dense" if crops.scheme == "dense" else "crops.count", language, count=crops.count, scales=scales)
    unmirrored = crops.scheme != 1 and not crops.mirrored
    return f"{text}; {say('crops.unmirrored', language)}" if unmirrored else text
