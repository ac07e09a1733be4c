"""What each paper says of its network and a test can ask: structure, first weights, small laws."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from striate.architecture import Architecture
from striate.data.views import normalised
from striate.initialise import fan_in, materialise, normal
from striate.layers import PaddedIdentity, SqueezeExcite, chain, dense, norm_relu_conv, padded_identity
from striate.layers.trace import trace
from striate.nets import CATALOGUE, find
from striate.nets.googlenet import inception, inception_naive
from striate.nets.resnet import basic, option_b, resnet_cifar
from striate.nets.vgg import D, vgg


def architecture(name: str) -> Architecture:
    return find(name).architecture()


def built(layer: object, shape: tuple[int, ...], seed: int = 0) -> nn.Module:
    from striate.initialise import he_normal

    with torch.device("meta"):
        module = layer(shape)
    materialise(module, he_normal, seed)
    return module.eval()


# AlexNet, ZFNet


def test_alexnet_groups_and_dropout_stand_where_the_paper_puts_them() -> None:
    network = architecture("alexnet").sketch()
    groups = {name: module.groups for name, module in network.named_modules() if isinstance(module, nn.Conv2d)}
    assert groups == {"conv1.conv": 1, "conv2.conv": 2, "conv3.conv": 1, "conv4.conv": 2, "conv5.conv": 2}
    dropped = [name for name, module in network.named_modules() if isinstance(module, nn.Dropout)]
    assert dropped == ["drop6", "drop7"]
    assert list(dict(network.named_children()))[:6] == ["conv1", "norm1", "pool1", "conv2", "norm2", "pool2"]
    assert (network.norm1.size, network.norm1.k, network.norm1.alpha, network.norm1.beta) == (5, 2.0, 1e-4, 0.75)
    assert network.fc6.linear.in_features == 9216


def test_caffenet_pools_before_it_normalises() -> None:
    assert list(dict(architecture("caffenet").sketch().named_children()))[:6] == [
        "conv1", "pool1", "norm1", "conv2", "pool2", "norm2",
    ]  # fmt: skip


def test_alexnets_first_weights_are_section_fives() -> None:
    network = architecture("alexnet").create(classes=10, input=(3, 99, 99))
    ones = {name for name, each in network.named_parameters() if name.endswith("bias") and (each == 1).all()}
    zeros = {name for name, each in network.named_parameters() if name.endswith("bias") and (each == 0).all()}
    assert ones == {"conv2.conv.bias", "conv4.conv.bias", "conv5.conv.bias", "fc6.linear.bias", "fc7.linear.bias"}
    assert zeros == {"conv1.conv.bias", "conv3.conv.bias", "fc8.bias"}
    for name, each in network.named_parameters():
        if name.endswith("weight"):
            assert each.std().item() == pytest.approx(0.01, rel=0.05), name


# VGG


def first_loss(initialise: object) -> float:
    """Cross-entropy of VGG-16's first answers to noise of the paper's pixel scale."""
    with torch.device("meta"):
        network = vgg(1000, D)((3, 64, 64))
    materialise(network, initialise, seed=0)
    torch.manual_seed(0)
    pixels = torch.randint(0, 256, (4, 3, 64, 64)).float() - 118
    with torch.no_grad():
        return F.cross_entropy(network.eval()(pixels), torch.arange(4)).item()


def test_vggs_printed_first_weights_diverge_and_glorots_do_not() -> None:
    declared = architecture("vgg16")
    assert any("variance" in text for text in declared.recipe.disputed)
    assert first_loss(normal(0.1)) > 1e6
    assert first_loss(declared.initialise) < 2 * math.log(1000)


def test_vgg_stacks_differ_by_the_rows_of_table_one() -> None:
    c, d, e = (set(architecture(name).sketch().state_dict()) for name in ("vgg16_c", "vgg16", "vgg19"))
    assert c == d
    assert {key.split(".")[0] for key in e - d} == {"conv3_4", "conv4_4", "conv5_4"}
    small = architecture("vgg16_c").sketch().get_submodule("conv3_3.conv")
    assert small.kernel_size == (1, 1)


# GoogLeNet


def test_the_naive_module_costs_three_times_the_reduced_one() -> None:
    reduced = trace(built(inception(128, 64, 192, 64, 96, 64), (256, 28, 28)), (256, 28, 28))
    naive = trace(built(inception_naive(128, 64, 192, 64, 96, 64), (256, 28, 28)), (256, 28, 28))
    assert (naive.macs, naive.output) == (854_196_224, (672, 28, 28))
    assert (reduced.macs, reduced.output) == (271_351_808, (480, 28, 28))


def test_googlenets_auxiliary_classifiers_are_the_papers() -> None:
    declared = architecture("googlenet")
    heads = declared.sketch_heads()
    sizes = {name: sum(each.numel() for each in head.parameters()) for name, head in heads.items()}
    assert sizes == {"aux1": 3_188_840, "aux2": 3_190_888}
    assert {each.row: each.loss_weight for each in declared.auxiliaries} == {"inception_4a": 0.3, "inception_4d": 0.3}
    assert all(head.drop.p == 0.7 for head in heads.values())
    assert trace(heads["aux1"], (512, 14, 14)).children[0].output == (512, 4, 4)


def test_the_heads_share_the_networks_pass_and_weights() -> None:
    declared = architecture("googlenet")
    network = declared.create(classes=7)
    headed = declared.with_heads(network, seed=3).eval()
    x = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        scores = headed(x)
        assert torch.equal(scores.main, network(x))
        inside = network.until("inception_4a")(x)
        assert torch.equal(scores.auxiliary["aux1"], headed.heads["aux1"](inside))
    assert {name: tuple(each.shape) for name, each in scores.auxiliary.items()} == {"aux1": (2, 7), "aux2": (2, 7)}
    assert headed.network is network


# ResNet, DenseNet


def test_option_a_is_the_strided_identity_with_zeros() -> None:
    shortcut = padded_identity(16, 2)((6, 9, 9))
    assert isinstance(shortcut, PaddedIdentity)
    assert not list(shortcut.parameters())
    x = torch.randn(2, 6, 9, 9)
    out = shortcut(x)
    assert torch.equal(out[:, :6], x[:, :, ::2, ::2])
    assert not out[:, 6:].any()
    assert out.shape == (2, 16, 5, 5)
    assert isinstance(padded_identity(6, 1)((6, 9, 9)), nn.Identity)
    with pytest.raises(ValueError, match="cannot make 4 channels of 6"):
        padded_identity(4, 1)((6, 9, 9))


def test_resnet20_with_projections_has_other_parameters() -> None:
    other = built(resnet_cifar(10, basic(option_b), 3), (3, 32, 32))
    assert sum(each.numel() for each in other.parameters()) == 272_474


def test_blocks_without_their_last_factor_are_the_identity() -> None:
    network = architecture("resnet18").create(classes=2, input=(3, 64, 64)).eval()
    x = torch.rand(2, 64, 8, 8)
    with torch.no_grad():
        for name in ("conv2_1", "conv2_2"):
            network.get_submodule(f"{name}.body.1.norm").weight.zero_()
            assert torch.equal(network.get_submodule(name)(x), x)


@pytest.mark.parametrize("n", [3, 5, 7, 9, 18])
def test_the_depth_is_six_n_plus_two(n: int) -> None:
    network = architecture(f"resnet{6 * n + 2}_cifar").sketch()
    weighted = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    assert len(weighted) == 6 * n + 2


def test_a_dense_block_contains_its_input() -> None:
    block = built(chain(*(dense(norm_relu_conv(12, 3, pad=1)) for _ in range(4))), (16, 8, 8))
    x = torch.randn(2, 16, 8, 8)
    out = block(x)
    assert out.shape == (2, 16 + 4 * 12, 8, 8)
    assert torch.equal(out[:, :16], x)


def test_densenet_bc_100_has_the_papers_channels() -> None:
    network = architecture("densenet100_k12_bc_cifar").sketch()
    rows = ("conv1", "block1", "transition1", "block2", "transition2", "block3")
    children = {row.name: row.output[0] for row in trace(network, (3, 32, 32)).children}
    assert [children[row] for row in rows] == [24, 216, 108, 300, 150, 342]


# MobileNet, SENet


def test_depthwise_filters_mix_no_channels_and_pointwise_ones_see_one_pixel() -> None:
    network = architecture("mobilenet_v1").sketch()
    for name, module in network.named_modules():
        if name.endswith("depthwise.conv"):
            assert module.groups == module.in_channels == module.out_channels
        if name.endswith("pointwise.conv"):
            assert (module.kernel_size, module.groups) == ((1, 1), 1)
    last = network.get_submodule("sep13.depthwise.conv")
    assert last.stride == (1, 1), "the printed s2 keeps 7x7"


@pytest.mark.parametrize(("size", "macs"), [(192, 418_121_728), (160, 290_675_200), (128, 186_400_768)])
def test_the_resolution_multiplier_is_the_input(size: int, macs: int) -> None:
    declared = architecture("mobilenet_v1")
    assert trace(declared.sketch(input=(3, size, size)), (3, size, size)).macs == macs


def test_a_gate_is_between_zero_and_one_and_follows_a_permutation_of_channels() -> None:
    gate = built(lambda shape: SqueezeExcite(shape[0], 4, nn.ReLU()), (16, 5, 5))
    x = torch.randn(3, 16, 5, 5)
    out = gate(x)
    assert ((out > 0) & (out < 1)).all()
    order = torch.randperm(16)
    with torch.no_grad():
        gate.reduce.weight.copy_(gate.reduce.weight[:, order])
        gate.expand.weight.copy_(gate.expand.weight[order])
        gate.expand.bias.copy_(gate.expand.bias[order])
    torch.testing.assert_close(gate(x[:, order]), out[:, order])


@pytest.mark.parametrize("ratio", [(2, 45_699_240), (4, 35_635_688), (8, 30_603_912), (32, 26_830_080)])
def test_the_reduction_ratio_moves_the_parameters_as_in_the_paper(ratio: tuple[int, int]) -> None:
    from striate.layers import squeeze_excite
    from striate.nets.resnet import R50, bottleneck, resnet

    r, parameters = ratio
    with torch.device("meta"):
        network = resnet(1000, bottleneck(option_b, squeeze_excite(r)), R50)((3, 224, 224))
    assert sum(each.numel() for each in network.parameters()) == parameters


# All of them


SMALLER = {"AlexNet": 96, "ZFNet": 96}


@pytest.mark.parametrize("name", [name for name in CATALOGUE if "1202" not in name and "naive" not in name])
def test_first_answers_to_the_papers_pixels_are_finite(name: str) -> None:
    declared = architecture(name)
    entry = CATALOGUE[name]
    size = min(declared.input[1], SMALLER.get(entry.family, 64))
    shape = (declared.input[0], size, size) if declared.input[1] > 64 else declared.input
    torch.manual_seed(0)
    pixels = torch.randint(0, 256, (2, *shape), dtype=torch.uint8)
    network = declared.create(classes=5, input=shape).train()
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    answer = network(normalised(pixels, declared.recipe.view))
    assert answer.isfinite().all()
    loss = F.cross_entropy(answer, torch.tensor([0, 1]))
    assert loss.item() < 150, "the first loss is of the order of a guess"
    loss.backward()
    assert all(each.grad is not None and each.grad.isfinite().all() for each in network.parameters())


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "mobilenet_v1_050", "se_resnet18_small"])
def test_hes_first_weights_have_the_variance_of_fan_in(name: str) -> None:
    network = architecture(name).create(classes=5, input=(3, 64, 64))
    for path, module in network.named_modules():
        if isinstance(module, nn.Conv2d) and module.weight.numel() > 20_000:
            assert module.weight.std().item() == pytest.approx((2 / fan_in(module)) ** 0.5, rel=0.05), path


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name.endswith("_small") or name.endswith("_cifar")])
@pytest.mark.parametrize("size", [28, 64])
def test_small_variants_take_28_to_64_pixels_of_any_colours(name: str, size: int) -> None:
    if "1202" in name:
        pytest.skip("the same table as the other CIFAR networks, a minute longer")
    declared = architecture(name)
    for channels in (1, 3):
        shape = (channels, size, size)
        assert trace(declared.sketch(input=shape, classes=4), shape).output == (4,)


@pytest.mark.parametrize(
    "family", sorted({entry.family for entry in CATALOGUE.values()} - {"LeNet", "DeepConvNet", "GAP"})
)
def test_every_family_has_a_network_for_small_pictures(family: str) -> None:
    small = [entry for entry in CATALOGUE.values() if entry.family == family and entry.input[1] <= 64]
    assert small
    for entry in small:
        if entry.name.endswith("_small"):
            assert "28 to 64" in entry.architecture().variant, "what differs is stated"


def test_resnet9_is_the_network_of_its_source_code() -> None:
    """dawn_utils.py's graph, written out here in PyTorch's own modules."""

    def unit(inside: int, outside: int) -> nn.Sequential:
        conv = nn.Conv2d(inside, outside, 3, padding=1, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(outside), nn.ReLU())

    class Source(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.prep, self.layer1 = unit(3, 64), unit(64, 128)
            self.res1_1, self.res1_2 = unit(128, 128), unit(128, 128)
            self.layer2, self.layer3 = unit(128, 256), unit(256, 512)
            self.res3_1, self.res3_2 = unit(512, 512), unit(512, 512)
            self.linear = nn.Linear(512, 10, bias=False)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = F.max_pool2d(self.layer1(self.prep(x)), 2)
            x = x + self.res1_2(self.res1_1(x))
            x = F.max_pool2d(self.layer3(F.max_pool2d(self.layer2(x), 2)), 2)
            x = x + self.res3_2(self.res3_1(x))
            return 0.125 * self.linear(F.max_pool2d(x, 4).flatten(1))

    source, network = Source().eval(), find("resnet9").architecture().create(seed=1).eval()
    ours = network.state_dict()
    source.load_state_dict(dict(zip(source.state_dict(), ours.values(), strict=True)))
    x = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(source(x), network(x))
