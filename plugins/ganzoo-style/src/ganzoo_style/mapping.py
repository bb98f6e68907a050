"""The mapping network: latents to the intermediate space W (Karras et al. 2019, section 2).

Shapes: B batch, Z latent, D style.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo.nn.equalized import equalized
from ganzoo_style.layers import activated

_TINY = 1e-8
_MULTIPLIER = 0.01  # the mapping learns at a hundredth of the rate (Karras et al. 2019, appendix C)


class Mapping(nn.Module):
    """Fully connected layers from a latent on the sphere, and an embedding of the class, to a style.

    Source: Karras et al. 2019, arXiv 1812.04948, section 2; with classes: Karras et al. 2020, arXiv 2006.06676; the
    embedding is normalised like the latent and stands beside it.

    Args:
        latent_dim: Z.
        style_dim: D, also of the hidden layers and of the embedding.
        depth: number of layers.
        num_classes: 0 for none.
    """

    def __init__(self, latent_dim: int, style_dim: int, depth: int, num_classes: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(num_classes, style_dim) if num_classes else None
        inputs = [latent_dim + (style_dim if num_classes else 0), *[style_dim] * (depth - 1)]
        self.layers = nn.ModuleList(equalized(nn.Linear(i, style_dim), multiplier=_MULTIPLIER) for i in inputs)

    def forward(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, Z)`` and ``(B,)`` to ``(B, D)``, at full precision."""
        with torch.autocast(latents.device.type, enabled=False):
            x = _normalised(latents)
            if self.embed is not None:
                x = torch.cat([x, _normalised(self.embed(labels))], 1)
            for layer in self.layers:
                x = activated(layer(x))
            return x


def _normalised(x: Tensor) -> Tensor:
    """Bring every row to a mean square of 1."""
    return x * (x.square().mean(1, keepdim=True) + _TINY).rsqrt()
