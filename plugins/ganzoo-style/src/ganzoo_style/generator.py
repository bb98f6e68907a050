"""The StyleGAN2 generator (Karras et al. 2020), at any size ``base * 2^k`` and any number of channels.

Shapes: B batch, Z latent, D style, L styles of a sample, C channels, H height, W width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from annotated_types import Ge, Le, Lt
from torch import Tensor, nn

from ganzoo import Shape
from ganzoo.nn import factor_size
from ganzoo_style.layers import list_sizes, list_widths
from ganzoo_style.mapping import Mapping
from ganzoo_style.synthesis import Synthesis


class StyleGAN2Generator(nn.Module):
    """Generator: a mapping network to styles in W, and a synthesis network whose layers they modulate.

    Source: Karras et al. 2020, arXiv 1912.04958, configuration F: skip connections to the image, large networks. By
    default images are unbounded in training, as in the paper, and clamped to [-1, 1] in evaluation.

    Args:
        shape: ``(C, H, W)`` of the images.
        num_classes: classes that the mapping embeds; 0 for none.
        latent_dim: Z, length of the latent vector.
        style_dim: D, length of a style.
        depth: layers of the mapping network.
        channel_base: channels times side of each map, limited by ``max_channels``.
        max_channels: largest number of channels of a map.
        style_mixing: share of training images whose fine styles come from another latent.
        mean_decay: decay of the running mean of styles, per batch.
        noise: add noise with a learned strength to each map.
        bound: how images stay in [-1, 1]: clamp in evaluation only, or tanh always.

    Raises:
        BadSetting: H or W is no ``base * 2^k``.
    """

    mean_style: Tensor

    def __init__(
        self,
        shape: Shape,
        num_classes: int,
        *,
        latent_dim: Annotated[int, Ge(1)] = 512,
        style_dim: Annotated[int, Ge(1)] = 512,
        depth: Annotated[int, Ge(1)] = 8,
        channel_base: Annotated[int, Ge(1)] = 32768,
        max_channels: Annotated[int, Ge(1)] = 512,
        style_mixing: Annotated[float, Ge(0), Le(1)] = 0.9,
        mean_decay: Annotated[float, Ge(0), Lt(1)] = 0.995,
        noise: bool = True,
        bound: Literal["clamp", "tanh"] = "clamp",
    ) -> None:
        super().__init__()
        self.bound = bound
        channels, height, width = shape
        sizes = list_sizes(*factor_size(height, width))
        widths = list_widths(sizes, channel_base, max_channels)
        self.latent_dim, self.style_dim = latent_dim, style_dim
        self.style_mixing, self.mean_decay = style_mixing, mean_decay
        self.mapper = Mapping(latent_dim, style_dim, depth, num_classes)
        self.synthesizer = Synthesis(sizes, widths, channels, style_dim, noise=noise)
        self.num_styles = self.synthesizer.num_styles
        self.register_buffer("style_sum", torch.zeros(style_dim))
        self.register_buffer("style_weight", torch.zeros(()))

    def forward(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, Z)`` and ``(B,)`` to images ``(B, C, H, W)``; training mixes styles, and clamps nothing."""
        if not self.training:
            return self.synthesis(self.mapping(latents, labels))
        style = self.mapper(latents, labels)
        self._update_mean_style(style)
        return self.synthesis(self._mix_styles(style, labels))

    @property
    def mean_style(self) -> Tensor:
        """``(D,)`` running mean of the styles seen in training, bias-corrected; zero before the first batch.

        An averaged generator averages both buffers alike, so its quotient is a mean of styles too.
        """
        return self.style_sum / self.style_weight.clamp(min=torch.finfo(self.style_weight.dtype).tiny)

    def mapping(self, latents: Tensor, labels: Tensor) -> Tensor:
        """Map ``(B, Z)`` and ``(B,)`` to styles ``(B, L, D)``, equal for all layers; the mean stays as it is."""
        return self._repeat(self.mapper(latents, labels))

    def synthesis(self, styles: Tensor, noise: Sequence[Tensor] | None = None) -> Tensor:
        """Map styles ``(B, L, D)`` to images ``(B, C, H, W)``, in [-1, 1] in evaluation.

        Args:
            styles: one style per layer, coarse to fine.
            noise: ``(1 or B, 1, H, W)`` per layer with noise; None draws it in training and is the fixed one otherwise.
        """
        image: Tensor = self.synthesizer(styles, noise)
        if self.bound == "tanh":
            return image.tanh()
        return image if self.training else image.clamp(-1.0, 1.0)

    def make_noise(self, seed: int) -> tuple[Tensor, ...]:
        """Draw noise for ``synthesis``, ``(1, 1, H, W)`` per layer with noise, the same for the same seed."""
        random = torch.Generator().manual_seed(seed)  # on the CPU: the same on every device
        return tuple(torch.randn(n.shape, generator=random).to(n) for n in self.synthesizer.fixed_noise)

    @torch.no_grad()
    def _update_mean_style(self, style: Tensor) -> None:
        """Update the running mean by a batch of styles ``(B, D)``."""
        self.style_sum.lerp_(style.mean(0), 1.0 - self.mean_decay)
        self.style_weight.mul_(self.mean_decay).add_(1.0 - self.mean_decay)

    def _mix_styles(self, style: Tensor, labels: Tensor) -> Tensor:
        """Use, with the mixing probability, another latent's styles from a random layer on."""
        if not self.style_mixing:
            return self._repeat(style)
        batch, device = len(style), style.device
        latents = torch.randn(batch, self.latent_dim, device=device, dtype=style.dtype)
        start = torch.randint(1, self.num_styles, (batch, 1), device=device)
        mixes = torch.rand(batch, 1, device=device) < self.style_mixing
        replaced = mixes & (torch.arange(self.num_styles, device=device) >= start)  # (B, L)
        return torch.where(replaced[..., None], self.mapper(latents, labels)[:, None], style[:, None])

    def _repeat(self, style: Tensor) -> Tensor:
        return style[:, None].expand(-1, self.num_styles, -1)
