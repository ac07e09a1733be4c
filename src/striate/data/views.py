"""Performing a View: a picture becomes a canvas of uint8 once, canvases become the network's input in batches.

The canvas is what stays the same every time (decoding, resizing); what is cut out of it differs between training, which
roams, and everything else, which takes the middle.
"""

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torchvision.transforms import InterpolationMode
from torchvision.transforms.v2 import functional as V

from striate.data.order import draws
from striate.recipe import Augment, View

_INTERPOLATION = {"bilinear": InterpolationMode.BILINEAR, "bicubic": InterpolationMode.BICUBIC}
_FLIP, _DOWN, _RIGHT, _ERASE_DOWN, _ERASE_RIGHT = range(5)  # purposes of the draws


def canvas_shape(view: View) -> tuple[int, int, int]:
    """(channels, height, width) of the canvas: the input's, or the whole square that a crop is taken from."""
    height, width = (view.resize, view.resize) if view.mode == "crop" and view.resize else view.size
    return view.channels, height, width


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
    """Pictures at their own aspect ratio, as small as still covers the area: uint8 (..., C, H, W) to the same."""
    height, width = area
    found = pixels.shape[-2], pixels.shape[-1]
    scale = max(height / found[0], width / found[1])
    return resized(pixels, (max(height, int(found[0] * scale)), max(width, int(found[1] * scale))), view)


def _grey(pixels: Tensor) -> Tensor:
    """Luma by ITU-R 601-2, in Pillow's integers, so that it is the same whichever way a picture comes."""
    red, green, blue = pixels.int().unbind(-3)
    return ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).to(torch.uint8).unsqueeze(-3)


def resized(pixels: Tensor, size: tuple[int, int], view: View) -> Tensor:
    """Pictures of a size, by the view's interpolation: uint8 (..., C, H, W) to the same."""
    if tuple(pixels.shape[-2:]) == size:
        return pixels
    return V.resize(pixels, list(size), _INTERPOLATION[view.interpolation], antialias=True)


def centre(canvases: Tensor, view: View) -> Tensor:
    """The middle of each canvas, of the input's size: uint8 (N, C, H, W)."""
    return V.center_crop(canvases, list(view.size))


def augmented(canvases: Tensor, ids: np.ndarray, view: View, augment: Augment, chance: tuple[int, int]) -> Tensor:
    """Each canvas cut, moved and flipped by its own draws of (seed, epoch): uint8 (N, C, H, W)."""
    height, width = view.size
    if augment.shift:
        canvases = F.pad(canvases, [augment.shift] * 4, value=view.fill)
    spare = canvases.shape[2] - height, canvases.shape[3] - width
    if not (any(spare) or augment.flip or augment.erase):
        return canvases
    down, right = (_whole(ids, chance, purpose, room) for purpose, room in zip((_DOWN, _RIGHT), spare, strict=True))
    rows = np.arange(height)[None] + down[:, None]
    columns = np.arange(width)[None] + right[:, None]
    if augment.flip:
        flipped = draws(ids, *chance, _FLIP) < 0.5
        columns = np.where(flipped[:, None], columns[:, ::-1], columns)
    out = _gather(canvases, rows, columns)
    return _erased(out, ids, view, augment.erase, chance) if augment.erase else out


def normalised(pixels: Tensor, view: View) -> Tensor:
    """(pixel * scale - mean) / std: float32 (N, C, H, W)."""
    mean, std = (torch.tensor(each, dtype=torch.float64)[:, None, None] for each in (view.mean, view.std))
    slope, offset = (each.float().to(pixels.device) for each in (view.scale / std, mean / std))
    return pixels.float().mul_(slope).sub_(offset)


def _whole(ids: np.ndarray, chance: tuple[int, int], purpose: int, most: int) -> np.ndarray:
    """A whole number from 0 to most for each picture."""
    return (draws(ids, *chance, purpose) * (most + 1)).astype(np.int64)


def _gather(canvases: Tensor, rows: np.ndarray, columns: np.ndarray) -> Tensor:
    """canvases[n, c, rows[n, i], columns[n, j]] for all n, c, i, j."""
    count, channels, high, wide = canvases.shape
    within = torch.from_numpy(rows[:, :, None] * wide + columns[:, None, :]).view(count, 1, -1)
    flat = canvases.reshape(count, channels, high * wide)
    picked = torch.gather(flat, 2, within.to(flat.device).expand(-1, channels, -1))
    return picked.view(count, channels, rows.shape[1], columns.shape[1])


def _erased(pixels: Tensor, ids: np.ndarray, view: View, side: int, chance: tuple[int, int]) -> Tensor:
    """A square of the side given, at a random place that may reach over the border, set to the view's mean."""
    height, width = view.size
    top = _whole(ids, chance, _ERASE_DOWN, height)[:, None] - side // 2
    left = _whole(ids, chance, _ERASE_RIGHT, width)[:, None] - side // 2
    in_rows = (np.arange(height) >= top) & (np.arange(height) < top + side)
    in_columns = (np.arange(width) >= left) & (np.arange(width) < left + side)
    hidden = torch.from_numpy(in_rows[:, None, :, None] & in_columns[:, None, None, :]).to(pixels.device)
    ground = [round(mean / view.scale) for mean in view.mean]
    return torch.where(hidden, torch.tensor(ground, dtype=torch.uint8, device=pixels.device)[:, None, None], pixels)
