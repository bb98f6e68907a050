"""Samples from styles, with truncation and with noise from a seed.

Shapes: B samples, L layers, S style dimensions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from torch import Tensor

from ganzoo.errors import DoesNotFit
from ganzoo.interfaces.networks import StyleGenerator

SampleFunction: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Maps latents ``(B, latent_dim)`` and labels ``(B,)`` to samples ``(B, *shape)``."""


def build_style_sampler(
    generator: StyleGenerator, *, truncation: float = 1.0, noise_seed: int | None = None
) -> SampleFunction:
    """Return a function that generates samples from truncated styles, all with the same noise.

    Args:
        generator: in evaluation mode.
        truncation: psi; 1 leaves the styles unchanged, 0 replaces them by the mean style.
        noise_seed: seed of the noise; None takes the generator's fixed noise.
    """

    def make(latents: Tensor, labels: Tensor) -> Tensor:
        return synthesise(generator, truncate(generator, generator.mapping(latents, labels), truncation), noise_seed)

    return make


def truncate(generator: StyleGenerator, styles_BLS: Tensor, truncation: float) -> Tensor:
    """Move styles towards their mean: ``mean + psi * (w - mean)`` (Karras et al. 2019, arXiv 1812.04948, app. B)."""
    return generator.mean_style.lerp(styles_BLS, truncation) if truncation != 1.0 else styles_BLS


def synthesise(generator: StyleGenerator, styles_BLS: Tensor, noise_seed: int | None) -> Tensor:
    """Generate samples from styles; every sample gets the same noise.

    Raises:
        DoesNotFit: a noise seed for a generator without noise.
    """
    if noise_seed is None:
        return generator.synthesis(styles_BLS, None)
    noise = tuple(n.to(styles_BLS) for n in generator.make_noise(noise_seed))
    if not noise:
        raise DoesNotFit("a noise seed needs a generator that adds noise, and this one was trained without: drop it.")
    return generator.synthesis(styles_BLS, noise)
