"""What an experiment says: its arms' means and spreads, and how each arm stands to the baseline."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from striate.ablation.folder import Experiment, Outcome
from striate.ablation.numbers import LEVEL, Paired, Spread, holm, paired, spread
from striate.words import DEFAULT_LANGUAGE

_OF: dict[str, Callable[[Outcome], float | None]] = {
    "test_top1": lambda outcome: outcome.test_top1,
    "val_top1": lambda outcome: outcome.val_top1,
    "train_loss": lambda outcome: outcome.train_loss,
    "seconds": lambda outcome: outcome.seconds,
}


@dataclass(frozen=True)
class ArmResult:
    """One arm over its seeds; ``against`` is how it stands to the baseline, None for the baseline itself."""

    name: str
    net: str
    outcomes: tuple[Outcome, ...]  # of the runs that are over, diverged ones too
    against: Paired | None = None

    @property
    def parameters(self) -> int | None:
        return self.outcomes[0].parameters if self.outcomes else None

    @property
    def macs(self) -> int | None:
        return self.outcomes[0].macs if self.outcomes else None

    @property
    def diverged(self) -> int:
        """Runs whose loss was no longer a finite number; no mean counts them."""
        return sum(each.diverged for each in self.outcomes)

    def values(self, measure: str) -> dict[int, float]:
        """By seed: test_top1, val_top1, train_loss, seconds, or ``shifted.PIXELS``."""
        of = _OF.get(measure) or (lambda outcome: outcome.shifted.get(measure.removeprefix("shifted.")))
        found = {each.seed: of(each) for each in self.outcomes if not each.diverged}
        return {seed: value for seed, value in found.items() if value is not None}

    def spread(self, measure: str) -> Spread | None:
        """None where no run has the measure."""
        return spread(list(self.values(measure).values()))


@dataclass(frozen=True)
class Results:
    """An experiment as far as it has come."""

    folder: str
    name: str
    source: str
    quick: bool
    words: dict[str, dict[str, str]]
    reference: str
    baseline: str
    measure: str  # what the arms are compared by
    chart: str
    plan: dict[str, Any]
    arms: tuple[ArmResult, ...]
    missing: tuple[tuple[str, int], ...]  # arm and seed of the runs that are not over

    def title(self, language: str = DEFAULT_LANGUAGE) -> str:
        return self.words[language]["title"]

    def question(self, language: str = DEFAULT_LANGUAGE) -> str:
        return self.words[language]["question"]

    @property
    def measures(self) -> list[str]:
        """Those that at least one arm has, in the order of the table."""
        shifts = [f"shifted.{pixels}" for pixels in self.plan["shifts"]]
        every = ["test_top1", *shifts, "val_top1", "train_loss", "seconds"]
        return [measure for measure in every if any(arm.values(measure) for arm in self.arms)]

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract."""
        return {
            "experiment": self.name,
            "folder": self.folder,
            "quick": self.quick,
            "title": self.title(),
            "question": self.question(),
            "reference": self.reference or None,
            "baseline": self.baseline,
            "measure": self.measure,
            "level": LEVEL,
            "plan": self.plan,
            "arms": [self._arm_json(arm) for arm in self.arms],
            "missing": [{"arm": arm, "seed": seed} for arm, seed in self.missing],
        }

    def _arm_json(self, arm: ArmResult) -> dict[str, Any]:
        return {
            "name": arm.name,
            "net": arm.net,
            "parameters": arm.parameters,
            "macs": arm.macs,
            "diverged": arm.diverged,
            "measures": {
                measure: {"n": found.n, "mean": found.mean, "std": found.std}
                for measure in self.measures
                if (found := arm.spread(measure)) is not None
            },
            "against_baseline": arm.against and asdict(arm.against),
            "runs": [{**asdict(each), "curve": [asdict(point) for point in each.curve]} for each in arm.outcomes],
        }


def results(experiment: Experiment) -> Results:
    """The numbers of all runs that are over, and the tests between each arm and the baseline."""
    record = experiment.record()
    plan = record["plan"]
    seeds, shifts = plan["seeds"], plan["shifts"]
    found = {name: [experiment.outcome(name, seed, shifts) for seed in seeds] for name in plan["arms"]}
    arms = [
        ArmResult(name, plan["arms"][name]["net"], tuple(each for each in outcomes if each is not None))
        for name, outcomes in found.items()
    ]
    missing = [
        (name, seed) for name, each in found.items() for seed, outcome in zip(seeds, each, strict=True) if not outcome
    ]
    measure = _measure(arms, record["measure"])
    return Results(
        str(experiment.path), record["name"], record["source"], record["quick"], record["words"], record["reference"],
        record["baseline"], measure, record["chart"], plan, compared(arms, record["baseline"], measure), tuple(missing),
    )  # fmt: skip


def compared(arms: Sequence[ArmResult], baseline: str, measure: str) -> tuple[ArmResult, ...]:
    """The arms, each against the baseline over the seeds that both have; p adjusted over all of them by Holm."""
    base = next(arm for arm in arms if arm.name == baseline).values(measure)
    against = {arm.name: _against(arm.values(measure), base) for arm in arms if arm.name != baseline}
    tested = {name: each.p for name, each in against.items() if each is not None and each.p is not None}
    adjusted = dict(zip(tested, holm(list(tested.values())), strict=True))
    return tuple(
        replace(arm, against=each and replace(each, adjusted=adjusted.get(arm.name)))
        for arm in arms
        for each in (against.get(arm.name),)
    )


def _against(ours: dict[int, float], theirs: dict[int, float]) -> Paired | None:
    common = [seed for seed in ours if seed in theirs]
    return paired([ours[seed] for seed in common], [theirs[seed] for seed in common])


def _measure(arms: Sequence[ArmResult], asked: str) -> str:
    """The one asked for; validation in the place of test where there are no test pictures."""
    has_test = any(arm.values("test_top1") for arm in arms)
    return "val_top1" if asked == "test_top1" and not has_test and any(arm.outcomes for arm in arms) else asked
