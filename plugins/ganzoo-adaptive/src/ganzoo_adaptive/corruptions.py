"""Random spectra, noise and holes: what else the paper tried (Karras et al. 2020, arXiv 2006.06676, appendix B).

Shapes: B batch, C channels, H height, W width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ganzoo_adaptive import wavelets
from ganzoo_adaptive.chance import Chance, touched


class Equaliser(nn.Module):
    """Strengthens or weakens four octaves of an image, each chosen alone, at unchanged expected power.

    Source: Karras et al. 2020, arXiv 2006.06676, appendix B, image-space filtering.

    Args:
        size: H and W.
    """

    rows: Tensor
    columns: Tensor

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        for name, length in zip(("rows", "columns"), size, strict=True):
            self.register_buffer(name, wavelets.bands(length).float(), persistent=False)

    def forward(self, images_BCHW: Tensor, chance: Chance) -> Tensor:
        """Filter each image along both axes; those nothing was drawn for stay as they are."""
        gains = band_gains(chance)
        rows, columns = (_filters(gains, bands.to(gains.dtype)) for bands in (self.rows, self.columns))
        filtered = rows[:, None] @ images_BCHW @ columns[:, None].mT
        return torch.where(touched(rows) | touched(columns), filtered, images_BCHW)


def band_gains(chance: Chance) -> Tensor:
    """Draw what the octaves, low to high, are multiplied by, ``(B, 4)``.

    Each chosen octave has all four divided by the root of the power it adds, if the lowest holds 10/13 of an image's
    power and the others 1/13 each.
    """
    factors = torch.stack([chance.given(chance.factor(1.0), 1) for _ in range(4)], 1)
    low, *high = factors.unbind(1)
    powers = torch.stack([(10 * low.square() + 3) / 13, *((gain.square() + 12) / 13 for gain in high)], 1)
    return factors / powers.prod(1, keepdim=True).sqrt()


def noisy(images: Tensor, chance: Chance) -> Tensor:
    """Add white noise, whose deviation is itself drawn: half-normal, 0.1."""
    deviation = chance.given(chance.normal(0.1).abs(), 0)
    return images + deviation[:, None, None, None] * chance.normal(1.0, *images.shape[1:])


def cut(images: Tensor, chance: Chance) -> Tensor:
    """Blank a rectangle of half the image's sides, centred anywhere in it, hence partly outside now and then."""
    chosen = chance.given(torch.ones_like(chance.probability).expand(len(images)), 0)
    return torch.where(holes(chance, *images.shape[2:]) & (chosen > 0)[:, None, None, None], 0, images)


def holes(chance: Chance, height: int, width: int) -> Tensor:
    """Draw rectangles of half the sides around a point anywhere in the image, ``(B, 1, H, W)`` bool."""
    rows, columns = (_covered(chance.uniform(0, 1, 1), size) for size in (height, width))
    return (rows[:, :, None] & columns[:, None, :])[:, None]


def _covered(centre: Tensor, size: int) -> Tensor:
    """Tell which pixels of an axis lie within a quarter of its length of a centre in [0, 1), ``(B, N)``."""
    away = torch.arange(size, device=centre.device) + 0.5 - size * centre
    return (away >= -size / 4) & (away < size / 4)


def _filters(gains: Tensor, bands: Tensor) -> Tensor:
    """Weigh bands ``(4, N, N)`` by gains, ``(B, N, N)``: exactly the identity for gains of 1."""
    identity = torch.eye(bands.shape[-1], dtype=bands.dtype, device=bands.device)
    return identity + torch.einsum("bk,knm->bnm", gains - 1, bands)
