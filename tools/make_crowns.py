"""Makes a small task in colour out of two aerial photos of the package deepforest: a tree's crown, or ground?

    pip download --no-deps deepforest==2.1.0
    python tools/make_crowns.py deepforest-2.1.0-py3-none-any.whl crowns

The boxes of the trees are the package's own (MIT). Every crown is cut out with an eighth of its size around it. For
each, a square of the same size is cut where no box is, at a place drawn from a fixed seed. The left six tenths of each
photo are learned from, the right ones are the test; what reaches over the line is left out, so no pixel is in both.

An earlier division, one photo to learn from and the other to test, asked another question: the places differ so much
that whatever was learned in one told little in the other.
"""

import io
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

PHOTOS = ("2019_YELL_2_541000_4977000_image_crop", "2019_YELL_2_528000_4978000_image_crop2")
LEARNED = 0.6  # of a photo's width
TRIES = 2000
Box = tuple[int, int, int, int]  # left, top, right, bottom


def main(wheel: Path, out: Path) -> None:
    counts = {"train": 0, "test": 0}
    with zipfile.ZipFile(wheel) as package:
        for number, name in enumerate(PHOTOS):
            photo = Image.open(io.BytesIO(package.read(f"deepforest/data/{name}.png"))).convert("RGB")
            boxes = read_boxes(package.read(f"deepforest/data/{name}.xml"))
            line = round(LEARNED * photo.width)
            sides = {"train": (0, 0, line, photo.height), "test": (line, 0, photo.width, photo.height)}
            for part, within in sides.items():
                rng = np.random.default_rng(0)
                for at, box in enumerate(boxes):
                    side = round(1.25 * max(box[2] - box[0], box[3] - box[1]))
                    crown = around(box, side, photo.size)
                    ground = without_trees(boxes, side, within, rng) if inside(crown, within) else None
                    if ground is None:
                        continue
                    save(photo, crown, out / part / "crown" / f"{number}-{at:03d}.png")
                    save(photo, ground, out / part / "ground" / f"{number}-{at:03d}.png")
                    counts[part] += 1
    for part, count in counts.items():
        print(f"{part}: {count} crowns and as many pieces of ground")


def inside(box: Box, other: Box) -> bool:
    return box[0] >= other[0] and box[1] >= other[1] and box[2] <= other[2] and box[3] <= other[3]


def read_boxes(xml: bytes) -> list[Box]:
    """The boxes of a VOC file."""
    found = []
    for box in ET.fromstring(xml).iter("bndbox"):
        left, top, right, bottom = (round(float(box.findtext(key, "0"))) for key in ("xmin", "ymin", "xmax", "ymax"))
        found.append((left, top, right, bottom))
    return found


def around(box: Box, side: int, size: tuple[int, int]) -> Box:
    """A square about the middle of a box, moved into the photo where it reaches over the border."""
    left, top = (
        min(max(0, (low + high - side) // 2), most - side)
        for low, high, most in ((box[0], box[2], size[0]), (box[1], box[3], size[1]))
    )
    return left, top, left + side, top + side


def without_trees(boxes: list[Box], side: int, within: Box, rng: np.random.Generator) -> Box | None:
    """A square that touches no box; None where none was found."""
    for _ in range(TRIES):
        left, top = int(rng.integers(within[0], within[2] - side)), int(rng.integers(within[1], within[3] - side))
        if all(left >= box[2] or left + side <= box[0] or top >= box[3] or top + side <= box[1] for box in boxes):
            return left, top, left + side, top + side
    return None


def save(photo: Image.Image, box: Box, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    photo.crop(box).save(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
