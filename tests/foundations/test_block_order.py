"""Parts of a block in other orders, held against PyTorch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from striate.foundations.block_order import dropped, orders, swapped
from striate.problem import Misuse

VALUES = np.random.default_rng(0).normal(0.3, 1.5, (6, 8))


@pytest.mark.parametrize("kind", ["max", "mean"])
def test_relu_and_pooling_in_both_orders_are_pytorchs(kind: str) -> None:
    x = torch.from_numpy(VALUES)[None]
    pool = F.max_pool2d if kind == "max" else F.avg_pool2d
    found = swapped(VALUES, kind=kind)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.relu_first, pool(x.relu(), 2)[0], atol=1e-12)
    np.testing.assert_allclose(found.pool_first, pool(x, 2).relu()[0], atol=1e-12)
    assert found.same == (kind == "max")
    assert (found.relu_first_calls, found.pool_first_calls) == (48, 12)


def test_a_bias_before_normalisation_changes_nothing_and_relu_last_leaves_no_mean_of_zero() -> None:
    x = VALUES[:, 0]
    found = orders(x, bias=7.0)
    assert found.with_bias == pytest.approx(found.plain, abs=1e-9)
    norm = torch.nn.BatchNorm1d(1).double()
    column = torch.from_numpy(x)[:, None]
    assert found.norm_relu == pytest.approx(norm(column).relu()[:, 0].tolist())
    assert found.relu_norm == pytest.approx(norm(column.relu())[:, 0].tolist())
    assert found.after_relu_norm.mean == pytest.approx(0, abs=1e-9)
    assert found.after_norm_relu.mean > 0.1


def test_the_variance_behind_dropout_is_what_many_masks_give() -> None:
    x = np.array([0.5, -1.0, 2.0, 1.5])
    torch.manual_seed(0)
    many = F.dropout(torch.from_numpy(x).repeat(200_000, 1), 0.3)
    found = dropped(x, 0.3)
    assert found.training.mean == pytest.approx(many.mean().item(), abs=0.01)
    assert found.training.variance == pytest.approx(many.var(unbiased=False).item(), rel=0.01)
    assert dropped([-1, 1], 0.5).ratio == 2
    with pytest.raises(Misuse):
        dropped(x, 1.0)
