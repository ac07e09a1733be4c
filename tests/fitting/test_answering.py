"""Answers to several crops: the mean of their probabilities, whatever the batches, and in bounded memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from striate.crops import SCHEMES, Crops, Scheme
from striate.data.samples import Files
from striate.data.sets import open_set
from striate.data.views import canvas, normalised
from striate.fitting.answering import Looking, looking, trying
from striate.fitting.scoring import BATCH
from striate.layers import convolutionised
from striate.model import Model
from striate.nets import find
from striate.problem import Misuse
from striate.recipe import View
from striate.work import drained

VIEW = View("crop", (32, 32), 3, (0.5,) * 3, (0.25,) * 3, resize=40)
CLASSES = ("palace", "daisy", "cat", "dog", "owl", "bee", "fig")


def untrained(net: str, view: View = VIEW, seed: int = 0) -> Model:
    shape = (view.channels, *view.size)
    network = find(net).architecture().create(classes=len(CLASSES), input=shape, seed=seed).eval()
    return Model(net, network, shape, CLASSES, view)


@pytest.fixture(scope="module")
def model() -> Model:
    return untrained("resnet20_cifar")


@pytest.mark.parametrize("crops", [2, 10, 144, Crops(10, (40, 50))])
def test_probabilities_are_averaged_over_crops(
    crops: Crops | Scheme, model: Model, photos: dict[str, Image.Image]
) -> None:
    look = looking(model, crops)
    (cuts,) = look.cut(photos["palace"])
    by_hand = torch.zeros(len(CLASSES), dtype=torch.float64)
    with torch.no_grad():
        for crop in cuts:
            by_hand += model.network(normalised(crop[None], VIEW)).double().softmax(-1)[0]
    answer = look.scores([(cuts,)]).double().softmax(-1)[0]
    assert torch.allclose(answer, by_hand / len(cuts), atol=1e-6)


def test_one_crop_gives_the_networks_own_scores(model: Model, photos: dict[str, Image.Image]) -> None:
    look = looking(model, 1)
    answer = look.scores([look.cut(photos["cat"])])
    assert torch.equal(answer, model.logits(canvas(photos["cat"], VIEW)[None]))


def test_dense_averages_the_maps_then_the_probabilities(photos: dict[str, Image.Image]) -> None:
    model = untrained("alexnet_small")
    look = looking(model, Crops("dense", (40, 64)))
    by_hand = torch.zeros(len(CLASSES), dtype=torch.float64)
    with torch.no_grad():
        for both in look.cut(photos["palace"]):
            maps = convolutionised(model.network)(normalised(both, VIEW))
            assert min(maps.shape[2:]) > 1
            by_hand += maps.mean((2, 3)).double().softmax(1).sum(0)
    answer = look.scores([look.cut(photos["palace"])]).double().softmax(-1)[0]
    assert torch.allclose(answer, by_hand / 4, atol=1e-6)


def test_dense_on_pictures_of_the_input_size_is_the_network_itself(photos: dict[str, Image.Image]) -> None:
    model = untrained("vgg16_small", replace(VIEW, mode="squash", resize=None))
    picture = photos["cat"].resize((32, 32))
    dense, two = (look.scores([look.cut(picture)]) for look in (looking(model, "dense"), looking(model, 2)))
    assert torch.allclose(dense, two, atol=1e-5)


def test_a_network_that_cannot_be_run_over_a_picture_is_refused() -> None:
    view = View("squash", (32, 32), 1, (0.5,), (0.25,))
    with pytest.raises(Misuse, match="output"):
        looking(untrained("lenet5", view), "dense")
    assert looking(untrained("lenet5", view), 10).crops == Crops(10, (32,))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_answer_does_not_depend_on_the_other_pictures(
    scheme: Scheme, model: Model, photos: dict[str, Image.Image]
) -> None:
    look = looking(model, scheme)
    images = [photos["palace"], photos["cat"].rotate(90, expand=True), photos["daisy"]]
    together = look.scores([look.cut(image) for image in images])
    alone = torch.cat([look.scores([look.cut(image)]) for image in images])
    assert torch.allclose(together, alone, atol=1e-5)


def test_every_picture_is_looked_at_once_and_unreadable_ones_are_named(crops: Path, model: Model) -> None:
    (crops / "cat" / "5.jpg").write_bytes(b"no picture")
    samples = open_set(crops).parts["all"]
    assert isinstance(samples, Files)
    for look in (looking(model, 1), looking(model, 144)):
        told = []
        work = trying(look, samples)
        while True:
            try:
                told.append(next(work))
            except StopIteration as end:
                tried = end.value
                break
        assert (told[-1].done, told[-1].total) == (30, 30)
        assert tried.skipped == {"cat/5.jpg": "no_picture"}
        names = [samples.name(at) for at in range(len(samples))]
        assert [samples.name(at) for at in tried.places] == [name for name in names if name != "cat/5.jpg"]
        at = tried.places[-1]
        assert torch.allclose(tried.scores[-1], look.scores([look.cut(samples.image(at, look.least))])[0], atol=1e-5)
    assert len(told) > 10, "144 crops of a few pictures at a time"


def test_no_more_inputs_are_held_than_a_few_pictures_make(model: Model) -> None:
    held = []

    class Watched(Looking):
        def scores(self, pictures):  # type: ignore[no-untyped-def]
            held.append(sum(len(each) for cuts in pictures for each in cuts))
            return super().scores(pictures)

    arrays = open_set("fashion-sample").parts["test"].take(np.arange(230))
    for crops in (1, 10, 144):
        look = looking(model, crops)
        drained(trying(Watched(look.model, look.crops), arrays))
    assert max(held) <= max(BATCH, 2 * 144)
    assert held[:3] == [100, 100, 30]
