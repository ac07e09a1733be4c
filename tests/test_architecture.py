"""The shape of the code itself: which way imports point, and what the package shows to the outside."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import striate

SOURCE = Path(striate.__file__).parent
FLOORS = (
    ("cli",),
    ("lessons",),
    ("figures",),
    ("verbs",),
    ("ablation",),
    ("fitting",),
    ("model", "run"),
    ("worked",),
    ("nets", "experiments", "data", "facts", "table", "timing", "foundations"),
    ("published",),
    ("architecture",),
    ("recipe", "initialise"),
    ("layers", "compute", "crops"),
    ("problem", "files", "work"),
    ("words",),
)
LEVEL = {name: len(FLOORS) - at for at, floor in enumerate(FLOORS) for name in floor}


def imports(path: Path) -> set[str]:
    """The units of Striate that a file imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module or ""]
            if node.module == "striate":
                names = [f"striate.{alias.name}" for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("striate.")}
    return found


def unit_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def upward(path: Path) -> list[str]:
    own = unit_of(path)
    return [name for name in imports(path) if name != own and LEVEL[name] >= LEVEL[own]]


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_down(path: Path) -> None:
    if path.parent == SOURCE and path.name in ("__init__.py", "__main__.py"):
        return
    assert not upward(path)


def test_the_import_test_fails_on_an_arrow_that_points_up(tmp_path: Path) -> None:
    guilty = tmp_path / "guilty.py"
    guilty.write_text("def hidden():\n    from striate.verbs.train import train\n")
    assert [name for name in imports(guilty) if LEVEL[name] >= LEVEL["data"]] == ["verbs"]


def test_every_unit_stands_on_a_floor() -> None:
    units = {unit_of(path) for path in SOURCE.rglob("*.py")} - {"__init__", "__main__"}
    assert units == set(LEVEL)


def test_every_folder_says_in_a_sentence_what_belongs_in_it() -> None:
    for path in SOURCE.rglob("__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_the_public_names_are_these_and_all_resolve() -> None:
    assert striate.__all__ == sorted(
        striate.__all__, key=lambda name: (not name.isupper(), not name[0].isupper(), name)
    )
    assert set(striate.__all__) == {
        "CATALOGUE", "Architecture", "BadData", "Changes", "Crops", "Fact", "Failed", "Misuse", "Model", "Paper",
        "Problem", "Recipe", "Run", "View", "ablate", "ablating", "check", "checking", "compare", "create", "describe",
        "doctor", "ensemble", "evaluate", "learn", "lr_find", "predict", "predicting", "resume", "resuming", "sample",
        "show", "train", "training",
    }  # fmt: skip
    for name in striate.__all__:
        assert getattr(striate, name).__doc__ or name == "CATALOGUE"


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        striate.no_such_thing  # noqa: B018


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_striate_loads_no_torch_and_leaves_randomness_alone() -> None:
    code = (
        "import random, sys; before = random.getstate(); import striate; "
        "print('torch' in sys.modules, 'numpy' in sys.modules, random.getstate() == before)"
    )
    assert run_python(code).split() == ["False", "False", "True"]


@pytest.mark.parametrize("command", [["--help"], ["nets"], ["nets", "--json"], ["learn"]])
def test_help_and_nets_load_no_torch(command: list[str]) -> None:
    code = f"import sys; from striate.cli import run; run({command!r}); print('torch' in sys.modules)"
    assert run_python(code).splitlines()[-1] == "False"
