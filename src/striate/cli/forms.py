"""The forms that an answer can be had in, and the printing of those that programs read."""

import csv
import sys
from typing import Any, Literal

from striate.cli.together import refuse_two_forms
from striate.files import finite, json_text, writes_utf8

Form = Literal["text", "markdown", "csv", "json"]


def form_of(*, json: bool = False, csv: bool = False, markdown: bool = False) -> Form:
    """The form that was asked for; Misuse for two at once."""
    refuse_two_forms({"--json": json, "--csv": csv, "--markdown": markdown})
    return "json" if json else "csv" if csv else "markdown" if markdown else "text"


def print_json(value: object) -> None:
    """A line of JSON, out at once; in ASCII where stdout is not UTF-8, in which JSON is to be."""
    print(json_text(finite(value), escaped=not writes_utf8(sys.stdout)), flush=True)


def csv_writer() -> Any:
    """Writes rows to stdout, which itself makes of a line's end what the system wants."""
    return csv.writer(sys.stdout, lineterminator="\n")
