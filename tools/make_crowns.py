"""Makes a small task in colour out of two aerial photos of the package deepforest: a tree's crown, or ground?

    pip download --no-deps deepforest==2.1.0
    python tools/make_crowns.py deepforest-2.1.0-py3-none-any.whl crowns

The boxes of the trees are the package's own (MIT). Every crown is cut out with an eighth of its size around it. For
each, a square of the same size is cut where no box is, at a place drawn from a fixed seed. The photo with fewer trees
is learned from, the other one, of another place, is the test.
"""

import io
import sys
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

PHOTOS = {"train": "2019_YELL_2_541000_4977000_image_crop", "test": "2019_YELL_2_528000_4978000_image_crop2"}
TRIES = 2000
Box = tuple[int, int, int, int]  # left, top, right, bottom


def main(wheel: Path, out: Path) -> None:
    with zipfile.ZipFile(wheel) as package:
        for part, name in PHOTOS.items():
            photo = Image.open(io.BytesIO(package.read(f"deepforest/data/{name}.png"))).convert("RGB")
            boxes = read_boxes(package.read(f"deepforest/data/{name}.xml"))
            rng = np.random.default_rng(0)
            count = 0
            for at, box in enumerate(boxes):
                side = round(1.25 * max(box[2] - box[0], box[3] - box[1]))
                ground = without_trees(boxes, side, photo.size, rng)
                if ground is None:
                    continue
                save(photo, around(box, side, photo.size), out / part / "crown" / f"{at:03d}.png")
                save(photo, ground, out / part / "ground" / f"{at:03d}.png")
                count += 1
            print(f"{part}: {count} crowns and as many pieces of ground out of {name}")


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


def without_trees(boxes: list[Box], side: int, size: tuple[int, int], rng: np.random.Generator) -> Box | None:
    """A square that touches no box; None where none was found."""
    for _ in range(TRIES):
        left, top = int(rng.integers(size[0] - side)), int(rng.integers(size[1] - side))
        if all(left >= box[2] or left + side <= box[0] or top >= box[3] or top + side <= box[1] for box in boxes):
            return left, top, left + side, top + side
    return None


def save(photo: Image.Image, box: Box, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    photo.crop(box).save(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
