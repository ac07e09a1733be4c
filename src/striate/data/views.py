"""Performing a View: a picture becomes a canvas of uint8 once, canvases become the network's input in batches.

The canvas is what stays the same every time (decoding, resizing); what is cut out of it differs between training, which
roams, and everything else, which takes the middle.
"""

from math import ceil

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as V

from striate.recipe import View

THINNEST = 32
"""Of a picture that is longer than so many times its shorter side, what is to cover an area is cut out first."""

_INTERPOLATION = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}


def canvas_shape(view: View) -> tuple[int, int, int]:
    """(channels, height, width) of the canvas: the input's, or the whole square that a crop is taken from."""
    height, width = (view.resize, view.resize) if view.mode == "crop" and view.resize else view.size
    return view.channels, height, width


def least_of(view: View) -> tuple[int, int]:
    """(height, width) that decoding has to leave of any picture, so that none is enlarged that was reduced before.

    Both sides as long as the canvas's are enough for every mode; of a canvas longer than THINNEST, so long that what is
    cut out first still covers it. A reduced side is rounded up, which can move what lies at a border by one pixel.
    """
    _, height, width = canvas_shape(view)
    return max(height, ceil(width / THINNEST)), max(width, ceil(height / THINNEST))


def canvas(image: Image.Image, view: View) -> Tensor:
    """A decoded picture, resized: uint8 (C, H, W) of canvas_shape(view)."""
    return fitted(pixels_of(image, view), view)


def pixels_of(image: Image.Image, view: View) -> Tensor:
    """A decoded picture in the colours of the view, of its own size: uint8 (C, H, W)."""
    mode = "L" if view.channels == 1 else "RGB"
    return V.pil_to_tensor(image if image.mode == mode else image.convert(mode))


def fitted(pixels: Tensor, view: View) -> Tensor:
    """Pictures of one size as canvases, grey ones repeated where colour is wanted: uint8 (..., C, H, W) to the same."""
    if pixels.shape[-3] != view.channels:
        pixels = _grey(pixels) if view.channels == 1 else V.grayscale_to_rgb(pixels)
    _, height, width = canvas_shape(view)
    found = pixels.shape[-2], pixels.shape[-1]
    if found == (height, width):
        return pixels
    if view.mode == "squash":
        return resized(pixels, (height, width), view)
    if view.mode == "crop":
        return V.center_crop(covering(pixels, (height, width), view), [height, width])
    scale = min(height / found[0], width / found[1])
    if view.mode == "pad":
        scale = min(scale, 1.0)
    target = (min(height, max(1, round(found[0] * scale))), min(width, max(1, round(found[1] * scale))))
    top, left = (height - target[0]) // 2, (width - target[1]) // 2
    border = [left, top, width - target[1] - left, height - target[0] - top]
    return V.pad(resized(pixels, target, view), border, fill=view.fill)


def covering(pixels: Tensor, area: tuple[int, int], view: View) -> Tensor:
    """Pictures at their own aspect ratio, as small as still covers the area: uint8 (..., C, H, W) to the same.

    Of a longer one than THINNEST times its shorter side, the middle: one of 1x20,000 pixels would take gigabytes.
    """
    height, width = area
    most = THINNEST * min(pixels.shape[-2:])
    if max(pixels.shape[-2:]) > most:
        pixels = V.center_crop(pixels, [min(side, most) for side in pixels.shape[-2:]])
    found = pixels.shape[-2], pixels.shape[-1]
    scale = max(height / found[0], width / found[1])
    return resized(pixels, (max(height, int(found[0] * scale)), max(width, int(found[1] * scale))), view)


def _grey(pixels: Tensor) -> Tensor:
    """Luma by ITU-R 601-2, in Pillow's integers, so that it is the same whichever way a picture comes."""
    red, green, blue = pixels.int().unbind(-3)
    return ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).to(torch.uint8).unsqueeze(-3)


def interpolation(view: View) -> InterpolationMode:
    """As torchvision names it."""
    return _INTERPOLATION[view.interpolation]


def resized(pixels: Tensor, size: tuple[int, int], view: View) -> Tensor:
    """Pictures of a size, by the view's interpolation: uint8 (..., C, H, W) to the same."""
    if tuple(pixels.shape[-2:]) == size:
        return pixels
    return V.resize(pixels, list(size), interpolation(view), antialias=True)


def centre(canvases: Tensor, view: View) -> Tensor:
    """The middle of each canvas, of the input's size: uint8 (N, C, H, W)."""
    return V.center_crop(canvases, list(view.size))


def normalised(pixels: Tensor, view: View) -> Tensor:
    """(pixel * scale - mean) / std: float32 (N, C, H, W)."""
    mean, std = (torch.tensor(each, dtype=torch.float64)[:, None, None] for each in (view.mean, view.std))
    slope, offset = (each.float().to(pixels.device) for each in (view.scale / std, mean / std))
    return pixels.float().mul_(slope).sub_(offset)


def denormalised(inputs: Tensor, view: View) -> Tensor:
    """What normalised() made of pixels, as pixels for the eye: float32 (N, C, H, W) to uint8."""
    mean, std, scale = torch.tensor(view.mean), torch.tensor(view.std), view.scale
    values = (inputs.cpu().double() * std.double()[:, None, None] + mean.double()[:, None, None]) / scale
    return values.round().clamp(0, 255).to(torch.uint8)
