"""Multilayer perceptrons for points in the plane and for small images.

Source: Goodfellow et al. 2014, arXiv 1406.2661, section 5 (multilayer perceptrons).
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Annotated

import torch
from annotated_types import Ge
from torch import Tensor, nn
from torch.nn.functional import one_hot

from ganzoo.registry.specs import Shape


class MLPGenerator(nn.Module):
    """Maps a latent, and a class if there is one, to a sample of any shape.

    Args:
        shape: of one sample; images pass through tanh, points are unbounded.
        num_classes: number of classes; the class is appended to the latent as one-hot where above 0.
        latent_dim: length of the latent vector.
        width: units per hidden layer.
        depth: hidden layers.
    """

    def __init__(
        self,
        shape: Shape,
        num_classes: int,
        *,
        latent_dim: Annotated[int, Ge(1)] = 16,
        width: Annotated[int, Ge(1)] = 128,
        depth: Annotated[int, Ge(1)] = 3,
    ) -> None:
        super().__init__()
        self._shape, self._num_classes, self.latent_dim = shape, num_classes, latent_dim
        self.layers = _build_layers(latent_dim + num_classes, width, depth)
        self.out = nn.Linear(width, math.prod(shape))

    def forward(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, latent_dim)`` and ``(B,)`` to ``(B, *shape)``."""
        x = latents
        if self._num_classes:
            x = torch.cat([x, one_hot(labels, self._num_classes).to(x.dtype)], 1)
        sample: Tensor = self.out(self.layers(x)).view(-1, *self._shape)
        return sample.tanh() if len(self._shape) == 3 else sample


class MLPDiscriminator(nn.Module):
    """Maps a sample of any shape to features.

    Args:
        shape: of one sample.
        width: units per hidden layer, and length of the features.
        depth: hidden layers.
    """

    def __init__(self, shape: Shape, *, width: Annotated[int, Ge(1)] = 128, depth: Annotated[int, Ge(1)] = 3) -> None:
        super().__init__()
        self.feature_dim = width
        self.layers = _build_layers(math.prod(shape), width, depth)

    def forward(self, images: Tensor) -> Tensor:
        """Map ``(B, *shape)`` to features ``(B, width)``."""
        features: Tensor = self.layers(images.flatten(1))
        return features


def _build_layers(inputs: int, width: int, depth: int) -> nn.Sequential:
    sizes = [inputs, *[width] * depth]
    return nn.Sequential(*(layer for i, o in pairwise(sizes) for layer in (nn.Linear(i, o), nn.LeakyReLU(0.2))))
