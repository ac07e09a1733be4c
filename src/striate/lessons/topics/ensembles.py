"""Several networks as one: the mean of their probabilities beside each alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from striate.foundations.ensembles import Mean, Together, averaged, majority, together
from striate.foundations.given import count
from striate.lessons.charts import COLOURS, Places, chart, slider
from striate.lessons.options import Numbers
from striate.lessons.parts import Chart, Formula, Heading, Lesson, Part, Question, Say, Table, shown
from striate.lessons.small import probabilities, sample, trained
from striate.lessons.written import paragraph
from striate.nets import CATALOGUE
from striate.words import Phrase, say

if TYPE_CHECKING:
    import altair

_STEPS = 60  # of each member's training
_MOST = 12
_HIDDEN = 32
_TEST = 1000

_GOOGLENET = ((1, 10, "9.15"), (1, 144, "7.89"), (7, 144, "6.67"))
"""Networks, crops and top-5 error in percent (Szegedy et al. 2015, Table 3), those that other papers print again."""


@dataclass(frozen=True)
class Options:
    """What three members give the true class, and how many networks are trained."""

    given: Numbers = (0.6, 0.2, 0.9)
    members: int = 7
    pictures: int = 300
    seed: int = 0


@dataclass(frozen=True)
class Trace:
    """The mean of one case, and of networks that were trained for this lesson."""

    mean: Mean
    together: tuple[Together, ...]


def lesson(options: Options) -> Lesson:
    count(options.members, "members", most=_MOST)
    trace = Trace(averaged(options.given), _networks(options))
    return Lesson(
        "ensembles",
        (
            Say(_intro(options.given)),
            *_one_case(trace.mean),
            Say(_words("jensen")),
            Heading(_words("trained")),
            Say(
                _words(
                    "how" if options.members > 1 else "how_one",
                    members=options.members,
                    hidden=_HIDDEN,
                    pictures=options.pictures,
                    test=_TEST,
                )
            ),
            _table(trace.together),
            Say(paragraph(*_gain(trace.together))),
            Chart(_words("chart"), _words(_most(trace.together)), lambda language: _chart(trace.together, language)),
            Heading(_words("independent")),
            Say(_words("condorcet")),
            Formula(_votes()),
            Question(_words("ask_majority"), _words("tell_majority"), expected=majority(3, 0.8)),
            Say(_words("not_independent")),
            Heading(_words("papers")),
            *_papers(),
            Say(_words("price")),
        ),
        trace,
        more=("learn ensembles --given 0.9,0.9,0.1", "learn ensembles --members 12", "ensemble --help"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.ensembles.{key}", values)


def _intro(given: Numbers) -> Phrase:
    """The notes' three networks, or those of a person's own numbers, of which nobody knows who is wrong."""
    if given == Options.given:
        return _words("intro")
    return _words("intro_own", count=len(given)) if len(given) > 1 else _words("intro_one")


def _networks(options: Options) -> tuple[Together, ...]:
    """Networks that differ in their first weights and in the order of the pictures."""
    pictures = sample(options.pictures, _TEST)
    answers = []
    for member in range(options.members):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed * _MOST + member)
            network = nn.Sequential(nn.Flatten(), nn.Linear(784, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, 10))
        trained(network, pictures.train, steps=_STEPS, seed=options.seed * _MOST + member)
        answers.append(probabilities(network, pictures.test))
    return together(np.stack(answers), pictures.test.labels)


def _one_case(mean: Mean) -> tuple[Part, ...]:
    given = " + ".join(map(shown, mean.given))
    losses = " + ".join(shown(each, 4) for each in mean.losses)
    body = tuple(
        (str(at), shown(p), shown(loss, 5)) for at, (p, loss) in enumerate(zip(mean.given, mean.losses, strict=True), 1)
    )
    lines = (
        "p̄ = Σ pᵢ / n",
        f"  = ({given}) / {len(mean.given)} = {shown(mean.mean)}",
        f"−ln p̄ = {shown(mean.loss)}",
        f"Σ −ln pᵢ / n = ({losses}) / {len(mean.given)} = {shown(mean.mean_loss)}",
    )
    same = len(set(mean.given)) == 1
    asked = Question(
        _words("ask_mean"),
        _words("tell_mean_same" if same else "tell_mean", value=shown(mean.loss)),
        expected=mean.loss,
    )
    return Table((_words("member"), "pᵢ", "−ln pᵢ"), body, left=0), asked, Formula(lines)


def _table(found: tuple[Together, ...]) -> Table:
    body = tuple(
        (
            str(each.members),
            f"{100 * each.member_accuracy:.1f} %",
            f"{100 * each.accuracy:.1f} %",
            f"{100 * each.vote_accuracy:.1f} %",
            f"{each.member_loss:.4f}",
            f"{each.loss:.4f}",
        )
        for each in found
    )
    columns = ("members", "member_accuracy", "accuracy", "vote_accuracy", "member_loss", "loss")
    return Table(tuple(map(_words, columns)), body, left=0)


def _gain(found: tuple[Together, ...]) -> Iterator[Phrase]:
    last = found[-1]
    if last.members > 1:
        yield _words("vote")
    yield _words(
        "gain" if last.members > 1 else "gain_one",
        members=last.members, alone=f"{100 * last.member_accuracy:.1f}", whole=f"{100 * last.accuracy:.1f}",
        loss=f"{last.member_loss - last.loss:.4f}",
    )  # fmt: skip


def _most(found: tuple[Together, ...]) -> str:
    """What the chart shows: that three members have most of the gain, where there are more and they have it."""
    gains = [each.member_loss - each.loss for each in found]
    return "chart_summary_three" if len(gains) > 3 and gains[2] > gains[-1] / 2 else "chart_summary"


def _votes() -> tuple[str, ...]:
    lines = ["P = Σ C(n, k) · pᵏ · (1 − p)ⁿ⁻ᵏ   for k > n / 2"]
    lines += [f"n = {members}, p = 0.6:  P = {shown(majority(members, 0.6), 4)}" for members in (1, 3, 7, 21)]
    lines += [f"n = {members}, p = 0.4:  P = {shown(majority(members, 0.4), 4)}" for members in (7, 21)]
    return tuple(lines)


def _papers() -> tuple[Part, ...]:
    """AlexNet's lines as the catalogue has them, GoogLeNet's table."""
    printed = [
        each
        for name in ("alexnet", "alexnet_conv6")
        for each in CATALOGUE[name].architecture().published
        if each.top5 is not None
    ]
    alexnet = Table(
        ("AlexNet", "top5"), tuple((each.setting, f"{each.top5} %") for each in printed), caption=_words("alexnet")
    )
    body = tuple((str(networks), str(crops), f"{error} %") for networks, crops, error in _GOOGLENET)
    google = Table((_words("networks"), _words("crops"), "top5"), body, left=0, caption=_words("googlenet"))
    return alexnet, google


def _chart(found: tuple[Together, ...], language: str) -> altair.TopLevelMixin:
    """Loss and accuracy of the members and of their mean, for every number of them."""
    import altair

    members = slider("members", say("lesson.ensembles.members", language), min(3, len(found)), Places(1, len(found), 1))
    names = {"alone": "members_alone", "mean": "mean_of_all"}
    kinds = {key: say(f"lesson.ensembles.{name}", language) for key, name in names.items()}
    values = []
    for each in found:
        for kind, accuracy, loss in (
            ("alone", each.member_accuracy, each.member_loss),
            ("mean", each.accuracy, each.loss),
        ):
            row = {"members": each.members, "kind": kinds[kind]}
            values.append({**row, "accuracy": round(100 * accuracy, 2), "loss": round(loss, 4)})
    colour = altair.Color(
        "kind:N", title=None, scale=altair.Scale(domain=list(kinds.values()), range=list(COLOURS[:2])),
        legend=altair.Legend(orient="top", labelFontSize=12, labelLimit=300),
    )  # fmt: skip
    panels = []
    for field, title in (("accuracy", "accuracy_axis"), ("loss", "loss_axis")):
        x = altair.X("members:Q", title=say("lesson.ensembles.members", language), axis=altair.Axis(tickMinStep=1))
        y = altair.Y(f"{field}:Q", title=say(f"lesson.ensembles.{title}", language), scale=altair.Scale(zero=False))
        here = chart(values).transform_filter("datum.members == members")
        panels.append(
            altair.layer(
                chart(values).mark_line(opacity=0.5).encode(x=x, y=y, color=colour),
                here.mark_point(filled=True, size=160, opacity=1).encode(x=x, y=y, color=colour),
                here.mark_text(dy=-14, fontSize=12).encode(x=x, y=y, text=f"{field}:Q"),
            ).properties(width=210, height=220)
        )
    return altair.hconcat(*panels).add_params(members)
