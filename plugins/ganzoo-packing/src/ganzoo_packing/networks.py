"""PacGAN's pair for points: a generator with batch normalisation, a discriminator of maxout layers.

Sizes and initial weights are those of Lin et al. 2018, "PacGAN", arXiv 1712.04086, section 4.1, after Dumoulin et al.
2017, "Adversarially Learned Inference", arXiv 1606.00704; taken from the authors' published settings.
Shapes: B batch, Z latent, D dimensions of a point, W width.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from annotated_types import Ge, Gt
from torch import Tensor, nn

from ganzoo import Shape


class NormedGenerator(nn.Module):
    """Generator of points: hidden layers without bias, each with batch normalisation and ReLU.

    Args:
        shape: ``(D,)``.
        latent_dim: Z, length of the latent vector.
        width: units per hidden layer.
        depth: number of hidden layers.
        init: standard deviation of the initial weights; batch normalisation cancels it except in the last layer.
    """

    def __init__(
        self,
        shape: Shape,
        *,
        latent_dim: Annotated[int, Ge(1)] = 2,
        width: Annotated[int, Ge(1)] = 400,
        depth: Annotated[int, Ge(1)] = 4,
        init: Annotated[float, Gt(0)] = 0.02,
    ) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        (dimensions,) = shape
        hidden = (
            (nn.Linear(i, o, bias=False), nn.BatchNorm1d(o), nn.ReLU())
            for i, o in pairwise([latent_dim, *[width] * depth])
        )
        self.layers = nn.Sequential(*(layer for block in hidden for layer in block), nn.Linear(width, dimensions))
        _initialise(self, init)

    def forward(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, Z)`` to points ``(B, D)``; labels are ignored."""
        points: Tensor = self.layers(latents)
        return points


class MaxoutDiscriminator(nn.Module):
    """Discriminator: layers of maxout units, each the largest of several linear maps (Goodfellow et al. 2013).

    Args:
        shape: ``(D,)``, or ``(m * D,)`` for packs of m.
        width: units per layer, and number of features.
        depth: number of layers.
        pieces: linear maps per unit.
        init: standard deviation of the initial weights.
    """

    def __init__(
        self,
        shape: Shape,
        *,
        width: Annotated[int, Ge(1)] = 200,
        depth: Annotated[int, Ge(1)] = 3,
        pieces: Annotated[int, Ge(2)] = 5,
        init: Annotated[float, Gt(0)] = 0.02,
    ) -> None:
        super().__init__()
        self.feature_dim, self._pieces = width, pieces
        sizes = [*shape, *[width] * depth]
        self.layers = nn.ModuleList(nn.Linear(i, o * pieces) for i, o in pairwise(sizes))
        _initialise(self, init)

    def forward(self, images: Tensor) -> Tensor:
        """Map points ``(B, D)`` to features ``(B, W)``."""
        x = images
        for layer in self.layers:
            x = layer(x).unflatten(1, (-1, self._pieces)).amax(2)
        return x


def _initialise(network: nn.Module, std: float) -> None:
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, std)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
