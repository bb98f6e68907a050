"""The Frechet distance between features, with a Gaussian fitted to each side, and its standard error.

Shapes: N rows, D features, R rank of a covariance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ganzoo.components.metrics.linear_algebra import eigenvalues, eigenvectors, product
from ganzoo.components.metrics.requirements import assert_enough_samples, assert_finite
from ganzoo.interfaces.measurement import Gaussian, MetricInputs, MetricValue

MAX_ERROR_ROWS = 2048
"""Fakes used for the error: it is then known to 2 %, and more rows would cost as much as the distance itself."""


class FrechetDistance:
    """Distance between Gaussians with the features' means and covariances; FID with Inception features.

    It falls with the number of samples, so compare equal numbers only. The standard error is that of sampling the
    fakes with the reals held fixed; it covers neither that bias nor the choice of reals. There is no error with fewer
    fakes than features.

    Source: Heusel et al. 2017, arXiv 1706.08500, section 2; the error as in ``frechet_error``.
    """

    uses_features: ClassVar[bool] = True
    minimum_samples: ClassVar[tuple[int, int]] = (2, 2)

    def __call__(self, inputs: MetricInputs) -> Mapping[str, MetricValue]:
        """Compute ``fd``.

        Raises:
            BadData: fewer than two samples on a side, or features that are not finite.
        """
        assert_enough_samples(inputs, "fd", self.minimum_samples)
        real, fake = inputs.real.moments, inputs.fake.moments
        assert_finite(inputs, "fd", real.mean, fake.mean)
        if fake.count <= len(fake.mean):
            return {"fd": MetricValue(frechet_distance(real, fake))}
        transport = _fit_transport(real, fake)
        distance = _distance(real, fake, transport.roots)
        return {"fd": MetricValue(distance, transport.error(inputs.fake.rows))}


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """Return ``|mu_a - mu_b|^2 + tr(S_a + S_b - 2 (S_a^1/2 S_b S_a^1/2)^1/2)``, whatever the ranks.

    The trace of the root is the sum of the roots of the eigenvalues of ``L' S_b L``, for any L with ``L L' = S_a``:
    a Cholesky factor if S_a has full rank. The side with fewer samples is factorised: if its rank is low, so is the
    number of eigenvalues, and none is rounding.

    Source: Dowson & Landau 1982, "The Frechet distance between multivariate normal distributions".
    """
    a, b = sorted((a, b), key=lambda side: side.count)
    factor_DR = _factorise_covariance(a)
    roots_R = eigenvalues(_project_covariance(factor_DR, b)).clamp_min(0).sqrt()
    return _distance(a, b, roots_R)


def frechet_error(real: Gaussian, fake: Gaussian, rows: Tensor) -> float | None:
    """Estimate the standard error of the Frechet distance from sampling the fakes, with the reals held fixed.

    Delta method: a fake x adds ``psi(x) = 2 (mu_f - mu_r)'(x - mu_f) + (x - mu_f)'(I - T)(x - mu_f)``, up to a
    constant, where T is the optimal transport map from fakes to reals; the error is the deviation of psi over
    ``sqrt(N)``. If both sides have the same distribution psi is 0, and so is the error to this order.
    With few fakes it is too large rather than too small: of 64 features by 1.5 times with 100 fakes, 1.1 with 640, and
    right with 2,000.

    Source: Rippl, Munk & Sturm 2016, arXiv 1507.04090.

    Args:
        real: moments of the reals.
        fake: moments of the fakes.
        rows: ``(N, D)`` features of fakes, all or some.

    Returns:
        The standard error; None with no more fakes than features, as there is no T.
    """
    return _fit_transport(real, fake).error(rows)


@dataclass(frozen=True)
class _Transport:
    """The optimal transport map T from the fakes' Gaussian to the reals'.

    T is ``axes @ diag(1 / roots) @ axes'`` with ``axes = factor @ vectors``; factor is ``(D, R)``, vectors ``(R, R)``,
    roots ``(R,)``.
    """

    real: Gaussian
    fake: Gaussian
    factor: Tensor
    vectors: Tensor
    roots: Tensor

    def error(self, rows: Tensor) -> float | None:
        """Return the deviation of psi over ``sqrt(N)``; float32 products are exact enough for a deviation."""
        if self.fake.count <= len(self.fake.mean) or len(rows) < 2:
            return None
        rows = rows[:MAX_ERROR_ROWS]
        shift_D = 2 * (self.fake.mean - self.real.mean)
        x_ND = (rows.to(self.fake.mean) - self.fake.mean).float()
        present = self.roots > self.roots.max() * 1e-9 if len(self.roots) else self.roots > 0
        along = product(product(x_ND, self.factor.T.float()), self.vectors.T[present].float())
        transported_N = (along.square() / self.roots[present].float()).sum(1)
        psi_N = (x_ND @ shift_D.float() + x_ND.square().sum(1) - transported_N).double()
        return float(psi_N.std() / self.fake.count**0.5)


def _fit_transport(real: Gaussian, fake: Gaussian) -> _Transport:
    factor_DR = _factorise_covariance(real)
    values_R, vectors_RR = eigenvectors(_project_covariance(factor_DR, fake))
    return _Transport(real, fake, factor_DR, vectors_RR, values_R.clamp_min(0).sqrt())


def _distance(a: Gaussian, b: Gaussian, roots_R: Tensor) -> float:
    means = (a.mean - b.mean.to(a.mean.device)).square().sum()
    covariances = a.covariance.trace() + b.covariance.trace().to(means.device) - 2 * roots_R.sum()
    return float((means + covariances).clamp_min(0))


def _factorise_covariance(moments: Gaussian) -> Tensor:
    """Return L, ``(D, R)``, with ``L L'`` the covariance."""
    covariance = moments.covariance
    if moments.count > len(moments.mean):
        lower: Tensor
        lower, failed = torch.linalg.cholesky_ex(covariance)
        if not bool(failed):
            return lower
    values, vectors = eigenvectors(covariance)
    present = values > values[-1] * len(values) * torch.finfo(values.dtype).eps
    return vectors[:, present] * values[present].sqrt()


def _project_covariance(factor_DR: Tensor, other: Gaussian) -> Tensor:
    """Return ``L' S L``, symmetric to the last bit."""
    half = product(factor_DR.T, other.covariance.to(factor_DR.device))
    matrix = product(half, factor_DR.T)
    return (matrix + matrix.T) / 2
