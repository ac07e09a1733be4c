"""Tables of paths and labels, as people and their programs write them."""

import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from striate.data.folder import Found
from striate.data.sets import open_set
from striate.data.split import divide, fingerprint, restore
from striate.problem import BadData
from striate.words import LANGUAGES

Plant = Callable[..., Path]
NAMES = [f"{folder}/{number}.jpg" for folder in ("a", "b") for number in range(1, 7)]


@pytest.fixture
def photos(plant: Plant) -> Path:
    return plant(NAMES)


def rows(*more: str, header: str = "path,label") -> str:
    """A table of the planted pictures: cat for those in a/, dog for those in b/."""
    return "\n".join([header, *(f"{name},{'cat' if name[0] == 'a' else 'dog'}" for name in NAMES), *more]) + "\n"


def opened(folder: Path, text: str | bytes, name: str = "labels.csv") -> Found:
    raw = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(raw)
    return open_set(folder / name)


def refusal(folder: Path, text: str | bytes, key: str, name: str = "labels.csv") -> str:
    """The English words of a problem that also has Korean ones."""
    with pytest.raises(BadData) as caught:
        opened(folder, text, name)
    assert caught.value.key == f"problem.{key}"
    assert all(caught.value.text(language) for language in LANGUAGES)
    return str(caught.value)


def remarks(found: Found) -> dict[str, Any]:
    return {each.key: each.values for each in found.remarks}


def labelled(found: Found, part: str = "all") -> dict[str, str]:
    samples = found.parts[part]
    return {samples.name(at): found.classes[samples.label(at)] for at in range(len(samples))}


def test_paths_are_taken_from_the_tables_own_folder(photos: Path) -> None:
    found = opened(photos, rows())
    assert (found.name, found.source) == ("labels", str((photos / "labels.csv").resolve()))
    assert found.classes == ("cat", "dog")
    assert labelled(found) == {name: "cat" if name[0] == "a" else "dog" for name in NAMES}
    assert found.parts["all"].image(0).size == (28, 20)
    assert not found.remarks


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_marks_line_ends_and_separators_make_no_difference(
    photos: Path, encoding: str, line_end: str, separator: str
) -> None:
    text = rows().replace(",", separator).replace("\n", line_end)
    assert labelled(opened(photos, text.encode(encoding))) == labelled(opened(photos, rows()))


def test_quoted_cells_may_hold_commas_and_quotation_marks(plant: Plant) -> None:
    folder = plant(['a, "first".jpg', "b.jpg"])
    found = opened(folder, 'path,label\n"a, ""first"".jpg","cat, small"\nb.jpg,dog\n')
    assert labelled(found) == {'a, "first".jpg': "cat, small", "b.jpg": "dog"}


def test_korean_tables_are_read_in_utf8_and_in_cp949_which_is_said(plant: Plant) -> None:
    folder = plant(["꽃/장미 1.jpg", "꽃/국화.jpg"])
    text = "파일명,라벨\r\n꽃/장미 1.jpg,장미\r\n꽃/국화.jpg,국화\r\n"
    plain, excel = opened(folder, text), opened(folder, text.encode("cp949"))
    assert labelled(plain) == labelled(excel) == {"꽃/장미 1.jpg": "장미", "꽃/국화.jpg": "국화"}
    assert not plain.remarks
    assert list(remarks(excel)) == ["remark.cp949"]


def test_a_name_is_found_in_whichever_form_of_letters_the_disk_has_it(plant: Plant) -> None:
    folder = plant([unicodedata.normalize("NFD", "장미.jpg"), "b.jpg"])
    found = opened(folder, "path,label\n장미.jpg,장미\nb.jpg,b\n")
    assert labelled(found) == {"장미.jpg": "장미", "b.jpg": "b"}
    assert found.parts["all"].image(0).size == (28, 20)


def test_letters_in_no_known_encoding_are_refused(photos: Path) -> None:
    assert "CP949" in refusal(photos, b"path,label\na/1.jpg,\xff\xff\xff\n", "table.encoding")


@pytest.mark.parametrize("header", ["Image , Class", "FILENAME,label", "file_path,category", "이미지,클래스"])
def test_other_names_of_the_columns_are_taken(photos: Path, header: str) -> None:
    assert len(opened(photos, rows(header=header)).parts["all"]) == 12


def test_columns_that_mean_nothing_are_passed_over(photos: Path) -> None:
    text = "id,label,width,path\n1,cat,28,a/1.jpg\n2,dog,28,b/1.jpg\n"
    assert labelled(opened(photos, text)) == {"a/1.jpg": "cat", "b/1.jpg": "dog"}


def test_unknown_columns_are_refused_with_the_names_that_are_taken(photos: Path) -> None:
    told = refusal(photos, "name,kind\na/1.jpg,cat\n", "table.columns")
    assert "name, kind" in told
    assert "filename" in told


def test_two_columns_for_one_thing_are_refused(photos: Path) -> None:
    assert "file, image" in refusal(photos, "file,image,label\na/1.jpg,a/1.jpg,cat\n", "table.two_columns")


def test_two_columns_without_a_header_are_told_by_the_picture_in_the_first_row(photos: Path) -> None:
    found = opened(photos, rows().split("\n", 1)[1])
    assert len(found.parts["all"]) == 12
    assert list(remarks(found)) == ["remark.no_header"]


def test_three_columns_without_a_header_are_refused(photos: Path) -> None:
    refusal(photos, "a/1.jpg,cat,train\nb/1.jpg,dog,train\n", "table.columns")


def test_parts_are_named_as_folders_are(photos: Path) -> None:
    parts = ["train", "Training", "val", "validation", "test", "TEST"] * 2
    lines = [f"{name},{name[0]},{part}" for name, part in zip(NAMES, parts, strict=True)]
    found = opened(photos, "path,label,split\n" + "\n".join(lines))
    assert {part: len(samples) for part, samples in found.parts.items()} == {"train": 4, "val": 4, "test": 4}
    assert {part: len(samples) for part, samples in divide(found, 0).parts.items()} == {"train": 4, "val": 4, "test": 4}


def test_an_empty_split_column_divides_nothing(photos: Path) -> None:
    text = rows().replace("path,label", "path,label,split").replace("cat\n", "cat,\n")
    assert set(opened(photos, text).parts) == {"all"}


def test_an_unknown_part_is_refused_with_its_lines(photos: Path) -> None:
    told = refusal(photos, "path,label,split\na/1.jpg,a,train\na/2.jpg,a,extra\nb/1.jpg,b,\n", "table.split")
    assert '"extra", lines 3, 4' in told


def test_groups_become_numbers_beside_the_pictures_of_each_part(photos: Path) -> None:
    people = ["kim", "lee", "kim", "", "park", ""] * 2
    parts = ["train"] * 6 + ["test"] * 6
    lines = [f"{name},{name[0]},{who},{part}" for name, who, part in zip(NAMES, people, parts, strict=True)]
    found = opened(photos, "path,label,patient,part\n" + "\n".join(lines))
    train, test = found.groups["train"], found.groups["test"]
    assert train.dtype == np.int64
    assert train[0] == train[2] == test[0] == test[2]  # the same person in both parts
    assert len({*train.tolist(), *test.tolist()}) == 3 + 4  # a picture without a group is one of its own


def test_without_a_group_column_there_are_no_groups(photos: Path) -> None:
    assert opened(photos, rows()).groups == {}


def test_numbers_are_names_of_classes_in_natural_order(photos: Path) -> None:
    found = opened(photos, "path,label\na/1.jpg,10\na/2.jpg,9\nb/1.jpg,10\n")
    assert found.classes == ("9", "10")


def test_a_repeated_row_is_taken_once_and_said(photos: Path) -> None:
    found = opened(photos, rows("a/1.jpg,cat", "./b//2.jpg,dog"))
    assert len(found.parts["all"]) == 12
    assert remarks(found) == {"remark.again": {"count": 2, "lines": "14, 15"}}


def test_a_picture_with_two_labels_is_refused_with_both_lines(photos: Path) -> None:
    told = refusal(photos, rows("a/1.jpg,dog"), "table.twice")
    assert "a/1.jpg, lines 2 and 14" in told
    assert "cat / dog" in told


def test_a_picture_in_two_parts_is_refused(photos: Path) -> None:
    refusal(photos, "path,label,split\na/1.jpg,a,train\na/1.jpg,a,test\n", "table.twice")


def test_missing_files_are_each_listed_and_the_others_taken(photos: Path) -> None:
    found = opened(photos, rows("a/7.jpg,cat", "b/7.jpg,dog"))
    assert found.absent == ("a/7.jpg", "b/7.jpg")
    assert len(found.parts["all"]) == 12


def test_a_table_whose_pictures_are_all_missing_says_where_it_looked(plant: Plant) -> None:
    folder = plant(["empty/"])
    assert str(folder.resolve()) in refusal(folder, rows(), "table.none_there")


def test_a_row_without_a_label_is_left_out_and_said(photos: Path) -> None:
    found = opened(photos, "path,label\na/1.jpg,cat\na/2.jpg,\nb/1.jpg,dog\nb/2.jpg\n")
    assert set(labelled(found)) == {"a/1.jpg", "b/1.jpg"}
    assert remarks(found) == {"remark.unlabelled": {"count": 2, "lines": "3, 5"}}


def test_a_row_without_a_path_is_refused(photos: Path) -> None:
    assert "lines 3" in refusal(photos, "path,label\na/1.jpg,cat\n,dog\n", "table.no_path")


def test_a_row_with_too_many_cells_is_refused(photos: Path) -> None:
    assert "line 3" in refusal(photos, "path,label\na/1.jpg,cat\nb/1,2.jpg,dog\n", "table.wide")


def test_a_quotation_mark_that_is_never_closed_is_refused(photos: Path) -> None:
    refusal(photos, 'path,label\na/1.jpg,"cat\nb/1.jpg,dog\n', "table.damaged")


@pytest.mark.parametrize(
    ("text", "key"),
    [("", "table.empty"), ("path,label\n", "table.empty"), ("path,label\na/1.jpg,\n", "table.no_labels")],
)
def test_a_table_of_nothing_is_refused(photos: Path, text: str, key: str) -> None:
    refusal(photos, text, key)


def test_one_class_can_be_opened_and_not_learned(photos: Path) -> None:
    found = opened(photos, "path,label\na/1.jpg,cat\na/2.jpg,cat\n")
    with pytest.raises(BadData) as caught:
        divide(found, 0)
    assert caught.value.key == "problem.data.one_class"
    assert "jpg" not in str(caught.value)


def test_paths_out_of_the_folder_are_taken_and_said(plant: Plant, photos: Path) -> None:
    other = plant(["1.jpg"], "elsewhere")
    found = opened(photos, f"path,label\na/1.jpg,cat\n../elsewhere/1.jpg,dog\n{photos}/b/1.jpg,dog\n")
    assert set(labelled(found)) == {"a/1.jpg", "../elsewhere/1.jpg", "b/1.jpg"}
    assert remarks(found) == {"remark.outside": {"count": 1, "name": "../elsewhere/1.jpg"}}
    absolute = opened(photos, f"path,label\na/1.jpg,cat\n{other}/1.jpg,dog\n")
    assert set(labelled(absolute)) == {"a/1.jpg", f"{other}/1.jpg"}
    assert absolute.parts["all"].image(1).size == (28, 20)


def test_windows_paths_are_taken(photos: Path) -> None:
    found = opened(photos, "path,label\na\\1.jpg,cat\nb\\1.jpg,dog\n")
    assert set(labelled(found)) == {"a/1.jpg", "b/1.jpg"}


def test_a_recorded_division_is_found_again_and_a_change_is_seen(photos: Path) -> None:
    found = opened(photos, rows())
    divided = divide(found, 3)
    again = restore(opened(photos, rows()), divided.names)
    assert again.names == divided.names
    assert fingerprint(again) == fingerprint(divided)
    relabelled = opened(photos, rows().replace("a/1.jpg,cat", "a/1.jpg,dog"))
    assert fingerprint(restore(relabelled, divided.names)) != fingerprint(divided)


def test_nothing_changes_in_the_folder(photos: Path, tree_hash: Callable[[Path], str]) -> None:
    (photos / "labels.csv").write_text(rows())
    before = tree_hash(photos)
    open_set(photos / "labels.csv")
    assert tree_hash(photos) == before


def test_a_folder_of_loose_pictures_leads_to_the_table_in_it(plant: Plant) -> None:
    folder = plant(["1.jpg", "2.jpg"])
    (folder / "train.csv").write_text("path,label\n1.jpg,a\n2.jpg,b\n")
    with pytest.raises(BadData) as caught:
        open_set(folder)
    assert f"striate train {folder}/train.csv" in str(caught.value)


class TestParquet:
    @pytest.fixture
    def write(self, photos: Path) -> Callable[..., Path]:
        pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")

        def written(**columns: list[Any]) -> Path:
            parquet.write_table(pyarrow.table(columns), photos / "labels.parquet")
            return photos / "labels.parquet"

        return written

    def test_it_is_a_table_too_and_fractions_of_whole_numbers_are_those(self, write: Callable[..., Path]) -> None:
        found = open_set(write(path=["a/1.jpg", "b/1.jpg", "b/2.jpg"], label=[1.0, 2.0, None], split=["train"] * 3))
        assert labelled(found, "train") == {"a/1.jpg": "1", "b/1.jpg": "2"}
        assert remarks(found) == {"remark.unlabelled": {"count": 1, "lines": "3"}}

    def test_pictures_inside_lead_to_the_other_way_of_opening(self, write: Callable[..., Path]) -> None:
        with pytest.raises(BadData) as caught:
            open_set(write(image=[{"bytes": b"x", "path": "a"}], label=[1]))
        assert "striate train hf:" in str(caught.value)

    def test_what_is_no_parquet_is_refused(self, photos: Path) -> None:
        pytest.importorskip("pyarrow")
        refusal(photos, b"PAR1 but no more", "data.unreadable", "labels.parquet")

    def test_without_pyarrow_the_extra_is_named(
        self, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = write(path=["a/1.jpg"], label=["a"])
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        with pytest.raises(BadData) as caught:
            open_set(path)
        assert "pip install 'striate[scale]'" in str(caught.value)
