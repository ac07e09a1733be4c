"""The cost of separable convolutions: MobileNet's table, and PyTorch's own weights."""

import pytest
from torch import nn

from striate.foundations.separable import separable
from striate.problem import Misuse


def test_mobilenets_example_layer() -> None:
    found = separable(512, 512, kernel=3, size=14)
    assert found.full.macs.value == 462_422_016
    assert found.both.macs.value == 52_283_392
    assert (round(found.full.weights.value / 1e6, 2), round(found.both.weights.value / 1e6, 2)) == (2.36, 0.27)
    assert found.ratio == pytest.approx(0.11306, abs=5e-6)
    assert found.times_cheaper == pytest.approx(8.84, abs=5e-3)


@pytest.mark.parametrize(("channels", "filters", "kernel"), [(3, 32, 3), (32, 64, 5), (7, 11, 1)])
def test_weights_are_pytorchs_and_the_ratio_is_the_formula(channels: int, filters: int, kernel: int) -> None:
    found = separable(channels, filters, kernel=kernel, size=9)
    modules = {
        found.depthwise: nn.Conv2d(channels, channels, kernel, groups=channels, bias=False),
        found.pointwise: nn.Conv2d(channels, filters, 1, bias=False),
        found.full: nn.Conv2d(channels, filters, kernel, bias=False),
    }
    for cost, module in modules.items():
        assert cost.weights.value == module.weight.numel()
        assert cost.macs.value == module.weight.numel() * 81
    assert found.both.macs.value == found.depthwise.macs.value + found.pointwise.macs.value
    assert found.ratio == pytest.approx(1 / filters + 1 / kernel**2)
    assert found.ratio == pytest.approx(found.both.macs.value / found.full.macs.value)


def test_formulas_are_written_out_and_true() -> None:
    found = separable(32, 64, kernel=3, size=112)
    assert found.both.weights.text == "(3x3x32+32x64) = 2,336"
    assert found.formula == "1/64 + 1/3^2 = 73/576"
    for cost in (found.depthwise, found.pointwise, found.both, found.full):
        for written in (cost.weights, cost.macs):
            formula, value = written.text.split(" = ")
            assert eval(formula.replace("x", "*")) == int(value.replace(",", "")) == written.value


def test_no_channels_make_no_sense() -> None:
    with pytest.raises(Misuse, match="channels must be"):
        separable(0, 3, kernel=3, size=4)
    with pytest.raises(Misuse, match="size must be"):
        separable(3, 3, kernel=3, size=0)
