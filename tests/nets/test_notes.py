"""The tables of the study notes, line by line: where they agree with ours, and where they are known not to."""

import pytest

from striate import describe
from striate.table import Line


def rows(net: str) -> dict[str, Line]:
    return {line.name: line for line in describe(net).lines}


def test_lenet5_as_it_is_taught() -> None:
    counts = [line.parameters for line in describe("lenet5_modern").lines if line.parameters]
    assert counts == [156, 2_416, 48_120, 10_164, 850]
    shapes = [line.output for line in describe("lenet5_modern").lines if line.kind in ("conv", "avg_pool")]
    assert shapes == [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5)]


def test_alexnet_counted_without_groups() -> None:
    found = rows("alexnet_ungrouped")
    noted = {
        "conv1": 34_944, "conv2": 614_656, "conv3": 885_120, "conv4": 1_327_488, "conv5": 884_992,
        "fc6": 37_752_832, "fc7": 16_781_312, "fc8": 4_097_000,
    }  # fmt: skip
    assert {name: found[name].parameters for name in noted} == noted
    assert sum(noted.values()) == describe("alexnet_ungrouped").parameters == 62_378_344
    grouped = rows("alexnet")
    assert [grouped[name].parameters for name in ("conv2", "conv4", "conv5")] == [307_456, 663_936, 442_624]


def test_alexnet_layer_by_layer() -> None:
    found = rows("alexnet")
    names = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5")
    assert [found[name].output for name in names] == [
        (96, 55, 55), (96, 27, 27), (256, 27, 27), (256, 13, 13), (384, 13, 13), (384, 13, 13), (256, 13, 13),
        (256, 6, 6),
    ]  # fmt: skip


def test_alexnet_against_zfnet() -> None:
    zfnet, wide = rows("zfnet"), rows("zfnet_wide")
    assert [zfnet[name].output for name in ("conv1", "pool1", "conv2", "pool2", "pool5")] == [
        (96, 110, 110), (96, 55, 55), (256, 26, 26), (256, 13, 13), (256, 6, 6),
    ]  # fmt: skip
    assert [wide[name].output[0] for name in ("conv3", "conv4", "conv5")] == [512, 1024, 512], "the note's numbers"
    assert [zfnet[name].output[0] for name in ("conv3", "conv4", "conv5")] == [384, 384, 256], "Fig. 3"
    assert (zfnet["conv1"].kernel, zfnet["conv1"].stride) == ((7, 7), (2, 2))


def test_googlenet_row_by_row() -> None:
    found = rows("googlenet")
    millions = {
        "conv2": 360, "inception_3a": 128, "inception_3b": 304, "inception_4a": 73, "inception_4b": 88,
        "inception_4c": 100, "inception_4d": 119, "inception_4e": 170, "inception_5b": 71, "fc": 1,
    }  # fmt: skip
    for name, printed in millions.items():
        assert abs(found[name].macs / 1e6 - printed) < 1, name
    assert found["inception_3a"].output == (256, 28, 28)


STAGES = {
    "resnet18": [(147_968, 462_422_016), (525_568, 411_041_792), (2_099_712, 411_041_792), (8_393_728, 411_041_792)],
    "resnet34": [
        (221_952, 693_633_024), (1_116_416, 873_463_808), (6_822_400, 1_335_885_824), (13_114_368, 642_252_800),
    ],
    "resnet50": [
        (215_808, 667_942_912), (1_219_584, 950_534_144), (7_098_368, 1_387_266_048), (14_964_736, 732_168_192),
    ],
    "resnet101": [
        (215_808, 667_942_912), (1_219_584, 950_534_144), (26_090_496, 5_099_487_232), (14_964_736, 732_168_192),
    ],
    "resnet152": [
        (215_808, 667_942_912), (2_339_840, 1_823_997_952), (40_613_888, 7_938_244_608), (14_964_736, 732_168_192),
    ],
}  # fmt: skip


@pytest.mark.parametrize("net", STAGES)
def test_the_stages_of_resnet(net: str) -> None:
    lines = describe(net).lines
    for stage, (parameters, macs) in enumerate(STAGES[net], 2):
        own = [line for line in lines if line.name.startswith(f"conv{stage}_")]
        assert (sum(line.parameters for line in own), sum(line.macs for line in own)) == (parameters, macs)


def test_the_152_layers_have_three_eight_thirtysix_three_blocks() -> None:
    names = [line.name for line in describe("resnet152").lines]
    assert [sum(name.startswith(f"conv{stage}_") for name in names) for stage in (2, 3, 4, 5)] == [3, 8, 36, 3]


DENSE = {
    "densenet121": [335_040, 33_280, 919_680, 132_096, 2_837_760, 526_336, 2_158_080],
    "densenet169": [335_040, 33_280, 919_680, 132_096, 4_316_160, 821_760, 5_913_600],
    "densenet201": [335_040, 33_280, 919_680, 132_096, 8_071_680, 1_609_216, 6_978_560],
    "densenet264": [335_040, 33_280, 919_680, 132_096, 12_892_160, 2_658_816, 13_662_720],
}


@pytest.mark.parametrize("net", DENSE)
def test_the_blocks_of_densenet(net: str) -> None:
    found = [line.parameters for line in describe(net).lines if line.name.startswith(("block", "transition"))]
    assert found == DENSE[net]


def test_the_global_average_saves_the_first_linear_layer() -> None:
    found = rows("gap_cnn")
    assert (found["pool3"].output, found["fc4"].parameters, found["fc5"].parameters) == ((128, 7, 7), 64_500, 5_010)
    flattened = describe("gap_cnn").parameters - 64_500 + (128 * 7 * 7 * 500 + 500)
    assert flattened == 3_398_534


def test_lenet5_by_max_pooling_has_no_coefficients() -> None:
    assert describe("lenet5_maxpool").parameters == describe("lenet5_modern").parameters
    assert rows("lenet5_maxpool")["s2"].kind == "max_pool"
