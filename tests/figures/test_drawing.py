"""A network's drawing: complete, true to the numbers, readable, and self-contained."""

import functools
import itertools
import math
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
import torch
import torchvision
from torch import Tensor, nn

from striate.figures.colours import INK, NOTHING, colour
from striate.figures.drawing import drawing
from striate.figures.short import readable
from striate.figures.sketch import Branches, Flow, boxes
from striate.figures.svg import Font, span
from striate.nets import CATALOGUE
from striate.verbs.describe import Description, describe

SVG = "{http://www.w3.org/2000/svg}"
NETS = [
    name for name in CATALOGUE if name != "resnet1202_cifar"
]  # takes seconds, and shows nothing that resnet110 does not


@functools.cache
def described(net: str) -> Description:
    return describe(net)


@functools.cache
def drawn(net: str) -> Element:
    return ElementTree.fromstring(drawing(described(net)))


def of_module(module: nn.Module, *shape: int) -> Element:
    """The drawing of somebody's own module."""
    return ElementTree.fromstring(drawing(describe(module, input=shape or (3, 32, 32), batch=2)))


def rows(root: Element) -> list[Element]:
    """The groups of the boxes; the first group is the legend."""
    return [each for each in root.findall(f"{SVG}g") if ": " in each[0].text and "; " in each[0].text]


def words(element: Element) -> list[str]:
    return ["".join(each.itertext()) for each in element.iter(f"{SVG}text")]


def names(row: Element) -> list[str]:
    return row[0].text.split(": ")[0].split(", ")


def luminance(code: str) -> float:
    parts = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def letter_width(letter: str) -> float:
    """As Helvetica has it, about, in ems."""
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    return 0.94 if letter in "mMW%…" else 0.7 if letter.isupper() else 0.54


def extent(element: Element) -> tuple[float, float]:
    """Left and right end of a text, were it set in a usual sans serif."""
    size = float(element.get("font-size") or max(float(each.get("font-size")) for each in element))
    text = "".join(element.itertext())
    wide = size * sum(map(letter_width, text))
    x = float(element.get("x"))
    left = {"middle": x - wide / 2, "end": x - wide}.get(element.get("text-anchor"), x)
    return left, left + wide


def frame(rectangle: Element) -> tuple[float, float, float, float]:
    x, y, width, height = (float(rectangle.get(key)) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def assert_all_text_fits(root: Element) -> None:
    left, top, width, height = map(float, root.get("viewBox").split())
    for each in root.iter(f"{SVG}text"):
        start, end = extent(each)
        assert left <= start <= end <= width, each.text
        assert top + 10 <= float(each.get("y")) <= height - 4, each.text
    for row in rows(root):
        x, y, right, bottom = frame(row.find(f"{SVG}rect"))
        for each in row.iter(f"{SVG}text"):
            start, end = extent(each)
            assert x <= start <= end <= right, each.text
            assert y < float(each.get("y")) < bottom, each.text
        panel = row.findall(f"{SVG}rect")[:2][-1]  # the white one in a box with structure
        left, top, right, bottom = frame(panel)
        for each in row.iter(f"{SVG}polyline"):
            for point in each.get("points").split():
                assert left + 4 < float(point.split(",")[0]) < right - 4
                assert top < float(point.split(",")[1]) < bottom
        for each in row.findall(f"{SVG}rect")[2:]:
            assert left + 4 < frame(each)[0] <= frame(each)[2] < right - 4
            assert top < frame(each)[1] <= frame(each)[3] < bottom


@pytest.mark.parametrize("net", NETS)
def test_every_row_is_drawn_once_and_in_order(net: str) -> None:
    found = rows(drawn(net))
    assert list(itertools.chain.from_iterable(map(names, found))) == [line.name for line in described(net).lines]
    for row in found:
        called = names(row)
        shown = words(row)
        assert any(called[0] in each and called[-1] in each for each in shown), shown
        assert (f", x{len(called)}" in " ".join(shown)) == (len(called) > 1)


@pytest.mark.parametrize("net", NETS)
def test_no_text_leaves_its_box_or_the_picture(net: str) -> None:
    assert_all_text_fits(drawn(net))


@pytest.mark.parametrize("net", NETS)
def test_a_box_is_the_darker_the_more_it_multiplies(net: str) -> None:
    costs = [line.macs * len(names(row)) for row, line in zip(rows(drawn(net)), firsts(net), strict=True)]
    fills = [luminance(row.find(f"{SVG}rect").get("fill")) for row in rows(drawn(net))]
    assert fills[costs.index(max(costs))] == min(fills)
    for (cost, fill), (more, darker) in itertools.pairwise(sorted(zip(costs, fills, strict=True))):
        assert darker <= fill, (cost, more)


def firsts(net: str) -> list:
    """The line that each box stands for."""
    by_name = {line.name: line for line in described(net).lines}
    return [by_name[names(row)[0]] for row in rows(drawn(net))]


@pytest.mark.parametrize("net", NETS)
def test_a_box_tells_output_parameters_and_macs(net: str) -> None:
    for row, line in zip(rows(drawn(net)), firsts(net), strict=True):
        shown = " ".join(words(row))
        assert "x".join(map(str, line.output)) in shown
        assert not line.parameters or f"{readable(line.parameters)} params" in shown
        assert not line.macs or f"{readable(line.macs)} MACs" in shown


@pytest.mark.parametrize("net", NETS)
def test_a_drawing_needs_nothing_from_elsewhere_and_runs_nothing(net: str) -> None:
    root = drawn(net)
    assert {each.tag.removeprefix(SVG) for each in root.iter()} <= {
        "svg", "title", "desc", "g", "rect", "text", "tspan", "path", "polyline", "polygon", "circle"
    }  # fmt: skip
    for each in root.iter():
        assert not {"href", "id", "class", "style", "src"} & {key.split("}")[-1] for key in each.attrib}
        assert not any("url(" in value or "://" in value or key.startswith("on") for key, value in each.items())


def test_the_heading_and_the_ends_tell_what_the_network_is() -> None:
    root = drawn("googlenet")
    assert root.find(f"{SVG}title").text == "googlenet"
    assert "inception_3a" in root.find(f"{SVG}desc").text
    shown = words(root)
    assert shown[:3] == [
        "googlenet",
        "input 3x224x224 · 7.00 M parameters · 1.58 G MACs",
        "auxiliary classifiers, in training only: aux1 3.19 M, aux2 3.19 M parameters",
    ]
    assert "input 3x224x224" in shown
    assert shown[-1] == "output 1000 · softmax, applied by the loss"
    assert words(drawn("lenet5"))[-1] == "output 10"
    assert not any("auxiliary" in each for each in words(drawn("resnet18")))


def test_rows_alike_are_one_box_and_rows_that_differ_are_not() -> None:
    found = boxes(described("resnet152").lines)
    assert [box.heading for box in found if len(box.names) > 2] == [
        "conv3_2 ... conv3_8, x7",
        "conv4_2 ... conv4_36, x35",
    ]
    assert "conv2_2, conv2_3, x2" in [box.heading for box in found]
    assert sum(len(box.names) for box in found) == len(described("resnet152").lines)
    line = described("vgg16").lines[0]
    for change in ({"kernel": (1, 9)}, {"macs": 5}, {"parameters": 5}, {"output": (1,)}, {"kind": "other"}):
        found = boxes([line, replace(line, name="twin"), replace(line, name="other", **change)])
        assert [box.names for box in found] == [("conv1_1", "twin"), ("other",)]


def test_a_bypass_says_what_it_does() -> None:
    bypass = {box.names[0]: box.parts[0].bypass for box in boxes(described("resnet50").lines) if box.parts}
    assert bypass["conv3_1"] == "projection 1x1/2 512"
    assert bypass["conv3_2"] == "identity"
    assert "padded identity" in words(drawn("resnet20_cifar"))
    assert not {"identity", "padded identity"} & set(words(drawn("plain20_cifar")))


def test_a_gate_stands_beside_what_it_scales() -> None:
    plain, gated = drawn("resnet50"), drawn("se_resnet50")
    residual = [row for row in rows(gated) if "residual" in row[0].text]
    assert all("SE" in words(row) for row in residual)
    assert not any("SE" in words(row) for row in rows(plain))
    (part,) = next(box.parts for box in boxes(described("se_googlenet").lines) if box.names == ("inception_3a",))
    assert isinstance(part, Branches)
    assert part.gate == "SE"
    stage = next(box.parts for box in boxes(described("efficientnet_b0").lines) if box.names == ("stage4",))
    assert [(chip.text, chip.gate) for chip in stage[1].chips] == [
        ("1x1 480", ""),
        ("3x3 dw 480", "SE"),
        ("1x1 80", ""),
    ]
    assert stage[1].label == "x2"


def test_branches_stand_side_by_side_with_their_operations() -> None:
    (part,) = next(box.parts for box in boxes(described("googlenet").lines) if box.names == ("inception_3a",))
    assert isinstance(part, Branches)
    assert [[chip.text for chip in column] for column in part.columns] == [
        ["1x1 64"], ["1x1 96", "3x3 128"], ["1x1 16", "5x5 32"], ["max 3x3", "1x1 32"]
    ]  # fmt: skip
    row = next(row for row in rows(drawn("googlenet")) if names(row) == ["inception_3a"])
    assert {"1x1 96", "3x3 128", "max 3x3"} <= set(words(row))


def test_a_dense_block_tells_its_layers_and_their_growth() -> None:
    blocks = {
        box.names[0]: box.parts for box in boxes(described("densenet121").lines) if box.names[0].startswith("block")
    }
    assert [parts[0].label for parts in blocks.values()] == [f"x{count} layers, +32 each" for count in (6, 12, 24, 16)]
    assert all(len(parts) == 1 and parts[0].stacked for parts in blocks.values())


def test_the_scale_keeps_its_order_without_colour_and_text_stays_readable() -> None:
    lights = [luminance(NOTHING), *(luminance(colour(at / 50)) for at in range(51))]
    assert all(darker < lighter for lighter, darker in itertools.pairwise(lights))
    assert all((light + 0.05) / (luminance(INK) + 0.05) >= 4.5 for light in lights)


@pytest.mark.parametrize(
    ("letters", "ems", "bold_ems"),  # advances of DejaVu Sans, the widest font that browsers fall back to
    [
        ("W", 0.989, 1.103), ("m", 0.974, 1.042), ("%", 0.950, 1.002), ("+", 0.838, 0.838), ("N", 0.748, 0.837),
        ("O", 0.787, 0.850), ("0", 0.636, 0.696), ("n", 0.634, 0.712), ("_", 0.5, 0.5), (" ", 0.318, 0.348),
        ("conv4_36", 4.796, 5.231), ("params", 3.767, 4.196), ("가", 1.0, 1.0),
    ],
)  # fmt: skip
def test_text_is_never_taken_for_narrower_than_it_is(letters: str, ems: float, bold_ems: float) -> None:
    assert span(letters, Font(10)) >= 10 * ems
    assert span(letters, Font(10, bold=True)) >= 10 * bold_ems


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (999, "999"), (1000, "1.00 k"), (12_345_678, "12.3 M"), (999_960, "1.00 M"), (15_470_264_320, "15.5 G")],
)
def test_counts_have_three_digits_and_a_unit(count: int, shown: str) -> None:
    assert readable(count) == shown


@pytest.mark.parametrize(
    "build", ["resnet18", "densenet121", "mobilenet_v3_small", "squeezenet1_1", "shufflenet_v2_x0_5"]
)
def test_networks_of_others_are_drawn(build: str) -> None:
    with torch.device("meta"):
        module = getattr(torchvision.models, build)(weights=None)
    root = of_module(module, 3, 64, 64)
    assert [name for row in rows(root) for name in names(row)] == [name for name, _ in module.named_children()]
    assert_all_text_fits(root)


def test_a_row_that_did_not_run_stands_beside_the_way() -> None:
    with torch.device("meta"):
        module = torchvision.models.googlenet(weights=None, init_weights=False)
    root = of_module(module, 3, 64, 64)
    aside = [row for row in rows(root) if "did not run" in words(row)]
    assert [names(row) for row in aside] == [["aux1"], ["aux2"]]
    middle = float(root.get("width")) / 2
    assert all(frame(row.find(f"{SVG}rect"))[0] > middle for row in aside)
    assert_all_text_fits(root)


class Listed(nn.Module):
    """A list of modules, which runs only part by part."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 5)])
        self.last = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = block(x)
        return self.last(x)


def test_a_list_of_modules_costs_what_it_holds() -> None:
    listed, last = rows(of_module(Listed()))
    assert "did not run" not in words(listed)
    assert {"3x3 3", "5x5 3"} <= set(words(listed))
    assert f"{readable(9 * 9 * 30 * 30 + 25 * 9 * 26 * 26)} MACs" in words(listed)
    assert luminance(listed.find(f"{SVG}rect").get("fill")) < luminance(last.find(f"{SVG}rect").get("fill"))


class Odd(nn.Module):
    """Names that are hard to write, a part that never runs, and a shape that only the code knows."""

    def __init__(self) -> None:
        super().__init__()
        self.add_module('<가&"나">', nn.Conv2d(3, 4, 3))
        self.add_module("tab\tnul\x00lone\ud800", nn.ReLU())
        self.add_module("사진" * 60, nn.Sequential(nn.Sequential(nn.Conv2d(4, 4, 1)), nn.Sequential()))
        self.add_module("W" * 300, nn.Conv2d(4, 8, 1))
        self.unused = nn.ModuleDict({"gate": nn.Linear(2, 2)})
        self.fc = nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        for name in list(self._modules)[:4]:
            x = self._modules[name](x)
        return self.fc(x.mean((2, 3)))


def test_odd_names_are_escaped_shortened_and_kept_whole_in_the_tooltip() -> None:
    root = of_module(Odd())
    shown = words(root)
    assert any('<가&"나">' in each for each in shown)
    assert any("tab nul\ufffdlone\ufffd" in each for each in shown)
    assert not any("W" * 300 in each for each in shown)
    assert any("W" * 300 in row[0].text for row in rows(root))
    assert "arrives as 8" in shown
    assert_all_text_fits(root)


class Residual(nn.Module):
    """Called like a block of ours, and made otherwise."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        return self.inner(x) + x


def many(count: int, *more: nn.Module) -> nn.Sequential:
    return nn.Sequential(*(nn.Conv2d(3, 3, 2 * (at % 9) + 1, padding=at % 9) for at in range(count)), *more)


@pytest.mark.parametrize(
    "module",
    [
        nn.Conv2d(3, 4, 3),
        nn.ReLU(),
        nn.Identity(),
        nn.Sequential(),
        nn.Sequential(nn.Sequential(nn.ReLU(), nn.Sequential())),
        nn.Sequential(many(200)),
        nn.Sequential(many(40, Residual(many(9)), Residual(nn.Sequential(Residual(many(30)))), *[many(2)] * 4)),
        nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 2)),
        type("Concat" * 40, (Residual,), {})(many(3)),
        nn.Sequential(*(type("X" * 70, (Residual,), {})(type("Y" * 70, (Residual,), {})(many(2))) for _ in range(30))),
    ],
    ids=lambda module: type(module).__name__[:10],
)
def test_any_module_is_drawn(module: nn.Module) -> None:
    root = of_module(module)
    assert_all_text_fits(root)
    assert sum(len(names(row)) for row in rows(root)) == max(1, len(list(module.children())))


def test_wide_and_long_blocks_tell_what_they_leave_out() -> None:
    from striate.layers import chain, concat, conv, residual, squeeze_excite

    branches = {f"b{at}": chain(*(conv(4, 1) for _ in range(12 if at else 1))) for at in range(20)}
    long = chain(*(conv(3, 2 * (at % 5) + 1, pad=at % 5) for at in range(20)))
    module = chain(wide=concat(**branches), narrow=conv(32, 1), long=residual(chain(long, conv(32, 1))))((3, 8, 8))
    gated = chain(row=residual(conv(64, 3, pad=1), gate=squeeze_excite()))((64, 8, 8))
    root = of_module(module, 3, 8, 8)
    assert_all_text_fits(root)
    told = [each for each in words(root) if each.endswith(" more")]
    assert len(told) >= 2
    assert "SE" in words(of_module(gated, 64, 8, 8))


def test_an_empty_description_is_drawn() -> None:
    root = ElementTree.fromstring(drawing(replace(described("lenet5"), lines=(), macs=0)))
    assert words(root)[-1] == "output 1x32x32"


def test_the_same_network_gives_the_same_drawing() -> None:
    assert drawing(describe("se_resnet50")) == drawing(describe("se_resnet50"))


def test_flows_keep_an_order_only_where_it_is_known() -> None:
    found = boxes(describe(nn.Sequential(Residual(many(2)), many(2)), input=(3, 8, 8), batch=2).lines)
    assert [part.ordered for box in found for part in box.parts if isinstance(part, Flow)] == [True, True]
    mixed = type("Mixed", (Residual,), {"forward": lambda self, x: self.other(x) + self.inner(x)})(nn.Conv2d(3, 3, 1))
    mixed.other = nn.Conv2d(3, 3, 3, padding=1)
    (box,) = boxes(describe(nn.Sequential(mixed), input=(3, 8, 8), batch=2).lines)
    assert [(part.ordered, part.label) for part in box.parts] == [(False, "parts:")]


@pytest.mark.parametrize("name", ["Dense", "Concat", "Residual", "Gated"])
def test_a_name_of_ours_is_not_believed_of_somebody_elses_module(name: str) -> None:
    module = type(name, (Residual,), {})(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU(), nn.Conv2d(3, 3, 1)))
    module.other = nn.Conv2d(3, 3, 3)
    (box,) = boxes(describe(nn.Sequential(module), input=(3, 8, 8), batch=2).lines)
    (part,) = box.parts
    assert isinstance(part, Flow)
    assert (part.bypass, part.ordered) == ("", False)


def test_the_command_writes_the_drawing(tmp_path: Path) -> None:
    target = tmp_path / "x.svg"
    command = [sys.executable, "-m", "striate", "describe", "lenet5", "--svg", str(target)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "lenet5" in done.stdout
    assert words(ElementTree.fromstring(target.read_text(encoding="utf-8")))[0] == "lenet5"
    assert math.isclose(float(ElementTree.parse(target).getroot().get("width")), 760)
