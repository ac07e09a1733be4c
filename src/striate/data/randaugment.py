"""RandAugment: a few operations out of fourteen, drawn for each picture, all of one magnitude.

E. D. Cubuk, B. Zoph, J. Shlens, Q. T. Le: RandAugment: Practical automated data augmentation with a reduced search
space. CVPR Workshops 2020, arXiv:1909.13719. Operations and strengths are torchvision's, whose magnitudes run to 30.
"""

import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torchvision.transforms import functional as T  # not v2, whose colours are rounded in another way

from striate.data.order import draws

MOST = 30
"""The largest magnitude."""

_PURPOSES = 64  # of the draws, from here on: two an operation, none of them one of augment.py

Size = tuple[int, int]


@dataclass(frozen=True)
class Operation:
    """Something that is done to a picture, uint8 (C, H, W), and how strongly."""

    done: Callable[[Tensor, float, int], Tensor]  # to a picture, by a strength, what comes in having this grey level
    strength: Callable[[float, Size], float]  # of a magnitude from 0 to 1, for pictures of (height, width)
    signed: bool  # half of the times the other way


def _affine(pixels: Tensor, fill: int, right: float, down: float, shear: tuple[float, float]) -> Tensor:
    """Moved, or sheared about the corner, as the paper's code does it, without smoothing."""
    centre = [0.0, 0.0] if any(shear) else None
    turned = [math.degrees(math.atan(each)) for each in shear]
    return T.affine(pixels, 0.0, [right, down], 1.0, turned, fill=[float(fill)] * len(pixels), center=centre)


def _rotated(pixels: Tensor, degrees: float, fill: int) -> Tensor:
    return T.rotate(pixels, degrees, fill=[float(fill)] * len(pixels))


def _up_to(most: float) -> Callable[[float, Size], float]:
    return lambda magnitude, _: most * magnitude


OPERATIONS = {
    "Identity": Operation(lambda x, _, __: x, _up_to(0), signed=False),
    "ShearX": Operation(lambda x, by, fill: _affine(x, fill, 0, 0, (by, 0.0)), _up_to(0.3), signed=True),
    "ShearY": Operation(lambda x, by, fill: _affine(x, fill, 0, 0, (0.0, by)), _up_to(0.3), signed=True),
    "TranslateX": Operation(
        lambda x, by, fill: _affine(x, fill, int(by), 0, (0.0, 0.0)),
        lambda m, size: 150 / 331 * size[1] * m,
        signed=True,
    ),
    "TranslateY": Operation(
        lambda x, by, fill: _affine(x, fill, 0, int(by), (0.0, 0.0)),
        lambda m, size: 150 / 331 * size[0] * m,
        signed=True,
    ),
    "Rotate": Operation(_rotated, _up_to(30), signed=True),
    "Brightness": Operation(lambda x, by, _: T.adjust_brightness(x, 1 + by), _up_to(0.9), signed=True),
    "Color": Operation(lambda x, by, _: T.adjust_saturation(x, 1 + by), _up_to(0.9), signed=True),
    "Contrast": Operation(lambda x, by, _: T.adjust_contrast(x, 1 + by), _up_to(0.9), signed=True),
    "Sharpness": Operation(lambda x, by, _: T.adjust_sharpness(x, 1 + by), _up_to(0.9), signed=True),
    "Posterize": Operation(lambda x, bits, _: T.posterize(x, int(bits)), lambda m, _: 8 - round(4 * m), signed=False),
    "Solarize": Operation(lambda x, from_, _: T.solarize(x, from_), lambda m, _: 255 * (1 - m), signed=False),
    "AutoContrast": Operation(lambda x, _, __: T.autocontrast(x), _up_to(0), signed=False),
    "Equalize": Operation(lambda x, _, __: T.equalize(x), _up_to(0), signed=False),
}
"""By torchvision's names."""


def randaugmented(
    pixels: Tensor, ids: np.ndarray, rule: tuple[int, int], fill: int, chance: tuple[int, int], pool: Executor | None
) -> Tensor:
    """Each picture after so many operations of a magnitude, drawn by (seed, epoch) and its id: uint8 (N, C, H, W)."""
    count, magnitude = rule
    known = list(OPERATIONS.values())
    which = [(draws(ids, *chance, _PURPOSES + 2 * at) * len(known)).astype(np.int64) for at in range(count)]
    signs = [np.where(draws(ids, *chance, _PURPOSES + 2 * at + 1) < 0.5, -1.0, 1.0) for at in range(count)]
    size = (pixels.shape[2], pixels.shape[3])

    def changed(at: int) -> Tensor:
        picture = pixels[at]
        for chosen, sign in zip(which, signs, strict=True):
            operation = known[chosen[at]]
            strength = operation.strength(magnitude / MOST, size)
            picture = operation.done(picture, strength * sign[at] if operation.signed else strength, fill)
        return picture

    return torch.stack(list((pool.map if pool else map)(changed, range(len(ids)))))
