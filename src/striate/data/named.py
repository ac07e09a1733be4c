"""The sets that have a name: the one in this package, and those that can be fetched, each file checked by its hash."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

from striate.data.cifar import open_cifar
from striate.data.folder import Found
from striate.data.idx_sets import idx_set, open_idx
from striate.files import cache_folder
from striate.problem import BadData, Misuse
from striate.published.fetching import Progress, Tell, fetching
from striate.work import drained

DEFAULT_SET = "fashion-sample"

_DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")


@dataclass(frozen=True)
class Remote:
    """A set that can be fetched: where its files are, the sha256 of each, and what opens the folder they go to."""

    url: str
    files: Mapping[str, str]
    size: int  # bytes of all files
    opens: Callable[[Path], Found]

    def folder(self, name: str) -> Path:
        """Where the files are kept."""
        return cache_folder("sets") / name

    def at_hand(self, name: str) -> bool:
        return all((self.folder(name) / file).is_file() for file in self.files)


def _open_archive(folder: Path) -> Found:
    """The one archive that is kept as it came."""
    (archive,) = folder.glob("*.tar.gz")
    return open_cifar(archive)


# Addresses and md5 sums: torchvision/datasets/mnist.py and the page of CIFAR, www.cs.toronto.edu/~kriz/cifar.html.
# The sha256 sums and sizes of the same files: tensorflow_datasets/url_checksums/{mnist,fashion_mnist,cifar10,cifar100}.
REMOTES: Mapping[str, Remote] = {
    "mnist": Remote(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        {
            "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
        11_594_722,
        open_idx,
    ),
    "fashion-mnist": Remote(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",  # no https there; the sums below make up for it
        {
            "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
        30_878_645,
        open_idx,
    ),
    "cifar10": Remote(
        "https://www.cs.toronto.edu/~kriz/",
        {"cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
        170_052_171,
        _open_archive,
    ),
    "cifar100": Remote(
        "https://www.cs.toronto.edu/~kriz/",
        {"cifar-100-binary.tar.gz": "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"},
        168_513_733,
        _open_archive,
    ),
}

SETS = (DEFAULT_SET, *REMOTES)


def open_named(name: str) -> Found:
    """The pictures of one of SETS; BadData where it has to be fetched first, with what to type."""
    if name == DEFAULT_SET:
        with as_file(files("striate.data") / "fashion_sample") as folder:
            return idx_set(folder, name, name)
    remote = REMOTES[name]
    if _of_debian(name):
        return idx_set(_DEBIAN_FOLDER, name, name)
    if not remote.at_hand(name):
        package = "dataset-fashion-mnist" if name == "fashion-mnist" else ""
        raise BadData("data.not_here", name=name, size=f"{remote.size / 1e6:.0f}", package=package)
    return replace(remote.opens(remote.folder(name)), name=name, source=name)


def download(name: str, tell: Tell | None = None) -> None:
    """Fetches the set of a name, unless it is at hand: download("cifar10"). tell is called with how far that is."""
    drained(downloading(name), tell)


def downloading(name: str) -> Generator[Progress, None, None]:
    """As download(), step by step; Failed where it cannot be fetched, Misuse for a name that is not to be fetched."""
    if name not in REMOTES:
        raise Misuse("data.no_remote", name=name, known=", ".join(REMOTES))
    remote, before = REMOTES[name], 0
    if _of_debian(name):
        return
    for file, sha256 in remote.files.items():
        path = remote.folder(name) / file
        for progress in fetching(f"{remote.url}{file}", path, sha256):
            yield Progress(before + progress.done, remote.size)
        before += path.stat().st_size


def _of_debian(name: str) -> bool:
    return name == "fashion-mnist" and _DEBIAN_FOLDER.is_dir()
