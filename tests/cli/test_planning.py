"""``striate train --dry-run`` for every network, and options that make no sense."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from striate.cli import run
from striate.cli.text import loss_text
from striate.nets import CATALOGUE

Plan = Callable[..., str]


@pytest.fixture
def dry(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Plan:
    """What a command prints on stdout, in an empty folder that must stay empty."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)

    def called(*arguments: str, language: str = "en") -> str:
        code = run(["train", "--dry-run", *arguments], language)
        answer = capsys.readouterr()
        assert (code, answer.err) == (0, "")
        assert not list(empty.iterdir())
        return answer.out

    return called


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Plan:
    """The error of a command that must be refused, with nothing on stdout and nothing written."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str, language: str = "en") -> str:
        code = run(["train", *arguments], language)
        answer = capsys.readouterr()
        assert (code, answer.out) == (2, "")
        assert not (tmp_path / "runs").exists()
        return answer.err

    return called


@pytest.mark.parametrize("net", CATALOGUE)
def test_every_network_has_a_paper_recipe_that_can_be_shown(net: str, dry: Plan) -> None:
    document = json.loads(dry("--net", net, "--recipe", "paper", "--json"))
    assert document["net"] == net
    assert document["images"] == {"train": 9000, "val": 1000, "test": 2000}
    assert {"part", "value", "source"} == set(document["sheet"][0])
    assert document["recipe"]["source"]
    for language, words in (("en", "Nothing was trained"), ("ko", "학습")):
        shown = dry("--net", net, "--recipe", "paper", language=language)
        assert document["recipe"]["source"] in shown
        assert all(line["value"] in shown for line in document["sheet"])
        assert all(text in shown for text in (*document["recipe"]["assumed"], *document["recipe"]["disputed"]))
        assert words in shown
        assert "{" not in shown


def test_what_is_scaled_is_told_with_its_rule(dry: Plan) -> None:
    shown = dry("--net", "googlenet", "--recipe", "paper", "--limit", "400")
    assert "Scaled   batch 32 became 8: lowered by halves until an epoch has 50 steps, but not below 8" in shown
    floored = dry("--net", "lenet5", "--recipe", "paper", "--limit", "400")
    assert "Scaled   batch 10 became 8: lowered by halves until an epoch has 50 steps, but not below 8" in floored
    assert "in proportion to the batch" in shown
    marked = [line.split()[0] for line in shown.splitlines() if line.endswith("; scaled, see below")]
    assert marked == ["rate", "batch"]
    told = json.loads(dry("--net", "googlenet", "--recipe", "paper", "--limit", "400", "--json"))
    assert told["images"] == {"train": 400, "val": 1000, "test": 2000}
    assert [each["part"] for each in told["recipe"]["changed"]] == ["batch", "rate"]


def test_pictures_in_files_are_said_to_be_counted_unread(garments: Path, dry: Plan) -> None:
    next(garments.rglob("*.png")).write_bytes(b"no picture")
    assert "by name; no picture was read" in dry(str(garments), "--net", "lenet5")
    assert "이름으로만 세었습니다" in dry(str(garments), "--net", "lenet5", language="ko")
    assert "by name" not in dry("--net", "lenet5")


def test_each_option_comes_to_its_own_place_in_the_recipe(dry: Plan) -> None:
    options = (
        "--epochs 4 --batch 7 --lr 0.25 --optimiser nesterov --decay 0.125 --spare --schedule cosine --warmup 1.5 "
        "--augment flip --mixup 0.3 --cutmix 0.7 --smoothing 0.2 --balance weights --dropout 0.35 "
        "--averaging ema --clip 2.5 --patience 6 "
        "--weights random:5 --frozen 2 --first-row 0.4 --resize crop --input 3x56x56 --limit 500 --seed 9"
    )
    document = json.loads(dry("--net", "efficientnet_lite0", *options.split(), "--json"))
    recipe = document["recipe"]
    assert (document["seed"], document["images"]["train"], recipe["epochs"], recipe["batch"]) == (9, 500, 4, 7)
    optimiser = recipe["optimiser"]
    assert (optimiser["kind"], optimiser["nesterov"], optimiser["lr"], optimiser["decay"]) == ("SGD", True, 0.25, 0.125)
    assert recipe["spared"] == ["bias", "norm"]
    schedule = recipe["schedule"]
    assert (schedule["kind"], schedule["epochs"], schedule["then"]["kind"]) == ("Warmup", 1.5, "Cosine")
    augment = recipe["augment"]
    assert (augment["flip"], augment["shift"], augment["mixup"], augment["cutmix"]) == (True, 0, 0.3, 0.7)
    assert (recipe["loss"]["smoothing"], recipe["loss"]["balanced"]) == (0.2, True)
    assert (recipe["dropout"], recipe["clip"], recipe["patience"], recipe["start"]) == (0.35, 2.5, 6, "random:5")
    assert recipe["averaging"]["kind"] == "EMA"
    assert (recipe["tuning"]["frozen"], recipe["tuning"]["first_row"]) == (2, 0.4)
    assert (recipe["view"]["size"], recipe["view"]["mode"], recipe["view"]["resize"]) == ([56, 56], "crop", 64)
    off = json.loads(dry("--net", "googlenet", "--recipe", "paper", "--no-auxiliaries", "--no-spare", "--json"))
    assert (off["recipe"]["auxiliaries"], off["recipe"]["spared"]) == (False, [])


def test_shifts_and_erased_squares_are_smaller_by_as_much_as_the_input(dry: Plan) -> None:
    own = json.loads(dry("--net", "resnet20_cifar", "--json"))["recipe"]
    small = json.loads(dry("--net", "resnet20_cifar", "--input", "1x14x14", "--json"))["recipe"]
    assert (own["view"]["size"], own["augment"]["shift"], own["augment"]["erase"]) == ([28, 28], 2, 8)
    assert (small["view"]["size"], small["augment"]["shift"], small["augment"]["erase"]) == ([14, 14], 1, 4)
    tiny = json.loads(dry("--net", "resnet20_cifar", "--input", "1x8x8", "--json"))["recipe"]
    assert (tiny["augment"]["shift"], tiny["augment"]["erase"]) == (1, 2)
    none = json.loads(dry("--net", "resnet20_cifar", "--input", "1x14x14", "--augment", "none", "--json"))["recipe"]
    assert (none["augment"]["shift"], none["augment"]["erase"]) == (0, 0)


SENSELESS = [
    ("--dropout 2", "dropout must be at least 0 and less than 1"),
    ("--dropout 1", "dropout"),
    ("--dropout nan", "dropout"),
    ("--smoothing 1.5", "smoothing must be at least 0 and less than 1"),
    ("--smoothing 1", "smoothing"),
    ("--mixup -1", "mixup must be a finite number, 0 or more"),
    ("--mixup inf", "mixup"),
    ("--cutmix nan", "cutmix"),
    ("--decay -1", "decay"),
    ("--lr 0", "lr must be a finite number above 0"),
    ("--lr nan", "lr"),
    ("--clip 0", "clip must be a finite number above 0"),
    ("--clip -3", "clip"),
    ("--patience 0", "patience must be a finite number above 0"),
    ("--patience -2", "patience"),
    ("--patience 5 --schedule plateau", "--patience 6 or more"),
    ("--patience 3 --schedule plateau --warmup 2", "the plateau schedule waits for 5 epochs"),
    ("--averaging x", "there is no averaging called x"),
    ("--optimiser adamv", "--optimiser adam"),
    ("--schedule warm", "there is no schedule called warm"),
    ("--augment lots", "there is no augment called lots"),
    ("--frozen -1", "frozen"),
    ("--first-row 2", "first_row must be from 0 to 1"),
    ("--first-row nan", "first_row"),
    ("--warmup 20", "the warm-up takes 20 epochs, and the training has 20"),
    ("--warmup 3 --epochs 2", "the warm-up takes 3 epochs, and the training has 2"),
    ("--warmup -1", "the warm-up takes -1 epochs"),
    ("--warmup nan", "the warm-up takes nan epochs"),
    ("--limit 0", "limit must be a finite number above 0"),
    ("--limit 1", "--limit 10 or more"),
    ("--limit 9", "9 pictures are too few for 10 classes"),
    ("--seed 99999999999999999999999", "the seed 99999999999999999999999 is too large"),
    ("--weights random:²", "random:² names no seed"),
    ("--weights random:99999999999999999999999", "names no seed"),
    ("--auxiliaries", "no auxiliary classifiers can help deepconvnet"),
    ("--net lenet5 --recipe paper --balance weights", "balance weights goes with the cross-entropy"),
    ("--net lenet5 --recipe paper --smoothing 0.1", "smoothing goes with the cross-entropy"),
    ("--net lenet5 --recipe paper --dropout 0.5", "lenet5 has no dropout row"),
    ("--net googlenet --auxiliaries --weights pretrained", "googlenet"),
    ("--net googlenet --auxiliaries --input 3x64x64", "an input that leaves enough for them"),
    ("--epochs 0", "epochs must be a finite number above 0"),
    ("--batch 0", "batch"),
    ("--input 2x28x28", "1 or 3 channels"),
    ("--resume runs/nowhere --epochs 3", "--resume goes on with a run as it was"),
    ("--resume runs/nowhere --dry-run", "--resume goes on with a run as it was"),
]


@pytest.mark.parametrize(("options", "words"), SENSELESS)
def test_an_option_that_makes_no_sense_is_refused_with_a_sentence(options: str, words: str, refused: Plan) -> None:
    net = [] if "--net" in options or "--resume" in options else ["--net", "deepconvnet"]
    error = refused(*net, *options.split())
    assert error.startswith("error: ")
    assert words in error
    korean = refused(*net, *options.split(), language="ko")
    assert "{" not in korean
    assert any("가" <= letter <= "힣" for letter in korean)


OWN = """
from torch import nn

INPUT, CLASSES = (1, 28, 28), 10

def alone(classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, classes))

class Whole(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.all = nn.Sequential(nn.Flatten(), nn.Linear(784, classes))

    def forward(self, x):
        return self.all(x)

def whole(classes):
    return Whole(classes)
"""


@pytest.mark.parametrize("options", ["--frozen 2", "--first-row 0", "--first-row 0.5"])
def test_a_network_without_rows_before_its_classifier_cannot_freeze_them(
    options: str, tmp_path: Path, refused: Plan
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    error = refused("--net", f"{tmp_path}/own.py:whole", *options.split())
    assert "no rows before a classifier" in error


def test_freezing_rows_that_were_drawn_is_said_loudly(dry: Plan) -> None:
    words = "rows stand still at weights drawn at random"
    for options in (["--first-row", "0"], ["--frozen", "3"]):
        assert words in dry("--net", "deepconvnet", *options)
        assert "무작위로 뽑은 가중치" in dry("--net", "deepconvnet", *options, language="ko")
    assert words not in dry("--net", "deepconvnet", "--first-row", "0.5")
    assert words not in dry("--net", "efficientnet_lite0", "--first-row", "0", "--weights", "pretrained")


def test_a_training_calls_the_optimiser_as_its_plan_does(
    garments: Path, tmp_path: Path, dry: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    net = [str(garments), "--net", "lenet5_modern"]
    assert "AdamW, betas 0.9 and 0.999" in dry(*net)
    assert dry(*net, "--optimiser", "adamw") == dry(*net, "--optimiser", "adam")
    assert "Adam, betas 0.9 and 0.999" in dry(*net, "--optimiser", "adamw", "--decay", "0")
    assert run(["train", *net, "--epochs", "1", "--out", str(tmp_path / "r")], "en") == 0
    assert "AdamW at 0.003" in capsys.readouterr().err


def test_a_loss_that_explodes_stays_within_its_column(
    garments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = "--net lenet5_modern --epochs 1 --optimiser sgd --decay 0 --schedule constant --lr 1e7"
    assert run(["train", str(garments), *options.split(), "--out", str(tmp_path / "r")], "en") == 0
    lines = capsys.readouterr().err.splitlines()
    (head,) = [line for line in lines if "val loss" in line]
    (row,) = [line for line in lines if line.startswith("      1/1")]
    val_loss = row.split()[2]
    assert float(val_loss) > 1e6
    assert row.index(val_loss) + len(val_loss) == head.index("val loss") + len("val loss")


@pytest.mark.parametrize(
    ("loss", "shown"),
    [
        (None, "-"), (0.00004, "0.0000"), (9999.9, "9999.9000"), (10_000.0, "10000.0"), (999_999.0, "999999.0"),
        (1e6, "1.0e+06"), (3342379188048319479808.0, "3.3e+21"), (math.inf, "inf"), (math.nan, "nan"),
    ],
)  # fmt: skip
def test_a_loss_takes_nine_columns_at_most(loss: float | None, shown: str) -> None:
    assert loss_text(loss) == shown
    assert len(shown) <= 9


def test_a_training_tells_what_stands_still_and_that_its_patience_ended(
    garments: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = (
        "--net deepconvnet --first-row 0 --patience 1 --epochs 60 --lr 1e-30 --optimiser sgd --decay 0 --dropout 0"
    )
    code = run(["train", str(garments), *options.split(), "--out", str(tmp_path / "r")], "en")
    answer = capsys.readouterr()
    assert code == 0
    assert "rows stand still at weights drawn at random" in answer.err
    assert "Ended    after 2 of 60 epochs: the validation did not get better" in answer.out
