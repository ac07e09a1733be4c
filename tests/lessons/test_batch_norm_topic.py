"""The lesson on batch normalisation: its gradients worked out in numbers, and what it says of its two modes."""

import pytest
import torch

from striate import learn
from striate.cli.learning import as_text


def text(**options: object) -> str:
    return as_text(learn("batch-norm", **options), "en", 100)


@pytest.mark.parametrize(
    ("x", "dy", "gamma"),
    [((1, 2, 3, 4), (1, 0, 0, 0), 1.0), ((3, 5, 100), (0.5, -2, 1), -2.0), ((0.1, 0.2), (1, 2), 3.0)],
)
def test_every_gradient_of_the_lesson_is_autograds(x: tuple[float, ...], dy: tuple[float, ...], gamma: float) -> None:
    found = learn("batch-norm", x=x, dy=dy, gamma=gamma, beta=0.25).trace.backward
    values = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    scale, shift = (torch.tensor(each, dtype=torch.float64, requires_grad=True) for each in (gamma, 0.25))
    mean = values.mean()
    variance = ((values - mean) ** 2).mean()
    hat = (values - mean) / (variance + 1e-5).sqrt()
    loss = ((scale * hat + shift) * torch.tensor(dy, dtype=torch.float64)).sum()
    theirs = torch.autograd.grad(loss, [hat, variance, mean, values, scale, shift])
    ours = (found.normalised[:, 0], found.variance[0], found.mean[0], found.x, found.gamma[0], found.beta[0])
    for one, other in zip(ours, theirs, strict=True):
        assert other.numpy() == pytest.approx(one, abs=1e-8, rel=1e-8)


def test_every_gradient_is_worked_out_in_numbers() -> None:
    told = text()
    for line in (
        "= 1 · 1 = 1\n",
        "= (1·(-1.5) + 0·(-0.5) + 0·0.5 + 0·1.5) · (-1/2) · 1.25001^(-3/2) = 0.53665",
        "= -(1 + 0 + 0 + 0) / 1.11804 + 0.53665 · 0 = -0.894424",
        "= 1 / 1.11804 + 0.53665 · 2 · (-1.5) / 4 + (-0.894424) / 4 = 0.26833",
        "= 1·(-1.34164) + 0·(-0.447212) + 0·0.447212 + 0·1.34164 = -1.34164",
        "= 1 + 0 + 0 + 0 = 1\n",
    ):
        assert line in told


def test_what_is_said_of_the_two_columns_follows_the_numbers() -> None:
    assert "differ by up to 2.28927:" in " ".join(text().split())
    near = " ".join(text(x=(-1, 1), momentum=0.01).split())
    assert "differ by 0.00496" in near
    assert "at most" in near
    assert "cannot differ" in " ".join(text(gamma=0).split())
