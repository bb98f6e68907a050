"""Count, mean and covariance of features, in one pass and constant memory.

Shapes: N rows, D features.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.components.metrics.linear_algebra import in_float64, product

BLOCK = 1024
"""Rows collected before they are multiplied: a D x D product is not worth its cost for a few."""


class Moments:
    """The first two moments of rows that come in parts; they do not depend on how the rows are split.

    Deviations are taken from each part's own mean before they are squared, so that a large mean costs no digits.

    Source: Chan, Golub & LeVeque 1983, "Algorithms for Computing the Sample Variance", The American Statistician 37,
    equations 2.1.

    Args:
        dim: D.
        device: where the float64 sums are kept; the CPU if the device has no float64.
    """

    def __init__(self, dim: int, device: torch.device | str = "cpu") -> None:
        zeros = in_float64(torch.zeros(dim, device=device))
        self._count = 0
        self._mean = zeros
        self._scatter = zeros.new_zeros(dim, dim)
        self._pending: list[Tensor] = []

    @classmethod
    def of(cls, rows: Tensor) -> Moments:
        """Compute the moments of ``(N, D)`` at once."""
        moments = cls(rows.shape[1], rows.device)
        moments.update(rows)
        return moments

    @property
    def count(self) -> int:
        """Number of rows so far, N."""
        return self._count + sum(map(len, self._pending))

    @property
    def dim(self) -> int:
        """Number of features, D."""
        return len(self._mean)

    @property
    def mean(self) -> Tensor:
        """Mean ``(D,)`` in float64; zeros before the first row."""
        self._flush()
        return self._mean

    @property
    def covariance(self) -> Tensor:
        """Unbiased covariance ``(D, D)`` in float64; needs at least two rows."""
        self._flush()
        assert self._count > 1, f"no covariance of {self._count} rows"
        return self._scatter / (self._count - 1)

    def update(self, rows: Tensor) -> None:
        """Add rows ``(N, D)`` of any floating type; N may be 0."""
        assert tuple(rows.shape[1:]) == (self.dim,), f"{tuple(rows.shape)} are no rows of {self.dim}"
        for part in torch.split(rows, BLOCK):
            self._pending.append(in_float64(part).to(self._mean.device))
            if sum(map(len, self._pending)) >= BLOCK:
                self._flush()

    def merge(self, other: Moments) -> None:
        """Add all rows of another; the other does not change."""
        other._flush()
        self._merge(other._count, other._mean, other._scatter)

    def _flush(self) -> None:
        """Merge the pending rows."""
        if not self._pending:
            return
        rows = torch.cat(self._pending)
        self._pending = []
        if len(rows):
            mean = rows.mean(0)
            deviations_DN = (rows - mean).T
            self._merge(len(rows), mean, product(deviations_DN, deviations_DN))

    def _merge(self, count: int, mean: Tensor, scatter: Tensor) -> None:
        total = self._count + count
        if count == 0:
            return
        delta = mean.to(self._mean.device) - self._mean
        self._scatter += scatter.to(self._mean.device)
        self._scatter.addr_(delta, delta, alpha=self._count * count / total)  # eq. 2.1b
        self._mean = self._mean + delta * (count / total)
        self._count = total
