"""Receptive fields: the published ones, and those of the table against what a gradient really reaches."""

from collections.abc import Iterator

import pytest
import torch
from torch import nn

from striate.layers import LocalResponseNorm, PaddedIdentity, chain, concat, conv, max_pool, residual, same_pad
from striate.layers.fields import Field, Span
from striate.layers.trace import Row, trace
from striate.nets import CATALOGUE, find
from striate.table import Line, largest_field, table

BRANCHING = ("ResNet", "DenseNet", "GoogLeNet", "ResNeXt", "SENet", "EfficientNet")
QUICK = (
    "googlenet", "googlenet_bn", "resnet20_cifar", "resnet18", "resnet18_a", "resnet50_v1_5", "densenet40_k12_cifar",
    "se_resnet18_small", "efficientnet_b0_small", "efficientnet_lite0", "alexnet", "mobilenet_v1_025", "lenet5_modern",
)  # fmt: skip
TOO_DEEP = ("resnet1202_cifar",)


def sizes(name: str, *rows: str) -> list[int]:
    declared = find(name).architecture()
    found = {line.name: line.receptive_field for line in table(trace(declared.sketch(), declared.input))}
    return [found[row] for row in rows]


def test_the_published_fields() -> None:
    alexnet = sizes("alexnet", "conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5", "fc6")
    assert alexnet == [11, 19, 51, 67, 99, 131, 163, 195, 355]  # 355 is FCN's Table 1
    assert sizes("vgg16", "pool1", "pool2", "pool3", "pool4", "pool5", "fc6") == [6, 16, 44, 100, 212, 404]  # 404 too
    assert sizes("lenet5", "c1", "s2", "c3", "s4", "c5") == [5, 6, 14, 16, 32]
    assert sizes("zfnet", "conv1", "pool1", "conv2", "pool2", "conv5", "pool5", "fc6") == [7, 11, 27, 43, 139, 171, 331]
    assert sizes("googlenet", "pool5") == [907]  # FCN's Table 1 again


@pytest.mark.parametrize(("name", "field"), [("resnet18", 435), ("resnet34", 899), ("resnet50", 483)])
def test_the_last_convolutions_of_residual_networks(name: str, field: int) -> None:
    declared = find(name).architecture()
    assert largest_field(table(trace(declared.sketch(), declared.input))) == field
    assert sizes(name, "conv5_2" if name == "resnet18" else "conv5_3") == [field]


class Ones(nn.Module):
    """In the place of a gate: a factor of one."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.new_ones(x.shape[0], x.shape[1], 1, 1)


def positive(network: nn.Module) -> nn.Module:
    """The network in float64 with positive weights, means for maxima, and nothing that could hide or widen a way."""
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.MaxPool2d):
                setattr(module, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding, child.ceil_mode))
            elif isinstance(child, LocalResponseNorm | nn.ReLU6):  # 6 would cut the gradient off
                setattr(module, name, nn.Identity())
            elif type(child).__name__ == "SqueezeExcite":
                setattr(module, name, Ones())
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.fill_(1 / module.weight[0].numel())
                if module.bias is not None:
                    module.bias.zero_()
    return network.double().eval()


def reached(part: nn.Module, shape: tuple[int, ...], unit: int) -> tuple[int, int]:
    """The first and the last row of pixels that one unit's gradient reaches."""
    x = torch.ones(1, *shape, dtype=torch.float64, requires_grad=True)
    out = part(x)
    out[0, :, unit, out.shape[3] // 2].sum().backward()
    rows = x.grad[0].abs().sum((0, 2)).nonzero().flatten()
    return int(rows[0]), int(rows[-1])


def agrees(name: str) -> None:
    """The last row of the backbone, on an input that is taller than its field."""
    declared = find(name).architecture()
    first = trace(declared.sketch().split().features, declared.input)
    jump = int(first.children[-1].sees.height.jump)
    height = -(-(first.children[-1].sees.height.size + 6 * jump) // jump) * jump + jump // 2 + 1
    width = 96 if declared.input[1] > 64 else 32
    shape = (declared.input[0], height, width)
    network = positive(declared.create(input=shape, classes=2))
    part = network.split().features
    sees = trace(part, shape).children[-1].sees
    assert sees is not None
    span: Span = sees.height
    unit = -int(span.low // span.jump)  # the first whose field lies within the picture
    low, high = (int(edge + unit * span.jump) for edge in (span.low, span.high))
    assert high < height
    assert reached(part, shape, unit) == (low, high)


@pytest.mark.parametrize("name", QUICK)
def test_the_table_agrees_with_what_a_gradient_reaches(name: str) -> None:
    agrees(name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name, entry in CATALOGUE.items() if entry.family in BRANCHING and name not in TOO_DEEP]
)
def test_the_table_agrees_with_what_a_gradient_reaches_on_every_branching_network(name: str) -> None:
    agrees(name)


@pytest.mark.parametrize("unit", [0, 3])
@pytest.mark.parametrize(
    "layer",
    [
        chain(one=conv(4, 3, stride=2), two=conv(4, 5, pad=2), three=conv(4, 1, stride=2)),
        chain(one=conv(4, 3), two=residual(conv(4, 3, pad=1)), three=residual(conv(4, 5, pad=2))),
        chain(one=concat(a=conv(2, 1), b=chain(conv(2, 3, pad=1), conv(2, 3, pad=1)), c=max_pool(3, stride=1, pad=1))),
        chain(one=same_pad(3, 2), two=conv(3, 3, stride=2), three=lambda shape: PaddedIdentity(2, 2)),
        chain(one=lambda shape: nn.Conv2d(3, 4, 3, dilation=3), two=max_pool(2)),
    ],
)
def test_every_kind_of_join_window_and_padding_agrees_with_a_gradient(layer: object, unit: int) -> None:
    network = positive(layer((3, 61, 61)))
    span = trace(network, (3, 61, 61)).sees.height
    low, high = (int(edge + unit * span.jump) for edge in (span.low, span.high))
    assert reached(network, (3, 61, 61), unit) == (max(0, low), min(60, high))


def test_the_shortest_way_is_that_of_the_shortcut() -> None:
    row = trace(residual(conv(3, 7, pad=3))((3, 20, 20)), (3, 20, 20))
    assert (row.sees.height.size, row.sees.height.least) == (7, 1)


def test_height_and_width_are_told_apart() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, (1, 7)), nn.MaxPool2d((3, 1), (2, 1)))
    line = table(trace(network, (3, 30, 40)))[-1]
    assert (line.receptive_field, line.jump, line.centre) == ((3, 7), (2, 1), (1.5, 3.5))


def rows_called(row: Row, name: str) -> list[Row]:
    return [each for child in row.children for each in ([child] if child.name == name else rows_called(child, name))]


@pytest.mark.parametrize("name", ["se_resnet50", "se_vgg16_bn", "se_googlenet", "se_mobilenet_v1", "efficientnet_b0"])
def test_a_gate_sees_everything_and_leaves_its_maps_as_they_were(name: str) -> None:
    declared = find(name).architecture()
    whole = trace(declared.sketch(), declared.input)
    gates = rows_called(whole, "gate")
    assert gates
    assert all(gate.gate and gate.sees.whole for gate in gates)
    behind = next(child for child in whole.children if rows_called(child, "gate"))
    assert not behind.gate
    assert not behind.sees.whole
    assert {line.receptive_field for row in table(whole) for line in row.children if line.name == "gate"} <= {"global"}


def test_a_gates_support_is_the_whole_picture() -> None:
    from striate.layers import gated, squeeze_excite

    network = gated(conv(16, 3, pad=1), squeeze_excite(4))((3, 40, 40)).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
    x = torch.rand(1, 3, 40, 40, dtype=torch.float64, requires_grad=True)
    network(x)[0, 0, 20, 20].backward()
    assert (x.grad != 0).all()


def test_a_foreign_gate_is_found_too() -> None:
    import torchvision

    whole = trace(torchvision.models.efficientnet_b0(weights=None), (3, 64, 64))
    assert len([row for row in rows_called(whole, "scale_activation") if row.gate]) == 16
    assert whole.sees is not None


@pytest.mark.parametrize(
    ("gated", "field"),
    [
        ("legacy_seresnet50", 483),  # of ResNet-50 with its stride in the first convolution of a block
        ("seresnet50", 427),  # of torchvision's resnet50
        ("ecaresnet50d", 431),  # the same with 3x3 convolutions in the place of the first 7x7
        ("mobilenetv3_small_100", 639),  # of torchvision's mobilenet_v3_small, whose head has linear layers
    ],
)
def test_convolutions_of_a_foreign_gate_are_global_and_widen_nothing(gated: str, field: int) -> None:
    import timm

    with torch.device("meta"):
        network = timm.create_model(gated)
    lines = table(trace(network, (3, 224, 224)))
    gates = [each for line in lines for each in inner(line) if each.name in ("se", "se_module")]
    convolutions = [each for gate in gates for each in gate.leaves() if each.kind == "conv"]
    assert convolutions
    assert {each.receptive_field for each in convolutions} == {"global"}
    assert largest_field(lines) == field


def inner(line: Line) -> Iterator[Line]:
    yield line
    for child in line.children:
        yield from inner(child)


@pytest.mark.parametrize(("twin", "field"), [("resnet50", 427), ("mobilenet_v3_small", 639)])
def test_torchvisions_networks_see_as_far_as_their_twins(twin: str, field: int) -> None:
    import torchvision

    network = torchvision.models.get_model(twin, weights=None)
    assert largest_field(table(trace(network, (3, 224, 224)))) == field


def test_a_head_of_1x1_convolutions_is_linear_layers_and_not_the_widest_convolution() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 8, 1), nn.Flatten())
    lines = table(trace(network, (3, 20, 20)))
    assert lines[2].receptive_field == 20
    assert largest_field(lines) == 3


def test_an_operation_without_a_known_field_says_nothing() -> None:
    class Odd(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.pixel_shuffle(x, 2)

    line = table(trace(nn.Sequential(nn.Conv2d(3, 8, 3), Odd()), (3, 20, 20)))[-1]
    assert line.receptive_field is None
    assert Field().height.size == 1
