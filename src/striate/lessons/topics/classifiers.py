"""Classifiers that know nothing of pictures beside LeNet-5, on the same pictures; k-means and PCA without labels."""

from __future__ import annotations

import base64
import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from striate.foundations.classifiers import (
    KINDS,
    Clusters,
    Components,
    Pictures,
    Result,
    classify,
    clusters,
    components,
    rebuilt,
)
from striate.foundations.given import count
from striate.lessons.charts import COLOURS, Places, chart, choice, slider
from striate.lessons.parts import Chart, Heading, Lesson, Question, Say, Table, shown
from striate.lessons.small import BATCH, Sample, probabilities, sample, trained
from striate.lessons.written import paragraph
from striate.nets import CATALOGUE
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_NET = "lenet5_modern"
_COMPONENTS = (1, 2, 3, 5, 8, 12, 20, 30, 50)
_SIDE = 28
_ENLARGED = 4
_BY_HEART = 0.99  # of its own pictures that a method is right on
_LINEAR, _MORE = ("logistic", "svm"), 2000  # pictures, from which on LeNet-5 is ahead of them
_SHOWN, _WIDE = 4, 110  # pictures of the last chart


@dataclass(frozen=True)
class Options:
    """So few pictures that everything is done in seconds; more is asked for by --pictures."""

    pictures: int = 300
    test: int = 500
    steps: int = 120
    clusters: int = 10
    seed: int = 0


@dataclass(frozen=True)
class Trace:
    """Every classifier, the network, and what was found without labels."""

    results: tuple[Result, ...]
    clusters: Clusters
    components: Components


def lesson(options: Options) -> Lesson:
    for name, most in (("pictures", 3000), ("test", 2000), ("steps", 3000)):
        count(getattr(options, name), name, most=most)
    found = sample(options.pictures, options.test)
    results = (
        *(classify(kind, found.train, found.test, seed=options.seed) for kind in KINDS),
        _network(found, options),
    )
    most = min(_COMPONENTS[-1], len(found.train.labels))
    grouped = clusters(found.train, options.clusters, seed=options.seed)
    trace = Trace(results, grouped, components(found.train, most))
    logistic = next(each for each in results if each.kind == "logistic")
    return Lesson(
        "classifiers",
        (
            Say(_words("intro", train=len(found.train.labels), test=len(found.test.labels))),
            _explained(),
            Say(_words("tried", steps=options.steps, batch=BATCH)),
            Question(_words("ask_numbers"), _words("tell_numbers", value=logistic.numbers), expected=logistic.numbers),
            _table(results),
            Say(paragraph(*_meaning(results, len(found.train.labels)))),
            Chart(_words("chart"), _words(_tree_seen(results)), lambda language: _bars(results, language)),
            Question(_words("ask_shuffled"), _words("tell_shuffled")),
            Heading(_words("without")),
            Say(_words("means", clusters=grouped.clusters)),
            _groups(grouped, found.classes),
            Say(_words("purity", purity=f"{100 * grouped.purity:.1f}", rand=shown(grouped.adjusted_rand, 3))),
            Say(_words("pca", count=_SIDE**2)),
            _shares(trace.components),
            Chart(
                _words("rebuilt"),
                _words("rebuilt_summary"),
                lambda language: _rebuilt(trace.components, found.train, language),
            ),
        ),
        trace,
        more=(
            "learn classifiers --pictures 2000 --steps 1500",
            f"train --net {_NET} --epochs 5 --dry-run",
            "learn kinds",
        ),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.classifiers.{key}", values)


def _meaning(results: Sequence[Result], pictures: int) -> Iterator[Phrase]:
    """Who is ahead of the network, who knows its own pictures by heart, and what more pictures change."""
    others, network = results[:-1], results[-1]
    better = sum(each.accuracy > network.accuracy for each in others)
    known = sum(each.training_accuracy >= _BY_HEART for each in results)
    yield _words("meaning", train=pictures, better=better, known=known, share=round(100 * _BY_HEART))
    if pictures < _MORE and any(each.kind in _LINEAR and each.accuracy >= network.accuracy for each in others):
        yield _words("meaning_more")


def _tree_seen(results: Sequence[Result]) -> str:
    """What the chart shows of the tree: whether it is right on all that it has seen, and the worst on the rest."""
    tree = next(each for each in results if each.kind == "tree")
    worst = all(tree.accuracy < each.accuracy for each in results if each is not tree)
    return "chart_summary_tree" if worst and tree.training_accuracy == 1 else "chart_summary"


def _network(found: Sample, options: Options) -> Result:
    """LeNet-5 as it is taught, out of the catalogue, with the same pictures."""
    network = CATALOGUE[_NET].architecture().create(classes=10, input=(1, _SIDE, _SIDE), seed=options.seed)
    begun = time.perf_counter()
    trained(network, found.train, steps=options.steps, seed=options.seed)
    between = time.perf_counter()
    answers = probabilities(network, found.test).argmax(1)
    ended = time.perf_counter()
    parameters = sum(each.numel() for each in network.parameters())
    return Result(
        _NET,
        accuracy=float((answers == found.test.labels).mean()),
        training_accuracy=float((probabilities(network, found.train).argmax(1) == found.train.labels).mean()),
        fit_seconds=between - begun,
        answer_seconds=ended - between,
        numbers=parameters,
        bytes=4 * parameters,
        converged=False,
    )


def _explained() -> Table:
    body = tuple((_words(kind), _words(f"does.{kind}")) for kind in (*KINDS, _NET))
    return Table(("", _words("does")), body, left=2)


def _table(results: tuple[Result, ...]) -> Table:
    body = tuple(
        (
            _words(each.kind),
            f"{100 * each.training_accuracy:.1f} %",
            f"{100 * each.accuracy:.1f} %",
            f"{each.numbers:,}",
            f"{each.fit_seconds:.2f}",
            f"{each.answer_seconds:.3f}",
        )
        for each in results
    )
    head = ("", _words("seen"), _words("unseen"), _words("numbers"), _words("fit"), _words("answer"))
    return Table(head, body)


def _groups(found: Clusters, classes: tuple[str, ...]) -> Table:
    """Each cluster's two most frequent classes."""
    body = []
    for at, counts in enumerate(found.table, 1):
        ranked = sorted(range(len(counts)), key=lambda place: -counts[place])[:2]
        named = ", ".join(f"{classes[place]} {counts[place]}" for place in ranked if counts[place])
        body.append((str(at), named, str(sum(counts))))
    return Table((_words("cluster"), _words("holds"), _words("pictures")), tuple(body), left=2)


def _shares(found: Components) -> Table:
    body = tuple(
        (str(number), f"{100 * found.explained[number - 1]:.1f} %", f"{100 * found.cumulative[number - 1]:.1f} %")
        for number in _COMPONENTS
        if number <= len(found.explained)
    )
    return Table((_words("component"), _words("explains"), _words("so_far")), body, left=0)


def _bars(results: tuple[Result, ...], language: str) -> altair.TopLevelMixin:
    """Accuracy on pictures that were seen and on others, or the size, by classifier."""
    import altair

    measures = ("accuracy", "numbers", "fit_seconds")
    which = choice(
        "measure", say("lesson.classifiers.measure", language),
        {each: say(f"lesson.classifiers.by.{each}", language) for each in measures}, "accuracy",
    )  # fmt: skip
    kinds = [say(f"lesson.classifiers.{kind}", language) for kind in ("seen", "unseen", "whole")]
    names = {each.kind: say(f"lesson.classifiers.{each.kind}", language) for each in results}
    values: list[dict[str, Any]] = []
    for each in results:
        row = {"name": names[each.kind]}
        values += [
            {**row, "measure": "accuracy", "kind": kinds[0], "value": round(100 * each.training_accuracy, 1)},
            {**row, "measure": "accuracy", "kind": kinds[1], "value": round(100 * each.accuracy, 1)},
            {**row, "measure": "numbers", "kind": kinds[2], "value": each.numbers},
            {**row, "measure": "fit_seconds", "kind": kinds[2], "value": round(each.fit_seconds, 3)},
        ]
    here = chart(values).transform_filter("datum.measure == measure")
    x = altair.X("value:Q", title=None)
    y = altair.Y("name:N", title=None, sort=list(names.values()))
    colour = altair.Color(
        "kind:N", title=None, scale=altair.Scale(domain=kinds, range=list(COLOURS[:3])),
        legend=altair.Legend(orient="top", labelFontSize=12, labelLimit=300),
    )  # fmt: skip
    offset = altair.YOffset("kind:N", sort=kinds)
    bars = here.mark_bar().encode(x=x, y=y, yOffset=offset, color=colour)
    texts = here.mark_text(align="left", dx=4, fontSize=11).encode(
        x=x, y=y, yOffset=offset, text=altair.Text("value:Q", format=",")
    )
    return altair.layer(bars, texts).properties(width=340, height=300).add_params(which)


def _rebuilt(found: Components, pictures: Pictures, language: str) -> altair.TopLevelMixin:
    """Some pictures, and below each what is put together from the first components, for every number of them."""
    import altair

    last = sum(each <= len(found.explained) for each in _COMPONENTS) - 1
    place = slider("at", say("lesson.classifiers.step", language), min(4, last), Places(0, last, 1))
    here = chart(_enlarged(found, pictures.images[:_SHOWN] / 255, language)).transform_filter("datum.at == at")
    x = altair.X("x:Q", axis=None, scale=altair.Scale(domain=[-0.5, _SHOWN - 0.5], nice=False))
    y = altair.Y("row:N", title=None, sort=None)
    images = here.mark_image(width=_WIDE, height=_WIDE).encode(x=x, y=y, url="url:N")
    words = (
        here.transform_filter("datum.x == 0")
        .transform_calculate(text=f"datum.number + ' {say('lesson.classifiers.components', language)}'")
        .mark_text(align="left", x=0, y=-8, fontSize=13)
        .encode(text="text:N")
    )
    return altair.layer(images, words).properties(width=480, height=2 * _WIDE + 20).add_params(place)


def _enlarged(found: Components, images: np.ndarray, language: str) -> list[dict[str, Any]]:
    """A row a picture, as it is and put together again, for every number of components that there are."""
    names = [say(f"lesson.classifiers.{row}", language) for row in ("original", "again")]
    values = []
    for at, number in enumerate(each for each in _COMPONENTS if each <= len(found.explained)):
        for name, made in zip(names, (images, rebuilt(found, images, number)), strict=True):
            values += [
                {"at": at, "x": column, "url": _uri(each), "number": number, "row": name}
                for column, each in enumerate(made)
            ]
    return values


def _uri(values: np.ndarray) -> str:
    """A grey picture inside the page, its pixels enlarged."""
    grey = Image.fromarray((np.clip(values, 0, 1) * 255).round().astype(np.uint8))
    stream = io.BytesIO()
    grey.resize((_ENLARGED * _SIDE,) * 2, Image.Resampling.NEAREST).save(stream, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
