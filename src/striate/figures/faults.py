"""What is amiss in a set of pictures, in words: of a kind as a whole, and of each finding."""

from collections.abc import Sequence

from striate.data.findings import GROUPS, Finding
from striate.verbs.check import Checkup
from striate.words import say

TOGETHER = frozenset({"turned", "colours", "decoded"})
"""Kinds of which a finding is about the set as a whole, its names being examples."""


def set_text(checkup: Checkup, language: str) -> str:
    """How much there is, and how much of it can be read."""
    key = "check.set" if checkup.readable == checkup.pictures else "check.set.unread"
    values = {"data": checkup.found.name, "classes": len(checkup.found.classes), "pictures": checkup.pictures}
    return say(key, language, **values, readable=checkup.readable)


def by_kind(checkup: Checkup) -> dict[str, list[Finding]]:
    """The findings of each kind, the worst first."""
    kinds: dict[str, list[Finding]] = {}
    for each in checkup.findings:
        kinds.setdefault(each.kind, []).append(each)
    return kinds


def heading(kind: str, findings: Sequence[Finding], language: str) -> str:
    """How many there are of a kind, and what it means."""
    count = len({name for each in findings for name in each.names}) if kind in TOGETHER else len(findings)
    return say("check.heading", language, kind=kind, count=count, meaning=say(f"check.{kind}", language))


def advice(kind: str, language: str) -> str:
    """What to do about a kind."""
    return say(f"check.{kind}.do", language)


def sentence(finding: Finding, language: str, most: int | None = None) -> str:
    """The names, and what there is to know of them; so many names at most."""
    detail = finding.detail
    if finding.kind == "decoded":
        return say(
            f"note.{detail['note']}", language, count=len(finding.names), names=_listed(finding.names, most, language)
        )
    if finding.kind in GROUPS:
        return _listed(_labelled(finding), most, language, between=" = " if detail["same_bytes"] else " ~ ")
    names = _listed(finding.names, most, language)
    reason = why(finding, language)
    return f"{names}: {reason}" if reason else names


def why(finding: Finding, language: str) -> str:
    """What there is to know of a finding beside its names; nothing where its kind says all."""
    detail = finding.detail
    match finding.kind:
        case "leaks" | "conflicts" | "copies" | "near_copies":
            return say("check.same_bytes" if detail["same_bytes"] else "check.nearly_same", language)
        case "unreadable":
            return say(f"unreadable.{detail['reason']}", language)
        case "tiny" | "long":
            return f"{detail['width']}x{detail['height']}"
        case "wrong_extension":
            return str(detail["format"])
        case "turned":
            return say("check.turned.share", language, turned=detail["turned"], upright=detail["upright"])
        case "colours":
            return say("check.colours.share", language, grey=detail["grey"], colour=detail["colour"])
        case "links":
            return str(detail["target"])
    return ""


def _labelled(finding: Finding) -> list[str]:
    """The names of a group; in a conflict, each with its class."""
    if finding.kind != "conflicts":
        return list(finding.names)
    return [f"{name} ({label})" for name, label in zip(finding.names, finding.detail["classes"], strict=True)]


def _listed(names: Sequence[str], most: int | None, language: str, between: str = ", ") -> str:
    if most is None or len(names) <= most:
        return between.join(names)
    return between.join(names[:most]) + " " + say("check.more_names", language, count=len(names) - most)
