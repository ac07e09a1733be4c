"""What holds for every topic: it can be found, told in both languages, written as JSON, and changed by its options."""

import json
import math
import re
from dataclasses import replace

import pytest

from striate.cli import run
from striate.cli.app import COMMANDS
from striate.cli.learning import as_text
from striate.lessons.catalogue import TOPICS, Topic, find_topic
from striate.lessons.options import lesson_of, options_of
from striate.lessons.page import as_fragment
from striate.lessons.parts import Chart, Lesson, Question
from striate.problem import Misuse
from striate.words import LANGUAGES, _catalogue, has, say, width

WIDE = 100
TOLD_ABOVE = {  # where the number is known, and the question is what it means
    "lesson.regression.ask_middle", "lesson.batch-norm.ask_identity", "lesson.optimisers.ask_adam",
    "lesson.metrics.ask_area",
}  # fmt: skip


@pytest.fixture(scope="module", params=TOPICS, ids=lambda topic: topic.name)
def topic(request: pytest.FixtureRequest) -> Topic:
    found: Topic = request.param
    return found


@pytest.fixture(scope="module")
def lesson(topic: Topic) -> Lesson:
    return lesson_of(topic, {})


def test_it_answers_to_its_name_its_aliases_and_its_title_in_every_language(topic: Topic) -> None:
    for name in (topic.name, *topic.aliases, *(topic.title(language) for language in LANGUAGES)):
        assert find_topic(name.upper()) == topic


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_heading_of_the_list_leads_to_its_chapter(topic: Topic, language: str) -> None:
    assert find_topic(say(f"learn.chapter.{topic.chapter}", language)).chapter == topic.chapter


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("perceptrn", "perceptron"), ("batch-nrom", "batch-norm"), ("선형 회기", "regression"), ("합성곲", "convolution")],
)
def test_a_slip_of_the_finger_gets_the_topic_that_was_meant(typed: str, meant: str) -> None:
    with pytest.raises(Misuse) as caught:
        find_topic(typed)
    assert caught.value.values["nearest"] == meant


@pytest.mark.parametrize("typed", ["softmax", "resnet", "transformer", "attention", "gan", "번역", "소프트맥스"])
def test_a_word_that_no_topic_is_near_gets_the_list_alone(typed: str) -> None:
    with pytest.raises(Misuse) as caught:
        find_topic(typed)
    assert caught.value.values["nearest"] == ""


def test_it_has_a_help_and_a_chapter_and_every_option_is_explained(topic: Topic) -> None:
    assert has(f"lesson.{topic.name}.help")
    assert has(f"learn.chapter.{topic.chapter}")
    for option in options_of(topic):
        assert has(f"lesson.{topic.name}.option.{option.name}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_text_fits_a_terminal_and_leaves_nothing_open(lesson: Lesson, language: str) -> None:
    text = as_text(lesson, language, WIDE)
    assert max(map(width, text.split("\n"))) <= WIDE + 20  # formulas and tables are not broken
    assert not re.search(r"\{[a-z_]+\}|Phrase\(|\bnan\b", text)


def test_it_asks_something_and_shows_a_chart_or_code(lesson: Lesson) -> None:
    assert any(isinstance(part, Question) for part in lesson.parts)


def test_a_number_that_is_asked_for_is_not_printed_above_the_question(lesson: Lesson) -> None:
    above: list[str] = []
    for part in lesson.parts:
        one = as_text(replace(lesson, parts=(part,), more=()), "en", WIDE)
        if isinstance(part, Question) and part.asked.key not in TOLD_ABOVE and part.expected not in range(10):
            assert part.expected is None or not printed(part.expected, "\n".join(above)), part.asked.text()
        above.append(one)


def printed(number: float, text: str) -> bool:
    """Whether the text has it, in as many digits as lessons show, or a few less."""
    found = (each.replace(",", "") for each in re.findall(r"\d[\d,]*(?:\.\d+)?", text))
    return any(math.isclose(float(each), number, rel_tol=0.002) for each in found)


@pytest.mark.parametrize(
    ("name", "asked", "shown"),
    [  # small numbers stand everywhere: here, what would give them away
        ("convolution", "What is y there", "y = ["), ("inplace", "begin with after", "a new tensor"),
        ("vanishing", "mean slope of sigmoid", "|∂J/∂W|"), ("zip", "How many pairs", "zip([1, 2, 3]"),
        ("pooling", "How many parameters", "nothing to learn"), ("copy", "four elements now", "A shallow copy makes"),
    ],
)  # fmt: skip
def test_a_question_comes_before_what_answers_it(name: str, asked: str, shown: str) -> None:
    told = " ".join(as_text(lesson_of(find_topic(name), {}), "en", WIDE).split())
    assert told.index(asked) < told.index(shown)


def test_what_comes_next_is_there(lesson: Lesson) -> None:
    for command in lesson.more:
        words = command.split()
        assert words[0] in COMMANDS
        if words[0] == "learn":
            find_topic(words[1])


def test_its_command_is_bare_where_nothing_of_ones_own_was_given(
    topic: Topic, lesson: Lesson, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["learn", topic.name]) == 0
    told = " ".join(capsys.readouterr().out.split())
    charted = any(isinstance(part, Chart) for part in lesson.parts)
    assert (f"drawn by striate learn {topic.name} --html page.html" in told) == charted


def test_a_notebook_shows_it_with_its_charts_drawn(lesson: Lesson) -> None:
    html = as_fragment(lesson, "ko")
    assert html.count("<svg") >= sum(isinstance(part, Chart) for part in lesson.parts)


def test_its_trace_is_json(topic: Topic, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", topic.name, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["topic"] == topic.name
    assert told["trace"]


def test_every_text_of_a_lesson_belongs_to_a_topic() -> None:
    names = {topic.name for topic in TOPICS} | {"common"}
    for key in _catalogue("en"):
        if key.startswith("lesson.") and key != "lesson.footer":
            assert key.split(".")[1] in names, key
