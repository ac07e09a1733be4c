"""What ``striate train`` says of classes with few pictures beside others with many."""

from collections.abc import Sequence

from striate.cli.text import percent, sample, table
from striate.fitting.events import End, Start
from striate.words import say

UNEVEN = 3
"""Times as many pictures as the rarest class: from there on what each class comes to is shown."""

LOPSIDED = 10
"""Times as many: from there on it is said what can be done about it."""

_MOST = 10  # classes shown


def told(start: Start, language: str) -> list[str]:
    """How uneven the classes are, and what is done about it."""
    counts = start.class_images
    order = sorted(range(len(counts)), key=counts.__getitem__)
    rare, frequent = order[0], order[-1]
    if start.emphasis is not None:
        shown = [f"{start.classes[at]} x {start.emphasis[at]:.2g}" for at in order]
        how = "sampling" if start.recipe["sampling"] == "balanced" else "weights"
        return [say(f"train.balance.{how}", language, classes=sample(shown, 3))]
    if counts[frequent] < LOPSIDED * counts[rare]:
        return []
    values = {"rare": start.classes[rare], "few": counts[rare]}
    more = {"frequent": start.classes[frequent], "many": counts[frequent]}
    return [say("train.balance.none", language, **values, **more)]


def recall(start: Start, end: End, language: str) -> list[str]:
    """What each class came to, the rarest first, where they are uneven."""
    counts = start.class_images
    if not end.recall or max(counts) < UNEVEN * min(counts):
        return []
    order = sorted(range(len(counts)), key=counts.__getitem__)
    rows = [[start.classes[at], f"{counts[at]:,}", _share(end.recall[at])] for at in order[:_MOST]]
    header = [say(f"column.{name}", language) for name in ("class", "train_images", "recall")]
    return ["", table(header, rows), *_more(order, language)]


def _share(value: float | None) -> str:
    return "-" if value is None else percent(value)


def _more(order: Sequence[int], language: str) -> list[str]:
    return [say("train.balance.more", language, count=len(order) - _MOST)] if len(order) > _MOST else []
