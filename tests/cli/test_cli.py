"""The command line as people and scripts use it: real processes, their two streams and their exit codes."""

import csv
import io
import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate import Run, resume, training
from striate.cli import run
from striate.fitting.events import Epoch
from striate.nets import CATALOGUE
from tests.refusals import refused

CLEAN = {key: value for key, value in os.environ.items() if key not in ("LANG", "LC_ALL", "LC_MESSAGES")}


def striate(*arguments: object, code: int = 0, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs the command; its exit code must be the one expected."""
    command = [sys.executable, "-m", "striate", *map(str, arguments)]
    options = {"env": {**CLEAN, "PYTHONUTF8": "1"}, "encoding": "utf-8", **options}
    done = subprocess.run(command, capture_output=True, timeout=300, check=False, **options)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def error_of(*arguments: object, code: int, **options: object) -> str:
    """The error of a command that must fail, with nothing on stdout; with options, of a process of its own."""
    if not options:
        return refused(*arguments, code=code)
    done = striate(*arguments, code=code, **options)
    assert not done.stdout
    assert done.stderr.startswith("error: ")
    return done.stderr


# Looking


def test_nets_lists_the_catalogue_and_a_pattern_narrows_it() -> None:
    listed = json.loads(striate("nets", "--json").stdout)
    assert [each["name"] for each in listed] == list(CATALOGUE)
    assert {each["weights"] for each in listed} == {None, "imagenet"}
    assert set(listed[0]) == {"name", "family", "year", "input", "parameters", "weights"}
    assert [line.split()[0] for line in striate("nets", "lenet*").stdout.splitlines()] == [
        "net",
        "lenet5",
        "lenet5_modern",
        "lenet5_maxpool",
    ]
    shown = striate("nets", "resnet50").stdout
    assert "imagenet (torchvision, torchvision-v2)" in shown
    assert "--download" in shown
    error_of("nets", "xyz", code=2)


@pytest.mark.parametrize(
    ("net", "parameters", "macs", "rows"),
    [
        ("lenet5", 60_000, 326_520, [156, 12, 1516, 32, 48_120, 10_164]),
        ("lenet5_modern", 61_706, 416_520, [156, 2416, 48_120, 10_164, 850]),
        ("deepconvnet", 123_552, 8_772_340, [160, 2320, 4640, 9248, 18_496, 36_928, 51_250, 510]),
    ],
)
def test_describe_gives_the_printed_totals(net: str, parameters: int, macs: int, rows: list[int]) -> None:
    found = json.loads(striate("describe", net, "--json").stdout)
    assert (found["parameters"], found["trainable"], found["macs"]) == (parameters, parameters, macs)
    assert [row["parameters"] for row in found["rows"] if row["parameters"]] == rows
    assert {"net", "input", "classes", "heads", "rows", "facts"} <= found.keys()
    keys = {"name", "kind", "kernel", "stride", "padding", "groups", "output", "parameters", "macs", "children"}
    assert keys <= found["rows"][0].keys()


def test_describe_shows_the_table_disputes_and_assumptions() -> None:
    text = striate("describe", "efficientnet_lite0").stdout
    assert "4,652,008" in text
    assert "Disputed: macs, printed 407M, computed 385,187,552" in text
    assert "Assumed: 350 epochs, label smoothing 0.1" in text
    deeper = striate("describe", "lenet5", "--depth", 2).stdout
    assert "  squash" in deeper
    assert "1x40x40" in striate("describe", "lenet5", "--input", "1x40x40").stdout


def test_describe_refuses_what_does_not_fit_and_names_the_row() -> None:
    assert "row c3.conv received 6x3x3" in error_of("describe", "lenet5", "--input", "1x10x10", code=2)
    assert "3x224x224" in error_of("describe", "lenet5", "--input", "28", code=2)
    assert "lenet5" in error_of("describe", "lenet55", code=2)
    error_of("describe", "lenet5", "--classes", "0", code=2)


def test_doctor_says_what_this_machine_can_do() -> None:
    found = json.loads(striate("doctor", "--json").stdout)
    assert found["gmacs"]["float32"] > 1
    assert found["versions"]["torch"]
    assert "torch" in striate("doctor").stdout


def test_an_unknown_command_or_option_gets_the_nearest_and_a_hint() -> None:
    assert "did you mean train?" in error_of("trian", code=2)
    message = error_of("train", "--epoch", "3", code=2)
    assert "--epochs" in message
    assert "striate train --help" in message
    assert "did you mean --lr?" in error_of("train", "--learning-rate", "0.1", code=2)
    assert "did you mean --lr?" in error_of("train", "--learning_rate=0.1", code=2)
    assert "did you mean" not in error_of("lr-find", "--learning-rate", "0.1", code=2)
    assert "en, ko" in error_of("nets", "--lang", "fr", code=2)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_language_may_stand_anywhere(place: int) -> None:
    arguments = ["describe", "lenet9"]
    arguments[place:place] = ["--lang", "ko"]
    done = striate(*arguments, code=2)
    assert done.stderr.startswith("오류: lenet9 신경망은 없습니다")


def test_wrong_options_and_missing_arguments_are_told_in_the_language_asked_for() -> None:
    told = striate("train", "--epohs", "3", "--lang", "ko", code=2).stderr
    assert told.startswith("오류: --epohs 옵션은 없습니다. 혹시 --epochs 옵션입니까?")
    assert "빠진 것이 있습니다: NET|MODEL" in striate("describe", "--lang", "ko", code=2).stderr
    assert "there is no option --zzzzzz" in error_of("train", "--zzzzzz", code=2)
    assert "NET|MODEL is missing" in error_of("describe", code=2)


def test_the_locale_chooses_the_language_and_json_stays_english() -> None:
    korean = {"env": {**CLEAN, "LANG": "ko_KR.UTF-8", "PYTHONUTF8": "1"}}
    assert "신경망" in striate("nets", **korean).stdout
    assert "사진 폴더로 학습" in striate("--help", **korean).stdout
    assert json.loads(striate("nets", "--json", **korean).stdout)[0]["name"] == "lenet5"


def test_a_console_that_lacks_hangul_gets_stand_ins_and_no_crash() -> None:
    plain = {"env": {**CLEAN, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LANG": "C"}}
    assert "?" in striate("nets", "--lang", "ko", **plain).stdout


@pytest.mark.parametrize("at_once", ["", "1"])  # written when the buffer is full, or line by line
@pytest.mark.parametrize("command", ["nets", "describe vgg16", "compare resnet18 resnet34", "nets --json"])
def test_a_reader_that_leaves_is_no_error(command: str, at_once: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "striate", *command.split()],
        stdout=writing, stderr=subprocess.PIPE, text=True, check=False, env={**CLEAN, "PYTHONUNBUFFERED": at_once},
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


# Training


@pytest.fixture
def messy(tmp_path: Path, photos: dict[str, Image.Image]) -> Path:
    """A folder as people have it: Korean names in macOS's form, spaces, and one of each trouble."""
    root = tmp_path / unicodedata.normalize("NFD", "내 꽃 사진")
    rng = np.random.default_rng(0)
    for name, image in ((unicodedata.normalize("NFD", "데이지 꽃"), photos["daisy"]), ("palace", photos["palace"])):
        (root / name).mkdir(parents=True)
        for at in range(8):
            left, top = rng.integers(0, image.width - 200), rng.integers(0, image.height - 200)
            image.crop((left, top, left + 200, top + 200)).save(root / name / f"사진 {at}.jpg")
    daisies = next(path for path in root.iterdir() if path.name != "palace")
    whole = (daisies / "사진 0.jpg").read_bytes()
    (daisies / "잘림.jpg").write_bytes(whole[: len(whole) // 2])
    exif = Image.Exif()
    exif[0x0112] = 6
    photos["daisy"].crop((100, 100, 400, 300)).save(daisies / "rotated.jpg", exif=exif)
    grey = np.asarray(photos["palace"].convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey[:300, :300]).save(root / "palace" / "scan 16.png")
    (root / "palace" / "notes.txt").write_text("not a picture")
    (root / "읽어 주세요.txt").write_text("stray")
    return root


def test_a_messy_folder_trains_and_every_trouble_is_told(messy: Path, tmp_path: Path) -> None:
    out = tmp_path / "my run"
    done = striate("train", messy, "--net", "lenet5_modern", "--epochs", "1", "--batch", "4", "--out", out)
    told = done.stderr
    assert "데이지 꽃/잘림.jpg: the file ends before the picture does" in told
    assert "1 turned upright as their EXIF says: 데이지 꽃/rotated.jpg" in told
    assert "1 with 16 bits a pixel, scaled to 8: palace/scan 16.png" in told
    assert "palace/notes.txt" in told
    assert "읽어 주세요.txt" in told
    assert "Done" in done.stdout
    data = json.loads((out / "data.json").read_text(encoding="utf-8"))
    assert data["classes"] == ["palace", "데이지 꽃"]
    assert data["skipped"] == {"데이지 꽃/잘림.jpg": "truncated"}
    assert shlex.join(["striate", "evaluate", str(out)]) in done.stdout
    answer = striate("predict", out, messy, "--json").stdout.splitlines()
    assert len(answer) == 19
    assert sum(json.loads(line)["error"] is not None for line in answer) == 1
    assert "chosen by its score on these very pictures" in striate("evaluate", out).stdout


def test_a_messy_folder_fine_tunes_without_a_net_named(messy: Path, tmp_path: Path) -> None:
    done = striate("train", messy, "--epochs", "2", "--out", tmp_path / "r", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["start", "epoch", "epoch", "end"]
    assert events[0]["net"] == "efficientnet_lite0"
    assert events[0]["estimated_seconds"] > 0
    assert {"epoch", "train_loss", "val_loss", "val_top1", "lr", "images_per_second"} <= events[1].keys()
    assert {"run", "best_top1", "test_top1", "seconds"} <= events[-1].keys()
    assert events[-1]["test_top1"] is None


def test_train_evaluate_and_predict_agree(tmp_path: Path) -> None:
    out = tmp_path / "r"
    lines = striate("train", "--net", "lenet5_modern", "--epochs", "1", "--out", out, "--json").stdout.splitlines()
    end = json.loads(lines[-1])
    found = json.loads(striate("evaluate", out, "--json").stdout)
    assert found["top1"] == end["test_top1"]
    assert (found["split"], found["images"]) == ("test", 2000)
    assert {"split", "images", "top1", "top5", "loss", "intervals", "confusion", "classes", "macro"} <= found.keys()
    assert {"name", "precision", "recall", "fall_out", "f1", "support", "auc"} == found["classes"][0].keys()
    text = striate("evaluate", out).stdout
    assert "95 % interval" in text
    assert "chosen by its score" not in text
    assert "Most often confused" in text


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_training_says_how_to_go_on_and_does(sign: signal.Signals, code: int, tmp_path: Path) -> None:
    out = tmp_path / "첫 번째"
    command = [sys.executable, "-m", "striate", "train", "--net", "lenet5_modern", "--epochs", "3", "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=CLEAN)
    events = out / "events.jsonl"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (events.exists() and events.stat().st_size):
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(sign)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code, stderr
    assert "Traceback" not in stderr
    assert f"striate train --resume '{out}'\n" in stderr
    assert json.loads((out / "run.json").read_text())["status"] == "stopped"
    assert "Done" in striate("train", "--resume", out).stdout
    assert "is finished" in error_of("train", "--resume", out, code=2)


def test_a_run_that_has_not_come_to_its_end_is_noted_where_it_answers(
    garments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, picture = tmp_path / "my run", next((garments / "bag").iterdir())
    events = training(garments, net="lenet5_modern", epochs=3, out=out)
    next(event for event in events if isinstance(event, Epoch))

    def noted() -> set[str]:
        for command in (["evaluate", out], ["predict", out, picture], ["ensemble", out, out]):
            assert run([*map(str, command), "--json"]) == 0
        told = capsys.readouterr()
        assert "Note" not in told.out
        return set(told.err.splitlines())

    assert noted() == {f"Note     still being trained, in epoch 2 of 3: '{out}'"}
    events.close()
    stopped = {f"Note     stopped in epoch 2 of 3; striate train --resume '{out}' goes on"}
    assert noted() == stopped
    Run(out).update(status="running")  # as a training that was killed leaves it
    assert noted() == stopped
    resume(out)
    assert not noted()
    (out / "run.json").write_text("{")
    assert run(["predict", str(out), str(picture)]) == 0


def test_a_terminal_gets_a_live_bar_and_a_pipe_gets_none(garments: Path, tmp_path: Path) -> None:
    command = ["train", str(garments), "--net", "lenet5_modern", "--epochs", "2"]
    piped = striate(*command, "--out", tmp_path / "a").stderr
    assert "\x1b" not in piped
    assert "\r" not in piped
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "striate", *command, "--out", str(tmp_path / "b")],
        stderr=terminal, stdout=subprocess.DEVNULL, env={**CLEAN, "TERM": "xterm"},
    )  # fmt: skip
    os.close(terminal)
    seen = b""
    while True:
        try:
            chunk = os.read(controller, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    assert process.wait(60) == 0
    assert b"\x1b" in seen
    assert b"1/2" in seen


def test_bad_folders_are_plain_errors_with_code_3(tmp_path: Path, garments: Path) -> None:
    empty, one, loose = (tmp_path / name for name in ("empty", "one", "loose"))
    for folder in (empty, one / "only", loose):
        folder.mkdir(parents=True)
    picture = next((garments / "bag").iterdir())
    (one / "only" / "1.png").write_bytes(picture.read_bytes())
    (loose / "1.png").write_bytes(picture.read_bytes())
    (garments / "hollow").mkdir()
    text_file = tmp_path / "flowers.yaml"
    text_file.write_text("train: x")
    for folder, words in (
        (tmp_path / "nowhere", "there is no folder"),
        (empty, "holds no pictures"),
        (one, "one class only"),
        (loose, "not sorted into class folders"),
        (garments, "the class hollow has no pictures"),
        (text_file, "is a file; a folder of class folders is expected"),
    ):
        message = error_of("train", folder, "--out", tmp_path / "r", code=3)
        assert words in message
        assert "expected" in message or "try" in message
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize(
    "options",
    [
        ["--net", "resnet"], ["--recipe", "best"], ["--optimiser", "lion"], ["--schedule", "x"], ["--resize", "zoom"],
        ["--weights", "imagenet21k"], ["--epochs", "0"], ["--batch", "-1"], ["--lr", "0"],
        ["--lr", "nan"], ["--lr", "inf"], ["--epochs", "many"],
        ["--net", "lenet5", "--weights", "pretrained"], ["--net", "resnet18", "--weights", "timm"],
        ["--net", "resnet18", "--weights", "gone.pth"],
    ],
)  # fmt: skip
def test_bad_options_are_plain_errors_with_code_2(options: list[str], tmp_path: Path) -> None:
    error_of("train", *options, "--out", tmp_path / "r", code=2)
    assert not (tmp_path / "r").exists()


def test_resume_goes_alone_and_out_is_not_overwritten(garments: Path, tmp_path: Path) -> None:
    error_of("train", "--resume", tmp_path, code=2)
    assert "no other option" in error_of("train", garments, "--resume", tmp_path, code=2)
    assert "no other option" in error_of("train", "--epochs", "0", "--resume", tmp_path, code=2)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diary.txt").write_text("mine")
    assert "not empty" in error_of("train", garments, "--net", "lenet5", "--out", tmp_path / "full", code=2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_plain_error() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "striate", "nets"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr


def test_a_run_is_not_written_among_the_pictures(garments: Path) -> None:
    message = error_of("train", ".", "--net", "lenet5_modern", "--epochs", "1", code=2, cwd=garments)
    assert "the pictures' own folder" in message
    assert not (garments / "runs").exists()


def test_a_training_that_never_began_leaves_no_folder(garments: Path, tmp_path: Path) -> None:
    for path in (garments / "bag").iterdir():
        path.write_bytes(b"no picture")
    message = error_of("train", garments, "--net", "lenet5_modern", "--out", tmp_path / "r", code=3)
    assert "no picture of the class bag could be read" in message
    assert not (tmp_path / "r").exists()


def test_striate_alone_shows_its_help() -> None:
    text = striate().stdout
    assert "striate train photos/\n" in text
    assert text == striate("--help").stdout


# Predicting


def test_predict_reads_files_folders_and_stdin_in_three_forms(photos: dict[str, Image.Image], tmp_path: Path) -> None:
    photos["palace"].save(tmp_path / "궁전.jpg")
    photos["daisy"].save(tmp_path / "flower.png")
    net = "efficientnet_lite0"
    lines = [json.loads(line) for line in striate("predict", net, tmp_path, "--json", "--topk", 2).stdout.splitlines()]
    assert [line["top"][0]["label"] for line in lines] == ["daisy", "palace"]
    assert all(len(line["top"]) == 2 and line["error"] is None for line in lines)
    table = list(csv.DictReader(io.StringIO(striate("predict", net, tmp_path / "궁전.jpg", "--csv").stdout)))
    assert (table[0]["label"], table[0]["rank"], len(table)) == ("palace", "1", 5)
    piped = subprocess.run(
        [sys.executable, "-m", "striate", "predict", net, "-"],
        input=(tmp_path / "flower.png").read_bytes(), capture_output=True, check=True,
    )  # fmt: skip
    assert piped.stdout.decode().split()[0] == "-"
    assert "daisy" in piped.stdout.decode()


def test_predict_ends_well_where_one_picture_was_answered_and_badly_where_none_was(
    photos: dict[str, Image.Image], tmp_path: Path
) -> None:
    photos["cat"].save(tmp_path / "cat.png")
    (tmp_path / "bad.jpg").write_bytes(b"")
    net = "efficientnet_lite0"
    mixed = striate("predict", net, tmp_path / "bad.jpg", tmp_path / "cat.png")
    assert "bad.jpg: the file is empty" in mixed.stderr
    assert "cat.png" in mixed.stdout
    assert "no such file" in striate("predict", net, tmp_path / "gone.jpg", code=3).stderr
    (tmp_path / "hollow").mkdir()
    error_of("predict", net, tmp_path / "hollow", code=3)
    error_of("predict", net, "-", tmp_path / "cat.png", code=2)
    error_of("predict", net, tmp_path / "cat.png", "--topk", "0", code=2)
    error_of("predict", "resnet50", tmp_path / "cat.png", code=2)
    error_of("predict", tmp_path, tmp_path / "cat.png", code=2)


def test_weights_that_are_not_here_are_fetched_only_where_that_is_asked_for(
    photos: dict[str, Image.Image], tmp_path: Path
) -> None:
    photos["cat"].save(tmp_path / "cat.png")
    nowhere = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")  # whatever is asked there is refused
    offline = {"env": {**CLEAN, **nowhere, "XDG_CACHE_HOME": str(tmp_path / "cache")}}
    message = error_of("predict", "resnet18", tmp_path / "cat.png", code=1, **offline)
    assert "47 MB" in message
    assert "--download" in message
    asked = striate("predict", "resnet18", tmp_path / "cat.png", "--download", code=1, **offline).stderr
    assert asked.startswith("Fetching  torchvision ResNet18_Weights.IMAGENET1K_V1, 47 MB")
    assert "resnet18-f37072fd.pth cannot be reached" in asked
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_nothing_is_written_outside_the_run_folder(garments: Path, tmp_path: Path) -> None:
    """In an empty folder with an empty home, training writes runs/ there and nothing else anywhere."""
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    env = {**CLEAN, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "TMPDIR": str(home)}
    striate("train", garments, "--net", "lenet5_modern", "--epochs", "1", cwd=here, env=env)
    assert [path.name for path in here.iterdir()] == ["runs"]
    assert not [path for path in home.rglob("*") if path.is_file()]  # PyTorch makes an empty folder for temporary files
    (run,) = (here / "runs").iterdir()
    assert run.name.endswith("-lenet5_modern-garments")
