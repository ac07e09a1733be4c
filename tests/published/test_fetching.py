"""Fetching: a file is there whole and checked, or not at all, and every way it can go wrong has its words."""

import hashlib
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from striate.problem import Failed
from striate.published import fetching
from striate.published.fetching import Progress, cached, fetch

BODY = bytes(range(256)) * 12_000  # three megabytes, a few chunks
DIGEST = hashlib.sha256(BODY).hexdigest()


def failure(url: str, path: Path, sha256: str | None = DIGEST) -> Failed:
    """The problem that fetching ends with; it must leave nothing behind."""
    with pytest.raises(Failed) as caught:
        fetch(url, path, sha256)
    assert not path.exists()
    assert not list(path.parent.glob("*.part"))
    return caught.value


def test_a_file_is_fetched_checked_and_told_of(server: Any, tmp_path: Path) -> None:
    server.says("/net-1234.pth", BODY)
    told: list[Progress] = []
    path = tmp_path / "deep" / "net.pth"
    assert fetch(f"{server.url}/net-1234.pth", path, DIGEST, told.append) == path
    assert path.read_bytes() == BODY
    assert [each.name for each in path.parent.iterdir()] == ["net.pth"]
    assert told[0] == Progress(0, len(BODY))
    assert told[-1] == Progress(len(BODY), len(BODY))
    assert len(told) > 2


def test_the_first_digits_of_a_digest_are_enough(server: Any, tmp_path: Path) -> None:
    server.says("/a", BODY)
    assert fetch(f"{server.url}/a", tmp_path / "a", DIGEST[:8]).read_bytes() == BODY


def test_a_file_that_is_there_is_not_asked_for_again(server: Any, tmp_path: Path) -> None:
    server.says("/a", BODY)
    for _ in range(2):
        fetch(f"{server.url}/a", tmp_path / "a", DIGEST)
    assert server.asked == ["/a"]


def test_another_digest_deletes_what_came(server: Any, tmp_path: Path) -> None:
    server.says("/a", BODY)
    problem = failure(f"{server.url}/a", tmp_path / "a", "0" * 64)
    assert problem.key == "problem.fetch.hash"
    assert DIGEST in str(problem)


def test_two_threads_that_fetch_the_same_file_do_not_hinder_each_other(server: Any, tmp_path: Path) -> None:
    server.says("/a", BODY)
    path = tmp_path / "a"
    works = [fetching.fetching(f"{server.url}/a", path, DIGEST) for _ in range(2)]
    for work in works:
        next(work)  # both have begun
    assert len(list(tmp_path.glob("*.part"))) == 2
    for work in works:
        list(work)
        assert path.read_bytes() == BODY
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refusal_is_told_with_its_status(server: Any, tmp_path: Path, status: int) -> None:
    server.says("/a", b"no", status)
    problem = failure(f"{server.url}/a", tmp_path / "a")
    assert problem.key == "problem.fetch.refused"
    assert str(status) in str(problem)


def test_a_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    problem = failure(f"http://127.0.0.1:{port}/a", tmp_path / "a")
    assert problem.key == "problem.fetch.unreachable"
    assert "--weights FILE" in str(problem)


def test_a_name_that_no_server_has_is_told(tmp_path: Path) -> None:
    assert failure("http://weights.invalid/a", tmp_path / "a").key == "problem.fetch.unreachable"


def test_a_body_that_breaks_off_is_told_with_what_came(server: Any, tmp_path: Path) -> None:
    server.says("/a", BODY[:1_500_000], Content_Length=str(len(BODY)))
    problem = failure(f"{server.url}/a", tmp_path / "a")
    assert problem.key == "problem.fetch.cut"
    assert "1,500,000 of 3,072,000" in str(problem)


def test_without_a_length_the_digest_alone_decides(server: Any, tmp_path: Path) -> None:
    server.says("/a", BODY, Content_Length="")
    told: list[Progress] = []
    fetch(f"{server.url}/a", tmp_path / "a", DIGEST, told.append)
    assert told[-1] == Progress(len(BODY), None)
    server.says("/b", BODY[:-1], Content_Length="")
    assert failure(f"{server.url}/b", tmp_path / "b").key == "problem.fetch.hash"


def hub(server: Any, body: bytes, linked: str) -> str:
    """An address that redirects as the Hugging Face hub does: the digest stands in the redirection's headers."""
    server.says(
        "/resolve/main/model.safetensors", status=302, Location="/bridge/17", X_Linked_ETag=f'"{linked}"', ETag='"0123"'
    )
    server.says("/bridge/17", body, ETag=f'"{"f" * 64}"')
    return f"{server.url}/resolve/main/model.safetensors"


def test_a_hubs_file_is_held_against_what_the_hub_states(server: Any, tmp_path: Path) -> None:
    assert fetch(hub(server, BODY, DIGEST), tmp_path / "a", None).read_bytes() == BODY
    problem = failure(hub(server, BODY, "1" * 64), tmp_path / "b", None)
    assert problem.key == "problem.fetch.hash"


def test_a_plain_etag_counts_where_it_is_a_sha256(server: Any, tmp_path: Path) -> None:
    server.says("/a", BODY, ETag=f'"{DIGEST}"')
    fetch(f"{server.url}/a", tmp_path / "a", None)
    server.says("/b", BODY, ETag='"d41d8cd98f00b204e9800998ecf8427e"')
    assert failure(f"{server.url}/b", tmp_path / "b", None).key == "problem.fetch.no_hash"


def test_leaving_in_the_middle_leaves_nothing_behind(server: Any, tmp_path: Path) -> None:
    server.says("/a", BODY)
    work = fetching.fetching(f"{server.url}/a", tmp_path / "a", DIGEST)
    next(work)
    next(work)
    assert [each.suffix for each in tmp_path.iterdir()] == [".part"]
    work.close()
    assert not list(tmp_path.iterdir())


def test_a_cache_that_cannot_be_written_is_told(server: Any, tmp_path: Path) -> None:
    server.says("/a", BODY)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Failed) as caught:
        fetch(f"{server.url}/a", tmp_path / "file" / "a", DIGEST)
    assert caught.value.key == "problem.fetch.no_place"


@pytest.mark.skipif(os.name != "posix" or os.uname().sysname != "Linux", reason="XDG is Linux's")
def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cached("a.pth") == Path("/somewhere/striate/weights/a.pth")
