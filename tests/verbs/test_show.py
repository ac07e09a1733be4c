"""What show() says a network sees, held against what training and evaluation give it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from striate import BadData, Misuse, compute, train
from striate.data.augment import training_view
from striate.data.canvases import Prepared, prepare
from striate.data.samples import Files
from striate.data.sets import open_set
from striate.data.split import divide
from striate.fitting.changes import Changes
from striate.fitting.making import make_fit
from striate.fitting.planning import planned
from striate.fitting.steps import batch_of
from striate.model import Model
from striate.nets import find
from striate.recipe import Augment, Recipe, View
from striate.run import Job
from striate.verbs.show import OUTSIDE, Seen, Sights, show
from striate.words import _catalogue
from striate.work import drained

NET = "resnet20_cifar"
CROP = View("crop", (56, 56), 3, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225), resize=64)
AUGMENTS = {
    "roaming": Augment(flip=True),
    "area": Augment(flip=True, area=(0.08, 1.0)),
    "shorter": Augment(flip=True, shorter=(64, 96)),
    "strong": Augment(flip=True, shift=4, zoom=(0.8, 1.25), brightness=0.3, erase=16),
    "colour": Augment(flip=True, colour=0.1),
    "rand": Augment(shift=4, randaugment=(2, 9)),
}


@pytest.fixture
def mixed(crops: Path, photos: dict[str, Image.Image]) -> Path:
    """Real photos, one of them turned by its EXIF, one small, one broken, one no picture at all."""
    turned = Image.Exif()
    turned[0x0112] = 6
    photos["palace"].save(crops / "palace" / "turned.jpg", exif=turned)
    photos["cat"].resize((40, 27)).save(crops / "cat" / "small.png")
    whole = (crops / "cat" / "3.jpg").read_bytes()
    (crops / "cat" / "3.jpg").write_bytes(whole[: len(whole) // 2])
    (crops / "cat" / "1.jpg").write_bytes(b"not a picture")
    return crops


def recipe_with(data: Path, augment: Augment, view: View = CROP) -> Recipe:
    """Ours, with another view and other random changes, and nothing mixed."""
    return replace(planned(data, net=NET).recipe, view=view, augment=augment)


def trained_on(data: Path, recipe: Recipe, seed: int) -> tuple[Prepared, list[torch.Tensor]]:
    """A training's pictures, and for its first three epochs what batch_of() gives the network of all of them."""
    samples = divide(open_set(data), seed).parts["train"]
    prepared = drained(prepare(samples, training_view(recipe.view, recipe.augment), 1))
    job = Job(str(data), NET, recipe, seed)
    fit = make_fit(find(NET).architecture(), job, prepared, 3, compute.for_training())
    ids = np.arange(len(prepared))
    return prepared, [batch_of(fit, ids, prepared.canvases.take(ids), (at, 0), None)[0] for at in range(3)]


@pytest.mark.parametrize("augment", AUGMENTS.values(), ids=AUGMENTS)
def test_a_training_view_is_byte_for_byte_what_the_training_gives_its_network(mixed: Path, augment: Augment) -> None:
    recipe = recipe_with(mixed, augment)
    prepared, batches = trained_on(mixed, recipe, seed=3)
    names = [prepared.samples.name(at) for at in range(len(prepared))]
    assert prepared.skipped  # so that the pictures after it have other numbers than places
    sights = show(mixed, net=NET, recipe=recipe, seed=3, count=64, views=3)
    assert {seen.name for seen in sights.pictures} == set(names)
    assert sights.certain
    for seen in sights.pictures:
        at = names.index(seen.name)
        for batch, view in zip(batches, seen.training, strict=True):
            assert torch.equal(view.input, batch[at])


def test_an_epoch_is_asked_for_by_its_number_counted_from_1(garments: Path) -> None:
    changes = Changes(augment="strong")
    several = show(garments, recipe=changes, count=2, views=3).pictures
    third = show(garments, recipe=changes, count=2, views=1, epoch=3).pictures
    for seen, later in zip(several, third, strict=True):
        assert [view.epoch for view in seen.training] == [1, 2, 3]
        assert [view.epoch for view in later.training] == [3]
        assert torch.equal(seen.training[2].input, later.training[0].input)
        assert not torch.equal(seen.training[1].input, later.training[0].input)


@pytest.mark.parametrize(
    "view", [CROP, replace(CROP, mode="letterbox", resize=None), replace(CROP, mode="squash", scale=1.0, resize=None)]
)
def test_the_evaluation_view_is_byte_for_byte_what_a_model_gives_its_network(mixed: Path, view: View) -> None:
    sights = show(mixed, net=NET, recipe=recipe_with(mixed, Augment(), view), count=64, views=0)
    model = Model(NET, nn.Identity(), (3, 56, 56), ("a", "b", "c"), view)  # whose answer is what it was given
    for seen in sights.pictures:
        file = Files.of(mixed, [seen.name], [0])
        canvases = drained(prepare(file, view, 1)).canvases.take(np.arange(1))
        assert torch.equal(model.logits(canvases)[0], seen.input)
        assert seen.training == ()


def test_a_run_shows_its_own_recipe_and_pictures_as_it_saw_them(mixed: Path, tmp_path: Path) -> None:
    changes = Changes(augment="light", input=(3, 32, 32))
    run = train(mixed, net=NET, recipe=changes, seed=5, epochs=1, out=tmp_path / "run")
    of_run, of_set = show(run.path, count=5), show(mixed, net=NET, recipe=changes, seed=5, count=5)
    assert same(of_run, of_set)
    assert of_run.recipe.epochs == 1
    record = json.loads((run.path / "data.json").read_text(encoding="utf-8"))
    assert of_run.skipped == record["skipped"]
    assert {seen.name for seen in of_run.pictures} <= set(record["parts"]["train"])
    for wrong in ({"net": NET}, {"recipe": "paper"}, {"seed": 1}):
        with pytest.raises(Misuse, match="its own network"):
            show(run.path, **wrong)  # type: ignore[arg-type]


def same(one: Sights, other: Sights) -> bool:
    return [seen.name for seen in one.pictures] == [seen.name for seen in other.pictures] and all(
        torch.equal(view.input, twin.input)
        for seen, like in zip(one.pictures, other.pictures, strict=True)
        for view, twin in zip(seen.training, like.training, strict=True)
    )


def test_a_picture_that_became_unreadable_after_a_training_changes_no_number(mixed: Path, tmp_path: Path) -> None:
    run = train(mixed, net=NET, recipe=Changes(input=(3, 32, 32)), epochs=1, out=tmp_path / "run")
    before = by_name(show(run.path, count=64, views=1))
    gone = next(name for name in before if name.startswith("cat/"))
    (mixed / gone).write_bytes(b"gone")
    after = show(run.path, count=64, views=1)
    assert after.skipped[gone] == "no_picture"
    assert len(after.pictures) == len(before) - 1
    for seen in after.pictures:
        assert torch.equal(seen.training[0].input, before[seen.name].training[0].input)


def test_a_set_too_large_to_be_decoded_says_that_its_numbers_are_not_certain(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("striate.data.measuring.MOST_DECODED", 1000)
    sights = show(mixed, net=NET, seed=3)
    assert not sights.certain
    assert "cat/1.jpg" in sights.skipped  # by its first bytes
    assert sights.overall.measured == 31  # and the one that breaks off is still among them


def test_a_broken_picture_that_is_asked_for_is_named_with_its_reason(mixed: Path) -> None:
    with pytest.raises(BadData, match=r"cat/3\.jpg: the file ends before"):
        show(mixed, ["cat/3.jpg"], net=NET)


def test_pictures_are_spread_over_the_classes_and_the_seed_chooses_them(crops: Path) -> None:
    first = show(crops, net=NET, count=6, views=0)
    assert sorted(seen.label or "" for seen in first.pictures) == ["cat"] * 2 + ["daisy"] * 2 + ["palace"] * 2
    assert [seen.name for seen in show(crops, net=NET, count=6, views=0).pictures] == [s.name for s in first.pictures]
    others = {seen.name for seen in show(crops, net=NET, count=6, views=0, seed=1).pictures}
    assert others != {seen.name for seen in first.pictures}
    assert len({seen.label for seen in show(count=10, views=0).pictures}) == 10


def test_a_picture_of_the_set_keeps_its_number_and_one_from_elsewhere_has_no_training_views(
    mixed: Path, tmp_path: Path, photos: dict[str, Image.Image]
) -> None:
    stranger = tmp_path / "stranger.png"
    photos["cat"].save(stranger)
    every = {seen.name: seen for seen in show(mixed, net=NET, count=64, views=1).pictures}
    name = next(name for name in reversed(every) if name.startswith("palace/"))
    val = divide(open_set(mixed), 0).parts["val"]
    held = next(val.name(at) for at in range(len(val)) if val.name(at).startswith("daisy/"))
    asked = [mixed / name, str(stranger), held]
    found = show(mixed, asked, net=NET, views=1).pictures
    assert [(seen.name, seen.part) for seen in found] == [(name, "train"), (str(stranger), OUTSIDE), (held, "val")]
    assert torch.equal(found[0].training[0].input, every[name].training[0].input)
    assert [seen.training for seen in found[1:]] == [(), ()]
    assert (found[1].label, found[1].size) == (None, (300, 451))
    with pytest.raises(Misuse, match="no picture palace/99"):
        show(mixed, ["palace/99.jpg"], net=NET)


def test_pictures_alone_are_seen_as_a_training_on_them_would(crops: Path) -> None:
    places = sorted((crops / "cat").iterdir())[:3]
    sights = show(pictures=places, net=NET, recipe=Changes(augment="strong", input=(3, 56, 56)), views=2)
    assert [(seen.name, seen.label) for seen in sights.pictures] == [(str(place), None) for place in places]
    assert all(len(seen.training) == 2 for seen in sights.pictures)
    assert sights.data is None
    (crops / "cat" / "a.png").write_bytes(b"")
    with pytest.raises(BadData, match=r"nothing to show: .*a\.png"):
        show(pictures=[crops / "cat" / "a.png"], net=NET)


def test_shares_sizes_and_notes_are_those_of_the_pictures(mixed: Path) -> None:
    recipe = recipe_with(mixed, Augment())
    seen = by_name(show(mixed, ["palace/turned.jpg", "cat/small.png", "palace/0.jpg"], net=NET, recipe=recipe))
    assert (seen["palace/turned.jpg"].size, seen["palace/turned.jpg"].notes) == ((640, 427), ("rotated",))
    assert seen["palace/turned.jpg"].picture.size == (427, 640)
    assert seen["palace/turned.jpg"].cut.share == pytest.approx((56 / 64) ** 2 * 427 / 640, abs=0.005)
    assert seen["palace/0.jpg"].cut.share == pytest.approx((56 / 64) ** 2)
    assert seen["cat/small.png"].cut.enlarged == pytest.approx(64 / 27)
    overall = show(mixed, net=NET, recipe=recipe).overall
    assert (overall.total, overall.measured, overall.enlarged) == (32, 30, 1)
    assert overall.kept.median == pytest.approx((56 / 64) ** 2)
    assert overall.kept.name in ("palace/turned.jpg", "cat/small.png")
    assert overall.kept.worst == pytest.approx(min(each.cut.share for each in seen.values()))
    assert overall.most_enlarged == pytest.approx(64 / 27)


def by_name(sights: Sights) -> dict[str, Seen]:
    return {seen.name: seen for seen in sights.pictures}


def test_nothing_is_written_and_the_answer_goes_into_json(crops: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in crops.rglob("*"))
    told = json.loads(json.dumps(show(crops, net=NET, count=2).as_json()))
    assert sorted((path, path.stat().st_mtime_ns) for path in crops.rglob("*")) == before
    assert told["pictures"][0]["size"] == [200, 200]
    assert [each["epoch"] for each in told["pictures"][0]["training"]] == [1, 2, 3, 4]
    assert set(told["overall"]["kept"]) == {"median", "worst", "name"}


@pytest.mark.parametrize("wrong", [{"count": 0}, {"count": 65}, {"views": 17}, {"epoch": 0}])
def test_counts_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(Misuse, match="out of range"):
        show(**wrong)  # type: ignore[arg-type]


def test_every_note_of_decoding_has_a_short_form() -> None:
    notes = {key.removeprefix("note.") for key in _catalogue("en") if key.startswith("note.")}
    assert notes
    assert {f"show.{note}" for note in notes} <= set(_catalogue("en"))
