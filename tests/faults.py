"""A folder of real photographs with a fault of every kind, each planted under a name that says what it is."""

import io
from importlib.resources import files
from pathlib import Path
from typing import Any

from PIL import Image

_PLACES = {"palace": "sklearn.datasets.images/china.jpg", "daisy": "sklearn.datasets.images/flower.jpg"}


def photograph(number: int, size: tuple[int, int] = (80, 60)) -> Image.Image:
    """Another piece of a colour photograph for every number from 0 to 39."""
    package, _, name = list(_PLACES.values())[number % 2].partition("/")
    whole = Image.open(io.BytesIO((files(package) / name).read_bytes())).convert("RGB")
    left, top = number // 2 % 5 * 128, number // 10 * 106
    return whole.crop((left, top, left + 124, top + 104)).resize(size)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def clean(root: Path) -> Path:
    """Two classes in three parts, 24 pictures, nothing amiss."""
    for number in range(24):
        part = "train" if number < 16 else "val" if number < 20 else "test"
        path = root / part / ("palace", "daisy")[number % 2] / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(photograph(number)))
    return root


def faulty(root: Path) -> Path:
    """The same with faults."""
    clean(root)
    turned = Image.Exif()
    turned[0x0112] = 6
    noted = photograph(38).convert("RGBA")
    noted.putalpha(128)
    broken = encoded(photograph(36, (400, 300)))
    whole = (root / "train/palace/0.jpg").read_bytes()
    for name, content in {
        "test/palace/leaked.jpg": whole,
        "train/palace/twice.jpg": (root / "train/palace/2.jpg").read_bytes(),
        "train/daisy/also a palace.jpg": (root / "train/palace/4.jpg").read_bytes(),
        "train/daisy/cut off.jpg": broken[: len(broken) // 2],
        "train/daisy/no picture.png": b"no picture at all",
        "train/daisy/blank.png": encoded(Image.new("RGB", (80, 60), "white"), "PNG"),
        "train/daisy/tiny.png": encoded(photograph(30, (40, 20)), "PNG"),
        "train/daisy/really png.jpg": encoded(photograph(31), "PNG"),
        "train/palace/turned.jpg": encoded(photograph(32), exif=turned),
        "train/palace/grey.jpg": encoded(photograph(33).convert("L").convert("RGB")),
        "train/palace/long.jpg": encoded(photograph(34, (330, 60))),
        "train/palace/clear.png": encoded(noted, "PNG"),
        "train/palace/notes.txt": b"notes",
        "train/palace/.hidden.jpg": whole,
        "train/.thumbs/1.jpg": whole,
        "rest/1.jpg": whole,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    outside = root.parent / "outside.jpg"
    outside.write_bytes(encoded(photograph(35)))
    (root / "train/palace/linked.jpg").symlink_to(outside)
    return root
