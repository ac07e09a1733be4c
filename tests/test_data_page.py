"""docs/data.md: every command on it opens what it says, on small data of real pictures."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image

from striate.cli import run
from striate.data.bundles import KEYS
from striate.data.sets import open_set
from striate.data.tables import COLUMNS
from tests.data.cifar_files import archive, cifar10
from tests.data.packing import jpegs, tar_of, written

PAGE = Path(__file__).parent.parent / "docs" / "data.md"
TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE) for line in block.splitlines()
]
GARMENTS = open_set("fashion-sample").parts["train"]


def garment(number: int) -> Image.Image:
    return GARMENTS.image(number).convert("RGB")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Everything that the page's commands name, and a cache of its own for what the packages keep."""
    root = tmp_path_factory.mktemp("data")
    raw = jpegs(garment, range(40))
    sorted_in = {f"{'ab'[number % 2]}/{number}.jpg": content for number, content in raw.items()}
    for name, content in sorted_in.items():
        written(root / "photos" / name, content)
    written(root / "photos.tar", tar_of(sorted_in))
    pairs = [(f"{at}.{end}", raw[at] if end == "jpg" else b"%d" % (at % 2)) for at in raw for end in ("jpg", "cls")]
    written(root / "shards" / "train-0.tar", tar_of(pairs))
    written(root / "cifar-10-binary.tar.gz", archive("cifar-10-batches-bin", cifar10(garment)))
    for part in ("train", "t10k"):
        for name in (f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"):
            written(root / "mnist-files" / name, (files("striate.data") / "fashion_sample" / name).read_bytes())
    synsets = {
        f"n0000000{at}.tar": tar_of({f"{number}.JPEG": raw[number] for number in range(at, 40, 2)}) for at in (0, 1)
    }
    written(root / "ilsvrc" / "ILSVRC2012_img_train.tar", tar_of(synsets))
    (example,) = re.findall(r"^```text\n(path,.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    rows = "".join(f"{name},{name[0]},train,{at // 2}\n" for at, name in enumerate(sorted_in))
    written(root / "photos" / "labels.csv", example.splitlines()[0] + "\n" + rows)
    (code,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    with chdir(root), pytest.MonkeyPatch.context() as patch:
        exec(code, {})
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield root


def test_the_page_has_a_command_for_each_kind() -> None:
    assert len(COMMANDS) >= 10
    assert all(command.startswith("striate train ") for command in COMMANDS)


@pytest.mark.parametrize("command", [command for command in COMMANDS if "hf:" not in command])
def test_each_command_opens_its_data(folder: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert Path.cwd() == folder
    assert run([*command.split()[1:], "--dry-run"]) == 0, capsys.readouterr().err
    assert "Nothing was trained" in capsys.readouterr().out


@pytest.mark.parametrize("command", [command for command in COMMANDS if "hf:" in command])
def test_each_command_for_the_package_opens_its_data(folder: Path, tmp_path: Path, command: str) -> None:
    datasets = pytest.importorskip("datasets")
    rows = {
        "image": [str(folder / "photos" / "ab"[at % 2] / f"{at}.jpg") for at in range(40)],
        "label": ["a", "b"] * 20,
    }
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("string")})
    target = folder / "flowers.parquet"
    if not target.exists():
        datasets.Dataset.from_dict(rows, features=features).to_parquet(str(target))
    (folder / "photos" / "labels.csv").unlink(missing_ok=True)  # the package would take it for a table of its own
    done = subprocess.run(
        [sys.executable, "-m", "striate", *command.split()[1:], "--dry-run"], cwd=folder, capture_output=True,
        text=True, check=False, env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [PAGE, PAGE.with_name("data.ko.md")])
def test_the_page_names_every_column_and_every_array_that_is_taken(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in [name for names in COLUMNS.values() for name in names]:
        assert f"`{name}`" in text, name
    for name in [name for pairs in KEYS.values() for pair in pairs for name in pair]:
        assert f"`{name}`" in text, name
