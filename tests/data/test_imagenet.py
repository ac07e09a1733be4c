"""ILSVRC 2012 in the ways it is handed out, in small: three synsets whose numbers do not follow the alphabet."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from striate.data.folder import Found
from striate.data.packed import Packed
from striate.data.sets import open_set
from striate.data.split import divide, fingerprint, restore
from striate.problem import BadData
from striate.words import LANGUAGES
from tests.data.packing import jpegs, tar_of, written

TENCH, SETTER, FOX = "n01440764", "n02100735", "n02119789"
BY_ID = {1: FOX, 2: SETTER, 3: TENCH}  # as in the devkit: kit fox is 1, English setter 2
WORDS = {TENCH: "tench, Tinca tinca", SETTER: "English setter", FOX: "kit fox, Vulpes macrotis"}
TRUTH = [1, 3, 3, 2, 1]  # of the validation pictures 1 to 5
CLASSES = (f"{TENCH} tench", f"{SETTER} English setter", f"{FOX} kit fox")

Photos = dict[str, dict[str, bytes]]


@pytest.fixture
def train(cutout: Callable[[int], Image.Image]) -> Photos:
    """The pictures of each synset by name."""
    raw = jpegs(cutout, range(12))
    return {
        synset: {f"{synset}_{number}.JPEG": raw[4 * at + number] for number in range(4)}
        for at, synset in enumerate((TENCH, SETTER, FOX))
    }


@pytest.fixture
def val(cutout: Callable[[int], Image.Image]) -> dict[str, bytes]:
    raw = jpegs(cutout, range(20, 25))
    return {f"ILSVRC2012_val_{at:08}.JPEG": raw[19 + at] for at in range(1, 6)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "ilsvrc"


def place_train(root: Path, train: Photos, form: str) -> None:
    archives = {f"{synset}.tar": tar_of(pictures) for synset, pictures in train.items()}
    if form == "one tar":
        written(root / "ILSVRC2012_img_train.tar", tar_of(archives))
    elif form == "tars":
        for name, raw in archives.items():
            written(root / "train" / name, raw)
    else:
        where = root / ("ILSVRC/Data/CLS-LOC/train" if form == "kaggle" else "train")
        for synset, pictures in train.items():
            for name, raw in pictures.items():
                written(where / synset / name, raw)


def place_val(root: Path, val: dict[str, bytes], form: str) -> None:
    if form == "tar":
        written(root / "ILSVRC2012_img_val.tar", tar_of(dict(reversed(val.items()))))  # in no order that counts
        return
    for at, (name, raw) in enumerate(val.items()):
        where = {"flat": "val", "kaggle": "ILSVRC/Data/CLS-LOC/val", "sorted": f"val/{BY_ID[TRUTH[at]]}"}[form]
        written(root / where / name, raw)


def place_lists(root: Path, form: str) -> None:
    if form == "kaggle":
        written(root / "LOC_synset_mapping.txt", "".join(f"{synset} {words}\n" for synset, words in WORDS.items()))
        rows = [f"ILSVRC2012_val_{at:08},{BY_ID[number]} 1 2 3 4 \n" for at, number in enumerate(TRUTH, 1)]
        written(root / "LOC_val_solution.csv", "ImageId,PredictionString\n" + "".join(rows))
        return
    data = root / "ILSVRC2012_devkit_t12" / "data"
    written(data / "ILSVRC2012_validation_ground_truth.txt", "\n".join(map(str, TRUTH)) + "\n")
    if form == "meta.mat":
        rows = [(number, synset, WORDS[synset], "gloss", 0) for number, synset in BY_ID.items()]
        rows += [(4, "n02084071", "dog, domestic dog", "gloss", 118)]  # one above others, without pictures
        kinds = [(name, object) for name in ("ILSVRC2012_ID", "WNID", "words", "gloss", "num_children")]
        savemat(data / "meta.mat", {"synsets": np.array(rows, dtype=kinds)})
    elif form == "map_clsloc":
        lines = [
            f"{synset} {number} {WORDS[synset].split(',')[0].replace(' ', '_')}" for number, synset in BY_ID.items()
        ]
        written(data / "map_clsloc.txt", "\n".join(lines))


def by_number(found: Found) -> dict[int, str]:
    """The synset of each validation picture by its number."""
    samples = found.parts["val"]
    names = (samples.name(at) for at in range(len(samples)))
    return {int(name.split("_")[-1].split(".")[0]): found.classes[samples.label(at)].split()[0]
            for at, name in enumerate(names)}  # fmt: skip


def refusal(path: Path, key: str) -> str:
    with pytest.raises(BadData) as caught:
        open_set(path)
    assert caught.value.key == f"problem.{key}"
    assert all(caught.value.text(language) for language in LANGUAGES)
    return str(caught.value)


@pytest.mark.parametrize("train_form", ["folders", "tars", "one tar"])
@pytest.mark.parametrize("val_form", ["flat", "tar", "sorted"])
@pytest.mark.parametrize("lists", ["meta.mat", "map_clsloc"])
def test_every_form_gives_the_same_pictures_and_the_devkits_order_is_kept(
    root: Path, train: Photos, val: dict[str, bytes], train_form: str, val_form: str, lists: str,
    tree_hash: Callable[[Path], str],
) -> None:  # fmt: skip
    place_train(root, train, train_form)
    place_val(root, val, val_form)
    place_lists(root, lists)
    before = tree_hash(root)
    found = open_set(root)
    assert found.classes == CLASSES
    assert by_number(found) == {at: BY_ID[number] for at, number in enumerate(TRUTH, 1)}
    samples = found.parts["train"]
    assert len(samples) == 12
    for at in range(12):
        name = samples.name(at).split("/")[-1]
        assert found.classes[samples.label(at)].startswith(name.split("_")[0])
        assert samples.image(at).size == (28, 20)
    divided = divide(found, 0)
    assert fingerprint(restore(open_set(root), divided.names)) == fingerprint(divided)
    assert tree_hash(root) == before


def test_bytes_in_an_archive_within_an_archive_are_found(root: Path, train: Photos) -> None:
    place_train(root, train, "one tar")
    samples = open_set(root).parts["train"]
    assert isinstance(samples, Packed)
    everything = {name: raw for pictures in train.values() for name, raw in pictures.items()}
    assert all(samples.encoded(at) == everything[samples.name(at).split("/")[-1]] for at in range(12))


def test_the_training_archive_alone_is_a_set(root: Path, train: Photos) -> None:
    place_train(root, train, "one tar")
    found = open_set(root / "ILSVRC2012_img_train.tar")
    assert found.classes == (TENCH, SETTER, FOX)
    assert set(divide(found, 0).parts) == {"train", "val"}


def test_the_folder_of_the_archives_alone_is_a_set(root: Path, train: Photos) -> None:
    place_train(root, train, "tars")
    assert open_set(root / "train").classes == (TENCH, SETTER, FOX)


def test_kaggles_layout_has_its_own_table_of_truths(root: Path, train: Photos, val: dict[str, bytes]) -> None:
    place_train(root, train, "kaggle")
    place_val(root, val, "kaggle")
    place_lists(root, "kaggle")
    found = open_set(root)
    assert found.classes == CLASSES
    assert by_number(found) == {at: BY_ID[number] for at, number in enumerate(TRUTH, 1)}


def test_without_a_list_of_words_the_synsets_are_the_names(root: Path, train: Photos) -> None:
    place_train(root, train, "tars")
    assert open_set(root).classes == (TENCH, SETTER, FOX)


def test_numbers_without_the_devkits_order_are_refused_and_not_guessed(
    root: Path, train: Photos, val: dict[str, bytes]
) -> None:
    place_train(root, train, "folders")
    place_val(root, val, "flat")
    place_lists(root, "truth alone")
    written(root / "LOC_synset_mapping.txt", "".join(f"{synset} {words}\n" for synset, words in WORDS.items()))
    assert "meta.mat" in refusal(root, "imagenet.no_order")


def test_flat_validation_pictures_without_truths_are_refused(root: Path, train: Photos, val: dict[str, bytes]) -> None:
    place_train(root, train, "folders")
    place_val(root, val, "flat")
    assert "LOC_val_solution.csv" in refusal(root, "imagenet.no_truth")


def test_a_validation_picture_past_the_list_is_named(root: Path, train: Photos, val: dict[str, bytes]) -> None:
    place_train(root, train, "tars")
    place_val(root, {**val, "ILSVRC2012_val_00000099.JPEG": next(iter(val.values()))}, "tar")
    place_lists(root, "meta.mat")
    assert "ILSVRC2012_val_00000099.JPEG" in refusal(root, "imagenet.untold")


def test_a_list_of_truths_with_something_else_in_it_is_refused(
    root: Path, train: Photos, val: dict[str, bytes]
) -> None:
    place_train(root, train, "tars")
    place_val(root, val, "flat")
    place_lists(root, "meta.mat")
    written(root / "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt", "1\n2\n1001\n3\n1\n")
    refusal(root, "imagenet.truth")


def test_a_damaged_devkit_is_refused(root: Path, train: Photos, val: dict[str, bytes]) -> None:
    place_train(root, train, "tars")
    place_val(root, val, "flat")
    place_lists(root, "meta.mat")
    written(root / "ILSVRC2012_devkit_t12/data/meta.mat", b"MATLAB 5.0 and no more")
    refusal(root, "imagenet.meta")


def test_validation_pictures_of_synsets_that_are_not_learned_are_left_out_and_said(
    root: Path, train: Photos, val: dict[str, bytes]
) -> None:
    place_train(root, {synset: train[synset] for synset in (TENCH, SETTER)}, "folders")
    place_val(root, val, "tar")
    place_lists(root, "meta.mat")
    found = open_set(root)
    assert by_number(found) == {2: TENCH, 3: TENCH, 4: SETTER}
    assert [(each.key, each.values["count"]) for each in found.remarks] == [("remark.other_synsets", 2)]


def test_class_folders_that_are_synsets_and_nothing_else_are_class_folders(
    root: Path, train: Photos, val: dict[str, bytes]
) -> None:
    place_train(root, train, "folders")
    place_val(root, val, "sorted")
    found = open_set(root)
    assert found.classes == (TENCH, SETTER, FOX)
    assert found.parts["train"].name(0).startswith("train/")
