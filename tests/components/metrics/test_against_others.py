"""Our numbers beside those of reference programs, on random features."""

from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from ganzoo.components.metrics.frechet import frechet_distance
from ganzoo.components.metrics.kernel import KernelSubsets
from ganzoo.components.metrics.moments import Moments
from ganzoo.components.metrics.pairwise import compute_statistics


class Pixels(nn.Module):
    """A feature extractor for torchmetrics."""

    num_features = 12

    def forward(self, images):
        return images.flatten(1).float()


@pytest.fixture
def sides(normal):
    return normal(90, 12), normal(80, 12, seed=1) * 1.3 + 0.4


def test_frechet_distance_is_that_of_scipys_matrix_root(sides):
    linalg = pytest.importorskip("scipy.linalg")
    (m, s), (n, t) = ((x.double().numpy().mean(0), np.cov(x.double().numpy().T)) for x in sides)
    expected = np.square(m - n).sum() + np.trace(s + t - 2 * linalg.sqrtm(s @ t).real)
    assert frechet_distance(*map(Moments.of, sides)) == pytest.approx(expected, rel=1e-9)


def test_frechet_distance_is_that_of_torchmetrics(sides):
    fid = pytest.importorskip("torchmetrics.image.fid")
    theirs = fid.FrechetInceptionDistance(feature=Pixels(), normalize=True, input_img_size=(3, 2, 2))
    theirs.update(sides[0].view(-1, 3, 2, 2), real=True)
    theirs.update(sides[1].view(-1, 3, 2, 2), real=False)
    assert frechet_distance(*map(Moments.of, sides)) == pytest.approx(float(theirs.compute()), rel=1e-4)


def test_kernel_distance_of_a_subset_is_that_of_torchmetrics(sides, inputs):
    kid = pytest.importorskip("torchmetrics.image.kid")
    halves = [x[:40] for x in sides]
    (ours,) = compute_statistics(inputs(*halves), [KernelSubsets(2, 40)])
    assert float(ours[0]) == pytest.approx(float(kid.poly_mmd(*halves)), rel=1e-4)
