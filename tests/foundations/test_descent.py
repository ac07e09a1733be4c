"""The six rules: the notes' vector, torch's own optimisers on other functions, and what does not converge."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from striate.foundations.descent import (
    RULES,
    Adagrad,
    Adam,
    Momentum,
    Nesterov,
    RmsProp,
    Rule,
    Sgd,
    Step,
    descend,
)
from striate.foundations.regression import curvature
from striate.foundations.surfaces import SURFACES, find, typed
from striate.problem import BadData, Misuse

VECTOR = [
    (Sgd(0.1), [0.8, 0.64, 0.512]),
    (Momentum(0.1), [0.8, 0.46, 0.062]),
    (Nesterov(0.1), [0.8, 0.496, 0.17792]),
    (Adagrad(0.1), [0.9, 0.833103527, 0.780456181]),
    (RmsProp(0.1), [0.683772239, 0.498870614, 0.369180560]),
    (Adam(0.1), [0.9, 0.800412229, 0.701586273]),
]
RULED = [rule for rule, _ in VECTOR]


def kind(rule: Rule) -> str:
    return type(rule).__name__


@pytest.mark.parametrize(("rule", "points"), VECTOR, ids=[kind(rule) for rule, _ in VECTOR])
def test_three_steps_on_the_square_are_the_notes(rule: Rule, points: list[float]) -> None:
    path = descend(find("square"), [1.0], rule=rule, steps=3)
    assert [step.after[0] for step in path.trace] == pytest.approx(points, abs=5e-10)
    assert path.trace[0].point == (1.0,)
    assert path.end == path.trace[-1].after
    assert path.value == pytest.approx(points[-1] ** 2)


def by_the_formulas(rule: Rule, start: np.ndarray, steps: int) -> list[np.ndarray]:
    """The rules as they are printed, on a bowl of three variables."""
    weights = np.array([1.0, 4.0, 0.5])

    def slope(x: np.ndarray) -> np.ndarray:
        return 2 * weights * x

    x, v, m = start.copy(), np.zeros(3), np.zeros(3)
    points = []
    for t in range(1, steps + 1):
        match rule:
            case Sgd(rate):
                x = x - rate * slope(x)
            case Momentum(rate, mu):
                v = mu * v - rate * slope(x)
                x = x + v
            case Nesterov(rate, mu):
                v = mu * v - rate * slope(x + mu * v)
                x = x + v
            case Adagrad(rate, epsilon):
                v = v + slope(x) ** 2
                x = x - rate * slope(x) / (np.sqrt(v) + epsilon)
            case RmsProp(rate, decay, epsilon):
                v = decay * v + (1 - decay) * slope(x) ** 2
                x = x - rate * slope(x) / (np.sqrt(v) + epsilon)
            case Adam(rate, beta1, beta2, epsilon):
                m, v = beta1 * m + (1 - beta1) * slope(x), beta2 * v + (1 - beta2) * slope(x) ** 2
                x = x - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
        points.append(x)
    return points


@pytest.mark.parametrize("rule", [replace(rule, rate=0.05) for rule in RULED], ids=kind)
def test_a_long_path_in_three_variables_is_that_of_the_printed_formulas(rule: Rule) -> None:
    start = np.random.default_rng(0).normal(size=3)
    weights = torch.tensor([1.0, 4.0, 0.5], dtype=torch.float64)
    path = descend(lambda x: (weights * x**2).sum(), start, rule=rule, steps=40)
    for step, point in zip(path.trace, by_the_formulas(rule, start, 40), strict=True):
        assert step.after == pytest.approx(point.tolist(), abs=1e-10)


def state_holds(rule: Rule, before: Step | None, step: Step) -> None:
    """The kept quantities and the move are those of the formula, variable by variable."""
    kept, earlier = step.state, before.state if before else None
    for at, slope in enumerate(step.gradient):
        match rule:
            case Sgd():
                expected = -rule.rate * slope
            case Momentum() | Nesterov():
                assert kept.velocity is not None
                old = earlier.velocity[at] if earlier and earlier.velocity else 0.0
                assert kept.velocity[at] == pytest.approx(rule.momentum * old - rule.rate * slope, abs=1e-10)
                expected = kept.velocity[at]
                ahead = rule.momentum * old if isinstance(rule, Nesterov) else 0.0
                assert step.looked_at[at] == pytest.approx(step.point[at] + ahead, abs=1e-10)
            case Adagrad() | RmsProp():
                assert kept.squares is not None
                assert kept.effective_rate is not None
                expected = -kept.effective_rate[at] * slope
                assert kept.effective_rate[at] == pytest.approx(rule.rate / (kept.squares[at] ** 0.5 + rule.epsilon))
            case Adam():
                assert kept.mean is not None
                assert kept.corrected_mean is not None
                assert kept.corrected_squares is not None
                assert kept.effective_rate is not None
                assert kept.corrected_mean[at] == pytest.approx(kept.mean[at] / (1 - rule.beta1**step.number))
                root = kept.corrected_squares[at] ** 0.5
                assert kept.effective_rate[at] == pytest.approx(rule.rate / (root + rule.epsilon))
                expected = -kept.effective_rate[at] * kept.corrected_mean[at]
        assert step.move[at] == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("rule", [replace(rule, rate=0.001) for rule in RULED], ids=kind)
def test_every_step_holds_what_explains_its_move(rule: Rule) -> None:
    path = descend(find("rosenbrock"), [-1.2, 1.0], rule=rule, steps=30)
    before = None
    for step in path.trace:
        state_holds(rule, before, step)
        assert step.after == pytest.approx([a + b for a, b in zip(step.point, step.move, strict=True)])
        if before:
            assert step.point == before.after
        before = step


def test_torch_iterates_are_the_places_nesterov_looks_ahead_to() -> None:
    path = descend(find("square"), [1.0], rule=Nesterov(0.1), steps=4)
    assert [step.looked_at[0] for step in path.trace[1:]] == pytest.approx([0.62, 0.2224, -0.108], abs=5e-4)


@pytest.mark.parametrize(
    ("name", "rate", "steps"),
    [("square", 0.1, 300), ("regression", 3.0, 300), ("bowl", 0.1, 300), ("beale", 0.1, 400), ("himmelblau", 0.1, 300)],
)
def test_adam_finds_a_lowest_point_of_each_surface(name: str, rate: float, steps: int) -> None:
    surface = SURFACES[name]
    path = descend(surface, surface.start, rule=Adam(rate), steps=steps)
    assert not path.diverged
    assert min(np.abs(np.subtract(path.end, least)).max() for least in surface.minima) < 1e-2


def test_momentum_rolls_through_the_trap_where_plain_descent_stays() -> None:
    surface = find("two_valleys")
    assert descend(surface, [2.0], rule=Sgd(0.01), steps=200).end == pytest.approx(surface.traps[0], abs=1e-6)
    assert descend(surface, [2.0], rule=Momentum(0.01), steps=300).end == pytest.approx(surface.minima[0], abs=1e-6)


def test_descent_on_the_notes_regression_converges_up_to_the_largest_rate_only() -> None:
    surface, largest = find("regression"), curvature([2, 4, 6, 8]).largest_rate
    assert descend(surface, [2, 80], rule=Sgd(0.99 * largest), steps=500).end == pytest.approx((2.3, 79), abs=0.05)
    above = descend(surface, [0, 0], rule=Sgd(1.05 * largest), steps=2000)
    assert above.diverged
    assert above.trace[-1].number == len(above.trace) < 2000


def test_a_saddle_has_no_bottom_and_the_path_says_so() -> None:
    assert descend(find("saddle"), [2.0, 0.01], rule=Sgd(0.1), steps=1000).diverged
    assert not descend(find("saddle"), [2.0, 0.0], rule=Sgd(0.1), steps=1000).diverged  # it never leaves the ridge


def test_a_rule_without_momentum_is_plain_descent() -> None:
    plain = descend(find("bowl"), [1, 1], rule=Sgd(0.01), steps=5)
    for rule in (Momentum(0.01, 0.0), Nesterov(0.01, 0.0)):
        assert descend(find("bowl"), [1, 1], rule=rule, steps=5).end == plain.end


@pytest.mark.parametrize("name", RULES)
def test_a_rule_by_name_needs_its_rate_only(name: str) -> None:
    assert descend(typed("x**2 + y**2"), [1, 1], rule=RULES[name](0.01), steps=5).value < 2


@pytest.mark.parametrize(
    ("rule", "key"),
    [
        (Sgd(-0.1), "given.positive"), (Sgd(float("inf")), "given.positive"), (Momentum(0.1, 1.0), "given.share"),
        (RmsProp(0.1, decay=-1.0), "given.share"), (Adam(0.1, beta2=1.5), "given.share"),
        (Adagrad(0.1, epsilon=0.0), "given.positive"),
    ],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused(rule: Rule, key: str) -> None:
    with pytest.raises(Misuse) as caught:
        descend(find("square"), [1.0], rule=rule, steps=3)
    assert caught.value.key == f"problem.foundations.{key}"


def test_starts_that_cannot_be_are_refused() -> None:
    with pytest.raises(Misuse, match="no single number"):
        descend(find("bowl"), [1.0], rule=Sgd(0.1), steps=3)
    with pytest.raises(BadData, match=r"at the start \(-1\) the function is nan"):
        descend(typed("log(x)"), [-1.0], rule=Sgd(0.1), steps=3)
    with pytest.raises(BadData, match="start holds nan"):
        descend(find("square"), [float("nan")], rule=Sgd(0.1), steps=3)
    with pytest.raises(Misuse, match="steps must be a whole number"):
        descend(find("square"), [1.0], rule=Sgd(0.1), steps=0)
