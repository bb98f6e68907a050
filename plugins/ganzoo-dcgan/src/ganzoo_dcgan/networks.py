"""The DCGAN pair (Radford et al. 2015), at any size ``base * 2^k`` and for any number of channels.

Shapes: B batch, Z latent, C channels, H height, W width, F features.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Literal

from annotated_types import Ge
from torch import Tensor, nn
from torch.nn.functional import leaky_relu

from ganzoo import Shape
from ganzoo.nn import factor_size

_WIDEST = 8  # channels of the paper's networks for 64x64, in units of their width


class DCGANGenerator(nn.Module):
    """Generator: a linear map to the base size, then a transposed convolution for each doubling.

    Args:
        shape: ``(C, H, W)`` of the images.
        num_classes: number of classes for the normalisation; 0 for none.
        norm: makes a normalisation from channels and classes; called with ``(x, labels)``.
        latent_dim: Z, length of the latent vector.
        width: channels before the last convolution; they double towards the base, up to eight times the width.

    Raises:
        BadSetting: H or W is no ``base * 2^k``.
    """

    def __init__(
        self,
        shape: Shape,
        num_classes: int,
        norm: Callable[[int, int], nn.Module],
        *,
        latent_dim: Annotated[int, Ge(1)] = 100,
        width: Annotated[int, Ge(1)] = 64,
    ) -> None:
        super().__init__()
        channels, height, image_width = shape
        self._base, doublings = factor_size(height, image_width)
        widths = [width * min(2**i, _WIDEST) for i in reversed(range(doublings))]
        self.latent_dim = latent_dim
        self.project = nn.Linear(latent_dim, widths[0] * self._base[0] * self._base[1], bias=False)
        self.norms = nn.ModuleList(norm(w, num_classes) for w in widths)
        hidden = (nn.ConvTranspose2d(i, o, 4, 2, 1, bias=False) for i, o in pairwise(widths))
        self.ups = nn.ModuleList([*hidden, nn.ConvTranspose2d(widths[-1], channels, 4, 2, 1)])
        self.apply(_initialise)

    def forward(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, Z)`` and ``(B,)`` to images ``(B, C, H, W)`` in [-1, 1]."""
        x = self.project(latents).unflatten(1, (-1, *self._base))
        for norm, up in zip(self.norms, self.ups, strict=True):
            x = up(norm(x, labels).relu())
        images: Tensor = x.tanh()
        return images


class DCGANDiscriminator(nn.Module):
    """Discriminator: a strided convolution for each halving, down to the base size.

    Args:
        shape: ``(C, H, W)`` of the images.
        width: channels of the first convolution; they double, up to eight times the width.
        norm: normalisation between convolutions; with batch, terms that need each sample alone are refused.
        slope: slope of the leaky ReLU below zero.

    Raises:
        BadSetting: H or W is no ``base * 2^k``.
    """

    def __init__(
        self,
        shape: Shape,
        *,
        width: Annotated[int, Ge(1)] = 64,
        norm: Literal["batch", "layer", "instance", "none"] = "batch",
        slope: Annotated[float, Ge(0)] = 0.2,
    ) -> None:
        super().__init__()
        channels, height, image_width = shape
        base, doublings = factor_size(height, image_width)
        widths = [width * min(2**i, _WIDEST) for i in range(doublings)]
        self.slope = slope
        self.feature_dim = widths[-1] * base[0] * base[1]
        self.downs = nn.ModuleList(
            nn.Conv2d(i, o, 4, 2, 1, bias=norm == "none" or n == 0)
            for n, (i, o) in enumerate(pairwise([channels, *widths]))
        )
        self.norms = nn.ModuleList(_make_norm("none" if i == 0 else norm, w) for i, w in enumerate(widths))
        self.apply(_initialise)

    def forward(self, images: Tensor) -> Tensor:
        """Map images ``(B, C, H, W)`` to features ``(B, F)``."""
        x = images
        for down, norm in zip(self.downs, self.norms, strict=True):
            x = leaky_relu(norm(down(x)), self.slope)
        return x.flatten(1)


def _make_norm(name: str, width: int) -> nn.Module:
    if name == "batch":
        return nn.BatchNorm2d(width)
    if name == "none":
        return nn.Identity()
    return nn.GroupNorm(1 if name == "layer" else width, width)


def _initialise(module: nn.Module) -> None:
    """Draw weights from N(0, 0.02) (section 4), gains of normalisations from N(1, 0.02)."""
    if isinstance(module, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d | nn.GroupNorm) and module.affine:
        nn.init.normal_(module.weight, 1.0, 0.02)
