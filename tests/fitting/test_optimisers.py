"""The optimisers on f = x^2, AlexNet's rule over a falling rate, and which weights a group holds."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from striate.fitting.optimisers import backbone_rows, make_optimiser, row_scales, set_rate
from striate.nets import find
from striate.recipe import SGD, Adagrad, Adam, FineTuning, Optimiser, Recipe, RMSProp

ALEXNET = find("alexnet").architecture().recipe


class One(nn.Module):
    """A single weight x."""

    def __init__(self, x: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([x], dtype=torch.float64))


def declared(optimiser: Optimiser) -> Recipe:
    return replace(ALEXNET, optimiser=optimiser)


def trace(optimiser: Optimiser, steps: int, seen: Callable[[float, Tensor | None], float]) -> list[float]:
    """x after each step down x^2 from 1, or what is seen of it and its velocity."""
    module = One()
    made = make_optimiser(declared(optimiser), module)
    path = []
    for _ in range(steps):
        made.zero_grad()
        module.weight.square().sum().backward()
        made.step()
        path.append(seen(module.weight.item(), made.state[module.weight].get("momentum_buffer")))
    return path


@pytest.mark.parametrize(
    ("optimiser", "path"),
    [
        (SGD(0.1), (0.8, 0.64, 0.512)),
        (SGD(0.1, momentum=0.9), (0.8, 0.46, 0.062)),
        (SGD(0.1, momentum=0.9, lr_inside=True), (0.8, 0.46, 0.062)),
        (Adagrad(0.1), (0.9, 0.833103527, 0.780456181)),
        (RMSProp(0.1), (0.683772239, 0.498870614, 0.369180560)),
        (Adam(0.1), (0.9, 0.800412229, 0.701586273)),
    ],
)
def test_the_first_three_steps_are_those_of_the_rule(optimiser: Optimiser, path: tuple[float, ...]) -> None:
    assert trace(optimiser, 3, lambda x, _: x) == pytest.approx(path, abs=6e-9)


def test_nesterovs_steps_are_those_of_the_rule_behind_the_point_it_looks_ahead_from() -> None:
    def before_looking_ahead(theta: float, v: Tensor | None) -> float:
        assert v is not None
        return theta + 0.9 * 0.1 * v.item()  # the velocity of the rule is -lr v

    optimiser = SGD(0.1, momentum=0.9, nesterov=True)
    assert trace(optimiser, 3, lambda x, _: x) == pytest.approx((0.62, 0.2224, -0.108), abs=5e-4)
    assert trace(optimiser, 3, before_looking_ahead) == pytest.approx((0.8, 0.496, 0.17792))


RATES = (0.01, 0.01, 0.01, 0.001, 0.001, 0.0001)


def alexnets(rates: tuple[float, ...]) -> list[float]:
    """v <- 0.9 v - 0.0005 eps w - eps g; w <- w + v (Krizhevsky et al. 2012, Sec. 5), down (w - 1)^2 / 2 from 3."""
    w, v, path = 3.0, 0.0, []
    for eps in rates:
        v = 0.9 * v - 0.0005 * eps * w - eps * (w - 1)
        w = w + v
        path.append(w)
    return path


def walked(inside: bool, rates: tuple[float, ...], optimiser: SGD | None = None) -> list[float]:
    wanted = optimiser or replace(ALEXNET.optimiser, lr_inside=inside)
    module = One(3.0)
    made = make_optimiser(declared(wanted), module)
    path = []
    for lr in rates:
        set_rate(made, wanted, lr)
        made.zero_grad()
        ((module.weight - 1) ** 2 / 2).sum().backward()
        made.step()
        path.append(module.weight.item())
    return path


def test_alexnets_rule_holds_step_by_step_across_the_drops_of_the_rate() -> None:
    assert alexnets(RATES)[:2] == pytest.approx([2.979985, 2.94215725015])  # by hand: 3 - 0.000015 - 0.02, ...
    assert walked(True, RATES) == pytest.approx(alexnets(RATES), rel=1e-12)


def test_pytorchs_rule_is_the_same_until_the_rate_drops_and_another_after() -> None:
    theirs, papers = walked(False, RATES), alexnets(RATES)
    assert theirs[:3] == pytest.approx(papers[:3], rel=1e-12)
    assert all(abs(one - other) > 0.01 for one, other in zip(theirs[3:], papers[3:], strict=True))


def test_alexnet_trains_by_its_own_rule() -> None:
    assert ALEXNET.optimiser == SGD(lr=0.01, momentum=0.9, decay=5e-4, lr_inside=True)


# Decay groups


def undecayed(net: str, recipe: Recipe) -> set[str]:
    """The names of the weights that the optimiser does not decay."""
    network = find(net).architecture().create(classes=3)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    made = make_optimiser(recipe, network, find(net).architecture().head)
    assert sum(len(group["params"]) for group in made.param_groups) == len(names)
    return {names[id(each)] for group in made.param_groups if not group["weight_decay"] for each in group["params"]}


def test_sparing_biases_and_norms_spares_exactly_these() -> None:
    recipe = replace(declared(SGD(0.1, 0.9, decay=1e-4)), spared=("bias", "norm"))
    network = find("mobilenet_v1_small").architecture().create(classes=3)
    one_dimensional = {name for name, parameter in network.named_parameters() if parameter.dim() == 1}
    assert undecayed("mobilenet_v1_small", recipe) == one_dimensional
    assert one_dimensional


def test_sparing_biases_leaves_the_norms_their_decay() -> None:
    recipe = replace(declared(SGD(0.1, 0.9, decay=1e-4)), spared=("bias",))
    assert undecayed("mobilenet_v1_small", recipe) == {"fc.bias"}


def test_sparing_depthwise_convolutions_spares_these_alone() -> None:
    network = find("mobilenet_v1_small").architecture().create(classes=3)
    depthwise = {
        f"{name}.weight"
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d) and module.groups == module.in_channels
    }
    recipe = replace(declared(SGD(0.1, 0.9, decay=1e-4)), spared=("depthwise",))
    assert undecayed("mobilenet_v1_small", recipe) == depthwise
    assert len(depthwise) == 13


def test_alexnets_two_towers_are_not_taken_for_depthwise_ones() -> None:
    assert undecayed("alexnet_small", replace(declared(SGD(0.1, decay=1e-4)), spared=("depthwise",))) == set()
    grouped = nn.Sequential(nn.Conv2d(4, 8, 3, groups=2))
    made = make_optimiser(replace(declared(SGD(0.1, decay=1e-4)), spared=("depthwise",)), grouped)
    assert [group["weight_decay"] for group in made.param_groups] == [1e-4]


def test_nothing_spared_is_one_group_in_the_order_of_the_network() -> None:
    network = find("deepconvnet").architecture().create(classes=3)
    (group,) = make_optimiser(declared(Adam(0.1, decay=0.1)), network).param_groups
    assert [id(each) for each in group["params"]] == [id(each) for each in network.parameters()]


# Rates by row


def test_rates_rise_in_even_ratios_from_the_first_row_to_the_classifiers() -> None:
    network = find("alexnet_small").architecture().create(classes=3)
    rates = list(row_scales(network, "flatten", FineTuning(first_row=0.1)).values())
    assert rates[0] == pytest.approx(0.1)
    ratios = [after / before for before, after in zip(rates, [*rates[1:], 1.0], strict=True)]
    assert ratios == pytest.approx([ratios[0]] * len(ratios))
    assert len(rates) == len(backbone_rows(network, "flatten"))


def test_the_classifier_learns_at_the_whole_rate_and_each_row_at_its_own() -> None:
    network = find("alexnet_small").architecture().create(classes=3)
    recipe = replace(declared(SGD(0.1)), tuning=FineTuning(first_row=0.25))
    made = make_optimiser(recipe, network, "flatten")
    set_rate(made, recipe.optimiser, 0.02)
    rate_of = {id(each): group["lr"] for group in made.param_groups for each in group["params"]}
    scales = row_scales(network, "flatten", recipe.tuning)
    for name, parameter in network.named_parameters():
        assert rate_of[id(parameter)] == pytest.approx(0.02 * scales.get(name.split(".")[0], 1.0))
    assert rate_of[id(network.get_parameter("fc8.weight"))] == 0.02
    assert rate_of[id(network.get_parameter("conv1.conv.weight"))] == 0.005
