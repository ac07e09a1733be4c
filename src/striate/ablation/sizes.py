"""How large a planned experiment is, before anything is trained."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from striate.ablation.plan import Arm, Plan
from striate.data.folder import Found
from striate.data.sets import open_set
from striate.data.split import Divided, fingerprint
from striate.fitting.making import input_of
from striate.fitting.planning import divided_for, planned_on
from striate.layers.trace import trace
from striate.problem import BadData, Misuse, Problem
from striate.recipe import View
from striate.words import Phrase

RATE = 15e9
"""Multiply-accumulates of a forward pass that training with its backward pass gets through in a second (assumed)."""

_ASIDE = 1e-4  # seconds a picture takes beside its multiply-accumulates (assumed)
_NOT_THERE = ("problem.data.missing", "problem.data.not_here")
_ANSWERED = 0.5  # a picture that is only answered, against one that is learned (assumed: float32 for bfloat16)


@dataclass(frozen=True)
class Sized:
    """An arm with what one of its runs costs."""

    arm: Arm
    parameters: int
    macs: int  # of one picture's way forward
    epochs: int
    images: dict[str, int]  # by part

    @property
    def seconds(self) -> float:
        """Of one run, roughly."""
        answered = self.epochs * self.images["val"] + self.images.get("test", 0)
        return (self.epochs * self.images["train"] + _ANSWERED * answered) * (self.macs / RATE + _ASIDE)


def settled(plan: Plan) -> tuple[Plan, tuple[Sized, ...]]:
    """The plan with its data found, its networks pinned and its recipes whole, and each arm's size; writes nothing.

    Misuse and BadData for what could not be trained: unknown networks, recipes and pictures, shapes that do not fit.
    """
    source, found = _found(plan.data, plan.folder)
    divided = divided_for(found, plan.seeds[0], plan.limit)
    sized = tuple(_sized(arm, divided, plan) for arm in plan.arms)
    arms = tuple(each.arm for each in sized)
    return replace(plan, data=(source,), fingerprint=fingerprint(divided), arms=arms), sized


def _found(data: Sequence[str], folder: Path) -> tuple[str, Found]:
    """The first set that is there; folders are looked for beside the TOML file first. A damaged one is told."""
    for at, name in enumerate(data, 1):
        beside = (folder / name).resolve()
        try:
            found = open_set(beside if beside.exists() else name)
            return found.source, found
        except BadData as problem:
            if at == len(data) or problem.key not in _NOT_THERE:
                raise
    raise Misuse("ablate.lacks", path=folder, key="data")


def _sized(arm: Arm, divided: Divided, plan: Plan) -> Sized:
    """One arm, checked as its training would be; a problem says which arm it is of."""
    try:
        training = planned_on(divided, net=arm.net, recipe=arm.recipe(), epochs=arm.epochs, seed=plan.seeds[0])
        _check_shifts(plan.shifts, training.recipe.view)
    except Problem as problem:
        problem.within = Phrase("ablate.arm", {"name": arm.name})
        raise
    architecture, recipe = training.architecture, training.recipe
    shape = input_of(recipe)
    whole = trace(architecture.sketch_to_train(classes=len(divided.found.classes), input=shape), shape)
    images = {part: len(samples) for part, samples in divided.parts.items()}
    pinned = replace(arm, net=architecture.name, epochs=recipe.epochs, whole=recipe)
    return Sized(pinned, whole.parameters, whole.macs, recipe.epochs, images)


def _check_shifts(shifts: Sequence[int], view: View) -> None:
    """Misuse for a shift that would move a picture out of sight."""
    side = min(view.size)
    for shift in shifts:
        if shift >= side:
            raise Misuse("ablate.shift", shift=shift, height=view.size[0], width=view.size[1], most=side - 1)
