"""Ensembles: the mean of the members' probabilities, honest pictures, and tests that equal scipy's."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import binomtest, wilcoxon

import striate as st
from striate.data.sets import open_set
from striate.fitting.answering import Progress, looking, trying
from striate.problem import BadData, Misuse
from striate.run import Run
from striate.verbs.ensemble import _over_mean, _over_one, ensemble, ensembling
from striate.verbs.evaluate import evaluate
from striate.verbs.train import train
from striate.work import drained


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three small runs on the built-in set: two networks, three seeds, two views."""
    root = tmp_path_factory.mktemp("runs")
    made = (("lenet5_modern", 0), ("lenet5_modern", 1), ("deepconvnet", 2))
    return [train(net=net, epochs=1, seed=seed, out=root / f"{net}-{seed}").path for net, seed in made]


def probabilities(source: Path, crops: st.Crops) -> torch.Tensor:
    """A member's own, in the order of the test pictures."""
    tried = drained(trying(looking(st.Model.load(source), crops), open_set("fashion-sample").parts["test"]))
    return tried.scores.double().softmax(1)


@pytest.mark.parametrize("crops", [st.Crops(1), st.Crops(10)])
def test_an_ensemble_is_the_mean_of_its_members_probabilities(runs: list[Path], crops: st.Crops) -> None:
    result = ensemble(runs, crops=crops)
    own = torch.stack([probabilities(source, crops) for source in runs])
    mean = own.mean(0)
    part = open_set("fashion-sample").parts["test"]
    labels = torch.tensor([part.label(at) for at in range(2000)])
    assert torch.allclose(result.probabilities, mean, atol=1e-6)
    assert result.top1 == pytest.approx(float((mean.argmax(1) == labels).double().mean()))
    assert result.loss == pytest.approx(float(-mean[torch.arange(2000), labels].log().mean()), abs=1e-6)
    assert result.top5 == pytest.approx(float((mean.topk(5).indices == labels[:, None]).any(1).double().mean()))
    for member, each in zip(result.members, own, strict=True):
        assert member.top1 == pytest.approx(float((each.argmax(1) == labels).double().mean()))
    right, alone = mean.argmax(1) == labels, own.argmax(2) == labels
    assert result.over_mean.top1 == pytest.approx(float(right.double().mean() - alone.double().mean()))
    best = max(result.members, key=lambda each: each.top1)
    assert result.best == best.model
    assert result.over_best.top1 == pytest.approx(result.top1 - best.top1)
    assert result.mean["top1"] == pytest.approx(np.mean([each.top1 for each in result.members]))


def test_members_have_the_numbers_that_evaluate_gives(runs: list[Path]) -> None:
    for member, source in zip(ensemble(runs).members, runs, strict=True):
        alone = evaluate(source)
        assert (member.model, member.top1, member.top5, member.loss) == (
            str(source),
            alone.top1,
            alone.top5,
            alone.loss,
        )
        assert member.crops == alone.crops


def test_a_single_member_gives_its_own_numbers(runs: list[Path]) -> None:
    result, alone = ensemble(runs[0]), evaluate(runs[0])
    assert (result.top1, result.top5, result.loss) == (alone.top1, alone.top5, alone.loss)
    assert result.intervals == alone.intervals
    assert (result.over_best.top1, result.over_best.p, result.over_mean.top1, result.over_mean.p) == (0, 1, 0, 1)


def test_a_member_named_twice_counts_once(runs: list[Path]) -> None:
    once = ensemble(runs[:2])
    assert ensemble([runs[0], runs[1], runs[0], runs[1] / "model"]) == once
    assert len(once.members) == 2


def test_the_answers_to_each_picture_come_along(runs: list[Path]) -> None:
    result = ensemble(runs)
    assert result.pictures[:2] == ("t10k/0", "t10k/1")
    assert result.probabilities.shape == (2000, 10)
    assert result.probabilities.sum(1).allclose(torch.ones(2000, dtype=torch.float64))
    right = [result.classes[at] for at in result.probabilities[:5].argmax(1)]
    assert set(right) <= set(open_set("fashion-sample").classes)


def test_the_keys_of_an_ensemble_are_these(runs: list[Path]) -> None:
    found = json.loads(json.dumps(ensemble(runs[:2]).as_json(), allow_nan=False))
    assert list(found) == [
        "split", "images", "members", "mean", "top1", "top5", "loss", "intervals", "gain", "skipped",
    ]  # fmt: skip
    assert list(found["members"][0]) == ["model", "net", "top1", "top5", "loss", "crops"]
    assert set(found["mean"]) == {"top1", "top5", "loss"}
    assert set(found["gain"]["best"]) == {"model", "top1", "p"}
    assert set(found["gain"]["mean"]) == {"top1", "p"}


def test_ensembling_tells_how_far_all_members_are(runs: list[Path]) -> None:
    told = list(ensembling(runs))
    assert all(isinstance(each, Progress) and each.total == 6000 for each in told)
    assert [each.done for each in told] == sorted({each.done for each in told})
    assert told[-1].done == 6000


# Which pictures, which classes


def model_of(garments: Path, tmp_path: Path, name: str, seed: int) -> Run:
    return train(garments, net="deepconvnet", epochs=1, seed=seed, out=tmp_path / name)


def test_only_pictures_that_no_member_learned_from_count(garments: Path, tmp_path: Path) -> None:
    one, two = (model_of(garments, tmp_path, f"r{seed}", seed) for seed in (0, 1))
    learned = {name for each in (one, two) for name in each.read("data.json")["parts"]["train"]}
    everything = {f"{path.parent.name}/{path.name}" for path in garments.glob("*/*.png")}
    free = everything - learned
    assert 0 < len(free) < 6
    result = ensemble([one.path, two.path])
    assert set(result.pictures) == free
    assert (result.split, result.images) == ("val", len(free))
    assert ensemble([one.path, two.path], garments).pictures == result.pictures


def test_members_that_learned_everything_between_them_are_refused(garments: Path, tmp_path: Path) -> None:
    made = []
    for seed in range(8):
        made.append(model_of(garments, tmp_path, f"r{seed}", seed).path)
        free = set.intersection(*(set(Run(each).read("data.json")["parts"]["val"]) for each in made))
        if not free:
            break
    assert not free
    with pytest.raises(BadData, match="learned from by one of the members"):
        ensemble(made)
    other = tmp_path / "other"
    shutil.copytree(garments, other)
    assert ensemble(made, other).images == 36


def test_pictures_that_one_member_learned_from_are_refused_as_evaluate_does(garments: Path, tmp_path: Path) -> None:
    divided = tmp_path / "divided"
    for folder in garments.iterdir():
        for at, path in enumerate(sorted(folder.iterdir())):
            target = divided / ("train" if at < 9 else "val") / folder.name
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target / path.name)
    other = tmp_path / "other"
    shutil.copytree(garments, other)
    one, two = model_of(divided, tmp_path, "one", 0), model_of(other, tmp_path, "two", 0)
    with pytest.raises(Misuse, match=r"(?s)different sets.*--data FOLDER"):
        ensemble([one.path, two.path])
    with pytest.raises(BadData, match="27 of the 27 pictures"):
        ensemble([two.path, one.path], divided / "train")


def test_members_may_have_their_classes_in_any_order(runs: list[Path], tmp_path: Path) -> None:
    model = st.Model.load(runs[0])
    order = [3, 1, 4, 0, 9, 2, 6, 5, 8, 7]
    *_, last = model.network.modules()
    assert isinstance(last, torch.nn.Linear)
    with torch.no_grad():
        last.weight.copy_(last.weight[order].clone())
        last.bias.copy_(last.bias[order].clone())
    replace(model, classes=tuple(model.classes[at] for at in order)).save(tmp_path / "turned")
    mixed = ensemble([runs[1], tmp_path / "turned"])
    plain = ensemble([runs[1], runs[0]])
    assert torch.allclose(mixed.probabilities, plain.probabilities, atol=1e-6)
    assert mixed.top1 == plain.top1
    assert mixed.members[1].top1 == plain.members[1].top1
    alone = ensemble([tmp_path / "turned"], "fashion-sample")
    assert alone.classes == tuple(model.classes[at] for at in order)


def test_members_that_know_other_classes_are_refused_with_the_difference(
    runs: list[Path], garments: Path, tmp_path: Path
) -> None:
    own = model_of(garments, tmp_path, "r", 0)
    with pytest.raises(BadData) as caught:
        ensemble([own.path, runs[0]], garments)
    text = str(caught.value)
    assert f"only {own.path}: bag, sandal, trouser" in text
    assert f"only {runs[0]}: Ankle boot, Bag, Coat, Dress, Pullover" in text


def test_what_cannot_be_an_ensemble_says_what_is_missing(runs: list[Path]) -> None:
    with pytest.raises(Misuse, match="members"):
        ensemble([])
    with pytest.raises(Misuse, match=r"(?s)remembers any pictures.*--data FOLDER"):
        ensemble([runs[0] / "model"])
    with pytest.raises(Misuse, match="no run, model folder or network"):
        ensemble([runs[0], "nowhere"])


# The tests of the gain


def test_the_gain_over_one_member_is_mcnemars() -> None:
    together = torch.tensor([True] * 30 + [False] * 5 + [True] * 60 + [False] * 5)
    alone = torch.tensor([False] * 30 + [True] * 5 + [True] * 60 + [False] * 5)
    gain = _over_one(together, alone)
    assert gain.top1 == pytest.approx(0.25)
    assert gain.p == pytest.approx(binomtest(30, 35).pvalue)
    assert _over_one(alone, alone).p == 1.0


def test_the_gain_over_the_mean_agrees_with_wilcoxon_where_both_hold() -> None:
    generator = torch.Generator().manual_seed(0)
    members = torch.rand(3, 400, generator=generator) < 0.7
    together = members.sum(0) >= 2
    gain = _over_mean(together, members)
    difference = (together.double() - members.double().mean(0)).numpy()
    assert gain.top1 == pytest.approx(difference.mean())
    ranks = wilcoxon(difference[difference != 0]).pvalue
    assert gain.p < 0.01
    assert ranks < 0.01
    assert _over_mean(together, members) == gain, "chance is seeded"
    assert _over_mean(together, torch.stack([together] * 2)).p == 1.0


def test_with_one_member_both_tests_are_one_test() -> None:
    """Flipping the signs of +-1 is McNemar's test; here few enough to be exact."""
    together = torch.tensor([True] * 9 + [False] * 2)
    alone = ~together
    assert _over_mean(together, alone[None]).p == pytest.approx(_over_one(together, alone).p)
