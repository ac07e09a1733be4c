"""Real pictures for the tests: photos out of scikit-learn and scikit-image, garments out of the built-in set."""

import hashlib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.sets import open_set


@pytest.fixture(autouse=True)
def data_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the user's own data goes to: never his real one."""
    path = tmp_path_factory.mktemp("data-home")
    monkeypatch.setenv("XDG_DATA_HOME", str(path))
    return path


@pytest.fixture(scope="session")
def tree_hash() -> Callable[[Path], str]:
    """Of every name, content and time of change below a folder."""

    def hashed(root: Path) -> str:
        digest = hashlib.sha256()
        for path in sorted([root, *root.rglob("*")]):
            state = path.lstat()
            digest.update(f"{path}\0{state.st_mode}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
            digest.update(path.read_bytes() if path.is_file() else b"")
        return digest.hexdigest()

    return hashed


@pytest.fixture(scope="session")
def photos() -> dict[str, Image.Image]:
    """A palace, a daisy and a cat, in colour."""
    sklearn, skimage = files("sklearn.datasets.images"), files("skimage.data")
    places = {"palace": sklearn / "china.jpg", "daisy": sklearn / "flower.jpg", "cat": skimage / "chelsea.png"}
    return {name: Image.open(str(path)).convert("RGB") for name, path in places.items()}


@pytest.fixture
def garments(tmp_path: Path) -> Path:
    """A folder of 3 classes with 12 real grey pictures each."""
    found = open_set("fashion-sample")
    train = found.parts["train"]
    root = tmp_path / "garments"
    for label, name in ((1, "trouser"), (5, "sandal"), (8, "bag")):
        (root / name).mkdir(parents=True)
        places = [at for at in range(400) if train.label(at) == label][:12]
        for at in places:
            train.image(at).save(root / name / f"{at}.png")
    return root


@pytest.fixture
def crops(tmp_path: Path, photos: dict[str, Image.Image]) -> Path:
    """A folder of 3 classes with 10 real colour pictures each: pieces of the palace, the daisy and the cat."""
    root = tmp_path / "photos"
    rng = np.random.default_rng(0)
    for name, image in photos.items():
        (root / name).mkdir(parents=True)
        for at in range(10):
            left, top = rng.integers(0, image.width - 200), rng.integers(0, image.height - 200)
            image.crop((left, top, left + 200, top + 200)).save(root / name / f"{at}.jpg")
    return root
