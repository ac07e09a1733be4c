"""A web server of our own, and a cache that is not the user's."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from striate import files


@dataclass
class Answer:
    """What the server says to a request."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Server:
    """A server on this machine: what it answers by path, and what it was asked for."""

    url: str
    answers: dict[str, Answer]
    asked: list[str]

    def says(self, path: str, body: bytes = b"", status: int = 200, **headers: str) -> str:
        """Answers so from now on; returns the address. An empty header is left out."""
        self.answers[path] = Answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()})
        return self.url + path


@pytest.fixture
def server() -> Iterator[Server]:
    answers: dict[str, Answer] = {}
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = answers.get(self.path, Answer(status=404))
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            with suppress(ConnectionError):  # whoever asked may leave in the middle
                self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Server(f"http://127.0.0.1:{serving.server_port}", answers, asked)
        serving.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that fetched weights go to."""
    monkeypatch.setattr(files, "user_cache_dir", lambda *_, **__: str(tmp_path / "cache"))
    return tmp_path / "cache" / "weights"
