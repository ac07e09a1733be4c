"""``--download``: published weights and sets on their way, told on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from striate.nets import CATALOGUE, find
from striate.words import say

if TYPE_CHECKING:
    from striate.fitting.events import Fetching
    from striate.model import Model
    from striate.published.fetching import Progress


def chosen(model: str, weights: str | None, language: str, *, download: bool) -> str | Model:
    """What a person means by MODEL, with --weights and --download; weights that are named are fetched."""
    from striate.model import Model
    from striate.published.start import PRETRAINED, is_file

    if download or (weights is not None and not is_file(weights)):
        fetch_for(model, weights or PRETRAINED, language)
    return model if weights is None else Model.load(model, weights=weights)


def told(event: Fetching, language: str) -> str:
    """The line that says which weights are being fetched."""
    size = "..." if event.total is None else f"{event.total / 1e6:,.0f} MB"
    return say("fetch.weights", language, source=event.source, size=size)


def fetch_set(name: str, language: str) -> None:
    """Fetches a set by its name, where it is not at hand; Misuse for what is not to be fetched, such as a folder."""
    from striate.data import named
    from striate.data.named import downloading

    remote = named.REMOTES.get(name)
    if remote is not None and not remote.at_hand(name):
        size = f"{remote.size / 1e6:,.0f} MB"
        print(say("fetch.set", language, name=name, size=size), file=sys.stderr, flush=True)
    _watched(downloading(name), language)


def fetch_for(model: str, name: str, language: str) -> None:
    """Fetches a network's published weights where they are not at hand; a run or a model folder has its own."""
    from striate.model import folder_of
    from striate.published.start import is_file, megabytes, named, wanting

    if is_file(name) or model not in CATALOGUE or folder_of(model) is not None:
        return
    architecture = find(model).architecture()
    weights = named(architecture, name)
    if weights.at_hand():
        return
    size = f"{megabytes(architecture, weights)} MB"
    print(say("fetch.weights", language, source=weights.source, size=size), file=sys.stderr, flush=True)
    _watched(wanting(architecture, weights), language)


def _watched(work: Iterable[Progress], language: str) -> None:
    """Fetches to the end, with a bar on a terminal."""
    from rich.console import Console
    from rich.progress import DownloadColumn, TransferSpeedColumn

    from striate.cli.waiting import bar_on

    with bar_on(Console(stderr=True), DownloadColumn(), TransferSpeedColumn()) as bar:
        task = bar.add_task(say("fetch.bar", language), total=None)
        for progress in work:
            bar.update(task, completed=progress.done, total=progress.total)
