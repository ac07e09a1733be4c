"""``striate show``: what a network sees of pictures, as a table or JSON, and as a drawing in a file."""

import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import MofNCompleteColumn

from striate.cli.forms import print_json
from striate.cli.text import sample, table, times
from striate.cli.waiting import bar_on
from striate.data.pictures import SUFFIXES
from striate.figures.remarks import remarks, share_text, size_text, summary, title, view_text
from striate.fitting.changes import Changes
from striate.verbs.show import Seen, Sights, showing
from striate.words import say
from striate.words.shell import command
from striate.work import drained


@dataclass(frozen=True)
class Wanted:
    """The options of the command."""

    sources: list[str]
    net: str | None
    changes: Changes
    count: int
    views: int
    epoch: int
    seed: int | None
    out: Path | None
    json: bool

    @property
    def source(self) -> str | None:
        """The set or the run, which stands first; None where there are pictures alone."""
        return None if not self.sources or _is_picture(self.sources[0]) else self.sources[0]

    @property
    def pictures(self) -> list[str]:
        return self.sources if self.source is None else self.sources[1:]


def show_sights(wanted: Wanted, language: str) -> int:
    """Shows the table on stdout and draws into the file asked for."""
    from striate.figures.sights import refuse_place, write

    if wanted.out is not None:
        refuse_place(wanted.out, _root(wanted), list(map(Path, wanted.pictures)))  # before the work, not after
    sights = _sights(wanted, language)
    if wanted.out is not None:
        refuse_place(wanted.out, sights.root, [])
    if wanted.json:
        print_json(sights.as_json())
    else:
        print(_text(sights, wanted, language), flush=True)
    for note in _notes(sights, language):
        print(note, file=sys.stderr)
    if wanted.out is not None:
        write(sights, wanted.out, language)
        print(say("show.drawn", language, path=wanted.out), file=sys.stderr)
    return 0


def _is_picture(source: str) -> bool:
    """By its ending, also where there is no such file; a folder may be called so, too."""
    return Path(source).suffix.lower() in SUFFIXES and not Path(source).is_dir()


def _root(wanted: Wanted) -> Path | None:
    """The folder of pictures that was named; that of a run is known once it is read."""
    folder = Path(wanted.source) if wanted.source is not None else None
    return folder if folder is not None and folder.is_dir() and not (folder / "config.json").is_file() else None


def _sights(wanted: Wanted, language: str) -> Sights:
    work = showing(
        wanted.source, wanted.pictures, net=wanted.net, recipe=wanted.changes, seed=wanted.seed, epoch=wanted.epoch,
        count=wanted.count, views=wanted.views,
    )  # fmt: skip
    with bar_on(Console(stderr=True), MofNCompleteColumn()) as bar:
        task = bar.add_task(say("show.bar", language), total=None)
        return drained(work, lambda now: bar.update(task, completed=now.done, total=now.total))


def _text(sights: Sights, wanted: Wanted, language: str) -> str:
    lines = [title(sights, language), view_text(sights.recipe.view, language), "", _table(sights, language), ""]
    lines += summary(sights, language)
    if wanted.out is None:
        lines.append(say("show.draw", language, command=_again(wanted)))
    return "\n".join(lines)


def _table(sights: Sights, language: str) -> str:
    """A line a picture; columns with nothing to say are left out."""
    columns = {
        "picture": [each.name for each in sights.pictures],
        "class": [each.label or "" for each in sights.pictures],
        "notes": [", ".join(remarks(each, language)) for each in sights.pictures],
        "size": [size_text(each) for each in sights.pictures],
        "kept": [share_text(each.cut.share) for each in sights.pictures],
        "scale": [f"{each.cut.enlarged:.2f}" for each in sights.pictures],
        "shown": [_range(each) for each in sights.pictures],
    }
    columns = {key: cells for key, cells in columns.items() if any(cells)}
    heading = [say(f"column.{key}", language) for key in columns]
    return table(heading, zip(*columns.values(), strict=True), left=sum(key in _LEFT for key in columns))


_LEFT = ("picture", "class", "notes")


def _range(seen: Seen) -> str:
    """The shares that training shows, from the smallest to the largest."""
    shares = sorted(each.cut.share for each in seen.training)
    if not shares:
        return ""
    ends = list(dict.fromkeys((share_text(shares[0]), share_text(shares[-1]))))
    return f"{ends[0].removesuffix(' %')} - {ends[-1]}" if len(ends) == 2 else ends[0]


def _again(wanted: Wanted) -> str:
    """The same command with a drawing."""
    changes = wanted.changes
    options = {
        "--net": wanted.net, "--recipe": None if changes.base == "modern" else changes.base,
        "--augment": changes.augment, "--resize": changes.resize, "--input": changes.input and times(changes.input),
        "--weights": changes.start, "--count": None if wanted.count == 8 else str(wanted.count),
        "--views": None if wanted.views == 4 else str(wanted.views),
        "--epoch": None if wanted.epoch == 1 else str(wanted.epoch),
        "--seed": None if wanted.seed is None else str(wanted.seed), "--out": "seen.png",
    }  # fmt: skip
    given = [part for name, value in options.items() if value is not None for part in (name, value)]
    return command("striate", "show", *wanted.sources, *given)


def _notes(sights: Sights, language: str) -> list[str]:
    """What a person should know before trusting the table."""
    told = []
    if sights.skipped:
        names = [f"{name} ({say(f'unreadable.{why}', language)})" for name, why in sights.skipped.items()]
        told.append(say("show.skipped", language, count=len(names), names=sample(names, 3)))
    if not sights.certain:
        told.append(say("show.uncertain", language))
    return told
