"""Odd pictures against a table that a person can review: what comes out of each, or the reason why nothing does."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.canvases import prepare
from striate.data.folder import scan
from striate.data.pictures import Unreadable, decode
from striate.words import LANGUAGES, say
from striate.work import drained
from tests.data.odd import odd_pictures
from tests.data.seeing import assert_same, in_every_way, plain

TABLE = Path(__file__).parent / "goldens" / "pictures.tsv"
_NEAR = 3  # of 256; versions of libjpeg, libwebp and libheif round differently

Line = tuple[str, str, str, list[int]]
"""File; mode and size, or the reason; notes; the means of 4 x 4 fields, row by row, colours one after another."""


def fields(image: Image.Image) -> list[int]:
    """The mean of each of 4 x 4 fields that the picture falls into; of a thin one the same pixels count twice."""
    values = np.asarray(image).astype(float).reshape(image.height, image.width, -1)
    rows, columns = (
        [(side * at // 4, max(side * (at + 1) // 4, side * at // 4 + 1)) for at in range(4)]
        for side in values.shape[:2]
    )
    return [
        round(mean) for up, down in rows for left, right in columns for mean in values[up:down, left:right].mean((0, 1))
    ]


def line_of(name: str, content: bytes) -> Line:
    try:
        found = decode(content)
    except Unreadable as error:
        return name, error.reason, "-", []
    size = f"{found.image.mode} {found.image.width}x{found.image.height}"
    return name, size, " ".join(found.notes) or "-", fields(found.image)


def read() -> dict[str, Line]:
    lines = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    return {name: (name, size, notes, [int(mean) for mean in means.split()]) for name, size, notes, means in lines}


def written(lines: list[Line]) -> str:
    head = "# file\tmode and size, or the reason\tnotes\tmeans of 4 x 4 fields\n"
    return head + "".join("\t".join([*line[:3], " ".join(map(str, line[3]))]) + "\n" for line in lines)


def is_near(found: Line, wanted: Line | None) -> bool:
    if wanted is None or found[:3] != wanted[:3] or len(found[3]) != len(wanted[3]):
        return False
    return all(abs(one - other) <= _NEAR for one, other in zip(found[3], wanted[3], strict=True))


@pytest.fixture(scope="module")
def odd(photo, encoded, profiles) -> dict[str, bytes]:
    return odd_pictures(photo, encoded, profiles)


@pytest.fixture(scope="module")
def folder(odd, tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("photos")
    for name, some in (("odd", odd), ("plain", {"1.jpg": odd["exif 1.jpg"]})):
        (root / name).mkdir()
        for file, content in some.items():
            (root / name / file).write_bytes(content)
    return root


def test_every_odd_picture_comes_out_as_the_table_says(odd, tmp_path):
    wanted, found = read(), [line_of(name, content) for name, content in odd.items()]
    (tmp_path / TABLE.name).write_text(written(found), "utf-8")
    differing = [(line, wanted.get(line[0])) for line in found if not is_near(line, wanted.get(line[0]))]
    assert differing == [], f"to accept what was found: cp {tmp_path / TABLE.name} {TABLE}"
    assert list(wanted) == list(odd)
    assert len(wanted) >= 40


def test_the_table_has_pictures_of_every_kind_and_every_reason_and_note(odd):
    lines = read().values()
    refused = {line[1] for line in lines if not line[3]}
    assert refused >= {"truncated", "empty", "web_page", "no_picture", "too_large", "float_pixels", "wide_pixels"}
    notes = {note for line in lines for note in line[2].split()} - {"-"}
    assert notes == {"first_frame", "rotated", "sixteen_bit", "transparent", "converted", "icc"}
    for key in [*(f"unreadable.{reason}" for reason in refused), *(f"note.{note}" for note in notes)]:
        assert all(say(key, language, count=1, names="a") for language in LANGUAGES)
    assert {Path(name).suffix for name in odd} == {".jpg", ".png", ".gif", ".webp", ".bmp", ".tif", ".heic"}


@pytest.mark.parametrize(
    "view",
    [plain("crop", (28, 28), resize=32), plain("squash", (24, 20), channels=1), plain("letterbox", (32, 24))],
    ids=lambda view: view.mode,
)
def test_training_evaluation_and_prediction_see_the_same_pixels_of_every_odd_picture(folder, view):
    seen = assert_same(in_every_way(folder, view))
    assert {name.removeprefix("odd/") for name in seen if name.startswith("odd/")} == {
        name for name, line in read().items() if line[3]
    }


def test_what_is_refused_is_listed_with_the_tables_reason_and_listed_and_used_are_all_that_was_found(folder, odd):
    samples = scan(folder).parts["all"]
    ready = drained(prepare(samples, plain("squash", (8, 8)), 2))
    assert ready.skipped == {f"odd/{name}": line[1] for name, line in read().items() if not line[3]}
    assert len(ready.skipped) + len(ready) == len(samples) == len(odd) + 1
    assert scan(folder).stray == ()


def test_without_its_extra_a_heic_is_listed_and_everything_else_stays(odd, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    for name, line in read().items():
        found = line_of(name, odd[name])
        if ("heic" in name and name != "no heic.heic") or name == "not a jpeg.jpg":
            assert found[1] == "heic", name
        else:
            assert is_near(found, line), name
