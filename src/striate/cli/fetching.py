"""``--download``: published weights on their way, told on stderr."""

import sys

from striate.nets import CATALOGUE, find
from striate.words import say


def fetch_for(model: str, language: str) -> None:
    """Fetches a network's published weights where they are not at hand; a run or a model folder has its own."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    from striate.model import folder_of
    from striate.published.start import PRETRAINED, megabytes, named, wanting

    if model not in CATALOGUE or folder_of(model) is not None:
        return
    architecture = find(model).architecture()
    weights = named(architecture, PRETRAINED)
    if weights.at_hand():
        return
    size = f"{megabytes(architecture, weights)} MB"
    print(say("fetch.weights", language, source=weights.source, size=size), file=sys.stderr, flush=True)
    console = Console(stderr=True)
    columns = (BarColumn(24), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        for progress in wanting(architecture, weights):
            bar.update(task, completed=progress.done, total=progress.total)
