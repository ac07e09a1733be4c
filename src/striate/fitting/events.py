"""What a training tells while it runs."""

from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from striate.data.leaks import Kinship
from striate.words import DEFAULT_LANGUAGE, Phrase, say


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
    class_images: list[int] = field(default_factory=list)  # training pictures of each class
    emphasis: list[float] | None = None  # of each class, by how much a picture of it counts for more; None without
    workers: int | None = None  # processes that decode, 0 for this one; None where the pictures are held in memory
    kinship: Kinship | None = None  # what parts have in common, where it was looked at
    remarks: tuple[Phrase, ...] = ()  # what else a person should know of the data


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
class Trouble:
    """Something is wrong; each kind is told once in a sitting."""

    name: ClassVar[str] = "trouble"
    kind: str  # what was seen
    cause: str
    row: str | None
    epoch: int  # from 1
    step: int  # of the epoch, from 1
    values: dict[str, float | int | str | None]

    @property
    def seen(self) -> Phrase:
        nowhere = Phrase("trouble.pictures" if self.cause == "inputs_not_finite" else "trouble.some_row")
        return Phrase(f"trouble.{self.kind}", {**_short(self.values), "row": self.row or nowhere})

    @property
    def why(self) -> Phrase:
        return Phrase(f"trouble.cause.{self.cause}", _short(self.values))

    @property
    def remedy(self) -> Phrase:
        """What to type next."""
        return Phrase(f"trouble.cause.{self.cause}.try", _short(self.values))

    def text(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What was seen, why, and what to type next, in a language of the catalogue."""
        head = say("trouble.head", language, epoch=self.epoch, step=self.step, seen=self.seen.text(language))
        lines = ((say("label.cause", language), self.why), (say("label.try", language), self.remedy))
        return "\n".join([head, *(f"  {label}  {phrase.text(language)}" for label, phrase in lines)])


def _short(values: dict[str, float | int | str | None]) -> dict[str, object]:
    """The values as people read them: three digits that count."""
    return {name: f"{value:.3g}" if isinstance(value, float) else value for name, value in values.items()}


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
    recall: list[float | None] = field(default_factory=list)  # of each class: on the test pictures, else on validation


Event = Fetching | Reading | Start | Step | Trouble | Epoch | End


def as_json(event: Event) -> dict[str, Any]:
    """The event as plain values, its kind under ``event``; of a trouble also the text, and remarks as texts alone."""
    values = {"event": event.name, **asdict(event)}
    if isinstance(event, Start):
        values["remarks"] = [remark.text() for remark in event.remarks]
    return {**values, "text": event.text()} if isinstance(event, Trouble) else values
