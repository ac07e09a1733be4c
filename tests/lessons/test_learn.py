"""``striate learn`` as a student uses it: the list, one topic, numbers of one's own, questions, and mistakes."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from striate import learn
from striate.cli import run
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


def test_the_questions_are_asked_before_they_are_answered(capsys: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("0.7\nguess\n"))
    out, err = told(capsys, "metrics", "--quiz")
    assert out.index("What share") < out.index("Right. Both kinds") < out.index("What area")
    assert err.count("your answer") == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("0.5\n"))
    assert "Not quite. Both kinds" in told(capsys, "metrics", "--quiz")[0]


def test_a_page_is_one_file_and_says_where_it_is(capsys: Streams, tmp_path: Path) -> None:
    page = tmp_path / "수업" / "metrics.html"
    out, err = told(capsys, "metrics", "--html", str(page), language="ko")
    assert out == ""
    assert str(page) in err
    assert '<html lang="ko">' in page.read_text(encoding="utf-8")


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
