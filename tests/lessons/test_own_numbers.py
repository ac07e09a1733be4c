"""What a lesson says of numbers of one's own: nothing that is true of the notes' only."""

import pytest

from striate import learn
from striate.cli.learning import as_text


def text(topic: str, **options: object) -> str:
    return " ".join(as_text(learn(topic, **options), "en", 100).split())


@pytest.mark.parametrize(
    ("topic", "own", "speaks"),
    [
        ("logistic", {"targets": (0, 0, 1, 0, 1, 1)}, ("six students", "studied least")),
        ("logistic", {"x": (1, 2, 3, 4), "targets": (1, 1, 0, 0)}, ("six students", "12 hours", "4 hours")),
        ("regression", {"x": (1, 2, 3), "y": (2, 4, 5)}, ("students", "in the notes")),
        ("regression", {"x": (1, 2, 3, 5), "y": (2, 4, 5, 1), "x2": (1, 0, 1, 0)}, ("private lessons",)),
        ("descent", {"x": (1, 2, 3), "y": (2, 4, 5)}, ("students",)),
    ],
)
def test_of_numbers_of_ones_own_no_lesson_says_what_the_notes_say_of_theirs(
    topic: str, own: dict[str, object], speaks: tuple[str, ...]
) -> None:
    told = text(topic, **own)
    assert not [each for each in speaks if each in told]


def test_the_numbers_of_the_notes_are_spoken_of_as_such() -> None:
    assert "six students studied 2 to 12 hours" in text("logistic")
    assert "4 students, each with hours of study" in text("regression")
    assert "private lessons" in text("regression")


def test_the_variance_after_normalisation_is_called_1_only_where_it_is() -> None:
    assert "mean 0 and variance 1, whatever they were" in text("batch-norm")
    assert "variance σ² / (σ² + ε) = 0, not 1" in text("batch-norm", x=(5, 5, 5))
    assert "variance σ² / (σ² + ε) = 0.5, not 1" in text("batch-norm", x=(1, 3), eps=1.0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Even where ∂J/∂y is 0"), ({"dy": (1, 1, 1, 1)}, "Every ∂J/∂x is 0, or"),
        ({"x": (1, 2)}, "Every ∂J/∂x is 0, or"), ({"gamma": 0.0}, "Every ∂J/∂x is 0, since γ is"),
        ({"dy": (1, 2, 3, 5)}, "Each x has a gradient from every ∂J/∂y"),
    ],
)  # fmt: skip
def test_the_gradients_of_batch_normalisation_are_told_as_they_are(options: dict[str, object], said: str) -> None:
    told = text("batch-norm", **options)
    assert said in told
    assert told.count("Even where ∂J/∂y is 0") + told.count("Every ∂J/∂x is 0") + told.count("Each x has") == 1


def test_where_all_y_are_the_same_r2_is_said_to_have_no_value() -> None:
    told = text("regression", x=(1, 2, 3), y=(2, 2, 2))
    assert "R² has no value" in told
    assert "R² is the share" not in told
    assert "has no value" not in text("regression")


@pytest.mark.parametrize("function", ["x*y", "x**2 - y**2", "y**2 - x"])
def test_a_function_that_falls_without_end_is_told_to_have_no_lowest_point(function: str) -> None:
    told = text("descent", function=function, start=(2, 3))
    assert "falls without end" in told
    assert "may find one" not in told
    assert "100 %" not in told


def test_a_descent_that_was_stopped_far_down_did_not_leap_over_a_valley() -> None:
    told = text("descent", function="x*y", start=(2, 3), rate=0.3, steps=200)
    assert "falls without end" in told
    assert "leaps over the valley" not in told
    assert "leaps over the valley" in text("descent", function="x**2", start=(1,), rate=2.0, steps=100)


def test_a_largest_rate_that_is_known_is_what_100_percent_means() -> None:
    assert "above 100 % the value rises" in text("descent", function="x**2 + 10*y**2", start=(-4, 2))
    assert "above 100 % the value rises" in text("descent")


def test_the_rules_are_worked_out_on_the_surface_that_was_chosen() -> None:
    told = text("optimisers", surface="rosenbrock", rate=0.001)
    assert "x**2 from 1" not in told
    assert learn("optimisers", surface="rosenbrock", rate=0.001).trace.start == (-1.2, 1.0)
    assert "f = x**2 from 1" in text("optimisers")
    bowl = text("optimisers", surface="bowl")
    assert "f = x**2 + 10*y**2 from -4, 2" in bowl
    assert "y = -2 - 0.1·(-40) = 2" in bowl


def test_of_two_variables_the_steeper_one_is_worked_out() -> None:
    told = text("optimisers", function="x**2 + 20*y**2", start=(2, 2), rate=0.02)
    assert "numbers are those of y" in told
    assert "y = 0.4 - 0.02·16 = 0.08" in told
    assert "numbers are those of" not in text("optimisers")


def test_rules_that_climb_or_were_stopped_are_told_of() -> None:
    climbing = text("optimisers", function="x**2 + 20*y**2", start=(2, 2), rate=0.05)
    assert "too large for it" in climbing
    assert "was stopped" not in climbing
    assert "was stopped" in text("optimisers", function="x**4-x", start=(3,), rate=1.0, steps=6)
    assert "too large for it" not in text("optimisers")


def test_epsilon_has_its_value() -> None:
    told = text("optimisers")
    assert "ε = 1e-10" in told
    assert told.count("ε = 1e-08") == 2
