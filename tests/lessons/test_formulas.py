"""Names in formulas, which are words of a language."""

import re

import pytest

from striate.cli import run
from striate.lessons.formulas import written_in

NAMES = r"\b(?:height|width|parameters|multiply-accumulates|bias|stride|pad|precision|recall|variance|window)\b"


@pytest.mark.parametrize("topic", ["convolution", "pooling", "metrics", "stacking", "sparse", "cost"])
def test_formulas_of_korean_lessons_have_korean_names(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    def formulas(language: str) -> str:
        assert run(["learn", topic], language) == 0
        return "\n".join(line for line in capsys.readouterr().out.splitlines() if line.startswith("    "))

    assert not re.search(NAMES, formulas("ko"))
    assert re.search(r"[a-z]{5,}", formulas("en"))


def test_equals_signs_stay_below_each_other_and_other_letters_as_they_are() -> None:
    lines = ["height = 1", "width  = 22", "same: stride 1", "f(in) = bias² + kernel_size"]
    assert written_in(lines, "ko") == ["높이 = 1", "너비 = 22", "같은 크기: 보폭 1", "f(입력) = 편향² + kernel_size"]
    assert written_in(lines, "en") == lines
    assert written_in(["parameters  1 / 20 = 5 %", "MACs        3 / 4  = 75 %"], "ko")[0] == "매개변수    1 / 20 = 5 %"
