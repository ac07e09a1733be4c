"""Folders of photographs to measure on, made of the real ones at hand; the same seed makes the same folder.

python -m bench.photos small|large|alike FOLDER [COUNT]

small: JPEGs of 500x375. large: JPEGs of 12 megapixels, as phones take them. alike: a set in which some photographs
come a second time, changed a little; ``alike.json`` beside the folder tells which.
"""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageEnhance

SEED = 20_261_124
SMALL = (500, 375)
LARGE = (4032, 3024)
CLASSES = 5

Kind = Literal["resized", "jpeg50", "cropped", "brightness"]
KINDS: tuple[Kind, ...] = ("resized", "jpeg50", "cropped", "brightness")
SHARE = 0.05  # of the set, a kind of change
SIBLINGS = 0.025  # of the set: another photograph pasted over a quarter of one; no second copy of it

_PHOTOS = (
    "astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg", "hubble_deep_field.jpg", "ihc.png",
    "motorcycle_left.png", "retina.jpg", "camera.png", "coins.png", "brick.png", "grass.png", "gravel.png",
)  # fmt: skip


@cache
def photos() -> tuple[Image.Image, ...]:
    """The photographs of scikit-image and scikit-learn that are at hand, in colour."""
    folder = files("skimage") / "data"
    found = [folder / name for name in _PHOTOS if (folder / name).is_file()]
    found += [files("sklearn.datasets.images") / name for name in ("china.jpg", "flower.jpg")]
    return tuple(Image.open(io.BytesIO(each.read_bytes())).convert("RGB") for each in found)


def composed(chance: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """A photograph that nobody took: pieces of two to four real ones, each turned, mirrored, tinted and resized."""
    picture = _piece(chance, size)
    for _ in range(chance.integers(1, 4)):
        share = chance.uniform(0.35, 0.75, 2)
        wide, high = (max(16, int(side * part)) for side, part in zip(size, share, strict=True))
        left, top = (int(chance.integers(0, side - part + 1)) for side, part in zip(size, (wide, high), strict=True))
        picture.paste(_piece(chance, (wide, high)), (left, top))
    return picture


def _piece(chance: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """A part of a real photograph, of the size wanted."""
    source = photos()[chance.integers(len(photos()))]
    share = chance.uniform(0.3, 0.9)
    wide, high = int(source.width * share), int(source.height * share)
    left, top = int(chance.integers(0, source.width - wide + 1)), int(chance.integers(0, source.height - high + 1))
    piece = source.resize(size, Image.Resampling.BILINEAR, (left, top, left + wide, top + high))
    if chance.random() < 0.5:
        piece = piece.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if chance.random() < 0.5:
        piece = piece.transpose(Image.Transpose.ROTATE_180)
    tint = np.repeat(chance.uniform(0.6, 1.3, 3), 256) * np.tile(np.arange(256), 3)
    return piece.point(tint.clip(0, 255).astype(int).tolist())


def photographs(folder: Path, count: int, size: tuple[int, int], *, quality: int) -> None:
    """JPEGs of one size in class folders."""
    for at in range(count):
        chance = np.random.default_rng((SEED, at))
        place = folder / f"class{at % CLASSES}" / f"{at:05}.jpg"
        place.parent.mkdir(parents=True, exist_ok=True)
        _grained(composed(chance, size), chance).save(place, quality=quality)


def _grained(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    """With the noise of a sensor, which fills a file as a real photograph does."""
    noise = chance.normal(0, 4, (64, 64, 3))
    tiles = np.tile(noise, (-(-image.height // 64), -(-image.width // 64), 1))[: image.height, : image.width]
    return Image.fromarray((np.asarray(image) + tiles).clip(0, 255).astype(np.uint8))


@dataclass(frozen=True)
class Alike:
    """Of a set in which some photographs come twice: the pairs, by the kind of the change."""

    pairs: dict[Kind, list[tuple[str, str]]]  # (first, second): paths within the folder


def alike(folder: Path, count: int) -> Alike:
    """Photographs in train/ and test/, of which 4 x 5 % are changed copies of others; what is what, in alike.json."""
    copies, siblings = int(count * SHARE), int(count * SIBLINGS)
    originals = count - len(KINDS) * copies - siblings
    chance = np.random.default_rng(SEED)
    chosen = chance.permutation(originals)[: len(KINDS) * copies + siblings]
    names = [
        _put(folder, at, _original(at), np.random.default_rng((SEED, at, 1)), quality=90) for at in range(originals)
    ]
    pairs: dict[Kind, list[tuple[str, str]]] = {kind: [] for kind in KINDS}
    for number, at in enumerate(chosen.tolist(), originals):
        draw = np.random.default_rng((SEED, number, 2))
        if number - originals >= len(KINDS) * copies:
            _put(folder, number, _pasted_over(_original(at), draw), draw, quality=90)
            continue
        kind = KINDS[(number - originals) // copies]
        quality = 50 if kind == "jpeg50" else 90
        pairs[kind].append((names[at], _put(folder, number, CHANGES[kind](_original(at), draw), draw, quality=quality)))
    folder.with_name(folder.name + ".json").write_text(json.dumps(pairs))
    return Alike(pairs)


def _original(number: int) -> Image.Image:
    """One of the set's photographs, before it is written."""
    chance = np.random.default_rng((SEED, number, 0))
    longer = int(chance.integers(400, 801))
    shorter = int(longer * chance.uniform(0.66, 0.8))
    size = (longer, shorter) if chance.random() < 0.7 else (shorter, longer)
    return _grained(composed(chance, size), chance)


def _put(folder: Path, number: int, image: Image.Image, chance: np.random.Generator, *, quality: int) -> str:
    part = "test" if chance.random() < 0.2 else "train"
    name = f"{part}/class{chance.integers(CLASSES)}/{number:05}.jpg"
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    image.save(folder / name, quality=quality)
    return name


def _resized(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    share = chance.uniform(0.4, 0.75)
    return image.resize((int(image.width * share), int(image.height * share)), Image.Resampling.LANCZOS)


def _same(image: Image.Image, _: np.random.Generator) -> Image.Image:
    return image


def _cropped(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Up to 5 % of the side is cut off at each border, and at least 1 %."""
    left, top, right, bottom = chance.uniform(0.01, 0.05, 4)
    wide, high = image.size
    return image.crop((int(left * wide), int(top * high), int((1 - right) * wide), int((1 - bottom) * high)))


def _brighter(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    factor = chance.uniform(0.65, 0.85) if chance.random() < 0.5 else chance.uniform(1.15, 1.4)
    return ImageEnhance.Brightness(image).enhance(factor)


def _pasted_over(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Another photograph over a quarter of it."""
    wide, high = image.width // 2, image.height // 2
    left, top = int(chance.integers(0, image.width - wide + 1)), int(chance.integers(0, image.height - high + 1))
    changed = image.copy()
    changed.paste(_piece(chance, (wide, high)), (left, top))
    return changed


CHANGES: dict[Kind, Callable[[Image.Image, np.random.Generator], Image.Image]] = {
    "resized": _resized,
    "jpeg50": _same,
    "cropped": _cropped,
    "brightness": _brighter,
}


def main() -> None:
    what, folder = sys.argv[1], Path(sys.argv[2])
    if what == "small":
        photographs(folder, int(sys.argv[3]) if len(sys.argv) > 3 else 1000, SMALL, quality=90)
    elif what == "large":
        photographs(folder, int(sys.argv[3]) if len(sys.argv) > 3 else 48, LARGE, quality=92)
    else:
        alike(folder, int(sys.argv[3]) if len(sys.argv) > 3 else 10_000)


if __name__ == "__main__":
    main()
