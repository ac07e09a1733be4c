"""The numbers of a first course, held against what comes of them."""

from striate.foundations.examples import (
    AND,
    CORNERS,
    EXAM_HOURS,
    HOURS,
    LESSONS,
    MARKS,
    NAND,
    OR,
    PASSED,
    TEST_KIT,
    XOR,
)
from striate.foundations.metrics import scored
from striate.foundations.regression import line, plane
from striate.foundations.separation import separator


def test_they_lead_to_the_numbers_that_the_course_prints() -> None:
    assert [str(value) for value in line(HOURS, MARKS).exact or ()] == ["23/10", "79"]
    both = list(zip(HOURS, LESSONS, strict=True))
    assert [str(value) for value in plane(both, MARKS).exact or ()] == ["3/2", "16/7", "545/7"]
    assert (scored(TEST_KIT).accuracy, scored(TEST_KIT).f1) == (0.7, 0.8)
    assert separator(EXAM_HOURS, PASSED) is not None
    assert [separator(CORNERS, gate) is not None for gate in (AND, OR, NAND, XOR)] == [True, True, True, False]
    assert [a and b for a, b in zip(NAND, OR, strict=True)] == list(XOR)
