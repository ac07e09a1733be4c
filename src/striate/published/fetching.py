"""Fetching a file into the user's cache: checked by its hash, and there whole or not at all."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from striate.files import cache_folder
from striate.problem import Failed
from striate.work import drained

TIMEOUT = 30.0
"""Seconds that a server may stay silent."""

_CHUNK = 1 << 20  # bytes
_SHA256 = re.compile(r'(?:W/)?"?([0-9a-f]{64})"?')


@dataclass(frozen=True)
class Progress:
    """How much of a file is there, in bytes; what it comes to in all is not always known."""

    done: int
    total: int | None


Tell = Callable[[Progress], None]


def cached(name: str) -> Path:
    """Where a fetched file of weights is, or would be."""
    return cache_folder("weights") / name


def fetch(url: str, path: Path, sha256: str | None, tell: Tell | None = None) -> Path:
    """As fetching(), told by a callback."""
    return drained(fetching(url, path, sha256), tell)


def fetching(url: str, path: Path, sha256: str | None) -> Generator[Progress, None, Path]:
    """Puts the file of an address at a path, unless it is there already; says how far it is, and returns the path.

    sha256: the whole digest or its first digits. Where it is None, what arrives is held against the digest that the
    server states: that finds a damaged file, and not one that somebody exchanged on the server. Failed where there is
    no way to the server, or no place for the file, or the digest is another; nothing is left behind then.
    """
    if path.is_file():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".part")
        part = Path(name)  # nobody else's: another process or thread may be fetching the same
        try:
            with os.fdopen(handle, "wb") as file:
                found, expected = yield from _copied(url, file, sha256)
                os.fsync(file.fileno())
            if not found.startswith(expected):
                raise Failed("fetch.hash", url=url, expected=expected, found=found)
            _settle(part, path)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
    except OSError as error:  # what goes wrong on the way has become a Failed before it gets here
        raise Failed("fetch.no_place", path=path.parent, reason=error.strerror or error) from error
    return path


def _settle(part: Path, path: Path) -> None:
    """Moves the file into place; one that somebody else has put there meanwhile, and may have open, stays."""
    if path.is_file():
        return
    try:
        part.replace(path)
    except OSError:
        if not path.is_file():
            raise


def _copied(url: str, file: IO[bytes], sha256: str | None) -> Generator[Progress, None, tuple[str, str]]:
    """Copies what the address holds into the file; returns the digest found, and the one expected."""
    stated = _Stated()
    with _answer(url, stated) as answer:
        expected = sha256 or stated.digest or _digest_in(answer.headers)
        if expected is None:
            raise Failed("fetch.no_hash", url=url)
        length = answer.headers.get("Content-Length")
        done, total = 0, int(length) if length else None
        digest = hashlib.sha256()
        yield Progress(done, total)
        while chunk := _chunk(answer, url):
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            yield Progress(done, total)
    if total is not None and done < total:
        raise Failed("fetch.cut", url=url, done=done, total=total)
    return digest.hexdigest(), expected


def _answer(url: str, stated: "_Stated") -> HTTPResponse:
    try:
        return build_opener(stated).open(Request(url, headers={"User-Agent": "striate"}), timeout=TIMEOUT)
    except HTTPError as error:
        with error:
            raise Failed("fetch.refused", url=url, status=error.code, reason=error.reason) from error
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        raise Failed("fetch.unreachable", url=url, reason=reason) from error


def _chunk(answer: HTTPResponse, url: str) -> bytes:
    try:
        return answer.read(_CHUNK)
    except (OSError, HTTPException) as error:
        raise Failed("fetch.unreachable", url=url, reason=error) from error


class _Stated(HTTPRedirectHandler):
    """Follows redirections, and remembers the digest that the Hugging Face hub states before it redirects."""

    digest: str | None = None

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str) -> Any:
        self.digest = self.digest or _digest_in(headers)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _digest_in(headers: Message) -> str | None:
    """The sha256 among a server's headers; an ETag that is none is some other mark."""
    for name in ("X-Linked-ETag", "ETag"):
        found = _SHA256.fullmatch(headers.get(name, ""))
        if found:
            return found[1]
    return None
