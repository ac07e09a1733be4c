"""Convolution by hand: PyTorch's answers, scipy's true convolution, and formulas that come true."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.signal import convolve2d

from striate.foundations.convolution import convolve, separate
from striate.foundations.sizes import conv_parameters, linear_parameters, output_size, same_pad
from striate.problem import BadData, Misuse

RNG = np.random.default_rng(7)


@pytest.mark.parametrize(("stride", "pad"), [(1, 0), (1, 1), (2, 0), (2, 1), (3, 2)])
@pytest.mark.parametrize("kernel", [(3, 3), (2, 5), (1, 1)])
def test_several_channels_and_filters_are_pytorchs(stride: int, pad: int, kernel: tuple[int, int]) -> None:
    picture, filters, bias = RNG.normal(size=(3, 9, 8)), RNG.normal(size=(4, 3, *kernel)), RNG.normal(size=4)
    theirs = F.conv2d(*map(torch.from_numpy, (picture[None], filters, bias)), stride=stride, padding=pad)
    found = convolve(picture, filters, bias=bias, stride=stride, pad=pad)
    np.testing.assert_allclose(found.output, theirs[0], atol=1e-12)
    assert (found.height.value, found.width.value) == theirs.shape[2:]
    assert found.parameters.value == filters.size + 4
    assert found.macs == filters.size * theirs[0, 0].numel()


def test_every_place_of_the_trace_adds_up() -> None:
    picture, filters = RNG.normal(size=(2, 5, 5)), RNG.normal(size=(3, 2, 3, 3))
    found = convolve(picture, filters, bias=[1, 2, 3], stride=2, pad=1)
    padded = np.pad(picture, ((0, 0), (1, 1), (1, 1)))
    assert len(found.trace) == found.output.size
    for place in found.trace:
        top, left = place.top + 1, place.left + 1
        np.testing.assert_array_equal(place.patch, padded[:, top : top + 3, left : left + 3])
        np.testing.assert_allclose(place.products, place.patch * filters[place.filter])
        assert place.total == pytest.approx(place.products.sum())
        assert place.output == place.total + [1, 2, 3][place.filter]
        assert place.output == found.output[place.filter, place.row, place.column]


def test_a_small_one_by_hand() -> None:
    found = convolve([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [0, -1]])
    assert found.output.tolist() == [[[-4, -4], [-4, -4]]]
    assert found.trace[1].patch.tolist() == [[[2, 3], [5, 6]]]
    assert found.trace[1].products.tolist() == [[[2, 0], [0, -6]]]
    assert found.height.text == "1 + (3 - 2) / 1 = 2"
    assert found.parameters.text == "(1x2x2x1) = 4"


def test_true_convolution_is_scipys_and_differs_unless_the_filter_is_symmetric() -> None:
    picture, skew = RNG.normal(size=(6, 7)), RNG.normal(size=(3, 3))
    np.testing.assert_allclose(convolve(picture, skew, flip=True).output[0], convolve2d(picture, skew, mode="valid"))
    assert not np.allclose(convolve(picture, skew, flip=True).output, convolve(picture, skew).output)
    even = skew + skew[::-1, ::-1]
    np.testing.assert_allclose(convolve(picture, even, flip=True).output, convolve(picture, even).output)


def test_the_two_steps_of_a_separable_convolution_are_pytorchs_and_one_full_convolution() -> None:
    picture, depth, point = RNG.normal(size=(3, 6, 6)), RNG.normal(size=(3, 3, 3)), RNG.normal(size=(5, 3))
    found = separate(picture, depth, point, stride=2, pad=1)
    first = F.conv2d(torch.from_numpy(picture[None]), torch.from_numpy(depth[:, None]), None, 2, 1, groups=3)
    second = F.conv2d(first, torch.from_numpy(point[:, :, None, None]))
    np.testing.assert_allclose(found.depthwise, first[0], atol=1e-12)
    np.testing.assert_allclose(found.output, second[0], atol=1e-12)
    np.testing.assert_allclose(convolve(picture, found.full, stride=2, pad=1).output, found.output, atol=1e-12)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "pad", "text"),
    [
        (32, 5, 1, 0, "1 + (32 - 5) / 1 = 28"),
        (14, 5, 1, 0, "1 + (14 - 5) / 1 = 10"),
        (227, 11, 4, 0, "1 + (227 - 11) / 4 = 55"),
        (224, 11, 4, 0, "1 + floor((224 - 11) / 4) = 54"),
        (112, 3, 2, 1, "1 + floor((112 + 2*1 - 3) / 2) = 56"),
    ],
)
def test_the_size_formula_reads_as_one_writes_it(size: int, kernel: int, stride: int, pad: int, text: str) -> None:
    written = output_size(size, kernel, stride=stride, pad=pad)
    assert written.text == text
    assert written.value == int(text.split(" = ")[1])


def test_padding_of_half_the_kernel_keeps_the_size() -> None:
    for kernel in (1, 3, 5, 11):
        assert output_size(17, kernel, pad=same_pad(kernel)).value == 17
    with pytest.raises(Misuse, match="no padding keeps the size under a window of 2"):
        same_pad(2)


def test_the_parameter_formula_gives_lenets_numbers() -> None:
    written = [conv_parameters(1, (5, 5), 6), conv_parameters(6, (5, 5), 16), linear_parameters(400, 120)]
    assert [each.text for each in written] == ["(1x5x5x6)+6 = 156", "(6x5x5x16)+16 = 2,416", "400x120+120 = 48,120"]
    assert linear_parameters(84, 10).value == 850
    assert conv_parameters(3, (3, 3), 64, bias=False).text == "(3x3x3x64) = 1,728"


def test_what_cannot_be_laid_on_is_refused() -> None:
    picture = RNG.normal(size=(3, 4, 4))
    with pytest.raises(BadData, match="picture has 3 channels and the filters have 2"):
        convolve(picture, np.ones((1, 2, 2, 2)))
    with pytest.raises(BadData, match="filters have 4"):
        separate(picture, np.ones((3, 2, 2)), np.ones((5, 4)))
    with pytest.raises(Misuse, match="a window of 5 does not fit into 4"):
        convolve(picture, np.ones((1, 3, 5, 5)))
    with pytest.raises(Misuse, match="stride must be a whole number of 1 or more, not 0"):
        convolve(picture, np.ones((1, 3, 2, 2)), stride=0)
    with pytest.raises(Misuse, match="pad must be a whole number of 0 or more, not -1"):
        convolve(picture, np.ones((1, 3, 2, 2)), pad=-1)
    with pytest.raises(BadData, match="bias has the shape 2, and 1 is needed"):
        convolve(picture, np.ones((1, 3, 2, 2)), bias=[1, 2])
    with pytest.raises(BadData, match="picture holds nan at place 1, 2"):
        convolve([[1, np.nan]], [[1]])
