"""Real photographs, in every format, and the folders of them that the tests of the data floor read."""

import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from PIL import Image

from striate.data.samples import Arrays
from striate.data.sets import open_set
from tests.data import photographs
from tests.data.photographs import Photo


@pytest.fixture(scope="session")
def photo() -> Photo:
    """A photograph of scikit-learn or scikit-image by its name."""
    return lambda name: photographs.photo(name).copy()


@pytest.fixture(scope="session")
def cutout() -> Callable[[int], Image.Image]:
    """A small colour picture, another one for every number."""
    return lambda number: photographs.cutout(number).copy()


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    """The bytes of a picture file: encoded(image, "PNG", **options of Pillow); append_images gives it more frames."""
    return photographs.encoded


@pytest.fixture(scope="session")
def profiles() -> Mapping[str, bytes]:
    """ICC profiles: "srgb", and "wide" with the primaries of Display P3."""
    return photographs.profiles()


@pytest.fixture(scope="session")
def real_files() -> Mapping[str, bytes]:
    """Small valid files of all six formats, in the kinds that people have."""
    return photographs.real_files()


@pytest.fixture
def plant(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of the files named: pictures by their suffix, other names as text, "a/" as a folder.

    ``plant(["cat/1.jpg", "dog/1.png"])`` gives its path; called again with the same root, it adds to it.
    """

    def planted(names: Iterable[str], root: str = "photos") -> Path:
        top = tmp_path / root
        top.mkdir(parents=True, exist_ok=True)
        for name in names:
            path = top / name
            if name.endswith("/"):
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            suffix = path.suffix.lower()
            number = zlib.crc32(name.encode()) % 97
            path.write_bytes(
                photographs.file_content(number, suffix)
                if suffix in photographs.KINDS
                else b"notes about the pictures\n"
            )
        return top

    return planted


@pytest.fixture(scope="session")
def built_in() -> dict[str, Arrays]:
    """The parts of the built-in set: real pictures, 28 x 28, grey."""
    return dict(open_set("fashion-sample").parts)
