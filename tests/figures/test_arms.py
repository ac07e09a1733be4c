"""An experiment's chart: valid SVG that names every arm and draws every number."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from striate.ablation.folder import Outcome, Point
from striate.ablation.results import ArmResult, Results, compared
from striate.figures.arms import as_png, as_svg
from striate.words import LANGUAGES

WORDS = {
    "en": {"title": "Gates & <ratios>", "question": "Does a gate help, and how much may it be squeezed? " * 3},
    "ko": {"title": "게이트와 비율", "question": "게이트는 도움이 됩니까?"},
}


def outcome(arm: str, seed: int, top1: float | None) -> Outcome:
    curve = tuple(Point(epoch, 2 / epoch + seed / 10, 0.5 + epoch / 20) for epoch in range(1, 5))
    return Outcome(arm, seed, top1, top1, 0.5, 10.0, 1000, 2000, curve, {}, top1 is None)


def experiment(chart: str = "dots", seeds: int = 3, arms: int = 3) -> Results:
    found = [
        ArmResult(name, "net", tuple(outcome(name, seed, 0.8 + at / 100 + seed**2 / 200) for seed in range(seeds)))
        for at in range(arms)
        for name in (f"arm-{at}",)
    ]
    return Results(
        "out", "se", "se", False, WORDS, "", "arm-0", "test_top1", chart, {"shifts": []},
        compared(found, "arm-0", "test_top1"), (),
    )  # fmt: skip


def texts(svg: str) -> set[str]:
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return {text for each in root.iter("{http://www.w3.org/2000/svg}text") for text in each.itertext()}


@pytest.mark.parametrize("chart", ["dots", "curves"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_is_svg_with_its_title_and_every_arm(chart: str, language: str) -> None:
    found = experiment(chart, arms=9)  # more than there are colours
    assert {WORDS[language]["title"], *(arm.name for arm in found.arms)} <= texts(as_svg(found, language))


def test_a_long_question_is_broken_into_lines_of_whole_words() -> None:
    shown = texts(as_svg(experiment(), "en"))
    question = WORDS["en"]["question"].split()
    assert " ".join(question) not in shown
    lines = [text for text in shown if text and text in " ".join(question)]
    assert sorted(" ".join(lines).split()) == sorted(question)


def marks(svg: str, kind: str) -> int:
    """How many shapes the marks of a kind have drawn."""
    root = ET.fromstring(svg)
    groups = [each for each in root.iter() if f"mark-{kind} role-mark" in each.get("class", "")]
    return sum(len(list(group)) for group in groups)


def test_dots_are_the_means_and_every_seed_and_rules_their_intervals() -> None:
    assert marks(as_svg(experiment(), "en"), "symbol") == 3 + 9
    assert marks(as_svg(experiment(), "en"), "rule") == 3 + 1  # the baseline's runs through
    assert marks(as_svg(experiment(seeds=1), "en"), "rule") == 1  # one seed has no interval


def test_an_arm_whose_runs_all_diverged_keeps_its_row() -> None:
    found = experiment()
    lost = replace(found.arms[2], outcomes=(outcome("arm-2", 0, None),))
    svg = as_svg(replace(found, arms=(*found.arms[:2], lost)), "en")
    assert "arm-2" in texts(svg)
    assert marks(svg, "symbol") == 2 + 6


def test_a_png_is_one() -> None:
    assert as_png(experiment("curves"), "en").startswith(b"\x89PNG")
