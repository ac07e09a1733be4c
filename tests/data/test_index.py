"""The index of a large folder: used where nothing changed, and never a reason for another result."""

import json
import os
import random
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from striate import files
from striate.data import folder, index, tree
from striate.data.folder import Found, scan
from striate.data.tree import State, state_now
from striate.problem import Problem

CATS_AND_DOGS = ["cat/1.jpg", "cat/2.png", "dog/1.gif", "dog/old/2.bmp", "dog/notes.txt"]
DAY = 86_400_000_000_000  # nanoseconds

links = pytest.mark.skipif(sys.platform == "win32", reason="links take a privilege there")


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """Where indexes go to."""
    monkeypatch.setattr(files, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    return tmp_path / "cache/listings"


@pytest.fixture
def eager(cache, monkeypatch) -> Path:
    """A folder of any size is indexed, even one that was made a moment ago."""
    monkeypatch.setattr(index, "INDEXED_FROM", 1)
    monkeypatch.setattr(index, "SETTLING", -DAY // 2)
    return cache


@pytest.fixture
def without_reading(monkeypatch):
    """Makes it an error to read a folder entry by entry."""

    def forbid() -> None:
        monkeypatch.setattr(folder, "Tree", lambda _: pytest.fail("the folder was read"))

    return forbid


def told(found: Found) -> dict[str, object]:
    """All that was found, to compare."""
    parts = {
        part: [(each.name(at), each.label(at), each.path(at)) for at in range(len(each))]
        for part, each in found.parts.items()
    }
    return {"parts": parts, **{key: getattr(found, key) for key in ("name", "source", "classes", "stray")}}


def outcome(root: Path) -> object:
    try:
        return told(scan(root))
    except Problem as problem:
        return problem.key, problem.values


def without_index(root: Path, monkeypatch) -> object:
    with monkeypatch.context() as patch:
        patch.setattr(index, "load", lambda *_: None)
        patch.setattr(index, "keep", lambda *_: None)
        return outcome(root)


def only(cache: Path) -> Path:
    (found,) = cache.iterdir()
    return found


@pytest.mark.usefixtures("eager")
class TestUsed:
    def test_a_folder_that_is_as_it_was_is_not_read_again(self, plant, eager, without_reading):
        root = plant([*CATS_AND_DOGS, "README.md"])
        before = told(scan(root))
        assert only(eager).suffix == ".npz"
        without_reading()
        assert told(scan(root)) == before

    def test_of_every_kind_of_name(self, plant, without_reading):
        apart = unicodedata.normalize("NFD", "고양이")
        root = plant(["train/고양이/1.jpg", f"train/{apart}/1.jpg", "train/01/2.jpg", "train/1/2.jpg", "val/1/3.jpg"])
        if sys.platform == "linux":
            (root / "val/1" / os.fsdecode(b"\xff.jpg")).write_bytes(b"x")
            (root / "val/1" / os.fsdecode(b"\xfe.txt")).write_bytes(b"x")
        before = told(scan(root))
        without_reading()
        assert told(scan(root)) == before
        assert len({name for name, *_ in before["parts"]["train"]}) == 4

    def test_paths_are_below_the_folder_as_it_was_written(self, plant, without_reading, monkeypatch):
        root = plant(CATS_AND_DOGS)
        scan(root)
        monkeypatch.chdir(root.parent)
        without_reading()
        samples = scan(Path("photos")).parts["all"]
        assert samples.path(0) == Path("photos/cat/1.jpg")
        assert samples.image(0).size == (28, 20)

    def test_a_file_that_is_written_over_needs_no_reading_again(self, plant, without_reading):
        root = plant(CATS_AND_DOGS)
        scan(root)
        with (root / "cat/1.jpg").open("ab") as file:
            file.write(b"\0")
        without_reading()
        assert scan(root).parts["all"].size(0) == (root / "cat/1.jpg").stat().st_size

    def test_nothing_is_written_into_the_folder(self, plant, tree_hash):
        root = plant(CATS_AND_DOGS)
        before = tree_hash(root)
        scan(root)
        scan(root)
        assert tree_hash(root) == before


class TestTidied:
    def test_one_goes_that_was_of_no_use_for_a_season_and_one_in_use_stays(self, plant, eager):
        roots = [plant(CATS_AND_DOGS, name) for name in ("used", "forgotten", "new")]
        paths = []
        for root in roots[:2]:
            scan(root)
            paths += set(eager.iterdir()) - set(paths)
        (eager / "killed.part").write_bytes(b"half")
        for path in eager.iterdir():
            os.utime(path, (0, path.stat().st_mtime - index.FORGOTTEN - 60))
        scan(roots[0])
        scan(roots[2])
        assert paths[0].exists()
        assert not paths[1].exists()
        assert len(list(eager.iterdir())) == 2


class TestNotKept:
    def test_of_a_small_folder(self, plant, cache, monkeypatch):
        monkeypatch.setattr(index, "SETTLING", -DAY // 2)
        scan(plant(CATS_AND_DOGS))
        assert not cache.exists()
        assert index.INDEXED_FROM == 20_000

    def test_of_a_folder_that_changed_a_moment_ago(self, plant, cache, monkeypatch):
        monkeypatch.setattr(index, "INDEXED_FROM", 1)
        scan(plant(CATS_AND_DOGS))
        assert not cache.exists()

    def test_of_a_folder_with_a_time_that_is_still_to_come(self, plant, eager):
        root = plant(CATS_AND_DOGS)
        tomorrow = (root / "dog/old").stat().st_mtime_ns + DAY
        os.utime(root / "dog/old", ns=(tomorrow, tomorrow))
        scan(root)
        assert not eager.exists()

    @links
    @pytest.mark.parametrize("place", ["dog/9.jpg", "bird", "dog/more", "loose.jpg"])
    def test_of_a_folder_with_a_link_whose_end_may_change(self, plant, eager, place):
        root, elsewhere = plant(CATS_AND_DOGS), plant(["end/9.jpg"], "elsewhere")
        end = elsewhere / ("end/9.jpg" if place.endswith(".jpg") else "end")
        (root / place).symlink_to(end, target_is_directory=end.is_dir())
        scan(root)
        assert not eager.exists()

    def test_of_a_folder_without_pictures(self, plant, eager):
        with pytest.raises(Problem):
            scan(plant(["cat/notes.txt", "dog/"]))
        assert not eager.exists()

    @pytest.mark.usefixtures("eager")
    @pytest.mark.parametrize("there", ["cache", "cache/listings"])
    def test_where_there_is_no_place_for_it(self, plant, there, tmp_path, recwarn, capfd):
        (tmp_path / there).parent.mkdir(exist_ok=True)
        (tmp_path / there).write_bytes(b"in the way")
        root = plant(CATS_AND_DOGS)
        assert told(scan(root)) == told(scan(root))
        assert (tmp_path / there).read_bytes() == b"in the way"
        assert not recwarn.list
        assert capfd.readouterr() == ("", "")


class _Changes:
    """What may happen to a tree between two openings."""

    def __init__(self, chance: random.Random, root: Path) -> None:
        self.chance, self.root = chance, root

    def folders(self) -> list[Path]:
        return [self.root, *sorted(path for path in self.root.rglob("*") if path.is_dir())]

    def a_file(self) -> Path | None:
        found = sorted(path for path in self.root.rglob("*") if path.is_file())
        return self.chance.choice(found) if found else None

    def a_folder(self) -> Path | None:
        below = self.folders()[1:]
        return self.chance.choice(below) if below else None

    def nothing(self) -> None:
        """All stays."""

    def add(self) -> None:
        suffix = self.chance.choice([".jpg", ".PNG", ".txt", ""])
        (self.chance.choice(self.folders()) / f"new {self.chance.randrange(50)}{suffix}").write_bytes(b"x")

    def add_folder(self) -> None:
        new = self.chance.choice(self.folders()) / self.chance.choice(["train", "test", "album", ".hidden", "새", "01"])
        new.mkdir(exist_ok=True)
        (new / "1.jpg").write_bytes(b"x")

    def remove(self) -> None:
        if file := self.a_file():
            file.unlink()

    def remove_folder(self) -> None:
        if place := self.a_folder():
            shutil.rmtree(place)

    def rename(self) -> None:
        if file := self.a_file():
            file.rename(file.with_name(f"renamed {self.chance.randrange(50)}{file.suffix}"))

    def rename_folder(self) -> None:
        if (place := self.a_folder()) and not (new := place.with_name(f"other {self.chance.randrange(50)}")).exists():
            place.rename(new)

    def move(self) -> None:
        if file := self.a_file():
            file.rename(self.chance.choice(self.folders()) / file.name)

    def move_folder(self) -> None:
        place, to = self.a_folder(), self.chance.choice(self.folders())
        if place and not to.is_relative_to(place) and not (to / place.name).exists():
            place.rename(to / place.name)

    def exchange_for_a_folder(self) -> None:
        if file := self.a_file():
            file.unlink()
            file.mkdir()
            (file / "1.jpg").write_bytes(b"x")

    def exchange_folders(self) -> None:
        one, other = self.a_folder(), self.a_folder()
        if one and other and not one.is_relative_to(other) and not other.is_relative_to(one):
            aside = self.root.with_name("aside")
            one.rename(aside)
            other.rename(one)
            aside.rename(other)


CHANGES = [name for name in vars(_Changes) if not name.startswith(("_", "folders", "a_"))]


@pytest.mark.usefixtures("eager")
class TestNeverChangesWhatIsFound:
    @pytest.mark.parametrize("seed", range(40))
    def test_whatever_happens_between_two_openings(self, plant, monkeypatch, seed):
        chance = random.Random(seed)
        heads = chance.choice([[""], ["train/", "val/"], ["train/", "training/", "extra/"]])
        root = plant(
            f"{head}{name}/{chance.choice(['', 'deep/', 'deep/er/'])}{at}.jpg"
            for head in heads for name in ("cat", "dog", "10", "9") for at in range(chance.randrange(1, 5))
        )  # fmt: skip
        changes = _Changes(chance, root)
        for _ in range(12):
            found = outcome(root)
            assert found == without_index(root, monkeypatch)
            kept = index.load(root.resolve(), folder._RULES)
            assert (kept is not None) == isinstance(found, dict)  # there are pictures: the next opening may rely on it
            getattr(changes, chance.choice(CHANGES))()

    @pytest.mark.parametrize("change", sorted(set(CHANGES) - {"nothing"}))
    def test_also_where_the_times_of_all_folders_are_set_back(self, plant, monkeypatch, change):
        root = plant(f"{name}/{at}.jpg" for name in ("cat", "dog", "bird/old") for at in range(3))
        before = outcome(root)
        times = {path: (path.stat().st_atime_ns, path.stat().st_mtime_ns) for path in [root, *root.rglob("*")]}
        changes = _Changes(random.Random(0), root)
        while without_index(root, monkeypatch) == before:
            getattr(changes, change)()
        for path, ns in times.items():
            if path.is_dir():
                os.utime(path, ns=ns)
        assert outcome(root) == without_index(root, monkeypatch) != before

    def test_names_are_compared_where_no_clock_tells_anything(self, plant, monkeypatch):
        def timeless(path: str) -> State:
            return State(1, 2, 3, state_now(path).names)

        root = plant(CATS_AND_DOGS)
        with monkeypatch.context() as patch:
            patch.setattr(tree, "_state", lambda _, names: State(1, 2, 3, tree._number(names) & tree._63_BITS))
            scan(root)
        monkeypatch.setattr(index, "state_now", timeless)
        assert index.load(root.resolve(), folder._RULES) is not None
        (root / "dog/old/2.bmp").rename(root / "dog/old/3.bmp")
        assert index.load(root.resolve(), folder._RULES) is None

    def test_a_folder_that_moved_and_another_one_in_its_place(self, plant, monkeypatch):
        root = plant(CATS_AND_DOGS)
        scan(root)
        moved = root.rename(root.with_name("moved"))
        plant(["cat/7.jpg", "dog/8.jpg"])
        for each in (root, moved):
            assert outcome(each) == without_index(each, monkeypatch)
        assert scan(moved).source == str(moved.resolve())

    def test_by_other_rules_it_is_read_again(self, plant):
        root = plant(CATS_AND_DOGS)
        scan(root)
        assert index.load(root.resolve(), folder._RULES) is not None
        assert index.load(root.resolve(), "pictures end in .heic") is None


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self):
        return os.mkdir, (str(self.place),)


@pytest.mark.usefixtures("eager")
class TestDamaged:
    @pytest.fixture
    def root(self, plant, eager) -> Path:
        root = plant([*CATS_AND_DOGS, *(f"bird/{at}.jpg" for at in range(40))])
        scan(root)
        assert only(eager)
        return root

    def test_a_changed_byte_changes_nothing_that_is_found(self, root, eager):
        before, path = told(scan(root)), only(eager)
        content, chance = path.read_bytes(), random.Random(0)
        for _ in range(200):
            at = chance.randrange(len(content))
            path.write_bytes(content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :])
            assert told(scan(root)) == before

    @pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
    def test_half_of_one_is_written_anew(self, root, eager, share, without_reading):
        before, path = told(scan(root)), only(eager)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        assert told(scan(root)) == before
        without_reading()
        assert told(scan(root)) == before

    def test_something_else_in_its_place_is_never_unpickled(self, root, eager, tmp_path):
        before, path, trap = told(scan(root)), only(eager), Trap(tmp_path / "sprung")
        with path.open("wb") as file:
            np.save(file, np.array([trap], dtype=object), allow_pickle=True)
        assert told(scan(root)) == before
        with path.open("wb") as file:
            np.savez(file, about=np.array([trap], dtype=object), states=np.array([trap], dtype=object))
        assert told(scan(root)) == before
        assert not trap.place.exists()

    def test_that_of_another_version_is_written_anew(self, root, monkeypatch, without_reading):
        before = told(scan(root))
        monkeypatch.setattr(index, "FORMAT", index.FORMAT + 1)
        assert index.load(root.resolve(), folder._RULES) is None
        assert told(scan(root)) == before
        without_reading()
        assert told(scan(root)) == before

    @pytest.mark.usefixtures("root")
    def test_that_of_another_folder_is_not_taken_for_its_own(self, eager, plant, monkeypatch):
        mine = only(eager)
        other = plant(["cat/7.jpg", "dog/8.jpg"], "other")
        before = told(scan(other))
        (theirs,) = set(eager.iterdir()) - {mine}
        theirs.write_bytes(mine.read_bytes())
        with monkeypatch.context() as patch:
            patch.setattr(index, "_holds", lambda *_: True)
            assert index.load(other.resolve(), folder._RULES) is None
        assert told(scan(other)) == before


def test_processes_that_write_at_once_all_find_the_same(plant, cache):
    root = plant(f"{name}/{at}.jpg" for name in ("cat", "dog") for at in range(30))
    program = f"""
import json
from pathlib import Path
from striate import files
from striate.data import index
from striate.data.folder import scan
files.user_cache_dir = lambda *_, **__: {str(cache.parent)!r}
index.INDEXED_FROM, index.SETTLING = 1, {-DAY // 2}
seen = set()
for _ in range(60):
    samples = scan(Path({str(root)!r})).parts["all"]
    seen.add(tuple((samples.name(at), samples.label(at)) for at in range(len(samples))))
    for path in index.files.cache_folder("listings").glob("*.npz"):
        path.unlink(missing_ok=True)
print(json.dumps(list(seen)))
"""
    running = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(3)]
    answers = [json.loads(process.communicate()[0]) for process in running]
    samples = scan(root).parts["all"]
    assert answers == [[[[samples.name(at), samples.label(at)] for at in range(60)]]] * 3
    assert not list(cache.glob("*.part"))
