"""The message catalogue: two languages, one meaning."""

import re
import string
from pathlib import Path

import pytest

import striate
from striate.problem import BadData, Failed, Misuse, Problem
from striate.words import LANGUAGES, _catalogue, nearest, say, width

SOURCE = Path(striate.__file__).parent
CODE = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_languages_have_the_same_keys_in_the_same_order() -> None:
    keys = [list(_catalogue(language)) for language in LANGUAGES]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("key", list(_catalogue("en")))
def test_a_text_has_the_same_values_in_both_languages_and_is_not_empty(key: str) -> None:
    english, korean = (_catalogue(language)[key] for language in LANGUAGES)
    assert english.strip()
    assert korean.strip()
    assert placeholders(english) == placeholders(korean)


def test_korean_is_korean() -> None:
    same = {key for key, text in _catalogue("ko").items() if text == _catalogue("en")[key]}
    commands = {key for key in same if key.endswith(".try")}
    alike = {
        "lesson.pooling.tell_other",
        "lesson.common.sentences",
        "column.f1",
        "column.auc",
        "column.ms",
        "column.window",
        "lesson.optimisers.rule.adagrad",
        "lesson.optimisers.rule.rmsprop",
        "lesson.optimisers.rule.adam",
        "doctor.cpu",
        "doctor.gpu",
    }
    assert same - commands <= alike | {"problem.describe.module_input.expected", "problem.train.not_finite.found"}


def test_no_korean_particle_hangs_on_a_value() -> None:
    particles = "은는이가을를과와로으나라랑며든야"  # these change with the sound before them
    units = ("가지",)
    for key, text in _catalogue("ko").items():
        for found in re.findall(r"\}['\"»”]?([가-힣]+)", text):
            assert found[0] not in particles or found.startswith(units), f"{key}: {text}"


def test_korean_leaves_no_particle_open_and_none_alone() -> None:
    either = r"[가-힣]?\((?:은|는|이|가|을|를|과|와|으|으로|로)\)[가-힣]?"  # 은(는), (으)로
    alone = r"\} (?:은|는|이|가|을|를|과|와|로|으로|입니다|이고|이며)(?![가-힣])"
    for key, text in _catalogue("ko").items():
        assert not re.search(f"{either}|{alone}", text), f"{key}: {text}"


def test_korean_does_not_sound_translated() -> None:
    stiff = r"당신|되어지|보여지|에 의해|에 대하여|하는 것이 가능|지게 됩니다|로 하여금|[가-힣]었었"
    for key, text in _catalogue("ko").items():
        assert not re.search(stiff, text), f"{key}: {text}"


def test_every_problem_raised_has_words_and_every_problem_with_words_is_raised() -> None:
    raised = set(re.findall(r"(?:Misuse|BadData|Failed)\(\s*\"([a-z_.]+)\"", CODE))
    raised |= {
        "data.loose",
        "data.no_pictures",
        "language",
        "command",
        "no_command",
        "option",
        "no_option",
        "no_argument",
        "no_value",
        "takes_none",
        "number",
        "whole_number",
        "extra",
        "spaces",
        "system",
    }
    told = {key.removeprefix("problem.") for key in _catalogue("en") if key.startswith("problem.")}
    told = {re.sub(r"\.(expected|found|try)$", "", key) for key in told}
    assert raised == told


def test_every_key_the_code_names_is_there() -> None:
    named = set(re.findall(r"say\(\s*[\"']([a-z_.0-9]+)[\"']", CODE))
    assert named <= set(_catalogue("en"))


def test_a_problem_tells_what_was_expected_and_what_to_type() -> None:
    problem = Misuse("net.unknown", name="resnet", nearest="lenet5")
    assert str(problem).splitlines() == ["there is no network called resnet", "  try       lenet5   or   striate nets"]
    assert "신경망" in problem.text("ko")


@pytest.mark.parametrize(("kind", "code"), [(Failed, 1), (Misuse, 2), (BadData, 3)])
def test_each_kind_of_problem_has_its_exit_code_and_survives_pickling(kind: type[Problem], code: int) -> None:
    import pickle

    problem = pickle.loads(pickle.dumps(kind("run.done", path="x")))
    assert type(problem) is kind
    assert (problem.exit_code, problem.key) == (code, "problem.run.done")


def test_hangul_counts_two_columns_in_either_form() -> None:
    import unicodedata

    assert width("꽃 abc") == 6
    assert width(unicodedata.normalize("NFD", "꽃 abc")) == 6


def test_counts_get_separators_and_names_do_not_change() -> None:
    assert "12,345" in say("evaluate.skipped", count=12345, names="a")
    assert nearest("lenet", ["deepconvnet", "lenet5"]) == "lenet5"


def test_nothing_is_suggested_where_nothing_is_alike() -> None:
    assert nearest("qqq", ["deepconvnet", "lenet5"]) == ""
    assert str(Misuse("net.unknown", name="qqq", nearest="")).splitlines() == [
        "there is no network called qqq", "  try       striate nets",
    ]  # fmt: skip
    assert "try" not in str(Misuse("recipe.unknown", name="qqq", known="modern, paper", nearest=""))


def test_a_word_goes_with_its_count() -> None:
    assert "1 class, " in say("train.data", name="a", classes=1, images="b")
    assert "1,000 classes, " in say("train.data", name="a", classes=1000, images="b")
    assert "0 classes, " in say("train.data", name="a", classes=0, images="b")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_with_a_word_in_two_numbers_has_the_count_it_goes_with(language: str) -> None:
    for key, text in _catalogue(language).items():
        for _, name, words, _ in string.Formatter().parse(text):
            if words:
                assert len(words.split("|")) == 2, key
                assert f"{{{name}}}" in text, key
