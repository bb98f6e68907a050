from __future__ import annotations

import pytest
import torch

from ganzoo.components.metrics import pairwise as pairs
from ganzoo.components.metrics.neighbours import NeighbourBalls
from ganzoo.components.metrics.pairwise import compute_statistics


def by_definition(real, fake, k):
    """Compare all pairs at once, in float64."""
    radius = [torch.cdist(x, x).kthvalue(k + 1, 1).values for x in (real, fake)]
    apart = torch.cdist(real, fake)
    inside = apart <= radius[0][:, None]
    return inside.sum(0), inside.any(1), (apart <= radius[1][None]).any(1)


@pytest.mark.parametrize("block", [7, 1024])
@pytest.mark.parametrize("dim", [2, 200])
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_balls_by_the_definition(inputs, normal, monkeypatch, block, dim, shift):
    monkeypatch.setattr(pairs, "BLOCK", block)
    real, fake = normal(60, dim), normal(45, dim, seed=1) + shift / dim**0.5
    (found,) = compute_statistics(inputs(real, fake), [NeighbourBalls((3, 5))])
    for k in (3, 5):
        holders, covered, recalled = by_definition(real.double(), fake.double(), k)
        assert torch.equal(found[k].holders.long(), holders)
        assert torch.equal(found[k].covered, covered)
        assert torch.equal(found[k].recalled, recalled)


@pytest.mark.parametrize("dim", [2, 200])
def test_identical_images_lie_in_all_balls(inputs, dim):
    same = torch.full((9, dim), 0.1)
    (found,) = compute_statistics(inputs(same, same[:8]), [NeighbourBalls((3,))])
    assert found[3].holders.tolist() == [9] * 8
    assert found[3].covered.all() and found[3].recalled.all()


def test_ranks_without_enough_samples_are_left_out(inputs, normal):
    (found,) = compute_statistics(inputs(normal(9, 2), normal(5, 2)), [NeighbourBalls((3, 4, 5))])
    assert set(found) == {3, 4}
