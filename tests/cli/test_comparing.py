"""``striate compare`` as people and scripts use it: real processes, their two streams and their exit codes."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest

from striate.cli import run
from striate.nets.classics import CLASSICS
from striate.verbs.compare import compare

CLEAN = {key: value for key, value in os.environ.items() if key not in ("LANG", "LC_ALL", "LC_MESSAGES")}


def striate(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs the command as a process of its own; its exit code must be the one expected."""
    done = subprocess.run(
        [sys.executable, "-m", "striate", *arguments],
        capture_output=True, timeout=300, check=False, encoding="utf-8", env={**CLEAN, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, language: str = "en") -> str:
    """What the command prints, run in this process."""
    assert run(["compare", *arguments], language) == 0
    return capsys.readouterr().out


def test_a_classic_prints_its_numbers_and_its_lesson() -> None:
    text = striate("compare", "separable").stdout
    lines = text.splitlines()
    (macs,) = (line for line in lines if line.startswith("MACs "))
    assert macs.split() == ["MACs", "462,422,016", "52,283,392", "x0.1131", "4,867,293,184", "568,740,352", "x0.1168"]
    assert CLASSICS["separable"].lesson() in lines
    assert "Ratios are separable / full 3x3, mobilenet_v1 / mobilenet_v1_full." in lines


def test_one_network_alone_is_a_misuse_that_says_what_to_type() -> None:
    failed = striate("compare", "resnet50", code=2)
    assert not failed.stdout
    assert failed.stderr.startswith("error: compare needs two or more; given: 1")
    assert "striate compare resnet50 se_resnet50" in failed.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "given: 0"),
        (["residul"], "residual"),
        (["vgg16", "vgg61"], "there is no network called vgg61"),
        (["residual", "vgg16"], "stands alone"),
        (["5x5", "--input", "64x8x8"], "inputs of their own"),
        (["vgg16", "vgg19", "--input", "224"], "is no input shape"),
        (["vgg16", "vgg19", "--input", "3x8x8"], "does not fit its input"),
        (["vgg16", "vgg19", "--classes", "0"], "cannot be built"),
    ],
)
def test_errors_go_to_stderr_with_exit_code_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", *arguments]) == 2
    shown = capsys.readouterr()
    assert told in shown.err
    assert not shown.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["vgg16", "vgg19", "--json", "--markdown"], "--json and --markdown are two forms of output"),
        (["--list", "vgg16", "vgg19"], "vgg16, vgg19 can do nothing beside --list"),
        (["--list", "--layers"], "--layers can do nothing beside --list"),
        (["--list", "--input", "3x64x64"], "--input can do nothing beside --list"),
        (["--list", "--csv"], "--csv can do nothing beside --list"),
    ],
)
def test_options_that_do_not_go_together_say_so(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_csv_says_so_where_no_rows_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "alexnet", "vgg16", "--csv", "--layers"]) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 1
    assert "Too few rows" in err


def test_the_list_names_every_classic(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line.split()[0] for line in printed(capsys, "--list").splitlines()[1:]] == list(CLASSICS)
    listed = json.loads(printed(capsys, "--list", "--json"))
    assert [each["name"] for each in listed] == list(CLASSICS)
    assert listed[0].keys() == {"name", "title", "lesson", "source", "sides"}


def test_json_is_what_the_verb_says(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "resnet18", "resnet34", "--input", "3x64x64", "--classes", "7", "--json"))
    said = compare("resnet18", "resnet34", input=(3, 64, 64), classes=7)
    assert found == json.loads(json.dumps(said.as_json()))


def test_layers_show_rows_side_by_side_with_marks_and_gaps(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "vgg11", "vgg13", "--layers")
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
    assert rows["conv1_1"] == ["3x3/1/1", "64x224x224", "1,792", "86,704,128"] * 2
    assert rows["conv1_2"] == ["*", "-", "-", "-", "3x3/1/1", "64x224x224", "36,928", "1,849,688,064"]
    assert "conv1_2" not in printed(capsys, "vgg11", "vgg13")
    assert "Too few rows" in printed(capsys, "alexnet", "vgg16", "--layers")


def test_rows_that_stand_elsewhere_are_told_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    told = "pool1 does not stand in the same place in all of them: behind norm1 in alexnet; behind conv1 in caffenet."
    assert told in printed(capsys, "alexnet", "caffenet", "--layers").splitlines()
    assert "same place" not in printed(capsys, "alexnet", "alexnet_ungrouped", "--layers")


def test_errors_of_different_settings_are_not_left_to_be_compared(capsys: pytest.CaptureFixture[str]) -> None:
    assert "do not compare directly" in printed(capsys, "se")
    assert "do not compare directly" not in printed(capsys, "residual")


def test_csv_has_a_line_a_side_or_a_line_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    lines = list(csv.DictReader(io.StringIO(printed(capsys, "inception", "--csv"))))
    assert [(each["label"], each["macs"]) for each in lines] == [("naive", "854196224"), ("reduced", "271351808")]
    assert float(lines[1]["macs_ratio"]) == 271_351_808 / 854_196_224
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "alexnet-zfnet", "--csv", "--layers"))))
    assert rows[0]["row"] == "conv1"
    assert (rows[0]["alexnet_ungrouped kernel"], rows[0]["zfnet kernel"], rows[0]["differs"]) == ("11x11", "7x7", "1")
    assert {each["zfnet_wide output"] for each in rows} >= {"512x13x13", "1024x13x13"}


def test_markdown_tables_have_as_many_cells_in_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "alexnet-zfnet", "--markdown")
    tables = [part.splitlines() for part in text.split("\n\n") if part.startswith("|")]
    assert len(tables) == 2
    for lines in tables:
        assert len({line.count("|") for line in lines}) == 1
        assert set(lines[1]) <= set("|-: ")
    assert "| conv3 | \\* | 3x3/1/1 | 384x13x13 | 885,120 |" in text


def test_korean_output_is_korean(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "shortcuts", "--layers", language="ko")
    assert text.startswith(CLASSICS["shortcuts"].title("ko"))
    for word in ("매개변수", "수용 영역", "깊이", "비율", "출처"):
        assert word in text
    for word in ("parameters", "depth", "Ratios", "Source", "Published"):
        assert word not in text
    assert run(["compare", "resnet50"], "ko") == 2
    assert "비교에는 둘 이상이 필요합니다" in capsys.readouterr().err


def test_help_says_how_and_loads_no_torch() -> None:
    code = "import sys; from striate.cli import run; run(['compare', '--help']); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert "--list" in done.stdout
    assert done.stdout.splitlines()[-1] == "False"
