"""Sets by their names: fetched from a server of our own when asked, checked by hash, opened, and learned."""

import functools
import hashlib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import striate as st
from striate.cli import run
from striate.data import named
from striate.data.named import REMOTES, download
from striate.data.sets import open_set
from striate.problem import BadData, Failed, Misuse
from striate.published.fetching import Progress
from striate.words import LANGUAGES
from tests.data.cifar_files import archive, cifar10, cifar100
from tests.refusals import refused

IDX = tuple(f"{part}-{what}-ubyte.gz" for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1"))
GARMENTS = open_set("fashion-sample").parts["train"]


def garment(number: int) -> Image.Image:
    return GARMENTS.image(number).convert("RGB")


@functools.cache
def content(name: str) -> dict[str, bytes]:
    """Small files in the layout of a set, of real pictures."""
    if name == "cifar10":
        return {"cifar-10-binary.tar.gz": archive("cifar-10-batches-bin", cifar10(garment))}
    if name == "cifar100":
        return {"cifar-100-binary.tar.gz": archive("cifar-100-binary", cifar100(garment))}
    return {file: (files("striate.data") / "fashion_sample" / file).read_bytes() for file in IDX}


@pytest.fixture
def served(server: Any, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The server hands out small sets in the place of the published ones; returns what it was asked for."""
    assert cache.name == "weights"  # the user's own cache is out of reach
    monkeypatch.setattr(named, "_DEBIAN_FOLDER", cache / "not installed")
    small = {}
    for name, remote in REMOTES.items():
        assert set(content(name)) == set(remote.files)
        sums = {}
        for file, body in content(name).items():
            server.says(f"/{name}/{file}", body)
            sums[file] = hashlib.sha256(body).hexdigest()
        small[name] = replace(
            remote, url=f"{server.url}/{name}/", files=sums, size=sum(map(len, content(name).values()))
        )
    monkeypatch.setattr(named, "REMOTES", small)
    return server


def test_the_published_addresses_and_hashes_are_whole() -> None:
    for name, remote in REMOTES.items():
        assert remote.url.endswith("/"), name
        assert all(len(sha256) == 64 and int(sha256, 16) for sha256 in remote.files.values()), name
    sums = [sha256 for remote in REMOTES.values() for sha256 in remote.files.values()]
    assert len(set(sums)) == len(sums) == 10


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "cifar10", "cifar100"])
def test_a_set_that_is_not_here_says_what_to_type_and_fetches_nothing(served: Any, name: str) -> None:
    with pytest.raises(BadData) as caught:
        open_set(name)
    assert f"striate train {name} --download" in str(caught.value)
    assert f'striate.data.sets.download("{name}")' in caught.value.text("ko")
    assert ("apt install" in str(caught.value)) == (name == "fashion-mnist")
    assert served.asked == []


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist", "cifar10", "cifar100"])
def test_a_fetched_set_opens_by_its_name_and_is_not_fetched_again(served: Any, cache: Path, name: str) -> None:
    told: list[Progress] = []
    download(name, told.append)
    assert told[-1].done == told[-1].total == sum(map(len, content(name).values()))
    assert [each.done for each in told] == sorted(each.done for each in told)
    found = open_set(name)
    assert (found.name, found.source) == (name, name)
    assert len(found.classes) == (100 if name == "cifar100" else 10)
    assert set(found.parts) == {"train", "test"}
    asked = list(served.asked)
    download(name)
    assert served.asked == asked
    assert {path.name for path in (cache.parent / "sets" / name).iterdir()} == set(content(name))


def test_a_path_of_that_name_goes_before_the_name(served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a/1.png", "b/1.png"):
        path = tmp_path / "mnist" / name
        path.parent.mkdir(parents=True)
        garment(1).save(path)
    assert open_set("mnist").classes == ("a", "b")
    assert served.asked == []


def test_debians_fashion_mnist_is_not_fetched(served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file, body in content("fashion-mnist").items():
        (tmp_path / file).write_bytes(body)
    monkeypatch.setattr(named, "_DEBIAN_FOLDER", tmp_path)
    download("fashion-mnist")
    assert len(open_set("fashion-mnist").parts["train"]) == 10_000
    assert served.asked == []


def failure(name: str, key: str, cache: Path) -> str:
    """What fetching ends with; it leaves no file of the set that is not whole, and the set is still not here."""
    with pytest.raises(Failed) as caught:
        download(name)
    assert caught.value.key == f"problem.{key}"
    assert all(caught.value.text(language) for language in LANGUAGES)
    assert not list((cache.parent / "sets").rglob("*.part"))
    with pytest.raises(BadData):
        open_set(name)
    return str(caught.value)


def test_another_file_than_the_published_one_is_refused(served: Any, cache: Path) -> None:
    served.says("/mnist/t10k-images-idx3-ubyte.gz", content("mnist")["t10k-images-idx3-ubyte.gz"][:-1] + b"x")
    failure("mnist", "fetch.hash", cache)


def test_a_cut_connection_is_told_and_the_next_time_goes_on_with_what_is_whole(served: Any, cache: Path) -> None:
    file = "train-labels-idx1-ubyte.gz"
    body = content("mnist")[file]
    served.says(f"/mnist/{file}", body[:100], Content_Length=str(len(body)))
    failure("mnist", "fetch.cut", cache)
    served.says(f"/mnist/{file}", body)
    download("mnist")
    assert served.asked.count("/mnist/train-images-idx3-ubyte.gz") == 1
    assert len(open_set("mnist").parts["train"]) == 10_000


def test_a_server_that_refuses_is_told_with_the_way_around_it(served: Any, cache: Path) -> None:
    served.says("/cifar10/cifar-10-binary.tar.gz", b"no", 503)
    assert "its path as DATA" in failure("cifar10", "fetch.refused", cache)


@pytest.mark.parametrize("data", ["fashion-sample", "photos/"])
def test_what_is_no_name_of_a_published_set_cannot_be_fetched(served: Any, data: str) -> None:
    with pytest.raises(Misuse):
        download(data)
    told = refused("train", data, "--download", code=2)
    assert "mnist, fashion-mnist, cifar10, cifar100" in told
    assert served.asked == []


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_a_command_fetches_and_trains_an_epoch_and_the_next_one_needs_no_server(
    served: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    arguments = ["train", name, "--net", "lenet5_modern", "--epochs", "1", "--limit", "100"]
    assert run([*arguments, "--download", "--out", str(tmp_path / "first")]) == 0
    assert f"Fetching  {name}" in capsys.readouterr().err
    asked = list(served.asked)
    assert st.Run.open(tmp_path / "first").summary["data"] == name
    assert st.evaluate(tmp_path / "first").split == "test"
    assert run([*arguments, "--out", str(tmp_path / "second")]) == 0
    assert served.asked == asked
    scores = [st.Run.open(tmp_path / each).summary["test_top1"] for each in ("first", "second")]
    assert scores[0] == scores[1]


def test_a_dry_run_can_fetch_without_training(served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["train", "mnist", "--download", "--dry-run"]) == 0
    assert len(served.asked) == 4
    assert not (tmp_path / "runs").exists()
