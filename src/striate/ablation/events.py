"""What an experiment tells while it runs."""

from dataclasses import dataclass
from typing import ClassVar

from striate.ablation.folder import Outcome
from striate.ablation.results import Results
from striate.fitting import events as training


@dataclass(frozen=True)
class Begin:
    """Everything is checked; the first run that is not there yet comes next."""

    name: ClassVar[str] = "begin"
    folder: str
    runs: int
    there: int  # of them over already


@dataclass(frozen=True)
class Inside:
    """Something happened within a run."""

    name: ClassVar[str] = "inside"
    arm: str
    seed: int
    number: int  # of the run, from 1
    runs: int
    share: float  # of the whole experiment's work that is done
    event: training.Event


@dataclass(frozen=True)
class Over:
    """A run is over: it has just ended, or was there already."""

    name: ClassVar[str] = "run"
    number: int
    runs: int
    outcome: Outcome
    there: bool


@dataclass(frozen=True)
class Finish:
    """All runs are over, or a folder was only to be shown."""

    name: ClassVar[str] = "finish"
    results: Results


Event = Begin | Inside | Over | Finish
