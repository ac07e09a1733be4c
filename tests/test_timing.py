"""Seconds that add up, of any module, and nothing of the caller's changed."""

import pytest
import torch
from torch import nn

from striate import timing
from striate.timing import measure


@pytest.fixture(autouse=True)
def briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "_SECONDS", 0.05)


def test_a_module_that_runs_eight_times_counts_with_all_of_them() -> None:
    shared = nn.Conv2d(8, 8, 3, padding=1)
    found = measure(nn.Sequential(nn.Sequential(*[shared] * 8), nn.ReLU()), (8, 48, 48))
    assert found.rows["0.0"] > 0.5 * found.total
    assert found.rows["0.0"] <= found.rows["0"] <= found.total


def test_a_lone_module_has_a_time() -> None:
    found = measure(nn.Conv2d(3, 4, 3), (3, 16, 16))
    assert found.rows[""] == found.total == found.convolutions > 0


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        (nn.Conv1d(3, 4, 3), (3, 16)),
        (nn.Linear(3, 4), (3,)),
        (nn.Conv3d(3, 4, 3), (3, 8, 8, 8)),
        (nn.Sequential(nn.Conv2d(3, 4, 3, device="meta"), nn.BatchNorm2d(4, device="meta")), (3, 16, 16)),
    ],
)
def test_any_rank_and_any_device_is_measured(network: nn.Module, shape: tuple[int, ...]) -> None:
    before = [each.device for each in network.parameters()]
    assert measure(network, shape).total > 0
    assert [each.device for each in network.parameters()] == before


def test_the_random_state_stays() -> None:
    network = nn.Conv2d(3, 4, 3)
    before = torch.get_rng_state()
    measure(network, (3, 16, 16))
    assert torch.equal(torch.get_rng_state(), before)
