"""Tar files of pictures: class folders inside, or pictures with a .cls beside each, in one file or in many shards."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from striate.data.folder import PARTS, Found, nfc
from striate.data.packed import Indexing, Member, content, members
from striate.data.pictures import SUFFIXES
from striate.data.tree import natural
from striate.problem import BadData
from striate.words import Phrase

_COMPRESSED = {
    (".tar.gz", ".tgz"): "gunzip",
    (".tar.bz2", ".tbz2"): "bunzip2",
    (".tar.xz", ".txz"): "unxz",
    (".zip",): "unzip",
}
"""Archives that cannot be read where they lie, and the program that makes something of them that can."""

_PART = re.compile(rf"({'|'.join(sorted(PARTS, key=len, reverse=True))})(?![a-z])", re.IGNORECASE)
_LONGEST_LABEL = 256  # bytes


@dataclass(frozen=True)
class _Entry:
    """A picture in an archive, its part and the name of its class."""

    archive: Path
    member: Member
    part: str
    label: str


def is_tar(path: Path) -> bool:
    """A tar file, a folder with tar files, or one with such folders that are parts; also what is compressed."""
    if path.is_dir():
        return bool(_shards(path))
    return path.is_file() and path.name.lower().endswith((".tar", *(end for ends in _COMPRESSED for end in ends)))


def open_tar(path: Path) -> Found:
    """The pictures in the archives; BadData where there are none, or an archive is compressed or damaged."""
    _refuse_compressed(path)
    root = path if path.is_dir() else path.parent
    shards = _shards(path) if path.is_dir() else {path: _part_of(path.stem)}
    entries: list[_Entry] = []
    loose: list[tuple[Path, Member, str]] = []
    unlabelled = 0
    for archive, part in shards.items():
        inside = list(members(archive))
        if any(_dotted(member.name)[1] == "cls" for member in inside):
            labelled, without = _pairs(archive, inside, part)
            entries += labelled
            unlabelled += without
        else:
            loose += [(archive, member, part) for member in inside if _is_picture(member.name)]
    entries += _in_folders(path, loose)
    if not entries:
        raise BadData("data.no_pictures", path=path)
    remarks = (Phrase("remark.no_cls", {"count": unlabelled}),) if unlabelled else ()
    return _found(path, root, entries, remarks)


def _refuse_compressed(path: Path) -> None:
    for ends, program in _COMPRESSED.items():
        if path.is_file() and path.name.lower().endswith(ends):
            command = (program, path, "-d", path.stem) if program == "unzip" else (program, "--keep", path)
            raise BadData("tar.compressed", path=path, command=command)


def _found(path: Path, root: Path, entries: Iterable[_Entry], remarks: tuple[Phrase, ...]) -> Found:
    classes = sorted({entry.label for entry in entries}, key=lambda name: (natural(name), name))
    labels = {name: at for at, name in enumerate(classes)}
    index = Indexing(root)
    for entry in entries:
        name = f"{entry.archive.relative_to(root).as_posix()}/{entry.member.name}"
        index.add(entry.part or "all", entry.archive, entry.member, name, labels[entry.label])
    name = path.resolve().name.removesuffix(".tar")
    return Found(nfc(name), str(path.resolve()), tuple(classes), dict(index.parts()), (), remarks=remarks)


def _shards(folder: Path) -> dict[Path, str]:
    """The tar files in a folder and in those of its folders that are parts, and the part each is of.

    None where there are folders besides: those are classes, and a tar file beside them is somebody's copy.
    """
    folders = [each for each in sorted(folder.iterdir()) if each.is_dir() and not each.name.startswith(".")]
    below = [each for part in folders for each in part.iterdir() if each.is_dir()]
    if below or any(each.name.lower() not in PARTS for each in folders):
        return {}
    inside = {path: _part_of(path.stem) for path in _tars(folder)}
    for each in folders:
        inside |= dict.fromkeys(_tars(each), PARTS[each.name.lower()])
    divided = any(inside.values())
    return {path: part for path, part in inside.items() if part or not divided}


def _tars(folder: Path) -> list[Path]:
    found = [path for path in folder.glob("*.tar") if path.is_file() and not path.name.startswith(".")]
    return sorted(found, key=lambda path: natural(path.name))


def _part_of(stem: str) -> str:
    """The part that a shard's name begins with: train-000000 is of the training part."""
    found = _PART.match(stem)
    return PARTS[found[1].lower()] if found else ""


def _pairs(archive: Path, inside: Iterable[Member], part: str) -> tuple[list[_Entry], int]:
    """Pictures with the text of the .cls beside them, and how many have none."""
    pictures: dict[str, Member] = {}
    labels: dict[str, str] = {}
    for member in inside:
        key, ending = _dotted(member.name)
        if ending == "cls" and member.size <= _LONGEST_LABEL:
            labels[key] = nfc(content(archive, member).decode("utf-8", "replace").strip())
        elif _is_picture(member.name):
            pictures[key] = member
    found = [_Entry(archive, member, part, labels[key]) for key, member in pictures.items() if labels.get(key)]
    return found, len(pictures) - len(found)


def _dotted(name: str) -> tuple[str, str]:
    """The path up to the first dot of the file's name, and what follows it: what belongs together has one key."""
    folder, _, file = name.rpartition("/")
    key, _, ending = file.partition(".")
    return f"{folder}/{key}", ending.lower()


def _in_folders(path: Path, loose: list[tuple[Path, Member, str]]) -> list[_Entry]:
    """Pictures whose folder is their class, the folders around all of them left aside."""
    split = [[step for step in member.name.split("/") if step not in ("", ".")] for _, member, _ in loose]
    while split and all(len(steps) > 2 for steps in split) and len({steps[0] for steps in split}) == 1:
        if split[0][0].lower() in PARTS:
            break
        split = [steps[1:] for steps in split]
    divided = "train" in {PARTS.get(steps[0].lower()) for steps in split if len(steps) > 2}
    entries = []
    for (archive, member, part), steps in zip(loose, split, strict=True):
        inner = PARTS.get(steps[0].lower(), "") if divided and len(steps) > 2 else ""
        if len(steps) < 2 or (divided and not inner):
            continue
        entries.append(_Entry(archive, member, inner or part, nfc(steps[1] if inner else steps[0])))
    if loose and not entries:
        raise BadData("data.loose", path=path, loose=len(loose))
    return entries


def _is_picture(name: str) -> bool:
    """By its ending; what systems hide beside pictures is none."""
    hidden = any((step.startswith(".") and step not in (".", "..")) or step == "__MACOSX" for step in name.split("/"))
    return Path(name).suffix.lower() in SUFFIXES and not hidden
