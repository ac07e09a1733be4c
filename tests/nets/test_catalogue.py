"""The networks against their papers, their totals, and networks nobody here wrote."""

import copy
import functools
import math
import multiprocessing
import pickle
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from striate import nets
from striate.architecture import Architecture, Fact
from striate.facts import _parsed, check
from striate.fitting.losses import Targets, loss_of
from striate.initialise import materialise
from striate.layers.trace import Row, trace
from striate.nets import CATALOGUE, find
from striate.nets.lenet5 import BITMAPS, C3, PartialConv, RadialBasis, class_codes
from striate.problem import Failed, Misuse
from striate.recipe import MaximumAPosteriori, Recipe, View, from_json, to_json

NAMES = list(CATALOGUE)
TOTALS = Path(__file__).with_name("totals.tsv")
KEYS = Path(__file__).with_name("keys")


ONE_A_FAMILY = (
    "lenet5", "deepconvnet", "alexnet", "zfnet", "vgg11_lrn", "vgg16_small", "googlenet", "resnet18_a", "resnet50",
    "densenet40_k12_cifar", "mobilenet_v1_025", "resnext50_32x4d", "se_resnet18_small", "efficientnet_b0",
    "efficientnet_lite0", "gap_cnn",
)  # fmt: skip


def architecture(name: str) -> Architecture:
    return find(name).architecture()


@functools.cache
def traced(name: str) -> Row:
    """The network's rows at its own input; made once for all tests."""
    declared = architecture(name)
    return trace(declared.sketch(), declared.input)


def smaller(declared: Architecture) -> tuple[int, ...]:
    """An input that the network's arithmetic allows and that is quick to go through."""
    if declared.input[1] < 200:
        return declared.input
    return (3, 96, 96) if find(declared.name).family in ("AlexNet", "ZFNet") else (3, 64, 64)


@pytest.mark.parametrize("name", NAMES)
def test_the_catalogues_plain_metadata_is_what_the_network_is(name: str) -> None:
    entry, declared = CATALOGUE[name], architecture(name)
    whole = traced(name)
    assert (entry.name, entry.input) == (name, declared.input)
    assert declared.paper is None or entry.year == declared.paper.year
    assert entry.parameters == whole.parameters
    assert (entry.weights is None) == (not declared.weights)


def test_the_catalogue_test_fails_on_a_wrong_literal(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setitem(nets.CATALOGUE, "lenet5", replace(CATALOGUE["lenet5"], parameters=60_001))
    with pytest.raises(AssertionError):
        test_the_catalogues_plain_metadata_is_what_the_network_is("lenet5")


def totals() -> list[tuple[str, ...]]:
    lines = TOTALS.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]


@pytest.mark.parametrize(("name", "shape", "classes", "parameters", "macs"), totals())
def test_totals(name: str, shape: str, classes: str, parameters: str, macs: str) -> None:
    declared = architecture(name)
    whole = traced(name)
    assert "x".join(map(str, declared.input)) == shape
    assert (declared.classes, whole.parameters, whole.macs) == (int(classes), int(parameters), int(macs))


def test_every_network_has_totals() -> None:
    assert {line[0] for line in totals()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_printed_facts_agree_and_disputed_facts_still_disagree(name: str) -> None:
    declared = architecture(name)
    for each in check(declared.facts, traced(name)):
        assert each.agrees == (each.fact.disputed is None), each


@pytest.mark.parametrize(
    ("text", "value", "unit"), [("60,000", 60_000, 1), ("4.7M", 4.7e6, 1e5), ("2.25K", 2250, 10), ("1.19%", 1.19, 0.01)]
)
def test_printed_numbers_are_read_with_their_last_digit(text: str, value: float, unit: float) -> None:
    assert _parsed(Fact("", "macs", text, "")) == (pytest.approx(value), pytest.approx(unit))


def test_a_fact_that_is_off_by_more_than_a_digit_disagrees() -> None:
    whole = trace(architecture("lenet5").sketch(), (1, 32, 32))
    facts = (
        Fact("", "parameters", "60,001", ""),
        Fact("", "parameters", "61K", ""),
        Fact("c1", "output", "6x28x27", ""),
    )
    assert [each.agrees for each in check(facts, whole)] == [False, False, False]


@pytest.mark.parametrize("name", NAMES)
def test_state_dict_keys_are_the_golden_ones(name: str) -> None:
    golden = KEYS / f"{name}.txt"
    found = "\n".join(architecture(name).sketch().state_dict()) + "\n"
    assert found == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ONE_A_FAMILY)
def test_a_network_is_finite_seeded_and_an_ordinary_module(name: str) -> None:
    ordinary(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ONE_A_FAMILY and "1202" not in name])
def test_every_network_is_finite_seeded_and_an_ordinary_module(name: str) -> None:
    ordinary(name)


def ordinary(name: str) -> None:
    declared = architecture(name)
    shape = smaller(declared)
    before = torch.get_rng_state()
    network, twin = (declared.create(input=shape, classes=10, seed=1).eval() for _ in range(2))
    assert torch.equal(before, torch.get_rng_state()), "building draws from its own generator"
    assert network.state_dict().keys() == declared.sketch().state_dict().keys()
    x = torch.rand(2, *shape)
    with torch.no_grad():
        answer = network(x)
        assert answer.shape == (2, 10)
        assert answer.isfinite().all()
        assert torch.equal(answer, twin(x))
        for copied in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network)):
            assert torch.equal(answer, copied(x))
    assert not any(tensor.is_meta for tensor in (*network.parameters(), *network.buffers()))


@pytest.mark.parametrize("name", ONE_A_FAMILY)
def test_another_seed_makes_another_network(name: str) -> None:
    declared = architecture(name)
    x = torch.rand(1, *smaller(declared))
    one, other = (declared.create(input=smaller(declared), seed=seed).eval()(x) for seed in (1, 2))
    assert not torch.equal(one, other)


@pytest.mark.parametrize("name", ["lenet5", "efficientnet_lite0"])
def test_buffers_are_those_of_plain_construction(name: str) -> None:
    declared = architecture(name)
    plain = declared.build(declared.classes)(declared.input) if name == "lenet5" else None
    ours = dict(declared.create().named_buffers())
    if plain is not None:
        for key, buffer in plain.named_buffers():
            assert torch.equal(buffer, ours[key]), key
    for key, buffer in ours.items():
        if key.endswith("running_var"):
            assert torch.equal(buffer, torch.ones_like(buffer))
        elif key.endswith(("running_mean", "num_batches_tracked")):
            assert not buffer.any()


def test_a_module_that_forgets_a_first_value_is_refused() -> None:
    with pytest.raises(Failed, match="weight was not given a first value"):
        materialise(nn.Linear(2, 2, device="meta"), lambda name, module, generator: None, 0)


@pytest.mark.parametrize("name", NAMES)
def test_other_class_counts_and_inputs_are_built_or_refused_with_the_row(name: str) -> None:
    declared = architecture(name)
    channels, height, width = declared.input
    assert trace(declared.sketch(classes=3), declared.input).output == (3,)
    colour = (4 - channels, height, width)
    assert trace(declared.sketch(input=colour), colour).output == (declared.classes,)
    if name == "lenet5_modern":
        with pytest.raises(Misuse, match=r"row c3\.conv received 6x3x3"):
            declared.sketch(input=(1, 10, 10))
    for nonsense in ({"classes": 0}, {"input": (1, 0, 5)}, {"input": (1, 28)}):
        with pytest.raises(Misuse, match="cannot be built"):
            declared.sketch(**nonsense)


def test_an_unknown_network_gets_the_nearest_name() -> None:
    with pytest.raises(Misuse, match="deepconvnet"):
        find("deepconv")


@pytest.mark.parametrize("name", NAMES)
def test_recipes_survive_json(name: str) -> None:
    import json

    recipe = architecture(name).recipe
    assert isinstance(recipe, Recipe)
    assert from_json(json.loads(json.dumps(to_json(recipe)))) == recipe
    assert isinstance(recipe.view, View)
    assert (recipe.view.channels, *recipe.view.size) == architecture(name).input


def knowing_its_statistics(network: nn.Module, x: torch.Tensor) -> None:
    """In evaluation mode with the batch's own mean and variance: without them 600 residual blocks overflow."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    network.train()(x)
    network.eval()


def exported_equals(name: str) -> None:
    declared = architecture(name)
    network = declared.create(input=smaller(declared))
    x = torch.rand(2, *smaller(declared))
    with torch.no_grad():
        knowing_its_statistics(network, x)
        torch.testing.assert_close(torch.export.export(network, (x,)).module()(x), network(x))


@pytest.mark.parametrize("name", ["lenet5", "alexnet", "googlenet", "resnet18_a", "densenet40_k12_cifar"])
def test_torch_export_takes_a_network(name: str) -> None:
    exported_equals(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_torch_export_takes_every_network(name: str) -> None:
    exported_equals(name)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the compiler, on its own workings
@pytest.mark.parametrize("name", ONE_A_FAMILY)
def test_torch_compile_traces_every_family_through_autograd(name: str) -> None:
    torch.compiler.reset()  # it keeps what it made for the networks before, up to a limit
    declared = architecture(name)
    network = declared.create(input=smaller(declared)).eval()
    x = torch.rand(2, *smaller(declared))
    compiled = torch.compile(network, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), network(x))
    compiled(x).sum().backward()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["lenet5_modern", "resnet20_cifar", "mobilenet_v1_small"])
def test_torch_compile_builds_three_networks(name: str) -> None:
    torch.compiler.reset()
    declared = architecture(name)
    network = declared.create().eval()
    x = torch.rand(2, *declared.input)
    with torch.no_grad():
        torch.testing.assert_close(torch.compile(network)(x), network(x), rtol=1e-3, atol=1e-4)


def _top1_elsewhere(network: nn.Module, x: torch.Tensor, answers: "multiprocessing.Queue[list[float]]") -> None:
    torch.set_num_threads(1)
    answers.put(network(x)[0].tolist())


def test_a_network_goes_to_a_spawned_process() -> None:
    network = architecture("lenet5").create().eval()
    x = torch.rand(1, 1, 32, 32)
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=_top1_elsewhere, args=(network, x, answers))
    process.start()
    found = answers.get(timeout=60)
    process.join(60)
    torch.testing.assert_close(torch.tensor(found), network(x)[0].detach(), rtol=1e-5, atol=1e-5)


# LeNet-5


def test_c3_is_table_one() -> None:
    maps = PartialConv(6, C3).maps
    assert len(maps) == 16
    assert sum(map(len, maps)) == 60
    used = [into for each in maps for into in each]
    assert all(used.count(into) == 10 for into in range(6))


def test_c3_equals_a_masked_full_convolution_and_its_gradient() -> None:
    torch.manual_seed(0)
    partial = PartialConv(6, C3)
    with torch.no_grad():
        for parameter in partial.parameters():
            parameter.normal_()
    full = nn.Conv2d(6, 16, 5)
    weight = torch.zeros(16, 6, 5, 5)
    kernels = iter(partial.weight.detach())
    for out, maps in enumerate(partial.maps):
        for into in maps:
            weight[out, into] = next(kernels)
    with torch.no_grad():
        full.weight.copy_(weight)
        full.bias.copy_(partial.bias)
    x = torch.randn(2, 6, 14, 14)
    torch.testing.assert_close(partial(x), full(x))
    partial(x).square().sum().backward()
    full(x).square().sum().backward()
    mask = weight.flatten(2).any(-1)
    torch.testing.assert_close(partial.weight.grad, full.weight.grad[mask], rtol=1e-4, atol=1e-3)


def test_the_output_is_minus_the_squared_distance_to_the_code() -> None:
    output = RadialBasis(84, 10)
    torch.testing.assert_close(output(output.codes).diagonal(), torch.zeros(10))
    x = torch.randn(3, 84)
    torch.testing.assert_close(output(x), -torch.cdist(x, output.codes).square(), rtol=1e-4, atol=1e-3)


def test_the_codes_are_the_ten_bitmaps() -> None:
    codes = class_codes(10, 84)
    assert codes.shape == (10, 84)
    assert set(codes.flatten().tolist()) == {-1.0, 1.0}
    assert [int((code > 0).sum()) for code in codes] == [35, 27, 33, 32, 41, 35, 39, 25, 43, 39]
    apart = (codes[:, None] != codes[None]).sum(-1)
    assert apart[~torch.eye(10, dtype=torch.bool)].min() == 12  # six and eight
    assert BITMAPS.count("#") == 349
    seven = ["".join("#" if pixel > 0 else "." for pixel in row) for row in codes[7].view(12, 7)]
    assert seven[:3] == ["#######", ".....##", ".....##"]


def test_other_class_counts_get_fixed_codes() -> None:
    assert torch.equal(class_codes(5, 84), class_codes(5, 84))
    assert len({tuple(code.tolist()) for code in class_codes(96, 84)}) == 96


def test_the_map_loss_is_equation_nine() -> None:
    distances = torch.tensor([[1.0, 3.0, 4.0], [2.0, 0.5, 9.0]])
    labels, j = torch.tensor([0, 2]), 1.0
    expected = [
        d[t] + math.log(math.exp(-j) + sum(math.exp(-y) for y in d))
        for d, t in zip(distances.tolist(), labels.tolist(), strict=True)
    ]
    assert loss_of(MaximumAPosteriori(j), -distances, Targets(labels)).item() == pytest.approx(
        sum(expected) / 2, rel=1e-6
    )


def test_lenet5_starts_within_the_papers_bounds() -> None:
    network = architecture("lenet5").create(seed=3)
    for row, inputs in (("c1.conv", 25), ("c5.conv", 400), ("f6.linear", 120)):
        bound = network.get_submodule(row).weight.abs().max().item()
        assert 0.9 * 2.4 / inputs < bound <= 2.4 / inputs, row


# EfficientNet-Lite0


@pytest.fixture(scope="module")
def lite() -> nn.Module:
    from striate.model import Model

    return Model.load("efficientnet_lite0").network


def test_the_released_weights_give_timms_logits(lite: nn.Module) -> None:
    import timm

    theirs = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    ours = lite.state_dict()
    theirs.load_state_dict(dict(zip(theirs.state_dict(), ours.values(), strict=True)))
    torch.manual_seed(0)
    x = torch.randn(4, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(lite(x), theirs(x), rtol=0, atol=1e-4)


def test_random_weights_give_timms_logits_at_an_odd_size() -> None:
    import timm

    theirs = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    ours = architecture("efficientnet_lite0").create(input=(3, 191, 223), seed=5).eval()
    ours.load_state_dict(dict(zip(ours.state_dict(), theirs.state_dict().values(), strict=True)))
    x = torch.randn(2, 3, 191, 223)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x), rtol=0, atol=1e-4)


def test_lenet5_modern_equals_the_plain_pytorch_network() -> None:
    ours = architecture("lenet5_modern").create(seed=1).eval()
    conv1, conv2, fc1, fc2, fc3 = (p for name, p in ours.named_parameters() if name.endswith("weight"))
    bias = [p for name, p in ours.named_parameters() if name.endswith("bias")]
    x = torch.rand(2, 1, 32, 32)
    y = F.avg_pool2d(torch.tanh(F.conv2d(x, conv1, bias[0])), 2)
    y = F.avg_pool2d(torch.tanh(F.conv2d(y, conv2, bias[1])), 2).flatten(1)
    y = torch.tanh(F.linear(y, fc1, bias[2]))
    y = F.linear(torch.tanh(F.linear(y, fc2, bias[3])), fc3, bias[4])
    torch.testing.assert_close(ours(x), y)
