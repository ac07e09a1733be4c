"""Going down by the gradient: six rules, and at each step all that a rule keeps; torch.optim does the steps."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from striate.foundations import given
from striate.foundations.given import Numbers
from striate.foundations.surfaces import Function, Point, checked, gradient, height


@dataclass(frozen=True)
class Sgd:
    """x <- x - rate g (Cauchy 1847; on random examples Robbins & Monro 1951, see regression.Batches)."""

    rate: float


@dataclass(frozen=True)
class Momentum:
    """v <- mu v - rate g; x <- x + v (Polyak 1964)."""

    rate: float
    momentum: float = 0.9


@dataclass(frozen=True)
class Nesterov:
    """v <- mu v - rate g(x + mu v); x <- x + v (Nesterov 1983, as written by Sutskever et al. 2013, Sec. 2).

    torch.optim keeps theta = x + mu v, the place looked ahead to; the trace is that of x = theta - mu v.
    """

    rate: float
    momentum: float = 0.9


@dataclass(frozen=True)
class Adagrad:
    """G <- G + g^2; x <- x - rate g / (sqrt(G) + epsilon) (Duchi et al. 2011)."""

    rate: float
    epsilon: float = 1e-10


@dataclass(frozen=True)
class RmsProp:
    """E <- rho E + (1 - rho) g^2; x <- x - rate g / (sqrt(E) + epsilon) (Tieleman & Hinton 2012, lecture 6e)."""

    rate: float
    decay: float = 0.9
    epsilon: float = 1e-8


@dataclass(frozen=True)
class Adam:
    """m, v as running means of g, g^2; x <- x - rate m^ / (sqrt(v^) + epsilon) (Kingma & Ba 2014, Alg. 1).

    m^ = m / (1 - beta1^t) and v^ = v / (1 - beta2^t) undo the start from 0.
    """

    rate: float
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8


Rule = Sgd | Momentum | Nesterov | Adagrad | RmsProp | Adam
RULES: Mapping[str, type[Rule]] = {
    "sgd": Sgd, "momentum": Momentum, "nesterov": Nesterov, "adagrad": Adagrad, "rmsprop": RmsProp, "adam": Adam,
}  # fmt: skip


@dataclass(frozen=True)
class State:
    """What a rule keeps after a step, for each variable; None for what it does not keep.

    ``velocity`` v of momentum; ``squares`` Adagrad's sum G, RMSprop's E or Adam's v; ``mean`` Adam's m; the corrected
    ones are m^ and v^; ``effective_rate`` is what multiplies the gradient (Adam: m^) in this step.
    """

    velocity: Point | None = None
    squares: Point | None = None
    mean: Point | None = None
    corrected_mean: Point | None = None
    corrected_squares: Point | None = None
    effective_rate: Point | None = None


@dataclass(frozen=True)
class Step:
    """One step: the point and its value, the gradient and where it was taken, the state it leads to, and the move.

    ``looked_at`` is the point itself, for Nesterov x + mu v.
    """

    number: int
    point: Point
    value: float
    looked_at: Point
    gradient: Point
    state: State
    move: Point
    after: Point


@dataclass(frozen=True)
class Path:
    """The steps of a rule and where they ended; one that diverged stopped at the last step of its trace."""

    rule: Rule
    trace: tuple[Step, ...]
    end: Point
    value: float
    gradient: Point
    diverged: bool


def descend(function: Function, start: Numbers, *, rule: Rule, steps: int) -> Path:
    """Follows a rule down a function of one or more variables, such as a Surface, by its gradient (autograd)."""
    _checked(rule)
    x = checked(function, start)
    theta = x.clone().requires_grad_()
    optimiser = _optimiser(rule, theta)
    value = height(function, x)
    scale = max(abs(value), float(x.abs().max()))
    trace: list[Step] = []
    diverged = False
    for number in range(1, given.count(steps, "steps", most=100_000) + 1):
        looked_at = theta.detach().clone()
        theta.grad = gradient(function, looked_at)
        slope = theta.grad.clone()
        optimiser.step()
        state, after = _state(rule, optimiser.state[theta], slope), theta.detach().clone()
        if isinstance(rule, Nesterov):
            after -= rule.momentum * torch.tensor(state.velocity, dtype=torch.float64)
        trace.append(
            Step(number, _point(x), value, _point(looked_at), _point(slope), state, _point(after - x), _point(after))
        )
        x, value = after, height(function, after)
        diverged = given.escaped(x.numpy(), value, scale=scale)
        if diverged:
            break
    return Path(rule, tuple(trace), _point(x), value, _point(gradient(function, x)), diverged)


def _checked(rule: Rule) -> None:
    given.positive(rule.rate, "rate")
    for name in ("momentum", "decay", "beta1", "beta2"):
        if hasattr(rule, name):
            given.share(getattr(rule, name), name)
    if isinstance(rule, Adagrad | RmsProp | Adam):
        given.positive(rule.epsilon, "epsilon")


def _optimiser(rule: Rule, theta: Tensor) -> torch.optim.Optimizer:
    match rule:
        case Sgd():
            return torch.optim.SGD([theta], lr=rule.rate, foreach=False)
        case Momentum() | Nesterov():
            ahead = isinstance(rule, Nesterov) and rule.momentum > 0  # torch refuses to look ahead by nothing
            return torch.optim.SGD([theta], lr=rule.rate, momentum=rule.momentum, nesterov=ahead, foreach=False)
        case Adagrad():
            return torch.optim.Adagrad([theta], lr=rule.rate, eps=rule.epsilon, foreach=False)
        case RmsProp():
            return torch.optim.RMSprop([theta], lr=rule.rate, alpha=rule.decay, eps=rule.epsilon, foreach=False)
        case Adam():
            betas = (rule.beta1, rule.beta2)
            return torch.optim.Adam([theta], lr=rule.rate, betas=betas, eps=rule.epsilon, foreach=False)


def _state(rule: Rule, kept: Mapping[str, Tensor], slope: Tensor) -> State:
    """torch's buffers in the terms of the rules."""
    match rule:
        case Sgd():
            return State()
        case Momentum() | Nesterov():
            return State(velocity=_point(-rule.rate * kept.get("momentum_buffer", slope)))  # none with a momentum of 0
        case Adagrad():
            squares = kept["sum"]
            return State(squares=_point(squares), effective_rate=_point(rule.rate / (squares.sqrt() + rule.epsilon)))
        case RmsProp():
            squares = kept["square_avg"]
            return State(squares=_point(squares), effective_rate=_point(rule.rate / (squares.sqrt() + rule.epsilon)))
        case Adam():
            mean, squares, done = kept["exp_avg"], kept["exp_avg_sq"], float(kept["step"])
            corrected_mean, corrected = mean / (1 - rule.beta1**done), squares / (1 - rule.beta2**done)
            return State(
                squares=_point(squares), mean=_point(mean), corrected_mean=_point(corrected_mean),
                corrected_squares=_point(corrected),
                effective_rate=_point(rule.rate / (corrected.sqrt() + rule.epsilon)),
            )  # fmt: skip


def _point(values: Tensor) -> Point:
    return tuple(values.tolist())
