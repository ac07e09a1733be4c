"""Performing Crops: a decoded picture becomes the several inputs whose probabilities are averaged.

One rule holds for views of every size: sizes keep the proportions of the papers, whose networks take 224 pixels of 256.
A view without such a margin gets one: a photo is made larger by 256/224, and a picture that its view shows whole is
padded by 1/28 of its size on each side (1 pixel of 28, 8 of 224), by as much as Striate's own recipe shifts it.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms.v2 import functional as V

from striate.crops import LARGEST, Crops
from striate.data.folder import nfc
from striate.data.views import canvas_shape, covering, fitted, least_of, pixels_of, resized
from striate.problem import Misuse
from striate.recipe import View

Cuts = tuple[Tensor, ...]
"""The inputs made of one picture, uint8 (K, C, H, W): one tensor a size."""

LONGEST = 4
"""Of a longer picture than so many times its shorter side, ``dense`` sees the middle."""

_BORDER = 28  # 10 crops of a picture that its view shows whole: padded by this part of its size
_GROUND = 8  # 144 crops: the scales are 8, 9, 10 and 11 parts, of which the input has 7 (GoogLeNet, Sec. 7)


def settled(crops: Crops, view: View, classes: Sequence[str]) -> Crops:
    """The crops with nothing left open for a view: its scales named, mirror images only where they make sense.

    Where every class is named by one character, a mirror image shows another character or none, and is left out.
    Misuse for a scale below the input's size, and for one past all bounds.
    """
    characters = all(len(nfc(name)) == 1 for name in classes)
    for scale in crops.scales:
        if any(there < wanted for there, wanted in zip(canvas_shape(_at(view, scale))[1:], view.size, strict=True)):
            size = "x".join(map(str, view.size))
            raise Misuse("crops.small", scale=scale, size=size, least=_least(view))
        if scale > max(LARGEST, _own_scale(view)):
            raise Misuse("crops.large", scale=scale, most=LARGEST)
    scales = crops.scales or _own_scales(crops, view)
    return replace(crops, scales=scales, mirrored=crops.mirrored and crops.scheme != 1 and not characters)


def least_for(crops: Crops, view: View) -> tuple[int, int]:
    """(height, width) that decoding has to leave of any picture for settled crops: what the largest scale needs."""
    each = [least_of(_at(view, scale)) for scale in crops.scales]
    return max(height for height, _ in each), max(width for _, width in each)


def cut(image: Image.Image, view: View, crops: Crops) -> Cuts:
    """What the network is to see of a decoded picture, by settled crops.

    The three squares of a square picture are one and the same, and there once: the mean is that of all three.
    """
    pixels = pixels_of(image, view)
    groups = [_at_scale(pixels, view, crops, scale) for scale in crops.scales]
    return tuple(groups) if crops.scheme == "dense" else (torch.cat(groups),)


def _own_scales(crops: Crops, view: View) -> tuple[int, ...]:
    if crops.scheme == 144:
        return tuple(round(_with_margin(view) * parts / _GROUND) for parts in range(_GROUND, _GROUND + 4))
    cropped = view.mode == "crop" and crops.scheme == 10
    return (_with_margin(view) if cropped else _own_scale(view),)


def _own_scale(view: View) -> int:
    """The shorter side that the view itself resizes to."""
    return view.resize if view.mode == "crop" and view.resize else min(view.size)


def _with_margin(view: View) -> int:
    """The same, but larger than the input."""
    return _own_scale(view) if _own_scale(view) > _least(view) else round(_least(view) * 8 / 7)


def _least(view: View) -> int:
    """The smallest shorter side that an input can be cut from."""
    return max(view.size) if view.mode == "crop" else min(view.size)


def _at(view: View, scale: int) -> View:
    """The view at another shorter side; its size is then that of the whole picture."""
    if scale == _own_scale(view):
        return view
    if view.mode == "crop":
        return replace(view, resize=scale)
    height, width = (round(side * scale / min(view.size)) for side in view.size)
    return replace(view, size=(height, width))


def _at_scale(pixels: Tensor, view: View, crops: Crops, scale: int) -> Tensor:
    """The inputs at one scale: uint8 (K, C, H, W)."""
    shown = _laid_out(pixels, view, crops, scale)
    if crops.scheme in (1, 2):
        shown = V.center_crop(shown, list(view.size))
    both = torch.stack([shown, shown.flip(-1)]) if crops.mirrored else shown[None]
    if crops.scheme == 10:
        return _in_turn(V.five_crop(both, list(view.size)))
    return _of_squares(both, view, scale) if crops.scheme == 144 else both


def _laid_out(pixels: Tensor, view: View, crops: Crops, scale: int) -> Tensor:
    """The picture at a scale, as the view lays it out; a scheme that looks at it whole gets its own aspect ratio."""
    scaled = _at(view, scale)
    _, height, width = canvas_shape(scaled)
    if crops.scheme == "dense" and view.mode in ("crop", "squash"):
        whole = covering(pixels, (height, width), view)
        return V.center_crop(whole, [min(whole.shape[-2], LONGEST * height), min(whole.shape[-1], LONGEST * width)])
    if crops.scheme == 144 and view.mode == "crop":
        return covering(pixels, (height, width), view)
    shown = fitted(pixels, scaled)
    if crops.scheme == 10 and view.mode != "crop" and scale == _own_scale(view):
        return V.pad(shown, [max(1, round(min(view.size) / _BORDER))], fill=view.fill)
    return shown


def _of_squares(pictures: Tensor, view: View, scale: int) -> Tensor:
    """The squares along the longer side, left to right or top to bottom; of each the corners, the centre, and all."""
    _, height, width = canvas_shape(_at(view, scale))
    spare = pictures.shape[-2] - height, pictures.shape[-1] - width
    parts = (0.0, 0.5, 1.0) if any(spare) else (0.0,)
    found: list[Tensor] = []
    for part in parts:
        square = V.crop(pictures, round(spare[0] * part), round(spare[1] * part), height, width)
        found += [*V.five_crop(square, list(view.size)), resized(square, view.size, view)]
    return _in_turn(found)


def _in_turn(crops: Sequence[Tensor]) -> Tensor:
    """Crops (P, C, H, W) of P pictures: all of the first picture, then all of the next."""
    return torch.stack(list(crops), 1).flatten(0, 1)
