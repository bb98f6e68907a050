"""Samples by seed: equal seeds give equal samples on one device, whatever else is asked for beside them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ganzoo.errors import BadSetting
from ganzoo.styles.taking import Make

_CHUNK = 16
"""Samples are made in batches of this size, the last one filled up: batch size cannot change a sample."""


def seeds_in(seeds: Sequence[int]) -> list[int]:
    """Read seeds of samples.

    Raises:
        BadSetting: there is none, or one is no seed.
    """
    if len(seeds) == 0:
        raise BadSetting("seeds are empty: give at least one.")
    return [seed_in("a seed", seed) for seed in seeds]


def seed_in(what: str, value: int) -> int:
    """Read what a stream of random numbers starts from; numpy's whole numbers are as good as Python's.

    Raises:
        BadSetting: it is none.
    """
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not 0 <= value < 2**63:
        raise BadSetting(f"{what} = {value!r}: give whole numbers from 0 on, below 2**63.")
    return int(value)


def assert_truncation(value: float) -> None:
    """Refuse a truncation that is no number.

    Raises:
        BadSetting: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadSetting(f"truncation = {value!r}: give a number, 1 for none, 0.7 for less diverse samples.")


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
