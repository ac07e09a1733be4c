"""Writes the golden texts of tests/nets/ anew, for a person to review in the diff: python tools/goldens.py [NET ...]"""

import contextlib
import io
import sys
from pathlib import Path

from striate.cli import run
from striate.nets import CATALOGUE, find

NETS = Path(__file__).parent.parent / "tests" / "nets"
TOO_LONG = ("resnet1202_cifar",)


def main() -> None:
    for name in sys.argv[1:] or CATALOGUE:
        keys = "\n".join(find(name).architecture().sketch().state_dict()) + "\n"
        (NETS / "keys" / f"{name}.txt").write_text(keys, encoding="utf-8")
        if name in TOO_LONG:
            continue
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            run(["describe", name])
        (NETS / "tables" / f"{name}.txt").write_text(text.getvalue(), encoding="utf-8")


if __name__ == "__main__":
    main()
