"""ILSVRC 2012 as it is handed out: synsets in folders or tar files, and validation pictures with a list of truths."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from striate.data.folder import Found, nfc, scan
from striate.data.packed import Indexing, Member, members
from striate.data.pictures import SUFFIXES
from striate.data.samples import Files, Pictures
from striate.data.synsets import Lists
from striate.problem import BadData
from striate.words import Phrase

_SYNSET = re.compile(r"n\d{8}")
_NUMBER = re.compile(r"_(\d{8})\.")  # ILSVRC2012_val_00000001.JPEG is the first line's
_TRAIN = (
    "train",
    "ILSVRC2012_img_train",
    "ILSVRC2012_img_train.tar",
    "ILSVRC/Data/CLS-LOC/train",
    "Data/CLS-LOC/train",
)
_VAL = ("val", "ILSVRC2012_img_val", "ILSVRC2012_img_val.tar", "ILSVRC/Data/CLS-LOC/val", "Data/CLS-LOC/val")


@dataclass(frozen=True)
class _Home:
    """Where the parts are: folders or tar files."""

    root: Path
    train: Path
    val: Path | None


def is_imagenet(path: Path) -> bool:
    """Whether there are synsets to learn from, and something that a mere folder of class folders does not have."""
    home = _home(path)
    if home is None:
        return False
    flat = home.val is not None and not any(_SYNSET.fullmatch(entry.name) for entry in _entries(home.val))
    return home.train.is_file() or bool(_tars(home.train)) or flat or Lists(home.root).known


def open_imagenet(path: Path) -> Found:
    """The training pictures by synset, and the validation pictures by the list of their truths where they are there."""
    home = _home(path)
    assert home is not None  # it was recognised
    lists = Lists(home.root)
    index = Indexing(home.root)
    parts: dict[str, Pictures] = {}
    stray: tuple[str, ...] = ()
    if home.train.is_dir() and not _tars(home.train):
        found = scan(home.train)
        synsets, stray, parts["train"] = found.classes, found.stray, found.parts["all"]
    else:
        archives = list(_archives(home.train))
        synsets = tuple(sorted({synset for synset, _, _ in archives}))
        labels = {synset: at for at, synset in enumerate(synsets)}
        for synset, archive, within in archives:
            for member in members(archive, within):
                if Path(member.name).suffix.lower() in SUFFIXES:
                    index.add("train", archive, member, f"{synset}/{member.name}", labels[synset])
    left = _validation(home, lists, synsets, index, parts) if home.val is not None else 0
    parts = {**index.parts(), **parts}
    words = lists.words(synsets)
    classes = tuple(f"{synset} {words[synset]}" if synset in words else synset for synset in synsets)
    remarks = (Phrase("remark.other_synsets", {"count": left}),) if left else ()
    source = path.resolve()
    return Found(nfc(source.name.removesuffix(".tar")), str(source), classes, parts, stray, remarks=remarks)


def _home(path: Path) -> _Home | None:
    if path.is_file():
        return _Home(path.parent, path, None) if path.suffix.lower() == ".tar" and _holds_synsets(path) else None
    train = next((path / name for name in _TRAIN if _has_synsets(path / name)), None)
    if train is None:
        train = path if _has_synsets(path) else None
    if train is None:
        return None
    return _Home(path, train, next((path / name for name in _VAL if (path / name).exists()), None))


def _has_synsets(path: Path) -> bool:
    if path.is_file():
        return _holds_synsets(path)
    return any(_SYNSET.fullmatch(entry.name.removesuffix(".tar")) for entry in _entries(path))


def _holds_synsets(archive: Path) -> bool:
    """Whether a tar file begins with the tar file of a synset."""
    try:
        first = next(members(archive), None)
    except BadData:
        return False
    return first is not None and _synset_of(first.name) != "" and first.name.endswith(".tar")


def _entries(path: Path) -> Iterator[Path]:
    yield from path.iterdir() if path.is_dir() else ()


def _tars(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("n*.tar") if _SYNSET.fullmatch(path.stem))


def _archives(train: Path) -> Iterator[tuple[str, Path, Member | None]]:
    """The tar file of each synset: its name, the file that it is or is in, and where it is in there."""
    if train.is_dir():
        yield from ((path.stem, path, None) for path in _tars(train))
        return
    for member in members(train):
        synset = _synset_of(member.name)
        if synset:
            yield synset, train, member


def _synset_of(name: str) -> str:
    stem = name.rpartition("/")[2].partition(".")[0]
    return stem if _SYNSET.fullmatch(stem) else ""


def _validation(home: _Home, lists: Lists, synsets: Iterable[str], index: Indexing, parts: dict[str, Pictures]) -> int:
    """Adds the validation pictures to an index, or as files to the parts; how many are of synsets not learned."""
    assert home.val is not None
    labels = {synset: at for at, synset in enumerate(synsets)}
    packed = list(members(home.val)) if home.val.is_file() else []
    names = [member.name for member in packed] or _names_below(home.val)
    truth = _truth(home, lists, [name for name in names if Path(name).suffix.lower() in SUFFIXES])
    kept = {name: labels[synset] for name, synset in truth.items() if synset in labels}
    if packed:
        for member in packed:
            if member.name in kept:
                index.add("val", home.val, member, f"{home.val.name}/{member.name}", kept[member.name])
    elif kept:
        parts["val"] = Files.of(home.val, list(kept), list(kept.values()))
    return len(truth) - len(kept)


def _names_below(folder: Path) -> list[str]:
    """Flat, or in a folder for each synset, as some put them."""
    flat = sorted(entry.name for entry in _entries(folder) if entry.is_file())
    sorted_in = sorted(each for each in _entries(folder) if each.is_dir() and _SYNSET.fullmatch(each.name))
    return flat + [f"{each.name}/{entry.name}" for each in sorted_in for entry in sorted(_entries(each))]


def _truth(home: _Home, lists: Lists, names: list[str]) -> dict[str, str]:
    """The synset of each validation picture: its folder's, the one in Kaggle's table, or by its number's line."""
    if all(_SYNSET.fullmatch(name.split("/")[0]) for name in names):
        return {name: name.split("/")[0] for name in names}
    solution = lists.file("LOC_val_solution.csv")
    by_number = _by_table(solution) if solution is not None else _by_line(home, lists)
    found = {}
    for name in names:
        number = _NUMBER.search(name)
        synset = by_number.get(int(number[1])) if number else None
        if synset is None:
            raise BadData("imagenet.untold", path=home.root, name=name, count=len(by_number))
        found[name] = synset
    return found


def _by_table(path: Path) -> Mapping[int, str]:
    """ImageId,PredictionString: the name without its ending, then a synset and its boxes."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(_NUMBER.search(f"{row[0]}."), row[1].split()) for row in csv.reader(file) if len(row) > 1]
    return {int(number[1]): words[0] for number, words in rows if number and words}


def _by_line(home: _Home, lists: Lists) -> Mapping[int, str]:
    """The line of each picture's number in the list of truths, which counts in ILSVRC's own order of synsets."""
    path = lists.file("ILSVRC2012_validation_ground_truth.txt")
    if path is None:
        raise BadData("imagenet.no_truth", path=home.root)
    synsets = lists.by_id()
    if not synsets:
        raise BadData("imagenet.no_order", path=home.root, truth=path)
    numbers = path.read_text(encoding="utf-8").split()
    if not all(each.isdecimal() and int(each) in synsets for each in numbers):
        raise BadData("imagenet.truth", path=path)
    return {line: synsets[int(each)] for line, each in enumerate(numbers, 1)}
