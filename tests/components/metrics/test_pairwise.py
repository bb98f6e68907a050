from __future__ import annotations

import pytest
import torch

from ganzoo.components.metrics import pairwise as pairs
from ganzoo.components.metrics.pairwise import centre_rows, multiply_blocks


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    monkeypatch.setattr(pairs, "BLOCK", 7)


def whole(left, right, name):
    """Put the blocks of a matrix together; pairs within one side come once, so the rest is NaN."""
    found = torch.full((len(left), len(right)), torch.nan, dtype=left.rows.dtype)
    for block in multiply_blocks(left, right):
        assert found[block.rows, block.columns].isnan().all()
        found[block.rows, block.columns] = getattr(block, name)
    return found


@pytest.mark.parametrize("dim", [3, 200])
def test_blocks_hold_distances_and_inner_products_of_all_pairs(normal, dim):
    x, y = normal(20, dim) + 3, normal(16, dim, seed=1) + 2
    real, fake = centre_rows(x, y)
    torch.testing.assert_close(whole(real, fake, "squared").double(), torch.cdist(x.double(), y.double()) ** 2,
                               rtol=1e-4, atol=1e-5)  # fmt: skip
    torch.testing.assert_close(whole(real, fake, "inner").double(), x.double() @ y.double().T, rtol=1e-5, atol=1e-3)


def test_pairs_within_one_side_come_once_and_none_is_its_own_neighbour(normal):
    real, _ = centre_rows(normal(20, 3), normal(5, 3))
    found = whole(real, real, "squared")
    assert torch.isinf(found.diagonal()).all()
    assert not found[torch.triu(torch.ones(20, 20, dtype=torch.bool))].isnan().any()


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("dim", [2, 129, 2048])
def test_twins_have_distance_zero(normal, dim, scale):
    rows = normal(10, dim) * scale
    real, fake = centre_rows(rows, rows.clone())
    squared = whole(real, fake, "squared")
    assert (squared.diagonal() == 0).all()
    assert (squared > 0).sum() == 90


def test_few_features_keep_distances_far_below_their_size(normal):
    """Points of a grid lie 1e-4 apart and 10 from the origin: float32 products would lose them."""
    rows = 10 + 1e-4 * normal(10, 2).double()
    real, fake = centre_rows(rows, rows.flip(0))
    torch.testing.assert_close(whole(real, fake, "squared"), torch.cdist(rows, rows.flip(0)) ** 2, rtol=1e-4, atol=0)
