"""Samples by seed: equal seeds give equal samples on one device, whatever else is asked for beside them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ganzoo.styles.taking import Make

_CHUNK = 16
"""Samples are made in batches of this size, the last one filled up: batch size cannot change a sample."""


def latents_of(seeds: Sequence[int], latent_dim: int) -> Tensor:
    """Draw one latent a seed, ``(B, latent_dim)`` standard normal, on the CPU."""
    return torch.stack([torch.randn(latent_dim, generator=torch.Generator().manual_seed(seed)) for seed in seeds])


@torch.no_grad()
def sample(
    generator: nn.Module, seeds: Sequence[int], labels: Sequence[int], device: torch.device, make: Make | None = None
) -> Tensor:
    """Make one sample a seed.

    Args:
        generator: in evaluation mode, on ``device``.
        seeds: one a sample.
        labels: class of each sample; zeros for a generator without classes.
        device: where the generator is.
        make: makes samples of latents and labels in a manner of its own; None calls the generator.

    Returns:
        ``(B, *shape)`` float32 on the CPU, images in [-1, 1].
    """
    latents = latents_of(seeds, int(generator.latent_dim))  # type: ignore[arg-type]
    classes = torch.tensor(labels, dtype=torch.int64)
    chunks = []
    for start in range(0, len(seeds), _CHUNK):
        z, y = (_filled(t[start : start + _CHUNK]).to(device) for t in (latents, classes))
        chunks.append((make or generator)(z, y).float().cpu()[: len(seeds) - start])
    return torch.cat(chunks)


def _filled(tensor: Tensor) -> Tensor:
    return torch.cat([tensor, tensor[:1].expand(_CHUNK - len(tensor), *tensor.shape[1:])])
