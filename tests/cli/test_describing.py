"""``striate describe`` as people and scripts use it."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from striate.cli import run
from striate.nets import CATALOGUE

ENVIRONMENT = {**os.environ, "PYTHONUTF8": "1", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(["describe", *arguments]) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def test_csv_has_a_line_a_row_and_raw_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    lines = list(csv.DictReader(io.StringIO(said(capsys, "googlenet", "--csv", "--depth", "9"))))
    by_row = {line["row"]: line for line in lines}
    assert by_row["inception_3a.five.1.conv"]["kernel"] == "5x5"
    assert by_row["inception_3a"]["receptive_field"] == "59"
    leaves = [line for line in lines if not any(row.startswith(line["row"] + ".") for row in by_row)]
    assert sum(int(line["macs"]) for line in leaves) == 1_582_671_872
    assert sum(int(line["parameters"]) for line in leaves) == 6_998_552


def test_markdown_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "lenet5", "--markdown")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in rows}) == 1
    assert len(rows) == 2 + 8 + 1
    assert set(rows[1]) <= set("|-: ")


def test_the_arithmetic_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "lenet5_modern", "--worked")
    assert "(1x5x5x6)+6 = 156" in text
    assert "1 + (32 - 5) / 1 = 28" in text
    assert "400x120+120 = 48,120" in text


def test_a_picture_of_a_few_pixels_is_described_where_the_rows_allow_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "resnet18", "--input", "3x7x7", "--json"))
    assert found["rows"][-1]["output"] == [1000]
    assert found["parameters"] == 11_689_512


def test_depth_opens_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "se_resnet50", "--depth", "3")
    assert "    expand" in text
    assert "global" in text


def test_json_is_one_document_with_the_batch(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "resnet20_cifar", "--json", "--batch", "8", "--classes", "3"))
    assert (found["batch"], found["classes"], found["rows"][-1]["output"]) == (8, 3, [3])
    assert found["rows"][0]["activation_bytes"] == 8 * 4 * 16 * 32 * 32


def test_measured_times_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "lenet5_modern", "--time")
    assert "the convolutions take" in text
    found = json.loads(said(capsys, "lenet5_modern", "--time", "--json"))
    assert found["time"]["convolution_share"] > 0
    assert all(row["milliseconds"] >= 0 for row in found["rows"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet8",), "resnet18"),
        (("resnet18", "--input", "224"), "3x224x224"),
        (("alexnet", "--input", "3x30x30"), "row"),
        (("resnet18", "--batch", "0"), "1 to 1,000,000"),
        (("resnet18", "--batch", "9" * 25), "1 to 1,000,000"),
        (("resnet18", "--classes", "9" * 25), "1 to 1,000,000 classes"),
        (("resnet18", "--input", "3x" + "9" * 25 + "x7"), "at most 1,000,000,000 values"),
        (("resnet18", "--input", "3x0x0"), "each at least 1"),
        (("resnet18", "--input", "224x224x3"), "--input 3x224x224"),
        (("RESNET18",), "resnet18   or"),
        (("레스넷",), "there is no network called 레스넷"),
        (("vgg16", "--input", "3x7x7"), "row pool3 received 256x1x1"),
        (("resnet18", "--depth", "0"), "--depth must be at least 1"),
    ],
)
def test_what_cannot_be_described_says_why(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in said(capsys, *arguments, code=2)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--json", "--csv"), "--json and --csv are two forms of output"),
        (("--markdown", "--csv"), "--csv and --markdown are two forms of output"),
        (("--json", "--worked"), "--worked can do nothing beside --json"),
        (("--csv", "--worked"), "--worked can do nothing beside --csv"),
        (("--json", "--depth", "1"), "--depth can do nothing beside --json"),
    ],
)
def test_options_that_do_not_go_together_say_so(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in said(capsys, "lenet5_modern", *arguments, code=2)


def test_a_drawing_goes_with_every_form_and_the_arithmetic_with_markdown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("--json", "--csv", "--markdown"):
        drawing = tmp_path / f"{form}.svg"
        said(capsys, "lenet5_modern", form, "--svg", str(drawing))
        assert drawing.read_text(encoding="utf-8").startswith("<svg")
    text = said(capsys, "lenet5_modern", "--markdown", "--worked")
    assert "| c1 |" in text
    assert "(1x5x5x6)+6 = 156" in text
    tables = [part.splitlines() for part in text.split("\n\n") if part.startswith("|")]
    assert [{line.count("|") for line in each} for each in tables] == [{12}, {5}]


@pytest.mark.parametrize("form", ["--csv", "--markdown"])
def test_every_network_has_a_table_in_every_form(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in CATALOGUE:
        if name != "resnet1202_cifar":
            lines = said(capsys, name, form).splitlines()
            cells = [len(next(csv.reader([line]))) for line in lines] if form == "--csv" else [
                line.count("|") for line in lines if line.startswith("|")
            ]  # fmt: skip
            assert len(cells) > 5
            assert len(set(cells)) == 1, name


def test_korean_headings_stand_over_their_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["describe", "lenet5"], "ko") == 0
    text = capsys.readouterr().out
    assert "수용 영역" in text
    assert "Assumed" not in text


def test_a_narrow_terminal_gets_fewer_columns_and_is_told(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 90, 0, 0))
    environment = {key: value for key, value in ENVIRONMENT.items() if key not in ("COLUMNS", "LINES")}
    done = subprocess.Popen(
        [sys.executable, "-m", "striate", "describe", "resnet20_cifar"], stdout=slave, cwd=tmp_path, env=environment
    )
    os.close(slave)
    text = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        text += part
    assert done.wait(60) == 0
    shown = text.decode()
    table = shown.split("\r\n\r\n")[1].splitlines()
    assert max(map(len, table)) <= 90
    assert "too narrow for: centre" in shown


def test_a_saved_run_is_described_as_it_was_trained(garments: Path, tmp_path: Path) -> None:
    from striate import train

    folder = tmp_path / "run"
    train(garments, net="lenet5_modern", epochs=1, out=folder)
    command = [sys.executable, "-m", "striate", "describe", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=ENVIRONMENT)
    found = json.loads(done.stdout)
    assert (found["net"], found["classes"]) == ("lenet5_modern", 3)
