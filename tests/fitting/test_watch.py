"""The watch names what is wrong with a training, keeps quiet where nothing is, and changes no bit of it."""

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any, get_args

import pytest
import torch
from healthy import HEALTHY
from planted import PLANTED
from torch.utils._python_dispatch import TorchDispatchMode
from trainings import Case, digits, fit_of, garments, grey, own, plain_net, tanh_net

from striate.fitting.course import Cause
from striate.fitting.events import Trouble, as_json
from striate.fitting.steps import Fit, steps
from striate.fitting.verdicts import Finding, Kind
from striate.fitting.watch import Unwatched, Watch
from striate.problem import Failed
from striate.recipe import SGD, Adam
from striate.run import Run
from striate.verbs.train import resuming, training
from striate.words import LANGUAGES, has


def marked(cases: Iterable[Case]) -> list[object]:
    return [pytest.param(case, id=case.name, marks=pytest.mark.slow if case.slow else ()) for case in cases]


def ran(fit: Fit, count: int) -> tuple[list[float], list[Finding]]:
    """The losses of so many steps, or until there is none, and what the watch found."""
    losses: list[float] = []
    found: list[Finding] = []
    epoch = 0
    while len(losses) < count:
        for loss, _ in steps(fit, epoch):
            losses.append(float(loss))
            found += fit.watch.findings()
            if len(losses) == count or not math.isfinite(losses[-1]):
                break
        if not math.isfinite(losses[-1]):
            break
        epoch += 1
    fit.watch.read()  # as before a checkpoint
    return losses, found + fit.watch.findings()


def case_named(name: str) -> Case:
    return next(case for case in (*PLANTED, *HEALTHY) if case.name == name)


# Naming


@pytest.mark.parametrize("case", marked(PLANTED))
def test_the_cause_of_a_planted_failure_is_named_and_no_other(case: Case) -> None:
    _, found = ran(fit_of(case), case.steps)
    assert {finding.cause for finding in found} == {case.cause}


@pytest.mark.parametrize("case", marked(HEALTHY))
def test_nothing_is_said_of_a_healthy_training_which_learns(case: Case) -> None:
    losses, found = ran(fit_of(case), case.steps)
    tenth = max(1, len(losses) // 10)
    assert fmean(losses[-tenth:]) < 0.9 * fmean(losses[:tenth])
    assert found == []


def test_there_are_twenty_of_each_or_more_and_every_kind_of_failure_is_among_them() -> None:
    assert len(HEALTHY) == 30
    assert len(PLANTED) >= 20
    assert sum(not case.slow for case in HEALTHY) >= 8
    assert sum(not case.slow for case in PLANTED) >= 8
    assert {case.cause for case in PLANTED} == set(get_args(Cause))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["alexnet_owt as torchvision has it", "VGG-16, unit pixels", "GoogLeNet, unit pixels"])
def test_the_well_known_stuck_networks_stand_at_the_loss_of_guessing(name: str) -> None:
    case = case_named(name)
    losses, found = ran(fit_of(case), case.steps)
    assert fmean(losses[-10:]) == pytest.approx(math.log(32), rel=0.01)
    assert [finding.kind for finding in found] == ["stuck"]
    assert found[0].step == 20


@pytest.mark.slow
def test_vgg16_with_the_printed_variance_explodes_in_the_first_step() -> None:
    _, found = ran(fit_of(case_named("VGG-16 with the printed variance of 0.01")), 12)
    assert (found[0].kind, found[0].step) == ("exploding", 0)
    loss = found[0].values["loss"]
    assert isinstance(loss, float)
    assert loss > 1e6


@pytest.mark.parametrize(
    ("name", "kind", "row"),
    [
        ("a logarithm of zero", "not_finite", "odd"),
        ("a distance of zero", "not_finite", "conv2.conv"),
        ("a weight that is not a number", "not_finite", "conv2_1.conv"),
        ("one dead row", "dead", "conv3_1.relu"),
        ("first rows without gradient", "frozen", "conv1_1.conv"),
        ("a gradient that is cut off", "frozen", "conv1.conv"),
    ],
)
def test_the_row_is_named_where_it_began(name: str, kind: str, row: str) -> None:
    _, found = ran(fit_of(case_named(name)), 10)
    assert [(finding.kind, finding.row) for finding in found] == [(kind, row)]


def test_a_kind_is_told_once() -> None:
    _, found = ran(fit_of(case_named("SGD at 5")), 60)
    assert len({finding.kind for finding in found}) == len(found)


# Leaving alone


@pytest.mark.parametrize("case", [case_named("SGD at 1, tanh"), Case("dropout", "deepconvnet", digits, steps=25)])
def test_a_training_that_is_watched_comes_out_the_same_to_the_bit(case: Case) -> None:
    before = torch.get_rng_state()
    watched, alone = fit_of(case), replace(fit_of(case), watch=Unwatched())
    losses = ran(watched, 25)[0], ran(alone, 25)[0]
    assert losses[0] == losses[1]
    for one, other in zip(watched.trained.state_dict().values(), alone.trained.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    assert torch.equal(before, torch.get_rng_state())


def test_hooks_are_there_only_while_a_step_is_looked_at() -> None:
    fit = fit_of(Case("a few steps", "deepconvnet", garments, steps=5))
    ran(fit, 3)
    assert all(not module._forward_hooks for module in fit.trained.modules())


def test_a_network_that_fails_in_a_step_keeps_no_hooks() -> None:
    fit = fit_of(Case("a few steps", "deepconvnet", garments, steps=5))
    fit.watch.at(0, 0)
    fit.watch.given(torch.zeros(2, 1, 28, 28, dtype=torch.uint8))
    with pytest.raises(RuntimeError), fit.watch.seeing():
        fit.trained(torch.zeros(2, 3, 5, 5))
    assert all(not module._forward_hooks for module in fit.trained.modules())


def test_it_looks_closely_at_first_then_rarely_and_between_does_nothing() -> None:
    fit = fit_of(Case("300 steps", own(tanh_net, grey(28)), lambda: garments().first(64), steps=300))
    ran(fit, 300)
    watch = fit.watch
    assert isinstance(watch, Watch)
    assert [look.step for look in watch.course.looks] == [*range(21), *range(30, 201, 10), 250]
    every = range(100_000)
    watch.steps_seen = 1000
    due = []
    for step in every:
        watch.at(0, step)
        due.append(watch.due())
    assert sum(due) < 0.01 * len(every)
    watch.at(0, 99_999)
    watch.look(torch.tensor(torch.nan), torch.empty(0), torch.empty(0))  # would fail if it looked
    assert watch.course.last.step == 250


class Reads(TorchDispatchMode):
    """Counts how often a value is read, for which a GPU has to wait."""

    count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += func is torch.ops.aten._local_scalar_dense.default
        return func(*args, **(kwargs or {}))


def test_between_looks_no_value_is_read_where_that_would_make_the_device_wait() -> None:
    fit = fit_of(Case("300 steps", own(plain_net, grey(28)), garments, steps=300))
    watch, between = fit.watch, Reads()
    assert isinstance(watch, Watch)
    assert watch.at_once  # on the CPU
    watch.at_once = False
    watch.steps_seen = 1000  # long after the first steps
    walk = steps(fit, 11, 1)  # 19 steps an epoch, so this is the 210th; looks come at 250 and every 50 from then on
    with between:
        for _ in range(5):
            next(walk)
    assert between.count == 0
    assert [step for step, _ in watch.unread] == [210, 211, 212, 213, 214]
    assert not watch.read()
    assert watch.unread == []


@pytest.mark.parametrize("at_once", [True, False])
def test_a_loss_that_is_no_number_is_named_at_the_step_where_it_was_whenever_it_is_read(at_once: bool) -> None:
    fit = fit_of(case_named("a number that was none between two looks"))
    assert isinstance(fit.watch, Watch)
    fit.watch.at_once = at_once
    losses, found = ran(fit, 40)
    assert (len(losses), math.isfinite(losses[-2]), math.isfinite(losses[-1])) == (24, True, False)
    assert [(finding.kind, finding.step) for finding in found] == [("not_finite", 23)]
    assert found[0].row == ("odd" if at_once else None)


def test_losses_that_are_read_late_are_read_before_an_epoch_ends() -> None:
    fit = fit_of(case_named("a number that was none between two looks"))
    assert isinstance(fit.watch, Watch)
    fit.watch.at_once, fit.watch.steps_seen = False, 1000
    for epoch in range(5):  # of five steps each, the last of which is not looked at
        list(steps(fit, epoch))
    assert fit.watch.fatal is not None
    assert fit.watch.fatal.step == 23


def test_a_resumed_sitting_is_looked_at_closely_again_and_its_beginning_is_not_taken_for_the_first_step() -> None:
    fit = fit_of(Case("later", own(plain_net, grey(28)), garments, steps=300))
    list(steps(fit, 10, 5))
    watch = fit.watch
    assert isinstance(watch, Watch)
    assert [look.step for look in watch.course.looks][:3] == [195, 196, 197]
    assert not watch.course.from_the_start


def test_a_set_of_one_class_is_named_at_the_first_look_and_a_sample_of_one_class_never_is() -> None:
    _, found = ran(fit_of(case_named("one label for all")), 1)
    assert [(finding.kind, finding.values["count"]) for finding in found] == [("one_label", 300)]
    rare = replace(garments(), labels=torch.cat((torch.full((1199,), 3), torch.tensor([4]))))
    fit = fit_of(Case("one picture of another class", "deepconvnet", lambda: rare, steps=38))
    assert isinstance(fit.watch, Watch)
    ran(fit, 19)  # an epoch, of which the watch saw 1,199 pictures of one class and perhaps the other one
    assert "one_label" not in fit.watch.told


def test_rows_that_are_meant_to_stay_are_no_trouble() -> None:
    case = case_named("first rows without gradient")
    fit = fit_of(case)
    assert isinstance(fit.watch, Watch)
    fit.watch.meant = {id(each) for each in fit.trained.parameters() if not each.requires_grad}
    assert ran(fit, case.steps)[1] == []


# Telling


def test_every_kind_and_every_cause_has_words() -> None:
    for kind in get_args(Kind):
        assert has(f"trouble.{kind}"), kind
    for cause in get_args(Cause):
        assert has(f"trouble.cause.{cause}"), cause
        assert has(f"trouble.cause.{cause}.try"), cause


@pytest.mark.parametrize("name", [case.name for case in PLANTED if case.steps <= 60 and not case.slow][::3])
def test_a_finding_can_be_said_in_both_languages(name: str) -> None:
    _, found = ran(fit_of(case_named(name)), 40)
    for finding in found:
        told = Trouble(finding.kind, finding.cause, finding.row, 1, finding.step + 1, finding.values)
        for language in LANGUAGES:
            lines = told.text(language).splitlines()
            assert len(lines) == 3
            assert all("{" not in line for line in lines)


def test_a_training_tells_its_trouble_as_an_event_and_in_its_log(garments: Path, tmp_path: Path) -> None:
    recipe = replace(fit_of(case_named("SGD at 5")).recipe, epochs=4, batch=4)
    events = list(training(garments, net="lenet5_modern", recipe=recipe, out=tmp_path / "r"))
    troubles = [event for event in events if isinstance(event, Trouble)]
    assert troubles
    assert troubles[0].cause == "lr_high"
    told = as_json(troubles[0])
    assert {"event", "kind", "cause", "row", "step", "epoch", "values", "text"} == set(told)
    assert told["event"] == "trouble"
    assert "--lr 0.1 " in told["text"]
    logged = Run.open(tmp_path / "r").events.read_text(encoding="utf-8")
    assert logged.count('"event": "trouble"') == len(troubles)


LOGARITHM = """
import torch
from striate.layers import chain, conv_relu, flatten, linear

INPUT = (1, 28, 28)


class Log(torch.nn.Module):
    def forward(self, x):
        return x.log()


def net(classes):
    return chain(conv1=conv_relu(8, 3), log2=lambda shape: Log(), flat=flatten(), fc=linear(classes))
"""


def test_a_loss_that_is_not_finite_is_told_with_the_row_and_the_cause(tmp_path: Path, garments: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(LOGARITHM)
    with pytest.raises(Failed) as raised:
        list(training(garments, net=f"{mine}:net", epochs=1, out=tmp_path / "r"))
    assert "epoch 1, step 1" in str(raised.value)
    assert "log2" in str(raised.value)
    assert "logarithm" in str(raised.value)
    assert "로그" in raised.value.text("ko")


def test_a_step_that_never_was_is_not_saved_by_who_stops_at_its_trouble(tmp_path: Path, garments: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(LOGARITHM)
    events = training(garments, net=f"{mine}:net", epochs=1, out=tmp_path / "r")
    assert any(isinstance(event, Trouble) and event.kind == "not_finite" for event in events)
    events.close()
    run = Run.open(tmp_path / "r")
    assert run.summary["status"] == "stopped"
    assert not list(run.checkpoints.glob("*"))
    with pytest.raises(Failed, match="epoch 1, step 1"):
        list(resuming(run.path))


@pytest.mark.parametrize(("optimiser", "lower"), [(Adam(3.0), 0.002), (Adam(0.001), 0.0001), (SGD(5.0), 0.1)])
def test_a_lower_rate_to_try_is_one_that_the_optimiser_is_used_at(optimiser: Adam | SGD, lower: float) -> None:
    case = next(each for each in PLANTED if each.name == "Adam at 1")
    watch = fit_of(replace(case, change=lambda recipe: replace(recipe, optimiser=optimiser))).watch
    assert isinstance(watch, Watch)
    told = watch._with_rates(Finding("diverging", "lr_high", None, 3, {}))
    assert told.values["lower"] == pytest.approx(lower)
