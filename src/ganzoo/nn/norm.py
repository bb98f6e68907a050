"""Normalisation layers called with ``(x, labels)``."""

from __future__ import annotations

from torch import Tensor, nn


class BatchNorm(nn.BatchNorm2d):
    """Normalises over the batch (Ioffe & Szegedy 2015) and ignores the labels."""

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Normalise ``(B, C, H, W)``."""
        return super().forward(x)
