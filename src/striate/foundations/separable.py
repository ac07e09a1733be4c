"""What a depthwise separable convolution costs beside the full convolution that it stands for."""

from dataclasses import dataclass
from fractions import Fraction

from striate.foundations.given import count
from striate.foundations.sizes import Written


@dataclass(frozen=True)
class Cost:
    """Weights, without biases, and multiply-accumulates: the weights at each place of the output."""

    weights: Written
    macs: Written


@dataclass(frozen=True)
class Separable:
    """The two steps, their sum, and the full convolution."""

    channels: int  # M
    filters: int  # N
    kernel: int  # k
    size: int  # D, the output's
    depthwise: Cost  # a k x k kernel for each of the M channels
    pointwise: Cost  # N x M weights of 1 x 1
    both: Cost
    full: Cost
    ratio: float  # both / full
    formula: str  # 1/N + 1/k^2 as a fraction in lowest terms
    times_cheaper: float


def separable(channels: int, filters: int, *, kernel: int, size: int) -> Separable:
    """(k^2 M + M N) D^2 against k^2 M N D^2: 1/N + 1/k^2 of it (Howard et al. 2017, MobileNets, eq. 5).

    Misuse for a number below 1.
    """
    for value, name in ((channels, "channels"), (filters, "filters"), (kernel, "kernel"), (size, "size")):
        count(value, name)
    depthwise, pointwise = kernel**2 * channels, channels * filters
    full = depthwise * filters
    ratio = Fraction(1, filters) + Fraction(1, kernel**2)
    return Separable(
        channels,
        filters,
        kernel,
        size,
        depthwise=_cost(f"{kernel}x{kernel}x{channels}", depthwise, size),
        pointwise=_cost(f"{channels}x{filters}", pointwise, size),
        both=_cost(f"({kernel}x{kernel}x{channels}+{channels}x{filters})", depthwise + pointwise, size),
        full=_cost(f"{kernel}x{kernel}x{channels}x{filters}", full, size),
        ratio=float(ratio),
        formula=f"1/{filters} + 1/{kernel}^2 = {ratio}",
        times_cheaper=float(1 / ratio),
    )


def _cost(product: str, weights: int, size: int) -> Cost:
    macs = weights * size**2
    return Cost(
        Written(weights, f"{product} = {weights:,}"),
        Written(macs, f"{product}x{size}x{size} = {macs:,}"),
    )
