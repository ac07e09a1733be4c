"""The lessons from regression to back-propagation: the numbers of the notes, numbers of one's own, and mistakes."""

import itertools

import numpy as np
import pytest

from striate import learn
from striate.cli import run
from striate.cli.learning import as_text
from striate.foundations import mlp
from striate.foundations.examples import CORNERS
from striate.lessons import charts, labels, written
from striate.problem import BadData, Misuse


def text(topic: str, **options: object) -> str:
    return as_text(learn(topic, **options), "en", 100)


@pytest.mark.parametrize(
    ("topic", "lines"),
    [
        ("regression", ("= 23/10 = 2.3", "y = 2.3·x + 79", "33.2 / 4 = 8.3", "a₂ = 16/7 = 2.28571", "= 0.0714286")),
        ("descent", ("[60  10]", "2 / 61.6757 = 0.0324277", "190 times", "0.0648553", "= 27.84")),
        ("optimisers", ("0.833103527", "0.498870614", "0.701586273", "0.17792", "0.062")),
        ("newton", ("(a, b) = (0, 0) - H⁻¹ · g = (2.3, 79)", "x₁ = 2 - 21 / 42 = 1.5")),
        ("logistic", ("log 2 = 0.693147", "-b / a = 7", "(x = 7, for one)", "/ 6 = -1.5")),
        ("perceptron", ("After 18 updates", "= 51", "w = (3, 2), b = -4")),
        ("xor", ("  9: a weight", "n₂ = step(2·x₁ + 2·x₂ - 1)", "All four answers")),
        ("backprop", ("J falls from 0.309162 to 0.299409", "1/(1 + exp(-0.2))", "δ⁽²⁾₁·a⁽¹⁾₁ = 0.0157886")),
    ],
)
def test_a_lesson_works_out_the_numbers_of_the_course(topic: str, lines: tuple[str, ...]) -> None:
    told = text(topic)
    for line in lines:
        assert line in told


def test_a_plane_needs_a_second_x_unless_the_numbers_are_those_of_the_course() -> None:
    assert learn("regression").trace.plane is not None
    assert learn("regression", x=(1, 2, 3), y=(2, 4, 5)).trace.plane is None
    assert learn("regression", x=(1, 2, 3, 5), y=(2, 4, 5, 1), x2=(1, 0, 1, 0)).trace.plane is not None


def test_descent_says_whether_it_arrives_rises_or_was_stopped() -> None:
    assert "become shorter" in text("descent", rate=0.0324)
    assert "higher than at the start" in text("descent", rate=0.0325, steps=100)
    assert "was stopped" in text("descent", rate=0.1, steps=100)


def test_descent_on_a_function_finds_the_rate_that_is_stable_at_its_lowest_point() -> None:
    assert learn("descent", function="x**2 + 10*y**2", start=(-4, 2)).trace.stable == pytest.approx(0.1)
    assert learn("descent", function="x**2 - y**2", start=(1, 1)).trace.stable is None
    assert "no largest rate" in text("descent", function="x**2 - y**2", start=(1, 1))


@pytest.mark.parametrize(("start", "kind"), [((2.0,), "minimum"), ((0.2,), "maximum")])
def test_newton_tells_a_hill_from_a_valley(start: tuple[float, ...], kind: str) -> None:
    assert learn("newton", start=start).trace.path.kind == kind
    assert ("this is the top of a hill" in text("newton", start=start)) is (kind == "maximum")


def test_a_logistic_curve_that_has_an_end_is_told_as_such() -> None:
    told = text("logistic", targets=(0, 0, 1, 0, 1, 1))
    assert "There is one best curve here" in told
    assert "There is no best curve" not in told
    assert learn("logistic").trace.end.separator is not None


def test_perceptron_and_net_say_when_they_cannot_do_it() -> None:
    assert "round in a circle" in text("perceptron", gate="xor")
    assert "It is stuck" in text("xor", seed=0)


@pytest.mark.parametrize("epochs", [1500, 2000])  # of which every third and every fourth is kept
def test_a_loss_that_jumps_is_called_swinging_and_not_stuck(epochs: int) -> None:
    told = text("xor", rate=50, epochs=epochs)
    assert "It swings" in told
    assert "the learning rate is too large" in " ".join(told.split())
    assert "stuck" not in told
    assert not learn("xor", seed=0).trace.training.swinging


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_loss_that_ends_higher_than_it_began_is_not_called_stuck_or_falling(epochs: int) -> None:
    told = " ".join(text("xor", rate=1e9, epochs=epochs).split())
    assert "The loss has risen, from 0.718995 at the start to 5.50192e+07" in told
    assert "still falling" not in told
    assert "stuck" not in told
    assert "still falling" in text("xor", epochs=400)


@pytest.mark.parametrize("seed", range(4))
def test_the_labels_of_the_hidden_units_picture_never_cover_each_other(seed: int) -> None:
    training = learn("xor", seed=seed, epochs=600).trace.training
    words = ["(0,0)", "(0,1)", "(1,0)", "(1,1)"]
    for epoch in training.trace[::20]:
        places = [mlp.forward(epoch.net, corner)[0].outputs for corner in CORNERS]
        boxes = labels.beside([((a + 0.1) * 190, (b + 0.1) * 190) for a, b in places], words, 230)
        for one, other in itertools.combinations(boxes, 2):
            apart = abs(one.x - other.x), abs(one.y - other.y)
            assert apart[0] >= one.wide - 1e-9 or apart[1] >= one.high - 1e-9
        assert all(box.wide / 2 <= box.x <= 230 - box.wide / 2 for box in boxes)


def test_a_label_stands_above_its_point_where_nothing_is_in_the_way() -> None:
    (first, second) = labels.beside([(100, 100), (100, 30)], ["(0,0)", "(1,1)"], 230)
    assert (first.x, first.y, second.x, second.y) == (100, 114, 100, 44)


def test_one_hidden_unit_is_said_never_to_do_xor_and_shown_as_one() -> None:
    told = text("xor", hidden=1)
    assert "One hidden unit cannot do it" in told
    assert "Other first weights" not in told
    assert "has 1 hidden unit in place of two" in told
    assert "y  = σ(w₃·n₁ + b₂)" in told
    assert "both hidden units" not in told
    assert "It swings" in text("xor", hidden=1, rate=50)


def test_more_hidden_units_are_shown_as_many() -> None:
    assert "y  = σ(v₁·n₁ + … + v₁₂·n₁₂ + b)" in text("xor", hidden=12, epochs=10)
    assert "in place of two" not in text("xor")


@pytest.mark.parametrize(
    ("topic", "options", "kind"),
    [
        ("regression", {"x": (1, 1), "y": (2, 3)}, BadData), ("descent", {"function": "open(x)"}, Misuse),
        ("descent", {"rate": -1.0}, Misuse), ("optimisers", {"surface": "hill"}, Misuse),
        ("logistic", {"targets": (0,) * 6}, BadData), ("perceptron", {"x1": (1, 2)}, Misuse),
        ("xor", {"hidden": 0}, Misuse), ("backprop", {"first": (1, 2)}, Misuse),
        ("backprop", {"x": (1, 2, 3)}, BadData),
    ],
)  # fmt: skip
def test_what_cannot_be_reckoned_with_is_refused(topic: str, options: dict[str, object], kind: type) -> None:
    with pytest.raises(kind):
        learn(topic, **options)


def test_an_empty_list_is_none_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", "regression", "--x2", " "]) == 0
    assert "16/7" in capsys.readouterr().out


def test_long_sums_and_tables_leave_their_middle_out() -> None:
    assert written.summed(["1", "2"]) == "1 + 2"
    assert written.summed(list("12345678")) == "1 + 2 + 3 + … + 8"
    assert [row[0] for row in written.abridged([(str(at),) for at in range(100)])][-4:] == ["12", "…", "98", "99"]
    assert (written.bracketed(-2), written.with_sign(-2), written.with_sign(2)) == ("(-2)", "- 2", "+ 2")


def test_a_relief_is_darkest_where_it_is_lowest_and_has_the_highest_y_on_top() -> None:
    import base64
    import io

    from PIL import Image

    heights = np.linspace(0, 1, 30)[:, None] * np.ones(5)
    picture = charts.relief(heights).removeprefix("data:image/png;base64,")
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture))).convert("L")).astype(int)
    assert image.shape == (30, 5)
    assert image[0, 0] > image[-1, 0]
