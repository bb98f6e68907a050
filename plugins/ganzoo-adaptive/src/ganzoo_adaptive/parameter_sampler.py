"""Random parameters of transforms, drawn for each sample independently."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ganzoo import Rng


@dataclass(frozen=True)
class ParameterSampler:
    """Draws the parameters of random transforms, and replaces them by neutral ones where a transform is not applied.

    Args:
        rng: random numbers for a batch of B samples.
        probability: probability of each transform, ``()``.
        dtype: type of the parameters.
    """

    rng: Rng
    probability: Tensor
    dtype: torch.dtype

    def select(self, values: Tensor, neutral: float, probability: Tensor | None = None) -> Tensor:
        """Keep the values of each sample with its probability, else replace them by the neutral one.

        Args:
            values: parameters ``(B, ...)``; a sample keeps all of its values or none.
            neutral: the parameter that changes nothing.
            probability: replaces ``self.probability``, ``()``.
        """
        limit = self.probability if probability is None else probability
        return torch.where(self.rng.uniform(*[1] * (values.dim() - 1)) < limit, values, neutral)

    def uniform(self, low: float, high: float, *dims: int) -> Tensor:
        """Draw values uniform in [low, high), ``(B, *dims)``."""
        return low + (high - low) * self.rng.uniform(*dims).to(self.dtype)

    def normal(self, deviation: float, *dims: int) -> Tensor:
        """Draw normal values of mean 0, ``(B, *dims)``."""
        return deviation * self.rng.normal(*dims).to(self.dtype)

    def integers(self, count: int) -> Tensor:
        """Draw integers uniform in [0, count), ``(B,)``."""
        return (count * self.rng.uniform()).floor().to(self.dtype)

    def log_normal(self, octaves: float, *dims: int) -> Tensor:
        """Draw log-normal factors around 1, ``(B, *dims)``, whose base-2 logarithm has this standard deviation."""
        return torch.exp2(self.normal(octaves, *dims))


def changes_image(maps: Tensor) -> Tensor:
    """Return which of the matrices ``(B, N, N)`` differ from the identity, ``(B, 1, 1, 1)`` bool.

    Neutral parameters give the identity exactly, so untransformed images stay equal bit for bit.
    """
    identity = torch.eye(maps.shape[-1], dtype=maps.dtype, device=maps.device)
    return (maps != identity).flatten(1).any(1)[:, None, None, None]
