"""The arithmetic that is written out comes to what the table says."""

import math
import re

import pytest

from striate.layers.trace import trace
from striate.nets import CATALOGUE, find
from striate.table import Line, table
from striate.worked import worked

NAMES = [name for name in CATALOGUE if name != "resnet1202_cifar"]


def value(text: str) -> tuple[int, int]:
    """Both sides of a written equation."""
    left, right = text.split(" = ")
    sum_ = re.sub(r"(?<=[\d)])x(?=[\d(])", "*", left).replace("floor", "math.floor").replace("ceil", "math.ceil")
    assert re.fullmatch(r"[\d\s+\-*/().a-z]+", sum_), sum_
    return eval(sum_, {"math": math}), int(right.replace(",", ""))


def by_path(lines: tuple[Line, ...], above: str = "") -> dict[str, Line]:
    found = {}
    for line in lines:
        path = f"{above}.{line.name}" if above else line.name
        found |= {path: line, **by_path(line.children, path)}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_equation_is_true_and_comes_to_the_tables_number(name: str) -> None:
    declared = find(name).architecture()
    lines = table(trace(declared.sketch(), declared.input))
    rows = by_path(lines)
    seen = {"parameters": 0, "macs": 0}
    for each in worked(lines):
        line = rows[each.path]
        for text, number in ((each.parameters, line.parameters), (each.macs, line.macs)):
            if text:
                left, right = value(text)
                assert left == right == number, (each.path, text)
        if each.size and " x " not in each.size:
            left, right = value(each.size)
            assert left == right == (line.output[0] if line.kind in ("concat", "dense") else line.output[1])
        seen["parameters"] += line.parameters if each.parameters else 0
        seen["macs"] += line.macs if each.macs else 0
    assert seen["macs"] == sum(line.macs for line in lines)
    assert seen["parameters"] == sum(line.parameters for line in lines)


def test_it_reads_as_the_notes_write_it() -> None:
    declared = find("lenet5_modern").architecture()
    written = {each.path: each for each in worked(table(trace(declared.sketch(), declared.input)))}
    assert written["c1.conv"].parameters == "(1x5x5x6)+6 = 156"
    assert written["c1.conv"].size == "1 + (32 - 5) / 1 = 28"
    assert written["fc5.linear"].parameters == "400x120+120 = 48,120"


def test_what_does_not_divide_says_how_it_is_rounded() -> None:
    for name, row, text in (
        ("googlenet", "pool1", "1 + ceil((112 - 3) / 2) = 56"),
        ("resnet18", "pool1", "1 + floor((112 + 2*1 - 3) / 2) = 56"),
    ):
        declared = find(name).architecture()
        assert {each.path: each.size for each in worked(table(trace(declared.sketch(), declared.input)))}[row] == text
