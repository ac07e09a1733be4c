"""What a person gets: the wheel holds everything, and the README's commands do what they say."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import sklearn

from striate.nets import CATALOGUE

ROOT = Path(__file__).parent.parent
README, KOREAN = ROOT / "README.md", ROOT / "README.ko.md"


def test_the_wheel_holds_code_words_pictures_and_licences(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    wanted = {
        path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src" / "striate").rglob("*") if path.is_file()
    }
    wanted = {name for name in wanted if "__pycache__" not in name}
    assert wanted <= names
    assert {"striate/py.typed", "striate/words/ko.json", "striate/data/fashion_sample/LICENSE"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def readme_commands() -> list[str]:
    """The README's shell lines that use the program, in order."""
    lines = [line.strip() for block in blocks(README, "sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith(("striate ", "python -c "))]


@pytest.mark.slow
def test_the_readmes_commands_run(tmp_path: Path) -> None:
    commands = readme_commands()
    assert len(commands) >= 3
    script = "set -euo pipefail\n" + "\n".join(commands)
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={"PATH": path, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_readmes_python_runs(tmp_path: Path) -> None:
    (example,) = blocks(README, "python")
    photos = Path(sklearn.__file__).parent / "datasets" / "images"
    shutil.copytree(photos, tmp_path / "runs" / "photos")  # as the README's shell lines do
    done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_readmes_count_the_networks() -> None:
    with_weights = sum(entry.weights is not None for entry in CATALOGUE.values())
    english, korean = README.read_text(encoding="utf-8"), KOREAN.read_text(encoding="utf-8")
    assert f"There are {len(CATALOGUE)} networks" in english
    assert f"{with_weights} of them have ImageNet weights" in english
    assert f"{len(CATALOGUE)}개 있습니다" in korean
    assert f"{with_weights}개에는" in korean
    for name in re.findall(r"^\| .* \|$", english, re.MULTILINE):
        for net in re.findall(
            r"`((?:se_)?(?:lenet|alexnet|vgg|googlenet|resnet|resnext|densenet|mobilenet)\w*)`", name
        ):
            assert net in CATALOGUE, net


def test_no_machine_path_or_registry_host_is_in_the_tree() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    if tracked == [""]:
        pytest.skip("not a git checkout")
    pattern = re.compile(r"/(?:work|root|home)/[a-z]|pypi\.org|files\.pythonhosted")
    for name in filter(None, tracked):
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".json", ".txt", ".tsv", ""}
            and path.is_file()
            and path != Path(__file__)
        ):
            assert not pattern.search(path.read_text(encoding="utf-8", errors="ignore")), name
