"""Watching a training: looks at its steps, closely at first and then rarely, and says what is wrong, with the cause.

It only reads. No random number is drawn, nothing is changed in place, and hooks are there only while a step is looked
at, so a training that is watched comes out the same to the bit. At a step that is not due nothing is done.
"""

import math
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import torch
from torch import Tensor, nn

from striate.data.order import batch_count
from striate.data.views import centre, normalised
from striate.fitting.changes import OPTIMISERS
from striate.fitting.course import Course, Setting
from striate.fitting.signs import PICTURES, Look, Outputs, Row, answers_of, sample, values_of
from striate.fitting.verdicts import Finding, Origin, judged, lost
from striate.layers import Headed
from striate.published.start import is_random
from striate.recipe import CrossEntropy, Recipe, View

_CLOSELY = 20  # steps
_DEEP = frozenset((0, 1, 2, 3, 5, 8, 12, 16, 20))  # of these the ones where the rows are looked at, too
_EVERY = ((200, 10), (1000, 50))  # up to a step, every so many
_LATE = 200  # and then


class Unwatched:
    """Stands where no watch is kept."""

    fatal: Finding | None = None

    def __init__(self) -> None:
        self.meant: set[int] = set()

    def at(self, epoch: int, step: int) -> None: ...

    def given(self, canvases: Tensor) -> None: ...

    def seeing(self) -> AbstractContextManager[None]:
        return nullcontext()

    def lost(self, loss: Tensor, x: Tensor) -> bool:  # noqa: ARG002
        return False

    def read(self) -> bool:
        return False

    def look(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None: ...

    def findings(self) -> list[Finding]:
        return []


class Watch:
    """Looks at the steps of one sitting of a training; each kind of finding is told once."""

    def __init__(
        self,
        trained: nn.Module,
        optimiser: torch.optim.Optimizer,
        recipe: Recipe,
        *,
        classes: int,
        labels: Tensor,  # of the training pictures: int64 (N,)
        usual: View,  # the network's own
    ) -> None:
        fresh = is_random(recipe.start)
        gain = _gain(recipe.view) / _gain(usual) if fresh else 1.0  # trained weights come with their own view
        chance = math.log(classes) if isinstance(recipe.loss, CrossEntropy) else 0.0
        counts = tuple(torch.bincount(labels, minlength=classes).tolist())
        self.per_epoch = batch_count(len(labels), recipe.batch)
        steps = self.per_epoch * recipe.epochs
        self.course = Course(Setting(counts, steps, chance, recipe.optimiser.lr, fresh, gain))
        self.outputs = Outputs(trained.network if isinstance(trained, Headed) else trained)
        self.optimiser, self.kind = optimiser, type(recipe.optimiser)
        self.view = recipe.view
        self.at_once = all(each.device.type == "cpu" for each in trained.parameters())  # losses are read
        self.unread: list[tuple[int, Tensor]] = []  # steps and their losses
        self.meant: set[int] = set()  # weights that the recipe keeps as they are, by id
        self.step = self.steps_seen = 0
        self.inputs: Tensor | None = None
        self.before: dict[str, Tensor] = {}  # weights of the last look at the rows
        self.told: set[str] = set()
        self.untold: list[Finding] = []
        self.fatal: Finding | None = None  # why the loss is no finite number

    def at(self, epoch: int, step: int) -> None:
        """Which step comes next."""
        self.step = epoch * self.per_epoch + step
        self.steps_seen += 1

    def due(self) -> bool:
        """Whether this step is looked at."""
        if self.steps_seen <= _CLOSELY:
            return True
        every = next((every for until, every in _EVERY if self.step <= until), _LATE)
        return self.step % every == 0

    def due_deep(self) -> bool:
        """Whether its rows are, too."""
        return self.due() and (self.steps_seen > _CLOSELY or self.steps_seen - 1 in _DEEP)

    def given(self, canvases: Tensor) -> None:
        """The canvases of the step's pictures, before chance changes them: an erased square is not black any more."""
        self.inputs = normalised(centre(canvases[:PICTURES], self.view), self.view) if self.due_deep() else None

    def seeing(self) -> AbstractContextManager[None]:
        """Within it the forward pass of the step is seen."""
        return nullcontext() if self.inputs is None else self.outputs.reading()

    def lost(self, loss: Tensor, x: Tensor) -> bool:
        """Whether a loss is known to be no finite number; then where that began is found, and nothing can be learned.

        On the CPU the loss of each step is read before the step is taken. Elsewhere that would make the device wait, so
        losses are read together: at a look, at an epoch's last step, and when something is to be saved.
        """
        self.unread.append((self.step, loss.detach()))
        last = (self.step + 1) % self.per_epoch == 0
        return (self.at_once or last or self.due()) and self._read(x)

    def read(self) -> bool:
        """Whether one is by now, all losses so far being read."""
        return self._read(None)

    def _read(self, x: Tensor | None) -> bool:
        unread, self.unread = self.unread, []
        losses = torch.stack([loss for _, loss in unread]).tolist() if unread else []
        broken = [step for (step, _), loss in zip(unread, losses, strict=True) if not math.isfinite(loss)]
        if broken and self.fatal is None:
            origin = Origin("unknown", None)  # steps since then have spoilt all weights
            if x is not None and broken[0] == self.step:
                origin = self._origin(x)
            self.fatal = self._with_rates(lost(self.course, broken[0], origin))
            self._tell(self.fatal)
        return self.fatal is not None

    def look(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Looks at the step between the backward pass and the optimiser's step; judges what is seen so far."""
        if not self.due():
            return
        lr = max(group["lr"] for group in self.optimiser.param_groups)
        answers = answers_of(logits, labels)
        if self.inputs is None:
            self.course.add(Look(self.step, float(lr), loss.item(), answers))
        else:
            inputs, silent = values_of(self.inputs), frozenset(self.outputs.silent)
            self.course.add(Look(self.step, float(lr), loss.item(), answers, inputs, self._rows(), silent))
            self.inputs = None
        for finding in judged(self.course):
            self._tell(self._with_rates(finding))

    def findings(self) -> list[Finding]:
        """What was found since this was asked last."""
        found, self.untold = self.untold, []
        return found

    def _tell(self, finding: Finding) -> None:
        if finding.kind not in self.told:
            self.told.add(finding.kind)
            self.untold.append(finding)

    def _with_rates(self, finding: Finding) -> Finding:
        """With the learning rate, and others to try; what is not finite has no value."""
        lr = self.course.setting.highest
        values = {
            name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in finding.values.items()
        }
        return replace(finding, values={**values, "lr": lr, "lower": self._lower(lr), "higher": lr * 100})

    def _lower(self, lr: float) -> float:
        """A rate to try in place of one that is too high: a tenth, or the optimiser's own where that is lower."""
        return min(lr / 10, max(each.lr for each in OPTIMISERS.values() if type(each) is self.kind))

    def _rows(self) -> dict[str, Row]:
        values, weights = self.outputs.values(), self.outputs.weights
        since = self.step - self.course.deep[-1].step if self.course.deep else 0
        known = {id(each) for group in self.optimiser.param_groups for each in group["params"]}
        samples = {name: sample(weight).clone() for name, weight in weights.items()}
        norms = _norms(samples)
        gradients = _norms({name: sample(each.grad) for name, each in weights.items() if each.grad is not None})
        moves = _norms({name: samples[name] - self.before[name] for name in self.before})
        self.before = samples
        ran = [*(name for name in values), *(name for name in weights if name not in values)]
        return {
            name: Row(
                values=values.get(name),
                weights=norms[name],
                gradient=gradients.get(name),
                moved=moves[name] / norms[name] / since if name in moves and norms[name] > 0 and since > 0 else None,
                trains=weights[name].requires_grad,
                known=id(weights[name]) in known,
                meant=id(weights[name]) in self.meant,
            )
            for name in ran
        }

    def _origin(self, x: Tensor) -> Origin:
        """Where a number that is not finite came from."""
        weights = [name for name, each in self.outputs.weights.items() if not bool(each.detach().isfinite().all())]
        if not bool(x.isfinite().all()):
            return Origin("inputs", None)
        if weights:
            return Origin("weights", weights[-1])
        return Origin("row", self.outputs.first_broken(x))


def _gain(view: View) -> float:
    """How far apart black and white are, as the network gets them."""
    deviation = sum(view.std) / len(view.std)
    return 255 * view.scale / deviation if deviation else math.inf


def _norms(tensors: dict[str, Tensor]) -> dict[str, float]:
    if not tensors:
        return {}
    numbers = torch.stack([torch.linalg.vector_norm(each) for each in tensors.values()]).tolist()
    return dict(zip(tensors, numbers, strict=True))
