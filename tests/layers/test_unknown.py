"""Fields that are not known are not made up, and what is known is true."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from striate.layers.compose import output_shape
from striate.layers.trace import Row, trace, trace_memory
from striate.table import Line, table


class Does(nn.Module):
    """A convolution and what a function makes of the picture and the convolution."""

    def __init__(self, make: Any, inner: nn.Module | None = None) -> None:
        super().__init__()
        self.inner = inner or nn.Conv2d(3, 3, 3, padding=1)
        self.make = make

    def forward(self, x: Tensor) -> Any:
        return self.make(x, self.inner(x))


def field(make: Any, inner: nn.Module | None = None, shape: tuple[int, ...] = (3, 16, 16)) -> Any:
    return table(Row("", nn.Identity(), children=[trace(Does(make, inner), shape)]))[0]


@pytest.mark.parametrize(
    "make",
    [
        lambda x, y: x + F.interpolate(F.avg_pool2d(y, 2), scale_factor=2.0),
        lambda x, y: torch.cat([x, F.pixel_shuffle(y.repeat(1, 4, 1, 1), 2)[:, :, :16, :16]], 1),
        lambda x, y: y.flip(3),
        lambda x, y: y.cumsum(2),
        lambda x, y: F.layer_norm(y, y.shape[1:]),
        lambda x, y: torch.roll(y, 1, 2),
        lambda x, y: y.softmax(3),
        lambda x, y: torch.cat([x, y], 2),
    ],
)
def test_what_is_not_known_stays_unknown(make: Any) -> None:
    assert field(make).receptive_field is None


def test_memory_that_is_written_in_part_is_not_known() -> None:
    def make(x: Tensor, y: Tensor) -> Tensor:
        out = x.new_zeros(x.shape)
        out[:, :, ::2] = y[:, :, :8]
        return x + out

    assert field(make).receptive_field is None


@pytest.mark.parametrize(
    "make",
    [
        lambda x, y: F.layer_norm(y.permute(0, 2, 3, 1), (3,)).permute(0, 3, 1, 2),
        lambda x, y: y.view(1, 3, 1, 16, 16).transpose(1, 2).flatten(1, 2),
        lambda x, y: torch.cat(y.split(1, 1), 1),
        lambda x, y: F.leaky_relu(F.prelu(y, torch.ones(1, device="meta"))),
        lambda x, y: y.flip(1).softmax(1),
        lambda x, y: torch.stack([x, y], 1).sum(1),
        lambda x, y: x + y,
    ],
)
def test_what_leaves_units_in_place_keeps_the_field(make: Any) -> None:
    assert field(make).receptive_field == 3


def test_a_maximum_over_the_whole_map_sees_all_of_it() -> None:
    assert field(lambda x, y: F.adaptive_max_pool2d(y, 1)).receptive_field == 18


def test_turning_a_map_turns_its_field() -> None:
    wide = nn.Conv2d(3, 3, (1, 7), padding=(0, 3))
    assert field(lambda x, y: y, wide).receptive_field == (1, 7)
    assert field(lambda x, y: y.transpose(2, 3), wide).receptive_field == (7, 1)


def reached(make: Any, unit: int, size: int) -> list[int]:
    x = torch.ones(1, 1, size, size, requires_grad=True)
    make(x)[0, 0, unit].sum().backward()
    return x.grad[0, 0].abs().sum(1).nonzero().flatten().tolist()


def test_a_transposed_convolution_begins_in_its_padding() -> None:
    network = nn.Sequential(nn.ConvTranspose2d(1, 1, 4, 2, 1))
    line = table(trace(network, (1, 8, 8)))[0]
    assert (line.receptive_field, line.jump, line.centre) == (2, 0.5, 0.0)
    network[0].weight.data.fill_(1)
    assert reached(network, 4, 8) == [1, 2]  # rows -1 and 0, four halves further on


def test_a_slice_from_the_end_is_where_it_is() -> None:
    assert field(lambda x, y: x[:, :, -5:, -5:]).centre == 11.5
    assert field(lambda x, y: x[:, :, -50:, -50:]).centre == 0.5


def test_the_largest_window_of_an_adaptive_pool_counts() -> None:
    line = field(lambda x, y: F.adaptive_avg_pool2d(x, 4), shape=(3, 7, 7))
    assert line.receptive_field == 3
    assert len(reached(lambda x: F.adaptive_avg_pool2d(x, 4), 1, 7)) == 3


FOREIGN = (
    "squeezenet1_1", "shufflenet_v2_x1_0", "mobilenet_v2", "mobilenet_v3_small", "regnet_y_400mf", "convnext_tiny",
    "inception_v3", "densenet121", "resnet50",
)  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_every_convolution_of_the_classic_networks_has_a_field(name: str) -> None:
    import torchvision

    options = {"init_weights": False, "aux_logits": False} if name == "inception_v3" else {}
    network = torchvision.models.get_model(name, weights=None, **options)
    lines = table(trace(network, (3, 299, 299)))
    found = [each for row in lines for each in row.leaves() if each.kind == "conv" and each.output]
    assert found
    assert all(each.receptive_field is not None for each in found)


def test_one_channel_that_becomes_many_is_followed_to_the_end() -> None:
    network = nn.Sequential(nn.Conv2d(1, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2))
    assert table(trace(network, (1, 8, 8)))[-1].receptive_field == 8


def test_padding_around_a_single_unit_is_followed() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 8), nn.ZeroPad2d(1), nn.Conv2d(8, 8, 3))
    assert table(trace(network, (3, 8, 8)))[-1].receptive_field == 10


def test_a_gate_on_a_single_unit_is_a_gate() -> None:
    from striate.nets import find

    declared = find("se_resnet50").architecture()
    found = trace_memory(declared.sketch(input=(3, 32, 32)), (3, 32, 32))
    assert found.depth == 50
    assert table(found.whole)[-4].name == "conv5_3"
    assert {each.receptive_field for each in table(found.whole)[-4].children if each.name == "gate"} == {"global"}


def test_a_product_of_two_maps_is_no_gate() -> None:
    class Product(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 1)

        def forward(self, x: Tensor) -> Tensor:
            pooled = x.mean((2, 3), keepdim=True)
            return self.one(x) * self.two(x[:, :, 1:-1, 1:-1]) + self.two(pooled) * self.two(pooled)

    assert not any(row.gate for row in trace(Product(), (3, 9, 9)).children)


def test_a_linear_layer_that_does_not_fit_says_so() -> None:
    with pytest.raises(RuntimeError, match="192"):
        trace(nn.Sequential(nn.Flatten(), nn.Linear(768, 10)), (3, 8, 8))


def test_the_number_type_is_that_of_the_operands_together() -> None:
    from striate.layers.meta import MetaMode

    with MetaMode():
        x, mask = torch.empty(2, 3, device="meta"), torch.empty(2, 3, dtype=torch.bool, device="meta")
        assert torch.where(mask, x, torch.zeros((), device="meta")).dtype == torch.float32
        assert (mask * x).dtype == torch.float32
        assert (x > 0).dtype == torch.bool
        assert x.mean(dim=None, keepdim=True).shape == (1, 1)
        assert x.mean(dim=[]).shape == ()


def test_other_peoples_names_are_their_own() -> None:
    class Priced(nn.Module):
        macs = 5
        WINDOW = "hann"
        bias = False

        def output_shape(self) -> str:
            return "none of ours"

        def forward(self, x: Tensor) -> Tensor:
            return x

    assert output_shape(Priced(), (3, 4, 4)) == (3, 4, 4)
    row = trace(nn.Sequential(Priced()), (3, 4, 4))
    assert row.macs == 0
    line: Line = table(row)[0]
    assert (line.kernel, line.bias) == (None, False)


class Remembers(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        self.seen = x
        return x


@pytest.mark.parametrize("make", [lambda: nn.Sequential(nn.ReLU(), Remembers()), lambda: nn.Conv2d(3, 3, 1)])
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_tracing_changes_nothing_of_the_module(make: Any, device: str) -> None:
    network = make().to(device).train()
    list(network.modules())[-1].eval()
    before = [(each.training, set(each.__dict__)) for each in network.modules()]
    trace_memory(network, (3, 8, 8))
    assert [(each.training, set(each.__dict__)) for each in network.modules()] == before
    assert not any(each._forward_hooks or each._forward_pre_hooks for each in network.modules())
