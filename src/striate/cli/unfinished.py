"""The note that a run, whose best model so far answers, has not come to its end."""

import sys
from pathlib import Path

from striate.fitting.checkpoints import epochs_done
from striate.problem import Misuse, Problem
from striate.run import Run
from striate.words import say
from striate.words.shell import quoted


def note_unfinished(source: str, language: str) -> None:
    """Says on stderr how far a run is that has a model and is not finished; of anything else nothing."""
    run = Run(Path(source))
    if not (run.path / "config.json").is_file() or not run.model.is_dir():
        return
    try:
        finished, epochs = run.finished, run.job().recipe.epochs
    except Problem:  # what is damaged beside the model keeps it from no answer
        return
    if finished:
        return
    epoch = min(epochs_done(run.checkpoints) + 1, epochs)
    key = "run.going_on" if _is_going_on(run) else "run.stopped"
    print(say(key, language, epoch=epoch, epochs=epochs, run=quoted(source)), file=sys.stderr, flush=True)


def _is_going_on(run: Run) -> bool:
    """Whether a training has it; one that was killed left it as running, too."""
    if run.summary.get("status") != "running":
        return False
    try:
        with run.held():
            return False
    except Misuse:
        return True
