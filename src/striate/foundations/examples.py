"""The few numbers that a first course reckons with by hand."""

from striate.foundations.metrics import Table

HOURS = (2, 4, 6, 8)
"""Four students: hours of study."""
LESSONS = (0, 4, 2, 3)
MARKS = (81, 93, 91, 97)

EXAM_HOURS = (2, 4, 6, 8, 10, 12)
"""Six students: hours of study before an examination."""
PASSED = (0, 0, 0, 1, 1, 1)

TEST_KIT = Table(true_positives=6, false_positives=2, false_negatives=1, true_negatives=1)
"""Ten people and what a test kit said of them."""

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
"""All inputs of a gate of two."""
AND, OR, NAND, XOR = (0, 0, 0, 1), (0, 1, 1, 1), (1, 1, 1, 0), (0, 1, 1, 0)
