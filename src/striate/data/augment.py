"""The random part of a view: each picture cut, moved, mirrored and coloured by draws of its own.

A draw is a function of the seed, the epoch, the picture and its purpose, so it is the same whoever asks.
"""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.transforms.v2 import functional as V

from striate.data.order import draws
from striate.data.randaugment import randaugmented
from striate.data.views import interpolation, normalised
from striate.recipe import Augment, View

(
    _FLIP, _DOWN, _RIGHT, _ERASE_DOWN, _ERASE_RIGHT, _AREA, _ASPECT, _SHORTER, _ZOOM, _BRIGHTNESS, _COLOUR,
) = range(11)  # fmt: skip  # purposes of the draws; _COLOUR is the first of one a channel

Chance = tuple[int, int]
"""The seed and the epoch that the draws are a function of."""


class Boxes(NamedTuple):
    """Where each picture is cut, in pixels of its canvas; a box may reach over the border."""

    top: np.ndarray
    left: np.ndarray
    height: np.ndarray
    width: np.ndarray


def training_view(view: View, augment: Augment) -> View:
    """The view whose canvases training cuts from: as large as the largest picture that a crop may be drawn from."""
    if augment.shorter is None or view.resize is None:
        return view
    return replace(view, resize=max(augment.shorter))


def one_by_one(augment: Augment) -> bool:
    """Whether pictures are cut one after the other, each in a size of its own, for which threads help."""
    return bool(augment.area or augment.shorter or augment.zoom)


def boxes_of(area: tuple[int, int], ids: np.ndarray, view: View, augment: Augment, chance: Chance) -> Boxes:
    """Where augmented() cuts pictures whose canvases are of an area, (height, width), before it mirrors them."""
    cut = _resizing if one_by_one(augment) else _roaming
    return cut(area, ids, view, augment, chance)


def augmented(
    canvases: Tensor, ids: np.ndarray, view: View, augment: Augment, chance: Chance, pool: Executor | None = None
) -> Tensor:
    """Each canvas cut, moved and mirrored by its own draws: uint8 (N, C, H, W) of the view's size."""
    if one_by_one(augment):
        out = _resized_crops(canvases, ids, view, augment, chance, pool)
    else:
        out = _moved(canvases, ids, view, augment, chance)
    if augment.randaugment:
        out = randaugmented(out, ids, augment.randaugment, view.fill, chance, pool)
    return _erased(out, ids, view, augment.erase, chance) if augment.erase else out


def coloured(
    pixels: Tensor, ids: np.ndarray, view: View, augment: Augment, chance: Chance, colours: Tensor | None
) -> Tensor:
    """Pixels with their brightness and colour changed, then normalised: float32 (N, C, H, W).

    colours: (C, C) of principal_colours(). The noise is the same all over a picture, and is not cut off at black and
    white (Krizhevsky et al. 2012, Sec. 4.1).
    """
    if not augment.brightness and not augment.colour:
        return normalised(pixels, view)
    values = pixels.float()
    if augment.brightness:
        factors = 1 + augment.brightness * (2 * draws(ids, *chance, _BRIGHTNESS) - 1)
        values = (values * _each(factors[:, None], pixels)).clamp_(0, 255)
    if augment.colour:
        assert colours is not None
        alphas = np.stack([_normal(ids, chance, _COLOUR + 2 * at) for at in range(len(colours))], 1)
        values = values + _each(augment.colour * alphas @ colours.double().numpy().T, pixels)
    return normalised(values, view)


def principal_colours(canvases: Iterable[Tensor]) -> Tensor:
    """What a unit of noise adds to a pixel, by principal colour: float32 (C, C), its columns p_i * lambda_i.

    p_i and lambda_i are the eigenvectors and eigenvalues of the covariance of the pixels' channels. The paper does not
    say on which scale; pixels from 0 to 1 are meant, since on 0 to 255 the noise would be larger than white. The answer
    is in grey levels. canvases: uint8 (C, H, W), one at a time, since a thousand photos as float64 are gigabytes.
    """
    count, sums, products = 0, torch.zeros(1), torch.zeros(1)
    for each in canvases:
        pixels = each.flatten(1).double() / 255
        count, sums, products = count + pixels.shape[1], sums + pixels.sum(1), products + pixels @ pixels.T
    values, vectors = torch.linalg.eigh((products - torch.outer(sums, sums) / count) / (count - 1))
    return (vectors * values * 255).float()


def _moved(canvases: Tensor, ids: np.ndarray, view: View, augment: Augment, chance: Chance) -> Tensor:
    """Cut at a whole number of pixels and mirrored, all pictures at once."""
    height, width = view.size
    area = canvases.shape[2], canvases.shape[3]
    if augment.shift:
        canvases = F.pad(canvases, [augment.shift] * 4, value=view.fill)
    if not (tuple(canvases.shape[2:]) != view.size or augment.flip):
        return canvases
    corner = _roaming(area, ids, view, augment, chance)
    rows = np.arange(height)[None] + corner.top[:, None] + augment.shift
    columns = np.arange(width)[None] + corner.left[:, None] + augment.shift
    if augment.flip:
        columns = np.where(_mirrored(ids, chance)[:, None], columns[:, ::-1], columns)
    return _gather(canvases, rows, columns)


def _roaming(area: tuple[int, int], ids: np.ndarray, view: View, augment: Augment, chance: Chance) -> Boxes:
    """Boxes of the input's size anywhere on the canvas, or past its border by as much as pictures are shifted."""
    top, left = (
        _whole(ids, chance, purpose, side + 2 * augment.shift - part) - augment.shift
        for purpose, side, part in zip((_DOWN, _RIGHT), area, view.size, strict=True)
    )
    return Boxes(top, left, *(np.full(len(ids), part) for part in view.size))


def _resized_crops(
    canvases: Tensor, ids: np.ndarray, view: View, augment: Augment, chance: Chance, pool: Executor | None
) -> Tensor:
    """Cut in a size of its own and resized to the input's, picture by picture."""
    cuts = _resizing((canvases.shape[2], canvases.shape[3]), ids, view, augment, chance)
    over = max(int(-min(cuts.top.min(), cuts.left.min(), 0)), 0)
    below = (cuts.top + cuts.height).max() - canvases.shape[2], (cuts.left + cuts.width).max() - canvases.shape[3]
    room = max(over, int(max(*below, 0)))
    if room:
        canvases = F.pad(canvases, [room] * 4, value=view.fill)
    mirrored = _mirrored(ids, chance) if augment.flip else np.zeros(len(ids), bool)

    def cut(at: int) -> Tensor:
        top, left, height, width = (int(each[at]) for each in cuts)
        crop = V.resized_crop(
            canvases[at], top + room, left + room, height, width, list(view.size), interpolation(view), antialias=True
        )
        return V.horizontal_flip(crop) if mirrored[at] else crop

    return torch.stack(list((pool.map if pool else map)(cut, range(len(ids)))))


def _resizing(area: tuple[int, int], ids: np.ndarray, view: View, augment: Augment, chance: Chance) -> Boxes:
    """Where to cut: by area and aspect, by the shorter side drawn, or as large as the input, and then zoomed."""
    high, wide = area
    height, width = np.full(len(ids), float(view.size[0])), np.full(len(ids), float(view.size[1]))
    if augment.area:
        share = _between(ids, chance, _AREA, augment.area)
        ratio = np.exp(_between(ids, chance, _ASPECT, (np.log(augment.aspect[0]), np.log(augment.aspect[1]))))
        ratio = np.clip(ratio, share * wide / high, wide / (share * high))  # else it is longer than the picture
        height, width = np.sqrt(share * high * wide / ratio), np.sqrt(share * high * wide * ratio)
    elif augment.shorter:
        low, most = augment.shorter
        shorter = low + _whole(ids, chance, _SHORTER, most - low)
        height, width = height * min(high, wide) / shorter, width * min(high, wide) / shorter
    if augment.zoom:
        factor = np.exp(_between(ids, chance, _ZOOM, (np.log(augment.zoom[0]), np.log(augment.zoom[1]))))
        height, width = height / factor, width / factor
    if augment.area or augment.shorter:  # such a crop lies within the picture
        height, width = np.minimum(height, high), np.minimum(width, wide)
    height, width = (np.maximum(np.round(each), 1).astype(np.int64) for each in (height, width))
    top, left = (
        _corners(draws(ids, *chance, purpose), spare, augment.shift)
        for purpose, spare in ((_DOWN, high - height), (_RIGHT, wide - width))
    )
    return Boxes(top, left, height, width)


def _corners(draw: np.ndarray, spare: np.ndarray, shift: int) -> np.ndarray:
    """Where boxes begin along a side: anywhere within the picture, a larger one around its middle, then shifted."""
    roamed = np.floor(draw * (np.maximum(spare, 0) + 2 * shift + 1)).astype(np.int64)
    return roamed + np.minimum(spare, 0) // 2 - shift


def _mirrored(ids: np.ndarray, chance: Chance) -> np.ndarray:
    return draws(ids, *chance, _FLIP) < 0.5


def _between(ids: np.ndarray, chance: Chance, purpose: int, ends: tuple[float, float]) -> np.ndarray:
    return ends[0] + (ends[1] - ends[0]) * draws(ids, *chance, purpose)


def _whole(ids: np.ndarray, chance: Chance, purpose: int, most: int) -> np.ndarray:
    """A whole number from 0 to most for each picture."""
    return (draws(ids, *chance, purpose) * (most + 1)).astype(np.int64)


def _normal(ids: np.ndarray, chance: Chance, purpose: int) -> np.ndarray:
    """A number from N(0, 1) for each picture, by Box and Muller from two draws."""
    radius = np.sqrt(-2 * np.log1p(-draws(ids, *chance, purpose)))
    return radius * np.cos(2 * np.pi * draws(ids, *chance, purpose + 1))


def _each(values: np.ndarray, like: Tensor) -> Tensor:
    """(N, C) or (N, 1) as float32 (N, C, 1, 1) beside the pixels."""
    return torch.from_numpy(values).float().to(like.device)[:, :, None, None]


def _gather(canvases: Tensor, rows: np.ndarray, columns: np.ndarray) -> Tensor:
    """canvases[n, c, rows[n, i], columns[n, j]] for all n, c, i, j."""
    count, channels, high, wide = canvases.shape
    within = torch.from_numpy(rows[:, :, None] * wide + columns[:, None, :]).view(count, 1, -1)
    flat = canvases.reshape(count, channels, high * wide)
    picked = torch.gather(flat, 2, within.to(flat.device).expand(-1, channels, -1))
    return picked.view(count, channels, rows.shape[1], columns.shape[1])


def _erased(pixels: Tensor, ids: np.ndarray, view: View, side: int, chance: Chance) -> Tensor:
    """A square of the side given, at a random place that may reach over the border, set to the view's mean."""
    height, width = view.size
    top = _whole(ids, chance, _ERASE_DOWN, height)[:, None] - side // 2
    left = _whole(ids, chance, _ERASE_RIGHT, width)[:, None] - side // 2
    in_rows = (np.arange(height) >= top) & (np.arange(height) < top + side)
    in_columns = (np.arange(width) >= left) & (np.arange(width) < left + side)
    hidden = torch.from_numpy(in_rows[:, None, :, None] & in_columns[:, None, None, :]).to(pixels.device)
    ground = [round(mean / view.scale) for mean in view.mean]
    return torch.where(hidden, torch.tensor(ground, dtype=torch.uint8, device=pixels.device)[:, None, None], pixels)
