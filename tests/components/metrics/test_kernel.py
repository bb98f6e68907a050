from __future__ import annotations

import pytest
import torch

from ganzoo.components.metrics import pairwise as pairs
from ganzoo.components.metrics.kernel import KernelSubsets
from ganzoo.components.metrics.pairwise import compute_statistics


def discrepancy(x, y):
    """Compute the definition, pair by pair of a subset."""
    m, dim = x.shape
    kernel = [[((a @ b.T) / dim + 1) ** 3 for b in (x, y)] for a in (x, y)]
    within = sum((k.sum() - k.trace()) / (m * (m - 1)) for k in (kernel[0][0], kernel[1][1]))
    return within - 2 * kernel[0][1].mean()


def chosen(random, subsets, size, real, fake):
    """Return the subsets in the order of the random stream."""
    return [[torch.randperm(n, generator=random)[:size] for _ in range(subsets)] for n in (real, fake)]


@pytest.mark.parametrize("block", [5, 1024])
@pytest.mark.parametrize("dim", [3, 200])
def test_subsets_by_the_definition(inputs, normal, monkeypatch, block, dim):
    monkeypatch.setattr(pairs, "BLOCK", block)
    x, y = normal(30, dim), normal(23, dim, seed=1) * 1.2 + 0.5
    made = inputs(x, y)
    (found,) = compute_statistics(made, [KernelSubsets(6, 8)])
    picks = zip(*chosen(made.make_rng("kid"), 6, 8, 30, 23), strict=True)
    expected = torch.stack([discrepancy(x.double()[i], y.double()[j]) for i, j in picks])
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_another_stream_chooses_other_subsets(inputs, normal):
    made = inputs(normal(30, 3), normal(30, 3, seed=1))
    one, same, other = compute_statistics(made, [KernelSubsets(4, 8), KernelSubsets(4, 8), KernelSubsets(4, 8, "more")])
    assert torch.equal(one, same) and not torch.equal(one, other)
