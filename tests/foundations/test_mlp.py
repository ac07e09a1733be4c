"""Small nets: XOR by hand and by learning, torch's own modules as the measure, and what cannot be."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss
from torch import nn

from striate.foundations.examples import CORNERS, XOR
from striate.foundations.mlp import (
    XOR_BY_HAND,
    Activation,
    Layer,
    Loss,
    Net,
    answers,
    decision_surface,
    forward,
    random_net,
    train,
    trained_on_xor,
)
from striate.problem import BadData, Misuse

MODULES = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "identity": nn.Identity}


def as_torch(net: Net) -> nn.Sequential:
    modules: list[nn.Module] = []
    for layer in net.layers:
        linear = nn.Linear(len(layer.weights[0]), len(layer.weights), layer.biases is not None, dtype=torch.float64)
        linear.weight.data = torch.tensor(layer.weights, dtype=torch.float64)
        if layer.biases is not None:
            linear.bias.data = torch.tensor(layer.biases, dtype=torch.float64)
        modules += [linear, nn.Softmax(-1) if layer.activation == "softmax" else MODULES[layer.activation]()]
    return nn.Sequential(*modules)


def test_the_notes_net_solves_xor_by_hand_with_nine_parameters() -> None:
    assert [row[0] for row in answers(XOR_BY_HAND, CORNERS)] == list(XOR) == [0, 1, 1, 0]
    assert XOR_BY_HAND.parameters == 9
    assert XOR_BY_HAND.sizes == (2, 2, 1)
    hidden = [forward(XOR_BY_HAND, x)[0].outputs for x in CORNERS]
    assert hidden == [(1, 0), (1, 1), (1, 1), (0, 1)]  # NAND, OR
    assert [forward(XOR_BY_HAND, x)[0].sums for x in CORNERS] == [(3, -1), (1, 1), (1, 1), (-1, 3)]


def test_a_net_learns_xor_from_one_seed_and_says_that_it_is_stuck_from_another() -> None:
    learned = trained_on_xor()
    assert (learned.right, learned.of, learned.stuck, learned.diverged) == (4, 4, False, False)
    assert np.round(answers(learned.net, CORNERS)).ravel().tolist() == [0, 1, 1, 0]
    stuck = trained_on_xor(seed=0)
    assert stuck.stuck
    assert stuck.right < 4
    assert stuck.loss > 0.3
    assert stuck.net.parameters == 9
    rested = train(learned.net, CORNERS, XOR, rate=1e-9, epochs=20)  # nothing falls, and nothing needs to
    assert not rested.stuck


def test_no_net_without_a_bend_learns_xor() -> None:
    straight = train(random_net((2, 8, 1), activation="identity"), CORNERS, XOR, rate=0.2, epochs=500)
    assert straight.stuck
    assert straight.loss == pytest.approx(math.log(2), abs=1e-3)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "identity"])
@pytest.mark.parametrize("output", ["sigmoid", "softmax", "identity"])
def test_answers_are_torchs(activation: Activation, output: Activation) -> None:
    net = random_net((3, 5, 4, 2), activation=activation, output=output, biases=activation != "relu", seed=3)
    x = np.random.default_rng(1).normal(size=(7, 3))
    expected = as_torch(net)(torch.tensor(x)).detach().numpy()
    assert np.array(answers(net, x)) == pytest.approx(expected, abs=1e-10)
    assert forward(net, x[0])[-1].outputs == pytest.approx(expected[0], abs=1e-10)


@pytest.mark.parametrize(
    ("output", "loss"),
    [("sigmoid", "mse"), ("sigmoid", "cross_entropy"), ("softmax", "cross_entropy"), ("identity", "mse")],
)
def test_an_epoch_is_a_step_of_torch_on_the_mean_loss(output: Activation, loss: Loss) -> None:
    net, chance = random_net((3, 4, 2), activation="tanh", output=output, seed=2), np.random.default_rng(0)
    x, targets = chance.normal(size=(10, 3)), np.eye(2)[chance.integers(0, 2, 10)]
    found = train(net, x, targets, rate=0.3, epochs=2, loss=loss)
    twin, wanted = as_torch(net), torch.tensor(targets)
    optimiser = torch.optim.SGD(twin.parameters(), lr=0.3)
    for epoch in found.trace:
        optimiser.zero_grad()
        given = twin(torch.tensor(x))
        if loss == "mse":
            value = ((given - wanted) ** 2).mean()
        elif output == "softmax":
            value = -(wanted * given.log()).sum(dim=1).mean()
            assert value.item() == pytest.approx(log_loss(targets, given.detach().numpy()), abs=1e-10)
        else:
            value = -(wanted * given.log() + (1 - wanted) * (1 - given).log()).mean()
        value.backward()
        assert epoch.loss == pytest.approx(value.item(), abs=1e-10)
        steepest = max(float(each.grad.abs().max()) for each in twin.parameters() if each.grad is not None)
        assert epoch.largest_gradient == pytest.approx(steepest, abs=1e-10)
        assert epoch.right == int(((given - wanted).abs() < 0.5).all(dim=1).sum())
        optimiser.step()
    assert np.array(answers(found.net, x)) == pytest.approx(twin(torch.tensor(x)).detach().numpy(), abs=1e-10)


def test_a_trace_begins_with_the_net_given_and_keeps_five_hundred_epochs_at_most() -> None:
    net = random_net((2, 2, 1))
    found = train(net, CORNERS, XOR, rate=0.1, epochs=1001)
    assert found.trace[0].net == net
    assert [epoch.number for epoch in found.trace[:3]] == [1, 4, 7]
    assert len(found.trace) <= 500


def test_the_surface_is_the_nets_answer_at_each_place() -> None:
    grid = decision_surface(XOR_BY_HAND, points=5)
    assert grid.heights[:, 0].tolist() == [0, 0, 0, 0, 1]  # x = -0.5, where y = 1 lies on the line
    for row, y in enumerate(grid.axes[1]):
        for column, x in enumerate(grid.axes[0]):
            assert grid.heights[row, column] == answers(XOR_BY_HAND, [[x, y]])[0][0]
    with pytest.raises(ValueError, match="read-only"):
        grid.heights[0, 0] = 2


def test_seeds_decide_the_weights_and_sizes_their_reach() -> None:
    assert random_net((4, 3, 2), seed=5) == random_net((4, 3, 2), seed=5) != random_net((4, 3, 2), seed=6)
    net = random_net((40, 60), seed=1)
    assert 0.2 < np.abs(net.layers[0].weights).max() <= math.sqrt(6 / 100)
    assert net.layers[0].biases == (0.0,) * 60
    assert random_net((2, 3), biases=False).parameters == 6


def test_a_rate_that_is_too_high_is_told_as_divergence() -> None:
    net = random_net((2, 3, 1), output="identity")
    found = train(net, np.array(CORNERS) + 5, XOR, rate=1e3, epochs=300, loss="mse")
    assert found.diverged
    assert not found.stuck


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: random_net((2,)), "mlp.sizes"), (lambda: random_net((2, 0, 1)), "mlp.sizes"),
        (lambda: Net(()), "mlp.sizes"),
        (lambda: Net((Layer(((1.0, 2.0), (1.0,)), None, "relu"),)), "mlp.layer"),
        (lambda: Net((Layer(((1.0, 2.0),), (1.0, 2.0), "relu"),)), "mlp.layer"),
        (lambda: Net((Layer(((),), None, "relu"),)), "mlp.layer"),
        (lambda: Net((Layer((), None, "relu"),)), "mlp.layer"),
        (lambda: random_net((2, 2), output="sigmod"), "mlp.activation"),
        (lambda: decision_surface(random_net((3, 1))), "mlp.plane"),
        (lambda: train(XOR_BY_HAND, CORNERS, XOR, rate=0.1, epochs=3), "mlp.step"),
        (
            lambda: train(random_net((2, 1), output="tanh"), CORNERS, XOR, rate=0.1, epochs=3),
            "mlp.cross_entropy",
        ),
        (lambda: train(random_net((2, 1)), CORNERS, XOR, rate=-0.1, epochs=3), "given.positive"),
    ],
)  # fmt: skip
def test_nets_that_cannot_be_are_refused(make: object, key: str) -> None:
    with pytest.raises(Misuse) as caught:
        make()
    assert caught.value.key == f"problem.foundations.{key}"
    assert caught.value.text("ko")


@pytest.mark.parametrize(
    ("x", "targets", "key"),
    [
        ([[1, 2, 3]], [1], "mlp.width"), ([[1, 2]], [[1, 0]], "mlp.width"), ([[1, 2]], [7], "mlp.shares"),
        ([[1, 2]], [1, 0], "given.lengths"), ([[1, float("nan")]], [1], "given.not_finite"),
    ],
)  # fmt: skip
def test_examples_that_do_not_fit_are_refused(x: list, targets: list, key: str) -> None:
    with pytest.raises(BadData) as caught:
        train(random_net((2, 1)), x, targets, rate=0.1, epochs=3)
    assert caught.value.key == f"problem.foundations.{key}"
