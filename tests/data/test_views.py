"""Views: any picture becomes a canvas of the shape promised; training roams over it, all else takes the middle."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms.v2 import functional

from striate.data.augment import augmented
from striate.data.views import (
    THINNEST,
    canvas,
    canvas_shape,
    centre,
    covering,
    fitted,
    normalised,
    pixels_of,
)
from striate.nets import efficientnet, lenet5
from striate.recipe import Augment, View

SQUASH = View("squash", (24, 32), 3, (0.5,) * 3, (0.25,) * 3)
LETTERBOX = View("letterbox", (48, 64), 3, (0.5,) * 3, (0.25,) * 3, fill=77)
PAD = View("pad", (32, 32), 3, (0.5,) * 3, (0.25,) * 3, fill=5)
CROP = View("crop", (28, 28), 3, (0.5,) * 3, (0.25,) * 3, resize=32)
VIEWS = {
    "squash": SQUASH,
    "letterbox": LETTERBOX,
    "pad": PAD,
    "crop": CROP,
    "crop of the whole": replace(CROP, resize=None, size=(20, 36)),
    "bicubic squash": replace(SQUASH, interpolation="bicubic"),
    "bicubic crop": replace(CROP, interpolation="bicubic"),
}
every_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())


def grey(view: View) -> View:
    return replace(view, channels=1, mean=view.mean[:1], std=view.std[:1])


def tensor(image: Image.Image) -> torch.Tensor:
    """uint8 (C, H, W)."""
    return torch.from_numpy(np.atleast_3d(np.asarray(image)).transpose(2, 0, 1).copy())


def image(canvas: torch.Tensor) -> np.ndarray:
    """int64 (H, W, C), to reckon with."""
    return canvas.permute(1, 2, 0).numpy().astype(np.int64)


def furthest(one: torch.Tensor, other: torch.Tensor) -> int:
    """The largest difference of a pixel between two pictures of one shape."""
    assert one.shape == other.shape
    return int((one.int() - other.int()).abs().max())


@pytest.fixture(scope="module")
def shapes(photo):
    """Pieces of real photos in every shape."""
    china, chelsea = photo("china"), photo("chelsea")
    return {
        "photo": china,
        "tall": china.crop((200, 0, 290, 427)),
        "wide": chelsea.crop((0, 100, 451, 140)),
        "square": chelsea.crop((100, 50, 300, 250)),
        "small": china.crop((100, 100, 115, 110)),
        "tiny": china.crop((300, 200, 303, 202)),
        "one pixel": china.crop((300, 200, 301, 201)),
        "one row": china.crop((0, 200, 200, 201)),
        "one column": china.crop((300, 0, 301, 200)),
        "of the size": china.crop((300, 200, 332, 232)),
    }


class TestCanvas:
    @every_view
    @pytest.mark.parametrize("channels", [1, 3])
    @pytest.mark.parametrize("mode", ["L", "RGB"])
    def test_every_picture_becomes_a_canvas_of_the_shape_promised(self, shapes, view, channels, mode):
        view = view if channels == 3 else grey(view)
        for name, picture in shapes.items():
            made = canvas(picture.convert(mode), view)
            assert tuple(made.shape) == canvas_shape(view), name
            assert made.dtype == torch.uint8, name

    def test_the_shape_is_the_input_or_the_square_that_crops_are_cut_from(self):
        assert canvas_shape(SQUASH) == (3, 24, 32)
        assert canvas_shape(LETTERBOX) == (3, 48, 64)
        assert canvas_shape(grey(PAD)) == (1, 32, 32)
        assert canvas_shape(CROP) == (3, 32, 32)
        assert canvas_shape(replace(CROP, resize=None)) == (3, 28, 28)

    @every_view
    def test_a_grey_picture_in_colour_has_three_equal_channels(self, shapes, view):
        made = canvas(shapes["photo"].convert("L"), view)
        assert torch.equal(made[0], made[1])
        assert torch.equal(made[0], made[2])

    @every_view
    def test_a_colour_picture_in_grey_is_as_bright_as_its_grey(self, shapes, view):
        made, colour = canvas(shapes["square"], grey(view)), canvas(shapes["square"], view)
        luma = (image(colour) * np.array([0.299, 0.587, 0.114])).sum(-1)  # ITU-R 601
        assert np.abs(image(made)[..., 0] - luma).max() <= 2

    @every_view
    def test_an_even_picture_stays_even_where_the_picture_is(self, view):
        view = replace(view, fill=90)
        for size in ((7, 31), (31, 7), (100, 100), (1, 1)):
            assert torch.equal(canvas(Image.new("RGB", size, (90, 90, 90)), view).unique(), torch.tensor([90]))


class TestSquash:
    def test_both_sides_are_resized(self, shapes):
        for name in ("photo", "tall", "wide", "small"):
            peer = np.asarray(shapes[name].resize((32, 24), Image.Resampling.BILINEAR)).astype(np.int64)
            assert np.abs(image(canvas(shapes[name], SQUASH)) - peer).max() <= 2, name

    def test_bicubic_is_bicubic(self, shapes):
        made = image(canvas(shapes["photo"], VIEWS["bicubic squash"]))
        cubic = np.asarray(shapes["photo"].resize((32, 24), Image.Resampling.BICUBIC)).astype(np.int64)
        linear = np.asarray(shapes["photo"].resize((32, 24), Image.Resampling.BILINEAR)).astype(np.int64)
        assert np.abs(made - cubic).max() <= 2 < np.abs(made - linear).max()


class TestLetterbox:
    @pytest.mark.parametrize(
        ("size", "inside"),  # (width, height) of the picture and of what is left of it in 64 x 48
        [((640, 427), (64, 43)), ((90, 427), (10, 48)), ((451, 40), (64, 6)), ((16, 6), (64, 24)), ((200, 1), (64, 1))],
    )
    def test_the_aspect_is_kept_the_rest_is_fill_and_the_picture_is_in_the_middle(self, photo, size, inside):
        picture = photo("china").resize(size)
        made = image(canvas(picture, LETTERBOX))
        left, top = (64 - inside[0]) // 2, (48 - inside[1]) // 2
        within = np.zeros((48, 64), bool)
        within[top : top + inside[1], left : left + inside[0]] = True
        assert (made[~within] == 77).all()
        peer = np.asarray(picture.resize(inside, Image.Resampling.BILINEAR)).astype(np.int64)
        assert np.abs(made[within].reshape(inside[1], inside[0], 3) - peer).max() <= 2

    def test_one_side_is_always_full(self, shapes):
        for name, picture in shapes.items():
            made = image(canvas(picture.point(lambda level: min(level, 60)), LETTERBOX)) != 77
            assert made.any((1, 2)).all() or made.any((0, 2)).all(), name


class TestPad:
    def test_mnist_size_gets_a_border_of_two(self, built_in):
        view = grey(PAD)
        for at in range(20):
            picture = built_in["train"].image(at)
            made = image(canvas(picture, view))[..., 0]
            assert np.array_equal(made[2:30, 2:30], np.asarray(picture))
            border = np.ones((32, 32), bool)
            border[2:30, 2:30] = False
            assert (made[border] == 5).all()

    @pytest.mark.parametrize("size", [(1, 1), (3, 2), (27, 28), (28, 31), (31, 5), (32, 32), (32, 1)])
    def test_a_picture_that_fits_is_never_enlarged_and_stands_in_the_middle(self, photo, size):
        picture = photo("china").crop((300, 200, 300 + size[0], 200 + size[1]))
        made = image(canvas(picture, PAD))
        left, top = (32 - size[0]) // 2, (32 - size[1]) // 2
        within = np.zeros((32, 32), bool)
        within[top : top + size[1], left : left + size[0]] = True
        assert np.array_equal(made[within].reshape(size[1], size[0], 3), np.asarray(picture))
        assert (made[~within] == 5).all()

    def test_a_picture_that_does_not_fit_is_shrunk_as_by_letterbox(self, shapes):
        for name in ("photo", "tall", "wide", "square", "one row"):
            assert torch.equal(canvas(shapes[name], PAD), canvas(shapes[name], replace(PAD, mode="letterbox"))), name


class TestCrop:
    @pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
    @pytest.mark.parametrize(
        "size",
        [(640, 427), (427, 640), (451, 300), (300, 451), (600, 400), (512, 512), (333, 500), (100, 90), (259, 257)],
    )
    def test_the_middle_is_what_torchvision_cuts_out(self, photo, size, interpolation):
        view = View("crop", (224, 224), 3, (0.5,) * 3, (0.25,) * 3, resize=256, interpolation=interpolation)
        picture = photo("china") if size[0] >= size[1] else photo("china").rotate(90, expand=True)
        picture = picture if picture.size == size else picture.resize(size)
        peer = v2.Compose(
            [v2.Resize(256, InterpolationMode(interpolation), antialias=True), v2.CenterCrop(224)]
        )(tensor(picture))  # fmt: skip
        assert furthest(centre(canvas(picture, view)[None], view)[0], peer) == 0

    def test_the_shorter_side_is_resized_and_the_middle_of_the_longer_is_taken(self, photo):
        picture = photo("chelsea").crop((0, 0, 450, 300))
        made = image(canvas(picture, CROP))
        peer = np.asarray(picture.resize((48, 32), Image.Resampling.BILINEAR)).astype(np.int64)[:, 8:40]
        assert np.abs(made - peer).max() <= 2

    def test_nothing_is_filled_in(self, shapes):
        for name, picture in shapes.items():
            dark = picture.point(lambda level: min(level, 200))
            assert canvas(dark, replace(CROP, fill=255)).max() <= 201, name

    @pytest.mark.parametrize("size", [(20_000, 1), (1, 20_000), (70_001, 3)])
    def test_a_thin_picture_is_cut_before_it_is_made_larger(self, photo, size):
        picture = photo("china").resize(size)
        for area in ((28, 28), (20, 36)):
            whole = covering(pixels_of(picture, CROP), area, CROP)
            assert max(whole.shape[-2:]) <= (THINNEST + 1) * max(area)
            assert min(whole.shape[-2:]) >= min(area)
        assert canvas(picture, CROP).shape == (3, 32, 32)

    def test_of_a_thin_picture_the_same_middle_is_seen(self, photo):
        picture = photo("china").resize((4 * THINNEST, 2))
        peer = v2.Compose([v2.Resize(32, antialias=True), v2.CenterCrop(32)])(tensor(picture))
        assert furthest(canvas(picture, CROP), peer) == 0


class TestBatches:
    @every_view
    @pytest.mark.parametrize("channels", [1, 3])
    def test_grey_pictures_fitted_together_equal_canvases_one_by_one(self, built_in, view, channels):
        view = view if channels == 3 else grey(view)
        train = built_in["train"]
        together = fitted(torch.from_numpy(train.images[:40].copy())[:, None], view)
        one_by_one = torch.stack([canvas(train.image(at), view) for at in range(40)])
        assert furthest(together, one_by_one) == 0

    @every_view
    @pytest.mark.parametrize("channels", [1, 3])
    def test_colour_pictures_fitted_together_equal_canvases_one_by_one(self, cutout, view, channels):
        view = view if channels == 3 else grey(view)
        pictures = [cutout(number) for number in range(20)]
        together = fitted(torch.stack([tensor(picture) for picture in pictures]), view)
        one_by_one = torch.stack([canvas(picture, view) for picture in pictures])
        assert furthest(together, one_by_one) == 0

    def test_what_is_given_is_left_as_it_was(self, built_in):
        pixels = torch.from_numpy(built_in["train"].images[:10].copy())[:, None]
        before = pixels.clone()
        for view in VIEWS.values():
            made = fitted(pixels, grey(view))
            normalised(centre(made, grey(view)), grey(view))
            augmented(made, np.arange(10), grey(view), Augment(flip=True, shift=2, erase=6), (0, 0))
        assert torch.equal(pixels, before)


@pytest.fixture(scope="module")
def canvases(cutout):
    """uint8 (60, 3, 32, 32), each another piece of a photo."""
    return torch.stack([canvas(cutout(number), CROP) for number in range(60)])


class TestCentre:
    def test_it_is_the_middle(self, canvases):
        assert torch.equal(centre(canvases, CROP), canvases[:, :, 2:30, 2:30])

    def test_of_an_odd_margin_it_is_torchvisions_middle(self, canvases):
        assert torch.equal(
            centre(canvases, replace(CROP, size=(27, 29))), functional.center_crop(canvases, [27, 29])
        )  # fmt: skip
        assert torch.equal(centre(canvases, replace(CROP, size=(31, 30))), canvases[:, :, 0:31, 1:31])

    def test_a_canvas_of_the_inputs_size_is_its_own_middle(self, canvases):
        assert torch.equal(centre(canvases, replace(CROP, size=(32, 32))), canvases)


class TestNormalised:
    @pytest.mark.parametrize(
        "view",
        [
            View("squash", (32, 32), 3, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
            efficientnet.VIEW,
            View("squash", (32, 32), 3, mean=(0.0,), std=(1.0,)),
        ],
        ids=["ImageNet's", "EfficientNet's", "plain"],
    )
    def test_it_is_the_formula_a_channel_at_a_time(self, canvases, view):
        pixels = canvases.double().numpy()
        mean, std = (np.array(each).reshape(-1, 1, 1) for each in (view.mean, view.std))
        found = normalised(canvases, view)
        assert found.dtype == torch.float32
        np.testing.assert_allclose(found.numpy(), (pixels * view.scale - mean) / std, rtol=1e-6, atol=1e-6)

    def test_lenets_paper_is_minus_a_tenth_and_its_ink_1_175(self):
        black_and_white = torch.tensor([0, 255], dtype=torch.uint8).view(1, 1, 1, 2)
        found = normalised(black_and_white, lenet5.VIEW).flatten()
        torch.testing.assert_close(found, torch.tensor([-0.1, 1.175]), rtol=0, atol=1e-6)

    def test_lenets_border_is_paper(self, built_in):
        found = normalised(canvas(built_in["train"].image(0), lenet5.VIEW)[None], lenet5.VIEW)
        assert found.shape == (1, 1, 32, 32)
        torch.testing.assert_close(found[..., :2, :], torch.full((1, 1, 2, 32), -0.1), rtol=0, atol=1e-6)

    def test_efficientnets_pixels_run_from_minus_one_to_one(self):
        ends = normalised(
            torch.tensor([0, 127, 255], dtype=torch.uint8).view(1, 1, 1, 3).expand(1, 3, 1, 3), efficientnet.VIEW
        )
        torch.testing.assert_close(ends[0, 0, 0], torch.tensor([-127 / 128, 0.0, 1.0]))


FLIP = Augment(flip=True)


def cuts(whole: torch.Tensor, view: View) -> dict[tuple[int, int, bool], torch.Tensor]:
    """Every crop of one canvas (C, H, W), and every one mirrored, by (down, right, mirrored)."""
    height, width = view.size
    found = {}
    for down in range(whole.shape[1] - height + 1):
        for right in range(whole.shape[2] - width + 1):
            cut = whole[:, down : down + height, right : right + width]
            found[down, right, False] = cut
            found[down, right, True] = cut.flip(-1)
    return found


def which(out: torch.Tensor, possible: dict[tuple[int, int, bool], torch.Tensor]) -> tuple[int, int, bool]:
    matching = [where for where, cut in possible.items() if torch.equal(cut, out)]
    assert len(matching) == 1, "an output that is no cut of its canvas"
    return matching[0]


class TestAugmented:
    def test_nothing_asked_for_changes_nothing(self, canvases):
        view = replace(CROP, size=(32, 32))
        assert torch.equal(augmented(canvases, np.arange(60), view, Augment(), (0, 0)), canvases)

    def test_every_output_is_one_of_the_crops_of_its_own_canvas(self, canvases):
        out = augmented(canvases, np.arange(60), CROP, Augment(), (3, 1))
        assert out.shape == (60, 3, 28, 28)
        assert out.dtype == torch.uint8
        assert not any(which(out[at], cuts(canvases[at], CROP))[2] for at in range(60))

    def test_flipping_gives_crops_and_mirrored_crops(self, canvases):
        out = augmented(canvases, np.arange(60), CROP, FLIP, (3, 1))
        mirrored = [which(out[at], cuts(canvases[at], CROP))[2] for at in range(60)]
        assert 15 < sum(mirrored) < 45

    def test_a_flip_alone_mirrors_the_whole_picture_for_half_of_them(self, built_in):
        view = View("squash", (28, 28), 1, (0.0,), (1.0,))
        pictures = torch.from_numpy(built_in["train"].images[:2000].copy())[:, None]
        out = augmented(pictures, np.arange(2000), view, FLIP, (0, 0))
        same, mirrored = ((out == each).flatten(1).all(1) for each in (pictures, pictures.flip(-1)))
        assert (same | mirrored).all()
        assert 900 < mirrored.sum() < 1100

    def test_a_shift_moves_over_a_border_of_fill(self, canvases):
        view = replace(CROP, size=(32, 32), fill=9)
        out = augmented(canvases, np.arange(60), view, Augment(shift=2), (0, 4))
        assert out.shape == canvases.shape
        found = set()
        for at in range(60):
            bordered = torch.full((3, 36, 36), 9, dtype=torch.uint8)
            bordered[:, 2:34, 2:34] = canvases[at]
            found.add(which(out[at], cuts(bordered, view))[:2])
        assert len(found) > 15  # of 25 places

    def test_every_place_and_both_ways_round_occur_and_none_is_favoured(self, canvases):
        count = 4_000
        one = canvases[:1, :1]
        out = augmented(one.expand(count, -1, -1, -1), np.arange(count), grey(CROP), FLIP, (0, 0))
        counted = {where: int((out == cut).flatten(1).all(1).sum()) for where, cut in cuts(one[0], CROP).items()}
        assert sum(counted.values()) == count
        expected = count / 50  # 5 x 5 places, two ways round
        assert sum((found - expected) ** 2 / expected for found in counted.values()) < 95  # chi-squared, 49 degrees

    @pytest.mark.parametrize(
        "augment",
        [FLIP, Augment(shift=3), Augment(erase=9), Augment(flip=True, shift=2, erase=5)],
        ids=["flip", "shift", "erase", "all"],
    )
    def test_it_depends_on_seed_epoch_and_id_alone(self, canvases, augment):
        ids = np.arange(60) * 17 + 5
        chance = (11, 2)
        out = augmented(canvases, ids, CROP, augment, chance)
        assert torch.equal(augmented(canvases, ids, CROP, augment, chance), out)
        order = np.random.default_rng(0).permutation(60)
        assert torch.equal(augmented(canvases[order], ids[order], CROP, augment, chance), out[order])
        for start, end in ((0, 1), (7, 20), (59, 60)):
            assert torch.equal(augmented(canvases[start:end], ids[start:end], CROP, augment, chance), out[start:end])
        for other in ((12, 2), (11, 3), (2, 11)):
            assert not torch.equal(augmented(canvases, ids, CROP, augment, other), out)
        assert not torch.equal(augmented(canvases, ids + 1, CROP, augment, chance), out)

    def test_it_leaves_the_random_state_of_torch_and_numpy_alone(self, canvases):
        before, numpys = torch.get_rng_state(), np.random.get_state()[1].copy()
        augmented(canvases, np.arange(60), CROP, Augment(flip=True, shift=2, erase=5), (0, 0))
        assert torch.equal(torch.get_rng_state(), before)
        assert np.array_equal(np.random.get_state()[1], numpys)

    def test_grey_canvases_are_augmented_as_well(self, canvases):
        one = canvases[:, :1]
        out = augmented(one, np.arange(60), grey(CROP), FLIP, (3, 1))
        assert torch.equal(out, augmented(canvases, np.arange(60), CROP, FLIP, (3, 1))[:, :1])


class TestErased:
    @pytest.mark.parametrize(
        ("view", "ground"),
        [
            (View("squash", (32, 32), 3, mean=(0.485, 0.456, 0.406), std=(0.2,) * 3), (124, 116, 104)),
            (replace(efficientnet.VIEW, mode="squash", size=(32, 32), resize=None), (127, 127, 127)),
            (lenet5.VIEW, (20,)),
        ],
        ids=["ImageNet's", "EfficientNet's", "LeNet's"],
    )
    def test_a_square_is_set_to_the_mean_and_the_rest_is_left(self, canvases, view, ground):
        mean = torch.tensor(ground, dtype=torch.uint8).view(-1, 1, 1)
        whole = canvases[:, : len(ground)]
        whole = torch.where(whole == mean, whole + 1, whole)  # so that what is erased can be told
        out = augmented(whole, np.arange(60), view, Augment(erase=8), (0, 0))
        hidden = (out == mean).all(1)
        assert torch.equal((out != whole).any(1), hidden)
        for at in range(60):
            rows, columns = (hidden[at].any(side).nonzero().flatten().tolist() for side in (1, 0))
            if not rows:
                continue  # the square reached over the border altogether
            assert rows == list(range(rows[0], rows[0] + len(rows)))
            assert columns == list(range(columns[0], columns[0] + len(columns)))
            assert hidden[at].sum() == len(rows) * len(columns)
            assert len(rows) == 8 or rows[0] == 0 or rows[-1] == 31
            assert len(columns) == 8 or columns[0] == 0 or columns[-1] == 31
        assert hidden.any(0).float().mean() > 0.95  # all over the picture
        assert ((hidden.flatten(1).sum(1) == 64).float().mean()) > 0.4

    def test_what_is_erased_is_zero_to_the_network_within_a_rounding(self, canvases):
        view = View("squash", (32, 32), 3, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
        out = augmented(canvases, np.arange(60), view, Augment(erase=64), (0, 0))
        whole = (out == out[:, :, :1, :1]).flatten(1).all(1)
        assert whole.any()
        assert normalised(out[whole], view).abs().max() < 0.5 / 255 / 0.224 + 1e-6
