"""The vocabulary: shapes, names, formulas."""

import copy
import pickle

import pytest
import torch
from torch import nn

from striate.initialise import he_normal, lecun_normal, materialise
from striate.layers import (
    Chain,
    Layer,
    avg_pool,
    chain,
    concat,
    conv,
    conv_norm,
    conv_norm_relu,
    conv_relu,
    depthwise,
    dropout,
    elu,
    flatten,
    gated,
    global_avg_pool,
    identity,
    linear,
    lrn,
    max_pool,
    mish,
    norm,
    output_shape,
    relu,
    residual,
    same_pad,
    scaled_tanh,
    selu,
    sigmoid,
    softplus,
    squeeze_excite,
    subsampling,
    swish,
)
from striate.layers.trace import trace


def built(layer: Layer, shape: tuple[int, ...]) -> nn.Module:
    """A layer with real weights, in evaluation mode."""
    with torch.device("meta"):
        module = layer(shape)
    materialise(module, he_normal, seed=0)
    return module.eval()


EVERYTHING = chain(
    conv1=conv_relu(8, 3, pad=1),
    pool1=max_pool(3, stride=2, ceil=True),
    mixed=concat(one=conv_relu(4, 1), three=chain(conv_relu(2, 1), conv_relu(6, 3, pad=1))),
    block=residual(chain(conv_norm_relu(10, 3, pad=1), conv_norm(10, 3, pad=1)), gate=squeeze_excite(2), then=relu()),
    down=residual(conv_norm(16, 3, stride=2, pad=1), conv_norm(16, 1, stride=2), then=relu()),
    squeezed=gated(chain(pad=same_pad(3, 2), depth=depthwise(3, stride=2), norm=norm()), squeeze_excite(4)),
    lrn=lrn(),
    avg=avg_pool(2),
    pool=global_avg_pool(),
    flatten=flatten(),
    drop=dropout(),
    fc=linear(7),
)


def test_the_remembered_shape_is_the_shape_that_comes_out() -> None:
    network = built(EVERYTHING, (3, 33, 47))
    assert network(torch.randn(2, 3, 33, 47)).shape == (2, 7)
    assert output_shape(network, (3, 33, 47)) == (7,)
    for name, out in network.taps(torch.randn(2, 3, 33, 47), *dict(network.named_children())).items():
        row = network.get_submodule(name)
        if hasattr(row, "output_shape"):
            assert tuple(out.shape[1:]) == row.output_shape, name


def test_state_dict_keys_read_like_the_figure() -> None:
    keys = built(EVERYTHING, (3, 33, 47)).state_dict().keys()
    assert {
        "conv1.conv.weight", "mixed.three.1.conv.weight", "block.body.0.conv.weight", "block.body.1.norm.running_var",
        "block.gate.reduce.weight", "down.shortcut.conv.weight", "squeezed.body.depth.weight", "fc.weight",
    } <= set(keys)  # fmt: skip


def test_every_module_survives_pickle_and_deepcopy() -> None:
    network = built(EVERYTHING, (3, 33, 47))
    x = torch.randn(1, 3, 33, 47)
    for twin in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network)):
        assert torch.equal(twin(x), network(x))


def test_a_wrong_layer_names_the_row_and_what_it_received() -> None:
    layer = chain(conv1=conv_relu(4, 3), deep=chain(pool=max_pool(2), conv2=conv(4, 9)))
    with pytest.raises(RuntimeError) as caught, torch.device("meta"):
        layer((1, 12, 12))
    assert caught.value.__notes__ == ["row conv2 received 4x5x5", "row deep received 4x10x10"]


def test_branches_of_different_size_do_not_join() -> None:
    with pytest.raises(ValueError, match=r"one 4x8x8, five 4x4x4"), torch.device("meta"):
        concat(one=conv(4, 1), five=conv(4, 5))((1, 8, 8))


def test_a_shortcut_of_another_shape_does_not_add() -> None:
    with pytest.raises(ValueError, match=r"body gives 4x8x8 but the shortcut 1x8x8"), torch.device("meta"):
        residual(conv(4, 1))((1, 8, 8))


def test_until_and_taps_give_the_inside() -> None:
    network = built(EVERYTHING, (3, 33, 47))
    assert isinstance(network, Chain)
    x = torch.randn(1, 3, 33, 47)
    tapped = network.taps(x, "pool1", "down")
    assert torch.equal(tapped["down"], network.until("down")(x))
    assert set(tapped) == {"pool1", "down"}
    for call in (lambda: network.until("nowhere"), lambda: network.taps(x, "nowhere")):
        with pytest.raises(KeyError, match="nowhere"):
            call()


def test_identity_residual_adds_its_input() -> None:
    network = built(residual(identity()), (3, 4, 4))
    x = torch.randn(1, 3, 4, 4)
    assert torch.equal(network(x), 2 * x)


def test_local_response_normalisation_follows_the_papers_formula() -> None:
    out = built(lrn(), (5, 1, 1))(torch.ones(1, 5, 1, 1)).flatten()
    expected = torch.tensor([0.594536673, 0.594514383, 0.594492094, 0.594514383, 0.594536673])
    torch.testing.assert_close(out, expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("size", [3, 4, 5])
def test_local_response_normalisation_is_pytorchs_with_alpha_times_the_size(size: int) -> None:
    ours = built(lrn(size, alpha=2e-3, beta=0.6, k=1.5), (7, 5, 4))
    theirs = nn.LocalResponseNorm(size, alpha=2e-3 * size, beta=0.6, k=1.5)
    x = torch.randn(3, 7, 5, 4, requires_grad=True)
    torch.testing.assert_close(ours(x), theirs(x))
    (mine,), (other,) = (torch.autograd.grad(each(x).square().sum(), x) for each in (ours, theirs))
    torch.testing.assert_close(mine, other)


def test_local_response_normalisation_keeps_the_number_type() -> None:
    module = built(lrn(), (7, 5, 4))
    x = torch.randn(3, 7, 5, 4) * 100
    low = module(x.bfloat16())
    assert low.dtype == torch.bfloat16
    torch.testing.assert_close(low.float(), module(x.bfloat16().float()), rtol=1e-2, atol=0.1)


def test_subsampling_sums_weighs_and_shifts() -> None:
    module = built(subsampling(), (2, 4, 4))
    with torch.no_grad():
        module.weight.copy_(torch.tensor([0.5, 2.0]))
        module.bias.copy_(torch.tensor([1.0, -1.0]))
    x = torch.arange(32.0).view(1, 2, 4, 4)
    sums = x.unfold(2, 2, 2).unfold(3, 2, 2).sum((-1, -2))
    torch.testing.assert_close(
        module(x), sums * torch.tensor([0.5, 2.0])[:, None, None] + torch.tensor([1.0, -1.0])[:, None, None]
    )


def test_scaled_tanh_is_one_at_one() -> None:
    values = built(scaled_tanh(), (4,))(torch.tensor([-2.0, -1.0, 1.0, 2.0]))
    torch.testing.assert_close(values, torch.tensor([-1.492939, -0.999997, 0.999997, 1.492939]), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "values"),
    [
        (sigmoid(), [0.119203, 0.268941, 0.731059, 0.880797]),
        (elu(), [-0.864665, -0.632121, 1.0, 2.0]),
        (selu(), [-1.520166, -1.111331, 1.050701, 2.101402]),
        (swish(), [-0.238406, -0.268941, 0.731059, 1.761594]),
        (mish(), [-0.252501, -0.303401, 0.865098, 1.943959]),
        (softplus(), [0.126928, 0.313262, 1.313262, 2.126928]),
    ],
    ids=["sigmoid", "elu", "selu", "swish", "mish", "softplus"],
)
def test_activations_have_the_values_of_their_formulas(layer: Layer, values: list[float]) -> None:
    found = built(layer, (4,))(torch.tensor([-2.0, -1.0, 1.0, 2.0]))
    torch.testing.assert_close(found, torch.tensor(values), rtol=0, atol=1e-6)


def test_lecuns_first_weights_keep_the_variance_that_comes_in() -> None:
    module = conv(256, 5)((64, 8, 8))
    materialise(module, lecun_normal, seed=0)
    assert float(module.weight.detach().std()) == pytest.approx((64 * 25) ** -0.5, rel=0.01)
    assert not module.bias.any()


def test_a_gate_without_weights_halves() -> None:
    network = built(gated(identity(), squeeze_excite(2)), (8, 3, 3))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    x = torch.randn(2, 8, 3, 3)
    torch.testing.assert_close(network(x), x / 2)


@pytest.mark.parametrize("size", [7, 8, 224])
@pytest.mark.parametrize("kernel", [3, 5])
def test_same_padding_keeps_size_over_stride_rounded_up_and_pads_below(size: int, kernel: int) -> None:
    with torch.device("meta"):
        pad = same_pad(kernel, 2)((1, size, size))
    left, right, top, bottom = pad.padding
    assert right - left in (0, 1)
    assert (left, right) == (top, bottom)
    assert (size + left + right - kernel) // 2 + 1 == -(-size // 2)


def test_a_linear_layer_asks_for_flatten() -> None:
    with pytest.raises(ValueError, match="flatten"), torch.device("meta"):
        linear(3)((1, 2, 2))


def hooked_macs(network: nn.Module, x: torch.Tensor) -> int:
    """An independent count: a hook on every convolution and linear layer, real tensors."""
    total = 0

    def count(module: nn.Module, _: object, out: torch.Tensor) -> None:
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += module.weight[0].numel() * out[0].numel()
        elif isinstance(module, nn.Linear):
            total += module.weight.numel()

    handles = [module.register_forward_hook(count) for module in network.modules()]
    network(x)
    for handle in handles:
        handle.remove()
    return total


def test_the_trace_counts_what_hooks_count_and_allocates_nothing() -> None:
    network = built(EVERYTHING, (3, 33, 47))
    whole = trace(network, (3, 33, 47))
    assert whole.macs == hooked_macs(network, torch.randn(1, 3, 33, 47))
    assert whole.parameters == sum(each.numel() for each in network.parameters())
    assert whole.macs == sum(row.macs for row in whole.children)
    assert all(parameter.is_meta for parameter in whole.module.parameters())
    assert not next(network.parameters()).is_meta


@pytest.mark.parametrize("name", ["resnet18", "squeezenet1_1", "mobilenet_v2", "googlenet", "densenet121"])
def test_the_trace_counts_foreign_networks_too(name: str) -> None:
    import torchvision

    options = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
    network = torchvision.models.get_model(name, weights=None, **options).eval()
    whole = trace(network, (3, 64, 64))
    with torch.no_grad():
        assert whole.macs == hooked_macs(network, torch.randn(1, 3, 64, 64))
    assert whole.parameters == sum(each.numel() for each in network.parameters())


def test_a_shared_module_is_counted_once_in_parameters_and_each_time_in_macs() -> None:
    shared = nn.Linear(4, 4, bias=False)
    whole = trace(nn.Sequential(shared, nn.ReLU(), shared), (4,))
    assert (whole.parameters, whole.macs) == (16, 32)


def test_a_list_of_modules_costs_what_its_modules_cost() -> None:
    class Listed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)])

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.parts[1](self.parts[0](x))

    whole = trace(Listed(), (4,))
    assert (whole.macs, whole.children[0].macs) == (32, 32)
    assert [child.macs for child in whole.children[0].children] == [16, 16, 0]
