"""Commands that must fail, run within the test's own process: a process of its own takes seconds to load PyTorch."""

import io
from contextlib import redirect_stderr, redirect_stdout

from striate.cli import run, take_language


def refused(*arguments: object, code: int) -> str:
    """The error of a command that must end with this exit code and print nothing; streams of real processes are
    tested in cli/test_cli.py."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            found = run(*take_language([str(each) for each in arguments], {}))
        except SystemExit as end:
            found = end.code
    assert found == code, err.getvalue()
    assert not out.getvalue()
    assert err.getvalue().startswith("error: ")
    return err.getvalue()
