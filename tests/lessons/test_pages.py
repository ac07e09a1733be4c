"""The pages of lessons in a real browser, opened as a file: drawn, moved by the keyboard, without an error."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from striate.lessons.catalogue import TOPICS, Topic, find_topic
from striate.lessons.options import lesson_of
from striate.lessons.page import as_page
from striate.lessons.parts import Chart, Lesson
from striate.words import LANGUAGES

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("no browser: install Debian's chromium")
        pytest.skip("no browser here: install chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


QUICK = ("metrics", "copy")
"""Topics whose pages every run of the tests opens; the others are slow proofs."""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(topic, id=topic.name, marks=() if topic.name in QUICK else pytest.mark.slow) for topic in TOPICS
    ],
)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    topic: Topic = request.param
    return lesson_of(topic, {})


def opened(browser: Browser, lesson: Lesson, language: str, folder: Path) -> tuple[Page, list[str]]:
    """The page from a file, with what the browser complains of."""
    path = folder / f"{lesson.topic}.html"
    path.write_text(as_page(lesson, language), encoding="utf-8")
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if not request.url.startswith("file:") else None)
    page.goto(path.as_uri())
    for at in range(1, sum(isinstance(part, Chart) for part in lesson.parts) + 1):
        page.wait_for_selector(f"#chart-{at} svg")
    return page, complaints


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_is_drawn_without_an_error_and_without_the_internet(
    browser: Browser, lesson: Lesson, language: str, tmp_path: Path
) -> None:
    page, complaints = opened(browser, lesson, language, tmp_path)
    assert complaints == []
    assert page.title() == lesson.title.text(language)
    page.close()


def test_every_slider_and_choice_changes_the_picture_by_the_keyboard(
    browser: Browser, lesson: Lesson, tmp_path: Path
) -> None:
    page, complaints = opened(browser, lesson, "en", tmp_path)
    inputs = page.locator(".vega-bind input[type=range], .vega-bind select")
    for at in range(inputs.count()):
        before = page.locator("main").inner_html()
        inputs.nth(at).focus()
        forward = inputs.nth(at).evaluate("it => it.type !== 'range' || Number(it.value) < Number(it.max)")
        for _ in range(10):
            page.keyboard.press("ArrowRight" if forward else "ArrowLeft")
        page.wait_for_timeout(100)
        assert page.locator("main").inner_html() != before, f"input {at + 1} of {lesson.topic} changes nothing"
    assert complaints == []
    page.close()


def test_an_answer_is_hidden_until_it_is_asked_for(browser: Browser, lesson: Lesson, tmp_path: Path) -> None:
    page, _ = opened(browser, lesson, "en", tmp_path)
    question = page.locator("details").first
    assert not question.locator("p").is_visible()
    question.locator("summary").focus()
    page.keyboard.press("Enter")
    assert question.locator("p").is_visible()
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_column_or_line_of_the_copies_is_cut_off(browser: Browser, language: str, tmp_path: Path) -> None:
    page, _ = opened(browser, lesson_of(find_topic("copy"), {}), language, tmp_path)
    page.set_viewport_size({"width": 900, "height": 1200})
    cut = page.evaluate("[...document.querySelectorAll('.scroll, pre')].filter(it => it.scrollWidth > it.clientWidth)")
    assert cut == []
    page.close()


def test_a_rate_that_was_asked_for_is_that_of_the_chart_too() -> None:
    page = as_page(lesson_of(find_topic("optimisers"), {"surface": "rosenbrock", "rate": 0.0003}), "en")
    rates = set(re.findall(r'surface\\":\\"rosenbrock\\",\\"rule\\":\\"[^"]*\\",\\"rate\\":([\d.e-]+)', page))
    assert rates == {"0.0003"}
