"""What a training tells while it runs."""

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Fetching:
    """Published weights that were asked for are on their way."""

    name: ClassVar[str] = "fetching"
    source: str
    done: int  # bytes
    total: int | None


@dataclass(frozen=True)
class Reading:
    """Pictures are being read for the first time."""

    name: ClassVar[str] = "reading"
    part: str
    done: int
    total: int


@dataclass(frozen=True)
class Start:
    """Everything is decided and checked; the first step comes next."""

    name: ClassVar[str] = "start"
    run: str
    net: str
    parameters: int
    macs: int
    data: str
    classes: list[str]
    images: dict[str, int]  # by part
    skipped: dict[str, str]  # picture: reason
    notes: dict[str, list[str]]  # picture: what was done to it
    stray: list[str]
    compute: str
    recipe: dict[str, Any]
    seed: int
    epochs: int
    resumed_epoch: int | None  # the epoch, from 1, in which it goes on; None at a beginning
    estimated_seconds: float


@dataclass(frozen=True)
class Step:
    """A batch was learned; told a few times a second at most."""

    name: ClassVar[str] = "step"
    epoch: int  # from 1
    done: int  # pictures of this epoch
    total: int
    train_loss: float  # mean of the epoch so far
    images_per_second: float


@dataclass(frozen=True)
class Epoch:
    """An epoch was learned and tried on the validation pictures."""

    name: ClassVar[str] = "epoch"
    epoch: int  # from 1
    train_loss: float
    val_loss: float
    val_top1: float
    lr: float
    images_per_second: float
    best: bool
    seconds: float  # of work so far


@dataclass(frozen=True)
class End:
    """The training is over; the best network is saved and was tried on the test pictures, where there are any."""

    name: ClassVar[str] = "end"
    run: str
    best_top1: float
    best_epoch: int
    test_top1: float | None
    seconds: float
    images: dict[str, int] = field(default_factory=dict)
    epochs: int = 0  # trained; fewer than planned where the patience ended


Event = Fetching | Reading | Start | Step | Epoch | End


def as_json(event: Event) -> dict[str, Any]:
    """The event as plain values, its kind under ``event``."""
    return {"event": event.name, **asdict(event)}
