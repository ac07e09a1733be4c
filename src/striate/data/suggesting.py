"""Which pictures could be left out, for what was found in a set."""

from collections.abc import Iterable, Sequence

from striate.data.exclusions import Exclusion
from striate.data.findings import Finding

_RANK = {"train": 0, "all": 0, "val": 1, "test": 2}
"""Of copies in two parts those of the higher rank stay: nothing to be tried is lost for something to be learned."""


def suggested(findings: Iterable[Finding]) -> list[Exclusion]:
    """A row a picture, the worst reason first.

    Of copies one is kept, across parts those of the last part; of conflicts nobody knows which label is right, and none
    is. What cannot be read and what shows nothing is there, too.
    """
    by_kind: dict[str, list[Finding]] = {}
    for each in findings:
        by_kind.setdefault(each.kind, []).append(each)
    out: dict[str, Exclusion] = {}
    for kind in ("unreadable", "blank", "conflicts"):
        for each in by_kind.get(kind, ()):
            out |= {name: Exclusion(name, kind) for name in each.names if name not in out}
    for kind in ("leaks", "copies", "near_copies"):
        for each in by_kind.get(kind, ()):
            out |= {
                row.path: row for row in _but_one(each, [at for at, name in enumerate(each.names) if name not in out])
            }
    return list(out.values())


def _but_one(finding: Finding, left: Sequence[int]) -> list[Exclusion]:
    """All of the pictures that are left but the first of those that stay; across parts, all of the last part stay."""
    if not left:
        return []
    ranks = [_RANK[part] for part in finding.detail["parts"]]
    highest = max(ranks[at] for at in left)
    stays = [at for at in left if ranks[at] == highest]
    if finding.kind != "leaks":
        stays = stays[:1]
    keep = finding.names[stays[0]]
    return [Exclusion(finding.names[at], finding.kind, keep) for at in left if at not in stays]
