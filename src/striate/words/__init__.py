"""The words for people, in English and Korean: one catalogue a language, keys in a fixed order; lessons stand apart."""

import difflib
import functools
import json
import string
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

LANGUAGES = ("en", "ko")
DEFAULT_LANGUAGE = "en"
_ELSEWHERE = {"learning_rate": "lr"}  # what others call something, and what it is called here


def say(key: str, language: str = DEFAULT_LANGUAGE, /, **values: object) -> str:
    """The text of a key with its values filled in; counts get thousands separators, and choose a word's number."""
    return _filled(_catalogue(language)[key], values)


def offer(key: str, language: str = DEFAULT_LANGUAGE, /, **values: object) -> str:
    """The text of a key that names alternatives, without those that an empty value leaves with nothing to offer."""
    either = _catalogue(language)["label.or"]
    texts = _catalogue(language)[key].split(either)
    return either.join(_filled(each, values) for each in texts if "" not in _used(each, values))


def _filled(text: str, values: Mapping[str, object]) -> str:
    return text.format_map({name: _Count(value) if type(value) is int else value for name, value in values.items()})


def _used(text: str, values: Mapping[str, object]) -> list[object]:
    """The values that a text fills in."""
    return [values[name] for _, name, _, _ in string.Formatter().parse(text) if name]


class _Count(int):
    """A count in a text: ``{count}`` writes it, ``{count:picture|pictures}`` the word that goes with it."""

    def __format__(self, words: str) -> str:
        if not words:
            return f"{int(self):,}"
        one, many = words.split("|")
        return one if self == 1 else many


@dataclass(frozen=True)
class Phrase:
    """A text that is not yet in any language; its values may be such texts, too."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str = DEFAULT_LANGUAGE) -> str:
        return say(self.key, language, **spoken(self.values, language))


def spoken(values: Mapping[str, object], language: str) -> dict[str, object]:
    """Values with their phrases put into a language."""
    return {name: value.text(language) if isinstance(value, Phrase) else value for name, value in values.items()}


def language_of(environment: Mapping[str, str]) -> str:
    """The language of a locale, such as LANG's ko_KR.UTF-8; English for all others."""
    locale = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return next((each for each in LANGUAGES if locale.startswith(each)), DEFAULT_LANGUAGE)


def has(key: str) -> bool:
    return key in _catalogue(DEFAULT_LANGUAGE)


def meant(name: str, names: Iterable[str]) -> str:
    """The one of these names, or options, for what others call by the name given; nothing where there is none."""
    here = _ELSEWHERE.get(name.casefold().strip("-").replace("-", "_"))
    return next((each for each in names if each.strip("-") == here), "")


def nearest(name: str, names: Iterable[str], *, alike: float = 0.4) -> str:
    """The name most like the one given, capitals or not, for 'did you mean'; nothing where none is so much alike."""
    plain = {each.casefold(): each for each in names}
    if here := meant(name, plain.values()):
        return here
    close = difflib.get_close_matches(name.casefold(), plain, 1, cutoff=alike)
    return plain[close[0]] if close else ""


def width(text: str) -> int:
    """Columns that a text takes on a terminal: Hangul and other wide characters take two."""
    composed = unicodedata.normalize("NFC", text)
    return sum(
        0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")
        for letter in composed
    )


@functools.cache
def _catalogue(language: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in (f"{language}.json", f"lessons.{language}.json"):
        found |= json.loads((files(__package__) / name).read_text(encoding="utf-8"))
    return found
