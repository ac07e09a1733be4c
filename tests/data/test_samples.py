"""Files as one listing: their names, paths and labels, and that a million of them are little."""

import os
import pickle
import random
import re
import sys
import tracemalloc
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from striate.data.folder import scan
from striate.data.samples import Files, Gathering
from striate.data.tree import natural, place

ROOT = Path("pets")
PATHS = ["cat/1.jpg", "cat/고양이.png", "cat/deep/er/2.jpg", "dog/a photo (1).JPG", "dog/é.png"]
LABELS = [0, 0, 0, 1, 1]


@pytest.fixture
def files() -> Files:
    return Files.of(ROOT, PATHS, LABELS)


def names(files: Files) -> list[str]:
    return [files.name(at) for at in range(len(files))]


class TestFiles:
    def test_each_has_its_name_its_path_and_its_label(self, files):
        assert names(files) == PATHS
        assert [files.path(at) for at in range(len(files))] == [ROOT / path for path in PATHS]
        assert [files.label(at) for at in range(len(files))] == LABELS
        assert type(files.label(0)) is int
        assert files.labels.dtype == np.int32
        assert files.labels.tolist() == LABELS

    def test_any_choice_comes_in_the_order_asked_for(self, files):
        for asked in ([3, 0, 0, 4], [], np.array([4, 3]), range(2)):
            some = files.take(asked)
            assert names(some) == [PATHS[at] for at in asked]
            assert some.labels.tolist() == [LABELS[at] for at in asked]
        assert names(files.take([4, 2, 0]).take([2, 0])) == [PATHS[0], PATHS[4]]

    def test_a_choice_shares_the_listing(self, files):
        assert files.take([1]).listing is files.listing

    def test_a_name_is_composed_and_its_path_is_as_on_disk(self):
        apart = unicodedata.normalize("NFD", "고양이/é.jpg")
        files = Files.of(ROOT, [apart], [0])
        assert files.name(0) == "고양이/é.jpg"
        assert files.path(0) == ROOT / apart

    @pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are UTF-8 there")
    def test_a_name_in_other_bytes_is_written_out_and_its_path_opens(self, tmp_path):
        path = os.fsdecode(b"cat/\xff\xfe.jpg")
        (tmp_path / "cat").mkdir()
        (tmp_path / path).write_bytes(b"four")
        files = Files.of(tmp_path, [path], [0])
        assert files.name(0) == "cat/\\xff\\xfe.jpg"
        assert files.path(0).read_bytes() == b"four"
        assert files.size(0) == 4

    def test_they_are_equal_where_names_labels_and_paths_are(self, files):
        assert files == Files.of(ROOT, PATHS, LABELS)
        assert files.take([1, 0]) == Files.of(ROOT, [PATHS[1], PATHS[0]], [0, 0])
        apart = [unicodedata.normalize("NFD", path) for path in PATHS]
        for other in (
            Files.of(Path("else"), PATHS, LABELS), Files.of(ROOT, PATHS, LABELS[::-1]), Files.of(ROOT, apart, LABELS),
            files.take([0]), files.take([1, 0, 2, 3, 4]), "files",
        ):  # fmt: skip
            assert files != other

    def test_of_two_with_one_name_the_second_one_is_taken_apart(self):
        gathering = Gathering()
        for path, second in (("고양이/1.jpg", False), (unicodedata.normalize("NFD", "고양이/1.jpg"), True)):
            gathering.add(path, 0, apart=second)
        files = Files(ROOT, gathering.listing(), np.arange(2))
        assert names(files) == ["고양이/1.jpg", unicodedata.normalize("NFD", "고양이/1.jpg")]
        assert files != Files.of(ROOT, [files.path(at).relative_to(ROOT).as_posix() for at in range(2)], [0, 0])

    def test_they_go_to_another_process_whole(self, files):
        again = pickle.loads(pickle.dumps(files.take([2, 1])))
        assert again == files.take([2, 1])

    def test_two_hundred_thousand_take_few_bytes_beyond_their_paths(self):
        count = 200_000
        tracemalloc.start()
        try:
            files = Files.of(ROOT, (f"class{at % 100}/photo{at:08}.jpg" for at in range(count)), [0] * count)
            half = files.take(np.arange(0, count, 2))
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(half) == count // 2
        assert held / count < 25 + 30  # bytes: of the path; of its place, its label and the choice


def as_pieces(text: str) -> list[tuple[int, int, str]]:
    """The natural order as it is meant: numbers by their value, before any text."""
    return [
        (0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in re.split(r"([0-9]+)", text) if part
    ]


class TestOrderOfNames:
    ALPHABET = (
        "0",
        "1",
        "9",
        "10",
        "007",
        "a",
        "B",
        "/",
        "-",
        ".",
        " ",
        "é",
        "고",
        "\udcff",
        "\x01",
        "²",
        "٣",
        "\U0001f600",
    )

    @pytest.fixture(scope="class")
    @classmethod
    def texts(cls) -> list[str]:
        chance = random.Random(0)
        return ["".join(chance.choices(cls.ALPHABET, k=chance.randrange(7))) for _ in range(3_000)]

    def test_one_text_sorts_as_the_pieces_of_the_name_do(self, texts):
        assert [as_pieces(text) for text in sorted(texts, key=natural)] == sorted(map(as_pieces, texts))
        for one, other in zip(texts[::2], texts[1::2], strict=True):
            assert (natural(one) < natural(other)) == (as_pieces(one) < as_pieces(other)), (one, other)
            assert (natural(one) == natural(other)) == (as_pieces(one) == as_pieces(other)), (one, other)

    def test_long_numbers_sort_by_their_value(self):
        numbers = [10**power + add for power in (0, 1, 2, 30, 126, 127, 128, 200) for add in (0, 1)]
        texts = [f"{number}.jpg" for number in numbers]
        assert sorted(random.Random(0).sample(texts, len(texts)), key=natural) == texts

    def test_names_that_count_alike_stand_by_their_folders(self):
        paths = ["a/1", "a/01", "a/1/b", "a/01/b", "a/1-/b", "a/001"]
        expected = sorted(paths, key=lambda path: (as_pieces(path), Path(path)))
        assert sorted(paths, key=place) == expected
        assert sorted(random.Random(0).sample(paths, len(paths)), key=place) == expected


def test_the_order_on_disk_is_of_no_account(tmp_path):
    """Two folders with the same files, made in two orders."""
    paths = [
        f"{name}/{at}.{suffix}" for name in ("1", "01", "a") for at in (1, "01", "001") for suffix in ("jpg", "txt")
    ]
    for root, order in (("one", paths), ("two", paths[::-1])):
        for path in order:
            (tmp_path / root / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / root / path).write_bytes(b"x")
    one, two = scan(tmp_path / "one"), scan(tmp_path / "two")
    assert names(one.parts["all"]) == names(two.parts["all"])
    assert (one.stray, one.classes) == (two.stray, two.classes)
