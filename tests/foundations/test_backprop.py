"""Back-propagation written out: every number against autograd, central differences, and its own written formula."""

import math
import re

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from striate.foundations.backprop import EXAMPLE, Backprop, Loss, backpropagate
from striate.foundations.mlp import ACTIVATIONS, XOR_BY_HAND, Activation, Layer, Net, random_net
from striate.problem import BadData, Misuse, Problem

KINDS: list[tuple[Activation, Activation, Loss]] = [
    ("sigmoid", "sigmoid", "half_squares"), ("tanh", "tanh", "mse"), ("relu", "identity", "mse"),
    ("tanh", "softmax", "cross_entropy"), ("relu", "softmax", "cross_entropy"), ("identity", "sigmoid", "mse"),
]  # fmt: skip


def loss_of(parts: list[torch.Tensor | None], net: Net, x: list, targets: list, loss: Loss) -> torch.Tensor:
    """The loss by torch, of weights and biases in turn."""
    a, wanted = torch.tensor(x, dtype=torch.float64), torch.tensor(targets, dtype=torch.float64)
    for weights, bias, layer in zip(parts[::2], parts[1::2], net.layers, strict=True):
        assert weights is not None
        z = F.linear(a, weights, bias)
        a = ACTIVATIONS[layer.activation](z)
    if loss == "cross_entropy":
        return F.cross_entropy(z, wanted)
    return ((a - wanted) ** 2).sum() / 2 if loss == "half_squares" else ((a - wanted) ** 2).mean()


def parts_of(net: Net) -> list[torch.Tensor | None]:
    parts: list[torch.Tensor | None] = []
    for layer in net.layers:
        parts.append(torch.tensor(layer.weights, dtype=torch.float64, requires_grad=True))
        parts.append(
            None if layer.biases is None else torch.tensor(layer.biases, dtype=torch.float64, requires_grad=True)
        )
    return parts


def drawn(hidden: Activation, output: Activation, biases: bool, seed: int) -> tuple[Net, list, list]:
    chance = np.random.default_rng(seed)
    net = random_net((3, 4, 3, 2), activation=hidden, output=output, biases=biases, seed=seed)
    if biases:
        net = Net(
            tuple(
                Layer(each.weights, tuple(chance.normal(size=len(each.weights))), each.activation)
                for each in net.layers
            )
        )
    return net, chance.normal(size=3).tolist(), [0.3, 0.7]


@pytest.mark.parametrize(("hidden", "output", "loss"), KINDS)
@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_gradients_are_autograds(hidden: Activation, output: Activation, loss: Loss, biases: bool, seed: int) -> None:
    net, x, targets = drawn(hidden, output, biases, seed)
    found = backpropagate(net, x, targets, rate=0.5, loss=loss)
    parts = parts_of(net)
    value = loss_of(parts, net, x, targets, loss)
    value.backward()
    assert found.loss == pytest.approx(value.item(), abs=1e-10)
    for gradient, weights, bias, after, layer in zip(
        found.gradients, parts[::2], parts[1::2], found.net.layers, net.layers, strict=True
    ):
        assert weights is not None
        assert weights.grad is not None
        assert np.array(gradient.weights) == pytest.approx(weights.grad.numpy(), abs=1e-10)
        assert np.array(after.weights) == pytest.approx(
            np.array(layer.weights) - 0.5 * np.array(gradient.weights), abs=1e-12
        )
        if bias is None:
            assert (gradient.biases, after.biases) == (None, None)
        else:
            assert bias.grad is not None
            assert gradient.biases == pytest.approx(bias.grad.tolist(), abs=1e-10)
            assert after.biases == pytest.approx(
                np.subtract(layer.biases or (), 0.5 * np.array(gradient.biases)), abs=1e-12
            )


@pytest.mark.parametrize(("hidden", "output", "loss"), KINDS)
def test_gradients_are_central_differences(hidden: Activation, output: Activation, loss: Loss) -> None:
    net, x, targets = drawn(hidden, output, True, seed=4)
    found, h = backpropagate(net, x, targets, rate=0.1, loss=loss), 1e-6
    with torch.no_grad():
        parts = parts_of(net)
        for at, part in enumerate(parts):
            assert part is not None
            gradient = found.gradients[at // 2]
            expected = np.array(gradient.weights if at % 2 == 0 else gradient.biases)
            for place in np.ndindex(*part.shape):
                ends = []
                for by in (h, -h):
                    part[place] += by
                    ends.append(loss_of(parts, net, x, targets, loss).item())
                    part[place] -= by
                assert (ends[0] - ends[1]) / (2 * h) == pytest.approx(expected[place], abs=1e-6)


def worth(written: str) -> float:
    """What a formula with numbers comes to, reckoned anew."""
    text = written.replace("·", "*").replace("²", "**2").replace("½", "0.5").replace("ln", "log")
    text = re.sub(r"\[([^\]]+)\]", r"float(\1)", text)
    assert re.fullmatch(r"(?:exp|tanh|max|float|log|[-\d\s+*/().,>e])+", text), text
    return eval(text, {"exp": math.exp, "tanh": math.tanh, "log": math.log})


def steps(found: Backprop) -> list:
    return [*found.forward, *found.backward, *found.updates]


@pytest.mark.parametrize(("hidden", "output", "loss"), KINDS)
def test_every_written_formula_comes_to_its_value(hidden: Activation, output: Activation, loss: Loss) -> None:
    net, x, targets = drawn(hidden, output, True, seed=2)
    for each in steps(backpropagate(net, x, targets, rate=0.1, loss=loss)):
        assert worth(each.numbers) == pytest.approx(each.value, abs=2e-5), each


@pytest.mark.parametrize(("hidden", "output", "loss"), KINDS)
def test_every_symbol_in_a_formula_was_worked_out_before_or_is_given(
    hidden: Activation, output: Activation, loss: Loss
) -> None:
    net, x, targets = drawn(hidden, output, True, seed=2)
    found, done = backpropagate(net, x, targets, rate=0.1, loss=loss), set()
    for each in (*found.forward, *found.backward):
        for symbol in re.findall(r"[azδ]⁽.⁾[₀-₉]+|J[₀-₉]|∂J/∂a\S+", each.formula):
            assert symbol in done or symbol.startswith("a⁽¹⁾"), (each, symbol)
        assert each.symbol not in done
        done.add(each.symbol)


def test_the_notes_net_reads_as_the_notes_write_it() -> None:
    found = {each.symbol: each for each in steps(backpropagate(EXAMPLE, [1.0, 0.5], [1, 0], rate=0.5))}
    assert found["z⁽²⁾₁"].formula == "w⁽¹⁾₁₁·a⁽¹⁾₁ + w⁽¹⁾₁₂·a⁽¹⁾₂"
    assert found["z⁽²⁾₁"].numbers == "0.1·1 + 0.2·0.5"
    assert found["J₁"].formula == "½·(a⁽³⁾₁ - y₁)²"
    assert found["J"].formula == "J₁ + J₂"
    assert found["∂a⁽³⁾₁/∂z⁽³⁾₁"].formula == "a⁽³⁾₁·(1 - a⁽³⁾₁)"
    assert found["∂J/∂w⁽²⁾₁₂"].formula == "δ⁽³⁾₁·a⁽²⁾₂"
    assert found["∂J/∂a⁽²⁾₁"].formula == "δ⁽³⁾₁·w⁽²⁾₁₁ + δ⁽³⁾₂·w⁽²⁾₂₁"
    assert found["∂J/∂w⁽¹⁾₂₁"].formula == "δ⁽²⁾₂·a⁽¹⁾₁"
    assert found["w⁽¹⁾₁₁"].formula == "w⁽¹⁾₁₁ - η·∂J/∂w⁽¹⁾₁₁"


def test_the_notes_formulas_give_the_notes_nets_numbers() -> None:
    a1, y = np.array([1.0, 0.5]), np.array([1.0, 0.0])
    w1, w2 = (np.array(layer.weights) for layer in EXAMPLE.layers)
    a2 = 1 / (1 + np.exp(-w1 @ a1))
    a3 = 1 / (1 + np.exp(-w2 @ a2))
    delta3 = (a3 - y) * a3 * (1 - a3)
    delta2 = (w2.T @ delta3) * a2 * (1 - a2)
    found = backpropagate(EXAMPLE, a1, y, rate=0.5)
    assert found.loss == pytest.approx(((a3 - y) ** 2).sum() / 2)
    assert np.array(found.gradients[1].weights) == pytest.approx(np.outer(delta3, a2), abs=1e-12)
    assert np.array(found.gradients[0].weights) == pytest.approx(np.outer(delta2, a1), abs=1e-12)
    assert np.array(found.net.layers[1].weights) == pytest.approx(w2 - 0.5 * np.outer(delta3, a2), abs=1e-12)


def test_passes_again_and_again_bring_the_loss_down() -> None:
    net, losses = EXAMPLE, []
    for _ in range(300):
        found = backpropagate(net, [1.0, 0.5], [1, 0], rate=2.0)
        net = found.net
        losses.append(found.loss)
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.02 * losses[0]


def test_ten_units_get_commas_in_their_symbols() -> None:
    found = backpropagate(random_net((2, 11, 1)), [1, 2], [1], rate=0.1)
    symbols = {each.symbol for each in found.backward}
    assert {"∂J/∂w⁽¹⁾₁₁,₁", "∂J/∂w⁽¹⁾₁₁", "δ⁽²⁾₁₁"} <= symbols
    assert len(symbols) == len(found.backward)


def test_a_softmax_that_is_quite_wrong_has_a_finite_loss() -> None:
    net = Net((Layer(((1.0,), (-1.0,)), None, "softmax"),))
    assert backpropagate(net, [1000], [0, 1], rate=0.1, loss="cross_entropy").loss == 2000


@pytest.mark.parametrize(
    ("net", "x", "targets", "loss", "key"),
    [
        (EXAMPLE, [1], [1, 0], "mse", "mlp.width"), (EXAMPLE, [1, 2], [1], "mse", "mlp.width"),
        (EXAMPLE, [1, float("nan")], [1, 0], "mse", "given.not_finite"), (XOR_BY_HAND, [1, 1], [0], "mse", "mlp.step"),
        (random_net((2, 100, 100)), [1, 1], [0] * 100, "mse", "backprop.large"),
        (EXAMPLE, [1, 1], [1, 0], "cross_entropy", "backprop.softmax"),
        (random_net((2, 2), output="softmax"), [1, 1], [1, 0], "mse", "backprop.softmax"),
        (random_net((2, 2, 2), activation="softmax"), [1, 1], [1, 0], "mse", "backprop.softmax"),
        (random_net((2, 2), output="softmax"), [1, 1], [1, 1], "cross_entropy", "backprop.targets"),
        (Net((Layer(((1e200,),), None, "identity"),)), [1e50], [1], "mse", "backprop.overflow"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_out_is_refused(net: Net, x: list, targets: list, loss: Loss, key: str) -> None:
    with pytest.raises(Problem) as caught:
        backpropagate(net, x, targets, rate=0.1, loss=loss)
    assert caught.value.key == f"problem.foundations.{key}"
    assert isinstance(caught.value, Misuse | BadData)
    assert caught.value.text("ko")


def test_a_rate_below_nought_is_refused() -> None:
    with pytest.raises(Misuse, match="rate must be above 0"):
        backpropagate(EXAMPLE, [1, 2], [1, 0], rate=-1)
