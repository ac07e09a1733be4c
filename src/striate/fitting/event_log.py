"""The record of a training's events, a line each."""

from pathlib import Path

from striate.files import finite, json_text
from striate.fitting.events import Event, as_json


class EventLog:
    """events.jsonl, cut back to what it held when the checkpoint was written."""

    def __init__(self, path: Path, length: int) -> None:
        self.path = path
        self.path.touch()
        with self.path.open("r+b") as file:
            file.truncate(min(length, self.size()))

    def size(self) -> int:
        return self.path.stat().st_size

    def add(self, event: Event) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json_text(finite(as_json(event))) + "\n")
