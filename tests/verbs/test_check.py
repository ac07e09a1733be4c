"""What is amiss in a set: every planted fault is found and named, and in a clean folder there is none."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import striate as st
from striate.data.exclusions import Exclusion
from striate.data.findings import KINDS, Finding
from striate.data.suggesting import suggested
from striate.problem import BadData
from striate.verbs.check import Checkup, Sizes, check, checking
from tests.faults import clean, encoded, faulty, photograph

PLANTED = {
    "leaks": [("train/palace/0.jpg", "test/palace/leaked.jpg")],
    "conflicts": [("train/palace/4.jpg", "train/daisy/also a palace.jpg")],
    "unreadable": [("train/daisy/cut off.jpg",), ("train/daisy/no picture.png",)],
    "copies": [("train/palace/2.jpg", "train/palace/twice.jpg")],
    "blank": [("train/daisy/blank.png",)],
    "tiny": [("train/daisy/tiny.png",)],
    "wrong_extension": [("train/daisy/really png.jpg",)],
    "turned": [("train/palace/turned.jpg",)],
    "colours": [("train/palace/grey.jpg",)],
    "long": [("train/palace/long.jpg",)],
    "decoded": [("train/palace/clear.png",)],
    "links": [("train/palace/linked.jpg",)],
    "stray": [("train/palace/notes.txt",), ("rest",)],
    "hidden": [("train/.thumbs",), ("train/palace/.hidden.jpg",)],
}


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    return faulty(tmp_path / "photos")


def by_kind(found: Checkup) -> dict[str, list[Finding]]:
    kinds: dict[str, list[Finding]] = {}
    for each in found.findings:
        kinds.setdefault(each.kind, []).append(each)
    return kinds


def one(found: Checkup, kind: str) -> Finding:
    (finding,) = by_kind(found)[kind]
    return finding


def test_every_planted_fault_is_found_and_named_and_nothing_else(planted: Path) -> None:
    found = by_kind(check(planted))
    names = {kind: [set(each.names) for each in found.get(kind, [])] for kind in KINDS}
    for kind, expected in PLANTED.items():
        assert sorted(names.pop(kind), key=sorted) == sorted(map(set, expected), key=sorted), kind
    assert names == {"near_copies": []}


def test_a_clean_folder_has_nothing_amiss(tmp_path: Path) -> None:
    found = check(clean(tmp_path / "photos"))
    assert found.findings == ()
    assert found.counts == {
        "train": {"daisy": 8, "palace": 8}, "val": {"daisy": 2, "palace": 2}, "test": {"daisy": 2, "palace": 2},
    }  # fmt: skip
    assert (found.pictures, found.readable, found.imbalance) == (24, 24, 1.0)
    assert found.sizes == Sizes((80, 60), (80, 60), (80, 60))


def test_the_worst_is_told_first(planted: Path) -> None:
    places = [KINDS.index(each.kind) for each in check(planted).findings]
    assert places == sorted(places)
    assert places[0] == KINDS.index("leaks") == 0


def test_findings_say_what_there_is_to_know(planted: Path) -> None:
    found = check(planted)
    leak = one(found, "leaks")
    assert leak.detail == {"same_bytes": True, "parts": ["train", "test"], "classes": ["palace", "palace"]}
    assert set(one(found, "conflicts").detail["classes"]) == {"palace", "daisy"}
    reasons = {each.names[0]: each.detail["reason"] for each in by_kind(found)["unreadable"]}
    assert reasons == {"train/daisy/cut off.jpg": "truncated", "train/daisy/no picture.png": "no_picture"}
    assert one(found, "tiny").detail == {"width": 40, "height": 20}
    assert one(found, "wrong_extension").detail == {"format": "PNG"}
    assert one(found, "decoded").detail == {"note": "transparent"}
    assert one(found, "turned").detail == {"turned": 1, "upright": 34}
    assert one(found, "links").detail == {"target": str((planted.parent / "outside.jpg").resolve())}


def test_sizes_and_classes_are_counted_over_all_pictures(planted: Path) -> None:
    found = check(planted)
    assert found.sizes == Sizes((40, 20), (80, 60), (330, 60))
    assert found.counts["train"] == {"daisy": 14, "palace": 14}
    assert found.pictures - found.readable == 2


def test_the_folder_stays_as_it_was(planted: Path, tree_hash: Callable[[Path], str]) -> None:
    before = tree_hash(planted)
    check(planted)
    assert tree_hash(planted) == before


def test_every_picture_is_told_on_the_way(planted: Path) -> None:
    steps = list(checking(planted))
    assert steps[-1].done == steps[-1].total == 37
    assert [step.done for step in steps] == sorted(step.done for step in steps)


def test_files_that_are_small_on_the_whole_are_not_called_tiny(garments: Path) -> None:
    found = check(garments)
    assert found.sizes == Sizes((28, 28), (28, 28), (28, 28))
    assert "tiny" not in by_kind(found)


def test_a_folder_that_is_turned_or_grey_as_a_whole_does_not_mix(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    for number in range(6):
        path = tmp_path / "photos" / "ab"[number % 2] / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(photograph(number).convert("L"), exif=exif))
    assert check(tmp_path / "photos").findings == ()


def test_the_smaller_class_is_set_against_the_larger(tmp_path: Path) -> None:
    root = clean(tmp_path / "photos")
    for number in (1, 3, 5, 7, 9, 11):
        (root / f"train/daisy/{number}.jpg").unlink()
    assert check(root).imbalance == 4.0


def test_the_built_in_set_has_no_double_and_near_copies_are_looked_for_on_request_only() -> None:
    found = check()
    assert (found.pictures, found.readable, found.near) == (12_000, 12_000, False)
    assert not {"leaks", "conflicts", "copies", "unreadable"} & set(by_kind(found))


def test_near_copies_can_be_left_aside(planted: Path) -> None:
    assert check(planted).near
    found = check(planted, near=False)
    assert not found.near
    assert one(found, "leaks").names == ("train/palace/0.jpg", "test/palace/leaked.jpg")


def test_a_set_of_which_nothing_can_be_read_is_described_all_the_same(tmp_path: Path) -> None:
    for name in ("a/1.jpg", "b/1.jpg"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"nothing")
    found = check(tmp_path)
    assert (found.readable, found.sizes) == (0, None)
    assert len(by_kind(found)["unreadable"]) == 2


def test_a_folder_without_pictures_is_bad_data(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="holds no pictures"):
        check(tmp_path)


def test_what_is_told_as_json_is_plain_and_complete(planted: Path) -> None:
    found = st.check(planted)
    told = json.loads(json.dumps(found.as_json()))
    assert [each["names"] for each in told["findings"]] == [list(each.names) for each in found.findings]
    assert told["sizes"] == {"smallest": [40, 20], "median": [80, 60], "largest": [330, 60]}


def test_what_could_be_left_out_keeps_one_of_copies_and_every_test_picture(planted: Path) -> None:
    rows = {row.path: row for row in suggested(check(planted).findings)}
    assert rows == {
        each.path: each
        for each in (
            Exclusion("train/daisy/cut off.jpg", "unreadable"),
            Exclusion("train/daisy/no picture.png", "unreadable"),
            Exclusion("train/daisy/blank.png", "blank"),
            Exclusion("train/palace/4.jpg", "conflicts"),
            Exclusion("train/daisy/also a palace.jpg", "conflicts"),
            Exclusion("train/palace/0.jpg", "leaks", "test/palace/leaked.jpg"),
            Exclusion("train/palace/twice.jpg", "copies", "train/palace/2.jpg"),
        )
    }


def test_a_picture_that_is_kept_is_itself_left_in(tmp_path: Path) -> None:
    root = clean(tmp_path / "photos")
    content = (root / "train/palace/0.jpg").read_bytes()
    for name in (
        "train/palace/b.jpg",
        "train/palace/c.jpg",
        "val/palace/d.jpg",
        "test/palace/e.jpg",
        "test/palace/f.jpg",
    ):
        (root / name).write_bytes(content)
    rows = suggested(check(root).findings)
    out = {row.path for row in rows}
    assert {name for name in out if name.startswith("test/")} == {"test/palace/f.jpg"}  # the second of two there
    assert out >= {"train/palace/0.jpg", "train/palace/b.jpg", "train/palace/c.jpg", "val/palace/d.jpg"}
    assert all(not row.keep or row.keep not in out for row in rows)
