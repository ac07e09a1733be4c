"""Charts are drawn offline, in the language asked for, and show what was found."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from striate.figures.charts import rates_chart, write
from striate.problem import Misuse
from striate.verbs.lr_find import Found

RATES = tuple(10 ** (-6 + at / 4) for at in range(20))
LOSSES = tuple([2.3] * 8 + [2.2, 2.0, 1.7, 1.4, 1.2, 1.1, 1.0, 1.3, 1.9, 3.0, 20.0, 400.0])
FOUND = Found("lenet5_modern", "fashion-sample", RATES, LOSSES, LOSSES, RATES[14] / 10, RATES[10], 0.1)


def texts(path: Path) -> str:
    return " ".join("".join(each.itertext()) for each in ElementTree.parse(path).iter() if each.tag.endswith("text"))


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["learning rate", "training loss", "suggested 0.00032"]), ("ko", ["학습률", "학습 손실", "추천 0.00032"])],
)
def test_the_chart_says_what_it_shows_in_both_languages(language: str, words: list[str], tmp_path: Path) -> None:
    write(rates_chart(FOUND, language), tmp_path / "rates.svg")
    shown = texts(tmp_path / "rates.svg")
    assert all(each in shown for each in [*words, "lenet5_modern", "1e-3"])
    assert "http" not in (tmp_path / "rates.svg").read_text(encoding="utf-8").replace("http://www.w3.org", "")


def test_a_png_has_the_curve_in_it(tmp_path: Path) -> None:
    write(rates_chart(FOUND, "en"), tmp_path / "rates.png")
    image = Image.open(tmp_path / "rates.png").convert("RGB")
    colours = {colour for _, colour in image.getcolors(1 << 20) or []}
    assert (0x21, 0x91, 0x8C) in colours
    assert image.width > 1000


def test_losses_that_broke_out_do_not_flatten_the_rest(tmp_path: Path) -> None:
    write(rates_chart(FOUND, "en"), tmp_path / "rates.svg")
    assert "400" not in texts(tmp_path / "rates.svg")


def test_without_a_suggestion_there_is_no_mark(tmp_path: Path) -> None:
    none = Found("a", "b", RATES, LOSSES, LOSSES, None, None, None)
    write(rates_chart(none, "en"), tmp_path / "rates.svg")
    assert "suggested" not in texts(tmp_path / "rates.svg")


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"rates\.pdf"):
        write(rates_chart(FOUND, "en"), tmp_path / "rates.pdf")


def test_altair_is_loaded_only_where_a_chart_is_drawn() -> None:
    code = (
        "import sys, striate.figures.charts, striate.cli.finding; "
        "print('altair' in sys.modules, 'vl_convert' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "False"]
