"""An experiment as its TOML file says it, checked and made definite: which networks, which recipes, which seeds."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, Literal, cast, get_args, get_type_hints

from striate.ablation.declaring import fitting
from striate.data.folder import nfc
from striate.fitting.changes import Changes
from striate.nets.own import Own
from striate.problem import Misuse
from striate.published.start import LARGEST_SEED, is_file
from striate.recipe import Recipe, to_json
from striate.words import DEFAULT_LANGUAGE, LANGUAGES, nearest

Chart = Literal["curves", "dots"]
Measure = Literal["test_top1", "val_top1", "train_loss"]
"""What the arms are compared by."""

_WORDS = tuple(each for each in LANGUAGES if each != DEFAULT_LANGUAGE)
_KEYS: dict[str, Any] = {
    "title": str, "question": str, "source": str, "data": str | tuple[str, ...], "limit": int, "seeds": int |
    tuple[int, ...], "net": str, "baseline": str, "measure": Measure, "chart": Chart, "shifts": tuple[int, ...],
}  # fmt: skip
_REQUIRED = ("title", "question", "data")
_TABLES = ("recipe", "grid", "quick", "arm", *_WORDS)
_QUICK = ("data", "limit", "seeds", "epochs", "recipe")
_TOLD = ("source", "sources", "assumed", "disputed", "changed", "crops")  # of a recipe, and no training reads it
_NAME = re.compile(r"\w[\w+.-]*")  # of an arm: a part of its runs' folders
_STRANGE = re.compile(r"[^\w+.-]+")  # what no such name has


@dataclass(frozen=True)
class Arm:
    """One of the things compared: a network, and what its recipe changes, as the fields of Changes."""

    name: str
    net: str  # a name of the catalogue, or FILE.py:FUNCTION with an absolute path
    changes: Mapping[str, Any]
    epochs: int | None  # None for those of the recipe
    whole: Recipe | None = None  # what its changes come to on the pictures at hand, once that is settled

    def recipe(self) -> Recipe | Changes:
        return self.whole or Changes(**self.changes)

    def as_json(self) -> dict[str, Any]:
        """What decides its numbers: the network and the values of its recipe, not what is said about them."""
        assert self.whole is not None
        recipe = {name: value for name, value in to_json(self.whole).items() if name not in _TOLD}
        return {"net": self.net, "recipe": recipe}


@dataclass(frozen=True)
class Plan:
    """The whole experiment. Arms differ in what they are about; data, limit and seeds are common to all."""

    name: str
    source: str  # what asks for it again: a shipped name, or the TOML file's absolute path
    words: Mapping[str, Mapping[str, str]]  # language: title and question
    reference: str  # the paper that asked first; empty where there is none
    data: tuple[str, ...]  # names and folders; the first that is there is used
    limit: int | None  # of training pictures
    seeds: tuple[int, ...]
    arms: tuple[Arm, ...]
    baseline: str
    measure: Measure
    chart: Chart
    shifts: tuple[int, ...] = ()  # in pixels: the test pictures are also tried moved by so many
    quick: bool = False
    folder: Path = field(default=Path(), compare=False)  # of the TOML file
    fingerprint: str = ""  # of the pictures, as the first seed divides them, once they are found

    @property
    def runs(self) -> Iterator[tuple[Arm, int]]:
        """Every arm with a seed before the next seed, so that what is there at any time compares well."""
        return ((arm, seed) for seed in self.seeds for arm in self.arms)

    def decisive(self) -> dict[str, Any]:
        """What decides how the runs come out, as JSON holds it; an experiment goes on only where it is the same.

        Of a plan that is settled: by then defaults are values, and the pictures are seen.
        """
        return {
            "data": self.data[0],
            "fingerprint": self.fingerprint,
            "limit": self.limit,
            "seeds": list(self.seeds),
            "shifts": list(self.shifts),
            "arms": {arm.name: arm.as_json() for arm in self.arms},
        }


def read_plan(path: Path, *, name: str, source: str, quick: bool = False) -> Plan:
    """The plan in a TOML file; with ``quick`` in the sizes that its [quick] table gives. Misuse for what is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # with the mark that editors of Windows set first
    except FileNotFoundError as error:
        raise Misuse("ablate.no_file", path=path) from error
    except (OSError, ValueError) as error:
        raise Misuse("ablate.toml", path=path, reason=error) from error
    return _Reader(path).plan(content, name, source, quick)


def differences(before: Mapping[str, Any], now: Mapping[str, Any], where: str = "") -> list[str]:
    """Where two plans are not the same: a line each, such as ``arms.relu.recipe.optimiser.lr: 0.1, now 0.2``.

    What only one of them has is one line, however much is in it.
    """
    lines = []
    for key in dict.fromkeys((*before, *now)):
        old, new = before.get(key, "-"), now.get(key, "-")
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            lines += differences(old, new, f"{where}{key}.")
        elif old != new:
            lines.append(f"{where}{key}: {_shown(old)}, now {_shown(new)}")
    return lines


def _shown(value: Any) -> str:
    return "..." if isinstance(value, Mapping) else str(value)


class _Reader:
    """A file on its way to a plan; every complaint names the file and the key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recipe_types = {**get_type_hints(Changes), "epochs": int}

    def plan(self, content: dict[str, Any], name: str, source: str, quick: bool) -> Plan:
        self.refuse_unknown(content, (*_KEYS, *_TABLES), "")
        if quick and "quick" not in content:
            raise Misuse("ablate.no_quick", path=self.path)
        less = self.table(content, "quick")
        self.refuse_unknown(less, _QUICK, "quick.")
        asked = dict(content)
        if quick:
            asked |= {key: value for key, value in less.items() if key in ("data", "limit", "seeds")}
        values: dict[str, Any] = {key: self.value(key, asked[key], kind) for key, kind in _KEYS.items() if key in asked}
        if lacking := self.lacking(content, values):
            raise Misuse("ablate.lacks", path=self.path, key=", ".join(lacking))
        arms = self.arms(content, values.get("net"))
        if quick:
            arms = [self.lessened(arm, less) for arm in arms]
        baseline = values.get("baseline", arms[0].name)
        if baseline not in [arm.name for arm in arms]:
            known = ", ".join(arm.name for arm in arms)
            raise Misuse("ablate.baseline", path=self.path, name=baseline, known=known)
        data, limit = values["data"], values.get("limit")
        if limit is not None and limit < 1:
            raise self.wrong("limit", limit, "1, 2, 3, ...")
        return Plan(
            name, source, self.words(content), values.get("source", ""),
            (data,) if isinstance(data, str) else data, limit, self.seeds(values.get("seeds", 3)), tuple(arms),
            baseline, values.get("measure", "test_top1"), values.get("chart", "dots"), self.shifts(values), quick,
            self.path.parent,
        )  # fmt: skip

    def lacking(self, content: dict[str, Any], values: Mapping[str, Any]) -> list[str]:
        """What is required and not there. A [grid] names arms, and may hold their networks."""
        grid, tables = self.table(content, "grid"), self.tables(content)
        keys = [key for key in _REQUIRED if key not in values]
        if "arm" not in content:
            keys += [] if grid else ["[[arm]]"]
            return keys if {"net"} & {*values, *grid} else [*keys, "net"]
        for at, table in enumerate(tables, 1):
            keys += [f"name (arm {at})"] if not grid and "name" not in table else []
            keys += [] if {"net"} & {*values, *grid, *table} else [f"net ({table.get('name', f'arm {at}')})"]
        return keys

    def words(self, content: dict[str, Any]) -> dict[str, dict[str, str]]:
        """Title and question in every language; the default's where another is not given."""
        found = {}
        for language in LANGUAGES:
            table = content if language == DEFAULT_LANGUAGE else {**content, **self.table(content, language)}
            found[language] = {key: str(table[key]) for key in ("title", "question")}
        return found

    def seeds(self, asked: int | tuple[int, ...]) -> tuple[int, ...]:
        """The seeds named, or as many as asked for from 0 on."""
        seeds = tuple(range(asked)) if isinstance(asked, int) else asked
        if not seeds or len(set(seeds)) < len(seeds) or not 0 <= min(seeds) <= max(seeds) <= LARGEST_SEED:
            raise self.wrong("seeds", list(seeds), "3, [0, 1, 2]")
        return seeds

    def shifts(self, values: dict[str, Any]) -> tuple[int, ...]:
        shifts: tuple[int, ...] = values.get("shifts", ())
        if any(each < 1 for each in shifts):
            raise self.wrong("shifts", list(shifts), "[1, 2, 3]")
        return shifts

    def arms(self, content: dict[str, Any], net: str | None) -> list[Arm]:
        """The [[arm]] tables, each in every combination of the [grid]."""
        common, grid = self.changes(self.table(content, "recipe"), "recipe."), self.table(content, "grid")
        arms: list[Arm] = []
        for at, table in enumerate(self.tables(content), 1):
            own = {**common, **self.changes(self.table(table, "recipe"), f"arm {at}.recipe.")}
            for words, chosen in self.combinations(grid):
                name = "-".join([*([str(table["name"])] if "name" in table else []), *words])
                chosen_net = chosen.pop("net", table.get("net", net))
                arms.append(self.arm(name, chosen_net, {**own, **chosen}, {arm.name for arm in arms}))
        return arms

    def tables(self, content: dict[str, Any]) -> list[dict[str, Any]]:
        """The [[arm]] tables; an empty one where a [grid] is all there is."""
        tables = content.get("arm", [{}])
        if not isinstance(tables, list) or not tables or not all(isinstance(each, dict) for each in tables):
            raise self.wrong("arm", tables, "[[arm]]")
        for at, table in enumerate(tables, 1):
            self.refuse_unknown(table, ("name", "net", "recipe"), f"arm {at}.")
        return tables

    def arm(self, name: str, net: object, changes: dict[str, Any], taken: set[str]) -> Arm:
        if not _NAME.fullmatch(name) or nfc(name).casefold() in {nfc(each).casefold() for each in taken}:
            raise Misuse("ablate.arm_name", path=self.path, name=name)
        if not isinstance(net, str):
            raise self.wrong(f"net ({name})", net, "str")
        own = Own.parse(net)
        if own is not None:
            net = f"{self.beside(own.path)}:{own.function}"
        epochs = changes.pop("epochs", None)
        return Arm(name, net, changes, epochs)

    def combinations(self, grid: dict[str, Any]) -> Iterator[tuple[list[str], dict[str, Any]]]:
        """Every choice of one value a key, with the words that name it."""
        for key, values in grid.items():
            if not isinstance(values, list) or not values:
                raise self.wrong(f"grid.{key}", values, "[...]")
        for chosen in product(*grid.values()):
            picked = dict(zip(grid, chosen, strict=True))
            recipe = {key: value for key, value in picked.items() if key != "net"}
            yield (
                [_word(key, value) for key, value in picked.items()],
                {**({"net": picked["net"]} if "net" in picked else {}), **self.changes(recipe, "grid.")},
            )

    def lessened(self, arm: Arm, quick: dict[str, Any]) -> Arm:
        """The arm in the sizes of the [quick] table."""
        changes = {**arm.changes, **self.changes(self.table(quick, "recipe"), "quick.recipe.")}
        epochs = quick.get("epochs", changes.pop("epochs", arm.epochs))
        return replace(arm, changes=changes, epochs=None if epochs is None else self.value("quick.epochs", epochs, int))

    def changes(self, table: dict[str, Any], where: str) -> dict[str, Any]:
        """Fields of Changes, and epochs, each with a value that it can have."""
        self.refuse_unknown(table, tuple(self.recipe_types), where)
        found = {key: self.value(where + key, value, self.recipe_types[key]) for key, value in table.items()}
        if is_file(found.get("start", "")):
            found["start"] = str(self.beside(Path(found["start"])))
        return found

    def beside(self, path: Path) -> Path:
        """A path as the file means it: from the folder that the file is in."""
        return (self.path.parent / path.expanduser()).resolve()

    def table(self, content: dict[str, Any], key: str) -> dict[str, Any]:
        found = content.get(key, {})
        if not isinstance(found, dict):
            raise self.wrong(key, found, f"[{key}]")
        return found

    def value(self, key: str, value: Any, kind: Any) -> Any:
        try:
            return fitting(value, kind)
        except TypeError as error:
            raise self.wrong(key, value, str(error)) from error

    def wrong(self, key: str, value: object, expected: str) -> Misuse:
        return Misuse("ablate.value", path=self.path, key=key, value=value, expected=expected)

    def refuse_unknown(self, table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
        for key in table:
            if key not in known:
                close = nearest(key, known)
                raise Misuse("ablate.key", path=self.path, key=where + key, known=", ".join(known), nearest=close)


def _word(key: str, value: object) -> str:
    """A choice as a part of an arm's name: adam, lr-0.1, random-7, input-1x28x28; of FILE.py:FUNCTION the function."""
    if isinstance(value, str):
        own = Own.parse(value)
        return own.function if own else _STRANGE.sub("-", value).strip("-.")
    if isinstance(value, list):
        return f"{key}-{'x'.join(map(str, value))}"
    return f"{key}-{str(value).lower()}"


MEASURES = cast(tuple[str, ...], get_args(Measure))
