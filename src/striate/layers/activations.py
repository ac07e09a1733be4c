"""Activation functions as layers."""

import torch
from torch import Tensor, nn

from striate.layers.compose import Layer


class ScaledTanh(nn.Module):
    """A tanh(S x), with f(1) = 1 and f(-1) = -1 to six digits (LeCun et al. 1998, Appendix A)."""

    AMPLITUDE = 1.7159
    SLOPE = 2 / 3

    def forward(self, x: Tensor) -> Tensor:
        return self.AMPLITUDE * torch.tanh(self.SLOPE * x)


class Scaled(nn.Module):
    """x times a fixed factor."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        return x * self.factor


def scaled(factor: float) -> Layer:
    """Its input times a fixed factor."""
    return lambda shape: Scaled(factor)


def activation(kind: type[nn.Module]) -> Layer:
    """Any activation of PyTorch that takes no arguments: ``activation(nn.SELU)``."""
    return lambda shape: kind()


def relu() -> Layer:
    """max(0, x)."""
    return lambda shape: nn.ReLU(inplace=True)


def relu6() -> Layer:
    """min(max(0, x), 6)."""
    return lambda shape: nn.ReLU6(inplace=True)


def swish() -> Layer:
    """x sigmoid(x), also called SiLU (Ramachandran et al. 2017)."""
    return lambda shape: nn.SiLU(inplace=True)


def mish() -> Layer:
    """x tanh(softplus(x)) (Misra 2019)."""
    return lambda shape: nn.Mish(inplace=True)


def elu() -> Layer:
    """x above 0, exp(x) - 1 below (Clevert et al. 2015), with alpha = 1."""
    return lambda shape: nn.ELU(inplace=True)


def selu() -> Layer:
    """1.0507 times an ELU of alpha = 1.6733, which keeps mean 0 and variance 1 (Klambauer et al. 2017)."""
    return lambda shape: nn.SELU(inplace=True)


def softplus() -> Layer:
    """ln(1 + exp(x)), a smooth ReLU."""
    return lambda shape: nn.Softplus()


def sigmoid() -> Layer:
    """1 / (1 + exp(-x))."""
    return lambda shape: nn.Sigmoid()


def tanh() -> Layer:
    return lambda shape: nn.Tanh()


def scaled_tanh() -> Layer:
    """1.7159 tanh(2x / 3), LeNet-5's squashing function."""
    return lambda shape: ScaledTanh()
