"""Evaluate, predict, describe: the numbers against scikit-learn and by hand, and one view everywhere."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.metrics import accuracy_score, classification_report, roc_auc_score, top_k_accuracy_score

import striate as st
from striate.fitting.scoring import Scores
from striate.problem import BadData, Misuse
from striate.run import Run
from striate.verbs.evaluate import _evaluated, evaluate
from striate.verbs.predict import predict, predicting
from striate.verbs.train import train

NAMES = tuple("abcdefg")


@pytest.fixture(scope="module")
def scored() -> Scores:
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 7, (400,), generator=generator)
    logits = torch.randn(400, 7, generator=generator)
    logits[torch.arange(400), labels] += 1.0
    return Scores(logits, labels)


def test_metrics_equal_scikit_learns(scored: Scores) -> None:
    result = _evaluated("test", scored, NAMES, {})
    truth, probabilities = scored.labels.numpy(), scored.logits.double().softmax(1).numpy()
    called = probabilities.argmax(1)
    report = classification_report(truth, called, target_names=NAMES, output_dict=True)
    assert result.top1 == pytest.approx(accuracy_score(truth, called))
    assert result.top5 == pytest.approx(top_k_accuracy_score(truth, probabilities, k=5))
    assert result.macro["auc"] == pytest.approx(roc_auc_score(truth, probabilities, multi_class="ovr"))
    for each in result.classes:
        theirs = report[each.name]
        assert (each.precision, each.recall, each.f1) == pytest.approx(
            (theirs["precision"], theirs["recall"], theirs["f1-score"])
        )
        assert each.support == theirs["support"]
    assert result.macro["f1"] == pytest.approx(report["macro avg"]["f1-score"])
    assert np.array(result.confusion).sum(1).tolist() == [each.support for each in result.classes]


def test_confusion_counts_truth_by_row(scored: Scores) -> None:
    confusion = _evaluated("test", scored, NAMES, {}).confusion
    called = scored.logits.argmax(1)
    assert confusion[2][5] == int(((scored.labels == 2) & (called == 5)).sum())


def test_the_notes_two_class_example() -> None:
    """TN 1, FP 2, FN 1, TP 6."""
    truth = torch.tensor([0] * 3 + [1] * 7)
    called = torch.tensor([0, 1, 1, 0] + [1] * 6)
    logits = torch.nn.functional.one_hot(called, 2).float()
    positive = _evaluated("val", Scores(logits, truth), ("no", "yes"), {}).classes[1]
    assert positive.precision == pytest.approx(0.75)
    assert positive.recall == pytest.approx(6 / 7)
    assert positive.f1 == pytest.approx(0.8)
    assert positive.fall_out == pytest.approx(2 / 3)


def test_what_is_undefined_is_none_and_left_out_of_the_means() -> None:
    logits = torch.tensor([[2.0, 0.0, 0.0], [1.0, 0.5, 0.0]])
    result = _evaluated("val", Scores(logits, torch.tensor([0, 0])), ("a", "b", "c"), {})
    absent = result.classes[2]
    assert (absent.precision, absent.recall, absent.f1, absent.auc, absent.support) == (None, None, None, None, 0)
    assert result.classes[0].fall_out is None
    assert result.top5 is None
    assert result.macro["recall"] == 1.0
    assert result.macro["auc"] is None
    json.dumps(result.as_json(), allow_nan=False)


def test_the_interval_is_wilsons() -> None:
    logits = torch.nn.functional.one_hot(torch.tensor([1] * 8 + [0] * 2), 2).float()
    low, high = _evaluated("val", Scores(logits, torch.ones(10, dtype=torch.int64)), ("a", "b"), {}).intervals["top1"]
    p, n, z = 0.8, 10, 1.959964
    middle, half = (
        (p + z * z / (2 * n)) / (1 + z * z / n),
        z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5,
    )
    assert (low, high) == pytest.approx((middle - half, middle + half), abs=1e-6)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A small run on the built-in set, not trained to the end of its possibilities."""
    return train(net="lenet5_modern", epochs=1, out=tmp_path_factory.mktemp("runs") / "sample")


def test_evaluate_finds_what_the_run_recorded(run: Run) -> None:
    result = evaluate(run.path)
    assert (result.split, result.images) == ("test", 2000)
    assert result.top1 == run.summary["test_top1"]
    assert result.intervals["top1"][0] < result.top1 < result.intervals["top1"][1]
    assert 0.6 < result.top1 < 1


def test_predict_agrees_with_evaluate_picture_by_picture(run: Run, tmp_path: Path) -> None:
    samples = st_open().parts["test"]
    truth = [run.read("data.json")["classes"][samples.label(at)] for at in range(200)]
    for at in range(200):
        samples.image(at).save(tmp_path / f"{at:03}.png")
    together = predict(run.path, tmp_path)
    alone = [predict(run.path, tmp_path / f"{at:03}.png")[0] for at in range(0, 200, 7)]
    assert [each.top[0].label for each in together[::7]] == [each.top[0].label for each in alone]
    for at, name in enumerate(truth):
        folder = tmp_path / "sorted" / name.replace("/", "_")
        folder.mkdir(parents=True, exist_ok=True)
        samples.image(at).save(folder / f"{at:03}.png")
    hits = sum(each.top[0].label == name for each, name in zip(together, truth, strict=True))
    counts = confusion_of_first(run, 200)
    assert hits == counts


def st_open() -> object:
    from striate.data.sets import open_set

    return open_set("fashion-sample")


def confusion_of_first(run: Run, count: int) -> int:
    """How many of the first test pictures evaluate counts as right."""
    from striate.data.canvases import prepare
    from striate.fitting.scoring import scores
    from striate.model import Model
    from striate.work import drained

    model = Model.load(run.path)
    answers = scores(model, drained(prepare(st_open().parts["test"].take(range(count)), model.view, 2)))
    return int((answers.logits.argmax(1) == answers.labels).sum())


def test_a_folder_with_the_runs_pictures_is_tried_on_its_held_out_part(garments: Path, tmp_path: Path) -> None:
    own = train(garments, net="deepconvnet", epochs=1, out=tmp_path / "r")
    for result in (evaluate(own.path), evaluate(own.path, garments)):
        assert (result.split, result.images) == ("val", 6)
        assert result.top1 == own.summary["best_top1"]


def test_another_folder_is_tried_whole_by_class_name(garments: Path, tmp_path: Path) -> None:
    own = train(garments, net="deepconvnet", epochs=4, out=tmp_path / "r")
    other = tmp_path / "other"
    for name in ("trouser", "bag"):  # one class fewer, so labels count differently
        (other / name).mkdir(parents=True)
        for path in (garments / name).iterdir():
            (other / name / path.name).write_bytes(path.read_bytes())
    (other / "bag" / "broken.png").write_bytes(b"no picture")
    result = evaluate(own.path, other)
    assert (result.split, result.images) == ("all", 24)
    assert [each.support for each in result.classes] == [12, 0, 12]
    assert result.skipped == {"bag/broken.png": "no_picture"}
    (other / "cat").mkdir()
    (other / "cat" / "1.png").write_bytes((garments / "bag").joinpath(next((garments / "bag").iterdir())).read_bytes())
    with pytest.raises(BadData, match="cat"):
        evaluate(own.path, other)


def test_pictures_that_a_run_learned_from_do_not_count(garments: Path, tmp_path: Path) -> None:
    divided = tmp_path / "divided"
    for part, places in (("train", slice(0, 9)), ("val", slice(9, 12))):
        for folder in garments.iterdir():
            target = divided / part / folder.name
            target.mkdir(parents=True)
            for path in sorted(folder.iterdir())[places]:
                (target / path.name).write_bytes(path.read_bytes())
    own = train(divided, net="deepconvnet", epochs=1, out=tmp_path / "r")
    with pytest.raises(BadData, match="27 of the 27 pictures"):
        evaluate(own.path, divided / "train")
    assert evaluate(own.path, divided / "val").images == 9
    for number, folder in enumerate(sorted((divided / "train").iterdir())):  # nor do they by way of links
        if number == 0:
            (tmp_path / "links").mkdir()
            (tmp_path / "links" / folder.name).symlink_to(folder, target_is_directory=True)
            continue
        (tmp_path / "links" / folder.name).mkdir()
        for path in folder.iterdir():
            (tmp_path / "links" / folder.name / f"to {path.name}").symlink_to(path)
    with pytest.raises(BadData, match="27 of the 27 pictures"):
        evaluate(own.path, tmp_path / "links")
    (divided / "train").rename(tmp_path / "elsewhere")
    with pytest.raises(BadData, match="no training part"):
        train(divided, net="deepconvnet", out=tmp_path / "s")


def test_one_class_is_enough_to_be_tried_on(garments: Path, tmp_path: Path) -> None:
    own = train(garments, net="deepconvnet", epochs=1, out=tmp_path / "r")
    only = tmp_path / "only" / "test" / "bag"
    only.mkdir(parents=True)
    for path in (garments / "bag").iterdir():
        (only / path.name).write_bytes(path.read_bytes())
    assert evaluate(own.path, tmp_path / "only").images == 12


def test_a_model_without_pictures_asks_for_some(run: Run) -> None:
    with pytest.raises(Misuse, match="does not remember"):
        evaluate(run.model)
    assert evaluate(run.model, "fashion-sample").images == 2000


@pytest.mark.parametrize(("photo", "labels"), [
    ("palace", {"palace"}), ("daisy", {"daisy"}), ("cat", {"tiger cat", "Egyptian cat", "tabby"}),
])  # fmt: skip
def test_the_imagenet_model_knows_what_is_in_real_photos(
    photo: str, labels: set[str], photos: dict[str, Image.Image], tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    photos[photo].save(path)
    answer = predict("efficientnet_lite0", path)[0]
    assert answer.top[0].label in labels
    assert len(answer.top) == 5
    assert [guess.score for guess in answer.top] == sorted((guess.score for guess in answer.top), reverse=True)


def test_bytes_a_file_and_a_folder_give_one_answer(photos: dict[str, Image.Image], tmp_path: Path) -> None:
    path = tmp_path / "꽃 사진.png"
    photos["daisy"].save(path)
    model = st.Model.load("efficientnet_lite0")
    one, two, three = (predict(model, source)[0] for source in (path, path.read_bytes(), tmp_path))
    assert one.top == two.top == three.top
    assert (one.image, two.image) == (str(path), "-")


def test_a_rotated_photo_is_seen_upright(photos: dict[str, Image.Image], tmp_path: Path) -> None:
    model = st.Model.load("efficientnet_lite0")
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    photos["palace"].transpose(Image.Transpose.ROTATE_90).save(buffer, "PNG", exif=exif)
    photos["palace"].save(tmp_path / "plain.png")
    assert predict(model, buffer.getvalue())[0].top == predict(model, tmp_path / "plain.png")[0].top


def test_what_cannot_be_answered_says_why_in_its_place(photos: dict[str, Image.Image], tmp_path: Path) -> None:
    photos["cat"].save(tmp_path / "2.png")
    (tmp_path / "1.jpg").write_bytes(b"not a picture")
    answers = predict("efficientnet_lite0", [tmp_path, tmp_path / "gone.jpg"], topk=2)
    assert [Path(each.image).name for each in answers] == ["1.jpg", "2.png", "gone.jpg"]
    assert [each.error for each in answers] == ["unreadable.no_picture", None, "unreadable.missing"]
    assert answers[2].as_json() == {"image": str(tmp_path / "gone.jpg"), "top": [], "error": "there is no such file"}
    assert len(answers[1].top) == 2


def test_predicting_answers_one_by_one(photos: dict[str, Image.Image], tmp_path: Path) -> None:
    photos["cat"].resize((50, 40)).save(tmp_path / "small.png")
    first = next(iter(predicting("efficientnet_lite0", [tmp_path / "small.png"] * 40)))
    assert first.error is None


def test_describe_reads_a_run_and_asks_for_the_papers_numbers_only_at_the_papers_size(run: Run) -> None:
    found = st.describe(run.path)
    assert (found.net, found.classes, found.parameters) == ("lenet5_modern", 10, 61_706)
    assert st.describe("lenet5").facts
    assert not st.describe("lenet5", classes=5).facts
    assert st.describe("lenet5", input=(1, 40, 40)).lines[0].output == (6, 36, 36)


def test_a_view_travels_with_the_weights(run: Run, tmp_path: Path) -> None:
    model = st.Model.load(run.path)
    other = replace(model, view=replace(model.view, mean=(0.5,)))
    other.save(tmp_path / "m")
    loaded = st.Model.load(tmp_path / "m")
    assert loaded.view.mean == (0.5,)
    picture = st_open().parts["test"].image(0)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    assert predict(loaded, buffer.getvalue())[0].top != predict(model, buffer.getvalue())[0].top


def test_the_library_face_in_the_readmes_words() -> None:
    network = st.create("lenet5", classes=5)
    assert network(torch.rand(3, 1, 32, 32)).shape == (3, 5)
    assert isinstance(network, torch.nn.Module)
    with pytest.raises(st.Misuse):
        st.create("lenet6")
