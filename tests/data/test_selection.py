"""Which pictures a training takes, and that none is on both sides: copies, groups, lists, and divisions kept."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path

import pytest
from PIL import Image

from striate.data import twins
from striate.data.sets import open_set
from striate.fitting.events import Start
from striate.fitting.planning import divided_for, planned
from striate.problem import BadData, Misuse
from striate.run import Run, Selection
from striate.verbs.train import resuming, train, training

Plant = Callable[..., Path]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "striate", *arguments], capture_output=True, text=True, check=False, env=surroundings
    )


@pytest.fixture
def plant(tmp_path: Path, cutout: Callable[[int], Image.Image]) -> Plant:
    """Makes a folder of the pictures named, each another one."""
    numbers = count()

    def planted(names: Iterable[str], root: str = "photos") -> Path:
        for name in names:
            path = tmp_path / root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            number = next(numbers)
            image = cutout(number)
            image.putpixel((0, 0), (number % 256, number // 256, 7))
            image.save(path)
        return tmp_path / root

    return planted


@pytest.fixture
def folder(plant: Plant) -> Path:
    return plant(f"{name}/{at}.png" for name in ("cat", "dog") for at in range(20))


@pytest.fixture
def leaking(plant: Plant) -> Path:
    """Three test pictures are training pictures, one of them under another class."""
    root = plant(f"{part}/{name}/{at}.png" for part in ("train", "test") for name in ("cat", "dog") for at in range(10))
    for learned, other in (("cat/1", "cat/3"), ("dog/2", "dog/2"), ("cat/5", "dog/7")):
        (root / f"test/{other}.png").write_bytes((root / f"train/{learned}.png").read_bytes())
    return root


def sides(root: Path, **selection: object) -> dict[str, set[str]]:
    divided = divided_for(open_set(root), 0, None, Selection(**selection))  # type: ignore[arg-type]
    return {part: set(names) for part, names in divided.names.items()}


class TestLeaks:
    def test_one_is_found_and_named_before_the_training_starts(self, leaking: Path, tmp_path: Path) -> None:
        first = next(e for e in training(leaking, net="lenet5", out=tmp_path / "r") if isinstance(e, Start))
        assert first.kinship is not None
        found = {(leak.learned, leak.other) for leak in first.kinship.leaks}
        assert found == {
            ("train/cat/1.png", "test/cat/3.png"), ("train/dog/2.png", "test/dog/2.png"),
            ("train/cat/5.png", "test/dog/7.png"),
        }  # fmt: skip
        assert first.kinship.conflicts == (("test/dog/7.png", "train/cat/5.png"),) or first.kinship.conflicts == (
            ("train/cat/5.png", "test/dog/7.png"),
        )

    def test_the_command_tells_it_and_strict_stops_with_nothing_written(self, leaking: Path, tmp_path: Path) -> None:
        out = tmp_path / "run"
        told = command("train", str(leaking), "--net", "lenet5", "--epochs", "1", "--out", str(out))
        assert told.returncode == 0, told.stderr
        line = next(line for line in told.stderr.splitlines() if "leak: " in line)
        assert "train/cat/1.png is learned from, and is test/cat/3.png too (3 such pictures)" in line
        assert told.stderr.index("leak: ") < told.stderr.index("train loss")
        stopped = command("train", str(leaking), "--net", "lenet5", "--strict", "--out", str(tmp_path / "other"))
        assert stopped.returncode == 3
        assert "3 pictures to validate or test with are also learned from" in stopped.stderr
        assert not (tmp_path / "other").exists()

    def test_a_clean_set_passes_strict_and_is_not_spoken_of(self, folder: Path, tmp_path: Path) -> None:
        done = command(
            "train", str(folder), "--net", "lenet5", "--epochs", "1", "--strict", "--out", str(tmp_path / "r")
        )
        assert done.returncode == 0, done.stderr
        assert "leak" not in done.stderr
        assert "cop" not in done.stderr

    def test_strict_says_when_it_was_not_looked(self, folder: Path, tmp_path: Path) -> None:
        with pytest.raises(BadData, match="cannot say"):
            train(folder, net="lenet5", selection=Selection(hashing=False), strict=True, out=tmp_path / "r")

    def test_a_dry_run_tells_it_too(self, leaking: Path) -> None:
        assert "leak: train/cat/1.png" in command("train", str(leaking), "--net", "lenet5", "--dry-run").stdout
        document = json.loads(command("train", str(leaking), "--net", "lenet5", "--dry-run", "--json").stdout)
        assert len(document["kinship"]["leaks"]) == 3

    def test_groups_that_the_source_has_on_both_sides_are_told(self, folder: Path) -> None:
        lines = ["path,label,split,group"]
        for at in range(20):
            for name in ("cat", "dog"):
                part = "test" if at >= 15 else "train"
                lines.append(f"{name}/{at}.png,{name},{part},{'shared' if at in (3, 17) else at}")
        (folder / "table.csv").write_text("\n".join(lines))
        kinship = planned(folder / "table.csv", net="lenet5").divided.kinship
        assert kinship is not None
        assert [(leak.part, leak.same) for leak in kinship.leaks] == [("test", False)]


class TestDivision:
    def test_copies_are_on_one_side(self, folder: Path) -> None:
        plain = sides(folder)
        held = min(plain["val"])
        for at in range(5):
            (folder / f"cat/copy {at}.png").write_bytes((folder / held).read_bytes())
        after = sides(folder)
        copies = {held, *(f"cat/copy {at}.png" for at in range(5))}
        assert copies <= after["train"] or copies <= after["val"]
        parted = sides(folder, hashing=False)
        assert not copies <= parted["train"]
        assert not copies <= parted["val"]

    def test_a_set_without_copies_is_divided_as_ever(self, folder: Path) -> None:
        assert sides(folder) == sides(folder, hashing=False)

    def test_groups_of_a_table_are_never_parted(self, folder: Path) -> None:
        lines = ["path,label,patient", *(f"{n}/{at}.png,{n},{n}{at // 3}" for n in ("cat", "dog") for at in range(20))]
        (folder / "table.csv").write_text("\n".join(lines))
        for seed in range(5):
            divided = divided_for(open_set(folder / "table.csv"), seed, None)
            patients = [
                {(name.split("/")[0], int(Path(name).stem) // 3) for name in divided.names[part]}
                for part in ("train", "val")
            ]
            assert patients[0].isdisjoint(patients[1])
            assert {name.split("/")[0] for name in divided.names["val"]} == {"cat", "dog"}

    def test_a_large_set_is_not_read_for_it_unless_asked(self, folder: Path, monkeypatch) -> None:
        (folder / "cat/copy.png").write_bytes((folder / "cat/1.png").read_bytes())
        monkeypatch.setattr(twins, "MOST_PICTURES", 3)
        quiet = planned(folder, net="lenet5").divided.kinship
        assert quiet is not None
        assert (quiet.looked, quiet.copies) == (False, 0)
        asked = planned(folder, net="lenet5", selection=Selection(hashing=True)).divided.kinship
        assert asked is not None
        assert (asked.looked, asked.copies) == (True, 1)

    def test_of_much_data_only_what_has_another_s_size_is_read(self, folder: Path, monkeypatch) -> None:
        (folder / "cat/copy.png").write_bytes((folder / "cat/1.png").read_bytes())
        monkeypatch.setattr(twins, "MOST_BYTES", 20_000)
        found = twins.twins_of(open_set(folder).parts)
        read = sum(each is not None for each in found.digests["all"])
        assert found.looked
        assert 2 <= read < 41
        assert len(found.groups()) == 1


class TestLists:
    def test_what_a_list_names_is_left_out_and_said(self, folder: Path, tmp_path: Path) -> None:
        listed = tmp_path / "out.csv"
        listed.write_text("path\ncat/1.png\ndog/2.png\nnowhere.png\n")
        found = planned(folder, net="lenet5", selection=Selection(exclude=str(listed))).divided
        names = {name for part in found.names.values() for name in part}
        assert len(names) == 38
        assert not names & {"cat/1.png", "dog/2.png"}
        told = [remark.text() for remark in found.found.remarks]
        assert "2 pictures are left out" in told[0]
        assert "1 name" in told[1]

    def test_a_run_with_a_list_goes_on_without_it(self, folder: Path, tmp_path: Path) -> None:
        listed = tmp_path / "out.csv"
        listed.write_text("path\ncat/1.png\n")
        chosen = Selection(exclude=str(listed))
        for event in training(folder, net="lenet5", epochs=2, selection=chosen, out=tmp_path / "r"):
            if isinstance(event, Start):
                break
        listed.unlink()
        *_, end = resuming(tmp_path / "r")
        assert end.name == "end"
        names = Run.open(tmp_path / "r").read("data.json")["parts"]
        assert "cat/1.png" not in names["train"] + names["val"]

    def test_a_list_that_leaves_nothing_is_refused(self, folder: Path, tmp_path: Path) -> None:
        listed = tmp_path / "out.csv"
        listed.write_text("path\n" + "\n".join(f"{n}/{at}.png" for n in ("cat", "dog") for at in range(20)))
        with pytest.raises(BadData, match="leaves no picture"):
            planned(folder, net="lenet5", selection=Selection(exclude=str(listed)))

    def test_a_missing_list_is_a_sentence(self, folder: Path, tmp_path: Path) -> None:
        done = command("train", str(folder), "--exclude", str(tmp_path / "no.csv"))
        assert done.returncode == 3
        assert "cannot be read" in done.stderr


class TestKept:
    @pytest.fixture
    def run(self, folder: Path, tmp_path: Path) -> Path:
        return train(folder, net="lenet5", epochs=1, seed=4, out=tmp_path / "first").path

    def test_a_set_that_has_grown_keeps_its_sides(self, folder: Path, run: Path, plant: Plant) -> None:
        before = Run.open(run).read("data.json")["parts"]
        plant(f"{name}/new {at}.png" for name in ("cat", "dog") for at in range(30))
        after = sides(folder, like=str(run))
        assert set(before["val"]) <= after["val"]
        assert set(before["train"]) <= after["train"]
        new = {name for name in after["val"] if "new" in name}
        assert 3 <= len(new) <= 25  # about a fifth of 60

    def test_renamed_pictures_are_known_by_their_bytes(self, folder: Path, run: Path) -> None:
        before = Run.open(run).read("data.json")["parts"]
        for path in list(folder.rglob("*.png")):
            path.rename(path.with_name(f"renamed {path.name}"))
        after = sides(folder, like=str(run))
        assert after["val"] == {name.replace("/", "/renamed ") for name in before["val"]}

    def test_a_copy_joins_the_picture_it_is_a_copy_of(self, folder: Path, run: Path) -> None:
        held = Run.open(run).read("data.json")["parts"]["val"][0]
        (folder / "dog/a copy.png").write_bytes((folder / held).read_bytes())
        assert "dog/a copy.png" in sides(folder, like=str(run))["val"]

    def test_a_training_by_it_can_go_on(self, folder: Path, run: Path, tmp_path: Path) -> None:
        again = train(folder, net="lenet5", epochs=1, seed=9, selection=Selection(like=str(run)), out=tmp_path / "b")
        assert again.read("data.json")["parts"] == Run.open(run).read("data.json")["parts"]

    def test_what_makes_no_sense_is_refused(self, run: Path, plant: Plant) -> None:
        other = plant([f"{name}/{at}.jpg" for name in ("x", "y") for at in range(5)], "others")
        with pytest.raises(BadData, match="none of the pictures"):
            sides(other, like=str(run))
        own = plant([f"{p}/{name}/{at}.png" for p in ("train", "val") for name in ("x", "y") for at in range(5)], "own")
        with pytest.raises(Misuse, match="its own pictures for validation"):
            sides(own, like=str(run))
