"""What a model sees in pictures."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from torch import Tensor

from striate import compute
from striate.crops import Crops, Scheme
from striate.data.crops import Cuts
from striate.data.folder import pictures_below
from striate.data.pictures import Unreadable, decode
from striate.fitting.answering import Looking, looking
from striate.model import Model
from striate.words import say

_AT_ONCE = 16


@dataclass(frozen=True)
class Guess:
    """A class and its probability."""

    label: str
    score: float


@dataclass(frozen=True)
class Prediction:
    """The likeliest classes of one picture, or why there are none."""

    image: str
    top: tuple[Guess, ...]
    error: str | None = None  # the key of a sentence in the message catalogue

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract."""
        top = [{"label": guess.label, "score": guess.score} for guess in self.top]
        return {"image": self.image, "top": top, "error": say(self.error) if self.error else None}


def predict(
    model: Model | str | Path,
    pictures: str | Path | bytes | Iterable[str | Path],
    *,
    topk: int = 5,
    crops: Crops | Scheme = 1,
) -> list[Prediction]:
    """The likeliest classes of a picture, of every picture below a folder, of several of these, or of encoded bytes.

    Pictures are seen through the model's stored view; with several ``crops``, the probabilities are their mean. A
    picture that cannot be read has an error and no classes.
    """
    return list(predicting(model, pictures, topk=topk, crops=crops))


def predicting(
    model: Model | str | Path,
    pictures: str | Path | bytes | Iterable[str | Path],
    *,
    topk: int = 5,
    crops: Crops | Scheme = 1,
) -> Iterator[Prediction]:
    """As predict(), one by one as they are answered, in the order given."""
    look = looking(model if isinstance(model, Model) else Model.load(model), crops)
    classes = look.model.classes
    with ThreadPoolExecutor(compute.for_answers().threads) as pool:
        sources = _sources(pictures)
        while some := list(islice(sources, min(_AT_ONCE, look.at_once))):
            found = list(pool.map(lambda source: _cuts(source, look), some))
            readable = [each for each in found if not isinstance(each, str)]
            answers = iter(look.scores(readable).softmax(-1)) if readable else iter(())
            for source, each in zip(some, found, strict=True):
                name = "-" if isinstance(source, bytes) else str(source)
                if isinstance(each, str):
                    yield Prediction(name, (), each)
                else:
                    yield Prediction(name, _likeliest(next(answers), classes, topk))


def _sources(pictures: str | Path | bytes | Iterable[str | Path]) -> Iterator[Path | bytes]:
    if isinstance(pictures, bytes):
        yield pictures
        return
    for each in (pictures,) if isinstance(pictures, str | Path) else pictures:
        path = Path(each)
        if path.is_dir():
            yield from pictures_below(path)
        else:
            yield path


def _cuts(source: Path | bytes, look: Looking) -> Cuts | str:
    """What the network is to see, or the key of the sentence that says why there is nothing to see."""
    try:
        return look.cut(decode(source, look.least).image)
    except Unreadable as error:
        return f"unreadable.{error.reason}"


def _likeliest(probabilities: Tensor, classes: tuple[str, ...], count: int) -> tuple[Guess, ...]:
    scores, places = probabilities.topk(min(count, len(classes)))
    return tuple(Guess(classes[at], score) for at, score in zip(places.tolist(), scores.tolist(), strict=True))
