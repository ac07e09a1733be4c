"""``striate check``: what a set holds and what is amiss in it, as text or JSON, as a sheet and as a list."""

import sys
from dataclasses import dataclass
from pathlib import Path

from striate.cli.forms import Form, print_json
from striate.cli.text import labelled, one_of, table, times
from striate.cli.waiting import waited_for
from striate.data.exclusions import write as write_list
from striate.data.findings import KINDS
from striate.data.sets import DEFAULT_SET
from striate.data.suggesting import suggested
from striate.figures.faults import advice, by_kind, heading, sentence, set_text
from striate.problem import BadData, Misuse
from striate.verbs.check import Checkup, checking
from striate.words import say
from striate.words.shell import command

ANY = "any"

_EXAMPLES = 3
_MISSED = 4  # exit code of a gate that is not passed


@dataclass(frozen=True)
class Asked:
    """The options of the command."""

    data: str | None
    near: bool | None
    all: bool
    fail_on: frozenset[str]
    sheet: Path | None
    fix: Path | None
    form: Form

    @property
    def source(self) -> str:
        return self.data or DEFAULT_SET


def parsed_kinds(text: str | None) -> frozenset[str]:
    """leaks,conflicts as kinds, ``any`` as all of them; Misuse with the nearest for one that is not known."""
    kinds = {one_of("fail-on", each.strip(), (*KINDS, ANY)) for each in text.split(",")} if text is not None else set()
    return frozenset(KINDS) if ANY in kinds else frozenset(filter(None, kinds))


def run_check(asked: Asked, language: str) -> int:
    """Looks a set over, tells what is amiss, and writes what was asked for beside that."""
    from striate.figures.sheet import refuse_ending

    if asked.sheet is not None:
        refuse_ending(asked.sheet)
    for path in filter(None, (asked.sheet, asked.fix)):
        _refuse_place(path, asked.source)
    checkup = waited_for(checking(asked.source, near=asked.near), language)
    _write(checkup, asked, language)  # first, for whoever reads the text may stop before its end
    if asked.form == "json":
        print_json(checkup.as_json())
    else:
        print("\n".join(_lines(checkup, asked, language)), flush=True)
    if not checkup.readable:
        return BadData.exit_code
    return _MISSED if any(each.kind in asked.fail_on for each in checkup.findings) else 0


def _refuse_place(path: Path, source: str) -> None:
    """Misuse for a file among the pictures, and for one in a folder that is not there: before the work, not after."""
    folder = Path(source)
    if folder.is_dir() and path.resolve().is_relative_to(folder.resolve()):
        raise Misuse("check.in_data", path=path)
    if not path.parent.is_dir():
        raise Misuse("check.no_folder", path=path, folder=path.parent)


def _write(checkup: Checkup, asked: Asked, language: str) -> None:
    from striate.figures.sheet import write

    if asked.sheet is not None:
        write(checkup, asked.sheet, language)
        print(say("check.drawn", language, path=asked.sheet), file=sys.stderr)
    if asked.fix is not None:
        rows = suggested(checkup.findings)
        write_list(asked.fix, rows)
        print(say("check.listed", language, count=len(rows), path=asked.fix), file=sys.stderr)


def _lines(checkup: Checkup, asked: Asked, language: str) -> list[str]:
    lines = [*_summary(checkup, language), ""]
    for kind, findings in by_kind(checkup).items():
        lines.append(heading(kind, findings, language))
        shown = findings if asked.all else findings[:_EXAMPLES]
        lines += [f"  {sentence(each, language, None if asked.all else _EXAMPLES)}" for each in shown]
        if len(findings) > len(shown):
            lines.append(f"  {say('check.more', language, count=len(findings) - len(shown))}")
        lines += [f"  {say('label.do', language)}  {advice(kind, language)}", ""]
    if not checkup.findings:
        lines += [say("check.clean", language), ""]
    if not checkup.near:
        lines += [say("check.not_near", language, command=command("striate", "check", asked.source, "--near")), ""]
    return lines[:-1]


def _summary(checkup: Checkup, language: str) -> list[str]:
    """How many pictures there are of each class in each part, and how large they are."""
    found, parts = checkup.found, checkup.counts
    told = [(say("check.data", language), set_text(checkup, language))]
    if checkup.sizes is not None:
        sizes = {name: times(size) for name, size in vars(checkup.sizes).items()}
        spread = "alike" if len(set(sizes.values())) == 1 else "range"
        told.append((say("check.sizes", language), say(f"check.sizes.{spread}", language, **sizes)))
    if checkup.imbalance is not None:
        told.append((say("check.imbalance", language), _imbalance(checkup, checkup.imbalance, language)))
    header = [say("column.class", language), *(say(f"split.{part}", language) for part in parts)]
    rows = [[name, *(f"{parts[part][name]:,}" for part in parts)] for name in found.classes]
    return [labelled(told), "", table(header, rows)]


def _imbalance(checkup: Checkup, ratio: float, language: str) -> str:
    if ratio == 1:
        return say("check.balanced", language)
    classes = checkup.learned
    large, small = max(classes, key=classes.__getitem__), min(classes, key=classes.__getitem__)
    return say("check.imbalance.ratio", language, ratio=f"{ratio:.1f}", large=large, small=small)
