"""What ``striate train`` says of pictures that are in a set more than once."""

from striate.data.leaks import Kinship
from striate.words import say


def told(kinship: Kinship | None, language: str) -> list[str]:
    """Leaks first, then copies, and whether it was looked for them; nothing where there are none."""
    if kinship is None:
        return []
    lines = []
    if kinship.leaks:
        first = kinship.leaks[0]
        values = {"count": len(kinship.leaks), "learned": first.learned, "other": first.other}
        lines.append(say("kin.leak" if first.same else "kin.group", language, **values))
    if kinship.conflicts:
        one, other = kinship.conflicts[0]
        lines.append(say("kin.conflict", language, count=len(kinship.conflicts), one=one, other=other))
    if kinship.copies and not kinship.leaks:  # which are on two sides
        lines.append(say("kin.copies", language, count=kinship.copies))
    if not kinship.looked:
        lines.append(say("kin.not_looked", language))
    return ["  " + line for line in lines]
