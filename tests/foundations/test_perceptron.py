"""The perceptron: scikit-learn's updates, Novikoff's bound, and XOR."""

import numpy as np
import pytest
from sklearn.linear_model import Perceptron
from sklearn.svm import SVC

from striate.foundations.perceptron import Cycle, learn, novikoff
from striate.problem import BadData, Misuse

CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]]
GATES = {"and": [0, 0, 0, 1], "or": [0, 1, 1, 1], "nand": [1, 1, 1, 0]}
XOR = [0, 1, 1, 0]


def drawn(seed: int, gap: float = 0.3, n: int = 60, columns: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Classes on both sides of a plane, none nearer to it than the gap."""
    chance = np.random.default_rng(seed)
    x, across = chance.normal(size=(n, columns)), chance.normal(size=columns)
    z = x @ across / np.linalg.norm(across) + 0.2
    return x[np.abs(z) > gap], (z > 0).astype(int)[np.abs(z) > gap]


@pytest.mark.parametrize("gate", GATES)
def test_gates_are_learned_within_novikoffs_bound(gate: str) -> None:
    found = learn(CORNERS, GATES[gate])
    assert found.converged
    assert found.cycle is None
    assert found.mistakes[-1] == 0
    z = np.array(CORNERS) @ found.weights + found.bias
    assert (z > 0).astype(int).tolist() == GATES[gate]
    assert found.bound is not None
    assert len(found.trace) <= found.bound.updates


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rate", [1.0, 0.1])
def test_separable_examples_take_no_more_updates_than_the_bound(seed: int, rate: float) -> None:
    x, targets = drawn(seed)
    found = learn(x, targets, rate=rate, epochs=500)
    assert found.converged
    assert found.bound is not None
    assert 0 < len(found.trace) <= found.bound.updates
    assert len(found.trace) == sum(found.mistakes)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("epochs", [1, 3])
def test_the_weights_are_scikit_learns(seed: int, epochs: int) -> None:
    x, targets = drawn(seed, gap=0.0)
    targets = np.where(np.random.default_rng(seed).random(len(x)) < 0.1, 1 - targets, targets)  # some are wrong
    best = Perceptron(shuffle=False, tol=None, max_iter=epochs, eta0=1.0).fit(x, targets)
    found = learn(x, targets, epochs=epochs)
    assert found.weights == pytest.approx(best.coef_[0], abs=1e-8)
    assert found.bias == pytest.approx(best.intercept_[0], abs=1e-8)


def test_every_update_follows_from_the_one_before() -> None:
    found = learn(*drawn(1), rate=0.5)
    weights, bias = (0.0, 0.0, 0.0), 0.0
    for number, update in enumerate(found.trace, 1):
        assert (update.number, update.weights, update.bias) == (number, weights, bias)
        assert update.z == pytest.approx(np.dot(update.x, weights) + bias, abs=1e-12)
        assert update.answer == 1 - update.target
        assert (update.z > 0) == bool(update.answer) or update.z == 0
        weights, bias = update.weights_after, update.bias_after
        assert weights == pytest.approx(
            np.add(update.weights, 0.5 * (update.target - update.answer) * np.array(update.x))
        )
        assert bias == update.bias + 0.5 * (update.target - update.answer)
    assert (found.weights, found.bias) == (weights, bias)


def test_xor_is_never_learned_and_its_weights_go_round() -> None:
    found = learn(CORNERS, XOR, epochs=50)
    assert not found.converged
    assert found.bound is None
    assert found.cycle is not None
    assert min(found.mistakes) > 0
    states = {0: ((0.0, 0.0), 0.0)}
    for update in found.trace:
        states[update.epoch] = (update.weights_after, update.bias_after)
    for offset in range(5):
        assert states[found.cycle.first + offset] == states[found.cycle.last + offset]
    assert learn(CORNERS, [1, 0, 0, 1]).cycle is not None


def test_a_cycle_is_told_when_it_closes_and_not_before() -> None:
    assert learn(CORNERS, XOR).cycle == Cycle(0, 1)  # in this order an epoch undoes itself
    found = learn([1, 2, 3, 4], [0, 1, 0, 1])
    assert found.cycle is not None
    assert 0 < found.cycle.first < found.cycle.last
    assert learn([1, 2, 3, 4], [0, 1, 0, 1], epochs=found.cycle.last - 1).cycle is None


@pytest.mark.parametrize("seed", range(3))
def test_the_margin_is_that_of_a_support_vector_machine(seed: int) -> None:
    x, targets = drawn(seed, gap=0.2, n=40)
    signed = np.column_stack([x, np.ones(len(x))])
    bound = novikoff(x, targets)
    assert bound is not None
    assert bound.radius == pytest.approx(np.linalg.norm(signed, axis=1).max())
    signed = signed * np.where(targets == 1, 1, -1)[:, None]
    assert (signed @ [*bound.weights, bound.bias]).min() == pytest.approx(bound.margin, abs=1e-8)
    both = np.vstack([signed, -signed])  # an intercept of 0 is best for a set and its mirror image
    machine = SVC(kernel="linear", C=1e9, tol=1e-8).fit(both, [1] * len(x) + [0] * len(x))
    assert bound.margin == pytest.approx(1 / np.linalg.norm(machine.coef_), rel=1e-4)
    assert bound.updates == pytest.approx((bound.radius / bound.margin) ** 2)


def test_a_gap_too_narrow_for_numbers_has_no_bound() -> None:
    assert novikoff([1e-300, 2e-300], [0, 1]) is None
    assert novikoff([1, 1 + 1e-6], [0, 1]) is not None


def test_one_class_alone_is_learned() -> None:
    assert learn([[1.0], [2.0]], [1, 1]).converged


@pytest.mark.parametrize(
    ("x", "targets", "key"),
    [
        (CORNERS, [0, 1], "given.lengths"), (CORNERS, [0, 1, 2, 1], "given.labels"), ([], [], "given.empty"),
        ([[0, float("nan")]], [1], "given.not_finite"), ([[0, 1], [1]], [0, 1], "given.not_numbers"),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_from_is_refused(x: list, targets: list, key: str) -> None:
    with pytest.raises(BadData) as caught:
        learn(x, targets)
    assert caught.value.key == f"problem.foundations.{key}"


@pytest.mark.parametrize("asked", [{"rate": -1}, {"epochs": 0}, {"epochs": float("nan")}, {"start": [1]}])
def test_nonsense_is_refused(asked: dict) -> None:
    with pytest.raises(Misuse):
        learn(CORNERS, XOR, **asked)
