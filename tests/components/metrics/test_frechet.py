from __future__ import annotations

import math

import pytest
import torch

from ganzoo.components.metrics.frechet import FrechetDistance, frechet_distance, frechet_error
from ganzoo.components.metrics.moments import Moments
from ganzoo.errors import BadData


def with_moments(rows, mean, covariance):
    """Move rows so that their mean and covariance are exactly these."""
    centred = rows.double() - rows.double().mean(0)
    white = torch.linalg.solve_triangular(
        torch.linalg.cholesky(centred.T @ centred / (len(rows) - 1)), centred.T, upper=False
    )
    return (torch.linalg.cholesky(covariance) @ white).T + mean


def rotation(normal, dim):
    return torch.linalg.qr(normal(dim, dim, seed=9).double())[0]


@pytest.mark.parametrize("dim", [1, 3, 20])
def test_gaussians_of_known_moments(normal, dim):
    """Covariances that commute: the sum of squared differences of deviations, beside that of the means."""
    turn, shift = rotation(normal, dim), torch.linspace(-2, 3, dim).double()
    s, t = torch.linspace(0.5, 2, dim).double(), torch.linspace(3, 0.1, dim).double()
    a = with_moments(normal(200, dim), torch.zeros(dim).double(), turn * s.square() @ turn.T)
    b = with_moments(normal(300, dim, seed=1), shift, turn * t.square() @ turn.T)
    expected = float(shift.square().sum() + (s - t).square().sum())
    assert frechet_distance(Moments.of(a), Moments.of(b)) == pytest.approx(expected, abs=1e-6, rel=1e-9)
    assert frechet_distance(Moments.of(b), Moments.of(a)) == pytest.approx(expected, abs=1e-6, rel=1e-9)


def test_covariances_that_do_not_commute(normal):
    """In two dimensions tr sqrt(M) is sqrt(tr M + 2 sqrt(det M)), by hand."""
    a = torch.tensor([[2.0, 0.5], [0.5, 1.0]]).double()
    b = torch.tensor([[1.0, -0.8], [-0.8, 3.0]]).double()
    zero = torch.zeros(2).double()
    product = a @ b
    trace = math.sqrt(product.trace() + 2 * math.sqrt(torch.linalg.det(product)))
    expected = float(a.trace() + b.trace()) - 2 * trace
    sides = (Moments.of(with_moments(normal(50, 2, seed=i), zero, m)) for i, m in enumerate((a, b)))
    assert frechet_distance(*sides) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("count", [500, 65, 64, 20, 2])
def test_a_set_has_no_distance_from_itself_at_any_rank(normal, count):
    rows = Moments.of(normal(count, 64) @ normal(64, 64, seed=1))
    assert frechet_distance(rows, rows) == pytest.approx(0, abs=1e-9 * float(rows.covariance.trace()))


@pytest.mark.parametrize(("real", "fake"), [(20, 300), (300, 20), (20, 30)])
def test_fewer_images_than_features(normal, real, fake):
    """The trace of the root is the nuclear norm of X'Y over the root of the degrees of freedom: no covariances."""
    x, y = normal(real, 64).double(), normal(fake, 64, seed=1).double() * 2 + 1
    centred = [(m - m.mean(0)) / math.sqrt(len(m) - 1) for m in (x, y)]
    nuclear = torch.linalg.svdvals(centred[0] @ centred[1].T).sum()
    apart = (x.mean(0) - y.mean(0)).square().sum()
    expected = float(apart + sum(m.square().sum() for m in centred) - 2 * nuclear)
    assert frechet_distance(Moments.of(x), Moments.of(y)) == pytest.approx(expected, rel=1e-9)


def test_identical_images_are_as_far_as_their_means_and_the_others_spread(normal):
    one, many = Moments.of(torch.ones(30, 4)), Moments.of(normal(100, 4))
    expected = float((1 - many.mean).square().sum() + many.covariance.trace())
    assert frechet_distance(one, many) == pytest.approx(expected)
    assert frechet_distance(many, one) == pytest.approx(expected)
    assert frechet_distance(one, one) == 0


def test_a_dead_feature_changes_nothing(normal):
    x, y = normal(100, 4), normal(100, 4, seed=1) + 1
    dead = [torch.cat([m, torch.full((100, 1), 0.3)], 1) for m in (x, y)]
    assert frechet_distance(*map(Moments.of, dead)) == pytest.approx(
        frechet_distance(Moments.of(x), Moments.of(y)), abs=1e-9
    )


@pytest.mark.parametrize(("dim", "count"), [(2, 200), (8, 400)])
def test_the_error_is_the_deviation_over_samples_of_fakes(normal, dim, count):
    real = Moments.of(normal(2000, dim, seed=1))
    spread, predicted, found = torch.linspace(0.5, 1.5, dim), [], []
    for seed in range(400):
        rows = normal(count, dim, seed=100 + seed) * spread + 0.3
        fake = Moments.of(rows)
        found.append(frechet_distance(real, fake))
        if seed < 40:
            predicted.append(frechet_error(real, fake, rows))
    ratio = sum(predicted) / 40 / float(torch.tensor(found).std())
    assert 0.75 < ratio < 1.25


def test_some_rows_estimate_the_error_of_all(normal):
    real, rows = Moments.of(normal(1000, 3)), normal(8000, 3, seed=1) * 2
    fake = Moments.of(rows)
    assert frechet_error(real, fake, rows[:4000]) == pytest.approx(frechet_error(real, fake, rows), rel=0.1)


def test_there_is_no_error_without_more_fakes_than_features(normal):
    real, rows = Moments.of(normal(100, 8)), normal(8, 8, seed=1)
    assert frechet_error(real, Moments.of(rows), rows) is None


def test_metric_returns_distance_and_error(inputs, normal):
    real, fake = normal(200, 4), normal(200, 4, seed=1) + 1
    fd = FrechetDistance()(inputs(real, fake))["fd"]
    assert fd.value == pytest.approx(frechet_distance(Moments.of(real), Moments.of(fake)))
    assert fd.error == pytest.approx(frechet_error(Moments.of(real), Moments.of(fake), fake))
    assert fd.better == "lower"


def test_one_image_and_features_that_are_not_finite_are_refused(inputs, normal):
    with pytest.raises(BadData, match="fd needs at least 2 real"):
        FrechetDistance()(inputs(normal(1, 4), normal(9, 4)))
    broken = normal(9, 4)
    broken[0, 0] = torch.nan
    with pytest.raises(BadData, match="not finite"):
        FrechetDistance()(inputs(normal(9, 4), broken))
