"""evaluate and predict by several crops: the same as doing it by hand, and said in the answer."""

import json
from pathlib import Path

import pytest
import torch
from torchvision.transforms.v2 import functional as V

import striate as st
from striate.data.samples import Arrays
from striate.data.sets import open_set
from striate.data.views import canvas
from striate.fitting.answering import Progress
from striate.problem import Misuse
from striate.run import Run
from striate.verbs.evaluate import evaluate, evaluating
from striate.verbs.predict import predict
from striate.verbs.train import train


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(net="lenet5_modern", epochs=1, out=tmp_path_factory.mktemp("runs") / "sample")


@pytest.fixture(scope="module")
def test_part() -> Arrays:
    part = open_set("fashion-sample").parts["test"]
    assert isinstance(part, Arrays)
    return part


def by_hand(run: Run, part: Arrays, count: int) -> torch.Tensor:
    """The mean of ten probabilities for each of the first pictures, over a border of one pixel."""
    model = st.Model.load(run.path)
    means = []
    for at in range(count):
        pixels = canvas(part.image(at), model.view)
        ten = V.ten_crop(V.pad(pixels, [1], fill=model.view.fill), list(model.view.size))
        means.append(model.probabilities(torch.stack(ten)).double().mean(0))
    return torch.stack(means)


def test_ten_crops_are_what_one_gets_by_hand(run: Run, test_part: Arrays, tmp_path: Path) -> None:
    expected = by_hand(run, test_part, 60)
    for at in range(60):
        test_part.image(at).save(tmp_path / f"{at:02}.png")
    for answer, mean in zip(predict(run.path, tmp_path, topk=10, crops=10), expected, strict=True):
        found = {guess.label: guess.score for guess in answer.top}
        assert [found[name] for name in st.Model.load(run.path).classes] == pytest.approx(mean.tolist(), abs=1e-6)


def test_evaluate_and_predict_agree_on_several_crops(run: Run, test_part: Arrays, tmp_path: Path) -> None:
    classes = st.Model.load(run.path).classes
    for at in range(60):
        folder = tmp_path / classes[test_part.label(at)].replace("/", "_")
        folder.mkdir(exist_ok=True)
        test_part.image(at).save(folder / f"{at}.png")
    names = {folder.name for folder in tmp_path.iterdir()} & set(classes)
    for folder in list(tmp_path.iterdir()):
        if folder.name not in names:
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
    result = evaluate(run.path, tmp_path, crops=st.Crops(10, (32, 40)))
    answers = predict(run.path, tmp_path, crops=st.Crops(10, (32, 40)))
    hits = sum(each.top[0].label == Path(each.image).parent.name for each in answers)
    assert result.top1 == hits / len(answers)


def test_an_evaluation_says_what_crops_it_was_made_of(run: Run) -> None:
    plain = evaluate(run.path)
    assert plain == evaluate(run.path, crops=1)
    assert plain.crops == st.Crops(1, (32,), mirrored=False)
    several = evaluate(run.path, crops=2)
    assert (several.crops, several.images) == (st.Crops(2, (32,)), 2000)
    assert several.loss != plain.loss
    assert json.loads(json.dumps(several.as_json()))["crops"] == {"scheme": 2, "scales": [32], "mirrored": True}


def test_the_keys_of_an_evaluation_are_these(run: Run) -> None:
    found = evaluate(run.path).as_json()
    assert list(found) == [
        "split", "images", "top1", "top5", "loss", "intervals", "confusion", "classes", "macro", "skipped", "crops",
    ]  # fmt: skip
    assert list(found["classes"][0]) == ["name", "precision", "recall", "fall_out", "f1", "support", "auc"]
    assert set(found["macro"]) == {"precision", "recall", "fall_out", "f1", "auc", "support"}
    assert list(found["crops"]) == ["scheme", "scales", "mirrored"]


def test_evaluating_tells_how_far_it_is(run: Run) -> None:
    told = list(evaluating(run.path, crops=10))
    assert told[0].done < told[-1].done == 2000
    assert all(isinstance(each, Progress) and each.total == 2000 for each in told)
    assert [each.done for each in told] == sorted(each.done for each in told)


def test_digits_are_not_mirrored(test_part: Arrays, tmp_path: Path) -> None:
    for at in range(24):
        folder = tmp_path / "digits" / str(test_part.label(at) % 2)
        folder.mkdir(parents=True, exist_ok=True)
        test_part.image(at).save(folder / f"{at}.png")
    own = train(tmp_path / "digits", net="lenet5_modern", epochs=1, out=tmp_path / "r")
    assert evaluate(own.path, crops=10).crops == st.Crops(10, (32,), mirrored=False)
    assert evaluate(own.path, crops=2).loss == evaluate(own.path).loss


def test_an_unknown_scheme_is_refused_before_anything_is_looked_at(run: Run) -> None:
    with pytest.raises(Misuse, match="one of 1, 2, 10"):
        evaluate(run.path, crops=5)  # type: ignore[arg-type]
    with pytest.raises(Misuse, match="one of 1, 2, 10"):
        predict(run.path, "nowhere", crops="10")  # type: ignore[arg-type]
