"""Finding pictures below a folder: which classes and parts there are, what is left out, and what is refused."""

import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from striate.data.canvases import prepare
from striate.data.folder import pictures_below, scan
from striate.data.pictures import decode
from striate.data.sets import open_set
from striate.data.split import divide, fingerprint
from striate.problem import BadData
from striate.recipe import View
from striate.words import LANGUAGES
from striate.work import drained

CATS_AND_DOGS = ["cat/1.jpg", "cat/2.png", "cat/3.webp", "dog/1.gif", "dog/2.bmp", "dog/3.tif"]

two_forms_of_a_name = pytest.mark.skipif(sys.platform == "darwin", reason="its file system takes both forms for one")
links = pytest.mark.skipif(sys.platform == "win32", reason="links take a privilege there")


def names(found, part="all") -> list[str]:
    samples = found.parts[part]
    return [samples.name(at) for at in range(len(samples))]


def labels(found, part="all") -> list[str]:
    samples = found.parts[part]
    return [found.classes[samples.label(at)] for at in range(len(samples))]


def refused(root: Path) -> BadData:
    """Why a folder cannot be learned from."""
    with pytest.raises(BadData) as caught:
        divide(scan(root), seed=0)
    return caught.value


class TestClassFolders:
    def test_every_folder_is_a_class_and_every_picture_in_it_has_that_label(self, plant):
        found = scan(plant(CATS_AND_DOGS))
        assert found.classes == ("cat", "dog")
        assert names(found) == CATS_AND_DOGS
        assert labels(found) == ["cat"] * 3 + ["dog"] * 3
        assert found.stray == ()

    def test_the_pictures_found_are_the_files(self, plant):
        root = plant(CATS_AND_DOGS)
        samples = scan(root).parts["all"]
        for at in range(len(samples)):
            expected = decode((root / samples.name(at)).read_bytes()).image
            assert np.array_equal(np.asarray(samples.image(at)), np.asarray(expected))

    def test_a_set_knows_its_name_and_opens_again_by_its_source(self, plant):
        found = scan(plant(CATS_AND_DOGS, "my pets"))
        assert found.name == "my pets"
        assert Path(found.source).is_absolute()
        assert names(scan(Path(found.source))) == names(found)

    @pytest.mark.parametrize("where", [".", "photos/../photos", "../photos"])
    def test_a_set_knows_its_name_however_its_path_is_written(self, plant, monkeypatch, where):
        root = plant(CATS_AND_DOGS)
        monkeypatch.chdir(root if where in (".", "../photos") else root.parent)
        assert scan(Path(where)).name == "photos"

    def test_suffixes_count_in_any_letter_case(self, plant):
        found = scan(plant(["cat/1.JPG", "cat/2.Png", "dog/3.JPEG", "dog/4.TIFF"]))
        assert names(found) == ["cat/1.JPG", "cat/2.Png", "dog/3.JPEG", "dog/4.TIFF"]

    def test_spaces_and_signs_in_names_are_kept(self, plant):
        paths = ["Abyssinian cat/a photo (1).jpg", "dog & pup/100%.png", "dog & pup/it's.jpg"]
        found = scan(plant(paths, "pets of 2024, all"))
        assert found.classes == ("Abyssinian cat", "dog & pup")
        assert sorted(names(found)) == sorted(paths)

    def test_pictures_in_folders_within_a_class_folder_belong_to_the_class(self, plant):
        found = scan(plant(["cat/2023/spring/1.jpg", "cat/2.jpg", "dog/train/3.jpg", "dog/dog/dog/4.jpg"]))
        assert found.classes == ("cat", "dog")
        assert dict(zip(names(found), labels(found), strict=True)) == {
            "cat/2.jpg": "cat",
            "cat/2023/spring/1.jpg": "cat",
            "dog/dog/dog/4.jpg": "dog",
            "dog/train/3.jpg": "dog",
        }


class TestNaturalOrder:
    def test_class_2_comes_before_class_10(self, plant):
        found = scan(plant(["class10/1.jpg", "class2/1.jpg", "class1/1.jpg"]))
        assert found.classes == ("class1", "class2", "class10")

    def test_numbers_are_classes_in_the_order_of_numbers(self, plant):
        assert scan(plant([f"{digit}/a.png" for digit in range(12)])).classes == tuple(map(str, range(12)))

    def test_picture_2_comes_before_picture_10(self, plant):
        found = scan(plant([f"{name}/{at}.jpg" for name in ("cat", "dog") for at in (10, 9, 2, 1, 100)]))
        assert names(found) == [f"{name}/{at}.jpg" for name in ("cat", "dog") for at in (1, 2, 9, 10, 100)]

    def test_names_that_count_alike_stand_in_the_same_order_in_every_process(self, plant):
        classes = ["1", "01", "001", "0001", "00001", "000001"]
        root = plant([f"{name}/1.jpg" for name in classes])
        program = (
            f"from pathlib import Path; from striate.data.folder import scan; print(scan(Path({str(root)!r})).classes)"
        )
        orders = {
            subprocess.run(
                [sys.executable, "-c", program],
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            for seed in ("1", "2")
        }
        assert len(orders) == 1

    @pytest.mark.parametrize("classes", [("①", "②"), ("10²", "10³"), ("٣", "٤"), ("½", "1")])
    def test_figures_of_any_script_can_be_names_of_classes(self, plant, classes):
        found = scan(plant([f"{name}/1.jpg" for name in classes]))
        assert sorted(found.classes) == sorted(classes)


class TestHangul:
    def test_a_korean_name_is_composed_in_whatever_form_the_disk_has_it(self, plant):
        taken_apart = unicodedata.normalize("NFD", "고양이")
        assert taken_apart != "고양이"
        found = scan(plant([f"{taken_apart}/{taken_apart} 1.jpg", "강아지/1.jpg"]))
        assert found.classes == ("강아지", "고양이")
        assert names(found) == ["강아지/1.jpg", "고양이/고양이 1.jpg"]

    @two_forms_of_a_name
    def test_the_two_forms_of_a_korean_name_are_one_class(self, plant):
        taken_apart = unicodedata.normalize("NFD", "고양이")
        found = scan(plant(["고양이/1.jpg", f"{taken_apart}/2.jpg", "강아지/1.jpg"]))
        assert found.classes == ("강아지", "고양이")
        assert names(found) == ["강아지/1.jpg", "고양이/1.jpg", "고양이/2.jpg"]
        samples = found.parts["all"]
        assert [samples.image(at).size for at in range(len(samples))] == [(28, 20)] * 3

    @two_forms_of_a_name
    def test_the_two_forms_are_one_class_across_the_parts_too(self, plant):
        taken_apart = unicodedata.normalize("NFD", "고양이")
        found = scan(
            plant(["train/고양이/1.jpg", "train/강아지/1.jpg", f"val/{taken_apart}/2.jpg", "val/강아지/2.jpg"])
        )
        assert found.classes == ("강아지", "고양이")
        assert labels(found, "val") == ["강아지", "고양이"]

    @two_forms_of_a_name
    def test_no_two_pictures_share_a_name_where_both_forms_hold_the_same_file_name(self, plant):
        taken_apart = unicodedata.normalize("NFD", "고양이")
        found = scan(plant(["고양이/1.jpg", f"{taken_apart}/1.jpg", "강아지/1.jpg"]))
        assert len(names(found)) == 3
        assert len(set(names(found))) == 3

    def test_the_name_of_the_set_is_composed(self, plant):
        assert scan(plant(CATS_AND_DOGS, unicodedata.normalize("NFD", "동물"))).name == "동물"


class TestParts:
    @pytest.mark.parametrize(
        ("train", "val", "test"),
        [
            ("train", "val", "test"),
            ("training", "valid", "testing"),
            ("train", "validation", "test"),
            ("Train", "Val", "Test"),
            ("TRAINING", "VALIDATION", "TESTING"),
            ("tRAIN", "vALID", "tEST"),
        ],
    )
    def test_parts_go_by_their_usual_names_in_any_letter_case(self, plant, train, val, test):
        folders = {"train": train, "val": val, "test": test}
        found = scan(plant([f"{folder}/{name}/1.jpg" for folder in folders.values() for name in ("cat", "dog")]))
        assert found.classes == ("cat", "dog")
        assert {part: names(found, part) for part in found.parts} == {
            part: [f"{folder}/cat/1.jpg", f"{folder}/dog/1.jpg"] for part, folder in folders.items()
        }

    def test_train_and_test_without_val_are_two_parts(self, plant):
        found = scan(plant(["train/cat/1.jpg", "train/dog/1.jpg", "test/cat/2.jpg", "test/dog/2.jpg"]))
        assert set(found.parts) == {"train", "test"}

    def test_train_and_training_together_are_one_part(self, plant):
        found = scan(plant(["train/cat/1.jpg", "train/dog/1.jpg", "training/cat/2.jpg", "training/dog/2.jpg"]))
        assert set(found.parts) == {"train"}
        assert len(found.parts["train"]) == 4

    def test_without_train_the_folders_are_classes_whatever_they_are_called(self, plant):
        found = scan(plant(["valid/1.jpg", "invalid/1.jpg"]))
        assert found.classes == ("invalid", "valid")
        assert set(found.parts) == {"all"}

    def test_what_is_too_little_to_learn_from_can_still_be_found(self, plant):
        """Measuring takes neither a training part nor a second class."""
        assert set(scan(plant(["test/cat/1.jpg", "test/dog/1.jpg"], "parts")).parts) == {"test"}
        assert scan(plant(["cat/1.jpg", "cat/2.jpg"], "single")).classes == ("cat",)
        assert scan(plant(["cat/1.jpg", "dog/"], "gap")).classes == ("cat", "dog")

    def test_a_label_means_the_same_class_in_every_part(self, plant):
        found = scan(plant(["train/a/1.jpg", "train/b/1.jpg", "train/c/1.jpg", "val/c/2.jpg", "test/b/3.jpg"]))
        assert labels(found, "val") == ["c"]
        assert labels(found, "test") == ["b"]

    def test_a_folder_beside_train_is_no_class_and_is_named_as_stray(self, plant):
        found = scan(plant(["train/cat/1.jpg", "train/dog/1.jpg", "unsorted/1.jpg"]))
        assert found.classes == ("cat", "dog")
        assert found.stray == ("unsorted",)


class TestLeftOut:
    def test_files_that_are_no_pictures_are_named_as_stray(self, plant):
        found = scan(plant([*CATS_AND_DOGS, "labels.csv", "cat/notes.txt", "dog/2023/licence"]))
        assert set(found.stray) == {"labels.csv", "cat/notes.txt", "dog/2023/licence"}
        assert names(found) == CATS_AND_DOGS

    def test_stray_files_of_every_part_are_named(self, plant):
        found = scan(plant(["train/cat/1.jpg", "train/dog/1.jpg", "train/list.txt", "val/cat/x.txt", "README.md"]))
        assert set(found.stray) == {"train/list.txt", "val/cat/x.txt", "README.md"}

    def test_loose_pictures_beside_class_folders_are_named_as_stray(self, plant):
        assert scan(plant([*CATS_AND_DOGS, "cover.jpg"])).stray == ("cover.jpg",)

    def test_what_systems_leave_behind_is_left_out_silently(self, plant):
        left_behind = [
            ".DS_Store",
            ".ipynb_checkpoints/1-checkpoint.jpg",
            "__MACOSX/cat/._1.jpg",
            "__MACOSX/cat/1.jpg",
            "Thumbs.db",
            "desktop.ini",
            "cat/.DS_Store",
            "cat/._1.jpg",
            "cat/Thumbs.db",
        ]
        found = scan(plant([*CATS_AND_DOGS, *left_behind]))
        assert found.classes == ("cat", "dog")
        assert names(found) == CATS_AND_DOGS
        assert found.stray == ()

    def test_hidden_folders_within_a_class_are_left_out_silently_too(self, plant):
        hidden = ["cat/.ipynb_checkpoints/1-checkpoint.jpg", "cat/__MACOSX/1.jpg", "dog/.git/config"]
        found = scan(plant([*CATS_AND_DOGS, *hidden]))
        assert names(found) == CATS_AND_DOGS
        assert found.stray == ()

    def test_hidden_folders_of_a_divided_set_are_no_classes(self, plant):
        found = scan(
            plant(["train/cat/1.jpg", "train/dog/1.jpg", "train/.ipynb_checkpoints/1.jpg", "__MACOSX/train/cat/1.jpg"])
        )
        assert found.classes == ("cat", "dog")
        assert len(found.parts["train"]) == 2

    def test_a_folder_with_the_suffix_of_a_picture_is_a_folder(self, plant):
        found = scan(plant([*CATS_AND_DOGS, "cat/album.jpg/9.png"]))
        assert "cat/album.jpg/9.png" in names(found)
        assert "cat/album.jpg" not in names(found)

    def test_pictures_below_a_folder_are_in_natural_order_without_the_hidden_ones(self, plant):
        root = plant(["10.jpg", "9.jpg", "album/1.png", ".hidden.jpg", ".cache/1.jpg", "notes.txt"])
        assert [path.relative_to(root).as_posix() for path in pictures_below(root)] == [
            "9.jpg",
            "10.jpg",
            "album/1.png",
        ]


class TestRefused:
    def test_a_file_is_no_folder(self, plant):
        root = plant(CATS_AND_DOGS)
        problem = refused(root / "cat/1.jpg")
        assert problem.key == "problem.data.file"
        assert f"{root / 'cat/1.jpg'} is a file" in problem.text()
        assert f"striate train {root / 'cat'}" in problem.text()

    def test_an_archive_beside_its_folder_leads_to_the_folder(self, plant):
        root = plant(CATS_AND_DOGS)
        archive = root.with_suffix(".zip")
        archive.write_bytes(b"PK\x03\x04")
        problem = refused(archive)
        assert problem.key == "problem.data.file"
        assert problem.values["suggestion"] == root

    def test_a_folder_that_is_not_there_cannot_be_read(self, tmp_path):
        assert refused(tmp_path / "nowhere").key == "problem.data.unreadable"

    @pytest.mark.parametrize("paths", [["cat/", "dog/"], ["cat/notes.txt", "dog/"], ["README.md"], [], ["train/cat/"]])
    def test_a_folder_without_pictures(self, plant, paths):
        root = plant(paths)
        problem = refused(root)
        assert problem.key == "problem.data.no_pictures"
        assert str(root) in problem.text()

    def test_loose_pictures_without_class_folders(self, plant):
        root = plant([f"{at}.jpg" for at in range(5)])
        problem = refused(root)
        assert problem.key == "problem.data.loose"
        assert f"5 pictures in {root}" in problem.text()
        assert f"{root}/<class>/*.jpg" in problem.text()

    def test_a_class_without_pictures(self, plant):
        problem = refused(plant([*CATS_AND_DOGS, "bird/", "fish/notes.txt"]))
        assert problem.key == "problem.data.empty_class"
        assert "the class bird has no pictures" in problem.text()

    def test_a_class_that_stands_in_val_only(self, plant):
        problem = refused(plant(["train/cat/1.jpg", "train/dog/1.jpg", "val/cat/2.jpg", "val/bird/2.jpg"]))
        assert problem.key == "problem.data.empty_class"
        assert problem.values["name"] == "bird"

    def test_one_class_only(self, plant):
        problem = refused(plant(["cat/1.jpg", "cat/2.jpg"]))
        assert problem.key == "problem.data.one_class"
        assert "one class only, cat" in problem.text()

    @pytest.mark.parametrize(
        "paths",
        [
            ["train/", "test/cat/1.jpg", "test/dog/1.jpg"],
            ["train/1.jpg", "train/2.jpg", "val/cat/1.jpg", "val/dog/1.jpg"],
            ["train/notes.txt", "val/cat/1.jpg", "val/dog/1.jpg"],
        ],
        ids=["empty", "loose pictures", "a text"],
    )
    def test_a_train_folder_without_class_folders(self, plant, paths):
        refused(plant(paths))

    def test_a_set_that_is_divided_without_a_training_part(self, plant):
        problem = refused(plant(["val/cat/1.jpg", "val/dog/1.jpg", "test/cat/2.jpg", "test/dog/2.jpg"]))
        assert problem.key == "problem.data.no_train"
        assert "test, val" in problem.text()

    def test_loose_pictures_in_train_and_nothing_else(self, plant):
        assert refused(plant(["train/1.jpg", "train/2.jpg"])).key == "problem.data.loose"

    def test_every_refusal_speaks_every_language(self, plant):
        root = plant(CATS_AND_DOGS)
        places = [
            root / "cat/1.jpg",
            plant([], "empty"),
            plant(["1.jpg"], "loose"),
            plant([*CATS_AND_DOGS, "bird/"], "gap"),
            plant(["cat/1.jpg"], "single"),
            plant(["test/cat/1.jpg", "test/dog/1.jpg"], "test only"),
            root / "nowhere",
        ]
        for problem in map(refused, places):
            assert problem.exit_code == 3
            for language in LANGUAGES:
                assert Path(str(problem.values["path"])).name in problem.text(language)

    def test_a_name_that_is_nearly_right_is_put_right(self, plant):
        root = plant(CATS_AND_DOGS)
        with pytest.raises(BadData) as caught:
            open_set(root.parent / "photo")
        assert caught.value.key == "problem.data.missing"
        assert "photos" in caught.value.text()
        with pytest.raises(BadData) as caught:
            open_set("fashion-sampel")
        assert "fashion-sample" in caught.value.text().splitlines()[-1]

    def test_a_path_that_the_system_will_not_look_at_is_told(self):
        with pytest.raises(BadData) as caught:
            open_set("a" * 5000)
        assert caught.value.key == "problem.data.unreadable"


class TestTheTreeIsOnlyRead:
    def test_nothing_is_written_whatever_is_done_with_the_pictures(self, plant, tree_hash):
        root = plant([*CATS_AND_DOGS, "cat/notes.txt", ".DS_Store", "bad/1.jpg", "bad/2.jpg"])
        (root / "bad/1.jpg").write_bytes(b"no picture")
        before = tree_hash(root)
        divided = divide(open_set(root), seed=0)
        fingerprint(divided)
        for part in divided.parts.values():
            drained(prepare(part, View("squash", (16, 16), 3, (0.0,), (1.0,)), threads=2))
        assert tree_hash(root) == before

    def test_nothing_is_written_where_a_folder_is_refused(self, plant, tree_hash):
        root = plant(["1.jpg", "empty/"])
        before = tree_hash(root)
        refused(root)
        assert tree_hash(root) == before


@links
class TestLinks:
    def test_a_loop_of_links_ends(self, plant):
        root = plant(CATS_AND_DOGS)
        (root / "cat/again").symlink_to(root / "cat", target_is_directory=True)
        (root / "dog/up").symlink_to(root, target_is_directory=True)
        (root / "dog/itself").symlink_to(root / "dog/itself")
        found = scan(root)
        assert found.classes == ("cat", "dog")
        assert names(found) == CATS_AND_DOGS

    def test_a_loop_above_the_classes_ends(self, plant):
        root = plant(CATS_AND_DOGS)
        (root / "whole").symlink_to(root, target_is_directory=True)
        assert {"cat", "dog"} <= set(scan(root).classes)

    def test_linked_pictures_count(self, plant):
        root, elsewhere = plant(CATS_AND_DOGS), plant(["9.jpg"], "elsewhere")
        (root / "cat/9.jpg").symlink_to(elsewhere / "9.jpg")
        found = scan(root)
        samples = found.parts["all"]
        assert samples.image(names(found).index("cat/9.jpg")).size == (28, 20)

    def test_a_linked_class_folder_counts(self, plant):
        root, elsewhere = plant(CATS_AND_DOGS), plant(["1.jpg", "2.jpg"], "birds")
        (root / "bird").symlink_to(elsewhere, target_is_directory=True)
        found = scan(root)
        assert found.classes == ("bird", "cat", "dog")
        assert names(found)[:2] == ["bird/1.jpg", "bird/2.jpg"]

    def test_a_link_to_a_folder_within_a_class_is_not_followed_and_not_named(self, plant):
        root, elsewhere = plant(CATS_AND_DOGS), plant(["far/1.jpg", "far/notes.txt"], "elsewhere")
        (root / "cat/far").symlink_to(elsewhere, target_is_directory=True)
        (root / "dog/up").symlink_to(root.parent, target_is_directory=True)
        found = scan(root)
        assert names(found) == CATS_AND_DOGS
        assert found.stray == ()

    def test_a_link_to_nothing_is_named_as_stray(self, plant):
        root = plant(CATS_AND_DOGS)
        (root / "cat/gone.jpg").symlink_to(root.parent / "unplugged disk" / "1.jpg")
        assert scan(root).stray == ("cat/gone.jpg",)

    def test_a_link_to_nothing_does_not_stop_a_set_from_being_read(self, plant):
        root = plant([f"{name}/{at}.jpg" for name in ("cat", "dog") for at in range(5)])
        (root / "cat/gone.jpg").symlink_to(root.parent / "unplugged disk" / "1.jpg")
        divided = divide(scan(root), seed=0)
        fingerprint(divided)
        view = View("squash", (16, 16), 3, (0.0,), (1.0,))
        read = [drained(prepare(part, view, threads=2)) for part in divided.parts.values()]
        assert sum(map(len, read)) == 10


def test_a_copied_set_has_the_same_names_labels_and_classes(plant, tmp_path):
    root = plant([f"{name}/{at}.jpg" for name in ("class10", "class9", "b", "A") for at in (1, 12, 3)])
    shutil.copytree(root, tmp_path / "copy")
    first, second = scan(root), scan(tmp_path / "copy")
    assert first.classes == second.classes
    assert (names(first), labels(first)) == (names(second), labels(second))
