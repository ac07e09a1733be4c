"""First weights: how they are drawn, and that none is forgotten."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from striate.problem import Failed

Initialise = Callable[[str, nn.Module, torch.Generator], None]
"""Gives the parameters that a module holds itself their first values; told the module's path, such as fc6.linear."""


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within it PyTorch's randomness on the CPU comes from the seed; afterwards it is what it was, on every device."""
    generator = torch.default_generator
    before = generator.get_state()
    generator.manual_seed(seed)
    try:
        yield
    finally:
        generator.set_state(before)


def materialise(network: nn.Module, initialise: Initialise, seed: int) -> None:
    """Allocates a sketched network and fills it: NaN first, then each module's own values, all finite after."""
    network.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for tensor in (*network.parameters(), *network.buffers()):
            if tensor.is_floating_point():
                tensor.fill_(torch.nan)
        for module in network.modules():
            restore = getattr(module, "reset_running_stats", None) or getattr(module, "reset_buffers", None)
            if restore is not None:
                restore()
    draw(network, initialise, generator)
    for name, tensor in (*network.named_parameters(), *network.named_buffers()):
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise Failed("net.uninitialised", tensor=name)


def draw(network: nn.Module, initialise: Initialise, generator: torch.Generator) -> None:
    """Gives every module that holds parameters itself its first weights."""
    with torch.no_grad():
        for name, module in network.named_modules():
            if any(True for _ in module.parameters(recurse=False)):
                initialise(name, module, generator)


def fan_in(module: nn.Module) -> float:
    """Inputs of one output unit of a module with weights; a module may declare its own."""
    declared = getattr(module, "fan_in", None)
    return float(declared) if declared is not None else cast(Tensor, module.weight)[0].numel()


def he_normal(name: str, module: nn.Module, generator: torch.Generator) -> None:  # noqa: ARG001  the same for all
    """Weights N(0, 2 / fan-in), biases 0; normalisation starts as the identity (He et al. 2015, Sec. 2.2).

    A module of another kind, such as PReLU, starts as PyTorch has it, or as its constructor left it.
    """
    if _weighs(module):
        nn.init.normal_(cast(Tensor, module.weight), std=(2 / fan_in(module)) ** 0.5, generator=generator)
    elif not _normalisation(module):
        _as_pytorch_has_it(module, generator)
        return
    _zero_bias(module)


def lecun_normal(name: str, module: nn.Module, generator: torch.Generator) -> None:  # noqa: ARG001  the same for all
    """Weights N(0, 1 / fan-in), biases 0 (LeCun et al. 1998, "Efficient BackProp", eq. 16), as SELU needs them."""
    if _weighs(module):
        nn.init.normal_(cast(Tensor, module.weight), std=fan_in(module) ** -0.5, generator=generator)
    elif not _normalisation(module):
        _as_pytorch_has_it(module, generator)
        return
    _zero_bias(module)


def glorot_uniform(name: str, module: nn.Module, generator: torch.Generator) -> None:  # noqa: ARG001  the same for all
    """Weights uniform with variance 2 / (fan-in + fan-out), biases 0 (Glorot, Bengio 2010, eq. 16)."""
    if _weighs(module):
        nn.init.xavier_uniform_(cast(Tensor, module.weight), generator=generator)
    elif not _normalisation(module):
        _as_pytorch_has_it(module, generator)
        return
    _zero_bias(module)


def uniform_fan_in(bound: float) -> Initialise:
    """Weights and biases uniform in +-bound / fan-in (LeCun et al. 1998, Appendix A)."""
    return partial(_uniform_fan_in, bound)


def _uniform_fan_in(bound: float, name: str, module: nn.Module, generator: torch.Generator) -> None:  # noqa: ARG001
    limit = bound / fan_in(module)
    for parameter in module.parameters(recurse=False):
        nn.init.uniform_(parameter, -limit, limit, generator=generator)


def normal(std: float, *, bias_one: tuple[str, ...] = ()) -> Initialise:
    """Weights N(0, std^2); biases 0, but 1 in the rows named."""
    return partial(_normal, std, bias_one)


def _normal(std: float, bias_one: tuple[str, ...], name: str, module: nn.Module, generator: torch.Generator) -> None:
    nn.init.normal_(cast(Tensor, module.weight), std=std, generator=generator)
    _zero_bias(module)
    if name.split(".")[0] in bias_one:
        nn.init.ones_(cast(Tensor, module.bias))


def _weighs(module: nn.Module) -> bool:
    """Whether it is a convolution or a linear layer, or declares its fan-in as they have one."""
    if isinstance(module, nn.modules.conv._ConvNd | nn.Linear) or hasattr(module, "fan_in"):
        return True
    weight = module._parameters.get("weight")
    return weight is not None and weight.dim() > 1 and not hasattr(module, "reset_parameters")


_NORMALISATIONS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm)


def _normalisation(module: nn.Module) -> bool:
    """Whether it is a normalisation, which then starts with factors of 1."""
    if isinstance(module, _NORMALISATIONS):
        if module.weight is not None:
            nn.init.ones_(module.weight)
        return True
    return False


def _as_pytorch_has_it(module: nn.Module, generator: torch.Generator) -> None:
    restore = getattr(module, "reset_parameters", None)
    if restore is not None:
        with seeded(int(torch.randint(2**31, (), generator=generator))):
            restore()


def _zero_bias(module: nn.Module) -> None:
    bias = getattr(module, "bias", None)
    if bias is not None:
        nn.init.zeros_(bias)
