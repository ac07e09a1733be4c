"""Optimisers of a recipe, as PyTorch runs them, and which weights each of their groups holds."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from striate.layers import Chain, Headed
from striate.recipe import SGD, Adagrad, FineTuning, Optimiser, Recipe, RMSProp, Spared

_NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


@dataclass(frozen=True)
class _Kind:
    """Weights that are treated alike."""

    decays: bool
    scale: float  # of the learning rate
    thaws: bool  # later; PyTorch's fused step wants a group's weights to have all their velocities or none


def make_optimiser(recipe: Recipe, network: nn.Module, classifier: str | None = None) -> torch.optim.Optimizer:
    """PyTorch's optimiser for a recipe, over the network's weights in groups of like decay and rate.

    ``classifier``: the row where the classifier begins; the rows before it may learn at rates of their own. Each group
    carries its factor on the rate as ``scale``. Weights are in the order of the network within a group.
    """
    groups: dict[_Kind, list[nn.Parameter]] = {}
    inner = network.network if isinstance(network, Headed) else network
    scales = row_scales(inner, classifier, recipe.tuning)
    thawing = set(backbone_rows(inner, classifier)) if recipe.tuning.frozen else set()
    for name, parameter, module in _weights(network):
        row = name.split(".")[int(isinstance(network, Headed))]
        kind = _Kind(not _is_spared(name, module, recipe.spared), scales.get(row, 1.0), row in thawing)
        if kind.scale:
            groups.setdefault(kind, []).append(parameter)
    declared = [
        {"params": weights, "scale": kind.scale, **({} if kind.decays else {"weight_decay": 0.0})}
        for kind, weights in groups.items()
    ]
    return _made(recipe.optimiser, declared)


def _made(declared: Optimiser, groups: list[dict[str, object]]) -> torch.optim.Optimizer:
    """In its fused form where there is one: one pass over memory a step."""
    lr, decay = declared.lr, declared.decay
    if isinstance(declared, SGD):
        return torch.optim.SGD(
            groups, lr, declared.momentum, nesterov=declared.nesterov, weight_decay=decay, fused=True
        )
    if isinstance(declared, Adagrad):
        return torch.optim.Adagrad(groups, lr, weight_decay=decay, fused=True)
    if isinstance(declared, RMSProp):
        return torch.optim.RMSprop(
            groups, lr, declared.smoothing, declared.eps, weight_decay=decay, momentum=declared.momentum
        )
    kind = torch.optim.AdamW if decay else torch.optim.Adam
    return kind(groups, lr, declared.betas, weight_decay=decay, fused=True)


def set_rate(optimiser: torch.optim.Optimizer, declared: Optimiser, lr: float) -> None:
    """Gives every group its share of the learning rate, and where the velocity holds the old one, exchanges it."""
    inside = isinstance(declared, SGD) and declared.lr_inside
    for group in optimiser.param_groups:
        new = lr * group["scale"]
        if inside and new and new != group["lr"]:
            ratio = group["lr"] / new  # PyTorch's v is AlexNet's over the rate; AlexNet's is what stays
            for parameter in group["params"]:
                velocity = optimiser.state[parameter].get("momentum_buffer")
                if velocity is not None:
                    velocity.mul_(ratio)
        group["lr"] = new


def row_scales(network: nn.Module, classifier: str | None, tuning: FineTuning) -> dict[str, float]:
    """The factor on the rate of each row of the backbone: from ``first_row`` to the classifier's 1 in even ratios."""
    rows = backbone_rows(network, classifier)
    if tuning.first_row == 1.0:
        return {}
    return {row: tuning.first_row ** (1 - at / len(rows)) if tuning.first_row else 0.0 for at, row in enumerate(rows)}


def backbone_rows(network: nn.Module, classifier: str | None) -> list[str]:
    """The rows before the classifier; none for a module that does not say where its classifier begins."""
    rows = [name for name, _ in network.named_children()]
    if classifier in rows:
        return rows[: rows.index(classifier)]
    if isinstance(network, Chain):
        return []
    weighing = [name for name, row in network.named_children() if any(True for _ in row.parameters())]
    return rows[: rows.index(weighing[-1])] if len(weighing) > 1 else []


def _weights(network: nn.Module) -> Iterator[tuple[str, nn.Parameter, nn.Module]]:
    """Every parameter once, with its name and the module that holds it, in the network's order."""
    seen: set[Tensor] = set()
    for path, module in network.named_modules():
        for name, parameter in module.named_parameters(path, recurse=False):
            if parameter not in seen:
                seen.add(parameter)
                yield name, parameter, module


def _is_spared(name: str, module: nn.Module, spared: tuple[Spared, ...]) -> bool:
    if isinstance(module, _NORMS):
        return "norm" in spared
    if name.endswith("bias"):
        return "bias" in spared
    return "depthwise" in spared and isinstance(module, nn.Conv2d) and 1 < module.groups == module.in_channels
