"""The lists that come with ILSVRC: what the synsets are called, and which number each has there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from striate.problem import BadData

_FOLDERS = (
    "", "data", "devkit", "devkit/data", "ILSVRC2012_devkit_t12", "ILSVRC2012_devkit_t12/data", "ILSVRC/devkit/data",
)  # fmt: skip
_WORDS = ("LOC_synset_mapping.txt", "synset_words.txt")
_ALL = 1000  # synsets of the challenge


@dataclass(frozen=True)
class Lists:
    """The lists below a folder, in whichever of the usual places they are."""

    root: Path

    @property
    def known(self) -> bool:
        """Whether there is any list of synsets."""
        return any(self.file(name) for name in (*_WORDS, "meta.mat", "map_clsloc.txt"))

    def file(self, name: str) -> Path | None:
        places = (self.root / folder / name for folder in _FOLDERS)
        return next((path for path in places if path.is_file()), None)

    def by_id(self) -> Mapping[int, str]:
        """The synset of each of ILSVRC's numbers, which follow the devkit and not the alphabet; empty where untold."""
        mapping, meta = self.file("map_clsloc.txt"), self.file("meta.mat")
        if meta is not None:
            return {number: synset for number, synset, _ in _meta(meta)}
        if mapping is None:
            return {}
        return {int(number): synset for synset, number, *_ in _split(mapping) if number.isdecimal()}

    def words(self, synsets: Iterable[str]) -> Mapping[str, str]:
        """The first of the words for each synset, where a list has them."""
        for name in _WORDS:
            path = self.file(name)
            if path is not None:
                return {synset: _first(" ".join(words)) for synset, *words in _split(path)}
        meta, mapping, plain = self.file("meta.mat"), self.file("map_clsloc.txt"), self.file("imagenet_classes.txt")
        if meta is not None:
            return {synset: _first(words) for _, synset, words in _meta(meta)}
        if mapping is not None:
            return {synset: words[0].replace("_", " ") for synset, _, *words in _split(mapping) if words}
        lines = plain.read_text(encoding="utf-8").splitlines() if plain is not None else []
        every = sorted(synsets)  # this list alone follows the alphabet of all synsets
        return dict(zip(every, map(_first, lines), strict=True)) if len(every) == len(lines) == _ALL else {}


def _first(words: str) -> str:
    return words.split(",")[0].strip()


def _split(path: Path) -> list[list[str]]:
    return [line.split() for line in path.read_text(encoding="utf-8").splitlines() if len(line.split()) > 1]


def _meta(path: Path) -> list[tuple[int, str, str]]:
    """Number, synset and words of each synset that pictures have, out of the devkit's meta.mat."""
    from scipy.io import loadmat

    try:
        table = loadmat(path, squeeze_me=True)["synsets"]
        rows = zip(*(table[name].tolist() for name in ("ILSVRC2012_ID", "WNID", "words", "num_children")), strict=True)
        return [(int(number), str(synset), str(words)) for number, synset, words, below in rows if int(below) == 0]
    except Exception as error:  # a damaged file may fail in any way
        raise BadData("imagenet.meta", path=path, reason=error) from error
