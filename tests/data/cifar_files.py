"""Small sets in the binary layout of CIFAR, of real pictures."""

import io
import tarfile
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from PIL import Image

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def pictures(cutout: Callable[[int], Image.Image], numbers: Iterable[int]) -> np.ndarray:
    """uint8 (N, 32, 32, 3)."""
    return np.stack([np.asarray(cutout(number).resize((32, 32))) for number in numbers])


def records(images: np.ndarray, *labels: Iterable[int]) -> bytes:
    """Each picture behind its labels, channel by channel."""
    fronts = np.stack([np.array(list(each), np.uint8) for each in labels], 1)
    return np.concatenate([fronts, images.transpose(0, 3, 1, 2).reshape(len(images), -1)], 1).tobytes()


def cifar10(cutout: Callable[[int], Image.Image], each: int = 20) -> dict[str, bytes]:
    """The seven files, so many pictures in each batch."""
    labels = [number % 10 for number in range(each)]
    files = {
        f"data_batch_{batch}.bin": records(pictures(cutout, range(batch * each, (batch + 1) * each)), labels)
        for batch in range(1, 6)
    }
    test = records(pictures(cutout, range(each)), labels)
    return {**files, "test_batch.bin": test, "batches.meta.txt": "\n".join([*CLASSES, ""]).encode()}


def cifar100(cutout: Callable[[int], Image.Image]) -> dict[str, bytes]:
    fine = list(range(100))
    coarse = [label // 5 for label in fine]
    names = "".join(f"thing_{label}\n" for label in fine)
    return {
        "train.bin": records(pictures(cutout, fine), coarse, fine),
        "test.bin": records(pictures(cutout, range(100, 110)), coarse[:10], fine[:10]),
        "fine_label_names.txt": names.encode(),
    }


def archive(folder: str, files: Mapping[str, bytes]) -> bytes:
    """A .tar.gz with one folder, as published."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        top = tarfile.TarInfo(folder)
        top.type = tarfile.DIRTYPE
        tar.addfile(top)
        for name, content in files.items():
            member = tarfile.TarInfo(f"{folder}/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
