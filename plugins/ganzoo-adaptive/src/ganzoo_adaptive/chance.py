"""Who is transformed, and how strongly: every sample draws for itself."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ganzoo.interfaces.protocols import Rng


@dataclass(frozen=True)
class Chance:
    """Parameters of random transforms, one a sample, that leave unchosen samples as they are.

    Args:
        draw: the batch's randomness, B samples.
        probability: of each transform, ``()``.
        dtype: in which parameters are given.
    """

    rng: Rng
    probability: Tensor
    dtype: torch.dtype

    def given(self, values: Tensor, neutral: float, probability: Tensor | None = None) -> Tensor:
        """Keep each value with its probability, else put the neutral one in its place.

        Args:
            values: what chosen samples get, ``(B, ...)``; one choice is made a sample.
            neutral: what changes nothing.
            probability: another than the transform's own, ``()``.

        Returns:
            A tensor like ``values``.
        """
        limit = self.probability if probability is None else probability
        return torch.where(self.rng.uniform(*[1] * (values.dim() - 1)) < limit, values, neutral)

    def uniform(self, low: float, high: float, *dims: int) -> Tensor:
        """Draw values uniform in [low, high), ``(B, *dims)``."""
        return low + (high - low) * self.rng.uniform(*dims).to(self.dtype)

    def normal(self, deviation: float, *dims: int) -> Tensor:
        """Draw normal values around 0, ``(B, *dims)``."""
        return deviation * self.rng.normal(*dims).to(self.dtype)

    def choice(self, count: int) -> Tensor:
        """Draw whole numbers from 0 to ``count - 1``, equally often, ``(B,)``."""
        return (count * self.rng.uniform()).floor().to(self.dtype)

    def factor(self, octaves: float, *dims: int) -> Tensor:
        """Draw log-normal factors around 1, ``(B, *dims)``; one standard deviation is that many doublings."""
        return torch.exp2(self.normal(octaves, *dims))


def touched(maps: Tensor) -> Tensor:
    """Tell which of the matrices ``(B, N, N)`` change anything at all, ``(B, 1, 1, 1)``.

    Neutral parameters make the identity exactly; images they belong to are then left alone, to the last bit.
    """
    identity = torch.eye(maps.shape[-1], dtype=maps.dtype, device=maps.device)
    return (maps != identity).flatten(1).any(1)[:, None, None, None]
