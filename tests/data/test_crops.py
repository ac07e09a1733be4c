"""Crops of real photos: against torchvision's ten_crop, and at the places that the papers say."""

import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from PIL import Image
from torchvision.transforms.v2 import functional as V

from striate.crops import PLAIN, SCHEMES, Crops, Scheme
from striate.data.crops import LONGEST, Cuts, cut, settled
from striate.data.views import canvas, centre
from striate.problem import Misuse
from striate.recipe import Mode, View

Photo = Callable[[str], Image.Image]

IMAGENET = View("crop", (224, 224), 3, (0.5,) * 3, (0.25,) * 3, resize=256)
SMALL = View("squash", (28, 28), 1, (0.5,), (0.25,), fill=7)
CLASSES = ("cat", "dog")


def cuts(image: Image.Image, view: View, crops: Crops | Scheme) -> Cuts:
    return cut(image, view, settled(Crops.of(crops), view, CLASSES))


def only(image: Image.Image, view: View, crops: Crops | Scheme) -> torch.Tensor:
    (found,) = cuts(image, view, crops)
    return found


@pytest.mark.parametrize("view", [
    IMAGENET, replace(IMAGENET, size=(227, 227)), replace(IMAGENET, size=(192, 224)), replace(IMAGENET, resize=None),
    SMALL, replace(SMALL, mode="letterbox"), replace(SMALL, mode="pad", size=(64, 48)),
])  # fmt: skip
def test_one_crop_is_the_view_itself(view: View, photo: Photo) -> None:
    image = photo("china")
    assert torch.equal(only(image, view, 1), centre(canvas(image, view)[None], view))


@pytest.mark.parametrize("size", [224, 227])
def test_two_crops_are_the_centre_and_its_mirror_image(size: int, photo: Photo) -> None:
    one, mirrored = only(photo("china"), replace(IMAGENET, size=(size, size)), 2)
    assert torch.equal(mirrored, one.flip(-1))
    assert torch.equal(one, only(photo("china"), replace(IMAGENET, size=(size, size)), 1)[0])


@pytest.mark.parametrize("size", [(224, 224), (227, 227), (192, 224)])
def test_ten_crops_are_torchvisions_pixel_for_pixel(size: tuple[int, int], photo: Photo) -> None:
    view = replace(IMAGENET, size=size)
    for name in ("china", "chelsea", "coins"):
        square = canvas(photo(name), view)
        assert torch.equal(only(photo(name), view, 10), torch.stack(V.ten_crop(square, list(size))))


def test_a_photos_view_without_margin_is_enlarged_for_ten_crops(photo: Photo) -> None:
    for view in (replace(IMAGENET, resize=None), replace(IMAGENET, resize=224)):
        assert settled(Crops(10), view, CLASSES).scales == (256,)
        assert torch.equal(only(photo("china"), view, 10), only(photo("china"), IMAGENET, 10))


@pytest.mark.parametrize(("side", "border"), [(28, 1), (32, 1), (64, 2), (224, 8)])
@pytest.mark.parametrize("mode", ["squash", "letterbox", "pad"])
def test_a_picture_shown_whole_is_shifted_over_a_border_for_ten_crops(
    mode: Mode, side: int, border: int, photo: Photo
) -> None:
    view = replace(SMALL, mode=mode, size=(side, side))
    whole = canvas(photo("coins"), view)
    found = only(photo("coins"), view, 10)
    assert torch.equal(found[4], whole)
    assert torch.equal(found[0][:, border:, border:], whole[:, :-border, :-border])
    assert found[0][:, :border].eq(7).all()
    assert found[0][:, :, :border].eq(7).all()


def test_a_scale_is_the_shorter_side_that_crops_are_taken_at(photo: Photo) -> None:
    image = photo("china")
    found = only(image, IMAGENET, Crops(10, (256, 384)))
    assert torch.equal(found[:10], only(image, IMAGENET, 10))
    square = canvas(image, replace(IMAGENET, resize=384))
    assert torch.equal(found[10:], torch.stack(V.ten_crop(square, [224, 224])))
    small = only(image, SMALL, Crops(1, (28, 42)))
    larger = canvas(image, replace(SMALL, size=(42, 42)))
    assert torch.equal(small, torch.stack([canvas(image, SMALL), V.center_crop(larger, [28, 28])]))


def test_144_crops_stand_where_googlenets_do(photo: Photo) -> None:
    image = photo("china")  # 640 x 427
    found = only(image, IMAGENET, 144)
    assert found.shape == (144, 3, 224, 224)
    assert settled(Crops(144), IMAGENET, CLASSES).scales == (256, 288, 320, 352)
    whole = V.resize(V.pil_to_tensor(image), [256], antialias=True)
    left, right = whole[:, :, :256], whole[:, :, -256:]
    assert torch.equal(found[0], left[:, :224, :224])
    assert torch.equal(found[3], left[:, -224:, -224:])
    assert torch.equal(found[4], V.center_crop(left, [224, 224]))
    assert torch.equal(found[5], V.resize(left, [224, 224], antialias=True))
    assert torch.equal(found[10], V.center_crop(whole, [224, 224]))
    assert torch.equal(found[13], right[:, :224, -224:])
    assert torch.equal(found[18], right.flip(-1)[:, :224, :224]), "then the mirrored picture, from its left"
    larger = V.resize(V.pil_to_tensor(image), [352], antialias=True)
    assert torch.equal(found[108], larger[:, :224, :224])


def test_144_crops_of_an_upright_picture_go_from_top_to_bottom(photo: Photo) -> None:
    image = photo("china").transpose(Image.Transpose.ROTATE_90)
    found = only(image, IMAGENET, 144)
    whole = V.resize(V.pil_to_tensor(image), [256], antialias=True)
    assert torch.equal(found[0], whole[:, :224, :224])
    assert torch.equal(found[14], whole[:, -224:, :224])


def test_the_three_squares_of_a_square_picture_are_one(photo: Photo) -> None:
    assert only(photo("astronaut"), IMAGENET, 144).shape[0] == 48
    assert only(photo("china"), SMALL, 144).shape == (48, 1, 28, 28)


@pytest.mark.parametrize(("view", "scales"), [
    (SMALL, (32, 36, 40, 44)),
    (replace(IMAGENET, size=(112, 112), resize=128), (128, 144, 160, 176)),
    (replace(IMAGENET, size=(224, 224), resize=232), (232, 261, 290, 319)),
    (replace(IMAGENET, resize=None), (256, 288, 320, 352)),
])  # fmt: skip
def test_144_crops_keep_googlenets_proportions(view: View, scales: tuple[int, ...]) -> None:
    assert settled(Crops(144), view, CLASSES).scales == scales


def test_dense_sees_the_whole_picture_at_its_own_aspect_ratio(photo: Photo) -> None:
    image = photo("china")
    small, large = cuts(image, IMAGENET, Crops("dense", (256, 384)))
    assert (small.shape, large.shape) == ((2, 3, 256, 383), (2, 3, 384, 575))
    assert torch.equal(small[1], small[0].flip(-1))
    assert torch.equal(small[0], V.resize(V.pil_to_tensor(image), [256], antialias=True))
    assert only(image, SMALL, "dense").shape == (2, 1, 28, 41)
    assert only(image, replace(SMALL, mode="letterbox"), "dense").shape == (2, 1, 28, 28)


def test_dense_sees_the_middle_of_a_very_long_picture(photo: Photo) -> None:
    strip = photo("china").crop((0, 0, 640, 20))
    assert only(strip, SMALL, "dense").shape == (2, 1, 28, LONGEST * 28)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_mirror_images_are_left_out_where_classes_are_characters(scheme: Scheme, photo: Photo) -> None:
    letters = settled(Crops(scheme), IMAGENET, ("a", "b", unicodedata.normalize("NFD", "꽃")))
    words = settled(Crops(scheme), IMAGENET, ("a", "b", "cc"))
    assert not letters.mirrored
    assert words.mirrored == (scheme != 1)
    (some,), (all_,) = cut(photo("china"), IMAGENET, letters), cut(photo("china"), IMAGENET, words)
    assert len(all_) == len(some) * (1 if scheme == 1 else 2)
    assert (len(some), len(all_)) == (letters.count, words.count)


def test_crops_that_make_no_sense_are_refused() -> None:
    with pytest.raises(Misuse, match="one of 1, 2, 10, 144, dense"):
        Crops(11)  # type: ignore[arg-type]
    with pytest.raises(Misuse, match="0 pixels"):
        Crops(10, (256, 0))
    with pytest.raises(Misuse, match=r"(?s)too small.*224 or more"):
        settled(Crops(10, (256, 200)), IMAGENET, CLASSES)
    with pytest.raises(Misuse, match="28x28"):
        settled(Crops("dense", (20,)), SMALL, CLASSES)
    with pytest.raises(Misuse, match=r"(?s)100,000 pixels.*2,048 or less"):
        settled(Crops(10, (256, 100_000)), IMAGENET, CLASSES)
    assert settled(Crops(1, (224,)), IMAGENET, CLASSES).scales == (224,)
    large = replace(IMAGENET, size=(3000, 3000), resize=3400)
    assert settled(Crops(1), large, CLASSES).scales == (3400,)


def test_crops_are_values() -> None:
    assert Crops.of(10) == Crops(10) == Crops.of(Crops(10))
    assert Crops() == PLAIN
