"""How an answer holds when the picture moves: accuracy on test pictures shifted by a few pixels."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from striate import compute
from striate.data.canvases import prepare
from striate.data.sets import open_set
from striate.data.split import restore
from striate.data.views import centre
from striate.model import Model
from striate.run import Run
from striate.work import drained

_BATCH = 200
_WAYS = ((0, 1), (0, -1), (1, 0), (-1, 0))  # right, left, down, up


def shifted_top1(run: Run, shifts: Sequence[int]) -> dict[str, float]:
    """Top-1 of a finished run on its test pictures, or on the validation pictures where there are none.

    They are moved by each of the shifts in pixels, in four directions of which the mean is taken; what comes in from
    the edge has the view's fill. The key 0 has the pictures as they are.
    """
    parts = restore(open_set(run.job().data), run.read("data.json")["parts"]).parts
    model, where = Model.load(run.path), compute.for_answers()
    pictures = drained(prepare(parts.get("test", parts["val"]), model.view, where.threads))
    hits = dict.fromkeys((0, *shifts), 0.0)
    for start in range(0, len(pictures), _BATCH):
        ids = torch.arange(start, min(start + _BATCH, len(pictures)))
        canvases = centre(pictures.canvases.take(ids.numpy()), model.view).to(where.device)
        truth = pictures.labels[ids]
        for shift in hits:
            ways = _WAYS if shift else _WAYS[:1]
            for down, right in ways:
                called = model.logits(moved(canvases, down * shift, right * shift, model.view.fill), where).argmax(1)
                hits[shift] += float((called == truth).sum()) / len(ways)
    return {str(shift): count / len(pictures) for shift, count in hits.items()}


def moved(canvases: torch.Tensor, down: int, right: int, fill: int) -> torch.Tensor:
    """Pictures moved by whole pixels, negative ones up and left: uint8 (N, C, H, W)."""
    return F.pad(canvases, [right, -right, down, -down], value=fill)
