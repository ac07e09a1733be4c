"""The drawing of what a network sees: what is in it, and where."""

import base64
import io
import re
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest
from PIL import Image

from striate.figures.remarks import share_text, summary
from striate.figures.sights import CELL, drawing, refuse_place, write
from striate.fitting.changes import Changes
from striate.problem import Misuse
from striate.verbs.show import Sights, show

DOCS = Path(__file__).parents[2] / "docs"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def sights(photos: dict[str, Image.Image], tmp_path: Path) -> Sights:
    """A palace, wide, through a crop, and two epochs of it."""
    photos["palace"].save(tmp_path / "a <palace> & more.png")
    changes = Changes(resize="crop", input=(3, 56, 56))
    return show(pictures=[tmp_path / "a <palace> & more.png"], net="resnet20_cifar", recipe=changes, views=2)


def pictures_in(root: Element) -> list[Image.Image]:
    files = [each.get("href", "") for each in root.iter(f"{SVG}image")]
    return [Image.open(io.BytesIO(base64.b64decode(each.partition(",")[2]))) for each in files]


def test_every_picture_is_inside_the_drawing_and_nothing_is_fetched(sights: Sights) -> None:
    drawn = drawing(sights, "en")
    assert len(pictures_in(fromstring(drawn))) == 4
    assert "<palace>" not in drawn
    addresses = re.findall(r'(?:href|src|url)\s*[=(]\s*"?([^"\s>]{0,12})', drawn)
    assert len(addresses) == 4
    assert all(each.startswith("data:image/") for each in addresses)


def test_the_rectangle_is_what_the_evaluation_view_keeps(sights: Sights) -> None:
    root = fromstring(drawing(sights, "en"))
    image, boxes = next(root.iter(f"{SVG}image")), [each for each in root.iter(f"{SVG}rect") if each.get("stroke")]
    seen = sights.pictures[0]
    scale = CELL / seen.size[1]
    for box in boxes:
        assert float(box.get("width", 0)) == pytest.approx(seen.cut.box.width * scale, abs=0.1)
        left = float(image.get("x", 0)) + seen.cut.box.left * scale
        assert float(box.get("x", 0)) == pytest.approx(left, abs=0.1)
    assert len(boxes) == 2
    assert seen.cut.share < 0.6


def test_what_is_drawn_is_the_networks_input(sights: Sights) -> None:
    shown = pictures_in(fromstring(drawing(sights, "en")))
    assert [image.size[0] % 56 for image in shown[1:]] == [0, 0, 0]
    view, x = sights.recipe.view, sights.pictures[0].training[1].input
    drawn = np.asarray(shown[3])[2::5, 2::5]  # a pixel is a square of five
    mean, std = (np.array(each)[:, None, None] for each in (view.mean, view.std))
    assert np.abs(drawn.transpose(2, 0, 1) - (x.numpy() * std + mean) * 255).max() < 0.51


@pytest.mark.parametrize("language", ["en", "ko"])
def test_png_svg_and_html_are_written_in_both_languages(sights: Sights, tmp_path: Path, language: str) -> None:
    for ending in ("png", "svg", "html"):
        write(sights, tmp_path / f"seen.{ending}", language)
    with Image.open(tmp_path / "seen.png") as image:
        assert (image.mode, image.width > 900) == ("RGB", True)
    page = (tmp_path / "seen.html").read_text(encoding="utf-8")
    words = {"en": ("training, epoch 2", "kept"), "ko": ("학습, 에폭 2", "남음")}[language]
    for text in (page, (tmp_path / "seen.svg").read_text(encoding="utf-8")):
        assert all(word in text for word in words)
    assert f'<html lang="{language}">' in page
    assert "<script" not in page


def test_a_drawing_among_the_pictures_or_of_no_known_kind_is_refused(tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    for path, root in ((tmp_path / "a" / "x.png", tmp_path), (picture, None), (tmp_path / "x.jpg", None)):
        with pytest.raises(Misuse):
            refuse_place(path, root, [picture])
    refuse_place(tmp_path / "x.PNG", tmp_path / "a", [picture])


def test_other_ways_to_the_networks_size_are_named_where_a_crop_cuts_and_what_is_mixed_is_said(
    sights: Sights, garments: Path
) -> None:
    cropped = "\n".join(summary(sights, "en"))
    assert "--resize letterbox" in cropped
    whole = "\n".join(summary(show(garments, recipe=Changes(mixup=0.4), count=1), "en"))
    assert "--resize" not in whole
    assert "mixup 0.4" in whole


@pytest.mark.parametrize(("language", "page"), [("en", "seen.svg"), ("ko", "seen.ko.svg")])
def test_the_readmes_picture_is_what_its_command_draws(language: str, page: str) -> None:
    drawn = drawing(show(recipe=Changes(resize="crop"), count=2), language)
    kept = (DOCS / page).read_text(encoding="utf-8")
    assert len(kept) < 60_000
    without_pixels = [re.sub(r'href="[^"]*"', "", text) for text in (drawn, kept)]
    assert without_pixels[0] == without_pixels[1]


@pytest.mark.parametrize(("share", "text"), [(1.0, "100 %"), (0.997, "99 %"), (0.514, "51 %"), (0.0123, "1.2 %")])
def test_a_share_is_all_only_where_nothing_is_missing(share: float, text: str) -> None:
    assert share_text(share) == text
