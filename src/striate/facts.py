"""Comparing what a paper prints with what the network amounts to."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from striate.architecture import Fact
from striate.layers import Subsampling
from striate.layers.trace import Row
from striate.problem import Misuse


@dataclass(frozen=True)
class Checked:
    """A fact and what was computed; it agrees within one unit of the last digit printed."""

    fact: Fact
    computed: str
    agrees: bool

    @property
    def status(self) -> str:
        """match, disputed, or differs where nobody has said why."""
        return "disputed" if self.fact.disputed else "match" if self.agrees else "differs"


def check(facts: tuple[Fact, ...], network: Row) -> list[Checked]:
    """Each fact against a traced network."""
    return [_check(fact, network) for fact in facts]


def _check(fact: Fact, network: Row) -> Checked:
    row = network if not fact.row else next((each for each in network.children if each.name == fact.row), None)
    if row is None:
        raise Misuse("fact.row", row=fact.row)
    if fact.what == "output":
        computed = "x".join(map(str, row.output))
        return Checked(fact, computed, computed == fact.printed)
    value, unit = _parsed(fact)
    if fact.what in _SHARES:
        count_of = _SHARES[fact.what]
        share = 100 * count_of(row) / count_of(network)
        return Checked(fact, f"{share:.2f}%", abs(share - value) < unit)
    count = _COUNTS[fact.what](row)
    return Checked(fact, f"{count:,}", abs(count - value) < unit or count == value)


def connections(row: Row) -> int:
    """Links as LeCun et al. count them: every input of every unit, its bias included (1998, Sec. II-B)."""
    if row.children:
        return sum(connections(child) for child in row.children)
    units = math.prod(row.output)
    inputs = Subsampling.WINDOW**2 * units if isinstance(row.module, Subsampling) else row.macs
    return inputs + (units if getattr(row.module, "bias", None) is not None else 0)


def neurons(row: Row) -> int:
    """Units of the convolutions and linear layers (AlexNet, Fig. 2)."""
    if row.children:
        return sum(neurons(child) for child in row.children)
    return math.prod(row.output) if row.macs else 0


def weights(row: Row) -> int:
    """Parameters without biases and without those of normalisation."""
    if row.children:
        return sum(weights(child) for child in row.children)
    weight = getattr(row.module, "weight", None)
    return weight.numel() if row.macs and weight is not None else 0


_COUNTS: dict[str, Callable[[Row], int]] = {
    "parameters": lambda row: row.parameters,
    "macs": lambda row: row.macs,
    "weights": weights,
    "connections": connections,
    "neurons": neurons,
}
_SHARES = {"weight share": weights, "mac share": _COUNTS["macs"]}


def _parsed(fact: Fact) -> tuple[float, float]:
    """The number printed, and one unit of its last digit: "4.7M" is 4,700,000 and 100,000."""
    match = re.fullmatch(r"([0-9,]+)(?:\.([0-9]+))?([KMG%]?)", fact.printed)
    assert match, fact.printed
    units = {"": 1, "%": 1, "K": fact.kilo, "M": 10**6, "G": 10**9}
    whole, decimals, unit = match[1].replace(",", ""), match[2] or "", units[match[3]]
    return float(f"{whole}.{decimals or 0}") * unit, fact.unit or unit / 10 ** len(decimals)
