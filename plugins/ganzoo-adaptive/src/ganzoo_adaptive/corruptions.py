"""Image-space filtering, noise and cutout (Karras et al. 2020, arXiv 2006.06676, appendix B).

Shapes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo_adaptive import wavelets
from ganzoo_adaptive.parameter_sampler import ParameterSampler, changes_image


class BandFilter(nn.Module):
    """Amplifies or attenuates four frequency bands (octaves) of an image, at unchanged expected power.

    Source: Karras et al. 2020, arXiv 2006.06676, appendix B, image-space filtering.

    Args:
        size: H and W.
    """

    rows: Tensor
    columns: Tensor

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        for name, length in zip(("rows", "columns"), size, strict=True):
            self.register_buffer(name, wavelets.make_bands(length).float(), persistent=False)

    def forward(self, images_BCHW: Tensor, sampler: ParameterSampler) -> Tensor:
        """Filter each image along both axes; images with neutral gains stay equal bit for bit."""
        gains = sample_band_gains(sampler)
        rows, columns = (_combine_bands(gains, bands.to(gains.dtype)) for bands in (self.rows, self.columns))
        filtered = rows[:, None] @ images_BCHW @ columns[:, None].mT
        return torch.where(changes_image(rows) | changes_image(columns), filtered, images_BCHW)


def sample_band_gains(sampler: ParameterSampler) -> Tensor:
    """Draw the gains of the octaves, low to high, ``(B, 4)``.

    After each octave all four gains are divided by the root of the power it adds, where the lowest octave holds 10/13
    of an image's power and the others 1/13 each.
    """
    factors = torch.stack([sampler.select(sampler.log_normal(1.0), 1) for _ in range(4)], 1)
    low, *high = factors.unbind(1)
    powers = torch.stack([(10 * low.square() + 3) / 13, *((gain.square() + 12) / 13 for gain in high)], 1)
    return factors / powers.prod(1, keepdim=True).sqrt()


def add_noise(images: Tensor, sampler: ParameterSampler) -> Tensor:
    """Add white noise; its standard deviation is half-normal with scale 0.1."""
    deviation = sampler.select(sampler.normal(0.1).abs(), 0)
    return images + deviation[:, None, None, None] * sampler.normal(1.0, *images.shape[1:])


def cut_out(images: Tensor, sampler: ParameterSampler) -> Tensor:
    """Set a rectangle of half the image's sides to 0, centred anywhere in the image, so it may reach over the edge."""
    chosen = sampler.select(torch.ones_like(sampler.probability).expand(len(images)), 0)
    return torch.where(sample_cutouts(sampler, *images.shape[2:]) & (chosen > 0)[:, None, None, None], 0, images)


def sample_cutouts(sampler: ParameterSampler, height: int, width: int) -> Tensor:
    """Draw rectangles of half the sides, centred anywhere in the image, ``(B, 1, H, W)`` bool."""
    rows, columns = (_is_covered(sampler.uniform(0, 1, 1), size) for size in (height, width))
    return (rows[:, :, None] & columns[:, None, :])[:, None]


def _is_covered(centre: Tensor, size: int) -> Tensor:
    """Return which pixels of an axis lie within a quarter of its length of a centre in [0, 1), ``(B, N)``."""
    distance = torch.arange(size, device=centre.device) + 0.5 - size * centre
    return (distance >= -size / 4) & (distance < size / 4)


def _combine_bands(gains: Tensor, bands: Tensor) -> Tensor:
    """Weigh bands ``(4, N, N)`` by gains to filters ``(B, N, N)``; exactly the identity for gains of 1."""
    identity = torch.eye(bands.shape[-1], dtype=bands.dtype, device=bands.device)
    return identity + torch.einsum("bk,knm->bnm", gains - 1, bands)
