"""What a model sees in pictures."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from striate import compute
from striate.data.folder import pictures_below
from striate.data.pictures import Unreadable, decode
from striate.data.views import canvas
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
    model: Model | str | Path, pictures: str | Path | bytes | Iterable[str | Path], *, topk: int = 5
) -> list[Prediction]:
    """The likeliest classes of a picture, of every picture below a folder, of several of these, or of encoded bytes.

    Pictures are seen through the model's stored view. One that cannot be read has an error and no classes.
    """
    return list(predicting(model, pictures, topk=topk))


def predicting(
    model: Model | str | Path, pictures: str | Path | bytes | Iterable[str | Path], *, topk: int = 5
) -> Iterator[Prediction]:
    """As predict(), one by one as they are answered, in the order given."""
    ready = model if isinstance(model, Model) else Model.load(model)
    with ThreadPoolExecutor(compute.for_answers().threads) as pool:
        sources = _sources(pictures)
        while some := list(islice(sources, _AT_ONCE)):
            canvases = list(pool.map(lambda source: _canvas(source, ready), some))
            readable = [each for each in canvases if isinstance(each, Tensor)]
            answers = iter(ready.probabilities(torch.stack(readable))) if readable else iter(())
            for source, each in zip(some, canvases, strict=True):
                name = "-" if isinstance(source, bytes) else str(source)
                if isinstance(each, Tensor):
                    yield Prediction(name, _likeliest(next(answers), ready.classes, topk))
                else:
                    yield Prediction(name, (), each)


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


def _canvas(source: Path | bytes, model: Model) -> Tensor | str:
    """The canvas, or the key of the sentence that says why there is none."""
    if isinstance(source, Path) and not source.exists():
        return "unreadable.missing"
    try:
        return canvas(decode(source).image, model.view)
    except Unreadable as error:
        return f"unreadable.{error.reason}"


def _likeliest(probabilities: Tensor, classes: tuple[str, ...], count: int) -> tuple[Guess, ...]:
    scores, places = probabilities.topk(min(count, len(classes)))
    return tuple(Guess(classes[at], score) for at, score in zip(places.tolist(), scores.tolist(), strict=True))
