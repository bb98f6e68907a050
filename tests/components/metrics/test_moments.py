from __future__ import annotations

import numpy as np
import pytest
import torch

from ganzoo.components.metrics import moments as module
from ganzoo.components.metrics.moments import Moments


@pytest.fixture
def rows(normal):
    return normal(3000, 5) * torch.tensor([1.0, 2, 3, 4, 5]) + 7


def test_mean_and_covariance_are_numpys(rows):
    found = Moments.of(rows)
    assert found.count == 3000 and found.mean.dtype == torch.float64
    np.testing.assert_allclose(found.mean, rows.double().mean(0), rtol=1e-13)
    np.testing.assert_allclose(found.covariance, np.cov(rows.double().numpy().T), rtol=1e-11)


@pytest.mark.parametrize("size", [1, 7, 128, 1024, 1025, 3000])
def test_moments_do_not_depend_on_the_split(rows, size):
    found = Moments(5)
    for part in rows[:1100].split(size):
        found.update(part)
    whole = Moments.of(rows[:1100])
    torch.testing.assert_close(found.mean, whole.mean, rtol=1e-13, atol=0)
    torch.testing.assert_close(found.covariance, whole.covariance, rtol=1e-11, atol=1e-12)


def test_merged_moments_are_those_of_all_rows(rows):
    left, right, none = Moments.of(rows[:1000]), Moments.of(rows[1000:]), Moments(5)
    none.merge(left)
    none.merge(right)
    none.merge(Moments(5))
    torch.testing.assert_close(none.covariance, Moments.of(rows).covariance, rtol=1e-11, atol=1e-12)
    assert none.count == 3000 and right.count == 2000


def test_a_large_mean_costs_no_digits(normal):
    small = normal(2000, 3).double()
    moved = Moments(3)
    for part in (small + 1e8).split(100):
        moved.update(part)
    torch.testing.assert_close(moved.covariance, Moments.of(small).covariance, rtol=1e-6, atol=1e-7)


def test_memory_does_not_grow_and_rows_may_change_afterwards(rows):
    found = Moments(5)
    for _ in range(5):
        part = rows[:1000].clone()
        found.update(part)
        part.zero_()
        assert sum(map(len, found._pending)) < module.BLOCK
    torch.testing.assert_close(found.mean, rows[:1000].double().mean(0))


def test_identical_rows_have_no_covariance():
    assert Moments.of(torch.full((50, 3), 0.1)).covariance.abs().max() < 1e-30


def test_no_rows_and_one_row(normal):
    found = Moments(4)
    found.update(normal(0, 4))
    assert found.count == 0
    found.update(normal(1, 4))
    torch.testing.assert_close(found.mean, normal(1, 4)[0].double())
    with pytest.raises(AssertionError, match="1 rows"):
        found.covariance  # noqa: B018


def test_nan_is_not_hidden():
    rows = torch.zeros(10, 2)
    rows[3, 1] = torch.nan
    assert Moments.of(rows).mean.isnan().tolist() == [False, True]
