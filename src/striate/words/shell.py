"""Commands as a person can type them."""

import os
import re
import shlex

WINDOWS = os.name == "nt"
_BARE = re.compile(r"[\w@%+=:,./-]+")  # letters of every language: no shell stops at Hangul


def quoted(value: object) -> str:
    """A value as a shell takes it: bare where nothing in it is special, else in quotes."""
    text = str(value)
    if not text or _BARE.fullmatch(text.replace("\\", "/") if WINDOWS else text):
        return text
    return f'"{text}"' if WINDOWS else shlex.quote(text)


def command(*parts: object) -> str:
    """A program and what it is given, each part quoted where it must be."""
    return " ".join(quoted(part) for part in parts)
