"""An experiment's file: what it may say, and how a mistake in it is named."""

from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from striate.ablation.declaring import fitting, spelled
from striate.ablation.plan import Plan, differences, read_plan
from striate.fitting.recipes import Changes
from striate.problem import Misuse
from striate.recipe import Augment

HEAD = """
title = "Two nets"
question = "Which one?"
data = "fashion-sample"
"""
ARMS = """
[[arm]]
name = "lenet"
net = "lenet5_modern"

[[arm]]
name = "deep"
net = "deepconvnet"
[arm.recipe]
lr = 0.1
epochs = 4
"""


def plan(tmp_path: Path, text: str, *, quick: bool = False) -> Plan:
    path = tmp_path / "tried.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path, name="tried", source=str(path), quick=quick)


def refused(tmp_path: Path, text: str) -> Misuse:
    with pytest.raises(Misuse) as caught:
        plan(tmp_path, text)
    return caught.value


def test_a_file_gives_arms_that_change_a_common_recipe(tmp_path: Path) -> None:
    found = plan(tmp_path, HEAD + "seeds = 2\n[recipe]\nepochs = 3\nbatch = 50\nlr = 0.01\n" + ARMS)
    assert [(arm.name, arm.net, arm.epochs) for arm in found.arms] == [
        ("lenet", "lenet5_modern", 3), ("deep", "deepconvnet", 4),
    ]  # fmt: skip
    assert [arm.recipe() for arm in found.arms] == [Changes(batch=50, lr=0.01), Changes(batch=50, lr=0.1)]
    assert (found.seeds, found.baseline, found.limit) == ((0, 1), "lenet", None)
    assert [(arm.name, seed) for arm, seed in found.runs] == [("lenet", 0), ("deep", 0), ("lenet", 1), ("deep", 1)]


def test_a_grid_is_every_combination_and_names_it(tmp_path: Path) -> None:
    grid = '[grid]\noptimiser = ["sgd", "adam"]\nlr = [0.1, 0.01]\n'
    found = plan(tmp_path, HEAD + 'net = "deepconvnet"\n' + grid)
    assert [arm.name for arm in found.arms] == ["sgd-lr-0.1", "sgd-lr-0.01", "adam-lr-0.1", "adam-lr-0.01"]
    assert found.arms[1].recipe() == Changes(optimiser="sgd", lr=0.01)
    assert [arm.name for arm in plan(tmp_path, HEAD + ARMS + grid).arms][::4] == ["lenet-sgd-lr-0.1", "deep-sgd-lr-0.1"]
    nets = plan(tmp_path, HEAD + '[grid]\nnet = ["lenet5", "mine.py:tiny"]\nepochs = [1]\n')
    assert [(arm.name, arm.net) for arm in nets.arms] == [
        ("lenet5-epochs-1", "lenet5"), ("tiny-epochs-1", f"{tmp_path.resolve()}/mine.py:tiny"),
    ]  # fmt: skip


def test_quick_overrides_sizes_of_every_arm_and_only_when_asked(tmp_path: Path) -> None:
    text = HEAD + ARMS + "[quick]\nepochs = 1\nseeds = [7]\nlimit = 100\n[quick.recipe]\ninput = [1, 14, 14]\n"
    full, quick = plan(tmp_path, text), plan(tmp_path, text, quick=True)
    assert [arm.epochs for arm in full.arms] == [None, 4]
    assert [arm.epochs for arm in quick.arms] == [1, 1]
    assert (quick.seeds, quick.limit, full.limit) == ((7,), 100, None)
    assert quick.arms[1].recipe() == Changes(lr=0.1, input=(1, 14, 14))


def test_words_in_korean_stand_in_a_table_and_fall_back_to_english(tmp_path: Path) -> None:
    words = plan(tmp_path, HEAD + ARMS + '[ko]\ntitle = "신경망 둘"\n').words
    assert (words["en"]["title"], words["ko"]["title"], words["ko"]["question"]) == (
        "Two nets", "신경망 둘", "Which one?",
    )  # fmt: skip


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """As Notepad saves it."""
    marked = plan(tmp_path, "\ufeff" + HEAD + ARMS)
    assert marked == plan(tmp_path, HEAD + ARMS)


def test_a_file_of_first_weights_lies_beside_the_toml_file_and_names_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exp").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    absolute = "/weights/b.safetensors"
    grid = '[grid]\nstart = ["../w/a.pth", "random:7"]\n'
    found = plan(tmp_path / "exp", f'{HEAD}net = "lenet5"\n{grid}')
    assert [arm.changes["start"] for arm in found.arms] == [f"{tmp_path.resolve()}/w/a.pth", "random:7"]
    assert [arm.name for arm in found.arms] == ["w-a.pth", "random-7"]
    found = plan(tmp_path, f'{HEAD}{ARMS}[recipe]\nstart = "{absolute}"\n')
    assert found.arms[0].changes["start"] == absolute


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("title = 1\n", "value", "title"),
        ("titel = 'x'\n", "key", "titel"),
        (HEAD + ARMS + "[recipe]\nlearning_rate = 1.0\n", "key", "recipe.learning_rate"),
        (HEAD + ARMS + "[recipe]\nlearning_rate = 1.0\n", "key", "  try       lr"),
        (HEAD + ARMS + "[recipe]\nlr = 'high'\n", "value", "recipe.lr"),
        (HEAD + ARMS + "[recipe]\ninput = [1, 28]\n", "value", "recipe.input"),
        (HEAD + ARMS + "[recipe]\nresize = 'stretch'\n", "value", '"squash"'),
        (HEAD + ARMS + "[recipe]\nepochs = true\n", "value", "recipe.epochs"),
        (HEAD + "seeds = [1, 1]\n" + ARMS, "value", "seeds"),
        (HEAD + "seeds = 0\n" + ARMS, "value", "seeds"),
        (HEAD + f"seeds = [0, {2**63}]\n" + ARMS, "value", "seeds"),
        (HEAD + "limit = 0\n" + ARMS, "value", "limit"),
        (HEAD + "shifts = [0]\n" + ARMS, "value", "shifts"),
        (HEAD + "chart = 'pie'\n" + ARMS, "value", "chart"),
        (HEAD + "baseline = 'none'\n" + ARMS, "baseline", "lenet, deep"),
        (HEAD + ARMS + ARMS, "arm_name", "lenet"),
        (HEAD + "[[arm]]\nname = '../up'\nnet = 'lenet5'\n", "arm_name", "../up"),
        (HEAD + "[[arm]]\nname = 'a'\n", "lacks", "net (a)"),
        (HEAD + "[[arm]]\nname = 'a'\n[[arm]]\n", "lacks", "does not say: net (a), name (arm 2), net (arm 2)"),
        (HEAD + "[[arm]]\nname = 'a'\nnett = 'lenet5'\n", "key", "arm 1.nett"),
        (HEAD + "[grid]\nlr = [0.1]\n", "lacks", "does not say: net"),
        (HEAD + "net = 'lenet5'\n", "lacks", "does not say: [[arm]]"),
        (HEAD + "[grid]\nnet = [1]\n", "value", "net (net-1)"),
        ("seeds = 1\n", "lacks", "does not say: title, question, data, [[arm]], net"),
        (HEAD + "net = 'lenet5'\n[grid]\nlr = 0.1\n", "value", "grid.lr"),
        (HEAD + ARMS + "[quick]\nbatch = 3\n", "key", "quick.batch"),
        (HEAD + "arm = []\n", "value", "arm"),
        ("title = 'x'\nquestion = 'y'\n" + ARMS, "lacks", "data"),
        ("not toml", "toml", "tried.toml"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_key(tmp_path: Path, text: str, key: str, said: str) -> None:
    problem = refused(tmp_path, text)
    assert problem.key == f"problem.ablate.{key}"
    assert said in problem.text()


def test_every_field_of_changes_may_be_changed(tmp_path: Path) -> None:
    """Also those that are yet to come: nothing here lists them."""
    problem = refused(tmp_path, HEAD + ARMS + "[recipe]\nnothing = 1\n")
    for each in fields(Changes):
        assert each.name in problem.text()


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        ({"flip": True, "shift": 2}, Augment | None, Augment(flip=True, shift=2)),
        ([0.5, 1], tuple[float, float] | None, (0.5, 1.0)),
        ([1, 2, 3], tuple[int, ...], (1, 2, 3)),
        (1, float, 1.0),
        ("flip", Augment | str, "flip"),
        (False, bool | None, False),
    ],
)
def test_toml_values_become_what_the_field_declares(value: Any, hint: Any, expected: Any) -> None:
    found = fitting(value, hint)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ({"flop": True}, Augment),
        ({"flip": 1}, Augment),
        (True, int),
        (1.5, int),
        ([1, "2"], tuple[int, ...]),
        (0, bool),
    ],
)
def test_toml_values_of_another_type_are_refused(value: Any, hint: Any) -> None:
    with pytest.raises(TypeError):
        fitting(value, hint)


def test_what_may_stand_in_a_field_is_spelled_as_toml() -> None:
    hints = get_type_hints(Changes)
    assert spelled(hints["input"]) == "[int, int, int]"
    assert spelled(hints["lr"]) == "float"
    assert spelled(Augment).startswith("{flip, shift, erase")


def test_differences_name_what_differs_and_nothing_else() -> None:
    before = {"limit": 1, "arms": {"a": {"recipe": {"lr": 0.1, "clip": None}}, "b": {"recipe": {"lr": 1}}}}
    now = {"limit": 1, "arms": {"a": {"recipe": {"lr": 0.2, "clip": None}}, "c": {"recipe": {"lr": 1}}}}
    assert differences(before, before) == []
    assert differences(before, now) == ["arms.a.recipe.lr: 0.1, now 0.2", "arms.b: ..., now -", "arms.c: -, now ..."]
