"""Comparing what a paper prints with what the network amounts to."""

import math
import re
from dataclasses import dataclass

from striate.architecture import Fact
from striate.layers import Subsampling
from striate.layers.trace import Row

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9}


@dataclass(frozen=True)
class Checked:
    """A fact and what was computed; it agrees within one unit of the last digit printed."""

    fact: Fact
    computed: str
    agrees: bool


def check(facts: tuple[Fact, ...], network: Row) -> list[Checked]:
    """Each fact against a traced network."""
    return [_check(fact, network) for fact in facts]


def _check(fact: Fact, network: Row) -> Checked:
    row = network if not fact.row else next(each for each in network.children if each.name == fact.row)
    if fact.what == "output":
        computed = "x".join(map(str, row.output))
        return Checked(fact, computed, computed == fact.printed)
    counts = {"parameters": row.parameters, "macs": row.macs, "connections": connections(row)}
    count = counts[fact.what]
    value, unit = _parsed(fact.printed)
    return Checked(fact, f"{count:,}", abs(count - value) < unit or count == value)


def connections(row: Row) -> int:
    """Links as LeCun et al. count them: every input of every unit, its bias included (1998, Sec. II-B)."""
    if row.children:
        return sum(connections(child) for child in row.children)
    units = math.prod(row.output)
    inputs = Subsampling.WINDOW**2 * units if isinstance(row.module, Subsampling) else row.macs
    return inputs + (units if getattr(row.module, "bias", None) is not None else 0)


def _parsed(printed: str) -> tuple[float, float]:
    """The number printed, and one unit of its last digit: "4.7M" is 4,700,000 and 100,000."""
    match = re.fullmatch(r"([0-9,]+)(?:\.([0-9]+))?([KMG]?)", printed)
    assert match, printed
    whole, decimals, unit = match[1].replace(",", ""), match[2] or "", _UNITS[match[3]]
    return float(f"{whole}.{decimals or 0}") * unit, unit / 10 ** len(decimals)
