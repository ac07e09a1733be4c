"""IDX files: the built-in set, Debian's Fashion-MNIST, sets in MNIST's format, and what becomes of malformed ones."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from striate.data.idx import read_idx
from striate.data.sets import open_set
from striate.data.split import divide
from striate.problem import BadData
from striate.words import LANGUAGES

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
FASHION = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
]  # fmt: skip
IMAGES, LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"


def idx(array: np.ndarray) -> bytes:
    """The IDX file of a uint8 array, by the format's own description."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes() + array.tobytes()


@pytest.fixture(scope="module")
def pictures(photo) -> np.ndarray:
    """uint8 (30, 20, 24): pieces of a photo."""
    camera = np.asarray(photo("camera").resize((256, 256)))
    return np.stack([camera[at * 7 : at * 7 + 20, at * 5 : at * 5 + 24] for at in range(30)])


@pytest.fixture
def write_set(tmp_path, pictures) -> Callable[..., Path]:
    """A folder with a set in MNIST's format, 20 training and 10 test pictures of 3 classes; parts of it replaced."""

    def write(suffix: str = "", **replaced: bytes | None) -> Path:
        labels = (np.arange(30) % 3).astype(np.uint8)
        content: dict[str, bytes | None] = {
            "train_images": idx(pictures[:20]),
            "train_labels": idx(labels[:20]),
            "t10k_images": idx(pictures[20:]),
            "t10k_labels": idx(labels[20:]),
            **replaced,
        }
        folder = tmp_path / "digits"
        folder.mkdir(exist_ok=True)
        for key, raw in content.items():
            part, what = key.split("_")
            if raw is not None:
                path = folder / f"{part}-{IMAGES if what == 'images' else LABELS}{suffix}"
                path.write_bytes(gzip.compress(raw) if suffix else raw)
        return folder

    return write


@pytest.fixture(scope="module")
def debian():
    """Fashion-MNIST as Debian has it: skipped loudly where it is not installed, but never in CI, which installs it."""
    if not DEBIAN.is_dir():
        assert os.environ.get("CI") != "true", f"CI must install dataset-fashion-mnist: {DEBIAN} is missing"
        pytest.skip(f"{DEBIAN} is missing: apt install dataset-fashion-mnist")
    return open_set("fashion-mnist")


class TestReadIdx:
    @pytest.mark.parametrize("shape", [(5,), (5, 4), (3, 4, 5), (2, 3, 4, 3), (0, 28, 28), (1, 1, 1)])
    def test_an_array_is_read_as_it_was_written_plain_or_gzipped(self, photo, tmp_path, shape):
        values = np.asarray(photo("coins")).flatten()[: int(np.prod(shape))].reshape(shape)
        for name, content in (("plain", idx(values)), ("packed.gz", gzip.compress(idx(values)))):
            (tmp_path / name).write_bytes(content)
            found = read_idx(tmp_path / name)
            assert found.dtype == np.uint8
            assert found.shape == shape
            assert np.array_equal(found, values)

    def test_a_packed_file_is_known_by_its_content(self, tmp_path):
        (tmp_path / "no suffix").write_bytes(gzip.compress(idx(np.arange(6, dtype=np.uint8))))
        assert read_idx(tmp_path / "no suffix").tolist() == [0, 1, 2, 3, 4, 5]

    @pytest.mark.parametrize(
        ("content", "key"),
        [
            (b"", "idx.header"),
            (b"\0\0\x08", "idx.header"),
            (b"label,pixel1,pixel2\n5,0,0\n", "idx.header"),
            (b"\0\0\x0d\x01\0\0\0\x01\0\0\0\0", "idx.header"),  # of floats
            (b"\0\x01\x08\x01\0\0\0\x01\0", "idx.header"),
            (idx(np.zeros(7, np.uint8))[:-1], "idx.length"),
            (idx(np.zeros(7, np.uint8)) + b"\0", "idx.length"),
            (idx(np.zeros((2, 3, 4), np.uint8))[:-5], "idx.length"),
            (b"\0\0\x08\x03" + b"\xff" * 12, "idx.length"),
            (gzip.compress(idx(np.zeros(500, np.uint8)))[:-9], "idx.unreadable"),
            (gzip.compress(idx(np.arange(200, dtype=np.uint8)))[:6], "idx.unreadable"),
            (b"\x1f\x8b", "idx.unreadable"),
            (b"\x1f\x8b" + b"no gzip at all", "idx.unreadable"),
            (gzip.compress(idx(np.zeros(500, np.uint8)))[:-8] + bytes(8), "idx.unreadable"),
            (gzip.compress(b"no idx"), "idx.header"),
        ],
        ids=[
            "empty",
            "three bytes",
            "a table",
            "of floats",
            "magic",
            "one short",
            "one more",
            "five short",
            "beyond all memory",
            "cut gzip",
            "gzip head alone",
            "gzip magic alone",
            "false gzip",
            "gzip checksum",
            "something else in gzip",
        ],
    )
    def test_a_malformed_file_is_refused_by_name(self, tmp_path, content, key):
        path = tmp_path / "pictures-idx3-ubyte"
        path.write_bytes(content)
        with pytest.raises(BadData) as caught:
            read_idx(path)
        assert caught.value.key == f"problem.{key}"
        for language in LANGUAGES:
            assert str(path) in caught.value.text(language)

    def test_a_damaged_byte_anywhere_in_a_packed_file_changes_nothing_or_is_refused(self, tmp_path, pictures):
        path = tmp_path / "pictures.gz"
        whole = gzip.compress(idx(pictures[:2]))
        ends = []
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            try:
                ends.append("the same" if np.array_equal(read_idx(path), pictures[:2]) else f"changed at {at}")
            except BadData as problem:
                ends.append(problem.key)
        assert set(ends) == {"the same", "problem.idx.unreadable", "problem.idx.header"}
        assert ends.count("the same") < 10  # what the head says of time and system

    def test_a_file_that_ends_within_its_header_is_not_said_to_hold_less_than_nothing(self, tmp_path):
        path = tmp_path / "pictures-idx3-ubyte"
        for length in range(4, 16):
            path.write_bytes(idx(np.zeros((2, 3, 4), np.uint8))[:length])
            with pytest.raises(BadData) as caught:
                read_idx(path)
            assert caught.value.key in ("problem.idx.header", "problem.idx.length")
            assert caught.value.values.get("found", 0) >= 0, length

    def test_a_missing_file_is_refused(self, tmp_path):
        with pytest.raises(BadData) as caught:
            read_idx(tmp_path / "gone")
        assert caught.value.key == "problem.idx.unreadable"

    def test_no_cut_of_a_file_gives_anything_but_its_array_or_a_refusal(self, tmp_path, pictures):
        path = tmp_path / "pictures"
        for whole in (idx(pictures[:2, :4, :4]), gzip.compress(idx(pictures[:2, :4, :4]))):
            for at in range(len(whole)):
                path.write_bytes(whole[:at])
                with pytest.raises(BadData):
                    read_idx(path)


class TestSets:
    @pytest.mark.parametrize("suffix", ["", ".gz"])
    def test_a_folder_in_mnists_format_is_a_set(self, write_set, pictures, suffix):
        folder = write_set(suffix)
        found = open_set(folder)
        assert (found.name, found.source, found.stray) == ("digits", str(folder.resolve()), ())
        assert found.classes == ("0", "1", "2")
        assert {part: len(samples) for part, samples in found.parts.items()} == {"train": 20, "test": 10}
        train, test = found.parts["train"], found.parts["test"]
        assert [train.label(at) for at in range(20)] == [at % 3 for at in range(20)]
        assert [test.label(at) for at in range(10)] == [(20 + at) % 3 for at in range(10)]
        assert np.array_equal(np.asarray(train.image(7)), pictures[7])
        assert np.array_equal(np.asarray(test.image(7)), pictures[27])
        assert train.image(0).mode == "L"
        assert (train.name(3), test.name(3)) == ("train/3", "t10k/3")

    def test_some_of_the_pictures_keep_their_names_labels_and_pixels(self, write_set, pictures):
        some = open_set(write_set()).parts["train"].take([5, 2, 11]).take([2, 0])
        assert [some.name(at) for at in range(len(some))] == ["train/11", "train/5"]
        assert [some.label(at) for at in range(len(some))] == [11 % 3, 5 % 3]
        assert np.array_equal(np.asarray(some.image(0)), pictures[11])

    def test_a_set_may_lack_its_test_part(self, write_set):
        assert set(open_set(write_set(t10k_images=None, t10k_labels=None)).parts) == {"train"}

    @pytest.mark.parametrize(
        ("replaced", "key"),
        [
            ({"train_labels": None}, "idx.incomplete"),
            ({"train_labels": idx(np.zeros(19, np.uint8))}, "idx.mismatch"),
            ({"train_labels": idx(np.zeros((20, 1), np.uint8))}, "idx.mismatch"),
            ({"train_images": idx(np.zeros((20, 480), np.uint8))}, "idx.mismatch"),
            ({"t10k_labels": idx(np.zeros(11, np.uint8))}, "idx.mismatch"),
            ({"t10k_labels": idx(np.full(10, 3, np.uint8))}, "idx.labels"),
            ({"train_images": b"no idx"}, "idx.header"),
            ({"t10k_images": idx(np.zeros((10, 20, 24), np.uint8))[:-1]}, "idx.length"),
        ],
        ids=[
            "no labels",
            "too few labels",
            "labels in a table",
            "flat pictures",
            "too many test labels",
            "unknown test label",
            "no idx",
            "cut short",
        ],
    )
    def test_files_that_do_not_go_together_are_refused(self, write_set, replaced, key):
        folder = write_set(**replaced)
        with pytest.raises(BadData) as caught:
            open_set(folder)
        assert caught.value.key == f"problem.{key}"
        for language in LANGUAGES:
            assert str(folder) in caught.value.text(language)

    def test_a_set_without_training_pictures_is_refused(self, write_set):
        folder = write_set(train_images=idx(np.zeros((0, 20, 24), np.uint8)), train_labels=idx(np.zeros(0, np.uint8)))
        with pytest.raises(BadData):
            open_set(folder)

    def test_a_set_of_one_class_is_nothing_to_learn_from(self, write_set):
        found = open_set(
            write_set(train_labels=idx(np.zeros(20, np.uint8)), t10k_labels=idx(np.zeros(10, np.uint8)))
        )  # fmt: skip
        with pytest.raises(BadData) as caught:
            divide(found, seed=0)
        assert caught.value.key == "problem.data.one_class"

    def test_labels_that_start_at_one_as_emnists_letters_do_are_classes_to_learn(self, write_set):
        labels = (np.arange(30) % 3 + 1).astype(np.uint8)
        found = open_set(write_set(train_labels=idx(labels[:20]), t10k_labels=idx(labels[20:])))
        divided = divide(found, seed=0)
        for samples in divided.parts.values():
            for at in range(len(samples)):
                place = int(samples.name(at).split("/")[1]) + (20 if samples.name(at).startswith("t10k") else 0)
                assert found.classes[samples.label(at)] == str(labels[place])

    def test_nothing_is_written_beside_the_files(self, write_set, tree_hash):
        folder = write_set(".gz")
        before = tree_hash(folder)
        open_set(folder)
        assert tree_hash(folder) == before


class TestTheBuiltInSet:
    def test_it_has_a_thousand_and_two_hundred_pictures_of_each_class(self, built_in):
        assert np.bincount(built_in["train"].labels).tolist() == [1_000] * 10
        assert np.bincount(built_in["test"].labels).tolist() == [200] * 10
        assert built_in["train"].images.shape == (10_000, 28, 28)
        assert built_in["test"].images.shape == (2_000, 28, 28)

    def test_its_classes_have_their_names(self):
        found = open_set("fashion-sample")
        assert list(found.classes) == FASHION
        assert (found.name, found.source) == ("fashion-sample", "fashion-sample")

    def test_its_pictures_look_like_what_they_are_called(self, built_in):
        """Trousers are the narrowest, sneakers the lowest, and boots have their shaft at the heel, on the right."""
        train = built_in["train"]
        mean = {name: train.images[train.labels == label].mean(0) for label, name in enumerate(FASHION)}
        middle = {name: each[:, 8:20].sum() / each.sum() for name, each in mean.items()}
        above = {name: each[:10].sum() / each.sum() for name, each in mean.items()}
        heel = {name: each[2:10, 16:].sum() / each[2:10, :12].sum() for name, each in mean.items()}
        assert max(middle, key=middle.__getitem__) == "Trouser"
        assert min(above, key=above.__getitem__) == "Sneaker"
        assert max(heel, key=heel.__getitem__) == "Ankle boot"

    def test_a_picture_comes_out_of_it_in_grey(self, built_in):
        picture = built_in["train"].image(0)
        assert isinstance(picture, Image.Image)
        assert (picture.mode, picture.size) == ("L", (28, 28))

    def test_no_test_picture_is_among_the_training_pictures(self, built_in):
        train, test = ({each.tobytes() for each in built_in[part].images} for part in ("train", "test"))
        assert train.isdisjoint(test)

    def test_its_pictures_are_the_first_of_each_class_in_fashion_mnist(self, built_in, debian):
        for part, count in (("train", 1_000), ("test", 200)):
            whole = debian.parts[part]
            first = np.sort(np.concatenate([np.flatnonzero(whole.labels == label)[:count] for label in range(10)]))
            assert np.array_equal(built_in[part].images, whole.images[first])
            assert np.array_equal(built_in[part].labels, whole.labels[first])


class TestDebiansFashionMnist:
    def test_it_has_six_thousand_and_a_thousand_pictures_of_each_class(self, debian):
        assert np.bincount(debian.parts["train"].labels).tolist() == [6_000] * 10
        assert np.bincount(debian.parts["test"].labels).tolist() == [1_000] * 10
        assert debian.parts["train"].images.shape == (60_000, 28, 28)
        assert list(debian.classes) == FASHION

    def test_a_copy_of_its_files_in_any_folder_has_the_same_classes(self, debian, tmp_path):
        for path in DEBIAN.iterdir():
            (tmp_path / path.name).symlink_to(path)
        found = open_set(tmp_path)
        assert found.classes == debian.classes
        assert np.array_equal(found.parts["test"].images, debian.parts["test"].images)
