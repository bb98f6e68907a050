"""How different two images look: a squared distance of what features see of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn.functional import normalize

from ganzoo import Features


@runtime_checkable
class Maps(Protocol):
    """Features with the capability ``maps``."""

    def maps(self, images: Tensor) -> Sequence[Tensor]:
        """Map ``(N, *shape)`` to activations of several depths, ``(N, C, H, W)`` each."""


def perceptual_distance(features: Features, a: Tensor, b: Tensor) -> Tensor:
    """Compare images pair by pair.

    With maps it is LPIPS without learned weights: activations of length 1 at each place, their squared differences
    summed over channels, averaged over places, summed over depths. Without, and of points, it is the squared distance
    of the features.

    Source: Zhang et al. 2018, arXiv 1801.03924, equation 1.

    Args:
        features: what sees.
        a: ``(N, *shape)``.
        b: ``(N, *shape)``.

    Returns:
        ``(N,)``.
    """
    both = torch.cat([a, b])
    if a.ndim == 2 or not isinstance(features, Maps):  # points have no places
        left, right = features(both).chunk(2)
        return (left - right).square().sum(1)
    total = a.new_zeros(len(a))
    for depth in features.maps(both):
        left, right = normalize(depth, dim=1, eps=1e-10).chunk(2)
        total += (left - right).square().sum(1).mean((1, 2))
    return total
