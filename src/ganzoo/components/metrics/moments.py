"""Count, mean and covariance of features, in one pass and constant memory.

Shapes: N rows, D features.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ganzoo.components.metrics.linear_algebra import in_float64, product

BLOCK = 1024
"""Rows gathered before they are multiplied: a D x D product is not worth its cost for a few."""


class Moments:
    """The first two moments of rows that come in parts, however they are parted.

    Deviations are taken from each part's own mean before they are squared, so that a large mean costs no digits.

    Source: Chan, Golub & LeVeque 1983, "Algorithms for Computing the Sample Variance", The American Statistician 37,
    equations 2.1.

    Args:
        dim: D.
        device: where the sums are kept, in float64; on the CPU where the device has no such numbers.
    """

    def __init__(self, dim: int, device: torch.device | str = "cpu") -> None:
        empty = in_float64(torch.zeros(dim, device=device))
        self._count = 0
        self._mean = empty
        self._scatter = empty.new_zeros(dim, dim)
        self._waiting: list[Tensor] = []

    @classmethod
    def of(cls, rows: Tensor) -> Moments:
        """Take the moments of ``(N, D)`` at once."""
        moments = cls(rows.shape[1], rows.device)
        moments.update(rows)
        return moments

    @property
    def count(self) -> int:
        """N so far."""
        return self._count + sum(map(len, self._waiting))

    @property
    def dim(self) -> int:
        """D."""
        return len(self._mean)

    @property
    def mean(self) -> Tensor:
        """``(D,)`` float64; zeros before the first row."""
        self._settle()
        return self._mean

    @property
    def covariance(self) -> Tensor:
        """``(D, D)`` float64, unbiased: it takes at least two rows."""
        self._settle()
        assert self._count > 1, f"no covariance of {self._count} rows"
        return self._scatter / (self._count - 1)

    def update(self, rows: Tensor) -> None:
        """Take in rows ``(N, D)`` of any floating type; any N, also none."""
        assert tuple(rows.shape[1:]) == (self.dim,), f"{tuple(rows.shape)} are no rows of {self.dim}"
        for part in torch.split(rows, BLOCK):
            self._waiting.append(in_float64(part).to(self._mean.device))
            if sum(map(len, self._waiting)) >= BLOCK:
                self._settle()

    def merge(self, other: Moments) -> None:
        """Take in all that another has seen; the other stays as it is."""
        other._settle()
        self._absorb(other._count, other._mean, other._scatter)

    def _settle(self) -> None:
        if not self._waiting:
            return
        rows = torch.cat(self._waiting)
        self._waiting = []
        if len(rows):
            mean = rows.mean(0)
            deviations_DN = (rows - mean).T
            self._absorb(len(rows), mean, product(deviations_DN, deviations_DN))

    def _absorb(self, count: int, mean: Tensor, scatter: Tensor) -> None:
        total = self._count + count
        if count == 0:
            return
        delta = mean.to(self._mean.device) - self._mean
        self._scatter += scatter.to(self._mean.device)
        self._scatter.addr_(delta, delta, alpha=self._count * count / total)  # eq. 2.1b
        self._mean = self._mean + delta * (count / total)
        self._count = total
