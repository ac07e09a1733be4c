"""Dividing a set: fair shares of each class, decided by names and seed alone, and the same again from the record."""

import json
import os
import shutil
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from striate.data.folder import Found, scan
from striate.data.order import rank_by_hash
from striate.data.samples import Arrays, Files
from striate.data.split import MOST_HELD_OUT, Divided, divide, fingerprint, restore
from striate.problem import BadData


def many(name: str, count: int) -> list[str]:
    return [f"{name}/{at}.jpg" for at in range(count)]


def of_class(divided: Divided, part: str, name: str) -> set[str]:
    return {each for each in divided.names[part] if each.startswith(f"{name}/")}


def counts(divided: Divided, part: str) -> Counter[str]:
    samples = divided.parts[part]
    return Counter(divided.found.classes[samples.label(at)] for at in range(len(samples)))


def names_of(files: Files) -> list[str]:
    return [files.name(at) for at in range(len(files))]


def paths_of(divided: Divided) -> set[Path]:
    return {samples.path(at) for samples in divided.parts.values() for at in range(len(samples))}


def sizes(divided: Divided) -> dict[str, int]:
    return {part: len(samples) for part, samples in divided.parts.items()}


def set_of(built_in: dict[str, Arrays], count: int) -> Found:
    """A set of so many pictures, those of the built-in set over and over."""
    train = built_in["train"]
    at = np.arange(count) % len(train)
    repeated = Arrays("train", train.images[at], train.labels[at], np.arange(count))
    return Found("pictures", "pictures", tuple(map(str, range(10))), {"train": repeated}, ())


class TestTheShare:
    def test_each_class_gives_its_fifth(self, plant):
        divided = divide(scan(plant([*many("cat", 30), *many("dog", 20), *many("bird", 10)])), seed=0)
        assert counts(divided, "val") == {"cat": 6, "dog": 4, "bird": 2}
        assert counts(divided, "train") == {"cat": 24, "dog": 16, "bird": 8}

    def test_every_picture_is_in_one_part_and_keeps_its_label(self, plant):
        found = scan(plant([*many("cat", 13), *many("dog", 22)]))
        divided = divide(found, seed=3)
        train, val = divided.names["train"], divided.names["val"]
        assert sorted(train + val) == sorted(names_of(found.parts["all"]))
        assert set(train).isdisjoint(val)
        for samples in divided.parts.values():
            assert all(samples.name(at).split("/")[0] == found.classes[samples.label(at)] for at in range(len(samples)))

    @pytest.mark.parametrize(
        ("count", "held_out"),
        [(100, 20), (1_000, 200), (4_990, 998), (5_000, 1_000), (9_000, 1_000), (10_000, 1_000), (12_000, 1_200)],
    )
    def test_a_fifth_is_held_out_up_to_a_thousand_and_never_under_a_tenth(self, built_in, count, held_out):
        divided = divide(set_of(built_in, count), seed=0)
        most_by_rounding = 5  # half a picture for each of the ten classes
        assert abs(len(divided.parts["val"]) - held_out) <= most_by_rounding
        assert len(divided.parts["train"]) + len(divided.parts["val"]) == count
        assert MOST_HELD_OUT == 1_000

    def test_the_built_in_set_holds_out_a_hundred_of_each_class(self, built_in):
        found = Found("fashion-sample", "fashion-sample", tuple(map(str, range(10))), dict(built_in), ())
        divided = divide(found, seed=0)
        assert sizes(divided) == {"train": 9_000, "val": 1_000, "test": 2_000}
        assert set(counts(divided, "val").values()) == {100}

    def test_every_class_keeps_one_training_picture_and_gives_one_where_it_has_two(self, plant):
        divided = divide(scan(plant([*many("cat", 1), *many("dog", 2), *many("bird", 3), *many("fish", 40)])), seed=0)
        assert counts(divided, "train") == {"cat": 1, "dog": 1, "bird": 2, "fish": 32}
        assert counts(divided, "val") == {"dog": 1, "bird": 1, "fish": 8}

    @pytest.mark.parametrize("seed", range(10))
    def test_no_seed_empties_a_class(self, plant, seed):
        divided = divide(scan(plant([*many("cat", 2), *many("dog", 3), *many("bird", 90)])), seed)
        assert set(counts(divided, "train")) == {"cat", "dog", "bird"}

    def test_a_picture_of_each_class_alone_is_too_few(self, plant):
        found = scan(plant([*many("cat", 1), *many("dog", 1)]))
        with pytest.raises(BadData) as caught:
            divide(found, seed=0)
        assert caught.value.key == "problem.data.too_few"
        assert "2 readable pictures are too few" in caught.value.text()


class TestGivenParts:
    def test_a_validation_part_that_is_given_stays_whole(self, plant):
        paths = [*many("train/cat", 10), *many("train/dog", 10), *many("val/cat", 3), *many("val/dog", 1)]
        found = scan(plant([*paths, *many("test/dog", 2)]))
        divided = divide(found, seed=0)
        assert divided.parts == found.parts

    def test_without_one_it_is_taken_from_train_and_test_stays_whole(self, plant):
        found = scan(plant([*many("train/cat", 10), *many("train/dog", 10), *many("test/cat", 5)]))
        divided = divide(found, seed=0)
        assert sizes(divided) == {"train": 16, "val": 4, "test": 5}
        assert divided.parts["test"] == found.parts["test"]

    def test_a_validation_part_without_pictures_counts_as_none(self, plant):
        found = scan(plant([*many("train/cat", 10), *many("train/dog", 10), "val/cat/", "val/dog/"]))
        divided = divide(found, seed=0)
        assert sizes(divided) == {"train": 16, "val": 4}


class TestNamesAndSeedAloneDecide:
    def test_the_same_seed_divides_alike_and_another_one_otherwise(self, plant):
        found = scan(plant([*many("cat", 40), *many("dog", 40)]))
        assert divide(found, seed=7).names == divide(found, seed=7).names
        held = {frozenset(divide(found, seed).names["val"]) for seed in range(6)}
        assert len(held) == 6

    def test_where_the_folder_stands_does_not_matter(self, plant, tmp_path):
        root = plant([*many("cat", 20), *many("dog", 20)])
        here = divide(scan(root), seed=0).names
        shutil.copytree(root, tmp_path / "another disk" / "copy")
        assert divide(scan(tmp_path / "another disk" / "copy"), seed=0).names == here

    def test_what_the_files_hold_does_not_matter(self, plant):
        root = plant([*many("cat", 20), *many("dog", 20)])
        before = divide(scan(root), seed=0).names
        (root / "cat/3.jpg").write_bytes((root / "dog/4.jpg").read_bytes())
        os.utime(root / "cat/5.jpg", (0, 0))
        assert divide(scan(root), seed=0).names == before

    def test_a_picture_added_to_a_class_moves_no_picture_of_another_class(self, plant):
        root = plant([*many("cat", 30), *many("dog", 30)])
        before = divide(scan(root), seed=0)
        plant(["dog/new.jpg", "dog/newer.jpg", *many("ant", 10)])
        after = divide(scan(root), seed=0)
        assert of_class(after, "val", "cat") == of_class(before, "val", "cat")
        assert of_class(after, "train", "cat") == of_class(before, "train", "cat")

    def test_a_picture_added_to_a_class_takes_at_most_one_place_in_it(self, plant):
        root = plant([*many("cat", 30), *many("dog", 30)])
        before = of_class(divide(scan(root), seed=0), "val", "dog")
        for at in range(8):
            plant([f"dog/new {at}.jpg"])
            after = of_class(divide(scan(root), seed=0), "val", "dog")
            assert len(before - after) <= 1
            assert len(after - before) <= 1
            before = after

    def test_a_rename_moves_no_other_picture_past_another(self, plant):
        root = plant([*many("cat", 30), *many("dog", 30)])
        before = divide(scan(root), seed=0)
        for name in sorted(before.names["train"])[::3]:
            (root / name).rename((root / name).with_name(f"renamed {(root / name).name}"))
        after = divide(scan(root), seed=0)
        stayed = set(before.names["val"]) - set(after.names["val"])
        assert stayed <= set(after.names["train"])  # only a renamed picture that ranks higher takes a place
        came = set(after.names["val"]) - set(before.names["val"])
        assert all("renamed" in name for name in came)

    def test_the_rank_of_two_names_is_the_same_in_any_company(self):
        names = [f"cat/{at}.jpg" for at in range(200)]
        ranked = [names[at] for at in rank_by_hash(names, seed=5)]
        for kept in (names[::2], names[::-3], [*names[50:], "dog/1.jpg", "cat/1000.jpg"]):
            again = [kept[at] for at in rank_by_hash(kept, seed=5)]
            assert [name for name in again if name in names] == [name for name in ranked if name in kept]

    def test_a_korean_name_ranks_alike_in_either_form(self, plant):
        names = [f"{name}/{at}.jpg" for name in ("고양이", "강아지") for at in range(15)]
        whole = divide(scan(plant(names, "whole")), seed=0).names
        apart = divide(scan(plant([unicodedata.normalize("NFD", name) for name in names], "apart")), seed=0).names
        assert whole == apart

    def test_of_many_pictures_no_stretch_of_names_is_favoured(self, built_in):
        val = divide(set_of(built_in, 5_000), seed=0).parts["val"]
        thirds = np.bincount(np.asarray(val.places) * 3 // 5_000, minlength=3)
        assert thirds.sum() == 1_000
        assert (abs(thirds - 1_000 / 3) < 60).all()  # four standard deviations


def recorded(divided: Divided) -> dict[str, list[str]]:
    """As a run writes it down and reads it back."""
    return json.loads(json.dumps(divided.names))


class TestRestore:
    def test_the_record_gives_the_same_division(self, plant):
        found = scan(plant([*many("train/cat", 12), *many("train/dog", 12), *many("test/dog", 3)]))
        divided = divide(found, seed=4)
        restored = restore(scan(found.parts["train"].root), recorded(divided))
        assert restored.parts == divided.parts
        assert restored.found.classes == divided.found.classes
        assert fingerprint(restored) == fingerprint(divided)

    def test_pictures_that_came_since_are_left_out(self, plant):
        root = plant([*many("cat", 12), *many("dog", 12)])
        divided = divide(scan(root), seed=0)
        plant([f"cat/new {at}.jpg" for at in range(20)])
        restored = restore(scan(root), recorded(divided))
        assert restored.names == divided.names
        assert divide(scan(root), seed=0).names != divided.names

    def test_the_built_in_set_is_restored_to_the_pixel(self, built_in):
        found = Found("fashion-sample", "fashion-sample", tuple(map(str, range(10))), dict(built_in), ())
        divided = divide(found, seed=1)
        restored = restore(found, recorded(divided))
        assert restored.names == divided.names
        for part, samples in restored.parts.items():
            assert np.array_equal(
                samples.images[samples.places], divided.parts[part].images[divided.parts[part].places]
            )
            assert [samples.label(at) for at in range(50)] == [divided.parts[part].label(at) for at in range(50)]

    def test_a_picture_that_is_gone_is_named(self, plant):
        root = plant([*many("cat", 12), *many("dog", 12)])
        divided = divide(scan(root), seed=0)
        gone = divided.names["val"][0]
        (root / gone).unlink()
        found = scan(root)
        with pytest.raises(BadData) as caught:
            restore(found, recorded(divided))
        assert caught.value.key == "problem.data.gone"
        assert caught.value.values["count"] == 1
        assert gone in caught.value.text()
        assert str(root) in caught.value.text()

    def test_a_picture_moved_to_another_class_counts_as_gone(self, plant):
        root = plant([*many("cat", 12), *many("dog", 12)])
        divided = divide(scan(root), seed=0)
        (root / "cat/1.jpg").rename(root / "dog/from cat.jpg")
        found = scan(root)
        with pytest.raises(BadData) as caught:
            restore(found, recorded(divided))
        assert caught.value.key == "problem.data.gone"

    def test_a_part_without_pictures_is_restored_as_such(self, plant):
        root = plant([*many("train/cat", 12), *many("train/dog", 12), "test/cat/", "test/dog/"])
        divided = divide(scan(root), seed=0)
        restored = restore(scan(root), recorded(divided))
        assert {part: names for part, names in restored.names.items() if names} == {
            part: names for part, names in divided.names.items() if names
        }

    def test_both_forms_of_a_korean_folder_are_restored_to_all_their_pictures(self, plant):
        taken_apart = unicodedata.normalize("NFD", "고양이")
        root = plant([*many("고양이", 6), *many(taken_apart, 6), *many("강아지", 6)])
        divided = divide(scan(root), seed=0)
        restored = restore(scan(root), recorded(divided))
        everything = paths_of(restored)
        assert everything == paths_of(divided)


class TestFingerprint:
    @pytest.fixture
    def root(self, plant):
        return plant([*many("cat", 10), *many("dog", 10)])

    def now(self, root) -> str:
        return fingerprint(divide(scan(root), seed=0))

    def test_it_is_the_same_for_the_same_pictures_anywhere(self, root, tmp_path):
        shutil.copytree(root, tmp_path / "copy")
        assert self.now(root) == self.now(root) == self.now(tmp_path / "copy")

    def test_it_changes_where_a_picture_is_renamed(self, root):
        before = self.now(root)
        (root / "cat/1.jpg").rename(root / "cat/one.jpg")
        assert self.now(root) != before

    def test_it_changes_where_a_file_is_longer(self, root):
        before = self.now(root)
        with (root / "cat/1.jpg").open("ab") as file:
            file.write(b"\0")
        assert self.now(root) != before

    def test_it_changes_where_a_picture_changes_its_label(self, root):
        divided = divide(scan(root), seed=0)
        train = divided.parts["train"]
        labels = [1 - train.label(0), *train.labels[1:]]
        other = Files.of(train.root, names_of(train), labels)
        assert fingerprint(replace(divided, parts={**divided.parts, "train": other})) != fingerprint(divided)
        before = self.now(root)
        (root / "cat/1.jpg").rename(root / "dog/from cat.jpg")
        assert self.now(root) != before

    def test_it_changes_where_a_picture_is_added_or_removed(self, root, plant):
        before = self.now(root)
        plant(["cat/new.jpg"])
        added = self.now(root)
        (root / "cat/new.jpg").unlink()
        assert self.now(root) == before
        (root / "dog/3.jpg").unlink()
        assert len({before, added, self.now(root)}) == 3

    def test_it_changes_where_a_picture_changes_its_part(self, root):
        divided = divide(scan(root), seed=0)
        swapped = {"train": divided.parts["val"], "val": divided.parts["train"]}
        assert fingerprint(replace(divided, parts=swapped)) != fingerprint(divided)

    def test_of_arrays_it_changes_with_a_pixel_a_label_or_the_division(self, built_in):
        found = set_of(built_in, 300)
        divided = divide(found, seed=0)
        train = found.parts["train"]
        brighter, other = train.images.copy(), train.labels.copy()
        brighter[7, 14, 14] ^= 1
        other[7] = (other[7] + 1) % 10
        prints = {
            fingerprint(divided),
            fingerprint(divide(replace(found, parts={"train": replace(train, images=brighter)}), seed=0)),
            fingerprint(divide(replace(found, parts={"train": replace(train, labels=other)}), seed=0)),
            fingerprint(divide(found, seed=1)),
        }
        assert len(prints) == 4
        assert fingerprint(divide(set_of(built_in, 300), seed=0)) == fingerprint(divided)
