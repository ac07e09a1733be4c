"""Sentences that hold for some numbers only are chosen by the numbers."""

import pytest

from striate import learn
from striate.cli.learning import as_text
from striate.lessons.written import rounded

TOLD = {
    "low": "Low degrees have a high bias", "overfits": "High degrees have a low bias", "noiseless": "Without noise all",
    "constant": "least with the constant", "highest": "least at the highest degree",
}  # fmt: skip


def text(topic: str, language: str = "en", **options: object) -> str:
    return " ".join(as_text(learn(topic, **options), language, 100).split())


def test_the_classifiers_that_are_ahead_of_the_network_are_counted() -> None:
    lesson = learn("classifiers", pictures=100, test=200, steps=1)
    *others, network = lesson.trace.results
    better = sum(each.accuracy > network.accuracy for each in others)
    known = sum(each.training_accuracy >= 0.99 for each in lesson.trace.results)
    told = " ".join(as_text(lesson, "en", 100).split())
    assert f"{better} of the other five methods" in told
    assert f"{known} of the six" in told
    worst = min(lesson.trace.results, key=lambda each: each.accuracy).kind
    assert worst == "lenet5_modern"
    assert "the least right on what it has not" not in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, {"low", "overfits"}), ({"noise": 0}, {"noiseless"}), ({"noise": 10}, {"constant"}),
        ({"points": 100, "most": 3}, {"low", "highest"}),
    ],
)  # fmt: skip
def test_overfitting_is_told_of_where_a_higher_degree_has_a_larger_error(
    options: dict[str, float], said: set[str]
) -> None:
    told = text("bias-variance", samples=30, **options)
    assert {name for name, words in TOLD.items() if words in told} == said


def test_a_line_through_much_noise_suffers_from_variance() -> None:
    assert "From bias" in text("bias-variance", samples=30)
    told = text("bias-variance", samples=30, noise=10)
    assert "from variance" in told.split("suffer from bias or from variance?")[1]
    assert "More points would not help" not in told


def test_a_variance_below_rounding_is_0() -> None:
    told = text("bias-variance", samples=5, noise=0)
    assert "against a variance of 0." in told
    assert "e-31" not in told
    assert "are 5 fits" in told


@pytest.mark.parametrize(("value", "sources", "found"), [(-5.6e-17, (1.0, 1.0), 0), (2.0**-60, (2.0**-59,), 2.0**-60)])
def test_a_value_is_0_where_it_is_below_the_rounding_of_what_it_came_from(
    value: float, sources: tuple[float, ...], found: float
) -> None:
    assert rounded(value, *sources) == found


def test_where_all_x_are_the_same_there_is_no_single_best_curve() -> None:
    told = text("logistic", x=(3, 3, 3, 3), targets=(0, 1, 1, 1))
    assert "one best curve" not in told
    assert "make it 1.09861, the answer 0.75" in told
    assert "is one best curve here: a = 0, b = 0. It is level" in text("logistic", x=(1, 2, 1, 2), targets=(0, 0, 1, 1))
    assert "one best curve" in text("logistic", targets=(0, 0, 1, 0, 1, 1))


def test_a_loss_that_leaps_up_is_not_said_to_keep_falling() -> None:
    told = text("logistic", rate=1000)
    assert "The loss keeps falling" not in told
    assert "A learning rate of 1000 is too large" in told
    assert "It ended at step 35" in told
    usual = text("logistic", steps=1000)
    assert "The loss keeps falling" in usual
    assert "too large" not in usual
    assert "It ended at" not in usual


@pytest.mark.parametrize(
    ("options", "one_line", "flat"),
    [({}, True, True), ({"seed": 3}, True, False), ({"seed": 0}, False, False), ({"rate": 1e9}, False, False)],
)
def test_the_picture_of_xor_tells_of_what_the_training_came_to(
    options: dict[str, float], one_line: bool, flat: bool
) -> None:
    told = text("xor", **options)
    assert ("until one straight line is enough" in told) == one_line
    assert ("long flat, then falling at once" in told) == flat
    assert ("직선 하나로 나뉠 때까지" in text("xor", "ko", **options)) == one_line


def test_steps_that_are_too_short_are_not_called_stuck() -> None:
    told = text("xor", rate=1e-9)
    assert "The slope is near 0" not in told
    assert "It is not stuck" in told
    assert "The slope is near 0" in text("xor", seed=0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"function": "x**2", "start": (1,)}, "The steps become shorter"),
        ({"function": "-x**2", "start": (1,)}, "The last step was longer than the first"),
        ({"function": "x"}, "The last step is as long as the first"),
        ({"function": "abs(x)", "start": (1,), "rate": 0.3}, "to and fro between the same places"),
        ({"function": "(x-3)**2", "start": (1,), "rate": 0.5}, "the slope is 0: no step leads on"),
    ],
)
def test_steps_are_said_to_become_shorter_where_they_do(options: dict[str, object], said: str) -> None:
    told = text("descent", **options)
    assert said in told
    assert ("The steps become shorter" in told) == (said == "The steps become shorter")


@pytest.mark.parametrize("topic", ["descent", "optimisers"])
def test_what_rounding_leaves_of_a_step_is_told_as_0(topic: str) -> None:
    told = text(topic, function="x**2 + 10*y**2", rate=0.05, start=(3, 1))
    assert "e-17" not in told
    assert "1 - 0.05 · 20 = 0" in told or "2.7, 0" in told


def test_the_first_steps_of_rmsprop_are_long_where_they_are() -> None:
    assert "RMSProp's first step is long: 0.316, against 0.2" in text("optimisers")
    told = text("optimisers", surface="rosenbrock", rate=0.0003)
    assert "RMSProp's first step is shorter here" in told
    assert "is long" not in told


@pytest.mark.parametrize(("given", "said"), [((0.5,), "One network looks"), ((0.9, 0.8), "2 networks look")])
def test_members_of_ones_own_are_neither_three_nor_wrong(given: tuple[float, ...], said: str) -> None:
    told = text("ensembles", given=given, members=1)
    assert said in told
    assert "One of them is wrong" not in told
    assert "1 networks" not in told
    assert "lower" not in told.split("If errors")[0]


def test_the_loss_of_a_mean_of_equal_members_is_not_called_less() -> None:
    told = text("ensembles", given=(0.5, 0.5), members=2)
    assert "0.693147. That is the mean of the losses, too" in told
    assert "never above the mean of theirs" in told
    assert "Most of the gain is there with three" not in told
    assert "0.567984. It is less than the mean" in text("ensembles", members=1)


@pytest.mark.parametrize(("options", "doubles"), [({}, True), ({"function": "x**4", "start": (1,)}, False)])
def test_newtons_digits_double_where_they_do(options: dict[str, object], doubles: bool) -> None:
    told = text("newton", **options)
    assert ("doubles the number of digits" in told) == doubles
    assert ("the hill between the valleys" in told) == doubles
    assert "direction from the sign of f' alone" in told


def test_what_pooling_forgives_is_told_by_the_numbers() -> None:
    told = text("invariance", pictures=100)
    assert "the maximum 87 %" in told
    assert "forgives nothing. From 5 pixels on" in told
    wide = text("invariance", pictures=100, kernel=4)
    assert "the maximum 69 %" in wide
    assert "a stride alone, changes between 90 and 97 %" in wide


def test_the_dense_layer_has_most_parameters_where_it_has() -> None:
    assert "92.3 % of the parameters" in text("gap")
    assert "one layer has most of them" in text("gap")
    told = text("gap", side=5)
    assert "19.8 % of the parameters" in told
    assert "most of them" not in told
    assert "total of 326,534" not in text("gap", classes=100)


def test_where_all_x_are_the_same_any_gamma_gives_them_back() -> None:
    assert "Any γ" in text("batch-norm", x=(5, 5, 5))
    assert "Any γ" not in text("batch-norm")
