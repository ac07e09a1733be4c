"""``striate learn`` as a student uses it: the list, one topic, numbers of one's own, questions, and mistakes."""

import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from striate import learn
from striate.cli import run
from striate.cli.answers import read
from striate.lessons.catalogue import TOPICS
from striate.problem import BadData, Misuse
from striate.words import say

Streams = pytest.CaptureFixture[str]


def told(capsys: Streams, *arguments: str, language: str = "en", code: int = 0) -> tuple[str, str]:
    assert run(["learn", *arguments], language) == code
    out, err = capsys.readouterr()
    return out, err


def test_without_a_topic_it_lists_all_in_both_languages(capsys: Streams) -> None:
    for language in ("en", "ko"):
        out, _ = told(capsys, language=language)
        places = [out.index(f"  {topic.name} ") for topic in TOPICS]
        assert places == sorted(places)
        assert all(topic.title(language) in out for topic in TOPICS)
    listed = json.loads(told(capsys, "--json")[0])
    assert [each["name"] for each in listed] == [topic.name for topic in TOPICS]


def test_listing_topics_and_networks_loads_no_numpy() -> None:
    program = "import sys; from striate.cli import run; run(['learn']); run(['nets']); sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode == 0


def test_a_topic_answers_to_a_korean_name_of_several_words(capsys: Streams) -> None:
    out, _ = told(capsys, "평가", "지표와", "ROC", "곡선", language="ko")
    assert out.startswith("평가 지표와 ROC 곡선\n")


def test_numbers_of_ones_own_change_every_number(capsys: Streams) -> None:
    out, _ = told(capsys, "metrics", "--targets", "1,0,1,0", "--scores", "0.9,0.8,0.7,0.1")
    assert "accuracy    = (TP + TN) / n        = (2 + 1) / 4 = 0.75" in out


def quizzed(capsys: Streams, monkeypatch: pytest.MonkeyPatch, *typed: str, language: str = "en") -> tuple[str, str]:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in typed)))
    return told(capsys, "metrics", "--quiz", language=language)


def test_the_questions_are_asked_before_they_are_answered(capsys: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = quizzed(capsys, monkeypatch, "0.7", "2", "3")
    assert (
        out.index("What share") < out.index("Right. Both kinds") < out.index("What area") < out.index("Not quite. One")
    )
    assert err.count("your answer") == 2
    assert "Not quite. Both kinds" in quizzed(capsys, monkeypatch, "0.5", "0.6")[0]
    assert "아닙니다. TP" in quizzed(capsys, monkeypatch, "0.5", "0.6", language="ko")[0]
    assert "That was not read as a number. Both kinds" in quizzed(capsys, monkeypatch, "most", "all")[0]


@pytest.mark.parametrize("typed", ["most", "0.5"])
def test_an_answer_that_is_wrong_or_unread_may_be_given_once_more(
    typed: str, capsys: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = quizzed(capsys, monkeypatch, typed, "0,7", "")
    out = " ".join(out.split())  # lines end where the terminal does
    assert out.index("decimal comma") < out.index("Right. Both kinds")
    assert err.count("once more") == 1
    assert "Not quite. Both kinds" in quizzed(capsys, monkeypatch, "0.5", "")[0]
    assert "소수점" in quizzed(capsys, monkeypatch, typed, "0.7", language="ko")[0]


def test_a_quiz_ends_with_a_score_where_something_was_answered(
    capsys: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "\n1 of 2 right.\n" in quizzed(capsys, monkeypatch, "2", "0.7", "3", "4")[0]
    assert "\n2문제 가운데 2문제를 맞혔습니다.\n" in quizzed(capsys, monkeypatch, "0.7", "0.5", language="ko")[0]
    assert "of 2 right" not in quizzed(capsys, monkeypatch, "", "")[0]


def test_the_lesson_runs_up_to_each_question_and_on_to_its_end(
    capsys: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _ = quizzed(capsys, monkeypatch, "70%", "1/2")
    places = [
        out.index(words)
        for words in (
            "10 cases",
            "TP 6",
            "1/2  What share",
            "Right. Both",
            "accuracy    =",
            "Right. One half",
            "Next\n",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("70%", 0.7), ("70 ％", 0.7), ("16/7", 16 / 7), ("a₂ = 16/7", 16 / 7), ("90.5점", 90.5), ("90.5 points.", 90.5),
        ("1,000,000", 1e6), ("1 million", 1e6), ("100만 개", 1e6), ("−.5", -0.5), ("½", 0.5), ("1e-3", 0.001),
        ("90,5", 90.5), ("0,693", 0.693), ("x = -0,693", -0.693), ("1,00", 1), (",25", 0.25), ("5/1,25", 4),
        ("1,000.5", 1000.5), ("", None), ("a half", None), ("1/0", None), ("1,2,3", None),
        ("2^-10", None), ("7 of 10", None),
    ],
)  # fmt: skip
def test_a_number_is_read_however_a_student_writes_it(typed: str, number: float | None) -> None:
    assert read(typed) == (None if number is None else pytest.approx(number))


def test_a_question_that_asks_for_percent_takes_the_sign_or_none() -> None:
    assert read("6.2 %", in_percent=True) == read("6.2", in_percent=True) == 6.2


def test_a_page_is_one_file_and_says_where_it_is(capsys: Streams, tmp_path: Path) -> None:
    page = tmp_path / "수업" / "metrics.html"
    out, err = told(capsys, "metrics", "--html", str(page), language="ko")
    assert out == ""
    assert str(page) in err
    assert '<html lang="ko">' in page.read_text(encoding="utf-8")


def test_what_it_says_to_type_has_the_numbers_and_the_language_of_the_person(capsys: Streams, tmp_path: Path) -> None:
    given = ["regression", "--x", "1,2,3,4,5.25", "--y=-3,5,4,8,10"]
    typed = "striate learn regression --x 1,2,3,4,5.25 --y=-3,5,4,8,10"
    out, _ = told(capsys, *given)
    assert f"{typed} --html page.html" in " ".join(out.split())
    assert "--lang" not in out
    out, _ = told(capsys, *given, language="ko")
    assert f"{typed} --lang ko --html page.html" in " ".join(out.split())
    assert "  striate learn descent --lang ko\n" in out
    told(capsys, *given, "--html", str(tmp_path / "page.html"), language="ko")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"{typed} --lang ko --html page.html" in page.split("<footer>")[1]
    assert "<h2>다음</h2>" in page
    assert "striate learn descent --lang ko\n" in page


def test_a_function_is_quoted_for_the_shell_in_the_command_that_is_shown() -> None:
    command = learn("descent", function="x**2 + 1", start=(3,)).command("en")
    assert shlex.split(command) == ["striate", "learn", "descent", "--function", "x**2 + 1", "--start", "3"]
    assert learn("convolution", flip=True, pad=0).command("en").startswith("striate learn convolution --flip")


def test_a_lesson_is_printed_as_one_line_that_names_its_command() -> None:
    line = "<Simple linear regression: striate learn regression --x 1,2,3 --y 2,4,5>"
    lesson = learn("regression", x=(1, 2, 3), y=(2, 4, 5))
    assert repr(lesson) == str(lesson) == line.replace("Simple linear regression", lesson.title.text())


def test_the_body_of_a_loop_goes_on_at_the_prompt_as_python_shows_it(capsys: Streams) -> None:
    out, _ = told(capsys, "zip")
    assert re.search(r"  >>> for .*:\n  \.\.\.     \S", out)
    assert ">>>  " not in out


def test_a_word_that_is_like_no_function_gets_no_guess(capsys: Streams) -> None:
    assert "sqrt\n" not in told(capsys, "descent", "--function", "import os", code=2)[1].split("tanh")[1]
    assert "  sqrt\n" in told(capsys, "descent", "--function", "sqr(x)", code=2)[1]


def test_a_number_that_needs_it_says_where_it_comes_from(capsys: Streams) -> None:
    assert "reach 1,020" in " ".join(told(capsys, "invariance")[0].split())
    assert "values put out times 4" in " ".join(told(capsys, "cost")[0].split())
    assert "without anything learnt" in " ".join(told(capsys, "perceptron")[0].split())


def test_what_is_to_be_moved_is_said_to_be_on_the_page(capsys: Streams) -> None:
    assert "[What does the threshold change?] (on the page) Move" in " ".join(told(capsys, "metrics")[0].split())
    assert "(페이지에서) 임계값을" in " ".join(told(capsys, "metrics", language="ko")[0].split())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["metrik"], 2, "striate learn metrics"),
        (["metrics", "--scores", "1,a"], 2, "number 2 of 1,a is a"),
        (["metrics", "--scores", "1,,2"], 2, "number 2"),
        (["metrics", "--scores", "1,2"], 3, "targets"),
        (["metrics", "--targets", "1,1", "--scores", "1,2"], 3, "1"),
        (["metrics", "--html", "page.pdf"], 2, ".html"),
        (["metrics", "--json", "--quiz"], 2, "--quiz"),
        (["metrics", "--treshold", "1"], 2, "--treshold"),
    ],
)
def test_a_mistake_is_told_with_what_is_expected(capsys: Streams, arguments: list[str], code: int, words: str) -> None:
    out, err = told(capsys, *arguments, code=code)
    assert out == ""
    assert words in err
    assert "Traceback" not in err


def test_a_program_asks_by_name_and_gets_the_numbers() -> None:
    lesson = learn("ROC", threshold=0.7)
    assert lesson.trace.table.true_positives == 5
    assert say("lesson.metrics.title") in lesson._repr_html_()
    with pytest.raises(Misuse, match="no option treshold"):
        learn("metrics", treshold=1)
    with pytest.raises(BadData):
        learn("metrics", scores=(1.0, 2.0))
