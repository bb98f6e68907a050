"""Perceptual distance between two images: a squared distance of their features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn.functional import normalize

from ganzoo import Features


@runtime_checkable
class FeatureMaps(Protocol):
    """Features with the capability ``maps``."""

    def maps(self, images: Tensor) -> Sequence[Tensor]:
        """Map ``(N, *shape)`` to activations of several depths, ``(N, C, H, W)`` each."""


def perceptual_distance(features: Features, a: Tensor, b: Tensor) -> Tensor:
    """Compute the perceptual distance of each pair of images.

    With maps it is LPIPS without learned weights: activations are normalised at each position, and their squared
    differences summed over channels, averaged over positions, summed over depths. Without maps, and for points, it is
    the squared distance of the features.

    Source: Zhang et al. 2018, arXiv 1801.03924, equation 1.

    Args:
        features: maps images to features.
        a: ``(N, *shape)``.
        b: ``(N, *shape)``.

    Returns:
        ``(N,)``.
    """
    both = torch.cat([a, b])
    if a.ndim == 2 or not isinstance(features, FeatureMaps):  # points have no positions
        left, right = features(both).chunk(2)
        return (left - right).square().sum(1)
    total = a.new_zeros(len(a))
    for depth in features.maps(both):
        left, right = normalize(depth, dim=1, eps=1e-10).chunk(2)
        total += (left - right).square().sum(1).mean((1, 2))
    return total
