"""The mapping network: latents to the intermediate space W (Karras et al. 2019, section 2).

Shapes: B batch, Z latent, D style.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo.nn import equalize
from ganzoo_style.layers import activate

_TINY = 1e-8
_MULTIPLIER = 0.01  # a hundredth of the learning rate (Karras et al. 2019, appendix C)


class Mapping(nn.Module):
    """Fully connected layers from a normalised latent and a class embedding to a style.

    Source: Karras et al. 2019, arXiv 1812.04948, section 2; with classes: Karras et al. 2020, arXiv 2006.06676, where
    the embedding is normalised like the latent and concatenated to it.

    Args:
        latent_dim: Z.
        style_dim: D, also the width of the hidden layers and of the embedding.
        depth: number of layers.
        num_classes: 0 for none.
    """

    def __init__(self, latent_dim: int, style_dim: int, depth: int, num_classes: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(num_classes, style_dim) if num_classes else None
        inputs = [latent_dim + (style_dim if num_classes else 0), *[style_dim] * (depth - 1)]
        self.layers = nn.ModuleList(equalize(nn.Linear(i, style_dim), multiplier=_MULTIPLIER) for i in inputs)

    def forward(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, Z)`` and ``(B,)`` to ``(B, D)``, in full precision."""
        with torch.autocast(latents.device.type, enabled=False):
            x = _normalise(latents)
            if self.embed is not None:
                x = torch.cat([x, _normalise(self.embed(labels))], 1)
            for layer in self.layers:
                x = activate(layer(x))
            return x


def _normalise(x: Tensor) -> Tensor:
    """Scale every row to a mean square of 1."""
    return x * (x.square().mean(1, keepdim=True) + _TINY).rsqrt()
