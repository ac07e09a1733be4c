"""What a student types in answer to a question: a number, however it is written, and whether it is right."""

import re
from typing import Literal

from striate.lessons.parts import Question

Verdict = Literal["right", "wrong", "unread"]

_NEAR = 0.01  # an answer is right within a hundredth
_SPELT = str.maketrans({"−": "-", "％": "%", "½": "1/2", "\N{FRACTION SLASH}": "/", "，": ","})
_NUMBER = r"[-+]?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?"
_DECIMAL_COMMA = re.compile(r"(?<![\d.,])(?:(0),(\d+)|(\d*),(\d{1,2}|\d{4,}))(?![\d.,])")  # 0,693 and 90,5; not 1,000
_ANSWER = re.compile(rf"({_NUMBER})(?:\s*/\s*({_NUMBER}))?\s*([^0-9/.,+*^-]*)\.?")
_SCALES = {"백만": 1e6, "thousand": 1e3, "million": 1e6, "billion": 1e9, "천": 1e3, "만": 1e4, "억": 1e8}


def verdict(typed: str, question: Question) -> Verdict | None:
    """Whether a number is near the one expected; nothing where none is, or nothing was typed."""
    if question.expected is None or not typed.strip():
        return None
    number = read(typed, in_percent=question.in_percent)
    if number is None:
        return "unread"
    near = _NEAR * max(abs(question.expected), _NEAR)
    return "right" if abs(number - question.expected) <= near else "wrong"


def read(typed: str, *, in_percent: bool = False) -> float | None:
    """70%, 16/7, 1,000 and 90.5 points as numbers, the last of ``a = 23/10 = 2.3``; None for what is no number.

    A comma after 0, or before other than three digits, is a decimal comma: 0,693 and 90,5.
    """
    last = typed.translate(_SPELT).split("=")[-1].strip()
    found = _ANSWER.fullmatch(_DECIMAL_COMMA.sub(_with_point, last))
    if found is None:
        return None
    above, below, unit = found.groups()
    try:
        number = _float(above) / _float(below or "1")
    except (ValueError, ZeroDivisionError):
        return None
    if unit.startswith("%") and not in_percent:
        return number / 100
    return number * next((scale for word, scale in _SCALES.items() if unit.casefold().startswith(word)), 1)


def _with_point(found: re.Match[str]) -> str:
    whole, rest = (group for group in found.groups() if group is not None)
    return f"{whole}.{rest}"


def _float(text: str) -> float:
    return float(text.replace(",", ""))
