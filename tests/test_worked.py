"""The arithmetic that is written out comes to what the table says."""

import math
import re

import pytest
from torch import nn

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


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(
    "module",
    [
        nn.Conv2d(3, 4, 3, padding="same"),
        nn.Conv2d(3, 4, 4, padding="same"),
        nn.Conv2d(3, 4, (3, 5), padding=(1, 0), dilation=2, stride=2),
        nn.ConvTranspose2d(3, 4, 4, 2, 1),
        nn.MaxPool2d(3, 2, 1, dilation=2),
        nn.ZeroPad2d((0, 1, 0, 1)),
        nn.BatchNorm2d(3, affine=False),
        nn.InstanceNorm2d(3, affine=True),
    ],
)
def test_what_is_written_of_any_module_is_true(module: nn.Module) -> None:
    (line,) = table(trace(module, (3, 15, 16)))
    for each in worked((line,)):
        for text in (*each.size.split(" x "), each.parameters, each.macs):
            if text:
                left, right = value(text)
                assert left == right, text


def test_a_convolution_along_one_axis_has_a_kernel_of_one_number() -> None:
    (line,) = table(trace(nn.Conv1d(3, 4, 5, padding=2), (3, 16)))
    (each,) = worked((line,))
    assert (line.kernel, line.receptive_field) == ((5,), 5)
    assert (each.size, each.parameters) == ("1 + (16 + 2*2 - 5) / 1 = 16", "(3x5x4)+4 = 64")
    assert each.macs == "(3x5)x(4x16) = 960"


def test_dilation_is_written_out() -> None:
    lines = table(trace(nn.Conv2d(3, 4, 3, dilation=2, padding="same"), (3, 15, 15)))
    assert next(worked(lines)).size == "1 + (15 + 2*2 - (2*(3 - 1) + 1)) / 1 = 15"


@pytest.mark.parametrize(
    "module", [nn.LeakyReLU(), nn.Mish(), nn.PReLU(), nn.Softplus(), nn.Hardtanh(), nn.CELU(), nn.GLU(1), nn.ReLU()]
)
def test_every_activation_function_is_counted_with_what_feeds_it(module: nn.Module) -> None:
    _, line = table(trace(nn.Sequential(nn.Conv2d(3, 4, 3), module), (3, 8, 8)))
    assert (line.activation, line.activation_bytes) == (line.kind, 0)
