"""The inspection table: its contract, its numbers against other counts, and the networks it takes."""

import json
import math
from pathlib import Path

import pytest
import torch
from torch import nn

from striate import Architecture, Misuse, describe
from striate.nets import CATALOGUE, find

TABLES = Path(__file__).parent.parent / "nets" / "tables"
NAMES = [name for name in CATALOGUE if name != "resnet1202_cifar"]


def hooked_macs(network: nn.Module, shape: tuple[int, ...]) -> int:
    """An independent count: hooks on the convolutions and linear layers, on shapes alone."""
    total = 0

    def count(module: nn.Module, _: object, out: torch.Tensor) -> None:
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += module.weight[0].numel() * math.prod(out.shape[1:])
        elif isinstance(module, nn.Linear):
            total += module.weight.numel()

    for module in network.modules():
        module.register_forward_hook(count)
    with torch.no_grad():
        network.eval()(torch.empty(1, *shape, device="meta"))
    return total


@pytest.mark.parametrize("name", NAMES)
def test_parameters_and_macs_are_those_of_other_counts(name: str) -> None:
    declared = find(name).architecture()
    found = describe(name)
    sketch = declared.sketch()
    assert found.parameters == sum(each.numel() for each in sketch.parameters())
    own = 150_000 + 840 if name == "lenet5" else 0  # the table of kernels, and the squared differences
    assert found.macs == hooked_macs(sketch, declared.input) + own
    assert found.parameters == sum(line.parameters for line in found.lines)
    assert found.macs == sum(line.macs for line in found.lines)


@pytest.mark.parametrize("name", NAMES)
def test_the_printed_table_is_the_golden_one(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    from striate.cli import run

    assert run(["describe", name]) == 0
    assert capsys.readouterr().out == (TABLES / f"{name}.txt").read_text(encoding="utf-8")


def test_every_table_belongs_to_a_network() -> None:
    assert {path.stem for path in TABLES.iterdir()} == set(NAMES)


def test_the_json_keys_are_the_contract() -> None:
    found = json.loads(json.dumps(describe("googlenet").as_json()))
    assert {
        "net", "input", "classes", "parameters", "heads", "trainable", "macs", "activation_bytes", "receptive_field",
        "rows", "facts",
    } <= found.keys()  # fmt: skip
    assert {"inference_peak", "training"} <= found["activation_bytes"].keys()
    assert found["heads"] == {"aux1": 3_188_840, "aux2": 3_190_888}
    assert found["parameters"] + sum(found["heads"].values()) == 13_378_280
    row = next(each for each in found["rows"] if each["name"] == "inception_3a")
    assert {
        "name", "kind", "kernel", "stride", "padding", "groups", "activation", "output", "parameters", "macs",
        "activation_bytes", "receptive_field", "receptive_field_min", "jump", "children",
    } <= row.keys()  # fmt: skip
    assert (row["receptive_field"], row["receptive_field_min"], row["jump"]) == (59, 27, 8)
    assert [child["name"] for child in row["children"]] == ["one", "three", "five", "pool"]
    assert {each["status"] for each in found["facts"]} == {"match", "disputed"}
    assert found["rows"][-1]["activation"] == "softmax (loss)"


def test_vgg16_is_the_notes_table() -> None:
    rows = {line.name: line for line in describe("vgg16").lines}
    weights = {name: line.parameters - line.output[0] for name, line in rows.items() if line.parameters}
    assert list(weights.values()) == [
        1_728, 36_864, 73_728, 147_456, 294_912, 589_824, 589_824, 1_179_648, 2_359_296, 2_359_296, 2_359_296,
        2_359_296, 2_359_296, 102_760_448, 16_777_216, 4_096_000,
    ]  # fmt: skip
    assert rows["conv1_1"].activation_bytes == 4 * 224 * 224 * 64  # the notes' 3.2M values
    assert rows["conv2_1"].activation_bytes == 4 * 112 * 112 * 128
    assert sum(line.activation_bytes for line in rows.values()) == 4 * (15_237_608 - 3 * 224 * 224)


def test_inception_3a_is_the_papers_row() -> None:
    row = next(line for line in describe("googlenet").lines if line.name == "inception_3a")
    assert (row.output, row.macs, row.parameters) == ((256, 28, 28), 128_049_152, 163_696)


def test_other_inputs_classes_and_batches() -> None:
    plain, other = describe("resnet18"), describe("resnet18", input=(3, 320, 256), classes=7, batch=4)
    assert (other.input, other.classes, other.batch) == ((3, 320, 256), 7, 4)
    assert other.lines[-1].output == (7,)
    assert other.receptive_field == plain.receptive_field
    assert not other.facts
    first, larger = plain.lines[0], other.lines[0]
    assert larger.macs * 224 * 224 == first.macs * 320 * 256, "of one picture"
    assert larger.activation_bytes == 4 * 4 * 64 * 160 * 128, "of the batch"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"input": (3, 20, 20)}, "row"),
        ({"classes": 0}, "cannot be built"),
        ({"batch": 0}, "batch of 0"),
        ({"input": (3, 224)}, "cannot be built"),
        ({"input": (3, 0, 0)}, "an input of 3x0x0"),
        ({"input": (3, 10**6, 10**6)}, "at most 1,000,000,000 values"),
        ({"input": (3, 10**22, 7)}, "at most 1,000,000,000 values"),
        ({"classes": 10**22}, "1 to 1,000,000 classes"),
        ({"batch": 10**22}, "1 to 1,000,000"),
        ({"batch": 10**6, "time": True}, "GB of memory; cpu has"),
    ],
)
def test_what_does_not_fit_is_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(Misuse, match=message):
        describe("alexnet", **options)


@pytest.mark.parametrize("shape", [(3, 0, 9), (3, 10**22, 9), (0,), (10**22,)])
def test_a_module_is_refused_shapes_without_sense(shape: tuple[int, ...]) -> None:
    with pytest.raises(Misuse, match="cannot be described on an input of"):
        describe(nn.Flatten(), input=shape)


def test_the_largest_that_is_allowed_comes_out_right() -> None:
    one, most = describe("lenet5_modern"), describe("lenet5_modern", batch=10**6)
    assert most.memory.produced == 10**6 * one.memory.produced
    assert most.memory.training == 10**6 * one.memory.training
    wide = describe("resnet18", input=(1000, 1000, 1000), classes=10**6, batch=10**6)
    assert wide.lines[0].macs == 500 * 500 * 64 * 1000 * 7 * 7
    assert wide.lines[-1].parameters == 513 * 10**6
    assert wide.lines[0].activation_bytes == 10**6 * 64 * 500 * 500 * 4


def test_any_module_has_a_table() -> None:
    import torchvision

    for name in ("resnet50", "inception_v3", "shufflenet_v2_x1_0", "squeezenet1_1", "convnext_tiny"):
        options = {"init_weights": False} if name == "inception_v3" else {}
        network = torchvision.models.get_model(name, weights=None, **options)
        found = describe(network, input=(3, 224, 224))
        assert found.parameters == sum(each.numel() for each in network.parameters()), name
        assert found.classes == 1000
        assert found.memory.inference_peak > 0
        json.dumps(found.as_json())
    with pytest.raises(Misuse, match="input shape"):
        describe(nn.Linear(3, 4))


def test_a_module_that_fails_on_its_input_says_why() -> None:
    with pytest.raises(Misuse, match="does not fit an input of 1x28x28"):
        describe(nn.Sequential(nn.Conv2d(3, 4, 3)), input=(1, 28, 28))
    maps = describe(nn.Conv2d(3, 4, 3), input=(3, 9, 9))
    assert (maps.classes, maps.output) == (None, (4, 7, 7))


def test_a_foreign_residual_network_agrees_with_ours_row_by_row() -> None:
    import torchvision

    theirs = describe(torchvision.models.resnet50(weights=None), input=(3, 224, 224))
    ours = describe("resnet50_v1_5")
    assert (theirs.parameters, theirs.macs, theirs.receptive_field) == (
        ours.parameters, ours.macs, ours.receptive_field,
    )  # fmt: skip
    assert theirs.memory.training == ours.memory.training
    assert theirs.memory.inference_peak == ours.memory.inference_peak
    stage = next(line for line in theirs.lines if line.name == "layer3")
    assert stage.receptive_field == next(line for line in ours.lines if line.name == "conv4_6").receptive_field


def test_what_cannot_train_on_a_single_value_says_nothing_of_training() -> None:
    assert describe("densenet121", input=(3, 32, 32)).memory.training is None
    assert describe("densenet121", input=(3, 32, 32), batch=2).memory.training > 0


def test_a_modules_weights_and_mode_stay_as_they_are() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()).half().train()
    before = [each.clone() for each in network.state_dict().values()]
    found = describe(network, input=(3, 9, 9), time=False)
    assert found.lines[0].activation_bytes == 4 * 4 * 49
    assert network.training
    assert next(network.parameters()).dtype == torch.float16
    assert all(torch.equal(one, other) for one, other in zip(before, network.state_dict().values(), strict=True))


def test_every_row_is_timed() -> None:
    found = describe("resnet20_cifar", batch=2, time=True)
    timing = found.timing
    assert timing is not None
    assert {line.name for line in found.lines} <= timing.rows.keys()
    assert "conv2_1.body.0.conv" in timing.rows
    assert all(seconds > 0 for seconds in timing.rows.values())
    assert timing.convolutions > 0
    assert found.as_json()["rows"][0]["milliseconds"] > 0
    assert all(line.bytes_moved >= line.activation_bytes for line in found.lines)


def test_an_architecture_of_ones_own_has_a_table() -> None:
    declared: Architecture = find("lenet5_modern").architecture()
    assert describe(declared, classes=3).lines[-1].output == (3,)


def test_a_folder_that_is_named_like_a_network_does_not_hide_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lenet5").mkdir()
    monkeypatch.chdir(tmp_path)
    assert describe("lenet5").parameters == 60_000
