"""The notes' own numbers in the lessons on layers, numbers of a person's own, and what cannot be reckoned with."""

import json

import pytest

from striate.cli import run
from striate.lessons.catalogue import find_topic
from striate.lessons.grids import grid, written
from striate.lessons.learn import learn
from striate.lessons.options import lesson_of
from striate.lessons.parts import Chart, Question
from striate.problem import BadData, Misuse

Streams = pytest.CaptureFixture[str]


def text_of(capsys: Streams, *arguments: str) -> str:
    assert run(["learn", *arguments], "en") == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["activations", "--x", "1"], "f'(1) = 0.731059 · (1 - 0.731059) = 0.196612"),
        (["vanishing"], "Π f'(z) ≤ 0.25^10 = 9.537e-07"),
        (["batch-norm"], "= ((-1.5)² + (-0.5)² + 0.5² + 1.5²) / 4 = 1.25"),
        (["batch-norm", "--x", "3,5"], "μ  = Σ x / m\n       = (3 + 5) / 2 = 4"),
        (["convolution"], "y(0, 0) = 1·1 + 1·0 + 1·1 + 0·0 + 1·1 + 1·0 + 0·1 + 0·0 + 1·1 + 0\n            = 4 + 0 = 4"),
        (["convolution", "--stride", "2", "--pad", "1"], "height = 1 + (5 + 2*1 - 3) / 2 = 3"),
        (["pooling"], "y = [ 6  8 ]\n        [ 3  4 ]"),
        (["pooling", "--kind", "mean"], "(1 + 1 + 5 + 6) / 4 = 3.25"),
        (["stacking"], "stack  = 3 · 3² C² = 27 C²\n    single = 7² C² = 49 C²"),
        (["stacking"], "2 · (3·3) = 18   <   5·5 = 25"),
        (["separable"], "1/512 + 1/3^2 = 521/4608 = 0.113064"),
        (["sparse"], "weights     = 6·(3·25 + 1) + 9·(4·25 + 1) + 1·(6·25 + 1) = 1,516"),
        (["gap"], "flatten / global average = 3,398,534 / 326,534 = 10.41"),
    ],
)
def test_the_numbers_are_worked_out_on_the_page(capsys: Streams, arguments: list[str], line: str) -> None:
    assert line in text_of(capsys, *arguments)


def test_a_flipped_kernel_is_laid_on_turned() -> None:
    straight, turned = (learn("convolution", kernel="1,2/3,4", flip=flip) for flip in (False, True))
    assert straight.trace.convolved.filters[0, 0].tolist() == [[1, 2], [3, 4]]
    assert turned.trace.convolved.filters[0, 0].tolist() == [[4, 3], [2, 1]]


def test_whitened_points_are_uncorrelated_and_normalised_ones_are_not() -> None:
    found = learn("whitening").trace.simplified
    assert found.whitened.correlation < 1e-9
    assert found.each_feature.correlation > 0.5
    assert found.each_feature.variance_error < 1e-9


def test_too_large_a_rate_kills_relus_and_a_small_one_does_not() -> None:
    careful, careless = (learn("vanishing", rate=rate).trace.dying for rate in (0.01, 1.0))
    assert careful.after == careful.before < careless.after


def test_convolution_moves_along_and_the_maximum_is_not_invariant() -> None:
    trace = learn("invariance", pictures=20).trace
    assert all((each.interior < 1e-9) == each.whole for each in trace.moved)
    one = trace.measured.trace[1]
    assert 0 < one.whole_mean < one.maximum < one.pixels


def test_the_best_degree_is_neither_the_lowest_nor_the_highest() -> None:
    trace = learn("bias-variance").trace
    assert trace.decomposition.degrees[0].degree < trace.decomposition.best < trace.decomposition.degrees[-1].degree


@pytest.mark.parametrize(
    ("topic", "given", "kind", "words"),
    [
        ("convolution", {"picture": "1,2/3"}, Misuse, "rows of 2, 1 numbers"),
        ("convolution", {"kernel": "1,a"}, Misuse, "number 2 of 1,a"),
        ("convolution", {"kernel": "/".join(["1,1,1,1,1,1"] * 6)}, Misuse, "does not fit"),
        ("pooling", {"picture": "/".join(["1"] * 13)}, Misuse, "12 of each at most"),
        ("batch-norm", {"x": "5"}, BadData, "one value"),
        ("batch-norm", {"dy": "1,2"}, BadData, "dy"),
        ("activations", {"function": "relo"}, Misuse, "relu"),
        ("vanishing", {"layers": 1000}, Misuse, "layers"),
        ("stacking", {"kernels": "3,2.5"}, BadData, "kernels"),
        ("sparse", {"kernel": 40}, Misuse, "does not fit"),
        ("gap", {"units": 0}, Misuse, "units"),
        ("separable", {"filters": 0}, Misuse, "filters"),
        ("invariance", {"furthest": 40}, Misuse, "room"),
        ("whitening", {"batch": 1}, Misuse, "batch"),
        ("bias-variance", {"most": 15, "points": 10}, Misuse, "10"),
    ],
)
def test_what_cannot_be_reckoned_with_is_told(topic: str, given: dict[str, object], kind: type, words: str) -> None:
    with pytest.raises(kind, match=words):
        lesson_of(find_topic(topic), given)


@pytest.mark.parametrize(
    ("topic", "answers"),
    [
        ("sparse", {122_304, 1_516}),
        ("gap", {64_500}),
        ("pooling", {3.25, 0, 27}),
        ("convolution", {4, 2_416}),
        ("stacking", {9, 404}),
    ],
)
def test_questions_expect_the_numbers_of_the_papers(topic: str, answers: set[float]) -> None:
    parts = lesson_of(find_topic(topic), {}).parts
    assert answers <= {part.expected for part in parts if isinstance(part, Question)}


def test_a_grid_is_read_and_written_row_by_row() -> None:
    rows = grid("--picture", "1,-2/3,4")
    assert rows == ((1, -2), (3, 4))
    assert written(rows, "x = ") == ("x = [  1  -2 ]", "    [  3   4 ]")


@pytest.mark.parametrize(
    ("topic", "chosen"), [("convolution", "보폭 1, 패딩 0"), ("pooling", "최댓값, 보폭 2"), ("pooling", "평균, 보폭 1")]
)
def test_the_menu_of_settings_is_in_the_language_of_the_page(topic: str, chosen: str) -> None:
    charts = [part for part in lesson_of(find_topic(topic), {}).parts if isinstance(part, Chart)]
    assert any(chosen in json.dumps(each.draw("ko").to_dict(), ensure_ascii=False) for each in charts)
