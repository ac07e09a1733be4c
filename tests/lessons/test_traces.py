"""The numbers that lessons show are those that others reckon: torch.optim, autograd, and scikit-learn."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron
from torch import Tensor
from torch.nn import functional as F

from striate import learn

CLOSE = 1e-8
START = (2.0, -1.0)
OPTIMISERS: dict[str, Callable[[list[Tensor], float], torch.optim.Optimizer]] = {
    "sgd": lambda x, rate: torch.optim.SGD(x, lr=rate),
    "momentum": lambda x, rate: torch.optim.SGD(x, lr=rate, momentum=0.9),
    "nesterov": lambda x, rate: torch.optim.SGD(x, lr=rate, momentum=0.9, nesterov=True),
    "adagrad": lambda x, rate: torch.optim.Adagrad(x, lr=rate),
    "rmsprop": lambda x, rate: torch.optim.RMSprop(x, lr=rate, alpha=0.9),
    "adam": lambda x, rate: torch.optim.Adam(x, lr=rate),
}


def drawn(seed: int, n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Two columns, and a number that hangs on both of them and on chance."""
    chance = np.random.default_rng(seed)
    x = chance.normal(1.0, 2.0, (n, 2))
    return x, x @ np.array([1.5, -0.7]) + chance.normal(size=n)


def given(values: Any) -> tuple[float, ...]:
    return tuple(np.asarray(values, dtype=float).tolist())


def followed(
    loss: Callable[[Tensor], Tensor], make: Callable[[list[Tensor]], Any], start: Any, steps: int
) -> list[list[float]]:
    """Where an optimiser of torch's stands after each step; a Nesterov one back from where it looks ahead."""
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimiser = make([x])
    points = []
    for _ in range(steps):
        optimiser.zero_grad()
        loss(x).backward()
        optimiser.step()
        group = optimiser.param_groups[0]
        ahead = -group["lr"] * optimiser.state[x]["momentum_buffer"] if group.get("nesterov") else torch.zeros(1)
        points.append((x.detach() - group.get("momentum", 0) * ahead).tolist())
    return points


@pytest.mark.parametrize("rule", OPTIMISERS)
def test_each_rule_goes_where_torch_goes(rule: str) -> None:
    lesson = learn("optimisers", function="x**4/4 + 3*y**2 + x*y", start=START, rate=0.05, steps=30)
    path = lesson.trace.paths[rule]
    expected = followed(
        lambda at: at[0] ** 4 / 4 + 3 * at[1] ** 2 + at[0] * at[1],
        lambda x: OPTIMISERS[rule](x, 0.05), START, 30,
    )  # fmt: skip
    assert len(path.trace) == 30
    for step, point in zip(path.trace, expected, strict=True):
        assert step.after == pytest.approx(point, abs=CLOSE)


def test_descent_on_a_line_is_torchs() -> None:
    x, y = drawn(1)
    lesson = learn("descent", x=given(x[:, 0]), y=given(y), rate=0.02, steps=25)
    across, up = torch.tensor(x[:, 0]), torch.tensor(y)
    expected = followed(
        lambda w: ((w[0] * across + w[1] - up) ** 2).mean(), lambda w: OPTIMISERS["sgd"](w, 0.02), (0.0, 0.0), 25
    )
    assert [step.after for step in lesson.trace.steps] == [pytest.approx(point, abs=CLOSE) for point in expected]


@pytest.mark.parametrize("seed", range(3))
def test_lines_and_planes_are_scikit_learns(seed: int) -> None:
    x, y = drawn(seed)
    trace = learn("regression", x=given(x[:, 0]), y=given(y), x2=given(x[:, 1])).trace
    one, both = LinearRegression().fit(x[:, :1], y), LinearRegression().fit(x, y)
    assert (trace.line.slope, trace.line.intercept) == pytest.approx((one.coef_[0], one.intercept_), abs=CLOSE)
    assert trace.plane.weights == pytest.approx((*both.coef_, both.intercept_), abs=CLOSE)
    assert trace.plane.fit.r2 == pytest.approx(both.score(x, y), abs=CLOSE)


@pytest.mark.parametrize("penalty", [0.5, 4.0])
def test_logistic_steps_are_torchs_and_the_best_curve_is_scikit_learns(penalty: float) -> None:
    x, targets = drawn(2)[0][:, 0], (drawn(2)[1] > 0).astype(int)
    trace = learn("logistic", x=given(x), targets=given(targets), rate=0.2, steps=100, penalty=penalty).trace
    across, truth = torch.tensor(x), torch.tensor(targets, dtype=torch.float64)

    def loss(w: Tensor) -> Tensor:
        cross_entropy = F.binary_cross_entropy_with_logits(w[0] * across + w[1], truth)
        return cross_entropy + penalty / (2 * len(truth)) * w[0] ** 2

    expected = followed(loss, lambda w: OPTIMISERS["sgd"](w, 0.2), (0.0, 0.0), 100)
    assert trace.end.weights == pytest.approx(expected[-1], abs=CLOSE)
    for step in trace.steps:
        assert step.after == pytest.approx(expected[step.number - 1], abs=CLOSE)
    best = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-12, max_iter=500)
    best.fit(x[:, None], targets)
    assert trace.best.weights == pytest.approx((best.coef_[0, 0], best.intercept_[0]), abs=CLOSE)


@pytest.mark.parametrize(("rate", "epochs"), [(1.0, 1), (1.0, 4), (0.3, 4)])
def test_the_perceptrons_weights_are_scikit_learns(rate: float, epochs: int) -> None:
    x, targets = drawn(3)[0], (drawn(3)[1] > 0).astype(int)
    targets[::9] = 1 - targets[::9]  # so that it does not come to rest
    trace = learn(
        "perceptron", x1=given(x[:, 0]), x2=given(x[:, 1]), targets=given(targets), rate=rate, epochs=epochs
    ).trace
    best = Perceptron(shuffle=False, tol=None, max_iter=epochs, eta0=rate).fit(x, targets)
    assert trace.learned.weights == pytest.approx(best.coef_[0], abs=CLOSE)
    assert trace.learned.bias == pytest.approx(best.intercept_[0], abs=CLOSE)
    assert min(trace.learned.mistakes) > 0


@pytest.mark.parametrize("seed", range(3))
def test_back_propagation_is_autograd_and_its_update_is_torchs(seed: int) -> None:
    chance = np.random.default_rng(seed)
    x, targets, first, second = chance.normal(size=2), chance.random(2), chance.normal(size=4), chance.normal(size=4)
    trace = learn(
        "backprop", x=given(x), targets=given(targets), first=given(first), second=given(second), rate=0.7
    ).trace
    parts = [torch.tensor(each.reshape(2, 2), requires_grad=True) for each in (first, second)]

    def loss() -> Tensor:
        answer = torch.sigmoid(parts[1] @ torch.sigmoid(parts[0] @ torch.tensor(x)))
        return ((answer - torch.tensor(targets)) ** 2).sum() / 2

    optimiser = torch.optim.SGD(parts, lr=0.7)
    assert trace.backprop.loss == pytest.approx(loss().item(), abs=CLOSE)
    loss().backward()
    optimiser.step()
    for gradient, layer, part in zip(trace.backprop.gradients, trace.backprop.net.layers, parts, strict=True):
        assert part.grad is not None
        assert np.array(gradient.weights) == pytest.approx(part.grad.numpy(), abs=CLOSE)
        assert np.array(layer.weights) == pytest.approx(part.detach().numpy(), abs=CLOSE)
    assert trace.loss_after == pytest.approx(loss().item(), abs=CLOSE)
