"""Networks side by side: the numbers that courses compare, aligned rows, and depths that the names promise."""

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from torch import nn
from torchvision.models import densenet121, googlenet, resnet50

from striate.model import Model
from striate.nets import CATALOGUE, find
from striate.nets.classics import CLASSICS, Piece
from striate.problem import Misuse
from striate.verbs.compare import Aligned, Comparison, Side, compare
from striate.verbs.create import create
from striate.verbs.describe import describe
from striate.words import LANGUAGES


def sides(found: Comparison) -> dict[str, Side]:
    return {each.label: each for each in found.sides}


def macs(found: Comparison) -> list[int]:
    return [each.found.macs for each in found.sides]


def parameters(found: Comparison) -> list[int]:
    return [each.found.parameters for each in found.sides]


def row(found: Comparison, name: str) -> Aligned:
    return next(each for each in found.rows if each.name == name)


# Depth


NAMED = [
    (name, int(match[1]))
    for name in CATALOGUE
    if (match := re.match(r"(?:se_)?(?:resnet|resnext|plain|vgg|densenet)(\d+)", name)) and match[1] != "1202"
]
COUNTED = {
    "lenet5": 4,  # c1, c3, c5 and f6: its subsamplings have no filters, and its output compares with fixed codes
    "lenet5_modern": 5,
    "deepconvnet": 8,
    "alexnet": 8,
    "zfnet": 8,
    "googlenet": 22,
    "googlenet_naive": 13,
    "se_googlenet": 22,
    "mobilenet_v1": 28,  # Sec. 3.2 counts depthwise and pointwise convolutions by themselves, too
    "densenet264": 265,  # its blocks of 6, 12, 64 and 48 come to one more than its name
}


@pytest.mark.parametrize(("name", "depth"), [each for each in NAMED if each[0] not in COUNTED])
def test_depth_is_the_number_in_the_name(name: str, depth: int) -> None:
    assert describe(name).depth == depth


def test_every_kind_of_name_is_among_those_tested() -> None:
    tested = {name for name, _ in NAMED}
    assert {"resnet18", "resnet152", "vgg11", "vgg19", "densenet201", "resnet110_cifar", "plain34"} <= tested
    assert {"resnext50_32x4d", "se_resnet50", "densenet100_k12_bc_cifar", "resnet34_c", "resnet50_v1_5"} <= tested


@pytest.mark.parametrize(("name", "depth"), COUNTED.items())
def test_depth_is_the_papers_count_where_the_name_does_not_say(name: str, depth: int) -> None:
    assert describe(name).depth == depth


@pytest.mark.parametrize("name", ["densenet121", "resnet50", "googlenet"])
def test_depth_does_not_depend_on_how_a_network_is_written(name: str) -> None:
    others = {"densenet121": densenet121, "resnet50": resnet50}
    other = others[name]() if name in others else googlenet(aux_logits=False, init_weights=False)
    assert describe(other, input=(3, 224, 224)).depth == describe(name).depth


# The classics


def test_no_classic_is_called_like_a_network_and_each_is_told_in_every_language() -> None:
    assert not CLASSICS.keys() & CATALOGUE.keys()
    for classic in CLASSICS.values():
        assert {each for each in classic.sides if isinstance(each, str)} <= CATALOGUE.keys()
        assert len(set(classic.labels)) == len(classic.labels) >= 2
        for language in LANGUAGES:
            assert classic.title(language)
            assert classic.lesson(language).endswith(".")


@pytest.mark.parametrize("name", CLASSICS)
def test_every_classic_runs_by_its_name(name: str) -> None:
    found = compare(name)
    assert found.classic is CLASSICS[name]
    assert tuple(each.label for each in found.sides) == CLASSICS[name].labels
    assert bool(found.rows) or name == "separable"
    stored = json.loads(json.dumps(found.as_json()))
    assert [each["macs"] for each in stored["sides"]] == macs(found)
    assert [each["name"] for each in stored["rows"]] == [each.name for each in found.rows]
    assert stored["classic"]["name"] == name


def test_shortcuts_without_filters_are_free() -> None:
    found = compare("residual")
    assert parameters(found) == [21_623_848, 21_623_848, 21_797_672]
    assert macs(found) == [3_644_493_824, 3_644_493_824, 3_663_761_408]
    assert [each.published and each.published.top1 for each in found.sides] == ["28.54", "25.03", "24.52"]
    assert found.one_setting


def test_reductions_save_two_thirds_of_an_inception_module() -> None:
    found = compare("inception")
    assert macs(found) == [854_196_224, 271_351_808]
    assert [each.found.output for each in found.sides] == [(672, 28, 28), (480, 28, 28)]
    assert [each.name for each in found.rows] == ["one", "three", "five", "pool"]
    assert [each.differs for each in found.rows] == [False, True, True, True]


@pytest.mark.parametrize(("name", "kernel", "count"), [("5x5", 5, 2), ("7x7", 7, 3)])
def test_small_filters_see_as_much_for_less(name: str, kernel: int, count: int) -> None:
    found = compare(name)
    large, small = kernel**2 * 64**2, count * 3**2 * 64**2
    assert parameters(found) == [large, small]
    assert macs(found) == [56**2 * large, 56**2 * small]
    assert {each.found.receptive_field for each in found.sides} == {kernel}
    assert [each.found.depth for each in found.sides] == [1, count]
    assert {each.found.output for each in found.sides} == {(64, 56, 56)}
    assert found.ratio(found.sides[1], "parameters") == small / large


def test_a_separable_convolution_costs_one_nth_and_a_ninth() -> None:
    found = compare("separable")
    assert macs(found) == [462_422_016, 52_283_392, 4_867_293_184, 568_740_352]
    assert parameters(found)[:2] == [2_359_296, 266_752]
    full, split, full_net, split_net = found.sides
    assert Fraction(split.found.macs, full.found.macs) == Fraction(1, 512) + Fraction(1, 9)
    assert found.ratio(split, "macs") == pytest.approx(1 / 512 + 1 / 9)
    assert found.ratio(split_net, "macs") == 568_740_352 / 4_867_293_184  # to the other network, not to the piece
    assert found.sides[split_net.against] is full_net


def test_a_pointwise_convolution_looks_at_one_pixel_of_every_channel() -> None:
    one, three = compare("pointwise").sides
    assert (one.found.input, one.found.output) == ((64, 56, 56), (1, 56, 56))
    assert (one.found.parameters, one.found.macs, one.found.receptive_field) == (64, 200_704, 1)
    assert (three.found.parameters, three.found.macs, three.found.receptive_field) == (576, 1_806_336, 3)


def test_gates_cost_a_tenth_more_parameters_and_hardly_any_macs() -> None:
    found = compare("se")
    assert parameters(found) == [25_557_032, 28_088_024]
    assert macs(found) == [3_857_973_248, 3_860_488_192]
    assert [each.found.depth for each in found.sides] == [50, 50]
    assert not found.one_setting  # ten crops and one crop


def test_three_kinds_of_shortcut() -> None:
    found = compare("shortcuts")
    assert parameters(found) == [21_623_848, 21_797_672, 22_716_840]
    assert macs(found) == [3_644_493_824, 3_663_761_408, 3_830_747_136]


def test_alexnet_and_zfnet_have_the_volumes_of_the_usual_table() -> None:
    found = compare("alexnet-zfnet")
    outputs = {each.name: [line and line.output for line in each.lines] for each in found.rows}
    alexnet, zfnet, wide = zip(*outputs.values(), strict=True)
    assert outputs["conv1"] == [(96, 55, 55), (96, 110, 110), (96, 110, 110)]
    assert outputs["pool1"][1:] == [(96, 55, 55)] * 2
    assert outputs["conv2"] == [(256, 27, 27), (256, 26, 26), (256, 26, 26)]
    assert outputs["pool2"] == [(256, 13, 13)] * 3
    maps = {name: [shape and shape[0] for shape in outputs[name]] for name in ("conv3", "conv4", "conv5")}
    assert maps == {"conv3": [384, 384, 512], "conv4": [384, 384, 1024], "conv5": [256, 256, 512]}
    assert None not in (*alexnet, *zfnet, *wide)
    windows = [(line.kernel, line.stride) for line in row(found, "conv1").lines if line]
    assert windows == [((11, 11), (4, 4)), ((7, 7), (2, 2)), ((7, 7), (2, 2))]
    assert [row(found, name).differs for name in ("conv3", "fc6", "fc7", "fc8")] == [True, True, False, False]
    assert parameters(found) == [62_378_344, 62_357_608, 107_627_624]


def test_a_row_that_stands_elsewhere_is_paired_and_its_places_are_told() -> None:
    found = compare("alexnet-zfnet")
    normalised = [line.kind for name in ("norm1", "norm2") for line in row(found, name).lines if line]
    assert normalised == ["lrn"] * 6  # all three normalise twice, AlexNet before it pools
    assert [each.name for each in found.rows if each.moved] == ["pool1", "pool2"]
    assert found.behind(row(found, "pool1")) == {"norm1": ["alexnet_ungrouped"], "conv1": ["zfnet", "zfnet_wide"]}
    moved = next(each for each in found.as_json()["rows"] if each["name"] == "pool1")
    assert (moved["moved"], moved["differs"]) == (True, True)
    same = compare("caffenet", "alexnet")
    assert all(line is not None for each in same.rows for line in each.lines)
    assert [each.differs for each in same.rows if each.moved] == [True, True]
    for at, side in enumerate(same.sides):  # every row once, at whatever place
        assert {id(each.lines[at]) for each in same.rows} == {id(line) for line in side.found.lines}


# Any networks


def test_rows_are_aligned_by_name_and_inserted_rows_leave_gaps() -> None:
    found = compare("vgg11", "vgg13", "vgg16")
    names = [each.name for each in found.rows]
    assert names[:6] == ["conv1_1", "conv1_2", "pool1", "conv2_1", "conv2_2", "pool2"]
    assert [line is None for line in row(found, "conv1_2").lines] == [True, False, False]
    assert [line is None for line in row(found, "conv5_3").lines] == [True, True, False]
    for at, side in enumerate(found.sides):  # no row lost, none doubled, none moved
        assert tuple(each.lines[at] for each in found.rows if each.lines[at]) == side.found.lines
    assert row(found, "conv1_2").differs
    assert not row(found, "fc8").differs


def test_rows_differ_in_macs_alone_where_the_stride_moved() -> None:
    found = compare("resnet50", "resnet50_v1_5")
    assert [each.name for each in found.rows if each.differs] == ["conv3_1", "conv4_1", "conv5_1"]


def test_rows_are_aligned_only_where_that_tells_something() -> None:
    assert compare("resnet50", "se_resnet50").rows  # other families, the same names
    assert compare("mobilenet_v1_full", "mobilenet_v1").rows  # one family, other names
    assert not compare("alexnet", "vgg16").rows
    assert not compare("resnet50", "vgg16").rows  # more than half of the names, but for other things


def test_ratios_are_to_the_first_side() -> None:
    found = compare("resnet18", "resnet50", "resnet152")
    first, second, third = found.sides
    assert found.ratio(first, "macs") == 1
    assert found.ratio(second, "parameters") == 25_557_032 / 11_689_512
    assert found.ratio(third, "weight_bytes") == found.ratio(third, "parameters")
    memory = [each.found.memory for each in found.sides]
    assert found.ratio(third, "training") == memory[2].training / memory[0].training
    assert found.ratio(third, "inference_peak") == memory[2].inference_peak / memory[0].inference_peak


def test_a_ratio_to_nothing_is_unknown() -> None:
    found = compare(nn.MaxPool2d(2), nn.Conv2d(3, 8, 3), input=(3, 32, 32))
    assert found.ratio(found.sides[1], "macs") is None
    assert found.as_json()["sides"][1]["ratios"]["macs"] is None


def test_input_and_classes_hold_for_all_sides() -> None:
    found = compare("resnet18", "resnet34", input=(3, 64, 64), classes=7)
    assert {(each.found.input, each.found.output) for each in found.sides} == {((3, 64, 64), (7,))}
    assert compare("shortcuts", input=(3, 64, 64)).sides[0].found.input == (3, 64, 64)


def test_architectures_and_modules_can_be_sides() -> None:
    network = create("vgg16_small", classes=10)
    found = compare(find("vgg16_small").architecture(), network, network, input=(3, 32, 32))
    assert [each.label for each in found.sides] == ["vgg16_small", "Chain", "Chain (2)"]
    assert len(set(parameters(found))) == len(set(macs(found))) == 1
    assert [each.found.year for each in found.sides] == [2014, None, None]


def test_saved_models_go_by_their_paths(tmp_path: Path) -> None:
    architecture = find("lenet5_modern").architecture()
    for name, classes in (("two", 2), ("three", 3)):
        labels = tuple(map(str, range(classes)))
        network = architecture.create(classes=classes)
        Model("lenet5_modern", network, (1, 32, 32), labels, architecture.recipe.view).save(tmp_path / name)
    found = compare(tmp_path / "two", str(tmp_path / "three"), "lenet5_modern")
    assert list(sides(found)) == [str(tmp_path / "two"), str(tmp_path / "three"), "lenet5_modern"]
    assert [each.found.output for each in found.sides] == [(2,), (3,), (10,)]
    assert {each.found.net for each in found.sides} == {"lenet5_modern"}
    assert [each.name for each in found.rows if each.differs] == ["fc7"]


def test_json_has_the_contracts_keys_and_raw_numbers() -> None:
    found = json.loads(json.dumps(compare("resnet50", "vgg16").as_json()))
    assert found.keys() == {"classic", "sides", "rows"}
    assert (found["classic"], found["rows"]) == (None, [])
    first, second = found["sides"]
    assert first.keys() == {
        "label", "net", "family", "year", "input", "output", "parameters", "macs", "weight_bytes", "activation_bytes",
        "receptive_field", "depth", "published", "against", "ratios",
    }  # fmt: skip
    assert first["published"] == {"top1": 22.85, "top5": 6.71, "setting": "ten crops, validation", "source": "Table 3"}
    assert (second["depth"], second["receptive_field"], second["against"]) == (16, 196, "resnet50")
    assert second["ratios"]["parameters"] == 138_357_544 / 25_557_032
    assert first["activation_bytes"].keys() == {"inference_peak", "produced", "training"}
    rows = compare("zfnet", "caffenet").as_json()["rows"]
    assert rows[0]["sides"][0].keys() == {
        "kind", "kernel", "stride", "padding", "groups", "output", "parameters", "macs",
    }  # fmt: skip


# What cannot be compared


@pytest.mark.parametrize(
    ("sources", "key", "told"),
    [
        ((), "compare.two", "given: 0"),
        (("resnet50",), "compare.two", "striate compare resnet50 se_resnet50"),
        ((find("vgg16").architecture(),), "compare.two", "striate compare vgg16"),
        ((nn.Flatten(),), "compare.two", "given: 1"),
        (("residul",), "compare.unknown", "residual"),
        (("resnet5",), "compare.unknown", "resnet50"),
        (("resnet50", "resnet5"), "net.unknown", "resnet50"),
        (("residual", "vgg16"), "compare.alone", "striate compare residual"),
    ],
)
def test_too_few_and_unknown_sides_are_refused_with_what_to_type(
    sources: tuple[object, ...], key: str, told: str
) -> None:
    with pytest.raises(Misuse) as refused:
        compare(*sources)  # type: ignore[arg-type]
    assert refused.value.key == f"problem.{key}"
    assert told in str(refused.value)
    assert "compare" in refused.value.text("ko") or key == "net.unknown"


def test_inputs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(Misuse, match="does not fit its input"):
        compare("alexnet", "vgg16", input=(3, 32, 32))
    with pytest.raises(Misuse, match="input shape of a Flatten"):
        compare("vgg16_small", nn.Flatten())


@pytest.mark.parametrize("name", [each.name for each in CLASSICS.values() if isinstance(each.sides[0], Piece)])
def test_pieces_keep_their_own_input(name: str) -> None:
    with pytest.raises(Misuse, match="inputs of their own"):
        compare(name, input=(3, 8, 8))
    with pytest.raises(Misuse, match="inputs of their own"):
        compare(name, classes=2)


def test_a_folder_may_be_called_like_a_classic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "residual").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Misuse) as refused:
        compare("residual")
    assert refused.value.key == "problem.compare.two"
